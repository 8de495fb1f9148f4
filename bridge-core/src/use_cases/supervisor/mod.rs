//! The life of one run. A supervisor is a process of its own; for an ephemeral run it is a task of its owner.

mod advice;
mod applied;
mod beginning;
mod clock;
mod drive;
mod heard;
mod launch;
mod ledger;
mod leg;
mod life;
mod limited;
mod limits;
mod live;
mod mouth;
mod order;
mod pump;
mod roll;
mod tidy_up;
mod verdict;
mod work;

use std::io::Read as _;
use std::os::fd::RawFd;

pub(crate) use clock::RunClock;
pub(crate) use life::{Life, Place};
pub use order::{Order, OrderError};

use crate::adapters::config::Config;
use crate::adapters::store::{OpenOptions, Store, StoreError};
use crate::domain::error::Failure;
use crate::domain::event::EventBody;
use crate::domain::id::RunId;
use crate::domain::run::{Progress, Timestamp};
use crate::domain::state::{Outcome, RunState};
use crate::domain::task::Job;
use crate::platform::lock::{FileLock, LockError};
use crate::platform::orphans;
use crate::platform::private_dir::PrivateDirError;
use crate::use_cases::error::Error;
use crate::use_cases::host::Host;
use crate::use_cases::reaper::Reaper;
use crate::use_cases::settings::{self, SettingsCache};
use crate::use_cases::state_dir::StateDir;
use crate::use_cases::thread_lock::{Hold, ThreadLock};

/// The descriptor at which a supervisor finds its run's lock, taken by whoever started it.
pub const LOCK_FD: RawFd = 3;

/// The descriptor at which it finds the lock of the thread that it goes on with, if it does.
pub const THREAD_LOCK_FD: RawFd = 4;

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
    /// The state folder can't be used.
    #[error("the state folder can't be used")]
    StateDir(#[from] PrivateDirError),
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a supervisor is given by whoever starts it.
#[derive(Debug)]
pub struct Assignment {
    lock: FileLock,
    thread_lock: Option<FileLock>,
    order: Order,
}

impl Assignment {
    /// Takes the run's lock from [`LOCK_FD`], the order from standard input, and the lock of the thread that it goes on
    /// with from [`THREAD_LOCK_FD`].
    ///
    /// Has to be called before this process opens a descriptor of its own: that one could get the lock's number.
    pub fn take() -> Result<Assignment, SupervisorError> {
        let lock = FileLock::from_inherited_fd(LOCK_FD)?;
        let mut json = Vec::new();
        std::io::stdin()
            .read_to_end(&mut json)
            .map_err(SupervisorError::Read)?;
        let order = Order::from_json(&json)?;
        let thread_lock = match &order.job {
            Job::Resume { .. } => Some(FileLock::from_inherited_fd(THREAD_LOCK_FD)?),
            Job::Task | Job::Review { .. } => None,
        };
        Ok(Assignment {
            lock,
            thread_lock,
            order,
        })
    }
}

/// Carries out one run in this process, which is there for nothing else.
pub async fn run_supervisor(
    host: Host,
    run: &RunId,
    assignment: Assignment,
) -> Result<(), SupervisorError> {
    let Assignment {
        lock,
        thread_lock,
        order,
    } = assignment;
    if order.run != *run {
        return Err(SupervisorError::OtherRun {
            asked: run.clone(),
            ordered: order.run,
        });
    }
    if let Err(error) = orphans::become_subreaper() {
        tracing::info!(%error, "orphans of the run will not come to its supervisor");
    }
    let now = host.now;
    let state_dir = StateDir::ensure(&Config::state_dir(settings::surroundings(&host)))?;
    let options = OpenOptions {
        busy_timeout: OpenOptions::BUSY_TIMEOUT,
        clock: now,
    };
    let store = Store::open(state_dir.path(), options)?;
    let thread_lock = match (thread_lock, &order.job) {
        (Some(lock), Job::Resume { thread }) => {
            Some(ThreadLock::inherited(&state_dir, thread, lock))
        }
        _ => None,
    };
    let hold = Hold::new(state_dir.clone(), thread_lock);
    let result = match SettingsCache::default().get(&host) {
        Ok(settings) => {
            let life = Life {
                host,
                settings,
                store: store.clone(),
                reaper: Some(Reaper::new(state_dir.clone(), now)),
                place: Place::Process,
                hold,
                order,
                clock: RunClock::start(now()),
            };
            life.live().await
        }
        // The configuration broke after the run was admitted.
        Err(error) => {
            let scrubber = settings::scrubber_without_config(&host);
            let failure = Error::from(error).failure(&scrubber);
            end_unsupervised(&store, run, now(), failure).await
        }
    };
    store.close().await;
    // The record is final: the name of the lock has done its work. Whoever still probes it finds no file, which
    // means the same as a free lock.
    if result.is_ok()
        && let Err(error) = std::fs::remove_file(state_dir.lock(run))
    {
        tracing::debug!(%run, %error, "the lock's file stays");
    }
    drop(lock);
    Ok(result?)
}

/// Ends a run that nobody will supervise.
pub(crate) async fn end_unsupervised(
    store: &Store,
    run: &RunId,
    at: Timestamp,
    failure: Failure,
) -> Result<(), StoreError> {
    let state = RunState::Ended(Outcome::Failed(failure.code));
    let progress = Progress {
        state: Some(state),
        ended: Some(at),
        failure: Some(failure),
        ..Progress::default()
    };
    let events = vec![(at, EventBody::State(state))];
    store.append(run, events, progress).await.map(drop)
}
