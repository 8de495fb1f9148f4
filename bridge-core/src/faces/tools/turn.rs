//! What can be said about the next turn of a thread.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::faces::tools::wait::MAX_WAIT_S;
use crate::faces::wire::word::SandboxDto;
use crate::use_cases::bridge::TurnRequest;

/// The parameters that `codex_continue_run` and `codex_resume_session` share.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Turn {
    /// What Codex is told next. It knows the session so far, but not your conversation.
    #[schemars(length(min = 1))]
    prompt: String,
    /// What Codex's commands may touch: `read-only` or `workspace-write`; never looser than before. Default: as before.
    sandbox: Option<SandboxDto>,
    /// Whether Codex's commands may use the network; never looser than before. Default: as before.
    network: Option<bool>,
    /// Whether Codex may search the web. Default: as before.
    web_search: Option<bool>,
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
    /// After so many seconds the run is stopped. Default: as before.
    #[schemars(range(min = 1, max = 604_800))]
    timeout_s: Option<u32>,
    /// One line for lists. Default: the beginning of the prompt.
    #[schemars(length(max = 200))]
    title: Option<String>,
    /// Your own name for this request. Repeating it never starts a second run but returns the first one.
    #[schemars(length(min = 1, max = 128))]
    request_id: Option<String>,
    /// Wait up to so many seconds for the end before answering. Default: 0, answer at once.
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_WAIT_S))]
    pub(super) wait_s: u32,
}

impl From<Turn> for TurnRequest {
    fn from(turn: Turn) -> TurnRequest {
        TurnRequest {
            prompt: turn.prompt,
            sandbox: turn.sandbox.map(Into::into),
            network: turn.network,
            web_search: turn.web_search,
            model: turn.model,
            effort: turn.effort,
            images: turn.images,
            output_schema: turn.output_schema,
            timeout: turn
                .timeout_s
                .map(|seconds| Duration::from_secs(seconds.into())),
            title: turn.title,
            request_id: turn.request_id,
        }
    }
}
