//! The life of one run. A supervisor is a process of its own; for an ephemeral run it is a task of its owner.

mod beginning;
mod launch;
mod ledger;
mod life;
mod limits;
mod order;
mod pump;
mod verdict;

use std::io::Read as _;
use std::os::fd::RawFd;

pub(crate) use life::{Life, Place};
pub use order::{Order, OrderError};

use crate::adapters::store::{OpenOptions, Store, StoreError};
use crate::domain::id::RunId;
use crate::domain::run::Timestamp;
use crate::platform::lock::{FileLock, LockError};
use crate::platform::orphans;
use crate::platform::private_dir::PrivateDirError;
use crate::use_cases::host::Host;
use crate::use_cases::reaper::Reaper;
use crate::use_cases::settings::{self, SettingsError};
use crate::use_cases::state_dir::StateDir;

/// The descriptor at which a supervisor finds its run's lock, taken by whoever started it.
pub const LOCK_FD: RawFd = 3;

/// Why a supervisor could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// Its standard input could not be read.
    #[error("could not read the order")]
    Read(#[source] std::io::Error),
    /// The order makes no sense.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The order is about another run.
    #[error("the order is about the run {ordered}, not about {asked}")]
    OtherRun {
        /// The run of the command line.
        asked: RunId,
        /// The run of the order.
        ordered: RunId,
    },
    /// The run's lock did not come with it.
    #[error("the run's lock is not here: a supervisor is started by the bridge only")]
    Lock(#[from] LockError),
    /// The configuration can't be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The state folder can't be used.
    #[error("the state folder can't be used")]
    StateDir(#[from] PrivateDirError),
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Carries out one run in this process, which is there for nothing else. The order comes through standard input, the
/// run's lock at [`LOCK_FD`].
pub async fn run_supervisor(
    host: Host,
    run: RunId,
    now: fn() -> Timestamp,
) -> Result<(), SupervisorError> {
    let lock = FileLock::from_inherited_fd(LOCK_FD)?;
    let mut json = Vec::new();
    std::io::stdin()
        .read_to_end(&mut json)
        .map_err(SupervisorError::Read)?;
    let order = Order::from_json(&json)?;
    if order.run != run {
        return Err(SupervisorError::OtherRun {
            asked: run,
            ordered: order.run,
        });
    }
    if let Err(error) = orphans::become_subreaper() {
        tracing::info!(%error, "orphans of the run will not come to its supervisor");
    }
    let settings = settings::SettingsCache::default().get(&host)?;
    let state_dir = StateDir::ensure(&settings.config.state_dir)?;
    let options = OpenOptions {
        busy_timeout: OpenOptions::BUSY_TIMEOUT,
        clock: now,
    };
    let store = Store::open(state_dir.path(), options)?;
    let life = Life {
        host,
        settings,
        store: store.clone(),
        reaper: Some(Reaper::new(state_dir.clone(), now)),
        place: Place::Process,
        order,
        now,
    };
    let result = life.live().await;
    store.close().await;
    // The record is final: the name of the lock has done its work. Whoever still probes it finds no file, which
    // means the same as a free lock.
    if result.is_ok()
        && let Err(error) = std::fs::remove_file(state_dir.lock(&run))
    {
        tracing::debug!(%run, %error, "the lock's file stays");
    }
    drop(lock);
    Ok(result?)
}
