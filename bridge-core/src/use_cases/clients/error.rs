//! Why the bridge could not be installed into a client, or taken out.

use std::path::PathBuf;

use crate::adapters::clients::text::Why;
use crate::adapters::clients::{FileError, SiteError};
use crate::domain::error::ErrorCode;

/// Why a client's configuration was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no such client.
    #[error("there is no client `{0}`")]
    Unknown(String),
    /// None was named, and none was found.
    #[error("no client was found on this computer")]
    NoneFound,
    /// Codex must not have the bridge as a server.
    #[error("the bridge is not installed into Codex itself: a run would start runs")]
    Codex,
    /// The client would write its old settings over ours.
    #[error("{name} is running, and would overwrite its file with what it has in memory")]
    Running {
        /// The client.
        name: &'static str,
    },
    /// The client was asked to quit, and did not.
    #[error("{name} was asked to quit, and is still running; nothing was changed")]
    Stays {
        /// The client.
        name: &'static str,
    },
    /// The client can't be asked to quit, or can't be started.
    #[error("{name} can't be {operation}")]
    Uncontrolled {
        /// The client.
        name: &'static str,
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// What is to be done later can't be kept.
    #[error("what is to be done once {name} has been quit can't be kept")]
    NotKept {
        /// The client.
        name: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The program lies where it will not stay.
    #[error("the program `{}` lies {where_}, and will not be there later", program.display())]
    Misplaced {
        /// The program.
        program: PathBuf,
        /// What kind of place that is.
        where_: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The link by which clients find the program can't be made.
    #[error("the link in the state folder by which clients find the program can't be made")]
    Link(#[source] std::io::Error),
    /// There is nothing of the kind to take over.
    #[error("{name} has no entry of codex-cli-mcp-bridge")]
    NothingToTakeOver {
        /// The client.
        name: &'static str,
    },
    /// The file can't be changed, or not safely.
    #[error(transparent)]
    Site(#[from] SiteError),
}

impl ClientError {
    /// What to branch on.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            ClientError::Unknown(_)
            | ClientError::NoneFound
            | ClientError::Codex
            | ClientError::NothingToTakeOver { .. } => ErrorCode::InvalidArgument,
            ClientError::Running { .. }
            | ClientError::Stays { .. }
            | ClientError::Uncontrolled { .. } => ErrorCode::ClientRunning,
            ClientError::NotKept { .. } => ErrorCode::ClientConfig,
            ClientError::Link(_) => ErrorCode::StoreUnavailable,
            ClientError::Misplaced { .. } => ErrorCode::SidecarMisplaced,
            ClientError::Site(_) => ErrorCode::ClientConfig,
        }
    }

    /// What the person can do.
    pub(crate) fn hint(&self) -> String {
        let hint = match self {
            ClientError::Unknown(_) | ClientError::NoneFound => {
                "`codex-bridge-mcp clients` lists those that can be named; one that is named gets its file even if \
                 it was not found."
            }
            ClientError::Codex => {
                "Codex is what the bridge drives; install it into the program that asks."
            }
            ClientError::Running { .. } => {
                "Have it quit and started again with --restart, or wait for its end with --when-quit; or quit it \
                 yourself, also where only its icon is left, and try again."
            }
            ClientError::Stays { .. } => {
                "It may be asking you something: look at its window, answer or quit it there, and try again."
            }
            ClientError::Uncontrolled { .. } => "Quit it or start it by hand, and try again.",
            ClientError::Link(_) => {
                "Look at the state folder; `codex-bridge-mcp doctor` says what is wrong with it."
            }
            ClientError::NotKept { .. } => {
                "The state folder has to be writable for you; or quit the client and install then."
            }
            ClientError::Misplaced { remedy, .. } => remedy,
            ClientError::NothingToTakeOver { .. } => "Nothing is to be done.",
            ClientError::Site(error) => site_hint(error),
        };
        hint.to_owned()
    }
}

fn site_hint(error: &SiteError) -> &'static str {
    match error {
        SiteError::Refused {
            why: Why::Foreign { .. },
            ..
        } => "Rename or remove that entry in the file if it is not needed; nothing was changed.",
        SiteError::Refused {
            why: Why::Duplicate(_),
            ..
        } => "Remove one of the two in the file; nothing was changed.",
        SiteError::Refused { .. } | SiteError::NotText { .. } => {
            "Open the file at that line and mend it, or restore a backup with `codex-bridge-mcp clients restore`; \
             nothing was changed."
        }
        SiteError::Busy { .. } => "Quit that program and try again; nothing was changed.",
        SiteError::ChangedSince { .. } => {
            "`codex-bridge-mcp clients backups <client>` lists the earlier states; `uninstall` takes out our entry \
             alone."
        }
        SiteError::NothingToUndo { .. } => {
            "`codex-bridge-mcp clients backups <client>` lists the earlier states."
        }
        SiteError::Overwritten { .. } => "Quit that program and try again.",
        SiteError::Keep(_) => {
            "The state folder has to be on a local disk with room, belong to you, and be writable for you alone; \
             nothing was changed."
        }
        SiteError::File(error) => match error {
            FileError::Dangling { .. } | FileError::Loop { .. } => {
                "Mend or remove the symlink; nothing was changed."
            }
            FileError::ReadOnly { .. } => {
                "Make it writable if you want it changed, or add the entry where the file is made; nothing was changed."
            }
            FileError::DiskFull { .. } => {
                "Make room on the disk and try again; nothing was changed."
            }
            FileError::Raced { .. } => "Look at both files, and keep what you need.",
            FileError::NotAFile { .. }
            | FileError::TooLarge { .. }
            | FileError::Changed { .. }
            | FileError::Io { .. } => {
                "See that the file and its folder can be read and written by you; nothing was changed."
            }
        },
    }
}
