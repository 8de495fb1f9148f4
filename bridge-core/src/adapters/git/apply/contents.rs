//! What git would keep of files as they lie in a folder now.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::adapters::git::bytes;
use crate::adapters::git::command::{Call, GitError};
use crate::adapters::git::shadow::Shadow;
use crate::adapters::git::snapshot::copy_index;
use crate::domain::changes::{Entry, FileMode, ObjectId, RepoPath};

/// How long it may take to read all files in question.
const LIMIT: Duration = Duration::from_secs(600);

/// Looks at files with the conversions of the person's repository, and with nothing that could run a program.
#[derive(Clone, Debug)]
pub(super) struct Lens {
    pub(super) shadow: Shadow,
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

/// A folder of files, and a name for what is left of it in the scratch folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) folder: &'a Path,
    pub(super) name: &'a str,
}

impl Lens {
    /// Says for each file what git would keep of it; nothing for one that has gone meanwhile. No object is written.
    pub(super) async fn entries(
        &self,
        side: Side<'_>,
        asked: &[Asked<'_>],
    ) -> Result<HashMap<RepoPath, Entry>, GitError> {
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let index = self.scratch.join(side.name);
        let mut known = Vec::new();
        for one in asked {
            if let Some(entry) = one.before {
                let words = format!("{} {}\t", entry.mode.as_str(), entry.id);
                known.extend_from_slice(words.as_bytes());
                known.extend_from_slice(one.path.as_bytes());
                known.push(0);
            }
        }
        let fill = self.call("update-index", side.folder, &index);
        let fill = fill.args(["-z", "--index-info"]).stdin(known);
        fill.run_at(side.folder).await?;
        let look = self.call("update-index", side.folder, &index);
        look.args(["--add", "--remove", "--replace", "--info-only"])
            .args(["-z", "--stdin"])
            .stdin(list(asked))
            .run_at(side.folder)
            .await?;
        let read = self.call("ls-files", side.folder, &index);
        let read = read.args(["--stage", "-z"]).run_at(side.folder).await?;
        parse_all(&read.stdout)
    }

    /// Which of these files the person's own git takes for unchanged since it wrote them, with what it keeps of them. A
    /// filter of theirs, which is not run here, may make of the content what git keeps.
    pub(super) async fn unchanged(
        &self,
        side: Side<'_>,
        index: &Path,
        asked: &[Asked<'_>],
    ) -> Result<HashMap<RepoPath, Entry>, GitError> {
        let copy = self.scratch.join("index");
        if asked.is_empty() || copy_index(index, &copy).is_err() {
            return Ok(HashMap::new());
        }
        let differ = self.call("diff-files", side.folder, &copy);
        let differ = differ.args(["-z", "--name-only", "--ignore-submodules=all"]);
        let read = self.call("ls-files", side.folder, &copy);
        let read = read.args(["--stage", "-z"]);
        let (differ, read) =
            tokio::try_join!(differ.run_at(side.folder), read.run_at(side.folder))?;
        let differ: BTreeSet<&[u8]> = bytes::fields(&differ.stdout).collect();
        let all = parse_all(&read.stdout)?;
        let unchanged = asked
            .iter()
            .filter(|one| !differ.contains(one.path.as_bytes()));
        Ok(unchanged
            .filter_map(|one| Some((one.path.clone(), all.get(one.path)?.clone())))
            .collect())
    }

    /// Which of these paths a sparse checkout leaves out. A git that can't tell, from before 2.41, names none.
    pub(super) async fn outside_sparse<'a>(
        &self,
        paths: impl Iterator<Item = &'a RepoPath> + Clone,
    ) -> BTreeSet<RepoPath> {
        let asked = bytes::list(paths.clone().map(RepoPath::as_bytes));
        let call = self.shadow.call("sparse-checkout");
        let call = call.args(["check-rules", "-z"]).stdin(asked);
        let Ok(answer) = call.run_at(&self.shadow.files()).await else {
            return BTreeSet::new();
        };
        let inside: BTreeSet<&[u8]> = bytes::fields(&answer.stdout).collect();
        let outside = paths.filter(|path| !inside.contains(path.as_bytes()));
        outside.cloned().collect()
    }

    /// Reads a file as git keeps it, up to a bound.
    pub(super) async fn blob(&self, id: &ObjectId, max: usize) -> Result<Vec<u8>, GitError> {
        let objects = self.shadow.objects();
        let call = objects.call("cat-file").args(["blob", id.as_str()]);
        Ok(objects.run(call.max_output(max)).await?.stdout)
    }

    fn call(&self, command: &str, folder: &Path, index: &Path) -> Call<'_> {
        let call = self.shadow.call(command).work_tree(folder);
        call.index_file(index).limit(LIMIT)
    }
}

fn list(asked: &[Asked<'_>]) -> Vec<u8> {
    bytes::list(asked.iter().map(|one| one.path.as_bytes()))
}

/// Reads lines `mode id stage<TAB>path<NUL>`; those with a conflict are left out.
fn parse_all(list: &[u8]) -> Result<HashMap<RepoPath, Entry>, GitError> {
    let mut entries = HashMap::new();
    for line in bytes::fields(list) {
        let (path, stage, entry) = parse(line).ok_or_else(|| GitError::Unexpected {
            command: "ls-files".into(),
        })?;
        if let ("0", Ok(path)) = (stage, RepoPath::new(path.to_vec())) {
            entries.insert(path, entry);
        }
    }
    Ok(entries)
}

fn parse(line: &[u8]) -> Option<(&[u8], &str, Entry)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let entry = Entry {
        mode: FileMode::parse(words.next()?)?,
        id: ObjectId::parse(words.next()?)?,
    };
    Some((&line[tab + 1..], words.next()?, entry))
}
