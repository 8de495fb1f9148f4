//! The life of one run, from its place in the queue to its last write.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin};
use tokio::time::{MissedTickBehavior, interval};

use crate::adapters::codex::failure::{self, Evidence};
use crate::adapters::store::{Store, StoreError};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::event::{EventBody, Notice};
use crate::domain::id::RunId;
use crate::domain::run::Exit;
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{Outcome, RunState, Signal, StopReason};
use crate::domain::task::Job;
use crate::platform::clock::Moment;
use crate::platform::family::{Family, Marker};
use crate::platform::ladder::{self, Rungs, Stopped};
use crate::platform::process_table::{self, ProcessId};
use crate::platform::spawn;
use crate::use_cases::error::Error;
use crate::use_cases::host::Host;
use crate::use_cases::reaper::Reaper;
use crate::use_cases::settings::{Settings, SettingsCache};
use crate::use_cases::supervisor::applied::read_back;
use crate::use_cases::supervisor::beginning::Unprepared;
use crate::use_cases::supervisor::clock::RunClock;
use crate::use_cases::supervisor::heard::thread_taken;
use crate::use_cases::supervisor::launch::{self, Ready};
use crate::use_cases::supervisor::ledger::Ledger;
use crate::use_cases::supervisor::limits::Limits;
use crate::use_cases::supervisor::order::Order;
use crate::use_cases::supervisor::pump::Pump;
use crate::use_cases::supervisor::roll::Roll;
use crate::use_cases::supervisor::verdict::{Seen, verdict};
use crate::use_cases::thread_lock::Hold;

/// How often a living run looks for messages, limits and new processes.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// How many ticks pass between looks at the process table while no command is known to have begun.
const LOOK_EVERY: u32 = 10;
/// How long Codex may take to end by itself after its final event.
const LINGER: Duration = Duration::from_secs(5);
/// How long nothing may come after Codex has ended, while something else holds its end of the pipe.
const QUIET: Duration = Duration::from_millis(500);
/// How long output is read after Codex has ended, when something else writes on.
const DRAIN: Duration = Duration::from_secs(2);
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

/// How following Codex came to an end.
enum Left {
    /// `None`: its status can't be had.
    Exited(Option<ExitStatus>),
    Stop(Option<StopReason>),
}

/// What became of the process and of all that it started.
struct End {
    state: RunState,
    exit: Option<Exit>,
    leftovers: usize,
    survivors: usize,
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
        let mut ledger = Ledger::new(self.settings.config.run, self.settings.scrubber.clone());
        let state = RunState::Starting;
        ledger.push(self.clock.now(), EventBody::State(state));
        if let Err(error) = settings {
            let failure = Error::from(error).failure(&self.settings.scrubber);
            return self.end_early(ledger, state, failure).await;
        }
        let (ready, launch) = match self.prepared().await {
            Ok(prepared) => prepared,
            Err(Unprepared::Failed(failure)) => {
                return self.end_early(ledger, state, failure).await;
            }
            Err(Unprepared::Stop(why)) => return self.stop_early(ledger, state, why).await,
        };
        ledger.progress().codex = Some(ready.codex.clone());
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

    /// Follows Codex from its start to the last write.
    async fn follow(
        &self,
        mut ledger: Ledger,
        state: RunState,
        ready: Ready,
        mut child: Child,
    ) -> Result<(), StoreError> {
        let started = Moment::now();
        let state = step(state, Signal::Spawned);
        ledger.progress().state = Some(state);
        ledger.progress().started = Some(self.clock.now());
        ledger.push(self.clock.now(), EventBody::State(state));
        let mut pump = Pump::new(
            self.store.clone(),
            self.run().clone(),
            ready.parser(),
            ledger,
            self.settings.scrubber.clone(),
            self.settings.config.run,
            self.clock,
        );
        if let Job::Resume { thread } = &self.order.job {
            pump.heard.expect(thread.clone());
        }
        pump.attach(child.stdout.take(), child.stderr.take());
        let writing = tokio::spawn(write_prompt(
            child.stdin.take(),
            self.order.prompt.as_str().to_owned(),
        ));
        let mut family = self.family(&child);
        let mut limits = Limits::new(&self.settings.config.run, self.order.timeout);

        let left = self
            .watch(&mut pump, &mut child, &mut family, &mut limits, started)
            .await;
        let end = self
            .bring_to_an_end(&mut pump, &mut child, &mut family, state, left)
            .await;
        writing.abort();
        self.conclude(pump, ready, end).await
    }

    /// What all of the run's processes carry.
    pub(super) fn marker(&self) -> Marker {
        Marker {
            key: Host::RUN_VAR,
            value: self.run().as_str().to_owned(),
        }
    }

    fn family(&self, child: &Child) -> Family {
        let marker = self.marker();
        let pid = child.id().unwrap_or_default();
        let mut family = match process_table::start_time(pid) {
            Some(started) => Family::new(marker, ProcessId { pid, started }),
            // It has ended already; what it may have started carries the marker.
            None => Family::from_known(marker, Vec::new()),
        };
        if self.place == Place::Process {
            family.adopt_orphans(Vec::new());
        }
        family
    }

