//! What Codex is asked to do. What must not be asked for can't be written down here.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::changes::ObjectId;
use crate::domain::id::{RunId, ThreadId};
use crate::domain::policy::WorkDir;
use crate::domain::run::{Requested, WorkspaceMode};

/// A task that was admitted: every part of it was checked.
#[derive(Clone, Debug)]
pub struct Task {
    /// What Codex is started for.
    pub job: Job,
    /// What the model is told.
    pub prompt: Prompt,
    /// The admitted folder.
    pub work_dir: WorkDir,
    /// Where in or beside the folder it works.
    pub workspace: WorkspaceWish,
    /// The sandbox of the model's commands.
    pub sandbox: Sandbox,
    /// Whether they may use the network.
    pub network: bool,
    /// Whether the model may search the web.
    pub web_search: bool,
    /// The model; Codex chooses where it is not given.
    pub model: Option<ModelName>,
    /// The effort; Codex chooses where it is not given.
    pub effort: Option<Effort>,
    /// Images that go with the prompt: admitted files.
    pub images: Vec<PathBuf>,
    /// A JSON Schema that the answer has to follow, as JSON text.
    pub output_schema: Option<String>,
    /// The time limit.
    pub timeout: Duration,
    /// Whether the run is kept on disk.
    pub persist: bool,
}

impl Task {
    /// What was asked for, as the record keeps it.
    pub fn requested(&self) -> Requested {
        Requested {
            sandbox: self.sandbox,
            network: self.network,
            web_search: self.web_search,
            model: self.model.clone(),
            effort: self.effort.clone(),
            timeout: self.timeout,
            persist: self.persist,
            images: u32::try_from(self.images.len()).unwrap_or(u32::MAX),
            output_schema: self.output_schema.is_some(),
        }
    }
}

/// What Codex is started for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The first turn of a new thread.
    Task,
    /// The next turn of a thread.
    Resume {
        /// The thread.
        thread: ThreadId,
    },
    /// A review, which changes nothing.
    Review {
        /// What is reviewed.
        target: ReviewTarget,
        /// What the person wants of it besides.
        instructions: Option<Prompt>,
    },
}

/// What a review looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewTarget {
    /// All that is not committed, untracked files included.
    Uncommitted,
    /// What the branch that is checked out has and another one has not.
    Branch {
        /// The other one.
        base: Revision,
    },
    /// What one commit changed.
    Commit {
        /// The commit.
        commit: Revision,
    },
}

/// A commit by the name that was asked for, as the repository resolved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The name as it was asked for: a branch, a tag, an id.
    pub name: String,
    /// The commit.
    pub commit: ObjectId,
}

/// Where a task is to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkspaceWish {
    /// In the folder itself.
    InPlace,
    /// In a copy of the repository that the folder lies in.
    Worktree {
        /// Whether it was asked for by name. Otherwise a folder that can't be copied is worked in itself.
        by_name: bool,
        /// Whether uncommitted work goes into the copy.
        carry_changes: bool,
    },
    /// Where an earlier run worked.
    Of {
        /// That run.
        run: RunId,
    },
}

impl WorkspaceWish {
    /// The mode that a run has until its workspace is made.
    pub fn mode(&self) -> WorkspaceMode {
        match self {
            WorkspaceWish::InPlace | WorkspaceWish::Of { .. } => WorkspaceMode::InPlace,
            WorkspaceWish::Worktree { .. } => WorkspaceMode::Worktree,
        }
    }
}

/// What the model's commands may touch. There is no value without a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sandbox {
    /// They may read.
    ReadOnly,
    /// They may also write in the working folder.
    WorkspaceWrite,
}

impl Sandbox {
    /// Codex's own name for it, also the one on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Sandbox::ReadOnly => "read-only",
            Sandbox::WorkspaceWrite => "workspace-write",
        }
    }

    /// Reads Codex's name for it.
    pub fn parse(text: &str) -> Option<Sandbox> {
        match text {
            "read-only" => Some(Sandbox::ReadOnly),
            "workspace-write" => Some(Sandbox::WorkspaceWrite),
            _ => None,
        }
    }
}

/// How Codex is driven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// As the bridge thinks best: by `codex exec`.
    #[default]
    Auto,
    /// By `codex exec`, which says what happened when it has happened.
    Exec,
    /// By `codex app-server`, to which one can speak while it works; by `codex exec` where that can't be had.
    AppServer,
}

impl Backend {
    /// All of them, as the configuration names them.
    pub const NAMES: &[&str] = &["auto", "exec", "app-server"];

