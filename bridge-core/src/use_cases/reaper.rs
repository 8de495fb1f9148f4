//! Finds runs whose supervisor died, ends what is left of them, and says so in their record.

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

    /// Looks at every run that seems to live.
    pub(crate) async fn sweep(&self, store: &Store) {
        match store.live_runs().await {
            Ok(runs) => {
                for run in runs {
                    self.settle(store, &run.id).await;
                }
            }
            Err(error) => tracing::warn!(%error, "can't look for dead runs"),
        }
    }

    /// Looks at one run that seems to live; says whether it was dead and its record changed.
    pub(crate) async fn settle(&self, store: &Store, run: &RunId) -> bool {
        let path = self.state_dir.lock(run);
        match lock::is_held(&path) {
            Ok(true) => return false,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%run, %error, "can't ask for the run's lock");
                return false;
            }
        }
        // Whoever takes the lock buries the run; everybody else finds it taken and looks again later.
        let Ok(Some(lock)) = FileLock::try_acquire(&path) else {
            return false;
        };
        let buried = match self.bury(store, run).await {
            Ok(buried) => buried,
            Err(error) => {
                tracing::warn!(%run, %error, "can't mark a dead run");
                false
            }
        };
        // The name goes first: a lock on a file without a name is in nobody's way.
        if buried && let Err(error) = std::fs::remove_file(&path) {
            tracing::debug!(%run, %error, "the lock's file stays");
        }
        drop(lock);
        buried
    }

    async fn bury(&self, store: &Store, run: &RunId) -> Result<bool, StoreError> {
        // It may have ended between the look at its record and the look at its lock.
        if store.get_run(run).await?.state.is_final() {
            return Ok(true);
        }
        // Its supervisor may have come to its end and not been able to write it into the database.
        if store.adopt_outcomes().await?.contains(run) {
            return Ok(true);
        }
        let known = store.processes(run).await?;
        let survivors = end_processes(run, &known).await;
        store.mark_lost(run, (self.now)(), lost(survivors)).await?;
        Ok(true)
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
            "Look at the working folder for what was done, then start the task again.",
        ),
    }
}
