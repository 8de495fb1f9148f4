//! What a supervisor is told by whoever starts it: the exact prompt and paths, which are nowhere on disk.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::changes::ObjectId;
use crate::domain::id::{RunId, ThreadId};
use crate::domain::policy::Wish;
use crate::domain::task::{
    Effort, Job, ModelName, Prompt, ReviewTarget, Revision, Sandbox, WorkspaceWish,
};

/// A run as its supervisor has to carry it out.
///
/// The folder is only a path here: the supervisor admits it again, with the roots of that moment.
#[derive(Clone, Debug)]
pub struct Order {
    /// The run.
    pub run: RunId,
    /// What Codex is started for.
    pub job: Job,
    /// What the model is told.
    pub prompt: Prompt,
    /// The folder that was admitted, resolved.
    pub folder: PathBuf,
    /// Where in or beside the folder it works.
    pub workspace: WorkspaceWish,
    /// The name of the client that asked for it.
    pub client: String,
    /// The sandbox of the model's commands.
    pub sandbox: Sandbox,
    /// Whether they may use the network.
    pub network: bool,
    /// Whether the model may search the web.
    pub web_search: bool,
    /// The model.
    pub model: Option<ModelName>,
    /// The effort.
    pub effort: Option<Effort>,
    /// Images that were admitted, resolved.
    pub images: Vec<PathBuf>,
    /// A JSON Schema that the answer has to follow, as JSON text.
    pub output_schema: Option<String>,
    /// The time limit.
    pub timeout: Duration,
}

