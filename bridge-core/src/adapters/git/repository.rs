//! A repository of the person, looked at: where its parts lie and what state it is in. Nothing in it is changed or run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::git::bytes;
use crate::adapters::git::command::{Answer, Call, GitError};
use crate::adapters::git::conventions::{Conventions, PersonHome};
use crate::adapters::git::program::Git;
use crate::domain::changes::ObjectId;
use crate::platform::open_dir::{OpenDir, OpenDirError};

/// What there is to know of a repository before anything is done with it.
///
/// A `.git` file, a symlink or a setting may lead anywhere: whoever works with these paths asks first whether they are
/// allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The folder of the files.
    pub toplevel: PathBuf,
    /// Where the folder that was asked about lies below the top; empty at the top itself.
    pub prefix: PathBuf,
    /// Git's own folder for this set of files.
    pub git_dir: PathBuf,
    /// Git's own folder that all worktrees of the repository share.
    pub common_dir: PathBuf,
    /// What is checked out.
    pub head: Head,
    /// What the person has begun and not finished.
    pub operation: Option<Operation>,
    /// Whether history ends early.
    pub shallow: bool,
    /// Whether the repository says that it has submodules.
    pub submodules: bool,
    /// The settings that matter.
    pub conventions: Conventions,
}

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A commit.
    Commit {
        /// Its name.
        id: ObjectId,
        /// The branch that is at it, unless HEAD is detached.
        branch: Option<String>,
    },
    /// A branch without any commit.
    Unborn {
        /// Its name.
        branch: String,
    },
}

impl Head {
    /// The commit, if there is one.
    pub fn commit(&self) -> Option<&ObjectId> {
        match self {
            Head::Commit { id, .. } => Some(id),
            Head::Unborn { .. } => None,
        }
    }
}

/// Something that takes several commands of git, half-way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `git merge`.
    Merge,
    /// `git rebase`.
    Rebase,
    /// `git am`.
    ApplyMailbox,
    /// `git cherry-pick`.
    CherryPick,
    /// `git revert`.
    Revert,
    /// `git bisect`.
    Bisect,
}

impl Operation {
    /// What it is called.
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Merge => "merge",
            Operation::Rebase => "rebase",
            Operation::ApplyMailbox => "am",
            Operation::CherryPick => "cherry-pick",
            Operation::Revert => "revert",
            Operation::Bisect => "bisect",
        }
    }

    fn in_git_dir(git_dir: &Path) -> Option<Operation> {
        let signs = [
            ("rebase-merge", Operation::Rebase),
            ("rebase-apply/applying", Operation::ApplyMailbox),
            ("rebase-apply", Operation::Rebase),
            ("CHERRY_PICK_HEAD", Operation::CherryPick),
            ("REVERT_HEAD", Operation::Revert),
            ("MERGE_HEAD", Operation::Merge),
            ("BISECT_LOG", Operation::Bisect),
        ];
        let found = signs.iter().find(|(name, _)| git_dir.join(name).exists());
        found.map(|(_, operation)| *operation)
    }
}

