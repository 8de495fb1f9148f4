//! Finds runs whose supervisor died, ends what is left of them, and says so in their record.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::adapters::store::{Store, StoreError};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::id::RunId;
use crate::domain::run::{RecordedProcess, Timestamp};
use crate::domain::scrub::Scrubbed;
use crate::platform::family::{Family, Marker};
use crate::platform::ladder::{self, Rungs};
use crate::platform::lock::{self, FileLock};
use crate::platform::process_table::ProcessId;
use crate::use_cases::host::Host;
use crate::use_cases::state_dir::StateDir;

/// How often one who waits for a burial looks whether it is over.
const BURIAL_LOOK: Duration = Duration::from_millis(20);
/// How long a burial is waited for: longer than the whole ladder and the writes around it take.
const BURIAL_LIMIT: Duration = Duration::from_secs(15);

/// Knows a dead supervisor by its lock, which nobody holds any more.
#[derive(Clone, Debug)]
pub(crate) struct Reaper {
    state_dir: StateDir,
    now: fn() -> Timestamp,
}

impl Reaper {
    pub(crate) fn new(state_dir: StateDir, now: fn() -> Timestamp) -> Reaper {
        Reaper { state_dir, now }
    }

    /// Looks at every run that seems to live. Afterwards no run of the store does that was dead before.
    pub(crate) async fn sweep(&self, store: &Store) -> Result<(), StoreError> {
        let mut burials = JoinSet::new();
        for run in store.live_runs().await? {
            if self.is_dead(&run.id) {
                let (reaper, store) = (self.clone(), store.clone());
                burials.spawn(async move { reaper.settle(&store, &run.id).await });
            }
        }
        while burials.join_next().await.is_some() {}
        Ok(())
    }

    /// Looks at one run that seemed to live; says whether that is over. Returns when it is, so that nobody says of a
    /// dead run that it lives while somebody else buries it.
    pub(crate) async fn settle(&self, store: &Store, run: &RunId) -> bool {
        if !self.is_dead(run) {
            return false;
        }
        let Some(burial) = self.burial(run).await else {
            return false;
        };
        let buried = match self.bury(store, run).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%run, %error, "can't mark a dead run");
                false
            }
        };
        if buried {
            // The names go first: a lock on a file without a name is in nobody's way.
            for path in [self.state_dir.lock(run), self.state_dir.burial(run)] {
                if let Err(error) = std::fs::remove_file(path) {
                    tracing::debug!(%run, %error, "a lock's file is not there or stays");
                }
            }
        }
        drop(burial);
        buried
    }

    /// Whether nobody holds the run's lock. Nobody takes it again, so that stays so.
    fn is_dead(&self, run: &RunId) -> bool {
        match lock::is_held(&self.state_dir.lock(run)) {
            Ok(held) => !held,
            Err(error) => {
                tracing::warn!(%run, %error, "can't ask for the run's lock");
                false
            }
        }
    }

    /// The right to bury a run, which one process has at a time.
    async fn burial(&self, run: &RunId) -> Option<FileLock> {
        let path = self.state_dir.burial(run);
        let mut waited = Duration::ZERO;
        loop {
            match FileLock::try_acquire(&path) {
                Ok(Some(lock)) => return Some(lock),
                Ok(None) if waited < BURIAL_LIMIT => {
                    tokio::time::sleep(BURIAL_LOOK).await;
                    waited += BURIAL_LOOK;
                }
                Ok(None) => return None,
                Err(error) => {
                    tracing::warn!(%run, %error, "can't take a dead run's lock");
                    return None;
                }
            }
        }
    }

    async fn bury(&self, store: &Store, run: &RunId) -> Result<(), StoreError> {
        // It may have ended between the look at its record and the look at its lock, or somebody was first.
        if store.get_run(run).await?.state.is_final() {
            return Ok(());
        }
        // Its supervisor may have come to its end and not been able to write it into the database.
        if store.adopt_outcomes().await?.contains(run) {
            return Ok(());
        }
        let known = store.processes(run).await?;
        let survivors = end_processes(run, &known).await;
        store.mark_lost(run, (self.now)(), lost(survivors)).await?;
        Ok(())
    }
}

/// Ends what a dead supervisor left, known by number and start time, by descent and by the run's marker.
async fn end_processes(run: &RunId, known: &[RecordedProcess]) -> usize {
    let marker = Marker {
        key: Host::RUN_VAR,
        value: run.as_str().to_owned(),
    };
    let known = known.iter().filter_map(process_id).collect();
    let mut family = Family::from_known(marker, known);
    let never = std::future::pending::<()>();
    let stopped = ladder::stop(&mut family, never, Rungs::default()).await;
    stopped.survivors.len()
}

fn process_id(row: &RecordedProcess) -> Option<ProcessId> {
    Some(ProcessId {
        pid: u32::try_from(row.pid).ok()?,
        started: row.started.parse().ok()?,
    })
}

fn lost(survivors: usize) -> Failure {
    Failure {
        code: ErrorCode::Lost,
        message: match survivors {
            0 => Scrubbed::literal(
                "The run's supervisor died; what it had started has been ended, and how far it came is unknown.",
            ),
            _ => Scrubbed::literal(
                "The run's supervisor died; some of what it had started could not be ended.",
            ),
        },
        hint: Scrubbed::literal(
            "Look at the working folder for what was done, then continue the run or start the task again.",
        ),
    }
}
