//! `codex_cancel_run`: stops a run.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::scrub::Scrubbed;
use crate::domain::state::Canceller;
use crate::faces::tools::answer::bug;
use crate::faces::tools::fit;
use crate::faces::tools::wait::MAX_WAIT_S;
use crate::faces::tools::{About, Call, Hints, Tool, failure, now, run_id};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::run::RunDto;
use crate::use_cases::bridge::Act;

const DESCRIPTION: &str = "\
Stops a Codex run and everything it started, and answers when all of it is over. What Codex has changed so far stays. \
Cancelling a run that has ended changes nothing.

Example: {\"run_id\": \"run_01k9x2m4q7abcdefgh\"}";

/// What `codex_cancel_run` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The run's id.
    run_id: String,
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_cancel_run",
        title: "Stop a Codex run",
        description: DESCRIPTION,
        hints: Hints {
            read_only: false,
            destructive: true,
            idempotent: true,
            open_world: false,
        },
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<RunDto, ErrorDto> {
    let id = run_id(&parameters.run_id, &call.scrubber)?;
    let limit = Duration::from_secs(MAX_WAIT_S.into());
    let (bridge, of) = (call.bridge.clone(), id.clone());
    // A task of its own: who stops waiting, or closes the session right after the call, still means to cancel.
    let cancelling = tokio::spawn(async move { bridge.cancel_run(&of, Canceller::Client).await });
    let run = match call.wait.for_end(limit, "stopping", cancelling).await {
        Some(Ok(run)) => run,
        Some(Err(fault)) => return Err(bug(&fault.to_string())),
        // It is still being stopped; its record says so.
        None => call.bridge.run(&id).await,
    };
    let outcome = match &run {
        Ok(_) => "ok",
        Err(error) => error.code().as_str(),
    };
    let act = Act {
        name: "cancel_run",
        subject: call.scrubber.scrub(id.as_str()),
        outcome: Scrubbed::literal(outcome),
        detail: Scrubbed::default(),
    };
    call.bridge.note(&call.caller, act).await;
    match run {
        Ok(run) => Ok(fit::run(&run, 0, now())),
        Err(error) => Err(failure(&error, &call.scrubber)),
    }
}
