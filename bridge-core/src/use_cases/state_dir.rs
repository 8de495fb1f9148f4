//! What lies where in the state folder, besides what the store keeps there.

use std::path::{Path, PathBuf};

use crate::domain::id::{RunId, ThreadId};
use crate::platform::private_dir::{PrivateDir, PrivateDirError};

/// The state folder: for its owner alone.
#[derive(Clone, Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
}

impl StateDir {
    /// Makes the folder, or checks the one that is there.
    pub(crate) fn ensure(path: &Path) -> Result<StateDir, PrivateDirError> {
        let path = PrivateDir::ensure(path)?.path().to_owned();
        PrivateDir::ensure(&path.join("locks"))?;
        PrivateDir::ensure(&path.join("threads"))?;
        Ok(StateDir { path })
    }

    /// The folder as it is, without a look at it.
    pub(crate) fn unchecked(path: &Path) -> StateDir {
        StateDir {
            path: path.to_owned(),
        }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The lock that the run's supervisor holds while it lives.
    pub(crate) fn lock(&self, run: &RunId) -> PathBuf {
        self.path.join("locks").join(run.as_str())
    }

    /// The lock of whoever buries the run after its supervisor has died.
    pub(crate) fn burial(&self, run: &RunId) -> PathBuf {
        self.path.join("locks").join(format!("{run}.burial"))
    }

    /// The lock of the one run that may write to the thread.
    pub(crate) fn thread(&self, thread: &ThreadId) -> PathBuf {
        self.path.join("threads").join(thread.as_str())
    }

    /// Where supervisors write what they can't write into the database.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("supervisor.log")
    }
}
