//! The right to write to a Codex thread, which one run has at a time: older versions of Codex let two write at once.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::domain::id::ThreadId;
use crate::platform::lock::{FileLock, LockError};
use crate::use_cases::state_dir::StateDir;

/// The right, held until it is released, handed on, or its process dies.
#[derive(Debug)]
pub(crate) struct ThreadLock {
    path: PathBuf,
    lock: FileLock,
}

impl ThreadLock {
    /// Takes it, if nobody has it.
    pub(crate) fn try_take(
        state_dir: &StateDir,
        thread: &ThreadId,
    ) -> Result<Option<ThreadLock>, LockError> {
        let path = state_dir.thread(thread);
        let lock = FileLock::try_acquire(&path)?;
        Ok(lock.map(|lock| ThreadLock { path, lock }))
    }

    /// What came from whoever started this process.
    pub(crate) fn inherited(state_dir: &StateDir, thread: &ThreadId, lock: FileLock) -> ThreadLock {
        let path = state_dir.thread(thread);
        ThreadLock { path, lock }
    }

    /// Hands it on to a child.
    pub(crate) fn into_fd(self) -> OwnedFd {
        self.lock.into_fd()
    }

    /// Lets go.
    pub(crate) fn release(self) {
        // The name goes first: a lock on a file without a name is in nobody's way.
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "a thread's lock file stays");
        }
        if let Err(error) = self.lock.release() {
            tracing::debug!(%error, "a thread's lock falls when its file is closed");
        }
    }
}

/// A run's hold on its thread, whose name a first turn knows only when Codex tells it.
#[derive(Debug)]
pub(crate) struct Hold {
    /// `None` for a run that leaves no thread behind.
    state_dir: Option<StateDir>,
    held: Mutex<Option<ThreadLock>>,
}

impl Hold {
    /// Of a run whose thread nobody can go on with.
    pub(crate) fn none() -> Hold {
        Hold {
            state_dir: None,
            held: Mutex::default(),
        }
    }

    /// Of a stored run; one that goes on with a thread has its lock already.
    pub(crate) fn new(state_dir: StateDir, held: Option<ThreadLock>) -> Hold {
        Hold {
            state_dir: Some(state_dir),
            held: Mutex::new(held),
        }
    }

    /// Takes the thread that Codex has opened, unless it is held already. `false`: it is somebody else's.
    pub(crate) fn take(&self, thread: &ThreadId) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state_dir) = self.state_dir.as_ref().filter(|_| held.is_none()) else {
            return true;
        };
        match ThreadLock::try_take(state_dir, thread) {
            Ok(Some(lock)) => {
                *held = Some(lock);
                true
            }
            Ok(None) => false,
            // A full disk, for one, is no reason to stop.
            Err(error) => {
                tracing::warn!(%thread, %error, "can't take the thread's lock");
                true
            }
        }
    }

    /// Lets go. Codex has ended.
    pub(crate) fn release(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = held.take() {
            lock.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread() -> ThreadId {
        ThreadId::parse("01a20356-e3eb-7f92-962b-08a749c63f25").unwrap()
    }

    #[test]
    fn one_run_at_a_time_holds_a_thread() {
        let folder = tempfile::tempdir().unwrap();
        let state_dir = StateDir::ensure(&folder.path().join("state")).unwrap();
        let lock = ThreadLock::try_take(&state_dir, &thread())
            .unwrap()
            .unwrap();
        let other = Hold::new(state_dir.clone(), None);
        assert!(!other.take(&thread()));
        lock.release();
        assert!(other.take(&thread()));
        assert!(other.take(&thread()));
        assert!(
            ThreadLock::try_take(&state_dir, &thread())
                .unwrap()
                .is_none()
        );
        other.release();
        assert!(!state_dir.thread(&thread()).exists());
        let again = ThreadLock::try_take(&state_dir, &thread()).unwrap();
        assert!(again.is_some());
    }

    #[test]
    fn a_run_that_leaves_no_thread_holds_none() {
        assert!(Hold::none().take(&thread()));
    }
}
