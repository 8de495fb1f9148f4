//! Says something to a run while it works, and answers what it asks.

use std::time::{Duration, Instant};

use crate::adapters::store::{StoreError, ToSupervisor};
use crate::domain::event::{EventBody, Notice};
use crate::domain::id::RunId;
use crate::domain::policy::AboveCeiling;
use crate::domain::question::Decision;
use crate::domain::run::{Driver, Run, Speaker};
use crate::domain::scrub::Scrubbed;
use crate::domain::state::RunState;
use crate::use_cases::bridge::{Bridge, EventsWanted};
use crate::use_cases::error::Error;

/// The longest text that can be said to the model in the middle of its turn, in bytes.
pub const LONGEST_REMARK: usize = 32 * 1024;
/// How long Codex's answer is waited for. It takes milliseconds, and the supervisor's look up to a tenth of a second.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What became of something that was said to a run.
#[derive(Clone, Debug)]
pub struct Steered {
    /// The run.
    pub run: Run,
    /// Whether the model is told.
    pub fate: Told,
    /// Whether something was taken out of it that looks like a secret.
    pub hidden: bool,
}

/// Whether the model is told what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Codex took it: the model is told before its next step.
    Yes,
    /// It is not; the sentence says why.
    No(Scrubbed),
    /// Codex has not answered yet; the timeline will tell.
    NotYet,
}

impl Bridge {
    /// Says something to the model in the middle of its turn. What the scrubber hides the model is not told either: it
    /// goes through the store.
    ///
    /// # Errors
    /// When there is no such run, it does not work at this moment, or can't be spoken to.
    pub async fn steer_run(&self, id: &RunId, text: &str, by: Speaker) -> Result<Steered, Error> {
        check(text)?;
        let clean = self.scrubber().scrub(text);
        let hidden = clean.as_str() != text;
        let run = self.run(id).await?;
        let after = run.recorded.events;
        steerable(&run)?;
        let remark = ToSupervisor::Steer { text: clean, by };
        match self.store_of(id).await?.send(id, remark).await {
            Ok(()) => {}
            Err(StoreError::RunEnded(_)) => return Err(not_steerable(id, Why::Ended)),
            Err(error) => return Err(error.into()),
        }
        let (run, fate) = self.fate_of_remark(id, after).await?;
        Ok(Steered { run, fate, hidden })
    }

    /// Answers what a run asks; without a number, the question that is open. Gives the run once its supervisor has
    /// taken the answer, or as it is after some seconds.
    ///
    /// # Errors
    /// When there is no such run or question, or when it would allow what the person lets nobody like this allow.
    pub async fn answer_run(
        &self,
        id: &RunId,
        number: Option<u64>,
        decision: Decision,
        by: Speaker,
    ) -> Result<Run, Error> {
        let run = self.run(id).await?;
        let open = run.question.as_ref().map(|question| question.number);
        let question = open
            .filter(|open| number.is_none_or(|number| number == *open))
            .ok_or_else(|| nothing_asked(id, open))?;
        let approvals = self.settings()?.config.ceilings.approvals;
        if decision.allows() && !approvals.lets(by) {
            return Err(Error::AboveCeiling(AboveCeiling {
                parameter: "approvals",
                asked: by.as_str().to_owned(),
                allowed: approvals.as_str().to_owned(),
            }));
        }
        let answer = ToSupervisor::Answer {
            question,
            decision,
            by,
        };
        let store = self.store_of(id).await?;
        match store.send(id, answer).await {
            Ok(()) => {}
            Err(StoreError::RunEnded(_)) => return Err(nothing_asked(id, None)),
            Err(error) => return Err(error.into()),
        }
        let deadline = Instant::now() + ANSWER_LIMIT;
        let mut after = run.recorded.events;
        loop {
            let updates = self.wait_for_events(id, wanted(after, deadline)).await?;
            let is_open =
                (updates.run.question.as_ref()).is_some_and(|open| open.number == question);
            let is_over = updates.run.state.is_final() && !updates.more;
            if !is_open || is_over || Instant::now() >= deadline {
                return Ok(updates.run);
            }
            after = updates.next_cursor;
        }
    }

    /// Waits for what the timeline tells of it.
    async fn fate_of_remark(&self, id: &RunId, mut after: u64) -> Result<(Run, Told), Error> {
        let deadline = Instant::now() + ANSWER_LIMIT;
        loop {
            let updates = self.wait_for_events(id, wanted(after, deadline)).await?;
            let told = updates.events.iter().find_map(|event| match &event.body {
                EventBody::Notice {
                    about: Notice::Steered,
                    ..
                } => Some(Told::Yes),
                EventBody::Notice {
                    about: Notice::NotSteered,
                    text,
                } => Some(Told::No(text.text().clone())),
                _ => None,
            });
            if let Some(told) = told {
                return Ok((updates.run, told));
            }
            if updates.run.state.is_final() && !updates.more {
                return Err(not_steerable(id, Why::Ended));
            }
            if Instant::now() >= deadline {
                return Ok((updates.run, Told::NotYet));
            }
            after = updates.next_cursor;
        }
    }
}

fn wanted(after: u64, deadline: Instant) -> EventsWanted {
    EventsWanted {
        after,
        count: 100,
        bytes: 256 * 1024,
        wait: deadline.saturating_duration_since(Instant::now()),
        live: None,
    }
}

fn nothing_asked(run: &RunId, open: Option<u64>) -> Error {
    Error::NothingAsked {
        run: run.clone(),
        open,
    }
}

fn check(text: &str) -> Result<(), Error> {
    let reason = if text.trim().is_empty() {
        "is empty; say what the model is to know or do".to_owned()
    } else if text.len() > LONGEST_REMARK {
        let bytes = text.len();
        format!("has {bytes} bytes and may have {LONGEST_REMARK}; put it into a file of the folder")
    } else {
        return Ok(());
    };
    Err(Error::InvalidArgument {
        parameter: "message",
        reason,
    })
}

/// Why a run can't be spoken to.
#[derive(Clone, Copy)]
enum Why {
    NotBegun,
    Ended,
    Stopping,
    Exec,
}

/// Whether a run can be spoken to at this moment.
fn steerable(run: &Run) -> Result<(), Error> {
    let why = match run.state {
        RunState::Queued | RunState::Starting => Why::NotBegun,
        RunState::Ended(_) => Why::Ended,
        RunState::Stopping(_) => Why::Stopping,
        RunState::Running | RunState::WaitingForAnswer => match run.driver {
            Some(Driver::AppServer) => return Ok(()),
            Some(Driver::Exec) | None => Why::Exec,
        },
    };
    Err(not_steerable(&run.id, why))
}

fn not_steerable(id: &RunId, why: Why) -> Error {
    let (reason, instead) = match why {
        Why::NotBegun => (
            "it has not begun",
            "Wait until its state is `running`, with codex_get_run_updates.",
        ),
        Why::Ended => (
            "it has ended",
            "Go on with it by codex_continue_run and a new prompt.",
        ),
        Why::Stopping => (
            "it is being stopped",
            "Wait for its end, then go on with it by codex_continue_run.",
        ),
        Why::Exec => (
            "`codex exec` drives it, which reads nothing while it works",
            "Wait for its end and go on with it by codex_continue_run, or cancel it. Runs that `codex app-server` drives \
             can be spoken to: set `codex.backend` to \"app-server\".",
        ),
    };
    Error::NotSteerable {
        run: id.clone(),
        reason,
        instead,
    }
}
