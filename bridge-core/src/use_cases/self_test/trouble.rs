//! Why a step failed, and what mends it.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::adapters::config::ConfigError;
use crate::adapters::scripted_model;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The configuration, which says where Codex is, makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The private folder can't be used.
    #[error("can't {what} `{}`", path.display())]
    Folder {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// The scripted model does not start.
    #[error(transparent)]
    Model(#[from] scripted_model::Error),
    /// The sidecar does not start.
    #[error("can't start `{}`", program.display())]
    Spawn { program: PathBuf, source: io::Error },
    /// The sidecar and the client don't understand each other.
    #[error("the handshake failed")]
    Handshake(#[source] Box<rmcp::service::ClientInitializeError>),
    /// A call was not answered.
    #[error("`{tool}` was not answered")]
    Call {
        tool: &'static str,
        source: Box<rmcp::ServiceError>,
    },
    /// A call was answered by an error.
    #[error("`{tool}` failed: {message}")]
    Refused {
        tool: &'static str,
        message: String,
        hint: String,
    },
    /// The doctor found a fault that no run survives.
    #[error("{what}")]
    Fault { what: String, remedy: String },
    /// The run ended otherwise than it has to.
    #[error("the run {state}: {message}")]
    Run {
        state: String,
        message: String,
        hint: String,
    },
    /// The answer does not quote what the command prints.
    #[error("Codex could not run a command; the model's last message was: {0}")]
    NoOutput(String),
    /// Something else came than what has to.
    #[error("{0}")]
    Unexpected(String),
    /// It took too long.
    #[error("{what} took longer than {} s", limit.as_secs())]
    TooLong { what: &'static str, limit: Duration },
    /// The person left.
    #[error("the test was stopped")]
    Interrupted,
}

impl Trouble {
    /// The message with all its causes.
    pub(super) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    /// What mends it.
    pub(super) fn remedy(&self) -> String {
        let fixed = match self {
            Trouble::Refused { hint, .. } | Trouble::Run { hint, .. } if !hint.is_empty() => {
                return hint.clone();
            }
            Trouble::Fault { remedy, .. } => return remedy.clone(),
            Trouble::Config(_) => "Correct the configuration file.",
            Trouble::Folder { .. } => {
                "Check that the disk has room and that the folder belongs to you, or name another with --state-dir."
            }
            Trouble::Model(_) => "Check that programs may listen on 127.0.0.1.",
            Trouble::Spawn { .. } => "Install Codex Bridge again.",
            Trouble::Handshake(_) | Trouble::Call { .. } => {
                "Run it again with CODEX_BRIDGE_LOG=debug and report what it prints."
            }
            Trouble::Refused { .. } | Trouble::Run { .. } => {
                "Run `codex-bridge-mcp doctor`; it names what is wrong."
            }
            Trouble::NoOutput(_) => {
                "Where the message speaks of a sandbox, bwrap, landlock or namespaces, this machine, often a container, \
                 does not let Codex set up its sandbox: run it outside, or allow user namespaces."
            }
            Trouble::Unexpected(_) => "Run it again; if it stays, report it with this output.",
            Trouble::TooLong { .. } => {
                "Run it again when the machine is less busy; if it stays, report it with this output."
            }
            Trouble::Interrupted => "Run it again when you have time for it.",
        };
        fixed.to_owned()
    }
}