impl Repository {
    /// Looks which repository the folder belongs to, and at that.
    ///
    /// # Errors
    /// If it belongs to none, or to one that can't be worked with.
    pub async fn inspect(
        git: &Git,
        folder: &OpenDir,
        person: &PersonHome,
    ) -> Result<Repository, RepositoryError> {
        let here = folder
            .real_path()
            .map_err(|source| RepositoryError::Folder { source })?;
        let kinds = [
            "--is-inside-git-dir",
            "--is-bare-repository",
            "--absolute-git-dir",
        ];
        let call = git.call("rev-parse").args(kinds).as_person(person);
        let answer = successful(call, folder, &here).await?;
        let mut lines = answer.stdout.splitn(3, |byte| *byte == b'\n');
        let (inside, bare) = (lines.next(), lines.next());
        let git_dir = bytes::path(lines.next().and_then(|rest| rest.strip_suffix(b"\n")));
        let Some(git_dir) = git_dir else {
            return Err(unexpected("rev-parse").into());
        };
        if bare == Some(b"true") {
            return Err(RepositoryError::Bare { folder: here });
        }
        if inside == Some(b"true") {
            return Err(RepositoryError::InsideGitDir { folder: here });
        }
        let call = git
            .call("rev-parse")
            .arg("--show-toplevel")
            .as_person(person);
        let answer = successful(call, folder, &here).await?;
        let Some(toplevel) = bytes::path(answer.stdout.strip_suffix(b"\n")) else {
            return Err(unexpected("rev-parse").into());
        };
        let toplevel = canonical(&toplevel)?;
        let git_dir = canonical(&git_dir)?;
        let common_dir = common_dir(&git_dir)?;
        let Ok(prefix) = here.strip_prefix(&toplevel).map(Path::to_owned) else {
            return Err(RepositoryError::Elsewhere {
                folder: here,
                toplevel,
            });
        };
        let call = git.call("config").args(["--list", "-z"]);
        let call = call.git_dir(&git_dir).as_person(person);
        let (head, config) = tokio::join!(
            head(git, &git_dir, folder, &here),
            successful(call, folder, &here)
        );
        let shallow = fs::metadata(common_dir.join("shallow")).is_ok_and(|data| data.len() > 0);
        Ok(Repository {
            operation: Operation::in_git_dir(&git_dir),
            shallow,
            submodules: fs::symlink_metadata(toplevel.join(".gitmodules")).is_ok(),
            conventions: Conventions::read(&config?.stdout, person),
            head: head?,
            toplevel,
            prefix,
            git_dir,
            common_dir,
        })
    }

    /// Where the objects lie.
    pub fn object_dir(&self) -> PathBuf {
        self.common_dir.join("objects")
    }

    /// Whether these are files of a worktree that the person made beside others.
    pub fn is_linked_worktree(&self) -> bool {
        self.git_dir != self.common_dir
    }

    /// A call that reads the person's own repository: its references and nothing that could run a program.
    pub(in crate::adapters::git) fn call<'a>(&self, git: &'a Git, command: &str) -> Call<'a> {
        git.call(command).git_dir(&self.git_dir)
    }
}

/// Why a repository can't be worked with.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The folder can't be found any more.
    #[error("the folder can't be used")]
    Folder {
        /// What is wrong with it.
        source: OpenDirError,
    },
    /// No folder above it is a repository either.
    #[error("`{}` is not in a git repository", folder.display())]
    NotARepository {
        /// What was asked about.
        folder: PathBuf,
    },
    /// It has no files.
    #[error("`{}` is in a bare git repository, which has no files to work on", folder.display())]
    Bare {
        /// What was asked about.
        folder: PathBuf,
    },
    /// It is git's own folder.
    #[error("`{}` is inside git's own folder", folder.display())]
    InsideGitDir {
        /// What was asked about.
        folder: PathBuf,
    },
    /// The repository says that its files are somewhere else.
    #[error("the files of the git repository at `{}` are in `{}`", folder.display(), toplevel.display())]
    Elsewhere {
        /// What was asked about.
        folder: PathBuf,
        /// Where the files are.
        toplevel: PathBuf,
    },
    /// Git refuses it, since its owner could make git do things.
    #[error("the git repository of `{}` belongs to another user", folder.display())]
    ForeignOwner {
        /// What was asked about.
        folder: PathBuf,
    },
    /// Git can't read it.
    #[error("the git repository of `{}` can't be read: {said}", folder.display())]
    Broken {
        /// What was asked about.
        folder: PathBuf,
        /// What git says of it.
        said: String,
    },
    /// A file of the repository can't be read.
    #[error("could not look at `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Git itself failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl RepositoryError {
    /// What the person can do.
    pub fn hint(&self) -> &'static str {
        match self {
            RepositoryError::NotARepository { .. } => {
                "Run `git init` in the folder, or use the workspace `in_place`."
            }
            RepositoryError::Bare { .. } => "Name a folder with checked-out files.",
            RepositoryError::InsideGitDir { .. } => "Name the folder of the files instead.",
            RepositoryError::Elsewhere { .. } => "Name the folder of the files.",
            RepositoryError::ForeignOwner { .. } => {
                "If you trust it, run `git config --global --add safe.directory <folder>`."
            }
            RepositoryError::Broken { .. } => {
                "Run `git status` in the folder to see what git says."
            }
            RepositoryError::Folder { .. }
            | RepositoryError::Io { .. }
            | RepositoryError::Git(_) => "Look whether the folder and git can be used.",
        }
    }
}

