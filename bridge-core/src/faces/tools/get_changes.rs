//! `codex_get_changes`: what a run changed.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::faces::tools::answer::MAX_RESULT;
use crate::faces::tools::fit;
use crate::faces::tools::{About, Call, Hints, MAX_NUMBER, Tool, failure, run_id};
use crate::faces::wire::diff::ChangesPageDto;
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::ChangesWanted;

const DESCRIPTION: &str = "\
Shows what a Codex run changed, file by file as unified patches, told by git and not by the model. For a run in a \
worktree these are the changes that codex_finish_run would bring into the folder; for a run in the folder itself, what \
differs between its start and its end. While next_cursor is not null, call again with it as cursor. diff_hash names the \
whole difference; codex_finish_run wants it.

Examples:
{\"run_id\": \"run_01k9x2m4q7abcdefgh\"}
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"path\": \"src/cart.rs\"}
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"check_apply\": true}";

/// What `codex_get_changes` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The run's id.
    run_id: String,
    /// Only this file, by its path in the repository.
    #[schemars(length(min = 1, max = 4096))]
    path: Option<String>,
    /// next_cursor of the answer before. Default: 0, the beginning.
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_NUMBER))]
    cursor: u64,
    /// Only if the difference still is the one with this hash: keeps pages together.
    #[schemars(length(max = 64))]
    diff_hash: Option<String>,
    /// false: only the list of files, without their patches. Default: true.
    patches: Option<bool>,
    /// Also say what in the folder stands in the way of `apply`. Default: false.
    #[serde(default)]
    check_apply: bool,
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_get_changes",
        title: "See what a Codex run changed",
        description: DESCRIPTION,
        hints: Hints::READS,
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<ChangesPageDto, ErrorDto> {
    let id = run_id(&parameters.run_id, &call.scrubber)?;
    let wanted = ChangesWanted {
        path: parameters.path,
        cursor: parameters.cursor,
        diff_hash: parameters.diff_hash,
        bytes: if parameters.patches.unwrap_or(true) {
            MAX_RESULT / 2
        } else {
            0
        },
        check: parameters.check_apply,
    };
    let page = call
        .bridge
        .changes(&id, wanted)
        .await
        .map_err(|error| failure(&error, &call.scrubber))?;
    Ok(fit::changes(&page))
}
