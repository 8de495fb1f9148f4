//! The options of what goes on with a thread.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::faces::cli::args::run::SandboxName;
use crate::faces::cli::time::parse_duration;

/// Options of `continue`.
#[derive(Args, Debug)]
pub struct ContinueArgs {
    /// The run's id, or its beginning or end
    #[arg(value_name = "RUN")]
    pub run: String,
    /// What Codex is told next; without it, or as `-`, it is read from standard input
    #[arg(value_name = "PROMPT")]
    pub prompt: Option<String>,
    /// What else can be said about the turn.
    #[command(flatten)]
    pub turn: TurnArgs,
}

/// Options of `resume`.
#[derive(Args, Debug)]
pub struct ResumeArgs {
    /// The session's id, as `runs --source codex` lists it
    #[arg(value_name = "SESSION")]
    pub session: String,
    /// What Codex is told next; without it, or as `-`, it is read from standard input
    #[arg(value_name = "PROMPT")]
    pub prompt: Option<String>,
    /// The session's folder, to be sure; it can only be gone on with there
    #[arg(long, short = 'C', value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "What Codex may do")]
    pub dir: Option<PathBuf>,
    /// What else can be said about the turn.
    #[command(flatten)]
    pub turn: TurnArgs,
}

/// Options that `continue` and `resume` share; what is not said is as before.
#[derive(Args, Debug)]
pub struct TurnArgs {
    /// What its commands may touch; never more than before
    #[arg(
        long,
        short,
        value_enum,
        value_name = "MODE",
        help_heading = "What Codex may do"
    )]
    pub sandbox: Option<SandboxName>,
    /// Lets its commands use the network, if they could before
    #[arg(long, help_heading = "What Codex may do")]
    pub network: bool,
    /// Lets the model search the web
    #[arg(long, help_heading = "What Codex may do")]
    pub web_search: bool,
    /// The longest it may take, e.g. 90s, 10m, 1h30m
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "What Codex may do")]
    pub timeout: Option<Duration>,
    /// The model
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
    /// Starts it, prints the new run's id and returns
    #[arg(long, short)]
    pub detach: bool,
    /// Prints the run at its end (with --detach: at its start) as one JSON object
    #[arg(long)]
    pub json: bool,
}
