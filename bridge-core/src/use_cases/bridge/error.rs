//! Why the bridge could not do what was asked.

use crate::domain::error::{ErrorCode, Failure};
use crate::domain::id::RunId;
use crate::domain::scrub::Scrubber;

/// Why the bridge could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter is not what it has to be.
    #[error("`{parameter}`: {reason}")]
    InvalidArgument {
        /// Its name on the wire.
        parameter: &'static str,
        /// What is wrong with it, and what it has to be.
        reason: String,
    },
    /// There is no such run.
    #[error("there is no run `{0}`")]
    UnknownRun(String),
    /// The run is over.
    #[error("the run `{0}` has ended")]
    RunEnded(RunId),
}

impl Error {
    /// What to branch on.
    pub fn code(&self) -> ErrorCode {
        match self {
            Error::InvalidArgument { .. } => ErrorCode::InvalidArgument,
            Error::UnknownRun(_) => ErrorCode::UnknownRun,
            Error::RunEnded(_) => ErrorCode::RunEnded,
        }
    }

    /// What the person or the client can do about it.
    pub fn hint(&self) -> String {
        match self {
            Error::InvalidArgument { .. } => "Correct the parameter and call again.".into(),
            Error::UnknownRun(_) => {
                "List the runs with codex_list_runs; old ones are pruned.".into()
            }
            Error::RunEnded(_) => "Start a new run.".into(),
        }
    }

    /// The failure as a client or a person gets it, with the whole chain of causes.
    pub fn failure(&self, scrubber: &Scrubber) -> Failure {
        let mut message = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        Failure {
            code: self.code(),
            message: scrubber.scrub(&message),
            hint: scrubber.scrub(&self.hint()),
        }
    }
}
