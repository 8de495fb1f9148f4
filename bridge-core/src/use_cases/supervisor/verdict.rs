//! How a run ended, decided from what was seen. Pure.

use crate::domain::error::Failure;
use crate::domain::run::Exit;
use crate::domain::state::Signal;

/// What was seen of a Codex process until its end.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Whether it said that the turn was complete.
    pub(super) completed: bool,
    /// What it said when the turn failed.
    pub(super) failed: Option<Failure>,
    /// How the process ended, if that is known.
    pub(super) exit: Option<Exit>,
}

/// The signal for the state machine, and what to tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) signal: Signal,
    pub(super) failure: Option<Failure>,
}

/// Decides. A completed turn counts even if the process ended badly afterwards; an exit without a final event never
/// counts as success. `classify` explains an end that Codex itself did not explain.
pub(super) fn verdict(seen: Seen, classify: impl FnOnce(Option<Exit>) -> Failure) -> Verdict {
    let failure = match seen.failed {
        Some(failure) => failure,
        None if seen.completed => {
            return Verdict {
                signal: Signal::Finished,
                failure: None,
            };
        }
        None => classify(seen.exit),
    };
    Verdict {
        signal: Signal::Failed(failure.code),
        failure: Some(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error::ErrorCode;
    use crate::domain::scrub::Scrubbed;

    fn failure(code: ErrorCode) -> Failure {
        Failure {
            code,
            message: Scrubbed::literal("it failed"),
            hint: Scrubbed::literal("mend it"),
        }
    }

    fn check(completed: bool, failed: Option<ErrorCode>, exit: Exit, expected: Signal) {
        let seen = Seen {
            completed,
            failed: failed.map(failure),
            exit: Some(exit),
        };
        let verdict = verdict(seen, |exit| match exit {
            Some(Exit::Code(0)) => failure(ErrorCode::NoResult),
            _ => failure(ErrorCode::Crashed),
        });
        assert_eq!(verdict.signal, expected);
    }

    #[test]
    fn only_a_completed_turn_is_a_success() {
        check(true, None, Exit::Code(0), Signal::Finished);
        check(true, None, Exit::Code(1), Signal::Finished);
        check(
            false,
            None,
            Exit::Code(0),
            Signal::Failed(ErrorCode::NoResult),
        );
        check(
            false,
            None,
            Exit::Signal(9),
            Signal::Failed(ErrorCode::Crashed),
        );
    }

    #[test]
    fn what_codex_said_of_its_failure_counts_before_its_exit() {
        let limit = Some(ErrorCode::UsageLimit);
        check(
            false,
            limit,
            Exit::Code(1),
            Signal::Failed(ErrorCode::UsageLimit),
        );
        check(
            true,
            limit,
            Exit::Code(0),
            Signal::Failed(ErrorCode::UsageLimit),
        );
    }
}
