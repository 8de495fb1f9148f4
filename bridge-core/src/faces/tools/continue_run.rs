//! `codex_continue_run`: the next turn of a run.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::faces::tools::started::{self, StartedDto};
use crate::faces::tools::turn::Turn;
use crate::faces::tools::{About, Call, Hints, Tool, run_id};
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::ContinueRequest;

const DESCRIPTION: &str = "\
Goes on with a Codex run that has ended, however it ended: Codex gets the prompt as the next message of the same \
session, with all that it did and said before, and works in the same place. A new run with an id of its own; follow it \
with codex_get_run_updates. It may do no more than the run before, and one run at a time works in a session. A run \
with persist false can't be continued.

Examples:
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"prompt\": \"Now do the same for the orders page.\"}
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"prompt\": \"Why did you choose that?\", \"sandbox\": \"read-only\", \"wait_s\": 40}";

/// What `codex_continue_run` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct Parameters {
    /// The run to go on with.
    #[schemars(length(max = 100))]
    run_id: String,
    #[serde(flatten)]
    turn: Turn,
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_continue_run",
        title: "Go on with a Codex run",
        description: DESCRIPTION,
        hints: Hints::STARTS,
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<StartedDto, ErrorDto> {
    let wait_s = parameters.turn.wait_s;
    let request = ContinueRequest {
        run: run_id(&parameters.run_id, &call.scrubber)?,
        turn: parameters.turn.into(),
    };
    let (bridge, caller) = (call.bridge.clone(), call.caller.clone());
    let started = bridge.continue_run(caller, request).await;
    started::answer(&call, started, wait_s).await
}
