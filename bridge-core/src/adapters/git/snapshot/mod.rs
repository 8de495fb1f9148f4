//! Makes a tree of the files in a folder: into objects of our own, by an index of our own.
//!
//! Plumbing only: what changed is listed first, looked at here, and only then given to git by name. So nothing is taken
//! that should not be, and no command of git has to look into a repository inside this one.

mod look;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task;

use crate::adapters::git::bytes;
use crate::adapters::git::command::{Answer, Call, GitError};
use crate::adapters::git::program::{Git, Version};
use crate::adapters::git::snapshot::look::Looked;
use crate::domain::changes::{LeftOuts, ObjectId};

/// How long it may take to look at all files, or to take those that are new.
const LIMIT: Duration = Duration::from_secs(600);
/// So many files are taken again without asking first whether only their times differ.
const MANY: usize = 1000;
/// How often to look again where a file goes away between the look and the taking: the person may be at work, too.
const TRIES: u32 = 3;

/// The state of a folder's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// All files that are taken.
    pub tree: ObjectId,
    /// What lies there besides.
    pub left_out: LeftOuts,
}

/// How much is taken of files that are new or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The largest file, in bytes.
    pub file: u64,
    /// All of them together, in bytes.
    pub bytes: u64,
    /// How many.
    pub files: usize,
}

impl Bounds {
    /// Enough for what a person or a model writes; a build's output that nobody ignores is more.
    pub const USUAL: Bounds = Bounds {
        file: 100 << 20,
        bytes: 1 << 30,
        files: 100_000,
    };
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Git failed.
    #[error("could not take down the files in `{}`", folder.display())]
    Git {
        /// Where.
        folder: PathBuf,
        /// Why.
        source: GitError,
    },
    /// A task of this process was ended.
    #[error("could not look at the files in `{}`", folder.display())]
    Look {
        /// Where.
        folder: PathBuf,
        /// Why.
        source: task::JoinError,
    },
    /// Something else of ours failed.
    #[error("could not {operation} `{}`", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl SnapshotError {
    /// Whether the disk is full.
    pub fn is_disk_full(&self) -> bool {
        match self {
            SnapshotError::Git { source, .. } => source.is_disk_full(),
            SnapshotError::Io { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
            SnapshotError::Look { .. } => false,
        }
    }
}

/// What to look at, and by what.
#[derive(Clone, Debug)]
pub(super) struct Scan<'a> {
    pub(super) git: &'a Git,
    /// The private repository.
    pub(super) git_dir: PathBuf,
    /// What was there before, with the times of the files; brought up to date.
    pub(super) index: PathBuf,
    /// The folder of the files.
    pub(super) files: PathBuf,
    /// Where the index has commits of other repositories.
    pub(super) gitlinks: BTreeSet<Vec<u8>>,
    /// Folders, relative to the top, in which a sandbox may have left its stubs.
    pub(super) stubs_in: Vec<PathBuf>,
    /// A folder of ours below the top, relative to it.
    pub(super) not_ours: Option<PathBuf>,
    pub(super) bounds: Bounds,
}

