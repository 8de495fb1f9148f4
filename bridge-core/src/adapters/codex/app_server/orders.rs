//! What an app-server is told: its command line, and what a run asks of it.

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::adapters::codex::args::{self, ArgsError};
use crate::domain::id::ThreadId;
use crate::domain::task::{Effort, Job, ModelName, Sandbox, Task};

/// What a turn is to be. There is no field for a folder: it is the process's own, in which it was started by
/// descriptor, and which Codex takes where none is given (0.118 to 0.169).
#[derive(Clone, Debug)]
pub struct Orders {
    /// The thread to go on with.
    pub thread: Option<ThreadId>,
    /// The sandbox of the model's commands.
    pub sandbox: Sandbox,
    /// The model; Codex chooses where it is not given.
    pub model: Option<ModelName>,
    /// The effort; Codex chooses where it is not given.
    pub effort: Option<Effort>,
    /// What the model is told.
    pub prompt: String,
    /// Images that go with it.
    pub images: Vec<PathBuf>,
    /// A JSON Schema that the answer has to follow.
    pub schema: Option<Value>,
    /// Whether Codex leaves nothing of the thread on the disk.
    pub ephemeral: bool,
}

/// The arguments of `codex` for a task: the same settings as those of `codex exec`.
pub fn server_args(task: &Task, marker: (&str, &str)) -> Result<Vec<OsString>, ArgsError> {
    let mut all: Vec<OsString> = vec!["app-server".into()];
    all.extend(args::overrides(task, marker)?);
    Ok(all)
}

/// Who speaks to Codex. It shows up in Codex's own records as the originator.
pub(super) fn greeting() -> Value {
    json!({
        "clientInfo": {
            "name": "codex_bridge",
            "title": "Codex Bridge",
            "version": env!("CARGO_PKG_VERSION"),
        },
    })
}

impl Orders {
    /// A task's orders; a review only reads, whatever the task says.
    pub fn of(task: &Task, prompt: String, schema: Option<Value>) -> Orders {
        let (thread, sandbox) = match &task.job {
            Job::Task => (None, task.sandbox),
            Job::Resume { thread } => (Some(thread.clone()), task.sandbox),
            Job::Review { .. } => (None, Sandbox::ReadOnly),
        };
        Orders {
            thread,
            sandbox,
            model: task.model.clone(),
            effort: task.effort.clone(),
            prompt,
            images: task.images.clone(),
            schema,
            ephemeral: !task.persist,
        }
    }

    /// The request that opens the thread.
    pub(super) fn opening(&self) -> (&'static str, Value) {
        let mut params = json!({
            "sandbox": self.sandbox.as_str(),
            "approvalPolicy": "never",
        });
        if let Some(model) = &self.model {
            params["model"] = json!(model.as_str());
        }
        match &self.thread {
            Some(thread) => {
                params["threadId"] = json!(thread.as_str());
                // All that was ever said there would be sent, in one line. Versions before 0.169 do so.
                params["excludeTurns"] = json!(true);
                ("thread/resume", params)
            }
            None => {
                if self.ephemeral {
                    params["ephemeral"] = json!(true);
                }
                ("thread/start", params)
            }
        }
    }

    /// The request that begins the turn.
    pub(super) fn turn(&self, thread: &str) -> Value {
        let mut input = vec![json!({ "type": "text", "text": self.prompt })];
        input
            .extend((self.images.iter()).map(|path| json!({ "type": "localImage", "path": path })));
        let mut params = json!({ "threadId": thread, "input": input });
        if let Some(effort) = &self.effort {
            params["effort"] = json!(effort.as_str());
        }
        if let Some(schema) = &self.schema {
            params["outputSchema"] = schema.clone();
        }
        params
    }
}
