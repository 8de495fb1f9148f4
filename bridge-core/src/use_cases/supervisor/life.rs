//! The life of one run, from its place in the queue to its last write.

use std::time::Duration;

use tokio::process::Child;

use crate::adapters::codex::failure::{self, Evidence};
use crate::adapters::store::{Store, StoreError};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::event::{EventBody, Notice};
use crate::domain::id::RunId;
use crate::domain::run::Message;
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{Outcome, RunState, Signal};
use crate::domain::task::Job;
use crate::platform::clock::Moment;
use crate::platform::family::Marker;
use crate::platform::spawn;
use crate::use_cases::api_key;
use crate::use_cases::error::Error;
use crate::use_cases::host::Host;
use crate::use_cases::reaper::Reaper;
use crate::use_cases::settings::{Settings, SettingsCache};
use crate::use_cases::supervisor::applied::{ReadBack, read_back};
use crate::use_cases::supervisor::beginning::Unprepared;
use crate::use_cases::supervisor::clock::RunClock;
use crate::use_cases::supervisor::launch::{self, Ready};
use crate::use_cases::supervisor::ledger::Ledger;
use crate::use_cases::supervisor::leg::{End, Time};
use crate::use_cases::supervisor::limits::Limits;
use crate::use_cases::supervisor::order::Order;
use crate::use_cases::supervisor::pump::Pump;
use crate::use_cases::supervisor::pump::asking::Asking;
use crate::use_cases::supervisor::verdict::{Seen, verdict};
use crate::use_cases::thread_lock::Hold;

/// How often a living run looks for messages, limits and new processes.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// How long the last write is tried; the outcome file holds the result in any case.
const LAST_WRITE: Duration = Duration::from_secs(60);

/// Whether the supervisor is a process of its own, which may adopt what the run leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A process of its own.
    Process,
    /// A task in a process that does other things, too.
    Task,
}

/// One run, while it lives.
pub(crate) struct Life {
    pub(crate) host: Host,
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) reaper: Option<Reaper>,
    pub(crate) place: Place,
    pub(crate) hold: Hold,
    pub(crate) order: Order,
    pub(crate) clock: RunClock,
}

impl Life {
    /// Carries the run out. When this returns, the run has ended and nothing of it is alive.
    pub(crate) async fn live(mut self) -> Result<(), StoreError> {
        if !self.turn_came().await? {
            return Ok(());
        }
        // It may have waited for long: what the person allows now is what counts.
        let settings = SettingsCache::default().get(&self.host);
        if let Ok(settings) = &settings {
            self.settings = settings.clone();
        }
        // Before the first text: the scrubber has to know it.
        let key = match &settings {
            Ok(_) => api_key::for_run(&mut self.settings).await,
            Err(_) => Ok(None),
        };
        let mut ledger = Ledger::new(self.settings.config.run, self.settings.scrubber.clone());
        let state = RunState::Starting;
        ledger.push(self.clock.now(), EventBody::State(state));
        if let Err(error) = settings {
            let failure = Error::from(error).failure(&self.settings.scrubber);
            return self.end_early(ledger, state, failure).await;
        }
        let key = match key {
            Ok(key) => key,
            Err(error) => {
                let failure = error.failure(&self.settings.scrubber);
                return self.end_early(ledger, state, failure).await;
            }
        };
        let (ready, launch) = match self.prepared(key.as_ref()).await {
            Ok(prepared) => prepared,
            Err(Unprepared::Failed(failure)) => {
                return self.end_early(ledger, state, failure).await;
            }
            Err(Unprepared::Stop(why)) => return self.stop_early(ledger, state, why).await,
        };
        ledger.progress().codex = Some(ready.codex.clone());
        ledger.progress().driver = Some(ready.driver());
        self.tell_workspace(&mut ledger, &ready.workplace);
        let child = match spawn::spawn(launch) {
            Ok(child) => child,
            Err(error) => {
                let failure = launch::spawn_failure(&error, &self.settings.scrubber);
                return self.end_early(ledger, state, failure).await;
            }
        };
        self.follow(ledger, state, ready, child).await
    }

