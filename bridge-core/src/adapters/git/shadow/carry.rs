//! The person's uncommitted work, as it comes into a worktree: all files first, then what of them is staged.

use std::path::PathBuf;

use crate::adapters::git::bytes;
use crate::adapters::git::shadow::create::{CreateError, Maker};
use crate::adapters::git::shadow::notes::Note;
use crate::adapters::git::shadow::{SNAPSHOT_INDEX, lay_out};
use crate::adapters::git::snapshot::{Bounds, Snapshot};
use crate::domain::changes::ObjectId;

/// What the person's folder holds.
pub(super) struct Carried {
    /// All files, as they are.
    pub(super) now: Snapshot,
    /// The files as they are staged.
    pub(super) staged: ObjectId,
    pub(super) notes: Vec<Note>,
}

impl Maker<'_> {
    /// Copies the person's index, or makes one where they have none.
    pub(super) async fn index_of_the_person(&self) -> Result<PathBuf, CreateError> {
        let git_dir = self.shadow.git_dir();
        let index = git_dir.join(SNAPSHOT_INDEX);
        let taken = lay_out::take_index(self.repository, &git_dir, SNAPSHOT_INDEX);
        let taken = taken.map_err(|source| self.io(source))?;
        if !taken {
            // Before the first commit there may be none at all.
            let commit = self.repository.head.commit();
            let of = commit.map_or("--empty", ObjectId::as_str);
            let call = self.shadow.call("read-tree").arg(of);
            self.run(call.index_file(&index)).await?;
        }
        Ok(index)
    }

    /// Takes down the person's folder with what is staged and what is not.
    pub(super) async fn carried(&mut self) -> Result<Carried, CreateError> {
        let index = self.index_of_the_person().await?;
        let files = self.repository.toplevel.clone();
        let call = self.shadow.call("ls-files").args(["--unmerged", "-z"]);
        if !self.run(call.index_file(&index)).await?.is_empty() {
            return Err(CreateError::Unmerged { folder: files });
        }
        let call = self.shadow.call("write-tree").arg("--missing-ok");
        let staged = self.run(call.index_file(&index)).await?;
        let staged = bytes::object_id(staged.trim_ascii_end()).ok_or_else(|| {
            self.git(crate::adapters::git::command::GitError::Unexpected {
                command: "write-tree".to_owned(),
            })
        })?;
        let notes = self.list_files(&index).await?;
        let scan = self.shadow.scan(index, files, Bounds::USUAL);
        let now = scan.snapshot().await?;
        Ok(Carried { now, staged, notes })
    }

    /// Makes the worktree's index say what is staged, while it goes on knowing the files.
    pub(super) async fn stage(&self, now: &ObjectId, staged: &ObjectId) -> Result<(), CreateError> {
        let objects = self.shadow.objects();
        let call =
            objects
                .call("diff-tree")
                .args(["-r", "-z", "--raw", "--no-renames", "--no-abbrev"]);
        let call = call.args([now.as_str(), staged.as_str()]);
        let differs = objects.run(call).await.map_err(|source| self.git(source))?;
        let mut lines = Vec::new();
        let mut fields = bytes::fields(&differs.stdout);
        while let (Some(header), Some(path)) = (fields.next(), fields.next()) {
            // `:<mode> <mode> <id> <id> <status>`: the second of each is the staged one; zeros take the path away.
            let words: Vec<&[u8]> = header.split(|byte| *byte == b' ').collect();
            let &[_, mode, _, id, _] = &words[..] else {
                continue;
            };
            for part in [mode, b" ", id, b"\t", path, b"\0"] {
                lines.extend_from_slice(part);
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        let index = self.shadow.git_dir().join("index");
        let call = self.shadow.call("update-index").index_file(&index);
        let call = call.args(["--add", "--remove", "--replace", "-z", "--index-info"]);
        self.run(call.stdin(lines)).await?;
        Ok(())
    }
}
