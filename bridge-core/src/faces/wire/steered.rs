//! What became of something that was said to a run.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::run::Run;
use crate::faces::wire::question::QuestionDto;
use crate::faces::wire::word::StateDto;
use crate::use_cases::bridge::{Steered, Told};

/// Whether the model is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToldDto {
    /// Codex took it: the model is told before its next step.
    Yes,
    /// It is not; `reason` says why.
    No,
    /// Codex has not answered yet; an event of the run (`notice`, about `steered` or `not_steered`) will tell.
    NotYet,
}

/// What became of something that was said to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SteeredDto {
    /// The run.
    pub run_id: String,
    /// Where it stands.
    pub state: StateDto,
    /// Whether the model is told what was said; null if an answer was given.
    pub told: Option<ToldDto>,
    /// Why it is not.
    pub reason: Option<String>,
    /// Whether something was taken out of the message that looks like a secret.
    pub hidden: bool,
    /// What the run asks now.
    pub question: Option<QuestionDto>,
}

impl SteeredDto {
    /// As the wire has it.
    pub fn new(steered: &Steered) -> SteeredDto {
        let (told, reason) = match &steered.fate {
            Told::Yes => (ToldDto::Yes, None),
            Told::No(why) => (ToldDto::No, Some(why.as_str().to_owned())),
            Told::NotYet => (ToldDto::NotYet, None),
        };
        SteeredDto {
            run_id: steered.run.id.to_string(),
            state: steered.run.state.into(),
            told: Some(told),
            reason,
            hidden: steered.hidden,
            question: question(&steered.run),
        }
    }

    /// A run that was given an answer.
    pub fn answered(run: &Run) -> SteeredDto {
        SteeredDto {
            run_id: run.id.to_string(),
            state: run.state.into(),
            told: None,
            reason: None,
            hidden: false,
            question: question(run),
        }
    }
}

fn question(run: &Run) -> Option<QuestionDto> {
    let mut question = run.question.as_ref().map(QuestionDto::from)?;
    question.abridge(2_000);
    Some(question)
}
