//! The MCP server: tools and resources over stdio, for clients of both protocol eras.

mod answer;
mod arguments;
mod caller;
mod fit;
mod in_flight;
mod lines;
mod resources;
mod serve;
mod server;
mod session;
#[cfg(test)]
mod session_tests;
mod subscriptions;
mod tools;
mod wait;

pub use serve::serve;
