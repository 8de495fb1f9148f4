//! The options of `config` and `pause`.

use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp config
  codex-bridge-mcp config get limits.running
  codex-bridge-mcp config set limits.running 2
  codex-bridge-mcp config set scrub.allow '[\"not-a-secret\"]'
  codex-bridge-mcp config unset limits.running

A change acts at once. The file keeps its comments; what could not be read is not written. Folders are allowed with
`codex-bridge-mcp roots`.";

pub(super) const PAUSE_HELP: &str = "\
Runs under way go on. New ones are taken and wait in the queue until `codex-bridge-mcp pause --off`.";

/// Options of `config`.
#[derive(Args, Debug)]
pub struct ConfigArgs {
    /// What to do with it; `list` if absent
    #[command(subcommand)]
    pub action: Option<ConfigAction>,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Lists every setting with its value and who set it
    List {
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Shows one setting: what it is for, what it takes, and what it is
    Get {
        /// The setting, e.g. limits.running
        #[arg(value_name = "KEY")]
        key: String,
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Sets one
    Set {
        /// The setting, e.g. limits.running
        #[arg(value_name = "KEY")]
        key: String,
        /// The value; a list as JSON, or its entries separated by commas
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
    },
    /// Sets one back to its default
    Unset {
        /// The setting, e.g. limits.running
        #[arg(value_name = "KEY")]
        key: String,
    },
}

/// Options of `pause`.
#[derive(Args, Debug)]
pub struct PauseArgs {
    /// Lets new runs go on
    #[arg(long)]
    pub off: bool,
}