impl Scan<'_> {
    pub(super) async fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        self.check_place()?;
        let mut tries = 1;
        loop {
            match self.snapshot_once().await {
                Err(SnapshotError::Git {
                    source: GitError::Failed { .. },
                    ..
                }) if tries < TRIES => tries += 1,
                other => return other,
            }
        }
    }

    /// A link in place of the folder would lead to somebody else's files.
    fn check_place(&self) -> Result<(), SnapshotError> {
        let moved = match fs::canonicalize(&self.files) {
            Ok(path) if path == self.files => return Ok(()),
            Ok(_) => std::io::Error::other("it leads elsewhere by now"),
            Err(error) => error,
        };
        Err(SnapshotError::Io {
            operation: "look at the files in",
            path: self.files.clone(),
            source: moved,
        })
    }

    async fn snapshot_once(&self) -> Result<Snapshot, SnapshotError> {
        let (changed, others, ignored) = tokio::join!(
            self.changed(),
            self.list(&["--others"]),
            self.list(&["--others", "--ignored", "--directory"]),
        );
        let found = look::Found {
            files: self.files.clone(),
            changed: changed.map_err(|source| self.about(source))?,
            others: paths(&others.map_err(|source| self.about(source))?.stdout),
            ignored: paths(&ignored.map_err(|source| self.about(source))?.stdout),
            gitlinks: self.gitlinks.clone(),
            stubs_in: self.stubs_in.clone(),
            bounds: self.bounds,
        };
        let looked = task::spawn_blocking(move || look::look(found));
        let looked = looked.await.map_err(|source| SnapshotError::Look {
            folder: self.files.clone(),
            source,
        })?;
        let tree = self.take(&looked).await;
        Ok(Snapshot {
            tree: tree.map_err(|source| self.about(source))?,
            left_out: looked.left_out,
        })
    }

    /// Files that the index knows and that may not be any more what it says.
    async fn changed(&self) -> Result<BTreeSet<Vec<u8>>, GitError> {
        let listed = self.differing().await?;
        if listed.len() <= MANY {
            return Ok(listed);
        }
        // Perhaps only their times are others, as after a copy of the whole folder.
        let refresh = ["-q", "--unmerged", "--ignore-submodules", "--refresh"];
        self.run(self.call("update-index").args(refresh)).await?;
        self.differing().await
    }

    /// Files whose times or sizes are not what the index says.
    async fn differing(&self) -> Result<BTreeSet<Vec<u8>>, GitError> {
        let list = [
            "--name-only",
            "-z",
            "--ignore-submodules=all",
            "--no-ext-diff",
        ];
        let answer = self.run(self.call("diff-files").args(list)).await?;
        Ok(bytes::fields(&answer.stdout).map(<[u8]>::to_vec).collect())
    }

    async fn list(&self, which: &[&str]) -> Result<Answer, GitError> {
        let call = self.call("ls-files").args(which);
        let mut call = call.args(["-z", "--exclude-standard"]);
        if let Some(path) = &self.not_ours {
            call = call.path(b"--exclude=/", &pattern(path.as_os_str().as_bytes()), b"/");
        }
        self.run(call).await
    }

    /// Brings the index up to date with what was looked at, and makes a tree of it.
    async fn take(&self, looked: &Looked) -> Result<ObjectId, GitError> {
        // First what is gone: a file may have become a folder, or the other way round.
        for (paths, how) in [
            (&looked.gone, &["--force-remove"][..]),
            (&looked.there, &["--add", "--remove", "--replace"][..]),
        ] {
            if paths.is_empty() {
                continue;
            }
            let list = bytes::list(paths.iter().map(Vec::as_slice));
            let mut call = self.call("update-index").args(how);
            // A file for each new content would take most of the time.
            if self.git.version() >= Version::PACKS_NEW_FILES {
                call = call.setting("core.bigFileThreshold=1");
            }
            let call = call.setting("core.compression=1");
            let call = call.args(["-z", "--stdin"]).stdin(list);
            self.run(call).await?;
        }
        // A partial clone may lack files outside of what is checked out.
        let answer = self
            .run(self.call("write-tree").arg("--missing-ok"))
            .await?;
        bytes::object_id(answer.stdout.trim_ascii_end()).ok_or_else(|| GitError::Unexpected {
            command: "write-tree".to_owned(),
        })
    }

    fn call(&self, command: &str) -> Call<'_> {
        self.git
            .call(command)
            .git_dir(&self.git_dir)
            .work_tree(&self.files)
            .index_file(&self.index)
            .limit(LIMIT)
    }

    async fn run(&self, call: Call<'_>) -> Result<Answer, GitError> {
        call.run_at(&self.files).await
    }

    fn about(&self, source: GitError) -> SnapshotError {
        SnapshotError::Git {
            folder: self.files.clone(),
            source,
        }
    }
}

/// Copies an index with its time, by which git tells which files it has to read again.
///
/// With a later time, a file that was changed within the second in which the index was written would pass for unchanged.
pub(super) fn copy_index(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut source = fs::File::open(from)?;
    let time = source.metadata()?.modified()?;
    let mut target = fs::File::create(to)?;
    std::io::copy(&mut source, &mut target)?;
    target.set_modified(time)
}

fn paths(list: &[u8]) -> Vec<Vec<u8>> {
    bytes::fields(list).map(<[u8]>::to_vec).collect()
}

/// A path as a pattern of ignored files that means itself.
fn pattern(path: &[u8]) -> Vec<u8> {
    let special = |byte: u8| b"\\*?[] !#".contains(&byte);
    let escape = |byte: &u8| [Some(b'\\').filter(|_| special(*byte)), Some(*byte)];
    path.iter().flat_map(escape).flatten().collect()
}
