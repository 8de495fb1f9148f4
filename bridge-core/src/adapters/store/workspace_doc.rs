//! The form in which a run's workspace and its changes are kept.

use serde::{Deserialize, Serialize};

use crate::adapters::store::words::named;
use crate::domain::changes::{ChangeSummary, Changes, FileSummary, LineCount, ObjectId};
use crate::domain::run::{Fate, Workspace, WorkspaceMode};
use crate::domain::scrub::Scrubbed;

/// Where Codex works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WorkspaceDoc {
    mode: String,
    path: String,
    base_commit: Option<String>,
    #[serde(default)]
    carried: bool,
    fell_back: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fate: Option<FateDoc>,
}

/// What became of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FateDoc {
    Applied,
    Branched(String),
    Discarded,
    Expired,
}

/// What a run changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChangesDoc {
    Known(SummaryDoc),
    Unknown(String),
}

/// The changes of a run in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SummaryDoc {
    hash: String,
    after: String,
    files: u64,
    added: u64,
    removed: u64,
    first: Vec<FileDoc>,
    left_out: u64,
    dirty_before: u64,
}

/// One changed file: its path, what happened, and its lines where it is a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FileDoc {
    path: String,
    change: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<(u64, u64)>,
}

impl WorkspaceDoc {
    pub(super) fn of(workspace: &Workspace) -> WorkspaceDoc {
        WorkspaceDoc {
            mode: workspace.mode.as_str().to_owned(),
            path: text(&workspace.path),
            base_commit: workspace.base_commit.as_ref().map(text),
            carried: workspace.carried,
            fell_back: workspace.fell_back.as_ref().map(text),
            fate: workspace.fate.as_ref().map(FateDoc::of),
        }
    }

    /// The workspace; `None` for a mode of another version.
    pub(super) fn into_workspace(self, folder: String) -> Option<Workspace> {
        Some(Workspace {
            mode: named(
                &[WorkspaceMode::InPlace, WorkspaceMode::Worktree],
                WorkspaceMode::as_str,
                &self.mode,
            )?,
            folder: Scrubbed::from_store(folder),
            path: Scrubbed::from_store(self.path),
            base_commit: self.base_commit.map(Scrubbed::from_store),
            carried: self.carried,
            fell_back: self.fell_back.map(Scrubbed::from_store),
            fate: self.fate.map(FateDoc::into_fate),
        })
    }

    pub(super) fn set_fate(&mut self, fate: &Fate) {
        self.fate = Some(FateDoc::of(fate));
    }
}

impl FateDoc {
    fn of(fate: &Fate) -> FateDoc {
        match fate {
            Fate::Applied => FateDoc::Applied,
            Fate::Branched { branch } => FateDoc::Branched(text(branch)),
            Fate::Discarded => FateDoc::Discarded,
            Fate::Expired => FateDoc::Expired,
        }
    }

    fn into_fate(self) -> Fate {
        match self {
            FateDoc::Applied => Fate::Applied,
            FateDoc::Branched(branch) => Fate::Branched {
                branch: Scrubbed::from_store(branch),
            },
            FateDoc::Discarded => Fate::Discarded,
            FateDoc::Expired => Fate::Expired,
        }
    }
}

impl ChangesDoc {
    pub(super) fn of(changes: &Changes) -> ChangesDoc {
        match changes {
            Changes::Known(summary) => ChangesDoc::Known(SummaryDoc {
                hash: summary.hash.as_str().to_owned(),
                after: summary.after.as_str().to_owned(),
                files: summary.files,
                added: summary.lines.added,
                removed: summary.lines.removed,
                first: summary.first.iter().map(FileDoc::of).collect(),
                left_out: summary.left_out,
                dirty_before: summary.dirty_before,
            }),
            Changes::Unknown(why) => ChangesDoc::Unknown(text(why)),
        }
    }

    /// The changes; `None` where the hash is none.
    pub(super) fn into_changes(self) -> Option<Changes> {
        Some(match self {
            ChangesDoc::Known(summary) => Changes::Known(ChangeSummary {
                hash: ObjectId::parse(&summary.hash)?,
                after: ObjectId::parse(&summary.after)?,
                files: summary.files,
                lines: LineCount {
                    added: summary.added,
                    removed: summary.removed,
                },
                first: summary
                    .first
                    .into_iter()
                    .map(FileDoc::into_summary)
                    .collect(),
                left_out: summary.left_out,
                dirty_before: summary.dirty_before,
            }),
            ChangesDoc::Unknown(why) => Changes::Unknown(Scrubbed::from_store(why)),
        })
    }
}

impl FileDoc {
    fn of(file: &FileSummary) -> FileDoc {
        FileDoc {
            path: text(&file.path),
            change: text(&file.change),
            lines: file.lines.map(|lines| (lines.added, lines.removed)),
        }
    }

    fn into_summary(self) -> FileSummary {
        FileSummary {
            path: Scrubbed::from_store(self.path),
            change: Scrubbed::from_store(self.change),
            lines: self
                .lines
                .map(|(added, removed)| LineCount { added, removed }),
        }
    }
}

fn text(text: &Scrubbed) -> String {
    text.as_str().to_owned()
}
