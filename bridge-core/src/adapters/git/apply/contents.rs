//! What git would keep of files as they lie in a folder now.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::adapters::git::command::GitError;
use crate::adapters::git::program::Git;
use crate::domain::changes::{Entry, FileMode, ObjectId, RepoPath};

/// Whose conversions are applied, and with which objects.
#[derive(Clone, Debug)]
pub(super) struct Lens {
    pub(super) git: Git,
    /// A git folder of ours: its settings say what is converted, and nothing else is written to.
    pub(super) git_dir: PathBuf,
    /// A folder of ours for what only lives as long as a question.
    pub(super) scratch: PathBuf,
}

/// A file that is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) path: &'a RepoPath,
    /// As it was in the tree before: whether line ends are converted depends on it, and so does the mode on a file
    /// system without modes.
    pub(super) before: Option<&'a Entry>,
}

impl Lens {
    /// Says for each file what git would keep of it; nothing for one that has gone meanwhile. No object is written.
    /// `name` is for what is left in the scratch folder.
    pub(super) async fn entries(
        &self,
        folder: &Path,
        name: &str,
        asked: &[Asked<'_>],
    ) -> Result<HashMap<RepoPath, Entry>, GitError> {
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let index = self.scratch.join(name);
        let call = |command| {
            let call = self.git.call(command).git_dir(&self.git_dir);
            call.work_tree(folder).index_file(&index)
        };

        let mut known = Vec::new();
        let mut paths = Vec::new();
        for one in asked {
            if let Some(entry) = one.before {
                let words = format!("{} {}\t", entry.mode.as_str(), entry.id);
                known.extend_from_slice(words.as_bytes());
                known.extend_from_slice(one.path.as_bytes());
                known.push(0);
            }
            paths.extend_from_slice(one.path.as_bytes());
            paths.push(0);
        }
        let fill = call("update-index").args(["-z", "--index-info"]);
        fill.stdin(known).run_at(folder).await?;
        let look = call("update-index").args(["--add", "--remove", "--replace", "--info-only"]);
        let look = look.args(["-z", "--stdin"]).stdin(paths);
        look.run_at(folder).await?;
        let list = call("ls-files").args(["--stage", "-z"]);
        let said = list.run_at(folder).await?.stdout;

        let mut entries = HashMap::with_capacity(asked.len());
        for line in said
            .split(|byte| *byte == 0)
            .filter(|line| !line.is_empty())
        {
            let (path, entry) = parse(line).ok_or_else(|| GitError::Unexpected {
                command: "ls-files".into(),
            })?;
            entries.insert(path, entry);
        }
        Ok(entries)
    }

    /// Reads a file as git keeps it, up to a bound.
    pub(super) async fn blob(&self, id: &ObjectId, max: usize) -> Result<Vec<u8>, GitError> {
        let call = self.git.call("cat-file").args(["blob", id.as_str()]);
        let call = call.git_dir(&self.git_dir).max_output(max);
        Ok(call.run_at(&self.git_dir).await?.stdout)
    }
}

/// Reads `mode id stage<TAB>path`.
fn parse(line: &[u8]) -> Option<(RepoPath, Entry)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let entry = Entry {
        mode: FileMode::parse(words.next()?)?,
        id: ObjectId::parse(words.next()?)?,
    };
    Some((RepoPath::new(line[tab + 1..].to_vec()).ok()?, entry))
}
