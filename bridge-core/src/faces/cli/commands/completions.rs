//! `completions`: what a shell needs to complete commands and options.

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::faces::cli::args::{Cli, CompletionsArgs};
use crate::faces::cli::fault::{Exit, Fault};

/// Prints the completions.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Exit, Fault> {
    io::stdout()
        .write_all(&script(args.shell))
        .map_err(Fault::Output)?;
    Ok(Exit::Fine)
}

/// The completions of a shell.
pub(crate) fn script(shell: clap_complete::Shell) -> Vec<u8> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "codex-bridge-mcp", &mut out);
    out
}
