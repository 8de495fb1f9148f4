//! A review, from the change that it looks at to the findings that come of it.

mod look;
mod places;
mod work;

use std::path::PathBuf;

use crate::domain::changes::{LineCount, ObjectId, RepoPath};
use crate::domain::review::Size;

pub(crate) use look::ReviewedState;
pub(crate) use work::{ReviewWork, Reviewed};

/// What a review looks at.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// In words, such as `the uncommitted changes`.
    pub(crate) what: String,
    /// The repository's top folder, resolved.
    pub(crate) top: PathBuf,
    /// Where the folder that was asked for lies below the top.
    pub(crate) prefix: PathBuf,
    /// The commit before the change; `None` where it begins with nothing.
    pub(crate) before: Option<ObjectId>,
    /// The commit after the change; `None` for the files as they lie in the folder.
    pub(crate) after: Option<ObjectId>,
    /// The files, by path.
    pub(crate) files: Vec<ChangedText>,
}

/// A file of a change.
#[derive(Clone, Debug)]
pub(crate) struct ChangedText {
    /// Where it is.
    pub(crate) path: RepoPath,
    /// What happened to it, in one word.
    pub(crate) change: &'static str,
    /// How many lines changed.
    pub(crate) lines: Option<LineCount>,
    /// How large the difference is.
    pub(crate) size: Size,
}

/// What is at a path in the state that was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// A file of so many lines.
    File {
        /// The lines.
        lines: u32,
    },
    /// Nothing.
    Nothing,
    /// Something that has no lines: a folder, a link, a file that can't be read.
    NoText,
}
