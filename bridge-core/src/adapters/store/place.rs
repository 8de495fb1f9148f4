//! Where the database and the files beside it lie, and the lock under which they are made, moved and changed in format.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{FlockOperation, flock};

use crate::adapters::store::OpenOptions;
use crate::adapters::store::error::{StoreError, busy, file_error};
use crate::domain::policy::FileId;

/// The state folder, as far as the store uses it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    dir: PathBuf,
    db: PathBuf,
    pub(super) options: OpenOptions,
}

impl Place {
    pub(super) fn new(dir: &Path, options: OpenOptions) -> Place {
        Place {
            dir: dir.to_owned(),
            db: dir.join("bridge.db"),
            options,
        }
    }

    /// The same place for somebody who does not wait for others.
    pub(super) fn impatient(&self) -> Place {
        let busy_timeout = self.options.busy_timeout.min(Duration::from_millis(50));
        let options = OpenOptions {
            busy_timeout,
            ..self.options
        };
        Place::new(&self.dir, options)
    }

    /// The database.
    pub(super) fn db(&self) -> &Path {
        &self.db
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.dir
    }

    /// The name of the file to which SQLite writes every change first. Unlike the database it has no locks on it.
    pub(super) fn log_name(&self) -> &'static str {
        "bridge.db-wal"
    }

    /// The database and what SQLite keeps beside it.
    pub(super) fn trio(&self) -> [PathBuf; 3] {
        ["bridge.db", "bridge.db-wal", "bridge.db-shm"].map(|name| self.dir.join(name))
    }

    /// Where a new database is made before it gets its name.
    pub(super) fn unborn(&self) -> PathBuf {
        self.dir.join("bridge.db.new")
    }

    /// Where a new database lies when it is whole, before it gets its name.
    pub(super) fn ready(&self) -> PathBuf {
        self.dir.join("bridge.db.ready")
    }

    /// The folder of the outcome files.
    pub(super) fn outcomes(&self) -> PathBuf {
        self.dir.join("outcomes")
    }

    /// A folder for a damaged database; not there yet.
    pub(super) fn damaged(&self) -> PathBuf {
        let at = (self.options.clock)().0;
        let mut path = self.dir.join(format!("damaged-{at}"));
        let mut count = 1;
        while path.exists() {
            count += 1;
            path = self.dir.join(format!("damaged-{at}-{count}"));
        }
        path
    }

    /// Whether something is there of a database that has no main file (any more).
    pub(super) fn leftovers(&self) -> bool {
        self.ready().exists() || self.trio().iter().any(|path| path.exists())
    }

    /// Sets some room on the disk aside, which [`Place::release_reserve`] gives to those who need it last.
    pub(super) fn make_reserve(&self) {
        let path = self.reserve();
        if !path.exists()
            && let Err(error) = write_whole(&path, &vec![0; RESERVE])
        {
            tracing::warn!(%error, "could not set room aside");
        }
    }

    /// Gives the room away; says whether there was any.
    pub(super) fn release_reserve(&self) -> bool {
        fs::remove_file(self.reserve()).is_ok()
    }

    fn reserve(&self) -> PathBuf {
        self.dir.join("reserve")
    }

    /// Removes all but the last few folders of damaged databases.
    pub(super) fn forget_old_damage(&self) {
        const KEPT: usize = 3;
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let mut folders: Vec<(SystemTime, PathBuf)> = entries
            .filter(|entry| {
                entry
                    .file_name()
                    .as_encoded_bytes()
                    .starts_with(b"damaged-")
            })
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        folders.sort();
        for (_, folder) in folders.iter().rev().skip(KEPT) {
            if let Err(error) = fs::remove_dir_all(folder) {
                tracing::warn!(folder = %folder.display(), %error, "could not remove");
            }
        }
    }

    /// Which file the database is right now. The file is not opened: to close it again would drop the locks that
    /// SQLite holds on it in this process.
    pub(super) fn file(&self) -> Option<FileId> {
        let meta = fs::metadata(&self.db).ok()?;
        Some(FileId {
            dev: meta.dev(),
            ino: meta.ino(),
        })
    }

    /// Makes sure that the state folder is there, for its owner alone.
    pub(super) fn ensure(&self) -> Result<(), StoreError> {
        private_dir(&self.dir)
    }

    /// Waits for the lock, for a bounded time.
    pub(super) fn lock(&self) -> Result<Lock, StoreError> {
        const DOING: &str = "lock";
        let path = self.dir.join("store.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| file_error(DOING, &path, error))?;
        // Whoever holds it may be copying a damaged database.
        let deadline = Instant::now() + self.options.busy_timeout + Duration::from_secs(25);
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => {
                    if Instant::now() > deadline {
                        return Err(busy(DOING, &path));
                    }
                    thread::sleep(Duration::from_millis(2));
                }
                Err(error) => return Err(file_error(DOING, &path, error.into())),
            }
        }
    }
}

/// Enough for the last words of a few runs.
const RESERVE: usize = 1 << 20;

/// The lock; free again when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Makes sure that a folder is there, for its owner alone.
pub(super) fn private_dir(dir: &Path) -> Result<(), StoreError> {
    if let Ok(meta) = fs::metadata(dir)
        && meta.is_dir()
    {
        let mode = meta.permissions().mode();
        if mode & 0o077 != 0 {
            // Somebody else's folder stays as it is; whether it can be used is seen soon enough.
            let private = fs::Permissions::from_mode(mode & 0o700);
            if let Err(error) = fs::set_permissions(dir, private) {
                tracing::warn!(dir = %dir.display(), %error, "could not make the folder private");
            }
        }
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| file_error("make the folder", dir, error))
}

/// Writes a file as a whole or not at all, for its owner alone, and waits until it is on the disk.
pub(super) fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    use std::io::Write;

    let unborn = path.with_extension("new");
    let result = (|| {
        let mut file = File::options()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&unborn)?;
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&unborn, path)?;
        sync_dir(path)
    })();
    if result.is_err() {
        // What is half written is of no use; the error that is told is the first one.
        fs::remove_file(&unborn).ok();
    }
    result
}

/// Waits until a file's name is on the disk.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}
