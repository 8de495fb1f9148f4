//! What outsiders talk to: the MCP server, the command line, and the tools that they share with the app.

pub mod cli;
pub mod host;
pub mod mcp;
mod relay;
pub mod tools;
pub mod wire;
