//! `codex_review_repo`: a review of changes in a git repository.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::faces::tools::started::{self, StartedDto};
use crate::faces::tools::wait::MAX_WAIT_S;
use crate::faces::tools::{About, Call, Hints, Tool};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::word::TargetDto;
use crate::use_cases::bridge::ReviewRequest;

const DESCRIPTION: &str = "\
Lets the OpenAI Codex CLI review changes in a git repository: what is not committed, a branch against its base, or one \
commit. It reads and changes nothing, and has no network. Returns a run_id at once; follow it with \
codex_get_run_updates. Once is_final is true, `review` of codex_get_run has the verdict, the findings (severity, file, \
lines, confidence, suggested fix; each place checked against the repository) and which files were looked at; a change \
too large for one go is reviewed in parts.

Examples:
{\"working_dir\": \"/Users/ann/shop\"}
{\"working_dir\": \"/Users/ann/shop\", \"target\": \"branch\", \"base\": \"main\", \"instructions\": \"Look for races in the cart above all.\"}
{\"working_dir\": \"/Users/ann/shop\", \"target\": \"commit\", \"commit\": \"HEAD\", \"wait_s\": 40}";

/// What `codex_review_repo` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// A folder of the repository: an absolute path below an allowed root. Without it, the only allowed root.
    #[schemars(length(max = 4096))]
    working_dir: Option<String>,
    /// `uncommitted`: all that is not committed, untracked files included. `branch`: what the folder has and the base
    /// has not. `commit`: one commit. Default: what base or commit say, else `uncommitted`.
    target: Option<TargetDto>,
    /// With `branch`: the branch, tag or commit to compare with, such as `main`. Counts from the last common commit.
    #[schemars(length(min = 1, max = 255))]
    base: Option<String>,
    /// With `commit`: its id, or a name such as `HEAD` or `v1.2`.
    #[schemars(length(min = 1, max = 255))]
    commit: Option<String>,
    /// What the person wants besides: what to look for, what to leave aside. Goes with any target.
    #[schemars(length(max = 20_000))]
    instructions: Option<String>,
    /// The model. Leave it out unless the person names one.
    #[schemars(length(max = 100))]
    model: Option<String>,
    /// How hard the model thinks, such as `low`, `medium` or `high`. Leave it out unless the person asks for it.
    #[schemars(length(max = 20))]
    effort: Option<String>,
    /// After so many seconds the review is stopped, with all of its parts. Default and most: the person's setting.
    #[schemars(range(min = 1, max = 604_800))]
    timeout_s: Option<u32>,
    /// false: the run is not kept; it ends with this server and can't be continued. Default: true.
    persist: Option<bool>,
    /// One line for lists. Default: what is reviewed.
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
        name: "codex_review_repo",
        title: "Let Codex review changes",
        description: DESCRIPTION,
        hints: Hints {
            // It changes nothing of the person's, but it starts something that costs.
            read_only: false,
            destructive: false,
            idempotent: false,
            open_world: true,
        },
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<StartedDto, ErrorDto> {
    let wait_s = parameters.wait_s;
    let (bridge, caller) = (call.bridge.clone(), call.caller.clone());
    let started = bridge.start_review(caller, parameters.into()).await;
    started::answer(&call, started, wait_s).await
}

impl From<Parameters> for ReviewRequest {
    fn from(parameters: Parameters) -> ReviewRequest {
        ReviewRequest {
            working_dir: parameters.working_dir,
            target: parameters.target.map(Into::into),
            base: parameters.base,
            commit: parameters.commit,
            instructions: parameters.instructions,
            model: parameters.model,
            effort: parameters.effort,
            timeout: parameters
                .timeout_s
                .map(|seconds| Duration::from_secs(seconds.into())),
            persist: parameters.persist.unwrap_or(true),
            title: parameters.title,
            request_id: parameters.request_id,
        }
    }
}
