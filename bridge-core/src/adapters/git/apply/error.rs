//! Why a worktree's changes were not brought into the folder.

use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::git::command::GitError;
use crate::domain::changes::{ObjectId, RepoPath};
use crate::domain::conflict::Conflict;
use crate::domain::id::RunId;
use crate::platform::lock::LockError;
use crate::platform::private_dir::PrivateDirError;

/// So many of the files in the way are named where there is no list of them.
const MOST_NAMED: usize = 5;

/// Why nothing was brought into the folder. It is as it was before, except after `LeftBehind` and `Stuck`.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The folder is at another commit than the one that the request was bound to.
    #[error("the folder's HEAD is {}, not {}", name(found.as_ref()), name(expected.as_ref()))]
    HeadMoved {
        /// What the request was bound to.
        expected: Option<ObjectId>,
        /// What it is.
        found: Option<ObjectId>,
    },
    /// Files are in the way.
    #[error("{} in the way", count(conflicts))]
    Conflicts {
        /// Each of them.
        conflicts: Vec<Conflict>,
    },
    /// A file of the worktree is not what the difference says any more.
    #[error("`{}` was changed in the worktree after its changes were taken", path.to_text().escape_debug())]
    WorktreeChanged {
        /// Which file.
        path: RepoPath,
    },
    /// This run is being applied just now, or another one takes long in the same folder.
    #[error("the changes of {run} can't be applied while others are")]
    Busy {
        /// Which run.
        run: RunId,
    },
    /// There is no room for the new files.
    #[error("the disk of `{}` is full", place.display())]
    DiskFull {
        /// What was to be written.
        place: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A place can't be written.
    #[error("`{}` can't be written", place.display())]
    NotWritable {
        /// What was to be written.
        place: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else that the file system refused.
    #[error("could not {operation} `{}`", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Git can't be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The state folder is not usable.
    #[error(transparent)]
    State(#[from] PrivateDirError),
    /// The state folder's locks are not usable.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The apply failed, all was put back, except where the person changed something meanwhile.
    #[error("{} could not be put back as before, because of changes made meanwhile", files(left.len()))]
    LeftBehind {
        /// Each of them.
        left: Vec<LeftBehind>,
        /// Why it failed.
        source: Box<ApplyError>,
    },
    /// The apply failed and could not be undone; the next recovery tries again.
    #[error("an apply that failed could not be undone yet")]
    Stuck {
        /// Why it could not be undone.
        source: Box<ApplyError>,
    },
}

/// A file that could not be put back, because the person changed what had been put in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// Which file.
    pub path: RepoPath,
    /// Where the file is that was there before, if there was one.
    pub kept: Option<PathBuf>,
}

impl ApplyError {
    /// Sorts what the file system said about a place.
    pub(super) fn of_io(operation: &'static str, path: &Path, source: io::Error) -> ApplyError {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => ApplyError::DiskFull {
                place: path,
                source,
            },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                ApplyError::NotWritable {
                    place: path,
                    source,
                }
            }
            _ => ApplyError::Io {
                operation,
                path,
                source,
            },
        }
    }
}

fn name(head: Option<&ObjectId>) -> &str {
    head.map_or("without a commit", ObjectId::as_str)
}

fn count(conflicts: &[Conflict]) -> String {
    let named = conflicts.iter().take(MOST_NAMED).map(|conflict| {
        let path = conflict.path.to_text();
        format!("`{}` ({})", path.escape_debug(), conflict.reason.as_str())
    });
    let named = named.collect::<Vec<_>>().join(", ");
    match conflicts.len() {
        1 => format!("{named} is"),
        many if many <= MOST_NAMED => format!("{named} are"),
        many => format!("{named} and {} more are", many - MOST_NAMED),
    }
}

fn files(number: usize) -> String {
    match number {
        1 => "1 file".to_owned(),
        many => format!("{many} files"),
    }
}