    /// Its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Backend::Auto => "auto",
            Backend::Exec => "exec",
            Backend::AppServer => "app-server",
        }
    }

    /// Reads that name.
    pub fn parse(text: &str) -> Option<Backend> {
        match text {
            "auto" => Some(Backend::Auto),
            "exec" => Some(Backend::Exec),
            "app-server" => Some(Backend::AppServer),
            _ => None,
        }
    }
}

/// What the model is told. Goes through standard input, never through the command line.
#[derive(Clone, PartialEq, Eq)]
pub struct Prompt(String);

impl Prompt {
    /// The longest prompt, in bytes.
    pub const MAX: usize = 4 * 1024 * 1024;

    /// Takes a text that is not blank and not longer than [`Prompt::MAX`].
    pub fn new(text: String) -> Result<Prompt, InvalidTask> {
        if text.trim().is_empty() {
            Err(InvalidTask::BlankPrompt)
        } else if text.len() > Self::MAX {
            Err(InvalidTask::LongPrompt { bytes: text.len() })
        } else if text.contains('\0') {
            Err(InvalidTask::NulInPrompt)
        } else {
            Ok(Prompt(text))
        }
    }

    /// The exact text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prompt({} bytes)", self.0.len())
    }
}

/// The name of a model, such as `gpt-6-sol` or `openai/gpt-6`. Which there are, only Codex knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName(String);

impl ModelName {
    /// Takes 1 to 100 of letters, digits and `.`, `_`, `:`, `/`, `-`, the first a letter or digit.
    pub fn parse(text: &str) -> Result<ModelName, InvalidTask> {
        let fits = (1..=100).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._:/-".contains(&b));
        if fits {
            Ok(ModelName(text.to_owned()))
        } else {
            Err(InvalidTask::Model)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How hard the model thinks, such as `low` or `high`. Which there are, only Codex knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effort(String);

/// The efforts that Codex had by 0.169, weakest first. It is the order that a ceiling needs, and nothing else: which
/// efforts there are for a model, Codex alone says.
const KNOWN_EFFORTS: &[&str] = &[
    "none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra",
];

impl Effort {
    /// Takes 1 to 20 lower-case letters.
    pub fn parse(text: &str) -> Result<Effort, InvalidTask> {
        let fits = (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase());
        if fits {
            Ok(Effort(text.to_owned()))
        } else {
            Err(InvalidTask::Effort)
        }
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is surely not more than `ceiling`. An unknown word is only within itself.
    pub fn is_within(&self, ceiling: &Effort) -> bool {
        let rank = |effort: &Effort| KNOWN_EFFORTS.iter().position(|known| *known == effort.0);
        match (rank(self), rank(ceiling)) {
            (Some(this), Some(most)) => this <= most,
            (None, _) | (_, None) => self == ceiling,
        }
    }
}

/// Why a part of a task was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTask {
    /// Nothing was asked.
    #[error("the prompt is blank")]
    BlankPrompt,
    /// More than a prompt may have.
    #[error("the prompt has {bytes} bytes, {} are the most", Prompt::MAX)]
    LongPrompt {
        /// Its length.
        bytes: usize,
    },
    /// A byte that no text has.
    #[error("the prompt has a NUL character")]
    NulInPrompt,
    /// Not the form of a model's name.
    #[error(
        "a model name has up to 100 letters, digits and . _ : / - and begins with a letter or digit"
    )]
    Model,
    /// Not the form of an effort.
    #[error("an effort is one lower-case word such as low, medium or high")]
    Effort,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_name_can_be_no_option_and_no_toml() {
        let check =
            |text: &str, fits: bool| assert_eq!(ModelName::parse(text).is_ok(), fits, "{text}");
        check("gpt-6-sol", true);
        check("openai/gpt-6:free", true);
        check("-c", false);
        check("--dangerously-bypass-approvals-and-sandbox", false);
        check("x\"\nsandbox_mode=\"danger-full-access", false);
        check("a=b", false);
        check("", false);
        check(&"m".repeat(101), false);
    }

    #[test]
    fn an_unknown_effort_is_within_no_other_ceiling() {
        let check = |effort: &str, ceiling: &str, fits: bool| {
            let parse = |text| Effort::parse(text).unwrap();
            assert_eq!(
                parse(effort).is_within(&parse(ceiling)),
                fits,
                "{effort} {ceiling}"
            );
        };
        check("low", "medium", true);
        check("medium", "medium", true);
        check("high", "medium", false);
        check("ultra", "max", false);
        check("low", "ultra", true);
        check("hyper", "max", false);
        check("low", "hyper", false);
        check("hyper", "hyper", true);
    }

    #[test]
    fn a_prompt_that_looks_like_an_option_is_text() {
        assert_eq!(Prompt::new("--help".into()).unwrap().as_str(), "--help");
        assert_eq!(Prompt::new(" \n".into()), Err(InvalidTask::BlankPrompt));
    }
}