/// Makes the call and reads git's reason out of a failure.
async fn successful(
    call: Call<'_>,
    folder: &OpenDir,
    here: &Path,
) -> Result<Answer, RepositoryError> {
    let dir = folder
        .try_clone()
        .map_err(|source| RepositoryError::Folder { source })?;
    match call.run(dir).await {
        Err(GitError::Failed { said, .. }) => Err(explain(&said, here)),
        other => Ok(other?),
    }
}

fn explain(said: &str, here: &Path) -> RepositoryError {
    let folder = here.to_owned();
    if said.contains("not a git repository (or any") {
        RepositoryError::NotARepository { folder }
    } else if said.contains("dubious ownership") || said.contains("unsafe repository") {
        RepositoryError::ForeignOwner { folder }
    } else if said.contains("cannot use bare repository") {
        RepositoryError::Bare { folder }
    } else {
        let line = said.lines().find(|line| !line.starts_with("hint:"));
        let line = line.unwrap_or_default().trim_start_matches("fatal: ");
        RepositoryError::Broken {
            folder,
            said: line.chars().take(300).collect(),
        }
    }
}

fn unexpected(command: &str) -> GitError {
    GitError::Unexpected {
        command: command.to_owned(),
    }
}

fn canonical(path: &Path) -> Result<PathBuf, RepositoryError> {
    fs::canonicalize(path).map_err(|source| RepositoryError::Io {
        path: path.to_owned(),
        source,
    })
}

/// The folder that a linked worktree's own one names, or the folder itself.
fn common_dir(git_dir: &Path) -> Result<PathBuf, RepositoryError> {
    let file = git_dir.join("commondir");
    match fs::read(&file) {
        Ok(text) => {
            let named = bytes::path(Some(text.trim_ascii_end())).unwrap_or_default();
            canonical(&git_dir.join(named))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(git_dir.to_owned()),
        Err(source) => Err(RepositoryError::Io { path: file, source }),
    }
}

async fn head(
    git: &Git,
    git_dir: &Path,
    folder: &OpenDir,
    here: &Path,
) -> Result<Head, RepositoryError> {
    let ask = async |command: &str, args: &[&str]| {
        let dir = folder
            .try_clone()
            .map_err(|source| RepositoryError::Folder { source })?;
        let call = git.call(command).args(args).git_dir(git_dir);
        Ok::<Answer, RepositoryError>(call.ask(dir).await?)
    };
    let (branch, id, commit) = tokio::join!(
        ask("symbolic-ref", &["--quiet", "HEAD"]),
        ask("rev-parse", &["--verify", "--quiet", "HEAD"]),
        ask("rev-parse", &["--verify", "--quiet", "HEAD^{commit}"]),
    );
    let (branch, id, commit) = (branch?, id?, commit?);
    let branch = branch.status.success().then(|| {
        let name = String::from_utf8_lossy(branch.stdout.trim_ascii_end()).into_owned();
        name.strip_prefix("refs/heads/")
            .map(str::to_owned)
            .unwrap_or(name)
    });
    match (bytes::object_id(commit.stdout.trim_ascii_end()), branch) {
        (Some(id), branch) => Ok(Head::Commit { id, branch }),
        (None, Some(branch)) if !id.status.success() => Ok(Head::Unborn { branch }),
        (None, _) => Err(RepositoryError::Broken {
            folder: here.to_owned(),
            said: "HEAD leads to no commit".to_owned(),
        }),
    }
}
