//! The folder in which all shadows lie: which there are, how much room they take, and how they go.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::task;

use crate::adapters::git::program::Git;
use crate::adapters::git::shadow::Shadow;
use crate::adapters::git::shadow::record::Record;
use crate::domain::id::RunId;
use crate::platform::private_dir::{PrivateDir, PrivateDirError};

/// How a folder is called while it is made.
const UNFINISHED: &str = ".new-";
/// How a folder is called while it is removed.
const LEAVING: &str = ".gone-";
/// How often to try again where something writes while we remove.
const TRIES: u32 = 5;

/// All shadows below one state folder.
#[derive(Clone, Debug)]
pub struct Shadows {
    git: Git,
    state: PathBuf,
}

/// A folder that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whose it is.
    pub run: RunId,
    /// What it is.
    pub kind: FoundKind,
}

/// What a folder among the shadows is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundKind {
    /// A shadow.
    Whole,
    /// One that is being made; if its run does not live, whoever made it was killed.
    Unfinished,
    /// One that is being removed; if nobody is at it, whoever removed it was killed.
    Leaving,
}

/// How much room a shadow takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskUse {
    /// Bytes on the disk.
    pub bytes: u64,
    /// Files and folders.
    pub files: u64,
}

/// Why the place of a shadow can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// There is none.
    #[error("the run {run} has no private repository")]
    Missing {
        /// Whose it would be.
        run: RunId,
    },
    /// Others could change what is in it.
    #[error(transparent)]
    Private(#[from] PrivateDirError),
    /// Something of it can't be read, written or removed.
    #[error("could not {operation} `{}`", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Shadows {
    /// Shadows in the folder `worktrees` below the bridge's own folder.
    pub fn new(git: &Git, state: &Path) -> Shadows {
        Shadows {
            git: git.clone(),
            // A repository that contains this folder must recognise it.
            state: fs::canonicalize(state).unwrap_or_else(|_| state.to_owned()),
        }
    }

    /// Takes the shadow of a run.
    ///
    /// # Errors
    /// If there is none, or it can't be read.
    pub fn open(&self, run: &RunId) -> Result<Shadow, KeepError> {
        let folder = self.folder(run);
        if fs::symlink_metadata(&folder).is_err() {
            return Err(KeepError::Missing { run: run.clone() });
        }
        let record = Record::read(&folder).map_err(|source| KeepError::Io {
            operation: "read what is known of",
            path: folder.clone(),
            source,
        })?;
        Ok(Shadow {
            git: self.git.clone(),
            state: self.state.clone(),
            folder,
            record,
        })
    }

    /// Lists the folders of all runs.
    ///
    /// # Errors
    /// If the place can't be read.
    pub fn list(&self) -> Result<Vec<Found>, KeepError> {
        let place = self.place();
        let entries = match fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => {
                return Err(KeepError::Io {
                    operation: "list",
                    path: place,
                    source,
                });
            }
        };
        let found = |name: &str| {
            let kinds = [
                (UNFINISHED, FoundKind::Unfinished),
                (LEAVING, FoundKind::Leaving),
                ("", FoundKind::Whole),
            ];
            kinds.into_iter().find_map(|(prefix, kind)| {
                let run = RunId::parse(name.strip_prefix(prefix)?).ok()?;
                Some(Found { run, kind })
            })
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        let mut all: Vec<Found> = names.filter_map(|name| found(name.to_str()?)).collect();
        all.sort_by(|a, b| a.run.cmp(&b.run));
        Ok(all)
    }

    /// Removes all that there is of a run, also what a crash left. Nothing being there is no fault.
    ///
    /// # Errors
    /// If something can't be removed; it is tried again by the next call.
    pub async fn remove(&self, run: &RunId) -> Result<(), KeepError> {
        let leaving = self.named(LEAVING, run);
        remove_tree(&leaving).await?;
        remove_tree(&self.unfinished(run)).await?;
        let whole = self.folder(run);
        match fs::rename(&whole, &leaving) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => {
                return Err(KeepError::Io {
                    operation: "remove",
                    path: whole,
                    source,
                });
            }
            Ok(()) => {}
        }
        remove_tree(&leaving).await
    }

    /// Adds up what a run's folder takes on the disk. What can't be looked at is not counted.
    pub async fn disk_use(&self, run: &RunId) -> DiskUse {
        let folder = self.folder(run);
        let counted = task::spawn_blocking(move || count(&folder)).await;
        counted.unwrap_or_default()
    }

    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    pub(super) fn state(&self) -> &Path {
        &self.state
    }

    pub(super) fn folder(&self, run: &RunId) -> PathBuf {
        self.named("", run)
    }

    pub(super) fn unfinished(&self, run: &RunId) -> PathBuf {
        self.named(UNFINISHED, run)
    }

    /// Makes the folder of all shadows.
    pub(super) fn make_place(&self) -> Result<(), KeepError> {
        PrivateDir::ensure(&self.place())?;
        Ok(())
    }

    fn place(&self) -> PathBuf {
        self.state.join("worktrees")
    }

    fn named(&self, prefix: &str, run: &RunId) -> PathBuf {
        self.place().join(format!("{prefix}{run}"))
    }
}

/// Removes a folder with all that is in it, on a thread that may block.
pub(super) async fn remove_tree(folder: &Path) -> Result<(), KeepError> {
    let path = folder.to_owned();
    let about = |source| KeepError::Io {
        operation: "remove",
        path: folder.to_owned(),
        source,
    };
    let removed = task::spawn_blocking(move || remove_now(&path)).await;
    removed.map_err(|error| about(error.into()))?.map_err(about)
}

/// Removes a folder with all that is in it, whatever its permissions are.
pub(super) fn remove_now(folder: &Path) -> io::Result<()> {
    let mut tries = 0;
    loop {
        match fs::remove_dir_all(folder) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.exists() => {
                return Ok(());
            }
            Err(error) if tries == TRIES => return Err(error),
            Err(_) => {
                tries += 1;
                open_up(folder);
            }
        }
    }
}

/// Takes write protection off all folders: what lies in one that can't be written can't be removed.
fn open_up(folder: &Path) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(data) = fs::symlink_metadata(&folder) else {
            continue;
        };
        if data.mode() & 0o700 != 0o700 {
            let mode = fs::Permissions::from_mode(data.mode() | 0o700);
            // If it fails, so does the removal, and says so.
            let _ = fs::set_permissions(&folder, mode);
        }
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
        folders.extend(entries.filter(is_folder).map(|entry| entry.path()));
    }
}

fn count(folder: &Path) -> DiskUse {
    let mut sum = DiskUse::default();
    let mut places = vec![folder.to_owned()];
    while let Some(place) = places.pop() {
        let Ok(data) = fs::symlink_metadata(&place) else {
            continue;
        };
        sum.files += 1;
        sum.bytes += data.blocks() * 512;
        if data.is_dir() {
            let entries = fs::read_dir(&place).into_iter().flatten().flatten();
            places.extend(entries.map(|entry| entry.path()));
        }
    }
    sum
}