    /// Watches until Codex ends or has to be stopped.
    async fn watch(
        &self,
        pump: &mut Pump,
        child: &mut Child,
        family: &mut Family,
        limits: &mut Limits,
        started: Moment,
    ) -> Left {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks = 0_u32;
        let mut roll = Roll::new(self.store.clone(), self.run().clone());
        let mut completed_at = None;
        // Codex itself is known without a look, which would find nobody yet and hold up its first events.
        roll.note(family.known());
        loop {
            tokio::select! {
                () = pump.step() => {
                    if self.is_astray(pump) {
                        return Left::Stop(None);
                    }
                }
                () = roll.step() => {}
                status = child.wait() => {
                    return Left::Exited(status.ok());
                }
                _ = tick.tick() => {
                    ticks = ticks.wrapping_add(1);
                    if std::mem::take(&mut pump.heard.command_began) || ticks.is_multiple_of(LOOK_EVERY) {
                        self.look(family);
                        roll.note(family.known());
                    }
                    if let Some(why) = self.stop_asked().await {
                        return Left::Stop(Some(why));
                    }
                    if matches!(pump.refused(), Some(StoreError::RunEnded(_) | StoreError::UnknownRun(_))) {
                        return Left::Stop(None);
                    }
                    if let Some(at) = pump.heard.last_progress {
                        limits.heard(at.since(started));
                    }
                    if let Some(limit) = limits.reached(Moment::now().since(started)) {
                        let sentence = limits.sentence(limit);
                        pump.ledger.notice(self.clock.now(), Notice::LimitReached, &sentence);
                        return Left::Stop(Some(StopReason::TimedOut(limit)));
                    }
                    if pump.heard.completed || pump.heard.failed.is_some() {
                        let since = *completed_at.get_or_insert_with(Moment::now);
                        if Moment::now().since(since) > LINGER {
                            return Left::Stop(None);
                        }
                    }
                }
            }
        }
    }

    /// Whether Codex works in a thread that is not this run's to write to. The run fails then.
    fn is_astray(&self, pump: &mut Pump) -> bool {
        if std::mem::take(&mut pump.heard.thread_began)
            && let Some(thread) = &pump.heard.thread
            && !self.hold.take(thread)
        {
            let why = thread_taken(thread, &self.settings.scrubber);
            pump.heard.stray(why);
        }
        pump.heard.is_astray()
    }

    /// Looks who belongs to the run by now.
    fn look(&self, family: &mut Family) {
        if let Err(error) = family.observe() {
            tracing::warn!(run = %self.run(), %error, "can't read the process table");
        }
        family.reap();
    }

    /// Stops what has to be stopped, reads what is left to read, and ends what was left behind.
    async fn bring_to_an_end(
        &self,
        pump: &mut Pump,
        child: &mut Child,
        family: &mut Family,
        mut state: RunState,
        left: Left,
    ) -> End {
        let status = match left {
            Left::Exited(status) => status,
            Left::Stop(why) => {
                if let Some(why) = why {
                    state = step(state, Signal::StopAsked(why));
                    pump.ledger.progress().state = Some(state);
                    pump.ledger.push(self.clock.now(), EventBody::State(state));
                }
                let stopped = climb(pump, family, child).await;
                stopped.exit.and_then(Result::ok)
            }
        };
        // Codex is gone. What it wrote before is read, but nobody waits for those who merely hold its pipe.
        pump.drain(QUIET, DRAIN).await;
        self.look(family);
        let leftovers = family.alive().len();
        let survivors = match leftovers {
            0 => 0,
            _ => {
                // The leader's status is known already.
                let known = std::future::ready(());
                let stopped = ladder::stop(family, known, Rungs::default()).await;
                family.reap();
                stopped.survivors.len()
            }
        };
        End {
            state,
            exit: status.and_then(exit_of),
            leftovers,
            survivors,
        }
    }

    /// Decides how the run ended and writes it.
    async fn conclude(&self, mut pump: Pump, ready: Ready, end: End) -> Result<(), StoreError> {
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
        pump.heard.finish(&self.settings.scrubber);
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
        let back = read_back(&self.order, &ready, heard.thread.as_ref(), scrubber);
        let verdict = back.judge(verdict(seen, classify), scrubber);
        let state = step(end.state, verdict.signal);
        let failure = match state {
            RunState::Ended(Outcome::Failed(_)) => verdict.failure,
            _ => self.stop_failure(state, &heard.errors),
        };
        let mut ledger = pump.into_ledger();
        if let Some(sentence) = back.sentence() {
            ledger.notice(at, Notice::Differs, &sentence);
        }
        ledger.progress().applied = back.applied;
        ledger.progress().changes = ready.workplace.changes(scrubber).await;
        ledger.progress().exit = end.exit;
        ledger.progress().failure = failure;
        self.end(ledger, state).await
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

/// Stops the family while its output is still read.
async fn climb(
    pump: &mut Pump,
    family: &mut Family,
    child: &mut Child,
) -> Stopped<std::io::Result<ExitStatus>> {
    let mut stopping = std::pin::pin!(ladder::stop(family, child.wait(), Rungs::default()));
    loop {
        tokio::select! {
            stopped = &mut stopping => return stopped,
            () = pump.step() => {}
        }
    }
}

/// Writes the prompt and closes the pipe: Codex waits for its end. One that reads no input is none of our faults.
async fn write_prompt(stdin: Option<ChildStdin>, prompt: String) {
    let Some(mut stdin) = stdin else { return };
    if let Err(error) = stdin.write_all(prompt.as_bytes()).await {
        tracing::info!(%error, "Codex did not read its whole prompt");
    }
}

fn exit_of(status: ExitStatus) -> Option<Exit> {
    match (status.code(), status.signal()) {
        (Some(code), _) => Some(Exit::Code(code)),
        (None, Some(signal)) => Some(Exit::Signal(signal)),
        (None, None) => None,
    }
}