    pub(super) fn run(&self) -> &RunId {
        &self.order.run
    }

    /// What all of the run's processes carry.
    pub(super) fn marker(&self) -> Marker {
        Marker {
            key: Host::RUN_VAR,
            value: self.run().as_str().to_owned(),
        }
    }

    /// Follows Codex from its start to the last write: each of its processes, one after another.
    async fn follow(
        &self,
        mut ledger: Ledger,
        state: RunState,
        mut ready: Ready,
        child: Child,
    ) -> Result<(), StoreError> {
        let state = step(state, Signal::Spawned);
        ledger.progress().state = Some(state);
        ledger.progress().started = Some(self.clock.now());
        ledger.push(self.clock.now(), EventBody::State(state));
        let mut pump = Pump::new(
            self.store.clone(),
            self.run().clone(),
            ready.talk(),
            ledger,
            self.settings.scrubber.clone(),
            self.settings.config.run,
            self.clock,
        )
        .asking(Asking::new(
            self.settings.config.answer_limit,
            self.order.sandbox,
        ));
        if let Job::Resume { thread } = &self.order.job {
            pump.heard.expect(thread.clone());
        }
        let limits = Limits::new(&self.settings.config.run, self.order.timeout);
        let mut time = Time {
            started: Moment::now(),
            limits,
        };
        if let Some(sentence) = ready.decided {
            pump.ledger
                .notice(self.clock.now(), Notice::Decided, sentence);
        }
        let mut next = Ok(child);
        let mut end = End::of(state);
        let mut back = ReadBack::default();
        loop {
            if let Some(sentence) = ready.work.notice() {
                let at = self.clock.now();
                pump.ledger.notice(at, Notice::Review, &sentence);
            }
            match next {
                Ok(child) => {
                    let later = self.leg(&mut pump, child, state, &mut time).await;
                    end = end.and(&later);
                    let thread = pump.heard.thread.as_ref();
                    back = back.and(read_back(
                        &self.order,
                        &ready,
                        thread,
                        &self.settings.scrubber,
                    ));
                }
                Err(error) => {
                    let failure = launch::spawn_failure(&error, &self.settings.scrubber);
                    pump.heard.failed = Some(failure);
                }
            }
            if pump.heard.has_answered() {
                ready.work.done(&mut pump.heard);
            }
            let falls_back = end.may_fall_back(&pump) && ready.fall_back();
            if falls_back {
                let sentence = "`codex app-server` did not begin; `codex exec` takes over";
                pump.ledger
                    .notice(self.clock.now(), Notice::Decided, sentence);
                pump.ledger.progress().driver = Some(ready.driver());
            } else if !end.may_go_on(&pump.heard) || !ready.work.next() {
                break;
            }
            pump.begin_leg(ready.talk());
            time.begin_leg();
            // Each process has a thread of its own.
            self.hold.release();
            next = ready.launch_again().and_then(spawn::spawn);
        }
        self.conclude(pump, ready, end, back).await
    }

