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

pub(super) const API_KEY_HELP: &str = "\
Examples:
  codex-bridge-mcp api-key
  codex-bridge-mcp api-key set < key.txt
  codex-bridge-mcp api-key clear

The key is read from standard input and lies in the system's keychain, in no file. Codex alone gets it, for the runs of
the bridge. Without one, Codex uses its own login.";

/// Options of `api-key`.
#[derive(Args, Debug)]
pub struct ApiKeyArgs {
    /// What to do with it; `status` if absent
    #[command(subcommand)]
    pub action: Option<ApiKeyAction>,
}

/// What to do with the key.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ApiKeyAction {
    /// Says whether there is one
    Status,
    /// Keeps the one on standard input
    Set,
    /// Throws it away
    Clear,
}
