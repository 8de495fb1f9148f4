//! A lock on a file that lives as long as somebody holds it, and can be handed to a child.
//!
//! It is an *open file description* lock over the whole file, not `flock`: it has the same life (it belongs to the open
//! file, is inherited by a child, and falls when the last holder closes or dies), but the system can be *asked* about
//! it. A probe of a `flock` has to take the lock for a moment, and whoever tries for it in that moment fails for
//! nothing.

mod ofd;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;
use rustix::io::Errno;
use thiserror::Error;

use crate::platform::open_dir::file_id;

/// A held lock. Dropping it lets go, unless a child has inherited it; a child that is just being started by another
/// thread keeps it for that moment, too.
#[derive(Debug)]
pub struct FileLock {
    file: File,
}

impl FileLock {
    /// Takes the lock, waiting for as long as it takes; makes the file (0600) if need be. Blocks the thread.
    ///
    /// # Errors
    /// If the file can't be opened or made, or the file system has no locks.
    pub fn acquire(path: &Path) -> Result<Self, LockError> {
        loop {
            let file = open(path)?;
            ofd::lock(&file).map_err(|source| LockError::about("lock", path, source))?;
            if is_still_at(&file, path)? {
                return Ok(Self { file });
            }
        }
    }

    /// Takes the lock if nobody holds it.
    ///
    /// # Errors
    /// As [`FileLock::acquire`].
    pub fn try_acquire(path: &Path) -> Result<Option<Self>, LockError> {
        loop {
            let file = open(path)?;
            let taken =
                ofd::try_lock(&file).map_err(|source| LockError::about("lock", path, source))?;
            if !taken {
                return Ok(None);
            }
            if is_still_at(&file, path)? {
                return Ok(Some(Self { file }));
            }
        }
    }

    /// Lets go at once, for everybody who has inherited this lock as well.
    ///
    /// # Errors
    /// If the file system refuses; the lock then falls when it is closed.
    pub fn release(&self) -> io::Result<()> {
        ofd::unlock(&self.file)
    }

    /// Gives the lock away as a descriptor, to be inherited by a child.
    pub fn into_fd(self) -> OwnedFd {
        self.file.into()
    }

    /// Takes over the lock that the parent left at descriptor `fd`, and keeps it from our own children.
    ///
    /// # Errors
    /// `NotInherited` if there is no file at `fd`, `NotHeld` if the lock on it is somebody else's.
    pub fn from_inherited_fd(fd: RawFd) -> Result<Self, LockError> {
        let file = ofd::adopt(fd).map_err(|source| LockError::NotInherited { fd, source })?;
        // Locking again what this open file has locked already changes nothing; with any other file it tells.
        match ofd::try_lock(&file) {
            Ok(true) => Ok(Self { file }),
            Ok(false) => Err(LockError::NotHeld { fd }),
            Err(source) => Err(LockError::NotInherited { fd, source }),
        }
    }
}

/// A lock on a folder, for those who change a file in it for a moment: no lock file is left there. Falls when it is
/// dropped. Nobody can ask who holds it.
#[derive(Debug)]
pub struct FolderLock {
    _folder: File,
}

impl FolderLock {
    /// How long another one is waited for.
    const LIMIT: Duration = Duration::from_secs(5);

