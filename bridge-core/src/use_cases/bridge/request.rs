//! What can be asked of the bridge and what it answers, before and after it is checked.

use std::path::Path;
use std::time::Duration;

use crate::adapters::store::RunFilter;
use crate::domain::event::Event;
use crate::domain::id::RunId;
use crate::domain::live::Live;
use crate::domain::run::{Run, RunKind, RunSummary, WorkspaceMode};
use crate::domain::task::Sandbox;
use crate::use_cases::error::Error;

/// A task as a client asks for it. Nothing is checked yet; `None` takes the person's default.
#[derive(Clone, Debug)]
pub struct TaskRequest {
    /// What the model is told.
    pub prompt: String,
    /// The folder to work in: an absolute path. Without it, the only allowed root.
    pub working_dir: Option<String>,
    /// In the folder itself or in a copy.
    pub workspace: Option<WorkspaceMode>,
    /// Whether a copy gets uncommitted work.
    pub carry_changes: Option<bool>,
    /// The sandbox of the model's commands.
    pub sandbox: Option<Sandbox>,
    /// Whether they may use the network.
    pub network: Option<bool>,
    /// Whether the model may search the web.
    pub web_search: Option<bool>,
    /// The model.
    pub model: Option<String>,
    /// The effort.
    pub effort: Option<String>,
    /// Images: absolute paths below an allowed root.
    pub images: Vec<String>,
    /// A JSON Schema that the answer has to follow.
    pub output_schema: Option<serde_json::Map<String, serde_json::Value>>,
    /// The time limit.
    pub timeout: Option<Duration>,
    /// Whether the run is kept on disk.
    pub persist: bool,
    /// One line for lists.
    pub title: Option<String>,
    /// The client's name for the request: the same one never starts a second run.
    pub request_id: Option<String>,
}

/// The next turn of a run as a client asks for it; `None` takes what the run had.
#[derive(Clone, Debug)]
pub struct ContinueRequest {
    /// The run.
    pub run: RunId,
    /// What is asked for.
    pub turn: TurnRequest,
}

/// The next turn of a Codex session as a client asks for it; `None` takes the person's default.
#[derive(Clone, Debug)]
pub struct ResumeRequest {
    /// The session's id.
    pub session: String,
    /// The folder of the session, which is the only one that it can be gone on with in.
    pub working_dir: Option<String>,
    /// What is asked for.
    pub turn: TurnRequest,
}

/// What can be said about the next turn of a thread.
#[derive(Clone, Debug)]
pub struct TurnRequest {
    /// What the model is told.
    pub prompt: String,
    /// The sandbox of the model's commands.
    pub sandbox: Option<Sandbox>,
    /// Whether they may use the network.
    pub network: Option<bool>,
    /// Whether the model may search the web.
    pub web_search: Option<bool>,
    /// The model.
    pub model: Option<String>,
    /// The effort.
    pub effort: Option<String>,
    /// Images: absolute paths below an allowed root.
    pub images: Vec<String>,
    /// A JSON Schema that the answer has to follow.
    pub output_schema: Option<serde_json::Map<String, serde_json::Value>>,
    /// The time limit.
    pub timeout: Option<Duration>,
    /// One line for lists.
    pub title: Option<String>,
    /// The client's name for the request: the same one never starts a second run.
    pub request_id: Option<String>,
}

impl TurnRequest {
    /// The same as a task in this folder.
    pub(super) fn in_folder(&self, folder: String) -> TaskRequest {
        let turn = self.clone();
        TaskRequest {
            prompt: turn.prompt,
            working_dir: Some(folder),
            workspace: Some(WorkspaceMode::InPlace),
            carry_changes: None,
            sandbox: turn.sandbox,
            network: turn.network,
            web_search: turn.web_search,
            model: turn.model,
            effort: turn.effort,
            images: turn.images,
            output_schema: turn.output_schema,
            timeout: turn.timeout,
            persist: true,
            title: turn.title,
            request_id: turn.request_id,
        }
    }
}

