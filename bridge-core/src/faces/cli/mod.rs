//! The command line of `codex-bridge-mcp`, for people and scripts.

mod args;
mod board;
mod bundle;
mod commands;
mod fault;
mod follow;
mod log;
mod look;
mod screen;
mod surroundings;
mod table;
mod text;
mod time;
mod view;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

pub use crate::faces::cli::args::Cli;
pub use crate::faces::cli::surroundings::{Unknown, host_of_process};

use crate::faces::cli::args::{Colour, Command, ServeArgs};
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::host::Host;
use crate::use_cases::supervisor::{Assignment, SupervisorError};

/// What this process inherited besides its environment.
pub struct Inherited(pub(crate) Option<Result<Assignment, SupervisorError>>);

impl Cli {
    /// Lets the global options have their say over the surroundings, also over those of every process that is started.
    pub fn adjust(&self, mut host: Host) -> Host {
        let chosen = [
            (Host::CONFIG_VAR, &self.config),
            ("CODEX_CLI_MCP_STATE_DIR", &self.state_dir),
        ];
        for (name, path) in chosen {
            if let Some(path) = path {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                host.env.insert(OsString::from(name), path.into_os_string());
            }
        }
        let roots = match &self.command {
            Some(Command::Serve(args)) => args.roots.as_slice(),
            None => &[],
            Some(_) => return host,
        };
        for left in bundle::adjust(&mut host, roots) {
            screen::note(&left);
        }
        host
    }

    /// Takes what a supervisor inherits from whoever started it. Has to come before anything opens a descriptor.
    pub fn inherit(&self) -> Inherited {
        match &self.command {
            Some(Command::Supervise(_)) => Inherited(Some(Assignment::take())),
            _ => Inherited(None),
        }
    }

    /// Does what was asked, says what went wrong, and answers with the exit code.
    pub async fn run(self, host: Host, inherited: Inherited) -> ExitCode {
        self.color.apply();
        let bridge = Bridge::new(host);
        log::install(&bridge);
        let command = self.command.unwrap_or(Command::Serve(ServeArgs::default()));
        let json = command.wants_json();
        let result = commands::dispatch(&bridge, command, inherited).await;
        bridge.close().await;
        let exit = match result {
            Ok(exit) => exit,
            Err(fault) if fault.is_broken_pipe() => Exit::Fine,
            Err(fault) => {
                report(&fault, &bridge, json);
                fault.exit()
            }
        };
        exit.into()
    }
}

impl Colour {
    fn apply(self) {
        match self {
            Colour::Auto => anstream::ColorChoice::Auto,
            Colour::Always => anstream::ColorChoice::Always,
            Colour::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// Says what went wrong: on standard error for people, on standard output where JSON was asked for.
fn report(fault: &Fault, bridge: &Bridge, json: bool) {
    let failure = fault.failure(&bridge.scrubber());
    if json {
        let error = serde_json::json!({ "error": ErrorDto::from(&failure) });
        if screen::print_json(&error).is_ok() {
            return;
        }
    }
    let look = Look::of(&io::stderr(), bridge.host());
    let mut lines = vec![format!(
        "{} {}",
        look.paint(Tone::Bad, "error:"),
        text::harmless(failure.message.as_str())
    )];
    if !failure.hint.is_empty() {
        lines.push(format!(
            "{} {}",
            look.paint(Tone::Accent, "hint:"),
            text::harmless(failure.hint.as_str())
        ));
    }
    // Where standard error is closed there is nobody to tell.
    let _ = screen::Screen::new(io::stderr().lock(), false).lines(&lines);
}
