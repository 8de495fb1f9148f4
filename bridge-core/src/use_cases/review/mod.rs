//! A review, from the change that it looks at to the findings that come of it.

mod code;
mod error;
mod look;
mod places;
mod work;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::domain::changes::{LineCount, ObjectId, RepoPath};
use crate::domain::review::{PartBounds, Size};
use crate::domain::task::{Prompt, ReviewTarget};
use crate::platform::open_dir::OpenDir;
use crate::use_cases::host::Host;
use crate::use_cases::settings::Settings;

pub use code::Code;
pub(crate) use code::code;
pub use error::ReviewError;
pub(crate) use look::ReviewedState;
pub(crate) use places::ExistingByPath;
pub(crate) use work::{ReviewWork, Reviewed};

/// What is to be reviewed, as a client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TargetWish {
    /// All that is not committed, untracked files included.
    Uncommitted,
    /// What the branch that is checked out has and another one has not.
    Branch {
        /// The other one.
        base: String,
    },
    /// What one commit changed.
    Commit {
        /// The commit.
        commit: String,
    },
}

impl TargetWish {
    fn of(target: &ReviewTarget) -> TargetWish {
        match target {
            ReviewTarget::Uncommitted => TargetWish::Uncommitted,
            ReviewTarget::Branch { base } => TargetWish::Branch {
                base: base.name.clone(),
            },
            ReviewTarget::Commit { commit } => TargetWish::Commit {
                commit: commit.name.clone(),
            },
        }
    }

    /// The same in words.
    pub(crate) fn in_words(&self) -> String {
        match self {
            TargetWish::Uncommitted => "the uncommitted changes".to_owned(),
            TargetWish::Branch { base } => format!("the changes since {}", named(base)),
            TargetWish::Commit { commit } => format!("the commit {}", named(commit)),
        }
    }
}

/// A name that a client gave, so that it can't be taken for anything else.
fn named(name: &str) -> String {
    let short: String = name.chars().take(80).collect();
    let short = short.escape_debug().to_string().replace('`', "'");
    format!("`{short}`")
}

/// Finds the commits that a request names.
pub(crate) async fn resolve(
    host: &Host,
    settings: &Settings,
    folder: &OpenDir,
    wish: TargetWish,
) -> Result<ReviewTarget, ReviewError> {
    look::resolve(host, settings, folder, wish).await
}

/// Looks at what is to be reviewed, and splits it into parts.
pub(crate) async fn begin(
    host: &Host,
    settings: &Settings,
    folder: &OpenDir,
    target: &ReviewTarget,
    instructions: Option<Prompt>,
) -> Result<(ReviewWork, ReviewedState), ReviewError> {
    let (change, state) = look::look(host, settings, folder, target).await?;
    let all = change.files.len();
    match ReviewWork::new(change, instructions, PartBounds::DEFAULT) {
        Some(parts) => Ok((parts, state)),
        None => Err(ReviewError::NothingReadable { files: all }),
    }
}

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
    /// The programs by which the repository changes contents, by name: nobody is to run them.
    pub(crate) filters: BTreeSet<String>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
