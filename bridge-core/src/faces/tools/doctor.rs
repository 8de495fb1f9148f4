//! `codex_doctor`: what is installed, logged in and allowed.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::error::ErrorCode;
use crate::faces::tools::fit;
use crate::faces::tools::wait::MAX_WAIT_S;
use crate::faces::tools::{About, Call, Hints, Tool};
use crate::faces::wire::doctor::DoctorDto;
use crate::faces::wire::error::ErrorDto;

const DESCRIPTION: &str = "\
Checks whether Codex can work here: which binary and version, what that version lacks, login, models with their \
efforts, allowed folders, runs under way, and for each fault what mends it. Call it when a run fails for no clear reason, \
or to learn in which folders Codex may work and which models it has.

Example: {}";

/// What `codex_doctor` takes: nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_doctor",
        title: "Check the Codex setup",
        description: DESCRIPTION,
        hints: Hints::READS,
    };
    Tool::new(&about, run)
}

async fn run(call: Call, _: Parameters) -> Result<DoctorDto, ErrorDto> {
    let limit = Duration::from_secs(MAX_WAIT_S.into());
    match call
        .wait
        .for_end(limit, "checking", call.bridge.doctor())
        .await
    {
        Some(report) => Ok(fit::doctor(&report)),
        None => Err(ErrorDto {
            code: ErrorCode::TimedOut.as_str().to_owned(),
            message: format!("the check was not over after {MAX_WAIT_S} s"),
            hint: "Run `codex-bridge-mcp doctor` in a terminal; it shows what hangs.".to_owned(),
        }),
    }
}
