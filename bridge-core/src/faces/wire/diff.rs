//! A run's difference on the wire, page by page, and how its worktree ended.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::changes::{Change, Entry};
use crate::domain::conflict::{Hunk, LineRange};
use crate::faces::wire::part::WorkspaceDto;
use crate::faces::wire::run::{RunDto, RunView};
use crate::faces::wire::text::{owned, shorten};
use crate::use_cases::bridge::{
    ChangesPage, ConflictText, FilePatch, Finished, LeftOutText, Obstacles,
};

/// A part of what a run changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangesPageDto {
    /// The run.
    pub run_id: String,
    /// Names the whole difference; codex_finish_run wants it.
    pub diff_hash: String,
    /// How many files changed in all.
    pub total_files: u64,
    /// Lines added in all of them.
    pub lines_added: u64,
    /// Lines removed from all of them.
    pub lines_removed: u64,
    /// The files of this page.
    pub files: Vec<FilePatchDto>,
    /// The cursor of the next page; null at the end.
    pub next_cursor: Option<u64>,
    /// Where the run worked, and what became of that.
    pub workspace: WorkspaceDto,
    /// The commit that the folder is at now.
    pub head: Option<String>,
    /// Whether secrets were hidden in what is shown here. What is applied is exact.
    pub hidden: bool,
    /// What lies in the folder and is no part of the difference.
    pub left_out: Vec<LeftOutDto>,
    /// Things that were left out and are not listed.
    pub left_out_more: u64,
    /// What stands in the way of `apply`, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply: Option<ObstaclesDto>,
}

/// One changed file, with a part of its patch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FilePatchDto {
    /// Its path in the repository.
    pub path: String,
    /// Its old path, for a renamed file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// `added`, `deleted`, `modified` or `renamed`.
    pub change: String,
    /// Git's mode before, such as `100644`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode_before: Option<String>,
    /// Git's mode now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode_after: Option<String>,
    /// Whether it is no text.
    pub binary: bool,
    /// Lines added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_added: Option<u64>,
    /// Lines removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_removed: Option<u64>,
    /// The patch in unified form, from `patch_offset` on.
    pub patch: String,
    /// Where in the patch this part begins, in bytes.
    pub patch_offset: u64,
    /// How long the whole patch is, in bytes.
    pub patch_bytes: u64,
    /// Whether the patch's end was too much to show at all.
    pub patch_cut: bool,
    /// Which of all changed files it is, from 0.
    #[serde(skip)]
    pub index: u64,
}

/// Something that is no part of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftOutDto {
    /// Where it is; a folder ends with `/`.
    pub path: String,
    /// `ignored`, `mount_stub`, `nested_repository`, `too_large`, `not_a_file` or `unreadable`.
    pub why: String,
}

/// What stands in the way of bringing changes into the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ObstaclesDto {
    /// Whether `apply` would do it now.
    pub possible: bool,
    /// Whether the folder is at another commit than the one that the copy was made from.
    pub head_moved: bool,
    /// The files in the way.
    pub conflicts: Vec<ConflictDto>,
    /// Files in the way that are not listed.
    pub conflicts_more: u64,
}

/// A file that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConflictDto {
    /// Its path in the repository.
    pub path: String,
    /// Why, such as `changed_meanwhile`, `exists`, `missing` or `symlinked_parent`.
    pub reason: String,
    /// The run's hunks in this file, each with what becomes of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hunks: Vec<HunkDto>,
}

/// A piece of what the run changed in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HunkDto {
    /// The lines that it replaces, such as `12-14`, or `12+` for a place before line 12.
    pub before: String,
    /// The lines that it brings.
    pub after: String,
    /// `fits`, `overlaps` or `already_there`.
    pub fate: String,
}

/// How a worktree ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FinishedDto {
    /// Files of the folder that were changed, added or removed.
    pub files_changed: u64,
    /// Files that were in the folder already as the run left them.
    pub files_already_there: u64,
    /// The branch that holds the changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Its commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether secrets were hidden where the changes were shown. What was applied is exact.
    pub hidden: bool,
    /// What the person should know besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The run as it stands now.
    pub run: RunDto,
}

impl ChangesPageDto {
    /// Files in the way that are listed.
    const CONFLICTS: usize = 30;

