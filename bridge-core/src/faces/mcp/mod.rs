//! The MCP server: tools and resources over stdio, for clients of both protocol eras.

mod answer;
mod arguments;
mod caller;
mod fit;
#[cfg(fuzzing)]
pub mod fuzzing;
mod in_flight;
mod lines;
mod resources;
mod serve;
mod server;
#[cfg(test)]
mod session_tests;
mod tools;
mod wait;

pub use serve::serve;
