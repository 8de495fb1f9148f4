//! Why there is nothing to review.

use crate::domain::error::ErrorCode;

/// Why a change can't be reviewed.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The change has only files that no reviewer can read.
    #[error(
        "{files} files changed, and none of them can be reviewed: they are no text, or too large"
    )]
    NothingReadable {
        /// How many files.
        files: usize,
    },
}

impl ReviewError {
    /// What to branch on.
    pub fn code(&self) -> ErrorCode {
        match self {
            ReviewError::NothingReadable { .. } => ErrorCode::NothingToReview,
        }
    }

    /// What the person or the client can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            ReviewError::NothingReadable { .. } => {
                "Review something else, or ask about these files with codex_run_task."
            }
        }
    }
}
