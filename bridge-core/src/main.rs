//! `codex-bridge-mcp`: the stdio MCP server, the run supervisor and the command line.

fn main() {}
