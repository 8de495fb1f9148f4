//! Makes a shadow: under a name that says that it is not finished, and renamed at the end.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::adapters::git::command::{Call, GitError};
use crate::adapters::git::repository::{Head, Repository};
use crate::adapters::git::shadow::keep::{self, KeepError, Shadows};
use crate::adapters::git::shadow::lay_out;
use crate::adapters::git::shadow::notes::Note;
use crate::adapters::git::shadow::record::Record;
use crate::adapters::git::shadow::{SNAPSHOT_INDEX, Shadow};
use crate::adapters::git::snapshot::{self, Bounds, SnapshotError};
use crate::domain::changes::{LeftOuts, ObjectId};
use crate::domain::id::RunId;

/// How long the files of a repository may take to be written.
const LIMIT: Duration = Duration::from_secs(1800);
/// How many branches, and as many tags, a worktree knows.
const MAX_REFERENCES: usize = 5000;

/// What comes into a worktree besides what is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    /// Nothing.
    Nothing,
    /// What is staged, changed or new, as far as it is not ignored.
    Uncommitted,
}

/// A shadow that was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The shadow.
    pub shadow: Shadow,
    /// What the person should know of it.
    pub notes: Vec<Note>,
    /// What of the person's uncommitted work is not in its base.
    pub left_out: LeftOuts,
}

/// Why there is no shadow.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// There is nothing to make a worktree from.
    #[error("the branch `{branch}` has no commit yet")]
    NoCommit {
        /// The branch that is checked out.
        branch: String,
    },
    /// Uncommitted work with conflicts can't be carried over.
    #[error("`{}` has unresolved conflicts, which can't be carried over", folder.display())]
    Unmerged {
        /// The repository.
        folder: PathBuf,
    },
    /// A partial clone lacks files that would have to be fetched.
    #[error("`{}` is a partial clone that lacks some of the files", folder.display())]
    MissingObjects {
        /// The repository.
        folder: PathBuf,
        /// What git said.
        source: GitError,
    },
    /// In the base, something else is where the folder should be.
    #[error("`{}` is no folder in the base", path.display())]
    NoFolder {
        /// Relative to the top.
        path: PathBuf,
    },
    /// Something is there already.
    #[error("the run {run} has a folder already")]
    Exists {
        /// The run.
        run: RunId,
    },
    /// Its place can't be used.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// One of its files can't be written, or one of the repository's can't be read.
    #[error("could not make a private repository in `{}`", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Git failed.
    #[error("could not make a working copy of `{}`", folder.display())]
    Git {
        /// The repository.
        folder: PathBuf,
        /// Why.
        source: GitError,
    },
    /// The files could not be taken down.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

impl CreateError {
    /// Whether a run could do its work in the person's own folder instead.
    pub fn leaves_in_place(&self) -> bool {
        match self {
            CreateError::NoCommit { .. }
            | CreateError::Unmerged { .. }
            | CreateError::MissingObjects { .. }
            | CreateError::NoFolder { .. } => true,
            CreateError::Exists { .. }
            | CreateError::Keep(_)
            | CreateError::Io { .. }
            | CreateError::Git { .. }
            | CreateError::Snapshot(_) => false,
        }
    }

    /// Whether the disk is full.
    pub fn is_disk_full(&self) -> bool {
        match self {
            CreateError::Io { source, .. } | CreateError::Keep(KeepError::Io { source, .. }) => {
                source.kind() == io::ErrorKind::StorageFull
            }
            CreateError::Git { source, .. } | CreateError::MissingObjects { source, .. } => {
                source.is_disk_full()
            }
            CreateError::Snapshot(source) => source.is_disk_full(),
            CreateError::NoCommit { .. }
            | CreateError::Unmerged { .. }
            | CreateError::NoFolder { .. }
            | CreateError::Exists { .. }
            | CreateError::Keep(_) => false,
        }
    }
}

impl Shadows {
    /// Makes a worktree of what is checked out. The person's repository is only read.
    ///
    /// # Errors
    /// If the repository has no commit, its work can't be carried over, or git or the disk fails.
    pub async fn worktree(
        &self,
        run: &RunId,
        repository: &Repository,
        carry: Carry,
    ) -> Result<Created, CreateError> {
        let id = match &repository.head {
            Head::Commit { id, .. } => id,
            Head::Unborn { branch } => {
                let branch = branch.clone();
                return Err(CreateError::NoCommit { branch });
            }
        };
        let name = worktree_name(&repository.toplevel);
        let mut maker = self.begin(run, repository, Some(name)).await?;
        let made = maker.worktree(id, carry).await;
        maker.end(made)
    }

