//! `codex_steer_run`: says something to a run while it works.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::run::Speaker;
use crate::domain::scrub::Scrubbed;
use crate::faces::tools::answer::bug;
use crate::faces::tools::{About, Call, Hints, Tool, failure, run_id};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::steered::SteeredDto;
use crate::use_cases::bridge::Act;

const DESCRIPTION: &str = "\
Says something to a Codex run while it works: a correction, a hint, a change of mind. The model is told before its next \
step, in the same turn. Only runs whose `driver` is `app_server` can be spoken to; go on with others by \
codex_continue_run once they have ended.

Example: {\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"message\": \"Leave the public API as it is.\"}";

/// What `codex_steer_run` takes.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The run's id.
    run_id: String,
    /// What the model is told, up to 32 KiB. What looks like a secret is taken out.
    #[schemars(length(min = 1, max = 32_768))]
    message: String,
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_steer_run",
        title: "Say something to a running Codex run",
        description: DESCRIPTION,
        hints: Hints {
            read_only: false,
            destructive: false,
            idempotent: false,
            open_world: true,
        },
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<SteeredDto, ErrorDto> {
    let id = run_id(&parameters.run_id, &call.scrubber)?;
    let (bridge, of) = (call.bridge.clone(), id.clone());
    // A task of its own: who stops waiting has said it all the same.
    let steering = tokio::spawn(async move {
        let text = parameters.message;
        bridge.steer_run(&of, &text, Speaker::Client).await
    });
    let steered = steering.await.map_err(|fault| bug(&fault.to_string()))?;
    let outcome = match &steered {
        Ok(_) => "ok",
        Err(error) => error.code().as_str(),
    };
    let act = Act {
        name: "steer_run",
        subject: call.scrubber.scrub(id.as_str()),
        outcome: Scrubbed::literal(outcome),
        detail: Scrubbed::default(),
    };
    call.bridge.note(&call.caller, act).await;
    match steered {
        Ok(steered) => Ok(SteeredDto::new(&steered)),
        Err(error) => Err(failure(&error, &call.scrubber)),
    }
}
