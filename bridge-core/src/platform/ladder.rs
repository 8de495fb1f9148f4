//! Stops a run's whole family: asks its leader, then tells everybody, then kills.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, timeout};

use crate::platform::exit_watch::ExitWatch;
use crate::platform::family::Family;
use crate::platform::process_table::{self, ProcessId};
use crate::platform::signal;

/// How often to look for newly started members while waiting for the known ones to end.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// What the others get to end by themselves once the leader has gone.
const SETTLE: Duration = Duration::from_millis(200);
/// How long to wait for news of the leader's exit status once it has ended.
const STATUS: Duration = Duration::from_millis(500);

/// How long to wait on each rung before the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rungs {
    /// After SIGINT to the leader: Codex then ends its commands and notes in the thread that the turn was stopped.
    pub interrupt: Duration,
    /// After SIGTERM to all.
    pub terminate: Duration,
    /// After SIGKILL to all, which is repeated for whoever is found meanwhile.
    pub kill: Duration,
}

impl Default for Rungs {
    fn default() -> Self {
        Self {
            interrupt: Duration::from_millis(1500),
            terminate: Duration::from_millis(1000),
            kill: Duration::from_millis(1000),
        }
    }
}

/// How far the ladder had to be climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// Everybody had ended before.
    NotNeeded,
    /// SIGINT to the leader was enough.
    Interrupt,
    /// SIGTERM to all was enough.
    Terminate,
    /// It took SIGKILL.
    Kill,
}

/// What became of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped<T> {
    /// The last rung that was taken.
    pub rung: Rung,
    /// Who is still there: processes of other users, or ones that hang in the kernel. Nobody, as a rule.
    pub survivors: Vec<ProcessId>,
    /// What `leader_exit` gave.
    pub exit: Option<T>,
}

/// Stops everybody, waiting no longer than the rungs say. `leader_exit` collects the leader's status meanwhile; for a
/// family without a leader it is never asked for after the end.
pub async fn stop<T>(
    family: &mut Family,
    leader_exit: impl Future<Output = T>,
    rungs: Rungs,
) -> Stopped<T> {
    let mut leader_exit = pin!(leader_exit);
    let mut exit = None;
    let (rung, survivors) = {
        let mut climb = pin!(climb(family, rungs));
        loop {
            tokio::select! {
                done = &mut climb => break done,
                status = &mut leader_exit, if exit.is_none() => exit = Some(status),
            }
        }
    };
    let leader_ended = family
        .leader()
        .is_some_and(|id| !process_table::is_alive(id));
    if exit.is_none() && leader_ended {
        exit = timeout(STATUS, leader_exit).await.ok();
    }
    Stopped {
        rung,
        survivors,
        exit,
    }
}

async fn climb(family: &mut Family, rungs: Rungs) -> (Rung, Vec<ProcessId>) {
    look(family);
    if family.alive().is_empty() {
        return (Rung::NotNeeded, Vec::new());
    }

    if let Some(leader) = family.leader().filter(|id| process_table::is_alive(*id)) {
        // An error means that it can't be reached; what follows will tell.
        let _ = signal::send(leader, Signal::INT);
        let begin = Instant::now();
        if wait(family, Some(leader), rungs.interrupt).await {
            let left = rungs.interrupt.saturating_sub(begin.elapsed());
            if wait(family, None, SETTLE.min(left)).await {
                return (Rung::Interrupt, Vec::new());
            }
        }
    }

    look(family);
    family.signal_all(Signal::TERM);
    // Whoever was stopped gets to see the first signal only now.
    family.signal_all(Signal::CONT);
    if wait(family, None, rungs.terminate).await {
        return (Rung::Terminate, Vec::new());
    }

    let begin = Instant::now();
    loop {
        look(family);
        family.signal_all(Signal::KILL);
        let left = rungs.kill.saturating_sub(begin.elapsed());
        if wait(family, None, LOOK_AGAIN.min(left)).await || left.is_zero() {
            return (Rung::Kill, family.alive());
        }
    }
}

/// Waits until `whom`, or else everybody, has ended; tells whether that came to pass within `limit`.
async fn wait(family: &mut Family, whom: Option<ProcessId>, limit: Duration) -> bool {
    let begin = Instant::now();
    loop {
        let alive = match whom {
            Some(id) => process_table::is_alive(id).then_some(id),
            None => family.alive().first().copied(),
        };
        let Some(id) = alive else {
            return true;
        };
        let left = limit.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return false;
        }
        let _ = timeout(LOOK_AGAIN.min(left), ExitWatch::new(id).ended()).await;
        look(family);
    }
}

fn look(family: &mut Family) {
    // Without the table, the ones that are known already are still signalled.
    if let Err(error) = family.observe() {
        tracing::warn!(%error, "could not look for the processes of a run");
    }
    family.reap();
}

#[cfg(test)]
mod tests;
