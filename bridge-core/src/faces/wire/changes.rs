//! What a run changed, on the wire.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::changes::{ChangeSummary, Changes, FileSummary};

/// What a run changed, told by git and not by the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangesDto {
    /// Names the whole difference; codex_finish_run wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff_hash: Option<String>,
    /// How many files changed.
    pub files: u64,
    /// Lines added in all of them.
    pub lines_added: u64,
    /// Lines removed from all of them.
    pub lines_removed: u64,
    /// The first of them; codex_get_changes has all.
    pub first: Vec<FileSummaryDto>,
    /// Things in the folder that are no part of the difference, such as ignored files.
    pub left_out: u64,
    /// Files with uncommitted changes from before the run, which are set apart.
    pub dirty_before: u64,
    /// Why nothing is known, where git could not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_because: Option<String>,
}

/// One changed file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileSummaryDto {
    /// Its path in the repository.
    pub path: String,
    /// `added`, `deleted`, `modified` or `renamed`.
    pub change: String,
    /// Lines added; absent for a file that is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_added: Option<u64>,
    /// Lines removed; absent for a file that is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_removed: Option<u64>,
}

impl From<&Changes> for ChangesDto {
    fn from(changes: &Changes) -> ChangesDto {
        match changes {
            Changes::Known(summary) => summary.into(),
            Changes::Unknown(why) => ChangesDto {
                diff_hash: None,
                files: 0,
                lines_added: 0,
                lines_removed: 0,
                first: Vec::new(),
                left_out: 0,
                dirty_before: 0,
                unknown_because: Some(why.as_str().to_owned()),
            },
        }
    }
}

impl From<&ChangeSummary> for ChangesDto {
    fn from(summary: &ChangeSummary) -> ChangesDto {
        ChangesDto {
            diff_hash: Some(summary.hash.as_str().to_owned()),
            files: summary.files,
            lines_added: summary.lines.added,
            lines_removed: summary.lines.removed,
            first: summary.first.iter().map(Into::into).collect(),
            left_out: summary.left_out,
            dirty_before: summary.dirty_before,
            unknown_because: None,
        }
    }
}

impl From<&FileSummary> for FileSummaryDto {
    fn from(file: &FileSummary) -> FileSummaryDto {
        FileSummaryDto {
            path: file.path.as_str().to_owned(),
            change: file.change.as_str().to_owned(),
            lines_added: file.lines.map(|lines| lines.added),
            lines_removed: file.lines.map(|lines| lines.removed),
        }
    }
}