    /// The page as a client sees it.
    pub fn new(page: &ChangesPage) -> ChangesPageDto {
        ChangesPageDto {
            run_id: page.run.to_string(),
            diff_hash: page.hash.as_str().to_owned(),
            total_files: page.total_files,
            lines_added: page.lines.added,
            lines_removed: page.lines.removed,
            files: page.files.iter().map(Into::into).collect(),
            next_cursor: page.next,
            workspace: (&page.workspace).into(),
            head: page.head.as_ref().map(|head| head.as_str().to_owned()),
            hidden: page.files.iter().any(|file| file.hidden),
            left_out: page.left_out.iter().map(Into::into).collect(),
            left_out_more: page.left_out_more,
            apply: page.obstacles.as_ref().map(Into::into),
        }
    }
}

impl FilePatchDto {
    /// Keeps the first `max` bytes or so of the patch.
    pub fn shorten(&mut self, max: usize) {
        shorten(&mut self.patch, max);
    }

    /// Where the part that is shown ends in the whole patch.
    pub fn end(&self) -> u64 {
        self.patch_offset + self.patch.len() as u64
    }
}

impl From<&FilePatch> for FilePatchDto {
    fn from(file: &FilePatch) -> FilePatchDto {
        let (before, after) = match &file.change {
            Change::Added { after } => (None, Some(after)),
            Change::Deleted { before } => (Some(before), None),
            Change::Modified { before, after } | Change::Renamed { before, after, .. } => {
                (Some(before), Some(after))
            }
        };
        let mode = |entry: Option<&Entry>| entry.map(|entry| entry.mode.as_str().to_owned());
        FilePatchDto {
            path: file.path.as_str().to_owned(),
            from: owned(file.from.as_ref()),
            change: file.change.as_str().to_owned(),
            mode_before: mode(before),
            mode_after: mode(after),
            binary: file.lines.is_none(),
            lines_added: file.lines.map(|lines| lines.added),
            lines_removed: file.lines.map(|lines| lines.removed),
            patch: file.patch.as_str().to_owned(),
            patch_offset: file.offset,
            patch_bytes: file.patch_bytes,
            patch_cut: file.cut,
            index: file.index,
        }
    }
}

impl From<&LeftOutText> for LeftOutDto {
    fn from(left_out: &LeftOutText) -> LeftOutDto {
        LeftOutDto {
            path: left_out.path.as_str().to_owned(),
            why: left_out.why.to_owned(),
        }
    }
}

impl From<&Obstacles> for ObstaclesDto {
    fn from(obstacles: &Obstacles) -> ObstaclesDto {
        let all = &obstacles.conflicts;
        let listed = all.iter().take(ChangesPageDto::CONFLICTS);
        ObstaclesDto {
            possible: all.is_empty() && !obstacles.head_moved,
            head_moved: obstacles.head_moved,
            conflicts: listed.map(Into::into).collect(),
            conflicts_more: all.len().saturating_sub(ChangesPageDto::CONFLICTS) as u64,
        }
    }
}

impl From<&ConflictText> for ConflictDto {
    fn from(conflict: &ConflictText) -> ConflictDto {
        ConflictDto {
            path: conflict.path.as_str().to_owned(),
            reason: conflict.reason.as_str().to_owned(),
            hunks: conflict.hunks.iter().take(20).map(Into::into).collect(),
        }
    }
}

impl From<&Hunk> for HunkDto {
    fn from(hunk: &Hunk) -> HunkDto {
        HunkDto {
            before: lines(hunk.before),
            after: lines(hunk.after),
            fate: hunk.fate.as_str().to_owned(),
        }
    }
}

fn lines(range: LineRange) -> String {
    match range.lines {
        0 => format!("{}+", range.start),
        1 => range.start.to_string(),
        count => format!("{}-{}", range.start, range.start + count - 1),
    }
}

impl FinishedDto {
    /// The end of a worktree, with the run as `view` shows it.
    pub fn new(finished: &Finished, view: &RunView) -> FinishedDto {
        let (branch, commit) = match &finished.branch {
            Some((branch, commit)) => (
                Some(branch.as_str().to_owned()),
                Some(commit.as_str().to_owned()),
            ),
            None => (None, None),
        };
        FinishedDto {
            files_changed: finished.changed,
            files_already_there: finished.already_there,
            branch,
            commit,
            hidden: finished.hidden,
            notes: finished
                .notes
                .iter()
                .map(|note| note.as_str().to_owned())
                .collect(),
            run: RunDto::new(&finished.run, view),
        }
    }
}
