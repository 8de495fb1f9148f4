//! The options of what looks at a run's changes and ends its worktree.

use clap::{Args, ValueEnum};

/// Options of `changes`.
#[derive(Args, Debug)]
pub struct ChangesArgs {
    /// The run's id, or its beginning or end
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Only this file, by its path in the repository
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// Shows the patches, too
    #[arg(long, short)]
    pub patch: bool,
    /// Also says what in the folder stands in the way of `finish … apply`
    #[arg(long)]
    pub check: bool,
    /// Prints one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `finish`.
#[derive(Args, Debug)]
pub struct FinishArgs {
    /// The run's id, or its beginning or end
    #[arg(value_name = "RUN")]
    pub run: String,
    /// What becomes of its changes
    #[arg(value_enum, value_name = "ACTION")]
    pub action: ActionName,
    /// The branch (default: codex/ and the run's title)
    #[arg(long, value_name = "NAME", help_heading = "With `branch`")]
    pub name: Option<String>,
    /// The commit's message (default: the run's title)
    #[arg(long, short, value_name = "TEXT", help_heading = "With `branch`")]
    pub message: Option<String>,
    /// Only if the changes still have this hash, which `changes` shows
    #[arg(long, value_name = "HASH")]
    pub diff_hash: Option<String>,
    /// Does not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Prints one JSON object; does not ask
    #[arg(long)]
    pub json: bool,
}

/// What becomes of a run's changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ActionName {
    /// They go into the folder, all of them or none; nothing is staged
    Apply,
    /// They become a branch with one commit; no file is touched
    Branch,
    /// They are thrown away
    Discard,
}

pub(super) const CHANGES_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp changes run_01jd2               the files
  codex-bridge-mcp changes run_01jd2 --patch       and what changed in them
  codex-bridge-mcp changes run_01jd2 --check       would they go into the folder now?

Secrets are hidden where changes are shown; what `finish` applies is exact.";

pub(super) const FINISH_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp finish run_01jd2 apply          shows the changes, asks, and brings them into the folder
  codex-bridge-mcp finish run_01jd2 branch --name codex/fix-cart
  codex-bridge-mcp finish run_01jd2 discard --yes

`apply` refuses, and changes nothing, if the folder is at another commit or a file in the way was changed.";
