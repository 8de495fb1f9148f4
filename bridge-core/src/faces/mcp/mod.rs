//! The MCP server: tools, resources and prompts over stdio, for clients of both protocol eras.

mod answer;
mod arguments;
mod caller;
mod completions;
mod fit;
#[cfg(fuzzing)]
pub mod fuzzing;
mod in_flight;
mod lines;
mod prompts;
mod resources;
mod serve;
mod server;
mod session;
#[cfg(test)]
mod session_tests;
mod subscriptions;
pub(crate) mod tools;
mod wait;

pub use serve::serve;
