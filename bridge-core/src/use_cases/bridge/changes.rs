//! What a run changed, and how it comes back into the person's folder: asked and answered.

use crate::domain::changes::{Change, LineCount, ObjectId};
use crate::domain::conflict::{ConflictReason, Hunk};
use crate::domain::id::RunId;
use crate::domain::run::{Run, Workspace};
use crate::domain::scrub::Scrubbed;

/// Which of a run's changes are wanted.
#[derive(Clone, Debug, Default)]
pub struct ChangesWanted {
    /// Only this file, by its path in the repository.
    pub path: Option<String>,
    /// The `next` of the page before; 0 for the beginning.
    pub cursor: u64,
    /// Only if the whole difference still has this hash.
    pub diff_hash: Option<String>,
    /// About how many bytes of patches; 0 for a list of the files without their patches.
    pub bytes: usize,
    /// Whether to look, too, what in the folder stands in the way.
    pub check: bool,
}

/// A part of a run's changes.
#[derive(Clone, Debug)]
pub struct ChangesPage {
    /// The run.
    pub run: RunId,
    /// Where it worked, and what became of that.
    pub workspace: Workspace,
    /// Names the whole difference.
    pub hash: ObjectId,
    /// The commit that the folder is at now.
    pub head: Option<ObjectId>,
    /// How many files changed in all.
    pub total_files: u64,
    /// Lines in all of them.
    pub lines: LineCount,
    /// The files of this page, in order.
    pub files: Vec<FilePatch>,
    /// The cursor of the next page.
    pub next: Option<u64>,
    /// What lies in the folder and is no part of the difference.
    pub left_out: Vec<LeftOutText>,
    /// Things that were left out and are not listed.
    pub left_out_more: u64,
    /// What stands in the way of bringing the changes into the folder, where that was asked for.
    pub obstacles: Option<Obstacles>,
}

/// What stands in the way of a run's changes.
#[derive(Clone, Debug, Default)]
pub struct Obstacles {
    /// Whether the folder is at another commit than the one that the copy was made from.
    pub head_moved: bool,
    /// The files.
    pub conflicts: Vec<ConflictText>,
}

/// A file that stands in the way, as it can be shown.
#[derive(Clone, Debug)]
pub struct ConflictText {
    /// Its path in the repository.
    pub path: Scrubbed,
    /// What is in the way.
    pub reason: ConflictReason,
    /// The run's hunks in this file, each with what becomes of it.
    pub hunks: Vec<Hunk>,
}

/// One file of a page, with a part of its patch.
#[derive(Clone, Debug)]
pub struct FilePatch {
    /// Which of all changed files it is, from 0.
    pub index: u64,
    /// Its path in the repository.
    pub path: Scrubbed,
    /// Its old path, for a renamed file.
    pub from: Option<Scrubbed>,
    /// What happened to it.
    pub change: Change,
    /// Lines; `None` for a file that is no text.
    pub lines: Option<LineCount>,
    /// The patch from `offset` on.
    pub patch: Scrubbed,
    /// Where in the patch this part begins, in bytes.
    pub offset: u64,
    /// How long the whole patch is, in bytes.
    pub patch_bytes: u64,
    /// Whether the patch's end was too much to show at all.
    pub cut: bool,
    /// Whether something in it was hidden. What is applied is exact all the same.
    pub hidden: bool,
}

/// Something that was left out of a difference.
#[derive(Clone, Debug)]
pub struct LeftOutText {
    /// Where it is.
    pub path: Scrubbed,
    /// Why, by its name on the wire.
    pub why: &'static str,
}

impl LeftOutText {
    /// How many are listed.
    pub const MOST: usize = 20;
}

/// A place in the patches: which file, and where in its patch. Below 2^53 for two million files of 4 GiB.
pub fn cursor(index: u64, offset: u64) -> u64 {
    (index << CURSOR_BITS) | offset.min((1 << CURSOR_BITS) - 1)
}

/// The way back from [`cursor`].
pub(crate) fn place(cursor: u64) -> (u64, u64) {
    (cursor >> CURSOR_BITS, cursor & ((1 << CURSOR_BITS) - 1))
}

const CURSOR_BITS: u32 = 32;

/// How a worktree is to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinishAction {
    /// Its changes go into the folder: all of them or none.
    Apply {
        /// The hash of the difference that was looked at.
        diff_hash: String,
    },
    /// Its changes become a branch with one commit.
    Branch {
        /// The branch; by default `codex/` and the run's title.
        name: Option<String>,
        /// The commit's message; by default the run's title.
        message: Option<String>,
        /// The hash of the difference that was looked at.
        diff_hash: Option<String>,
    },
    /// It is thrown away.
    Discard,
}

impl FinishAction {
    /// The name on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            FinishAction::Apply { .. } => "apply",
            FinishAction::Branch { .. } => "branch",
            FinishAction::Discard => "discard",
        }
    }
}

/// How a worktree ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The run as it stands now.
    pub run: Run,
    /// Files of the folder that were changed, added or removed.
    pub changed: u64,
    /// Files that were in the folder already as the run left them.
    pub already_there: u64,
    /// The branch and its commit.
    pub branch: Option<(Scrubbed, ObjectId)>,
    /// Whether something was hidden where the changes were shown; what was applied is exact.
    pub hidden: bool,
    /// What the person should know besides.
    pub notes: Vec<Scrubbed>,
}
