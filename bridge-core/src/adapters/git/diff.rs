//! What differs between two trees: the files, the name of the whole difference, and patches.
//!
//! Attributes of the repository have no say in it: a file that calls itself binary is shown all the same.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use crate::adapters::git::bytes;
use crate::adapters::git::command::{Call, GitError};
use crate::adapters::git::objects::Objects;
use crate::domain::changes::{
    Change, ChangeSet, ChangedFile, Entry, FileMode, LeftOuts, LineCount, ObjectId, RepoPath,
    UnsafePath,
};

/// How long the comparison of all files may take.
const LIMIT: Duration = Duration::from_secs(300);
/// Among more new and more deleted files than this, only those that are exactly equal count as renamed.
const RENAME_LIMIT: &str = "-l1000";

/// Two states of a repository's files.
#[derive(Clone, Copy, Debug)]
pub struct Between<'a> {
    /// A tree or a commit.
    pub before: &'a ObjectId,
    /// A tree or a commit.
    pub after: &'a ObjectId,
}

/// The change of one file as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// A unified diff with git's header.
    pub text: Vec<u8>,
    /// Whether there is more of it.
    pub cut: bool,
}

/// Why there is no difference to tell of.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file has a name that must not be touched.
    #[error(transparent)]
    Path(#[from] UnsafePath),
    /// The patch has no place to go.
    #[error("could not write the patch to `{}`", path.display())]
    Write {
        /// Where it should go.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Objects {
    /// What differs, with renames found and lines counted.
    ///
    /// # Errors
    /// If git fails, or more differs than can be told.
    pub async fn changes(
        &self,
        between: Between<'_>,
        left_out: LeftOuts,
    ) -> Result<ChangeSet, DiffError> {
        let call = self.diff(between).args(["-z", "--raw", "--numstat", "-M"]);
        let call = call.args([RENAME_LIMIT, "--no-rename-empty"]);
        let (shown, hash) = tokio::join!(self.run(call), self.hash(between));
        Ok(ChangeSet {
            before: between.before.clone(),
            after: between.after.clone(),
            hash: hash?,
            files: read(&shown?.stdout)?,
            left_out,
        })
    }

    /// Names the difference: equal exactly for equal modes, contents and paths before and after.
    ///
    /// # Errors
    /// As [`Objects::changes`].
    pub async fn hash(&self, between: Between<'_>) -> Result<ObjectId, DiffError> {
        let call = self.diff(between).args(["-z", "--raw", "--no-renames"]);
        let raw = self.run(call).await?.stdout;
        let call = self.call("hash-object").args(["-t", "blob", "--stdin"]);
        let answer = self.run(call.stdin(raw)).await?;
        bytes::object_id(answer.stdout.trim_ascii_end()).ok_or_else(|| {
            DiffError::Git(GitError::Unexpected {
                command: "hash-object".to_owned(),
            })
        })
    }

    /// The change of one file as text, at most `max` bytes of it, in whole lines.
    ///
    /// # Errors
    /// If git fails.
    pub async fn patch(
        &self,
        between: Between<'_>,
        file: &ChangedFile,
        max: usize,
    ) -> Result<Patch, DiffError> {
        let mut call = self
            .diff(between)
            .args(["-p", "--full-index", "-M", "--no-rename-empty", "--"])
            .env("GIT_LITERAL_PATHSPECS", "0");
        let old = match &file.change {
            Change::Renamed { from, .. } => Some(from),
            Change::Added { .. } | Change::Deleted { .. } | Change::Modified { .. } => None,
        };
        for path in old.into_iter().chain([&file.path]) {
            call = call.path(b":(top,literal)", path.as_bytes(), b"");
            // A path stands for all below it, too, if it was or is a folder on the other side.
            call = call.path(b":(top,literal,exclude)", path.as_bytes(), b"/");
        }
        let answer = self.run(call.start_of_output(max)).await?;
        let mut text = answer.stdout;
        if answer.cut {
            let end = text.iter().rposition(|byte| *byte == b'\n');
            text.truncate(end.map_or(0, |end| end + 1));
        }
        Ok(Patch {
            text,
            cut: answer.cut,
        })
    }

    /// Writes the whole difference as a patch that `git apply` turns into exactly the same, binary files included.
    /// Gives its length.
    ///
    /// # Errors
    /// If git fails, the file can't be written, or the patch is longer than `max`.
    pub async fn write_patch(
        &self,
        between: Between<'_>,
        path: &Path,
        max: u64,
    ) -> Result<u64, DiffError> {
        let about = |source| DiffError::Write {
            path: path.to_owned(),
            source,
        };
        let file = File::create(path).map_err(about)?;
        let target = file.try_clone().map_err(about)?;
        let args = ["-p", "--binary", "--full-index", "--no-renames"];
        let call = self.diff(between).args(args).stdout_file(target, max);
        self.run(call).await?;
        Ok(file.metadata().map_err(about)?.len())
    }

    fn diff(&self, between: Between<'_>) -> Call<'_> {
        let trees = [between.before.as_str(), between.after.as_str()];
        self.call("diff-tree")
            .args([
                "-r",
                "--no-ext-diff",
                "--no-textconv",
                "--no-color",
                "--no-abbrev",
            ])
            .args(["--ignore-submodules=none", "--submodule=short"])
            .args(trees)
            .limit(LIMIT)
    }
}

/// Reads `--raw --numstat -z`: first all the files, then all the counts.
pub(super) fn read(output: &[u8]) -> Result<Vec<ChangedFile>, DiffError> {
    let unexpected = || GitError::Unexpected {
        command: "diff-tree".to_owned(),
    };
    let mut fields = bytes::fields(output).peekable();
    let mut files = Vec::new();
    while let Some(header) = fields.next_if(|field| field.starts_with(b":")) {
        let header = std::str::from_utf8(header).map_err(|_| unexpected())?;
        let words: Vec<&str> = header[1..].split(' ').collect();
        let &[old_mode, new_mode, old_id, new_id, status] = &words[..] else {
            return Err(unexpected().into());
        };
        let mut path = || fields.next().map(<[u8]>::to_vec).ok_or_else(unexpected);
        let first = RepoPath::new(path()?)?;
        let before = || entry(old_mode, old_id).ok_or_else(unexpected);
        let after = || entry(new_mode, new_id).ok_or_else(unexpected);
        let (path, change) = match status.as_bytes().first() {
            Some(b'A') => (first, Change::Added { after: after()? }),
            Some(b'D') => (first, Change::Deleted { before: before()? }),
            Some(b'M' | b'T') => {
                let (before, after) = (before()?, after()?);
                (first, Change::Modified { before, after })
            }
            Some(b'R') => {
                let to = RepoPath::new(path()?)?;
                let (before, after) = (before()?, after()?);
                let from = first;
                (
                    to,
                    Change::Renamed {
                        from,
                        before,
                        after,
                    },
                )
            }
            _ => return Err(unexpected().into()),
        };
        files.push(ChangedFile {
            path,
            change,
            lines: None,
        });
    }
    let mut counts = HashMap::new();
    while let Some(field) = fields.next() {
        let mut parts = field.splitn(3, |byte| *byte == b'\t');
        let (Some(added), Some(removed), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(unexpected().into());
        };
        // A renamed file has both its names in the fields that follow.
        let path = match path {
            b"" => fields.nth(1).ok_or_else(unexpected)?,
            path => path,
        };
        counts.insert(path, lines(added, removed));
    }
    for file in &mut files {
        file.lines = counts.get(file.path.as_bytes()).copied().flatten();
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn entry(mode: &str, id: &str) -> Option<Entry> {
    Some(Entry {
        mode: FileMode::parse(mode)?,
        id: ObjectId::parse(id)?,
    })
}

/// Both are `-` for what is no text.
fn lines(added: &[u8], removed: &[u8]) -> Option<LineCount> {
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
    Some(LineCount {
        added: number(added)?,
        removed: number(removed)?,
    })
}
