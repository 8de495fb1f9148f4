//! `codex_finish_run`: ends a run's worktree.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::faces::tools::answer::bug;
use crate::faces::tools::fit;
use crate::faces::tools::{About, Call, Hints, Tool, failure, now, run_id};
use crate::faces::wire::diff::FinishedDto;
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::FinishAction;

const DESCRIPTION: &str = "\
Ends the worktree of a Codex run. `apply` brings its changes into the folder, all of them or none: it wants the \
diff_hash of codex_get_changes, and refuses if the changes, the folder's HEAD or a file that it would touch is not what \
it was. Nothing is staged or committed. `branch` leaves a branch with one commit and touches no file. `discard` throws \
the changes away. Ask the person before you apply or discard.

Examples:
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"action\": \"apply\", \"diff_hash\": \"5e0c…\"}
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"action\": \"branch\", \"branch\": \"codex/fix-cart\"}
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"action\": \"discard\"}";

/// How a worktree can end.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ActionDto {
    /// Its changes go into the folder.
    Apply,
    /// Its changes become a branch.
    Branch,
    /// It is thrown away.
    Discard,
}

/// What `codex_finish_run` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The run's id.
    run_id: String,
    /// What becomes of its changes.
    action: ActionDto,
    /// The hash that codex_get_changes gave. Needed for `apply`; with `branch` it is checked as well.
    #[schemars(length(max = 64))]
    diff_hash: Option<String>,
    /// With `branch`: its name. Default: `codex/` and the run's title.
    #[schemars(length(min = 1, max = 200))]
    branch: Option<String>,
    /// With `branch`: the commit's message. Default: the run's title.
    #[schemars(length(min = 1, max = 10_000))]
    message: Option<String>,
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_finish_run",
        title: "Apply, branch or discard a Codex run's changes",
        description: DESCRIPTION,
        hints: Hints {
            read_only: false,
            destructive: true,
            idempotent: false,
            open_world: false,
        },
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<FinishedDto, ErrorDto> {
    let id = run_id(&parameters.run_id, &call.scrubber)?;
    let action = action(parameters, &call)?;
    let (bridge, caller) = (call.bridge.clone(), call.caller.clone());
    // A task of its own: a client that stops waiting must not leave the work half done.
    let finishing = tokio::spawn(async move { bridge.finish_run(caller, &id, action).await });
    match finishing.await {
        Ok(Ok(finished)) => Ok(fit::finished(&finished, now())),
        Ok(Err(error)) => Err(failure(&error, &call.scrubber)),
        Err(fault) => Err(bug(&fault.to_string())),
    }
}

/// A parameter that the action has no use for is refused: whoever gives it expects something of it.
fn action(parameters: Parameters, call: &Call) -> Result<FinishAction, ErrorDto> {
    let refuse = |parameter: &str, reason: &str| {
        let refused = crate::faces::tools::arguments::Refused {
            parameter: parameter.to_owned(),
            reason: reason.to_owned(),
        };
        Err(refused.failure(&call.scrubber))
    };
    let Parameters {
        run_id: _,
        action,
        diff_hash,
        branch,
        message,
    } = parameters;
    match (action, diff_hash, branch, message) {
        (ActionDto::Apply | ActionDto::Discard, _, Some(_), _) => {
            refuse("branch", "is only for action `branch`")
        }
        (ActionDto::Apply | ActionDto::Discard, _, _, Some(_)) => {
            refuse("message", "is only for action `branch`")
        }
        (ActionDto::Apply, None, None, None) => refuse(
            "diff_hash",
            "is missing; codex_get_changes gives it, so that what is applied is what was looked at",
        ),
        (ActionDto::Apply, Some(diff_hash), None, None) => Ok(FinishAction::Apply { diff_hash }),
        (ActionDto::Branch, diff_hash, name, message) => Ok(FinishAction::Branch {
            name,
            message,
            diff_hash,
        }),
        (ActionDto::Discard, _, None, None) => Ok(FinishAction::Discard),
    }
}