    /// Takes the lock. Blocks the thread while somebody else holds it.
    ///
    /// # Errors
    /// If the folder can't be opened, its file system has no locks, or somebody holds it for too long.
    pub fn acquire(folder: &Path) -> io::Result<FolderLock> {
        let opened = File::open(folder)?;
        let begun = Instant::now();
        loop {
            match rustix::fs::flock(&opened, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(FolderLock { _folder: opened }),
                Err(Errno::WOULDBLOCK | Errno::INTR) if begun.elapsed() < Self::LIMIT => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Asks whether anybody, this process included, holds the lock. Neither makes the file nor takes the lock.
///
/// # Errors
/// If the file exists and can't be opened.
pub fn is_held(path: &Path) -> io::Result<bool> {
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path);
    match opened {
        Ok(file) => ofd::is_locked_by_another(&file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Why a lock could not be taken.
#[derive(Debug, Error)]
pub enum LockError {
    /// The file or its file system refused.
    #[error("could not {operation} the lock file `{}`", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The parent did not pass a file at that descriptor.
    #[error("no lock was inherited at descriptor {fd}")]
    NotInherited {
        /// Where it was expected.
        fd: RawFd,
        /// What the system said.
        source: io::Error,
    },
    /// A file was passed, but another process holds its lock.
    #[error("the lock inherited at descriptor {fd} is held by another process")]
    NotHeld {
        /// Where it was inherited.
        fd: RawFd,
    },
}

impl LockError {
    fn about(operation: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            operation,
            path: path.to_path_buf(),
            source,
        }
    }
}

fn open(path: &Path) -> Result<File, LockError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .map_err(|source| LockError::about("open", path, source))
}

/// Whether the file at `path` is still the one that was locked: it may have been removed and made anew meanwhile.
fn is_still_at(file: &File, path: &Path) -> Result<bool, LockError> {
    let about = |source| LockError::about("look at", path, source);
    let held = file.metadata().map_err(about)?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok(file_id(&there) == file_id(&held)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(about(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::{AsRawFd, IntoRawFd};
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn one_holds_the_lock_and_the_others_see_it() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("lock");
        assert!(!is_held(&path).unwrap());
        assert!(!path.exists());

        let lock = FileLock::try_acquire(&path).unwrap().unwrap();
        assert!(is_held(&path).unwrap());
        assert!(FileLock::try_acquire(&path).unwrap().is_none());
        lock.release().unwrap();
        assert!(!is_held(&path).unwrap());
        drop(FileLock::acquire(&path).unwrap());
    }

    #[test]
    fn probing_makes_nobody_fail() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("lock");
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        is_held(&path).unwrap();
                    }
                });
            }
            let take = |_| {
                FileLock::try_acquire(&path)
                    .unwrap()
                    .map(|lock| lock.release())
            };
            let all = (0..2000).all(|round| take(round).is_some());
            over.store(true, Ordering::Relaxed);
            assert!(all);
        });
    }

    #[test]
    fn a_lock_on_a_file_that_was_replaced_does_not_count() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("lock");
        let old = FileLock::acquire(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let new = FileLock::try_acquire(&path).unwrap().unwrap();
        assert!(!is_still_at(&old.file, &path).unwrap());
        drop(old);
        assert!(is_held(&path).unwrap());
        drop(new);
    }

    #[test]
    fn a_symlink_is_no_lock_file() {
        let tmp = tempfile::tempdir().unwrap();
        symlink("elsewhere", tmp.path().join("lock")).unwrap();
        let error = FileLock::acquire(&tmp.path().join("lock")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("could not open the lock file")
        );
    }

    #[test]
    fn an_inherited_lock_is_taken_over_only_if_it_is_one() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("lock");
        let fd = FileLock::acquire(&path).unwrap().into_fd().into_raw_fd();
        let lock = FileLock::from_inherited_fd(fd).unwrap();
        assert_eq!(lock.file.as_raw_fd(), fd);
        assert!(is_held(&path).unwrap());

        let stranger = File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .into_raw_fd();
        let refused = FileLock::from_inherited_fd(stranger).unwrap_err();
        assert!(matches!(refused, LockError::NotHeld { .. }), "{refused}");
        for nothing in [-1, 1, 99_999] {
            let refused = FileLock::from_inherited_fd(nothing).unwrap_err();
            assert!(
                matches!(refused, LockError::NotInherited { .. }),
                "{refused}"
            );
        }
        lock.release().unwrap();
        assert!(!is_held(&path).unwrap());
    }
}
