//! The MCP server: tools, resources and prompts over stdio, for clients of both protocol eras.

pub(crate) mod caller;
mod completions;
#[cfg(fuzzing)]
pub mod fuzzing;
mod in_flight;
mod lines;
mod progress;
mod prompts;
mod resources;
mod serve;
mod server;
mod session;
#[cfg(test)]
mod session_tests;
mod subscriptions;

pub use serve::serve;
