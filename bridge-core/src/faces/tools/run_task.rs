//! `codex_run_task`: starts a task.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::faces::tools::started::{self, StartedDto};
use crate::faces::tools::wait::MAX_WAIT_S;
use crate::faces::tools::{About, Call, Hints, Tool};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::word::{SandboxDto, WorkspaceModeDto};
use crate::use_cases::bridge::TaskRequest;

const DESCRIPTION: &str = "\
Hands a task to the OpenAI Codex CLI on this machine: a second coding agent that reads, edits and runs commands in a \
folder. Returns a run_id at once while Codex works on, usually for minutes; follow it with codex_get_run_updates and \
read the answer with codex_get_run. Codex sees the folder but not your conversation, so the prompt has to say \
everything.

Examples:
{\"prompt\": \"Review the uncommitted changes for bugs. Change nothing.\", \"working_dir\": \"/Users/ann/shop\", \"sandbox\": \"read-only\"}
{\"prompt\": \"Make the test in tests/cart.rs pass.\", \"working_dir\": \"/Users/ann/shop\", \"sandbox\": \"workspace-write\", \"wait_s\": 30}";

/// What `codex_run_task` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// What Codex is told: the task, the context, and what the answer should contain.
    #[schemars(length(min = 1))]
    prompt: String,
    /// The folder to work in: an absolute path below an allowed root. Without it, the only allowed root.
    #[schemars(length(max = 4096))]
    working_dir: Option<String>,
    /// `worktree` works in a copy of the git repository, whose result codex_get_changes shows and codex_finish_run
    /// brings into the folder; `in_place` works in the folder itself. Default: the person's setting, else a copy for
    /// tasks that write.
    workspace: Option<WorkspaceModeDto>,
    /// With `worktree`: take uncommitted and untracked files into the copy. Default: the person's setting, else false.
    carry_changes: Option<bool>,
    /// What Codex's commands may touch: `read-only`, or `workspace-write` to let them change the folder. Default: the
    /// person's setting.
    sandbox: Option<SandboxDto>,
    /// Whether Codex's commands may use the network; only with `workspace-write`. Default: the person's setting.
    network: Option<bool>,
    /// The model. Leave it out unless the person names one.
    #[schemars(length(max = 100))]
    model: Option<String>,
    /// How hard the model thinks, such as `low`, `medium` or `high`. Leave it out unless the person asks for it.
    #[schemars(length(max = 20))]
    effort: Option<String>,
    /// Images that Codex looks at: absolute paths below an allowed root.
    #[serde(default)]
    #[schemars(length(max = 16), inner(length(max = 4096)))]
    images: Vec<String>,
    /// A JSON Schema, an object, that Codex's final message has to follow.
    output_schema: Option<Map<String, Value>>,
    /// Whether Codex may search the web. Default: the person's setting.
    web_search: Option<bool>,
    /// After so many seconds the run is stopped. Default and most: the person's setting.
    #[schemars(range(min = 1, max = 604_800))]
    timeout_s: Option<u32>,
    /// false: nothing of the run is written to disk; it ends with this server and can't be continued. Default: true.
    persist: Option<bool>,
    /// One line for lists. Default: the beginning of the prompt.
    #[schemars(length(max = 200))]
    title: Option<String>,
    /// Your own name for this request. Repeating it never starts a second run but returns the first one.
    #[schemars(length(min = 1, max = 128))]
    request_id: Option<String>,
    /// Wait up to so many seconds for the end before answering. Default: 0, answer at once.
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_WAIT_S))]
    wait_s: u32,
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_run_task",
        title: "Let Codex do a task",
        description: DESCRIPTION,
        hints: Hints::STARTS,
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<StartedDto, ErrorDto> {
    let wait_s = parameters.wait_s;
    let (bridge, caller) = (call.bridge.clone(), call.caller.clone());
    let started = bridge.start_task(caller, parameters.into()).await;
    started::answer(&call, started, wait_s).await
}

impl From<Parameters> for TaskRequest {
    fn from(parameters: Parameters) -> TaskRequest {
        TaskRequest {
            prompt: parameters.prompt,
            working_dir: parameters.working_dir,
            workspace: parameters.workspace.map(Into::into),
            carry_changes: parameters.carry_changes,
            sandbox: parameters.sandbox.map(Into::into),
            network: parameters.network,
            web_search: parameters.web_search,
            model: parameters.model,
            effort: parameters.effort,
            images: parameters.images,
            output_schema: parameters.output_schema,
            timeout: parameters
                .timeout_s
                .map(|seconds| Duration::from_secs(seconds.into())),
            persist: parameters.persist.unwrap_or(true),
            title: parameters.title,
            request_id: parameters.request_id,
        }
    }
}
