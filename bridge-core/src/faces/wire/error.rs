//! A failure as every face shows it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::error::Failure;
use crate::faces::wire::text::abridge;

/// What went wrong and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDto {
    /// A stable name to branch on, such as `outside_roots` or `logged_out`.
    pub code: String,
    /// The thing and the reason.
    pub message: String,
    /// What the person or the client can do about it.
    pub hint: String,
}

impl ErrorDto {
    /// Keeps each text below `max` bytes or so.
    pub fn abridge(&mut self, max: usize) {
        abridge(&mut self.message, max);
        abridge(&mut self.hint, max);
    }
}

impl From<&Failure> for ErrorDto {
    fn from(failure: &Failure) -> ErrorDto {
        ErrorDto {
            code: failure.code.as_str().to_owned(),
            message: failure.message.as_str().to_owned(),
            hint: failure.hint.as_str().to_owned(),
        }
    }
}
