//! An open question as it is kept in a run's record.

use serde::{Deserialize, Serialize};

use crate::domain::question::{Question, QuestionKind};
use crate::domain::run::Timestamp;
use crate::domain::scrub::Scrubbed;
use crate::domain::task::Sandbox;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct QuestionDoc {
    number: u64,
    kind: String,
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    sandbox: String,
    asked: i64,
    expires: i64,
}

impl QuestionDoc {
    pub(super) fn of(question: &Question) -> QuestionDoc {
        let text = |text: &Scrubbed| text.as_str().to_owned();
        QuestionDoc {
            number: question.number,
            kind: question.kind.as_str().to_owned(),
            subject: text(&question.subject),
            folder: question.folder.as_ref().map(text),
            reason: question.reason.as_ref().map(text),
            sandbox: question.sandbox.as_str().to_owned(),
            asked: question.asked.0,
            expires: question.expires.0,
        }
    }

    pub(super) fn into_question(self) -> Option<Question> {
        let kinds = [QuestionKind::Command, QuestionKind::FileChange];
        Some(Question {
            number: self.number,
            kind: kinds.into_iter().find(|kind| kind.as_str() == self.kind)?,
            subject: Scrubbed::from_store(self.subject),
            folder: self.folder.map(Scrubbed::from_store),
            reason: self.reason.map(Scrubbed::from_store),
            sandbox: Sandbox::parse(&self.sandbox)?,
            asked: Timestamp(self.asked),
            expires: Timestamp(self.expires),
        })
    }
}
