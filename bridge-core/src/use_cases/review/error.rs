//! Why there is nothing to review.

use std::path::PathBuf;

use crate::adapters::git::command::GitError;
use crate::adapters::git::diff::DiffError;
use crate::adapters::git::program::FindError;
use crate::adapters::git::repository::RepositoryError;
use crate::adapters::git::revision::RevisionError;
use crate::adapters::git::shadow::CreateError;
use crate::domain::error::ErrorCode;

/// Why a change can't be reviewed.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// There is no git to look with.
    #[error("a review needs git")]
    NoGit(#[source] FindError),
    /// The folder is in no repository, or in one that can't be worked with.
    #[error(transparent)]
    Repository(RepositoryError),
    /// A part of the repository lies where nobody allowed to look.
    #[error("a part of the repository is at `{}`, which is outside the allowed roots", path.display())]
    Outside {
        /// The part.
        path: PathBuf,
    },
    /// There is no such commit.
    #[error("`{parameter}`: {source}")]
    Revision {
        /// The parameter that names it.
        parameter: &'static str,
        /// What is wrong with the name.
        source: RevisionError,
        /// Names that are like it and exist.
        alike: Vec<String>,
    },
    /// Nothing is committed yet.
    #[error("the branch `{branch}` has no commit yet, so there is nothing to compare")]
    NoCommit {
        /// The branch that is checked out.
        branch: String,
    },
    /// Both have nothing in common.
    #[error("`{base}` and what is checked out have no commit in common")]
    NoMergeBase {
        /// What it was to be compared with.
        base: String,
    },
    /// Nothing changed.
    #[error("there is nothing to review: {why}")]
    Nothing {
        /// Why.
        why: String,
    },
    /// The change has only files that no reviewer can read.
    #[error("{files} files changed, and none can be reviewed: they are no text, or too large")]
    NothingReadable {
        /// How many files.
        files: usize,
    },
    /// The temporary folder can't be used.
    #[error("can't write to the temporary folder")]
    Temporary(#[source] std::io::Error),
    /// The files in the folder can't be looked at.
    #[error(transparent)]
    Files(#[from] CreateError),
    /// The commits can't be compared.
    #[error(transparent)]
    Compare(#[from] DiffError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl ReviewError {
    /// What to branch on.
    pub fn code(&self) -> ErrorCode {
        match self {
            ReviewError::Repository(error) => match error {
                RepositoryError::NotARepository { .. }
                | RepositoryError::Bare { .. }
                | RepositoryError::InsideGitDir { .. }
                | RepositoryError::Elsewhere { .. } => ErrorCode::NotARepository,
                RepositoryError::Folder { .. } => ErrorCode::FolderUnusable,
                RepositoryError::ForeignOwner { .. }
                | RepositoryError::Broken { .. }
                | RepositoryError::Io { .. }
                | RepositoryError::Git(_) => ErrorCode::GitUnusable,
            },
            ReviewError::Outside { .. } => ErrorCode::OutsideRoots,
            ReviewError::Revision { source, .. } => match source {
                RevisionError::NotAName { .. } => ErrorCode::InvalidArgument,
                RevisionError::Unknown { .. } => ErrorCode::UnknownRevision,
                RevisionError::Git(_) => ErrorCode::GitUnusable,
            },
            ReviewError::NoCommit { .. } | ReviewError::NoMergeBase { .. } => {
                ErrorCode::UnknownRevision
            }
            ReviewError::Nothing { .. } | ReviewError::NothingReadable { .. } => {
                ErrorCode::NothingToReview
            }
            ReviewError::Temporary(_) => ErrorCode::StoreUnavailable,
            ReviewError::NoGit(_)
            | ReviewError::Files(_)
            | ReviewError::Compare(_)
            | ReviewError::Git(_) => ErrorCode::GitUnusable,
        }
    }

    /// What the person or the client can do about it.
    pub fn hint(&self) -> String {
        match self {
            ReviewError::NoGit(_) => {
                "Install git 2.30 or newer; `codex-bridge-mcp doctor` shows which one is found."
                    .into()
            }
            ReviewError::Repository(RepositoryError::NotARepository { .. }) => {
                "Give a folder of a git repository; files outside of one can be reviewed with \
                 codex_run_task."
                    .into()
            }
            ReviewError::Repository(error) => error.hint().into(),
            ReviewError::Outside { .. } => {
                "The person allows the repository's top folder, in the app or with \
                 `codex-bridge-mcp roots add <folder>`."
                    .into()
            }
            ReviewError::Revision { alike, .. } if !alike.is_empty() => {
                format!("There is {}.", alike.join(", "))
            }
            ReviewError::Revision { .. } => {
                "Give the name of a branch or tag, or a commit's id; `git branch --all` lists the \
                 branches."
                    .into()
            }
            ReviewError::NoCommit { .. } => {
                "Commit something first, or review target `uncommitted`.".into()
            }
            ReviewError::NoMergeBase { .. } => {
                "Name another base; in a shallow clone, `git fetch --unshallow` brings the history."
                    .into()
            }
            ReviewError::Nothing { .. } => {
                "Look at the target: `uncommitted`, `branch` with a base, or `commit`.".into()
            }
            ReviewError::NothingReadable { .. } => {
                "Review something else, or ask about these files with codex_run_task.".into()
            }
            ReviewError::Temporary(_) => {
                "Free some space in the temporary folder, then try again.".into()
            }
            ReviewError::Files(_) | ReviewError::Compare(_) | ReviewError::Git(_) => {
                "Run `git status` in the folder to see whether the repository is in order.".into()
            }
        }
    }
}
