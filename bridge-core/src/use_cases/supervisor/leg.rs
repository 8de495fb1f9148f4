//! One Codex process of a run, from its start to its end. Most runs have one; a large review has several.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::Child;
use tokio::time::{MissedTickBehavior, interval};

use crate::adapters::store::{AuditEntry, StoreError, ToSupervisor};
use crate::domain::event::{EventBody, Notice};
use crate::domain::question::Decision;
use crate::domain::run::Exit;
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{RunState, Signal, StopReason};
use crate::platform::clock::Moment;
use crate::platform::family::Family;
use crate::platform::ladder::{self, Rungs, Stopped};
use crate::platform::process_table::{self, ProcessId};
use crate::use_cases::supervisor::heard::{Heard, thread_taken};
use crate::use_cases::supervisor::life::{Life, Place, TICK, step};
use crate::use_cases::supervisor::limits::Limits;
use crate::use_cases::supervisor::pump::asking::Answerer;
use crate::use_cases::supervisor::pump::{Pump, Remark};
use crate::use_cases::supervisor::roll::Roll;

/// How many ticks pass between looks at the process table while no command is known to have begun.
const LOOK_EVERY: u32 = 10;
/// How long Codex may take to end by itself after its final event.
const LINGER: Duration = Duration::from_secs(5);
/// How long an app-server may take to answer a greeting, before `codex exec` takes over.
const GREETING: Duration = Duration::from_secs(10);
/// How long nothing may come after Codex has ended, while something else holds its end of the pipe.
const QUIET: Duration = Duration::from_millis(500);
/// How long output is read after Codex has ended, when something else writes on.
const DRAIN: Duration = Duration::from_secs(2);
/// How following Codex came to an end.
enum Left {
    /// `None`: its status can't be had.
    Exited(Option<ExitStatus>),
    Stop(Option<StopReason>),
}

/// What became of the process and of all that it started.
pub(super) struct End {
    pub(super) state: RunState,
    pub(super) exit: Option<Exit>,
    pub(super) leftovers: usize,
    pub(super) survivors: usize,
}

/// The time of a run, over all of its processes.
pub(super) struct Time {
    pub(super) started: Moment,
    pub(super) limits: Limits,
}

impl Time {
    /// The next process begins.
    pub(super) fn begin_leg(&mut self) {
        self.limits.begin_leg(Moment::now().since(self.started));
    }
}

impl End {
    /// Before the first process.
    pub(super) fn of(state: RunState) -> End {
        End {
            state,
            exit: None,
            leftovers: 0,
            survivors: 0,
        }
    }

    /// Whether another process may follow: the last one did its work, and nobody wants the run to stop.
    pub(super) fn may_go_on(&self, heard: &Heard) -> bool {
        matches!(self.state, RunState::Running) && heard.completed && heard.failed.is_none()
    }

    /// Whether another way to drive Codex may be tried: nothing was done, and nobody wants the run to stop.
    pub(super) fn may_fall_back(&self, pump: &Pump) -> bool {
        matches!(self.state, RunState::Running) && pump.talk.never_began()
    }

    /// The end of this process and of a later one.
    pub(super) fn and(self, later: &End) -> End {
        End {
            leftovers: self.leftovers + later.leftovers,
            survivors: self.survivors + later.survivors,
            ..*later
        }
    }
}

impl Life {
    /// Tells a Codex that was started what to do, and follows it until nothing of it is left.
    pub(super) async fn leg(
        &self,
        pump: &mut Pump,
        mut child: Child,
        state: RunState,
        time: &mut Time,
    ) -> End {
        pump.attach(&mut child);
        let mut family = self.family(&child);
        let left = self.watch(pump, &mut child, &mut family, time).await;
        self.bring_to_an_end(pump, &mut child, &mut family, state, left)
            .await
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
        time: &mut Time,
    ) -> Left {
        let Time { started, limits } = time;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks = 0_u32;
        let mut roll = Roll::new(self.store.clone(), self.run().clone());
        let mut completed_at = None;
        let begun = Moment::now();
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
                    for message in self.messages().await {
                        match message {
                            ToSupervisor::Cancel { by } => {
                                return Left::Stop(Some(StopReason::Cancelled(by)));
                            }
                            ToSupervisor::Steer { text, by } => pump.steer(Remark { text, by }),
                            ToSupervisor::Answer { question, decision, by } => {
                                pump.answer(question, decision, Answerer::Speaker(by));
                                if decision == Decision::Stop {
                                    return Left::Stop(Some(StopReason::Cancelled(by.into())));
                                }
                            }
                        }
                    }
                    pump.decline_if_late();
                    self.note(pump).await;
                    if pump.is_asking() {
                        // It is not Codex that takes its time.
                        limits.heard(Moment::now().since(*started));
                    }
                    if matches!(pump.refused(), Some(StoreError::RunEnded(_) | StoreError::UnknownRun(_))) {
                        return Left::Stop(None);
                    }
                    if let Some(at) = pump.heard.last_progress {
                        limits.heard(at.since(*started));
                    }
                    if let Some(limit) = limits.reached(Moment::now().since(*started)) {
                        let sentence = limits.sentence(limit);
                        pump.ledger.notice(self.clock.now(), Notice::LimitReached, &sentence);
                        return Left::Stop(Some(StopReason::TimedOut(limit)));
                    }
                    if pump.talk.is_unanswered() && Moment::now().since(begun) > GREETING {
                        return Left::Stop(None);
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

    /// Tells the audit log what was asked and answered.
    async fn note(&self, pump: &mut Pump) {
        for noted in pump.take_noted() {
            let entry = AuditEntry {
                at: noted.at,
                client: self.settings.scrubber.scrub(&self.order.client),
                action: Scrubbed::literal(noted.action),
                subject: self.settings.scrubber.scrub(self.run().as_str()),
                outcome: Scrubbed::literal(noted.outcome),
                detail: noted.detail,
            };
            if let Err(error) = self.store.audit(entry).await {
                tracing::warn!(run = %self.run(), %error, "could not write the audit log");
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
        pump.stop_asking();
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
        pump.detach();
        self.note(pump).await;
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

fn exit_of(status: ExitStatus) -> Option<Exit> {
    match (status.code(), status.signal()) {
        (Some(code), _) => Some(Exit::Code(code)),
        (None, Some(signal)) => Some(Exit::Signal(signal)),
        (None, None) => None,
    }
}