    /// Makes a private repository that watches the person's own folder. Nothing is written there.
    ///
    /// # Errors
    /// If git or the disk fails.
    pub async fn in_place(
        &self,
        run: &RunId,
        repository: &Repository,
    ) -> Result<Created, CreateError> {
        let mut maker = self.begin(run, repository, None).await?;
        let made = maker.in_place().await;
        maker.end(made)
    }

    async fn begin<'a>(
        &'a self,
        run: &'a RunId,
        repository: &'a Repository,
        worktree: Option<OsString>,
    ) -> Result<Maker<'a>, CreateError> {
        let stays = self.folder(run);
        if fs::symlink_metadata(&stays).is_ok() {
            return Err(CreateError::Exists { run: run.clone() });
        }
        let folder = self.unfinished(run);
        keep::remove_tree(&folder).await?;
        let about = |source| CreateError::Io {
            path: folder.clone(),
            source,
        };
        self.make_place()?;
        let private = |path: &Path| DirBuilder::new().mode(0o700).create(path);
        private(&folder).map_err(about)?;
        let git_dir = folder.join("git");
        private(&git_dir).map_err(about)?;
        let objects = lay_out::lay_out(self.git(), repository, &git_dir).map_err(about)?;
        lay_out::configure(repository, &git_dir, &git_dir).map_err(about)?;
        let empty = objects.empty_tree().await;
        let empty = empty.map_err(|source| failed(repository, source))?;
        let record = Record {
            worktree,
            toplevel: repository.toplevel.clone(),
            prefix: repository.prefix.clone(),
            base_commit: repository.head.commit().cloned(),
            head_tree: empty.clone(),
            base_tree: empty,
            gitlinks: Vec::new(),
        };
        Ok(Maker {
            repository,
            stays,
            shadow: Shadow {
                git: self.git().clone(),
                state: self.state().to_owned(),
                folder,
                record,
            },
        })
    }
}

/// A shadow in the making.
pub(super) struct Maker<'a> {
    pub(super) repository: &'a Repository,
    /// Where it will be.
    stays: PathBuf,
    pub(super) shadow: Shadow,
}

/// What came of the making.
type Made = Result<(Vec<Note>, LeftOuts), CreateError>;

