//! Whose turn it is: one process works on a run's journal, and one run at a time on a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::adapters::git::apply::error::ApplyError;
use crate::adapters::git::apply::journal::Journals;
use crate::domain::id::RunId;
use crate::platform::lock::{FileLock, LockError};
use crate::platform::tree_edit::Folder;

/// How long to wait for another run's changes in the same folder: thousands of files take seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often to look again.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock that is held, and falls with the process.
#[derive(Debug)]
pub(super) struct Held {
    path: PathBuf,
    lock: FileLock,
}

/// The locks of an apply.
#[derive(Debug)]
pub(super) struct Turn {
    run: Held,
    folder: Held,
    /// The folder's number on its file system.
    pub(super) folder_ino: u64,
}

impl Held {
    /// Takes the lock if nobody has it.
    pub(super) fn try_take(path: PathBuf) -> Result<Option<Held>, LockError> {
        let taken = FileLock::try_acquire(&path)?;
        Ok(taken.map(|lock| Held { path, lock }))
    }

    /// Leaves nothing: while it is held, nobody else can take this very file.
    pub(super) fn end(&self) {
        fs::remove_file(&self.path).ok();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // A program that another thread is just starting shares the open file for that moment.
        self.lock.release().ok();
    }
}

impl Turn {
    /// Takes a run's journal, or says that somebody has it; and waits for the folder.
    pub(super) async fn take(
        journals: &Journals,
        run: &RunId,
        folder: &Path,
    ) -> Result<Turn, ApplyError> {
        let busy = || ApplyError::Busy { run: run.clone() };
        let top = Folder::open(folder).and_then(|folder| folder.look_at_itself());
        let top = top.map_err(|error| ApplyError::of_io("look at", folder, error))?;
        let folder_ino = top.stamp.ino;
        let held = Held::try_take(journals.lock(run))?.ok_or_else(busy)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(folder) = Held::try_take(journals.lock_of_folder(folder_ino))? {
                return Ok(Turn {
                    run: held,
                    folder,
                    folder_ino,
                });
            }
            if Instant::now() > deadline {
                return Err(busy());
            }
            sleep(PAUSE).await;
        }
    }

    /// Leaves nothing.
    pub(super) fn end(&self) {
        self.folder.end();
        self.run.end();
    }
}
