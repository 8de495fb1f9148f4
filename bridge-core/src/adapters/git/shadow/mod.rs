//! A private repository beside the person's: it borrows their objects, has a configuration of our own, and takes
//! whatever the bridge writes. The person's repository never hears of it.
//!
//! ```text
//! worktrees/<run>/git/         git's folder: HEAD, index, objects that borrow the person's
//! worktrees/<run>/git/front/   the way to the objects that knows no attributes
//! worktrees/<run>/<name>/      the files, if the run has a worktree; its `.git` leads to `../git`
//! worktrees/<run>/shadow.json  what it was made from
//! ```

mod carry;
mod create;
mod keep;
mod lay_out;
mod notes;
mod record;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tokio::task;

use crate::adapters::git::command::Call;
use crate::adapters::git::diff::{Between, DiffError};
use crate::adapters::git::objects::Objects;
use crate::adapters::git::program::Git;
use crate::adapters::git::shadow::record::Record;
use crate::adapters::git::snapshot::{self, Bounds, Scan, Snapshot, SnapshotError};
use crate::domain::changes::{ChangeSet, LeftOuts, ObjectId};
use crate::platform::lock::FileLock;

pub use crate::adapters::git::shadow::create::{Carry, CreateError, Created};
pub use crate::adapters::git::shadow::keep::{DiskUse, Found, FoundKind, KeepError, Shadows};
pub use crate::adapters::git::shadow::notes::Note;

/// The index of the files as they were at the last snapshot.
const SNAPSHOT_INDEX: &str = "snapshot-index";

/// The private repository of one run.
#[derive(Clone, Debug)]
pub struct Shadow {
    git: Git,
    /// The bridge's own folder, in which all shadows lie.
    state: PathBuf,
    folder: PathBuf,
    record: Record,
}

impl Shadow {
    /// Git's own folder.
    pub fn git_dir(&self) -> PathBuf {
        self.folder.join("git")
    }

    /// The folder of the files: the worktree, or the person's own folder.
    pub fn files(&self) -> PathBuf {
        match &self.record.worktree {
            Some(name) => self.folder.join(name),
            None => self.record.toplevel.clone(),
        }
    }

    /// Where the run works: as far below the top as the folder it was asked for.
    pub fn work_dir(&self) -> PathBuf {
        self.files().join(&self.record.prefix)
    }

    /// Whether the files are a copy.
    pub fn is_worktree(&self) -> bool {
        self.record.worktree.is_some()
    }

    /// The top of the person's repository.
    pub fn toplevel(&self) -> &Path {
        &self.record.toplevel
    }

    /// The commit that was checked out when this was made; none in a repository without commits.
    pub fn base_commit(&self) -> Option<&ObjectId> {
        self.record.base_commit.as_ref()
    }

    /// The tree of that commit; the empty one in a repository without commits.
    pub fn head_tree(&self) -> &ObjectId {
        &self.record.head_tree
    }

    /// The files as they were when this was made, those that are carried over included.
    pub fn base_tree(&self) -> &ObjectId {
        &self.record.base_tree
    }

    /// The way to all its objects.
    pub fn objects(&self) -> Objects {
        let git_dir = self.git_dir();
        Objects::open(&self.git, &git_dir.join("front"), &git_dir.join("objects"))
    }

    /// A call of git with this repository and its files.
    pub fn call(&self, command: &str) -> Call<'_> {
        self.git
            .call(command)
            .git_dir(&self.git_dir())
            .work_tree(&self.files())
    }

    /// Takes down the files as they are now. The person's folder is only read.
    ///
    /// # Errors
    /// If git fails, or the disk is full.
    pub async fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        self.snapshot_within(Bounds::USUAL).await
    }

    /// The same with other bounds.
    ///
    /// # Errors
    /// As [`Shadow::snapshot`].
    pub async fn snapshot_within(&self, bounds: Bounds) -> Result<Snapshot, SnapshotError> {
        let lock = self.lock().await?;
        let index = self.git_dir().join(SNAPSHOT_INDEX);
        // The lock is ours: whoever left this behind was killed.
        let _ = fs::remove_file(index.with_extension("lock"));
        if !index.exists() {
            let first = self.git_dir().join("index");
            snapshot::copy_index(&first, &index).map_err(|source| SnapshotError::Io {
                operation: "copy the index",
                path: first,
                source,
            })?;
        }
        let taken = self.scan(index, self.files(), bounds).snapshot().await;
        drop(lock);
        taken
    }

    /// What was changed since this was made.
    ///
    /// # Errors
    /// As [`Objects::changes`].
    pub async fn changes(&self, now: &Snapshot) -> Result<ChangeSet, DiffError> {
        let between = Between {
            before: self.base_tree(),
            after: &now.tree,
        };
        let left_out = now.left_out.clone();
        self.objects().changes(between, left_out).await
    }

    /// What had been changed, and not committed, before this was made, and is in its base.
    ///
    /// # Errors
    /// As [`Objects::changes`].
    pub async fn changes_before(&self) -> Result<ChangeSet, DiffError> {
        let between = Between {
            before: self.head_tree(),
            after: self.base_tree(),
        };
        self.objects().changes(between, LeftOuts::default()).await
    }

    /// A look at the files through this index.
    fn scan(&self, index: PathBuf, files: PathBuf, bounds: Bounds) -> Scan<'_> {
        let ours = self.state.strip_prefix(&files);
        let stubs_in = BTreeSet::from([PathBuf::new(), self.record.prefix.clone()]);
        Scan {
            git: &self.git,
            git_dir: self.git_dir(),
            index,
            not_ours: ours.ok().map(Path::to_owned),
            files,
            gitlinks: self.record.gitlinks.iter().cloned().collect(),
            stubs_in: stubs_in.into_iter().collect(),
            bounds,
        }
    }

    /// Two snapshots at once would work on the same index.
    async fn lock(&self) -> Result<FileLock, SnapshotError> {
        let path = self.folder.join("lock");
        let file = path.clone();
        let taken = task::spawn_blocking(move || FileLock::acquire(&file)).await;
        let taken = taken.map_err(|source| SnapshotError::Look {
            folder: self.folder.clone(),
            source,
        })?;
        taken.map_err(|source| SnapshotError::Io {
            operation: "lock",
            path,
            source: std::io::Error::other(source),
        })
    }
}
