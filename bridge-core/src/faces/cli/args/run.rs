//! The options of what starts a run.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use crate::domain::run::WorkspaceMode;
use crate::domain::task::Sandbox;
use crate::faces::cli::time::parse_duration;

/// Options of `run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// What Codex is to do; `-` reads it from standard input
    #[arg(value_name = "PROMPT")]
    pub prompt: String,
    /// The folder to work in (default: the current one)
    #[arg(long, short = 'C', value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "What Codex may do")]
    pub dir: Option<PathBuf>,
    /// What its commands may touch: read-only, or also write in the folder
    #[arg(
        long,
        short,
        value_enum,
        value_name = "MODE",
        help_heading = "What Codex may do"
    )]
    pub sandbox: Option<SandboxName>,
    /// Works in the folder itself or in a copy [default: your setting, else a copy for what writes]
    #[arg(long, value_name = "WHERE", help_heading = "What Codex may do")]
    pub workspace: Option<WorkspaceName>,
    /// Takes uncommitted changes into the copy
    #[arg(long, help_heading = "What Codex may do")]
    pub carry_changes: bool,
    /// Lets its commands use the network
    #[arg(long, help_heading = "What Codex may do")]
    pub network: bool,
    /// Lets the model search the web
    #[arg(long, help_heading = "What Codex may do")]
    pub web_search: bool,
    /// The longest it may take, e.g. 90s, 10m, 1h30m
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "What Codex may do")]
    pub timeout: Option<Duration>,
    /// The model (default: as Codex is configured)
    #[arg(long, short, value_name = "NAME", help_heading = "Model")]
    pub model: Option<String>,
    /// How hard it thinks, e.g. low, medium, high
    #[arg(long, short, value_name = "WORD", help_heading = "Model")]
    pub effort: Option<String>,
    /// An image that goes with the prompt; may be given several times
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Model")]
    pub image: Vec<PathBuf>,
    /// A JSON Schema that the answer has to follow
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Model")]
    pub output_schema: Option<PathBuf>,
    /// One line for lists (default: the beginning of the prompt)
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Keeps nothing of the run on disk; it ends with this command
    #[arg(long, conflicts_with = "detach")]
    pub no_persist: bool,
    /// Starts it, prints its id and returns
    #[arg(long, short)]
    pub detach: bool,
    /// Prints the run at its end (with --detach: at its start) as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The sandboxes that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SandboxName {
    /// Commands may read
    ReadOnly,
    /// Commands may also write in the folder
    WorkspaceWrite,
}

/// Where Codex works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WorkspaceName {
    /// In the folder itself
    InPlace,
    /// In a copy of the git repository
    Worktree,
}

impl WorkspaceName {
    /// The mode it names.
    pub(in crate::faces::cli) fn mode(self) -> WorkspaceMode {
        match self {
            WorkspaceName::InPlace => WorkspaceMode::InPlace,
            WorkspaceName::Worktree => WorkspaceMode::Worktree,
        }
    }
}

impl SandboxName {
    /// The sandbox itself.
    pub fn sandbox(self) -> Sandbox {
        match self {
            SandboxName::ReadOnly => Sandbox::ReadOnly,
            SandboxName::WorkspaceWrite => Sandbox::WorkspaceWrite,
        }
    }
}
