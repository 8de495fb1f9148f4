//! What a supervisor is told by whoever starts it: the exact prompt and paths, which are nowhere on disk.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::id::RunId;
use crate::domain::policy::Wish;
use crate::domain::run::WorkspaceMode;
use crate::domain::task::{Effort, ModelName, Prompt, Sandbox};

/// A run as its supervisor has to carry it out.
///
/// The folder is only a path here: the supervisor admits it again, with the roots of that moment.
#[derive(Clone, Debug)]
pub struct Order {
    /// The run.
    pub run: RunId,
    /// What the model is told.
    pub prompt: Prompt,
    /// The folder that was admitted, resolved.
    pub folder: PathBuf,
    /// In the folder itself or in a copy.
    pub workspace: WorkspaceMode,
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
    prompt: String,
    folder: Vec<u8>,
    worktree: bool,
    sandbox: String,
    network: bool,
    web_search: bool,
    model: Option<String>,
    effort: Option<String>,
    images: Vec<Vec<u8>>,
    output_schema: Option<String>,
    timeout_ms: u64,
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
            prompt: self.prompt.as_str().to_owned(),
            folder: bytes(&self.folder),
            worktree: self.workspace == WorkspaceMode::Worktree,
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
            prompt: Prompt::new(row.prompt).map_err(|_| invalid("prompt"))?,
            folder: path(row.folder),
            workspace: match row.worktree {
                true => WorkspaceMode::Worktree,
                false => WorkspaceMode::InPlace,
            },
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

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}
