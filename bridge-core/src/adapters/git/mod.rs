//! Git as a subprocess: repositories are looked at, copied and changed without running anything that they bring.

pub mod apply;
pub mod command;
pub mod program;
#[cfg(test)]
mod testing;
