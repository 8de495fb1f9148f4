//! `codex_steer_run`: says something to a run while it works, or answers what it asks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::RunId;
use crate::domain::question::Decision;
use crate::domain::run::Speaker;
use crate::domain::scrub::Scrubbed;
use crate::faces::tools::answer::bug;
use crate::faces::tools::arguments::Refused;
use crate::faces::tools::{About, Call, Hints, Tool, failure, run_id};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::question::DecisionDto;
use crate::faces::wire::steered::SteeredDto;
use crate::use_cases::bridge::{Act, Bridge, Error};

const DESCRIPTION: &str = "\
Says something to a Codex run while it works: a correction, a hint, a change of mind. The model is told before its next \
step, in the same turn. Only runs whose `driver` is `app_server` can be spoken to; go on with others by \
codex_continue_run once they have ended. Or answers what a run asks that is `waiting` (see its `question`): ask the \
person before you allow anything; whether a client may allow at all is the person's setting.

Examples:
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"message\": \"Leave the public API as it is.\"}
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"answer\": \"decline\", \"question\": 1}";

/// What `codex_steer_run` takes.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The run's id.
    run_id: String,
    /// What the model is told, up to 32 KiB. What looks like a secret is taken out.
    #[schemars(length(min = 1, max = 32_768))]
    message: Option<String>,
    /// The answer to what the run asks; in place of `message`.
    answer: Option<DecisionDto>,
    /// With `answer`: the number of the question that is meant. Default: the one that is open.
    question: Option<u64>,
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
    let said = said(parameters, &call)?;
    let name = said.name();
    let (bridge, of) = (call.bridge.clone(), id.clone());
    // A task of its own: who stops waiting has said it all the same.
    let saying = tokio::spawn(async move { said.to(&bridge, &of).await });
    let answer = saying.await.map_err(|fault| bug(&fault.to_string()))?;
    let outcome = match &answer {
        Ok(_) => "ok",
        Err(error) => error.code().as_str(),
    };
    let act = Act {
        name,
        subject: call.scrubber.scrub(id.as_str()),
        outcome: Scrubbed::literal(outcome),
        detail: Scrubbed::default(),
    };
    call.bridge.note(&call.caller, act).await;
    answer.map_err(|error| failure(&error, &call.scrubber))
}

/// What is said.
enum Said {
    Remark(String),
    Answer(Decision, Option<u64>),
}

impl Said {
    fn name(&self) -> &'static str {
        match self {
            Said::Remark(_) => "steer_run",
            Said::Answer(..) => "answer_run",
        }
    }

    async fn to(self, bridge: &Bridge, run: &RunId) -> Result<SteeredDto, Error> {
        let by = Speaker::Client;
        match self {
            Said::Remark(text) => {
                let steered = bridge.steer_run(run, &text, by).await?;
                Ok(SteeredDto::new(&steered))
            }
            Said::Answer(decision, question) => {
                let answered = bridge.answer_run(run, question, decision, by).await?;
                Ok(SteeredDto::answered(&answered))
            }
        }
    }
}

/// Either a remark or an answer.
fn said(parameters: Parameters, call: &Call) -> Result<Said, ErrorDto> {
    let refuse = |parameter: &str, reason: &str| {
        let refused = Refused {
            parameter: parameter.to_owned(),
            reason: reason.to_owned(),
        };
        Err(refused.failure(&call.scrubber))
    };
    let Parameters {
        run_id: _,
        message,
        answer,
        question,
    } = parameters;
    match (message, answer, question) {
        (Some(text), None, None) => Ok(Said::Remark(text)),
        (None, Some(answer), question) => Ok(Said::Answer(answer.into(), question)),
        (Some(_), Some(_), _) => refuse("answer", "can't be given together with `message`"),
        (Some(_), None, Some(_)) => refuse("question", "is only for an `answer`"),
        (None, None, _) => refuse("message", "is missing; give it, or an `answer`"),
    }
}
