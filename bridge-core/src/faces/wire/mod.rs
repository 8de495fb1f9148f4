//! The flat, stable JSON shapes that MCP clients, `--json` and the app see.
//!
//! Times are RFC 3339 in UTC, durations end in `_s` or `_ms`, cursors are opaque integers that begin at 0, ids are
//! strings. A run always has all of its fields, `null` where nothing is known; events and list entries leave out what
//! they do not have. Text that was cut says how many bytes are missing.

pub mod app;
pub mod audit;
#[cfg(test)]
mod catalogue_tests;
pub mod changes;
pub mod clients;
pub mod diff;
pub mod doctor;
pub mod error;
pub mod event;
pub mod live;
pub mod page;
pub mod part;
pub mod preferences;
pub mod question;
pub mod quota;
pub mod review;
pub mod run;
#[cfg(test)]
pub(crate) mod samples;
pub mod schema;
pub mod self_test;
pub mod session;
#[cfg(test)]
mod snapshots;
pub mod status;
pub mod steered;
pub(crate) mod text;
mod time;
pub mod word;

pub use text::TextWindow;