/// A run that was started.
#[derive(Clone, Debug)]
pub struct Started {
    /// The run.
    pub run: Run,
    /// Whether the same request had started it before.
    pub repeated: bool,
}

/// Which events are wanted.
#[derive(Clone, Copy, Debug)]
pub struct EventsWanted {
    /// Those after this one; 0 for all.
    pub after: u64,
    /// At most so many.
    pub count: usize,
    /// At most so many bytes, but always one.
    pub bytes: usize,
    /// How long to wait for the first.
    pub wait: Duration,
    /// Whether to wait for what is being written as well: for another text than this one ([`Live::seq`], 0 for none).
    pub live: Option<u64>,
}

/// Events of a run, and the run as it stands.
#[derive(Clone, Debug)]
pub struct Updates {
    /// The run.
    pub run: Run,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The cursor for the next call: the number of the last event seen.
    pub next_cursor: u64,
    /// Whether there are more right now.
    pub more: bool,
    /// What is being written at this moment.
    pub live: Option<Live>,
}

/// A run, and what it is writing at this moment.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// The run.
    pub run: Run,
    /// What it is writing.
    pub live: Option<Live>,
}

/// Which runs are wanted.
#[derive(Clone, Debug, Default)]
pub struct RunQuery {
    /// Only in these states, by their names on the wire; empty for any.
    pub states: Vec<String>,
    /// Only in this folder or below: an absolute path.
    pub folder: Option<String>,
    /// Only of this client.
    pub client: Option<String>,
    /// Only with this text in the title or the prompt, in any letter case.
    pub text: Option<String>,
    /// Only of this kind.
    pub kind: Option<RunKind>,
    /// At most so many; 0 for the default of 50, and never more than 200.
    pub limit: usize,
    /// Only those before this cursor of an earlier page.
    pub cursor: Option<u64>,
}

impl RunQuery {
    /// How many runs are on a page where nothing else is said.
    pub(crate) const DEFAULT_LIMIT: usize = 50;

    /// The same as the store takes it.
    pub(super) fn filter(&self) -> Result<RunFilter, Error> {
        let known = |name: &String| {
            STATES
                .iter()
                .copied()
                .find(|state| state == name)
                .ok_or_else(|| {
                    let reason = format!("`{name}` is none of {}", STATES.join(", "));
                    Error::argument("states", reason)
                })
        };
        Ok(RunFilter {
            states: self.states.iter().map(known).collect::<Result<_, _>>()?,
            folder: self.folder.as_deref().map(real_folder).transpose()?,
            client: self.client.clone(),
            text: self.text.clone(),
            kind: self.kind,
            before: self.cursor,
            limit: match self.limit {
                0 => Self::DEFAULT_LIMIT,
                limit => limit.min(200),
            },
        })
    }
}

/// A folder as runs record it: without symlinks and detours, where it is still there.
pub(super) fn real_folder(asked: &str) -> Result<String, Error> {
    let path = Path::new(asked);
    if !path.is_absolute() {
        return Err(Error::argument(
            "folder",
            format!("`{asked}` is not an absolute path"),
        ));
    }
    let real = std::fs::canonicalize(path).ok();
    let real = real.and_then(|real| real.into_os_string().into_string().ok());
    Ok(real.unwrap_or_else(|| asked.to_owned()))
}

/// The names of all states on the wire.
const STATES: &[&str] = &[
    "queued",
    "starting",
    "running",
    "waiting",
    "stopping",
    "succeeded",
    "failed",
    "cancelled",
    "timed_out",
    "lost",
];

/// A page of runs, newest first.
#[derive(Clone, Debug)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<RunSummary>,
    /// The cursor of the next page, if there is one.
    pub next: Option<u64>,
    /// Whether new runs stay in the queue.
    pub paused: bool,
}
