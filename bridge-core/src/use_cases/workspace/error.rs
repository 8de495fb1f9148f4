//! Why a workspace can't be had, shown or ended.

use std::path::PathBuf;

use crate::adapters::git::apply::ApplyError;
use crate::adapters::git::diff::DiffError;
use crate::adapters::git::program::FindError;
use crate::adapters::git::publish::PublishError;
use crate::adapters::git::repository::RepositoryError;
use crate::adapters::git::shadow::{CreateError, KeepError};
use crate::adapters::git::snapshot::SnapshotError;
use crate::adapters::store::StoreError;
use crate::domain::error::ErrorCode;
use crate::domain::id::RunId;
use crate::platform::lock::LockError;
use crate::platform::open_dir::OpenDirError;

/// Why a workspace can't be had, shown or ended.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// There is no git that could be used.
    #[error("git can't be used")]
    NoGit(#[source] FindError),
    /// The folder can't be used any more.
    #[error(transparent)]
    Folder(OpenDirError),
    /// It is in no repository, or in one that can't be worked with.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The repository is larger than what the person allowed.
    #[error("`{}` belongs to its git repository and lies outside the allowed roots", part.display())]
    OutsideRoots {
        /// The top of its files, or git's own folder.
        part: PathBuf,
    },
    /// There is nothing yet that could be copied.
    #[error("the git repository `{}` has no commit yet", toplevel.display())]
    Unborn {
        /// The repository.
        toplevel: PathBuf,
    },
    /// A worktree was asked for by name, and there can be none.
    #[error("no worktree can be made")]
    Impossible {
        /// Why.
        source: Box<WorkspaceError>,
    },
    /// The copy can't be made.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// What is kept of workspaces can't be used.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The files can't be taken down.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The difference can't be told.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// The run has no copy, or has none any more.
    #[error("the run `{run}` has no worktree: {why}")]
    NoWorktree {
        /// The run.
        run: RunId,
        /// What became of it, or why there never was one.
        why: String,
    },
    /// Nothing is known of what the run changed.
    #[error("nothing is known of what the run `{run}` changed: {why}")]
    NoChanges {
        /// The run.
        run: RunId,
        /// Why.
        why: String,
    },
    /// The run has not ended yet.
    #[error("the run `{run}` has not ended yet")]
    NotEnded {
        /// The run.
        run: RunId,
    },
    /// Somebody else works in the copy, or ends it.
    #[error("the worktree of the run `{run}` is in use")]
    Busy {
        /// The run that it was made for.
        run: RunId,
    },
    /// The changes are not those that were looked at.
    #[error("the changes of the run `{run}` are `{now}`, not `{asked}`")]
    DiffChanged {
        /// The run.
        run: RunId,
        /// What was asked for.
        asked: String,
        /// What they are.
        now: String,
    },
    /// No file of that name was changed.
    #[error("the run `{run}` did not change `{path}`")]
    NoSuchFile {
        /// The run.
        run: RunId,
        /// What was asked for.
        path: String,
    },
    /// The changes can't be brought into the folder.
    #[error("the changes were not applied")]
    Apply(#[source] ApplyError),
    /// They can't become a branch.
    #[error("no branch was made")]
    Publish(#[from] PublishError),
    /// The store can't do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A lock can't be taken.
    #[error("can't lock the run's worktree")]
    Lock(#[from] LockError),
}

impl WorkspaceError {
    /// Whether it is the repository that can't be copied, so that the work could be done in the folder itself.
    pub(crate) fn is_about_repository(&self) -> bool {
        match self {
            WorkspaceError::NoGit(_)
            | WorkspaceError::Repository(_)
            | WorkspaceError::OutsideRoots { .. }
            | WorkspaceError::Unborn { .. } => true,
            WorkspaceError::Create(error) => error.leaves_in_place(),
            WorkspaceError::Folder(_)
            | WorkspaceError::Impossible { .. }
            | WorkspaceError::Keep(_)
            | WorkspaceError::Snapshot(_)
            | WorkspaceError::Diff(_)
            | WorkspaceError::NoWorktree { .. }
            | WorkspaceError::NoChanges { .. }
            | WorkspaceError::NotEnded { .. }
            | WorkspaceError::Busy { .. }
            | WorkspaceError::DiffChanged { .. }
            | WorkspaceError::NoSuchFile { .. }
            | WorkspaceError::Apply(_)
            | WorkspaceError::Publish(_)
            | WorkspaceError::Store(_)
            | WorkspaceError::Lock(_) => false,
        }
    }

    /// What to branch on.
    pub fn code(&self) -> ErrorCode {
        match self {
            WorkspaceError::NoGit(_) => ErrorCode::GitUnusable,
            WorkspaceError::Folder(_) => ErrorCode::FolderUnusable,
            WorkspaceError::Repository(_)
            | WorkspaceError::OutsideRoots { .. }
            | WorkspaceError::Unborn { .. }
            | WorkspaceError::Impossible { .. }
            | WorkspaceError::Create(_) => ErrorCode::WorktreeImpossible,
            WorkspaceError::Keep(_) | WorkspaceError::Lock(_) => ErrorCode::StoreUnavailable,
            WorkspaceError::Snapshot(_) | WorkspaceError::Diff(_) => ErrorCode::GitUnusable,
            WorkspaceError::NoWorktree { .. } => ErrorCode::NoWorktree,
            WorkspaceError::NoChanges { .. } => ErrorCode::NoChanges,
            WorkspaceError::NotEnded { .. } => ErrorCode::RunNotEnded,
            WorkspaceError::Busy { .. } => ErrorCode::WorktreeBusy,
            WorkspaceError::DiffChanged { .. } => ErrorCode::DiffChanged,
            WorkspaceError::NoSuchFile { .. } => ErrorCode::InvalidArgument,
            WorkspaceError::Apply(error) => apply_code(error),
            WorkspaceError::Publish(error) => publish_code(error),
            WorkspaceError::Store(error) => error.code(),
        }
    }

    /// What the person or the client can do about it.
    pub fn hint(&self) -> String {
        match self {
            WorkspaceError::NoGit(_) => {
                "Install git, or a newer one; `codex-bridge-mcp doctor` says which is found.".into()
            }
            WorkspaceError::Repository(error) => error.hint().into(),
            WorkspaceError::OutsideRoots { .. } => {
                "The person allows the repository's folder, or the task works in place.".into()
            }
            WorkspaceError::Unborn { .. } => {
                "Make a first commit, or ask for workspace `in_place`.".into()
            }
            WorkspaceError::Impossible { source } => source.hint(),
            WorkspaceError::Create(_) => {
                "Mend that, or ask for workspace `in_place`, which needs no copy.".into()
            }
            WorkspaceError::Folder(_) => {
                "Give the absolute path of a folder that exists and can be read.".into()
            }
            WorkspaceError::Keep(_)
            | WorkspaceError::Snapshot(_)
            | WorkspaceError::Diff(_)
            | WorkspaceError::Lock(_) => {
                "Look whether there is room on the disk and the state folder can be written, then \
                 try again."
                    .into()
            }
            WorkspaceError::NoWorktree { .. } => {
                "codex_get_run shows where a run worked; only a worktree that is there can be \
                 finished."
                    .into()
            }
            WorkspaceError::NoChanges { .. } => {
                "Look at the run's file_change events, and at the folder itself.".into()
            }
            WorkspaceError::NotEnded { .. } => {
                "Wait for its end with codex_get_run_updates, or cancel it.".into()
            }
            WorkspaceError::Busy { .. } => {
                "Wait until the run that works there has ended, then try again.".into()
            }
            WorkspaceError::DiffChanged { .. } => {
                "Look at the changes again with codex_get_changes, and use the new diff_hash."
                    .into()
            }
            WorkspaceError::NoSuchFile { .. } => {
                "codex_get_changes without `path` lists the files.".into()
            }
            WorkspaceError::Apply(error) => apply_hint(error).into(),
            WorkspaceError::Store(error) => error.hint().into(),
            WorkspaceError::Publish(_) => {
                "Give another name in `branch`, or see that the repository can be written.".into()
            }
        }
    }
}

fn apply_code(error: &ApplyError) -> ErrorCode {
    match error {
        ApplyError::HeadMoved { .. } => ErrorCode::HeadMoved,
        ApplyError::Conflicts { .. } => ErrorCode::Conflicts,
        ApplyError::WorktreeChanged { .. } => ErrorCode::DiffChanged,
        ApplyError::Busy { .. } => ErrorCode::WorktreeBusy,
        ApplyError::DiskFull { .. } => ErrorCode::StoreFull,
        ApplyError::NotWritable { .. } => ErrorCode::FolderUnusable,
        ApplyError::Git(_) => ErrorCode::GitUnusable,
        ApplyError::State(_) | ApplyError::Lock(_) => ErrorCode::StoreUnavailable,
        ApplyError::Io { .. } | ApplyError::LeftBehind { .. } | ApplyError::Stuck { .. } => {
            ErrorCode::FolderUnusable
        }
    }
}

fn publish_code(error: &PublishError) -> ErrorCode {
    match error {
        PublishError::InvalidName { .. }
        | PublishError::Exists { .. }
        | PublishError::NameConflict { .. }
        | PublishError::Locked { .. } => ErrorCode::BranchRefused,
        PublishError::NoBase | PublishError::BaseGone { .. } => ErrorCode::NoChanges,
        PublishError::NotWritable { .. } | PublishError::Io { .. } => ErrorCode::FolderUnusable,
        PublishError::DiskFull { .. } => ErrorCode::StoreFull,
        PublishError::Git(_) => ErrorCode::GitUnusable,
    }
}

fn apply_hint(error: &ApplyError) -> &'static str {
    match error {
        ApplyError::HeadMoved { .. } => {
            "Check out that commit again, or finish with action `branch` and merge the branch."
        }
        ApplyError::Conflicts { .. } => {
            "codex_get_changes with check_apply lists them; put those files aside, or finish with \
             action `branch` and merge the branch."
        }
        ApplyError::WorktreeChanged { .. } => {
            "Look at the changes again with codex_get_changes, and use the new diff_hash."
        }
        ApplyError::Busy { .. } => "Wait until that is over.",
        ApplyError::DiskFull { .. } => "Free some space, then try again.",
        ApplyError::NotWritable { .. } | ApplyError::Io { .. } => {
            "See that the folder can be written, then try again."
        }
        ApplyError::Git(_) | ApplyError::State(_) | ApplyError::Lock(_) => {
            "`codex-bridge-mcp doctor` says what is wrong with git or the state folder."
        }
        ApplyError::LeftBehind { .. } => {
            "The message names the files; what was there before is kept beside them."
        }
        ApplyError::Stuck { .. } => {
            "Mend what the message says; the next call of the bridge puts the folder right."
        }
    }
}
