//! The options of a review.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::faces::cli::time::parse_duration;

/// Options of `review`.
#[derive(Args, Debug)]
pub struct ReviewArgs {
    /// What to look for or to leave aside; `-` reads it from standard input
    #[arg(value_name = "INSTRUCTIONS")]
    pub instructions: Option<String>,
    /// A folder of the repository (default: the current one)
    #[arg(long, short = 'C', value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
    /// All that is not committed, untracked files included (the default)
    #[arg(long, conflicts_with_all = ["base", "commit"], help_heading = "What is reviewed")]
    pub uncommitted: bool,
    /// What the folder has and this branch has not, from the last common commit on
    #[arg(
        long,
        value_name = "BRANCH",
        conflicts_with = "commit",
        help_heading = "What is reviewed"
    )]
    pub base: Option<String>,
    /// One commit
    #[arg(long, value_name = "COMMIT", help_heading = "What is reviewed")]
    pub commit: Option<String>,
    /// The model (default: as Codex is configured)
    #[arg(long, short, value_name = "NAME", help_heading = "Model")]
    pub model: Option<String>,
    /// How hard it thinks, e.g. low, medium, high
    #[arg(long, short, value_name = "WORD", help_heading = "Model")]
    pub effort: Option<String>,
    /// The longest it may take with all of its parts, e.g. 90s, 10m, 1h30m
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// One line for lists (default: what is reviewed)
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Keeps nothing of the run; it ends with this command
    #[arg(long, conflicts_with = "detach")]
    pub no_persist: bool,
    /// Starts it, prints its id and returns
    #[arg(long, short)]
    pub detach: bool,
    /// Prints the run at its end (with --detach: at its start) as one JSON object
    #[arg(long)]
    pub json: bool,
}
