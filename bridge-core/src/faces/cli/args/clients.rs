//! The options of `install`, `uninstall`, `repair` and `clients`.

use clap::{Args, Subcommand};

use crate::use_cases::clients::IfRunning;

pub(super) const INSTALL_HELP: &str = "\
Examples:
  codex-bridge-mcp install                       into every client that is found
  codex-bridge-mcp install claude-desktop
  codex-bridge-mcp install --dry-run             shows what would change
  codex-bridge-mcp install claude-desktop --restart

Only our own entry is touched; comments, order and every other byte stay. The state before is kept. A file that can't be
read, or has another server of our name, is refused with the line. `codex-bridge-mcp clients` lists the clients.

Claude Desktop writes over its file while it runs. With --restart it is asked to quit and started again afterwards, and the
command waits until it has connected; with --when-quit the command waits until you quit it yourself.";

pub(super) const UNINSTALL_HELP: &str = "\
Examples:
  codex-bridge-mcp uninstall                     out of every client that has it
  codex-bridge-mcp uninstall cursor --dry-run

Where nobody else has changed the file since, it is afterwards what it was before, byte for byte.";

pub(super) const REPAIR_HELP: &str = "\
Puts our entry right where its program has moved or is gone, or where a client has lost its settings. Where the entry
alone was taken out, it stays out.";

pub(super) const CLIENTS_HELP: &str = "\
Examples:
  codex-bridge-mcp clients
  codex-bridge-mcp clients undo claude-desktop       undoes the last change
  codex-bridge-mcp clients backups claude-desktop    the states before our changes
  codex-bridge-mcp clients restore claude-desktop before-1795000000120.file
  codex-bridge-mcp clients leave claude-desktop      what is gone from its file is to stay gone
  codex-bridge-mcp clients take-over claude-desktop  from codex-cli-mcp-bridge, and switches that off";

/// Options of `install`, `uninstall` and `repair`.
#[derive(Args, Debug)]
pub struct InstallArgs {
    /// The clients, e.g. claude-desktop
    #[arg(value_name = "CLIENT")]
    pub clients: Vec<String>,
    #[command(flatten)]
    pub how: HowArgs,
}

/// How a client's files are changed.
#[derive(Args, Clone, Copy, Debug)]
pub struct HowArgs {
    /// Shows what would change, and changes nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Changes the file even while the client runs and may overwrite it
    #[arg(long)]
    pub while_running: bool,
    /// Asks a client that runs to quit, changes its file, and starts it again
    #[arg(long, conflicts_with = "while_running")]
    pub restart: bool,
    /// Waits until you have quit a client that runs, and changes its file then
    #[arg(long, conflicts_with_all = ["while_running", "restart"])]
    pub when_quit: bool,
    /// Prints one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `clients`.
#[derive(Args, Debug)]
pub struct ClientsArgs {
    /// What to do; `list` if absent
    #[command(subcommand)]
    pub action: Option<ClientsAction>,
    /// Prints one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub enum ClientsAction {
    /// Lists them, with what stands in their files of us
    List {
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Undoes our last change of a client's file
    Undo {
        /// The client
        #[arg(value_name = "CLIENT")]
        client: String,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Lists the states of a client's files before our changes
    Backups {
        /// The client
        #[arg(value_name = "CLIENT")]
        client: String,
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Makes a client's file what it was
    Restore {
        /// The client
        #[arg(value_name = "CLIENT")]
        client: String,
        /// The state, as `clients backups` names it
        #[arg(value_name = "BACKUP")]
        backup: String,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Leaves a client as it is from which our entry, or all servers, are gone
    Leave {
        /// The client
        #[arg(value_name = "CLIENT")]
        client: String,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Takes over the settings of codex-cli-mcp-bridge and switches it off
    TakeOver {
        /// The client
        #[arg(value_name = "CLIENT")]
        client: String,
        #[command(flatten)]
        how: HowArgs,
    },
}

impl HowArgs {
    /// What is done where the client runs.
    pub(in crate::faces::cli) fn if_running(self) -> IfRunning {
        match (self.while_running, self.restart, self.when_quit) {
            (true, ..) => IfRunning::Insist,
            (_, true, _) => IfRunning::Restart,
            (_, _, true) => IfRunning::WhenQuit,
            (false, false, false) => IfRunning::Refuse,
        }
    }
}

impl ClientsArgs {
    /// Whether a fault too is wanted as JSON.
    pub(in crate::faces::cli) fn wants_json(&self) -> bool {
        let of_action = match &self.action {
            None => false,
            Some(ClientsAction::List { json } | ClientsAction::Backups { json, .. }) => *json,
            Some(
                ClientsAction::Undo { how, .. }
                | ClientsAction::Restore { how, .. }
                | ClientsAction::Leave { how, .. }
                | ClientsAction::TakeOver { how, .. },
            ) => how.json,
        };
        self.json || of_action
    }
}
