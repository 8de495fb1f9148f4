//! The words and numbers by which the database keeps what in the domain is an enum or has no sign.

use crate::domain::error::ErrorCode;
use crate::domain::run::{Driver, RunKind, Speaker};
use crate::domain::state::{Canceller, Limit, Outcome, RunState, StopReason};

/// A state as a word, and a second word where the first does not say all.
pub(super) fn state_words(state: RunState) -> (&'static str, Option<&'static str>) {
    let detail = match state {
        RunState::Queued
        | RunState::Starting
        | RunState::Running
        | RunState::WaitingForAnswer
        | RunState::Ended(Outcome::Succeeded | Outcome::Lost) => None,
        RunState::Stopping(StopReason::Cancelled(by)) | RunState::Ended(Outcome::Cancelled(by)) => {
            Some(by.as_str())
        }
        RunState::Stopping(StopReason::TimedOut(limit))
        | RunState::Ended(Outcome::TimedOut(limit)) => Some(limit.as_str()),
        RunState::Ended(Outcome::Failed(code)) => Some(code.as_str()),
    };
    (state.as_str(), detail)
}

/// The state that the words stand for.
pub(super) fn state_of(word: &str, detail: Option<&str>) -> Option<RunState> {
    let detail = detail.unwrap_or("");
    Some(match word {
        "queued" => RunState::Queued,
        "starting" => RunState::Starting,
        "running" => RunState::Running,
        "waiting" => RunState::WaitingForAnswer,
        "stopping" => RunState::Stopping(match canceller_of(detail) {
            Some(by) => StopReason::Cancelled(by),
            None => StopReason::TimedOut(limit_of(detail)?),
        }),
        "succeeded" => RunState::Ended(Outcome::Succeeded),
        "failed" => RunState::Ended(Outcome::Failed(ErrorCode::parse(detail)?)),
        "cancelled" => RunState::Ended(Outcome::Cancelled(canceller_of(detail)?)),
        "timed_out" => RunState::Ended(Outcome::TimedOut(limit_of(detail)?)),
        "lost" => RunState::Ended(Outcome::Lost),
        _ => return None,
    })
}

/// The kind of run that the word stands for.
pub(super) fn kind_of(word: &str) -> Option<RunKind> {
    named(
        &[
            RunKind::Task,
            RunKind::Review,
            RunKind::Continue,
            RunKind::Resume,
        ],
        RunKind::as_str,
        word,
    )
}

/// Who the word stands for.
pub(super) fn canceller_of(word: &str) -> Option<Canceller> {
    named(
        &[Canceller::Client, Canceller::Person, Canceller::Owner],
        Canceller::as_str,
        word,
    )
}

/// Who the word stands for.
pub(super) fn speaker_of(word: &str) -> Option<Speaker> {
    named(&[Speaker::Person, Speaker::Client], Speaker::as_str, word)
}

/// What drives Codex.
pub(super) fn driver_of(word: &str) -> Option<Driver> {
    named(&[Driver::Exec, Driver::AppServer], Driver::as_str, word)
}

fn limit_of(word: &str) -> Option<Limit> {
    named(
        &[Limit::Total, Limit::Silence, Limit::FirstEvent],
        Limit::as_str,
        word,
    )
}

/// The one of `all` that has this name.
pub(super) fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, word: &str) -> Option<T> {
    all.iter().copied().find(|one| name(*one) == word)
}

/// SQLite counts with a sign.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The way back from [`signed`].
pub(super) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_as_itself() {
        let mut states = vec![
            RunState::Queued,
            RunState::Starting,
            RunState::Running,
            RunState::WaitingForAnswer,
            RunState::Ended(Outcome::Succeeded),
            RunState::Ended(Outcome::Lost),
        ];
        for by in [Canceller::Client, Canceller::Person, Canceller::Owner] {
            states.push(RunState::Stopping(StopReason::Cancelled(by)));
            states.push(RunState::Ended(Outcome::Cancelled(by)));
        }
        for limit in [Limit::Total, Limit::Silence, Limit::FirstEvent] {
            states.push(RunState::Stopping(StopReason::TimedOut(limit)));
            states.push(RunState::Ended(Outcome::TimedOut(limit)));
        }
        for code in ErrorCode::ALL {
            states.push(RunState::Ended(Outcome::Failed(*code)));
        }
        for state in states {
            let (word, detail) = state_words(state);
            assert_eq!(state_of(word, detail), Some(state));
        }
    }
}
