//! What Codex asks before it goes on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::question::{Decision, Question, QuestionKind};
use crate::faces::wire::text::abridge;
use crate::faces::wire::time::rfc3339;

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKindDto {
    /// A command that would run outside the sandbox.
    Command,
    /// A patch that would be written where the sandbox does not let it.
    FileChange,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionDto {
    /// This once.
    AllowOnce,
    /// This, and the same command in the same folder again in this run.
    AllowForRun,
    /// Not; the run goes on without it.
    Decline,
    /// Not, and the run is cancelled.
    Stop,
}

/// What a run that is `waiting` waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuestionDto {
    /// Counts the run's questions from 1.
    pub number: u64,
    /// What it is about.
    pub kind: QuestionKindDto,
    /// The command, or the files.
    pub subject: String,
    /// Where it would run.
    pub folder: Option<String>,
    /// Why, in the model's words.
    pub reason: Option<String>,
    /// The sandbox that it would leave.
    pub sandbox: String,
    /// When it was asked.
    #[schemars(extend("format" = "date-time"))]
    pub asked_at: String,
    /// When it is declined, if nobody answers.
    #[schemars(extend("format" = "date-time"))]
    pub expires_at: String,
}

impl QuestionDto {
    /// Keeps each text below `max` bytes or so.
    pub fn abridge(&mut self, max: usize) {
        abridge(&mut self.subject, max);
        for text in [&mut self.folder, &mut self.reason].into_iter().flatten() {
            abridge(text, max);
        }
    }
}

impl From<&Question> for QuestionDto {
    fn from(question: &Question) -> QuestionDto {
        QuestionDto {
            number: question.number,
            kind: match question.kind {
                QuestionKind::Command => QuestionKindDto::Command,
                QuestionKind::FileChange => QuestionKindDto::FileChange,
            },
            subject: question.subject.as_str().to_owned(),
            folder: question
                .folder
                .as_ref()
                .map(|text| text.as_str().to_owned()),
            reason: question
                .reason
                .as_ref()
                .map(|text| text.as_str().to_owned()),
            sandbox: question.sandbox.as_str().to_owned(),
            asked_at: rfc3339(question.asked),
            expires_at: rfc3339(question.expires),
        }
    }
}

impl From<DecisionDto> for Decision {
    fn from(decision: DecisionDto) -> Decision {
        match decision {
            DecisionDto::AllowOnce => Decision::AllowOnce,
            DecisionDto::AllowForRun => Decision::AllowForRun,
            DecisionDto::Decline => Decision::Decline,
            DecisionDto::Stop => Decision::Stop,
        }
    }
}
