//! Git as a subprocess: repositories are looked at, copied and changed without running anything that they bring.

pub mod apply;
mod bytes;
pub mod command;
pub mod conventions;
pub mod diff;
#[cfg(fuzzing)]
pub mod fuzzing;
mod lookup;
pub mod objects;
pub mod program;
pub mod publish;
pub mod repository;
pub mod revision;
pub mod shadow;
pub mod snapshot;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