impl Maker<'_> {
    async fn worktree(&mut self, commit: &ObjectId, carry: Carry) -> Made {
        let files = self.shadow.files();
        DirBuilder::new()
            .mode(0o700)
            .create(&files)
            .and_then(|()| fs::write(files.join(".git"), "gitdir: ../git\n"))
            .map_err(|source| self.io(source))?;
        let references = self
            .repository
            .packed_references(&self.shadow.git, MAX_REFERENCES);
        let head_tree = self.tree_of(commit);
        let (references, head_tree) = tokio::join!(references, head_tree);
        let references = references.map_err(|source| self.git(source))?;
        fs::write(self.shadow.git_dir().join("packed-refs"), references)
            .map_err(|source| self.io(source))?;
        self.shadow.record.head_tree = head_tree?;
        match carry {
            Carry::Nothing => {
                let base = self.shadow.record.head_tree.clone();
                self.check_out(&base).await?;
                let index = self.shadow.git_dir().join("index");
                let notes = self.list_files(&index).await?;
                self.shadow.record.base_tree = self.settle(base).await?;
                Ok((notes, LeftOuts::default()))
            }
            Carry::Uncommitted => {
                let carried = self.carried().await?;
                self.check_out(&carried.now.tree).await?;
                let base = self.settle(carried.now.tree).await?;
                self.stage(&base, &carried.staged).await?;
                self.shadow.record.base_tree = base;
                Ok((carried.notes, carried.now.left_out))
            }
        }
    }

    async fn in_place(&mut self) -> Made {
        if let Some(commit) = self.repository.head.commit() {
            self.shadow.record.head_tree = self.tree_of(commit).await?;
        }
        let index = self.index_of_the_person().await?;
        let notes = self.list_files(&index).await?;
        let taken = self.shadow.snapshot().await?;
        self.shadow.record.base_tree = taken.tree;
        Ok((notes, taken.left_out))
    }

    fn end(mut self, made: Made) -> Result<Created, CreateError> {
        let folder = self.shadow.folder.clone();
        let finished = made.and_then(|(mut notes, left_out)| {
            notes.extend(self.make_prefix()?);
            let ready = self.shadow.record.write(&folder).and_then(|()| {
                lay_out::configure(
                    self.repository,
                    &self.shadow.git_dir(),
                    &self.stays.join("git"),
                )
            });
            ready
                .and_then(|()| fs::rename(&folder, &self.stays))
                .map_err(|source| self.io(source))?;
            Ok((notes, left_out))
        });
        match finished {
            Ok((notes, left_out)) => {
                self.shadow.folder = self.stays;
                Ok(Created {
                    shadow: self.shadow,
                    notes,
                    left_out,
                })
            }
            Err(error) => {
                // What stays behind is recognised by its name and removed later.
                let _ = keep::remove_now(&folder);
                Err(error)
            }
        }
    }

    /// Writes the files of a tree, and the index that knows them.
    async fn check_out(&self, tree: &ObjectId) -> Result<(), CreateError> {
        let index = self.shadow.git_dir().join("index");
        let call = |command| self.shadow.call(command).index_file(&index).limit(LIMIT);
        let write = call("read-tree")
            // As many writers as there are processors; git takes one unless it is told.
            .setting("checkout.workers=0")
            .args(["--reset", "-u", "--no-recurse-submodules", tree.as_str()]);
        match self.run(write).await {
            Err(CreateError::Git { source, folder }) if self.repository.conventions.partial => {
                return Err(CreateError::MissingObjects { folder, source });
            }
            other => other?,
        };
        // Files that are as young as the index would have to be read again by every command that looks at them.
        let refresh = ["-q", "--ignore-submodules", "--refresh"];
        self.run(call("update-index").args(refresh)).await?;
        Ok(())
    }

    /// Says what the base is, once the files are there, and keeps the index for the first snapshot.
    async fn settle(&self, tree: ObjectId) -> Result<ObjectId, CreateError> {
        let git_dir = self.shadow.git_dir();
        let (index, kept) = (git_dir.join("index"), git_dir.join(SNAPSHOT_INDEX));
        snapshot::copy_index(&index, &kept).map_err(|source| self.io(source))?;
        let differs = ["--quiet", "--ignore-submodules=all", "--no-ext-diff"];
        let call = self
            .shadow
            .call("diff-files")
            .args(differs)
            .index_file(&kept);
        let answer = call.ask_at(&self.shadow.files()).await;
        let as_written = answer.map_err(|source| self.git(source))?.status.success();
        if as_written {
            return Ok(tree);
        }
        // With some attributes, a file that is written and taken again is another one. That is nobody's change.
        let scan = self.shadow.scan(kept, self.shadow.files(), Bounds::USUAL);
        Ok(scan.snapshot().await?.tree)
    }

    /// Makes the folder that was asked for, if the base does not have it.
    fn make_prefix(&self) -> Result<Option<Note>, CreateError> {
        if !self.shadow.is_worktree() {
            return Ok(None);
        }
        let mut at = self.shadow.files();
        let mut note = None;
        for part in &self.shadow.record.prefix {
            at.push(part);
            let is_folder = match fs::symlink_metadata(&at) {
                Ok(data) => data.is_dir(),
                Err(_) => {
                    let path = self.shadow.record.prefix.clone();
                    note = Some(Note::NewFolder(path));
                    fs::create_dir(&at).is_ok()
                }
            };
            if !is_folder {
                let path = self.shadow.record.prefix.clone();
                return Err(CreateError::NoFolder { path });
            }
        }
        Ok(note)
    }
}

impl Maker<'_> {
    pub(super) async fn tree_of(&self, object: &ObjectId) -> Result<ObjectId, CreateError> {
        let tree = self.shadow.objects().tree_of(object).await;
        tree.map_err(|source| self.git(source))
    }

    /// Makes a call among the files and takes a success only.
    pub(super) async fn run(&self, call: Call<'_>) -> Result<Vec<u8>, CreateError> {
        let answer = call.run_at(&self.shadow.git_dir()).await;
        Ok(answer.map_err(|source| self.git(source))?.stdout)
    }

    pub(super) fn git(&self, source: GitError) -> CreateError {
        failed(self.repository, source)
    }

    pub(super) fn io(&self, source: io::Error) -> CreateError {
        CreateError::Io {
            path: self.shadow.folder.clone(),
            source,
        }
    }
}

fn failed(repository: &Repository, source: GitError) -> CreateError {
    CreateError::Git {
        folder: repository.toplevel.clone(),
        source,
    }
}

/// The name of the folder with the files: that of the person's, as far as it is free and harmless.
fn worktree_name(toplevel: &Path) -> OsString {
    let name = toplevel.file_name().unwrap_or(OsStr::new("root"));
    let harmless = |byte: &u8| if byte.is_ascii_control() { b'_' } else { *byte };
    let mut name: Vec<u8> = name.as_bytes().iter().map(harmless).collect();
    let ours = ["git", "lock", "shadow.json"];
    if ours
        .iter()
        .any(|ours| name.eq_ignore_ascii_case(ours.as_bytes()))
    {
        name.extend(b"-worktree");
    }
    OsString::from_vec(name)
}
