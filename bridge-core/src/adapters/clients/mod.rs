//! The configuration files of MCP clients: what stands in them, and how our entry comes in and out again without a
//! byte of somebody else's being lost.

mod file;
mod keep;
mod places;
mod plan;
mod site;
pub mod table;
pub mod text;

#[cfg(test)]
mod tests;

pub use file::FileError;
pub use keep::{Backup, KEPT, KeepError, Receipt};
pub use places::{Around, System, path_of, paths_of, sites};
pub use site::{Change, Doing, NAME, Site, SiteError, Standing, Wish};