    /// Decides how the run ended and writes it.
    async fn conclude(
        &self,
        mut pump: Pump,
        mut ready: Ready,
        end: End,
        back: ReadBack,
    ) -> Result<(), StoreError> {
        let at = self.clock.now();
        if end.leftovers > 0 && !matches!(end.state, RunState::Stopping(_)) {
            let sentence = match end.leftovers {
                1 => "1 process was left behind and has been ended".to_owned(),
                count => format!("{count} processes were left behind and have been ended"),
            };
            pump.ledger.notice(at, Notice::LeftBehind, &sentence);
        }
        if end.survivors > 0 {
            let sentence = format!("{} processes could not be ended", end.survivors);
            pump.ledger.notice(at, Notice::LeftBehind, &sentence);
        }
        if let Err(error) = pump.flush().await {
            tracing::warn!(run = %self.run(), %error, "could not write the last events yet");
        }
        let heard = &pump.heard;
        let seen = Seen {
            completed: heard.completed,
            failed: heard.failed.clone(),
            exit: end.exit,
        };
        let scrubber = &self.settings.scrubber;
        let classify = |exit| {
            let evidence = Evidence {
                errors: &heard.errors,
                stderr: &heard.stderr,
                exit,
            };
            failure::classify(&evidence, scrubber)
        };
        let verdict = back.judge(verdict(seen, classify), scrubber);
        let state = step(end.state, verdict.signal);
        let failure = match state {
            RunState::Ended(Outcome::Failed(_)) => verdict.failure,
            _ => self.stop_failure(state, &heard.errors),
        };
        let failure = match failure {
            Some(failure) => Some(self.advised(failure).await),
            None => None,
        };
        let limits = pump.heard.limits.take().or(back.limits.clone());
        let mut ledger = pump.into_ledger();
        self.note_limits(limits, state, &mut ledger).await;
        if let Some(reviewed) = ready.work.finish(scrubber).await {
            ledger.progress().message = Some(self.bounded(reviewed.message));
            ledger.progress().review = Some(reviewed.review);
        }
        if let Some(sentence) = back.sentence() {
            ledger.notice(at, Notice::Differs, &sentence);
        }
        ledger.progress().applied = back.applied;
        ledger.progress().changes = ready.workplace.changes(scrubber).await;
        ready.workplace.leave();
        ledger.progress().exit = end.exit;
        ledger.progress().failure = failure;
        self.end(ledger, state).await
    }

    fn bounded(&self, mut text: Scrubbed) -> Message {
        let left_out = text.truncate(self.settings.config.run.message) as u64;
        Message { text, left_out }
    }

    /// What a run that was stopped says in place of an error.
    fn stop_failure(&self, state: RunState, errors: &[Scrubbed]) -> Option<Failure> {
        let RunState::Ended(Outcome::TimedOut(limit)) = state else {
            return None;
        };
        // What Codex complained of last is most likely why nothing happened.
        let last = errors.last().map(|_| {
            let evidence = Evidence {
                errors,
                stderr: "",
                exit: None,
            };
            failure::classify(&evidence, &self.settings.scrubber)
        });
        Some(launch::limit_failure(limit, last, &self.settings.scrubber))
    }

    /// The run's last write: tried for a while, since nothing else can tell how it ended.
    pub(super) async fn end(&self, mut ledger: Ledger, state: RunState) -> Result<(), StoreError> {
        // Codex is gone; whoever sees the end may go on with the thread at once.
        self.hold.release();
        let at = self.clock.now();
        ledger.progress().state = Some(state);
        ledger.progress().ended = Some(at);
        ledger.push(at, EventBody::State(state));
        let Some(entry) = ledger.take() else {
            return Ok(());
        };
        let begin = Moment::now();
        loop {
            let result = self
                .store
                .append(self.run(), entry.events.clone(), entry.progress.clone())
                .await;
            match result {
                Ok(_) => break,
                Err(error @ (StoreError::RunEnded(_) | StoreError::UnknownRun(_))) => {
                    return Err(error);
                }
                Err(error) if Moment::now().since(begin) > LAST_WRITE => return Err(error),
                Err(error) => {
                    tracing::warn!(run = %self.run(), %error, "could not write the end; trying again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        self.tidy_up().await;
        Ok(())
    }
}

/// The next state. A signal out of turn is a fault of ours: the run keeps its state, and the log tells.
pub(super) fn step(state: RunState, signal: Signal) -> RunState {
    state.after(signal).unwrap_or_else(|error| {
        tracing::error!(%error, "a signal out of turn");
        match state {
            RunState::Ended(_) => state,
            _ => RunState::Ended(Outcome::Failed(ErrorCode::Internal)),
        }
    })
}
