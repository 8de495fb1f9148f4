//! The configuration files of MCP clients: what stands in them, and how our entry comes in and out again without a
//! byte of somebody else's being lost.

mod codex_config;
pub mod diff;
mod file;
mod gates;
pub mod hello;
mod keep;
mod legacy;
mod log;
mod lost;
mod places;
mod plan;
mod site;
pub mod table;
pub mod text;
pub mod wish;

#[cfg(test)]
mod tests;

pub use codex_config::references;
pub use file::FileError;
pub use gates::shut_out;
pub use hello::Hello;
pub use keep::{Backup, KEPT, KeepError, Receipt};
pub use legacy::Legacy;
pub use log::{Trouble, trouble};
pub use lost::Lost;
pub use places::{Around, path_of, paths_of, sites};
pub use site::{Change, Doing, NAME, Site, SiteError, Standing, Wish};
