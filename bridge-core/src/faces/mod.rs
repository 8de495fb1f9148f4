//! What outsiders talk to: the MCP server and the command line.

pub mod cli;
pub mod mcp;
pub mod wire;
