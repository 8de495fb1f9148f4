//! `codex_resume_session`: the next turn of any session of Codex.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::faces::tools::started::{self, StartedDto};
use crate::faces::tools::turn::Turn;
use crate::faces::tools::{About, Call, Hints, Tool};
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::ResumeRequest;

const DESCRIPTION: &str = "\
Goes on with any Codex session on this machine, also one that the person began in a terminal or an editor: Codex gets \
the prompt as the session's next message and works in the session's folder. codex_list_runs with source codex finds \
sessions. Starts a run; follow it with codex_get_run_updates. For a session of a run of this bridge the rules of \
codex_continue_run hold.

Examples:
{\"session_id\": \"01a20356-e3eb-7f92-962b-08a749c63f25\", \"prompt\": \"What is left to do?\", \"sandbox\": \"read-only\"}";

/// What `codex_resume_session` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct Parameters {
    /// The session's id, a UUID.
    #[schemars(length(max = 100))]
    session_id: String,
    /// The session's folder. It can only be gone on with there, so leave it out, or name it to be sure.
    #[schemars(length(max = 4096))]
    working_dir: Option<String>,
    #[serde(flatten)]
    turn: Turn,
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_resume_session",
        title: "Go on with a Codex session",
        description: DESCRIPTION,
        hints: Hints::STARTS,
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<StartedDto, ErrorDto> {
    let wait_s = parameters.turn.wait_s;
    let request = ResumeRequest {
        session: parameters.session_id,
        working_dir: parameters.working_dir,
        turn: parameters.turn.into(),
    };
    let (bridge, caller) = (call.bridge.clone(), call.caller.clone());
    let started = bridge.resume_session(caller, request).await;
    started::answer(&call, started, wait_s).await
}