/// Why an order can't be carried out.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// It did not arrive whole: whoever sent it died.
    #[error("the order did not arrive whole")]
    Incomplete(#[source] serde_json::Error),
    /// A part of it is not what it has to be.
    #[error("the order's `{0}` is not valid")]
    Invalid(&'static str),
}

#[derive(Deserialize, Serialize)]
struct OrderRow {
    run: String,
    job: JobRow,
    prompt: String,
    folder: Vec<u8>,
    workspace: WorkspaceRow,
    client: String,
    sandbox: String,
    network: bool,
    web_search: bool,
    model: Option<String>,
    effort: Option<String>,
    images: Vec<Vec<u8>>,
    output_schema: Option<String>,
    timeout_ms: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum JobRow {
    Task,
    Resume {
        thread: String,
    },
    Review {
        target: TargetRow,
        instructions: Option<String>,
    },
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum TargetRow {
    Uncommitted,
    Branch { base: String, commit: String },
    Commit { name: String, commit: String },
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum WorkspaceRow {
    InPlace,
    Worktree { by_name: bool, carry_changes: bool },
    Of { run: String },
}

impl Order {
    /// What it wants of the things that have a ceiling.
    pub(super) fn wish(&self) -> Wish<'_> {
        Wish {
            sandbox: self.sandbox,
            network: self.network,
            web_search: self.web_search,
            model: self.model.as_ref(),
            effort: self.effort.as_ref(),
            timeout: self.timeout,
        }
    }

    /// The order as it goes through the pipe.
    pub fn to_json(&self) -> Result<Vec<u8>, OrderError> {
        let row = OrderRow {
            run: self.run.as_str().to_owned(),
            job: JobRow::of(&self.job),
            prompt: self.prompt.as_str().to_owned(),
            folder: bytes(&self.folder),
            workspace: WorkspaceRow::of(&self.workspace),
            client: self.client.clone(),
            sandbox: self.sandbox.as_str().to_owned(),
            network: self.network,
            web_search: self.web_search,
            model: self.model.as_ref().map(|model| model.as_str().to_owned()),
            effort: self
                .effort
                .as_ref()
                .map(|effort| effort.as_str().to_owned()),
            images: self.images.iter().map(|image| bytes(image)).collect(),
            output_schema: self.output_schema.clone(),
            timeout_ms: u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX),
        };
        serde_json::to_vec(&row).map_err(OrderError::Incomplete)
    }

    /// Reads an order and checks every part of it again.
    pub fn from_json(json: &[u8]) -> Result<Order, OrderError> {
        let row: OrderRow = serde_json::from_slice(json).map_err(OrderError::Incomplete)?;
        let invalid = OrderError::Invalid;
        Ok(Order {
            run: RunId::parse(&row.run).map_err(|_| invalid("run"))?,
            job: row.job.into_job().ok_or(invalid("job"))?,
            prompt: Prompt::new(row.prompt).map_err(|_| invalid("prompt"))?,
            folder: path(row.folder),
            workspace: row.workspace.into_wish().ok_or(invalid("workspace"))?,
            client: row.client,
            sandbox: Sandbox::parse(&row.sandbox).ok_or(invalid("sandbox"))?,
            network: row.network,
            web_search: row.web_search,
            model: row
                .model
                .map(|name| ModelName::parse(&name).map_err(|_| invalid("model")))
                .transpose()?,
            effort: row
                .effort
                .map(|word| Effort::parse(&word).map_err(|_| invalid("effort")))
                .transpose()?,
            images: row.images.into_iter().map(path).collect(),
            output_schema: row.output_schema,
            timeout: Duration::from_millis(row.timeout_ms),
        })
    }
}

impl JobRow {
    fn of(job: &Job) -> JobRow {
        let id = |commit: &ObjectId| commit.as_str().to_owned();
        match job {
            Job::Task => JobRow::Task,
            Job::Resume { thread } => JobRow::Resume {
                thread: thread.as_str().to_owned(),
            },
            Job::Review {
                target,
                instructions,
            } => JobRow::Review {
                target: match target {
                    ReviewTarget::Uncommitted => TargetRow::Uncommitted,
                    ReviewTarget::Branch { base } => TargetRow::Branch {
                        base: base.name.clone(),
                        commit: id(&base.commit),
                    },
                    ReviewTarget::Commit { commit } => TargetRow::Commit {
                        name: commit.name.clone(),
                        commit: id(&commit.commit),
                    },
                },
                instructions: instructions.as_ref().map(|text| text.as_str().to_owned()),
            },
        }
    }

    fn into_job(self) -> Option<Job> {
        let revision = |name, commit: &str| {
            let commit = ObjectId::parse(commit)?;
            Some(Revision { name, commit })
        };
        let (target, instructions) = match self {
            JobRow::Task => return Some(Job::Task),
            JobRow::Resume { thread } => {
                let thread = ThreadId::parse(&thread).ok()?;
                return Some(Job::Resume { thread });
            }
            JobRow::Review {
                target,
                instructions,
            } => (target, instructions),
        };
        let target = match target {
            TargetRow::Uncommitted => ReviewTarget::Uncommitted,
            TargetRow::Branch { base, commit } => ReviewTarget::Branch {
                base: revision(base, &commit)?,
            },
            TargetRow::Commit { name, commit } => ReviewTarget::Commit {
                commit: revision(name, &commit)?,
            },
        };
        let instructions = instructions.map(Prompt::new).transpose().ok()?;
        Some(Job::Review {
            target,
            instructions,
        })
    }
}

impl WorkspaceRow {
    fn of(wish: &WorkspaceWish) -> WorkspaceRow {
        match wish {
            WorkspaceWish::InPlace => WorkspaceRow::InPlace,
            WorkspaceWish::Worktree {
                by_name,
                carry_changes,
            } => WorkspaceRow::Worktree {
                by_name: *by_name,
                carry_changes: *carry_changes,
            },
            WorkspaceWish::Of { run } => WorkspaceRow::Of {
                run: run.as_str().to_owned(),
            },
        }
    }

    fn into_wish(self) -> Option<WorkspaceWish> {
        Some(match self {
            WorkspaceRow::InPlace => WorkspaceWish::InPlace,
            WorkspaceRow::Worktree {
                by_name,
                carry_changes,
            } => WorkspaceWish::Worktree {
                by_name,
                carry_changes,
            },
            WorkspaceRow::Of { run } => WorkspaceWish::Of {
                run: RunId::parse(&run).ok()?,
            },
        })
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}
