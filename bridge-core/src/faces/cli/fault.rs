//! What goes wrong on the command line, how it is said, and the exit code.

use std::io;
use std::path::PathBuf;

use crate::adapters::config::{ConfigError, EditError};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::scrub::Scrubber;
use crate::domain::state::{Outcome, RunState};
use crate::use_cases::bridge;
use crate::use_cases::supervisor::SupervisorError;

/// How the program ends; the numbers are documented in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It worked.
    Fine = 0,
    /// It failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The run was cancelled, timed out or lost.
    Stopped = 3,
    /// The person left before the run was over, as after SIGINT.
    Left = 130,
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The bridge refused or failed.
    #[error(transparent)]
    Bridge(#[from] bridge::Error),
    /// What was typed makes no sense.
    #[error("{message}")]
    Usage {
        /// What and why.
        message: String,
        /// What would.
        hint: &'static str,
    },
    /// A run could not be supervised.
    #[error(transparent)]
    Supervisor(#[from] SupervisorError),
    /// A file or folder that was named can't be used.
    #[error("can't use `{}`", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration was not changed.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Standard input can't be read.
    #[error("can't read standard input")]
    Input(#[source] io::Error),
    /// Output can't be written.
    #[error("can't write the output")]
    Output(#[source] io::Error),
    /// The program can't do its work for want of something that every system has.
    #[error("can't {what}")]
    System {
        /// What it could not do.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Exit {
    /// The exit code for a run as it stands.
    pub(crate) fn of(state: RunState) -> Exit {
        match state {
            RunState::Ended(Outcome::Succeeded) => Exit::Fine,
            RunState::Ended(Outcome::Failed(_)) => Exit::Failed,
            RunState::Ended(Outcome::Cancelled(_) | Outcome::TimedOut(_) | Outcome::Lost) => {
                Exit::Stopped
            }
            RunState::Queued
            | RunState::Starting
            | RunState::Running
            | RunState::WaitingForAnswer
            | RunState::Stopping(_) => Exit::Left,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        std::process::ExitCode::from(exit as u8)
    }
}

impl Fault {
    /// The fault as a person or a script gets it: scrubbed, with all causes, and the way out.
    pub(crate) fn failure(&self, scrubber: &Scrubber) -> Failure {
        if let Fault::Bridge(error) = self {
            let failure = error.failure(scrubber);
            return match command_for(failure.code) {
                Some(hint) => Failure {
                    hint: scrubber.scrub(hint),
                    ..failure
                },
                None => failure,
            };
        }
        let mut message = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        Failure {
            code: self.code(),
            message: scrubber.scrub(&message),
            hint: scrubber.scrub(self.hint()),
        }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self.code() {
            ErrorCode::InvalidArgument => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    /// Whether it is only that nobody reads the output any more, as with `… | head`.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Fault::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    fn code(&self) -> ErrorCode {
        match self {
            Fault::Bridge(error) => error.code(),
            Fault::Usage { .. } => ErrorCode::InvalidArgument,
            Fault::Path { .. } => ErrorCode::FolderUnusable,
            Fault::Config(_) | Fault::Edit(_) => ErrorCode::ConfigInvalid,
            Fault::Input(_) | Fault::Output(_) | Fault::Supervisor(_) | Fault::System { .. } => {
                ErrorCode::Internal
            }
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Fault::Bridge(_) => "",
            Fault::Usage { hint, .. } => hint,
            Fault::Path { .. } => "Check that it exists and that you may read it.",
            Fault::Config(_) | Fault::Edit(_) => {
                "Correct the configuration file; `codex-bridge-mcp doctor` says where it is."
            }
            Fault::Input(_) => "Check what is piped in; a prompt can be an argument instead.",
            Fault::Output(_) => "Check the disk or the program that reads the output.",
            Fault::Supervisor(_) => "The bridge itself starts this command.",
            Fault::System { .. } => "Try again; if it stays, restart the computer.",
        }
    }
}

/// The way out on the command line, where it is another than for a client.
fn command_for(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::InvalidArgument => {
            Some("Correct the argument and try again; `--help` says what each takes.")
        }
        ErrorCode::UnknownRun => {
            Some("`codex-bridge-mcp runs` lists the runs; old ones are pruned.")
        }
        ErrorCode::NoRoots => {
            Some("Allow a folder first: `codex-bridge-mcp roots add <folder>`, e.g. `roots add .`.")
        }
        ErrorCode::OutsideRoots => Some(
            "Allow it with `codex-bridge-mcp roots add <folder>`; `codex-bridge-mcp roots` lists what is allowed.",
        ),
        ErrorCode::BroadRoot => {
            Some("Allow the folders that you work in instead; or insist with `--force`.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::state::{Canceller, Limit};

    #[test]
    fn the_exit_code_says_how_the_run_ended() {
        let check = |outcome, code: u8| {
            assert_eq!(
                Exit::of(RunState::Ended(outcome)) as u8,
                code,
                "{outcome:?}"
            );
        };
        check(Outcome::Succeeded, 0);
        check(Outcome::Failed(ErrorCode::UsageLimit), 1);
        check(Outcome::Cancelled(Canceller::Person), 3);
        check(Outcome::TimedOut(Limit::Total), 3);
        check(Outcome::Lost, 3);
        assert_eq!(Exit::of(RunState::Running) as u8, 130);
    }

    #[test]
    fn a_fault_says_its_causes_and_the_way_out() {
        let fault = Fault::Path {
            path: "/w/schema.json".into(),
            source: io::Error::new(io::ErrorKind::NotFound, "no such file"),
        };
        let failure = fault.failure(&Scrubber::builtin());
        assert_eq!(
            failure.message.as_str(),
            "can't use `/w/schema.json`: no such file"
        );
        assert!(!failure.hint.is_empty());
        assert_eq!(fault.exit(), Exit::Failed);
    }

    #[test]
    fn the_hints_of_the_command_line_name_commands() {
        let fault = Fault::Bridge(bridge::Error::UnknownRun("run_1".into()));
        let failure = fault.failure(&Scrubber::builtin());
        assert!(failure.hint.as_str().contains("codex-bridge-mcp runs"));
    }
}
