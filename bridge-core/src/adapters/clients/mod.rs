//! The configuration files of MCP clients: what stands in them, and how our entry comes in and out again without a
//! byte of somebody else's being lost.

pub mod table;
pub mod text;
