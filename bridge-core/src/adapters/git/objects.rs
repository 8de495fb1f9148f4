//! The objects of a repository, read with a configuration and attributes of our own: a small git folder stands in front
//! of the person's objects, so that nothing a repository says about itself matters.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::git::bytes;
use crate::adapters::git::command::{Answer, Call, GitError};
use crate::adapters::git::conventions::ObjectFormat;
use crate::adapters::git::program::Git;
use crate::domain::changes::ObjectId;

/// A way to the objects of one repository.
#[derive(Clone, Debug)]
pub struct Objects {
    git: Git,
    front: PathBuf,
    store: PathBuf,
}

/// What [`Objects::lay_out`] puts where.
#[derive(Clone, Debug)]
pub struct Front<'a> {
    /// The folder to be made; only we may write into it.
    pub folder: &'a Path,
    /// Where the objects lie.
    pub objects: &'a Path,
    /// Git's own folder of the repository, which says where a shallow history ends.
    pub common_dir: &'a Path,
    /// How the objects are named.
    pub format: ObjectFormat,
}

impl Objects {
    /// Makes the folder.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn lay_out(git: &Git, front: &Front<'_>) -> io::Result<Objects> {
        let folder = front.folder;
        fs::create_dir_all(folder.join("refs"))?;
        fs::create_dir_all(folder.join("objects"))?;
        fs::write(folder.join("config"), front.format.config())?;
        match fs::copy(front.common_dir.join("shallow"), folder.join("shallow")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => {}
        }
        fs::write(folder.join("HEAD"), "ref: refs/heads/none\n")?;
        Ok(Objects::open(git, folder, front.objects))
    }

    /// Takes a folder that was made before.
    pub fn open(git: &Git, folder: &Path, objects: &Path) -> Objects {
        Objects {
            git: git.clone(),
            front: folder.to_owned(),
            store: objects.to_owned(),
        }
    }

    /// A call that sees these objects and nothing else; to be made by [`Objects::run`].
    pub fn call(&self, command: &str) -> Call<'_> {
        self.git
            .call(command)
            .git_dir(&self.front)
            .env("GIT_OBJECT_DIRECTORY", &self.store)
            .index_file(&self.front.join("no-index"))
    }

    /// Makes the call and takes a success only.
    ///
    /// # Errors
    /// As [`Call::run`].
    pub async fn run(&self, call: Call<'_>) -> Result<Answer, GitError> {
        call.run_at(&self.front).await
    }

    /// The tree of a commit or of itself.
    ///
    /// # Errors
    /// If there is no such object.
    pub async fn tree_of(&self, object: &ObjectId) -> Result<ObjectId, GitError> {
        self.one_id("rev-parse", &["--verify", &format!("{object}^{{tree}}")])
            .await
    }

    /// The tree without any file.
    ///
    /// # Errors
    /// If git can't be run.
    pub async fn empty_tree(&self) -> Result<ObjectId, GitError> {
        self.one_id("hash-object", &["-t", "tree", "--stdin"]).await
    }

    /// The best commit that both have in their history.
    ///
    /// # Errors
    /// If git can't be run or a commit is missing.
    pub async fn merge_base(
        &self,
        one: &ObjectId,
        other: &ObjectId,
    ) -> Result<Option<ObjectId>, GitError> {
        let call = self.call("merge-base").args([one.as_str(), other.as_str()]);
        let answer = call.ask_at(&self.front).await?;
        // Exit status 1 without a word means that there is none.
        if answer.status.code() == Some(1) && answer.stdout.is_empty() {
            return Ok(None);
        }
        match bytes::object_id(answer.stdout.trim_ascii_end()) {
            Some(id) if answer.status.success() => Ok(Some(id)),
            _ => Err(GitError::Failed {
                command: "merge-base".to_owned(),
                status: answer.status,
                said: answer.stderr.trim().to_owned(),
            }),
        }
    }

    async fn one_id(&self, command: &str, args: &[&str]) -> Result<ObjectId, GitError> {
        let answer = self.run(self.call(command).args(args)).await?;
        bytes::object_id(answer.stdout.trim_ascii_end()).ok_or_else(|| GitError::Unexpected {
            command: command.to_owned(),
        })
    }
}
