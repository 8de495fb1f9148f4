//! `serve`: the MCP server.

use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::mcp;
use crate::use_cases::bridge::Bridge;

/// Serves MCP on standard input and output until the client goes.
pub(super) async fn serve(bridge: &Bridge) -> Result<Exit, Fault> {
    mcp::serve(bridge.clone(), tokio::io::stdin(), tokio::io::stdout()).await;
    Ok(Exit::Fine)
}
