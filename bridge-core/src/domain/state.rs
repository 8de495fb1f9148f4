//! The life of a run as a state machine: one enum, one transition function, every pair written out.

use crate::domain::error::ErrorCode;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Waits for its turn.
    Queued,
    /// Has its turn; Codex is being started.
    Starting,
    /// Codex works.
    Running,
    /// Codex waits for an answer of a person or a client.
    WaitingForAnswer,
    /// Is being stopped, for the reason given first.
    Stopping(StopReason),
    /// Over. Nothing leaves this state.
    Ended(Outcome),
}

/// Why a run is being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody asked for it.
    Cancelled(Canceller),
    /// It reached a limit.
    TimedOut(Limit),
}

/// Who asked for a run to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canceller {
    /// An MCP client.
    Client,
    /// The person, in the app or on the command line.
    Person,
    /// The process that owned an ephemeral run, at its own end.
    Owner,
}

/// Which time limit a run reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The run took too long as a whole.
    Total,
    /// Codex said nothing for too long.
    Silence,
    /// Codex did not say its first word in time.
    FirstEvent,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Codex finished its turn.
    Succeeded,
    /// Something failed.
    Failed(ErrorCode),
    /// Somebody stopped it.
    Cancelled(Canceller),
    /// It reached a time limit.
    TimedOut(Limit),
    /// Its supervisor died.
    Lost,
}

/// What happens to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The queue let it go.
    TurnCame,
    /// The Codex process lives.
    Spawned,
    /// Codex asked something that needs an answer.
    Asked,
    /// The question was answered.
    Answered,
    /// Somebody or a limit wants it to stop.
    StopAsked(StopReason),
    /// Codex finished its turn and all of its processes are gone.
    Finished,
    /// It can't go on, for the reason given, and all of its processes are gone.
    Failed(ErrorCode),
    /// Somebody found that its supervisor died.
    SupervisorDied,
}

/// A signal that makes no sense in the state that it met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{signal:?} does not fit a run that is {state:?}")]
pub struct OutOfTurn {
    /// The state, which stays.
    pub state: RunState,
    /// The signal.
    pub signal: Signal,
}

impl RunState {
    /// The state that follows.
    pub fn after(self, signal: Signal) -> Result<RunState, OutOfTurn> {
        use {Outcome as O, RunState as R, Signal as S};
        let next = match (self, signal) {
            (R::Queued, S::TurnCame) => R::Starting,
            (R::Starting, S::Spawned) => R::Running,
            (R::Running, S::Asked) => R::WaitingForAnswer,
            (R::WaitingForAnswer, S::Answered) => R::Running,

            // What has not started has nothing to stop.
            (R::Queued, S::StopAsked(why)) => R::Ended(why.outcome()),
            (R::Starting | R::Running | R::WaitingForAnswer, S::StopAsked(why)) => R::Stopping(why),
            // The first reason wins.
            (R::Stopping(why), S::StopAsked(_)) => R::Stopping(why),

            (R::Running | R::WaitingForAnswer, S::Finished) => R::Ended(O::Succeeded),
            (R::Queued | R::Starting | R::Running | R::WaitingForAnswer, S::Failed(code)) => {
                R::Ended(O::Failed(code))
            }
            (R::Stopping(why), S::Finished | S::Failed(_)) => R::Ended(why.outcome()),

            (
                R::Queued | R::Starting | R::Running | R::WaitingForAnswer | R::Stopping(_),
                S::SupervisorDied,
            ) => R::Ended(O::Lost),

            // Late news of something that is being stopped anyway.
            (R::Stopping(why), S::Spawned | S::Asked | S::Answered) => R::Stopping(why),

            (R::Queued, S::Spawned | S::Asked | S::Answered | S::Finished)
            | (R::Starting, S::TurnCame | S::Asked | S::Answered | S::Finished)
            | (R::Running, S::TurnCame | S::Spawned | S::Answered)
            | (R::WaitingForAnswer, S::TurnCame | S::Spawned | S::Asked)
            | (R::Stopping(_), S::TurnCame)
            | (
                R::Ended(_),
                S::TurnCame
                | S::Spawned
                | S::Asked
                | S::Answered
                | S::StopAsked(_)
                | S::Finished
                | S::Failed(_)
                | S::SupervisorDied,
            ) => {
                return Err(OutOfTurn {
                    state: self,
                    signal,
                });
            }
        };
        Ok(next)
    }

