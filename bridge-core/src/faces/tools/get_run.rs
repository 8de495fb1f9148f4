//! `codex_get_run`: one run.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::faces::tools::fit::{self, Offsets};
use crate::faces::tools::{About, Call, Hints, MAX_NUMBER, Tool, failure, now, run_id};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::run::RunDto;

const DESCRIPTION: &str = "\
Shows one Codex run: its state, what it is doing right now, and once is_final is true its answer in `message` or what \
went wrong in `error`; of a review, the verdict and the findings in `review`. A long message comes in parts: while \
message_next_offset is not null, call again with it as message_offset; many findings come in parts in the same way, \
by findings_next_offset. To wait for a run, use codex_get_run_updates instead of calling this again and again.

Examples:
{\"run_id\": \"run_01k9x2m4q7abcdefgh\"}
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"message_offset\": 17000}";

/// What `codex_get_run` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The run's id.
    run_id: String,
    /// Where in the message to begin, in bytes: message_next_offset of the answer before. Default: 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_NUMBER))]
    message_offset: u64,
    /// How many findings of a review to pass over: findings_next_offset of the answer before. Default: 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_NUMBER))]
    findings_offset: u64,
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_get_run",
        title: "Read a Codex run",
        description: DESCRIPTION,
        hints: Hints::READS,
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<RunDto, ErrorDto> {
    let id = run_id(&parameters.run_id, &call.scrubber)?;
    let run = call
        .bridge
        .run(&id)
        .await
        .map_err(|error| failure(&error, &call.scrubber))?;
    let from = Offsets {
        message: parameters.message_offset,
        findings: parameters.findings_offset,
    };
    Ok(fit::run_from(&run, from, now()))
}
