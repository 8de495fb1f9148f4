//! What an app-server is asked for.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::domain::id::ThreadId;
use crate::domain::task::{Job, ModelName, Sandbox, Task};

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
    /// What the model is told.
    pub prompt: String,
    /// Images that go with it.
    pub images: Vec<PathBuf>,
    /// A JSON Schema that the answer has to follow.
    pub schema: Option<Value>,
    /// Whether Codex may ask for what goes beyond the sandbox.
    pub asks: bool,
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
            prompt,
            images: task.images.clone(),
            schema,
            asks: false,
        }
    }

    /// The request that opens the thread.
    pub(super) fn opening(&self) -> (&'static str, Value) {
        let mut params = json!({
            "sandbox": self.sandbox.as_str(),
            "approvalPolicy": if self.asks { "on-request" } else { "never" },
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
            None => ("thread/start", params),
        }
    }

    /// The request that begins the turn.
    pub(super) fn turn(&self, thread: &str) -> Value {
        let mut input = vec![json!({ "type": "text", "text": self.prompt })];
        input
            .extend((self.images.iter()).map(|path| json!({ "type": "localImage", "path": path })));
        let mut params = json!({ "threadId": thread, "input": input });
        if let Some(schema) = &self.schema {
            params["outputSchema"] = schema.clone();
        }
        params
    }
}