    /// Whether the run is over.
    pub fn is_final(self) -> bool {
        matches!(self, RunState::Ended(_))
    }

    /// The state's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Queued => "queued",
            RunState::Starting => "starting",
            RunState::Running => "running",
            RunState::WaitingForAnswer => "waiting",
            RunState::Stopping(_) => "stopping",
            RunState::Ended(Outcome::Succeeded) => "succeeded",
            RunState::Ended(Outcome::Failed(_)) => "failed",
            RunState::Ended(Outcome::Cancelled(_)) => "cancelled",
            RunState::Ended(Outcome::TimedOut(_)) => "timed_out",
            RunState::Ended(Outcome::Lost) => "lost",
        }
    }
}

impl StopReason {
    /// How a run ends that is stopped for this reason.
    pub fn outcome(self) -> Outcome {
        match self {
            StopReason::Cancelled(by) => Outcome::Cancelled(by),
            StopReason::TimedOut(limit) => Outcome::TimedOut(limit),
        }
    }
}

impl Canceller {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Canceller::Client => "client",
            Canceller::Person => "person",
            Canceller::Owner => "owner",
        }
    }
}

impl Limit {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Limit::Total => "total",
            Limit::Silence => "silence",
            Limit::FirstEvent => "first_event",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_CLIENT: StopReason = StopReason::Cancelled(Canceller::Client);

    fn check(start: RunState, signals: &[Signal], expected: RunState) {
        let end = signals
            .iter()
            .try_fold(start, |state, signal| state.after(*signal));
        assert_eq!(end, Ok(expected), "{start:?} {signals:?}");
    }

    #[test]
    fn a_run_that_goes_well_succeeds() {
        check(
            RunState::Queued,
            &[Signal::TurnCame, Signal::Spawned, Signal::Finished],
            RunState::Ended(Outcome::Succeeded),
        );
    }

    #[test]
    fn the_first_reason_to_stop_wins() {
        let late = Signal::StopAsked(StopReason::TimedOut(Limit::Total));
        check(
            RunState::Running,
            &[Signal::StopAsked(BY_CLIENT), late, Signal::Finished],
            RunState::Ended(Outcome::Cancelled(Canceller::Client)),
        );
    }

    #[test]
    fn what_waits_in_the_queue_is_cancelled_at_once() {
        check(
            RunState::Queued,
            &[Signal::StopAsked(BY_CLIENT)],
            RunState::Ended(Outcome::Cancelled(Canceller::Client)),
        );
    }

    #[test]
    fn nothing_leaves_the_end() {
        let end = RunState::Ended(Outcome::Lost);
        for signal in [
            Signal::TurnCame,
            Signal::Spawned,
            Signal::Asked,
            Signal::Answered,
            Signal::StopAsked(BY_CLIENT),
            Signal::Finished,
            Signal::Failed(ErrorCode::Crashed),
            Signal::SupervisorDied,
        ] {
            assert_eq!(end.after(signal), Err(OutOfTurn { state: end, signal }));
        }
    }

    #[test]
    fn every_state_but_the_end_can_be_lost() {
        for state in [
            RunState::Queued,
            RunState::Starting,
            RunState::Running,
            RunState::WaitingForAnswer,
            RunState::Stopping(BY_CLIENT),
        ] {
            check(
                state,
                &[Signal::SupervisorDied],
                RunState::Ended(Outcome::Lost),
            );
        }
    }
}
