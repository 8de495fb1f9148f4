//! What can go wrong with the store, as a caller can act on it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::error::ErrorCode;
use crate::domain::id::RunId;

/// Why the store could not do something.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// No run has that id.
    #[error("no run has the id {0}")]
    UnknownRun(RunId),
    /// The run has ended; its record never changes again.
    #[error("the run {0} has ended")]
    RunEnded(RunId),
    /// The run has as many events as one run can have.
    #[error("the run {0} has no room for more events")]
    RunFull(RunId),
    /// Another process held the database for longer than we wait.
    #[error("could not {doing}: another process holds `{}`", path.display())]
    Locked {
        /// What was tried.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// The disk has no room, or does not take what is written.
    #[error("could not {doing}: no room to write `{}`", path.display())]
    Full {
        /// What was tried.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// The state folder or the database can only be read.
    #[error("could not {doing}: `{}` can only be read", path.display())]
    ReadOnly {
        /// What was tried.
        doing: &'static str,
        /// The database or its folder.
        path: PathBuf,
        /// What SQLite or the file system said.
        source: Cause,
    },
    /// The database is damaged and could not be put right.
    #[error("could not {doing}: `{}` is damaged", path.display())]
    Damaged {
        /// What was tried.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// A newer version of the bridge wrote the database.
    #[error("could not {doing}: `{}` has format {found}, this version knows {known}", path.display())]
    Newer {
        /// What was tried.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// The database can't be opened or used, for a reason of the file system or of SQLite.
    #[error("could not {doing}: `{}` can't be used", path.display())]
    Unavailable {
        /// What was tried.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// A file or folder beside the database can't be used.
    #[error("could not {doing} `{}`", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        source: Arc<io::Error>,
    },
    /// A row does not hold what this version writes there.
    #[error("the record of {of} is unreadable: {what}")]
    Unreadable {
        /// The run or the table.
        of: String,
        /// What does not fit.
        what: String,
    },
    /// The store was closed, or one of its threads died.
    #[error("the store is closed")]
    Closed,
}

/// What lies behind a refusal to write.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Cause {
    /// SQLite said it.
    #[error(transparent)]
    Sqlite(Arc<rusqlite::Error>),
    /// The file system said it.
    #[error(transparent)]
    File(Arc<io::Error>),
}

impl StoreError {
    /// The code that clients and the UI branch on.
    pub fn code(&self) -> ErrorCode {
        match self {
            StoreError::UnknownRun(_) => ErrorCode::UnknownRun,
            StoreError::RunEnded(_) => ErrorCode::RunEnded,
            StoreError::Locked { .. } => ErrorCode::StoreLocked,
            StoreError::Full { .. } => ErrorCode::StoreFull,
            StoreError::ReadOnly { .. }
            | StoreError::Unavailable { .. }
            | StoreError::File { .. } => ErrorCode::StoreUnavailable,
            StoreError::Damaged { .. } | StoreError::Unreadable { .. } => ErrorCode::StoreDamaged,
            StoreError::Newer { .. } => ErrorCode::StoreNewer,
            StoreError::RunFull(_) | StoreError::Closed => ErrorCode::Internal,
        }
    }

    /// What the person or the client can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            StoreError::UnknownRun(_) => {
                "List the runs to see which there are; old ones are removed from the history."
            }
            StoreError::RunEnded(_) => "Read its result, or continue it with a new run.",
            StoreError::RunFull(_) => "Continue the task with a new run.",
            StoreError::Locked { .. } => {
                "Try again in a moment; if it stays so, quit Codex Bridge and the MCP clients, and start them again."
            }
            StoreError::Full { .. } => {
                "Free some space on the disk of the state folder, then try again."
            }
            StoreError::ReadOnly { .. } => {
                "Make the state folder and the files in it writable for you, or set another state folder."
            }
            StoreError::Damaged { .. } | StoreError::Unreadable { .. } => {
                "Quit Codex Bridge and the MCP clients and start them again: the database is then set aside and rebuilt."
            }
            StoreError::Newer { .. } => {
                "A newer Codex Bridge has been here: restart your MCP clients and the app so that all of them use it."
            }
            StoreError::Unavailable { .. } | StoreError::File { .. } => {
                "Check that the state folder exists on a local disk and belongs to you."
            }
            StoreError::Closed => "Start the program again.",
        }
    }
}

/// What a job on the database ends with when it fails: an answer of ours, or SQLite's.
#[derive(Debug)]
pub(super) enum Fault {
    /// The request can't be fulfilled; the database is fine.
    Refused(StoreError),
    /// SQLite failed.
    Sql(rusqlite::Error),
    /// The connection is to a file that does not bear the database's name any more.
    Moved,
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault::Refused(error)
    }
}

/// Sorts SQLite's errors by what a person can do about them.
pub(super) fn classify(doing: &'static str, path: &Path, error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode as Sqlite;
    let code = error.sqlite_error().copied();
    let path = path.to_owned();
    let source = Arc::new(error);
    let (code, extended) = match code {
        Some(error) => (error.code, error.extended_code),
        None => (Sqlite::Unknown, 0),
    };
    match (code, extended) {
        (Sqlite::DatabaseBusy | Sqlite::DatabaseLocked, _) => StoreError::Locked {
            doing,
            path,
            source,
        },
        (Sqlite::DiskFull, _)
        | (
            Sqlite::SystemIoFailure,
            rusqlite::ffi::SQLITE_IOERR_WRITE
            | rusqlite::ffi::SQLITE_IOERR_SHMSIZE
            | rusqlite::ffi::SQLITE_IOERR_FSYNC,
        ) => StoreError::Full {
            doing,
            path,
            source,
        },
        (Sqlite::ReadOnly, _) => StoreError::ReadOnly {
            doing,
            path,
            source: Cause::Sqlite(source),
        },
        (Sqlite::DatabaseCorrupt | Sqlite::NotADatabase, _)
        | (Sqlite::SystemIoFailure, rusqlite::ffi::SQLITE_IOERR_SHORT_READ) => {
            StoreError::Damaged {
                doing,
                path,
                source,
            }
        }
        _ => StoreError::Unavailable {
            doing,
            path,
            source,
        },
    }
}

/// An error of the file system at a path beside the database.
pub(super) fn file_error(doing: &'static str, path: &Path, error: io::Error) -> StoreError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly {
                doing,
                path,
                source: Cause::File(Arc::new(error)),
            }
        }
        _ => StoreError::File {
            doing,
            path,
            source: Arc::new(error),
        },
    }
}

/// An error for a wait of ours that took too long.
pub(super) fn busy(doing: &'static str, path: &Path) -> StoreError {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    classify(doing, path, rusqlite::Error::SqliteFailure(code, None))
}
