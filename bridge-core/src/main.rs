//! `codex-bridge-mcp`: the stdio MCP server, the run supervisor and the command line.

use std::process::ExitCode;

use bridge_core::faces::cli::{Cli, host_of_process};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let host = match host_of_process() {
        Ok(host) => cli.adjust(host),
        Err(error) => return refuse(&error.to_string()),
    };
    // The runtime opens descriptors of its own; what was inherited is taken before.
    let inherited = cli.inherit();
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&format!("the system gives no event queue: {error}")),
    };
    let exit = runtime.block_on(cli.run(host, inherited));
    // A read of standard input that nobody will ever answer must not keep the process alive.
    runtime.shutdown_background();
    exit
}

#[allow(clippy::print_stderr)]
fn refuse(reason: &str) -> ExitCode {
    eprintln!("error: {reason}");
    ExitCode::FAILURE
}
