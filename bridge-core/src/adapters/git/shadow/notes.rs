//! What the person should know of the files of a shadow: submodules, filters, and what is not all there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::adapters::git::bytes;
use crate::adapters::git::shadow::create::{CreateError, Maker};

/// A list of the files of the largest repositories.
const MAX_LIST: usize = 1 << 30;
/// How much of all files with attributes is read.
const MAX_ATTRIBUTES: usize = 8 << 20;

/// Something about the files that is not as one may expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The folders of submodules are empty, and what changes in submodules is not seen.
    Submodules(usize),
    /// Contents go through these filters, which are not run.
    Filters(BTreeSet<String>),
    /// Only a part of the files is checked out.
    Sparse,
    /// The history ends early.
    Shallow,
    /// The folder that was asked for is not in the base.
    NewFolder(PathBuf),
}

impl Note {
    /// One sentence for the person.
    pub fn sentence(&self) -> String {
        match self {
            Note::Submodules(1) => {
                "The repository has a submodule: its files are left out.".to_owned()
            }
            Note::Submodules(count) => {
                format!("The repository has {count} submodules: their files are left out.")
            }
            Note::Filters(names) if names.contains("lfs") => {
                "Files in Git LFS are taken as they are stored: as pointers.".to_owned()
            }
            Note::Filters(names) => {
                let mut text =
                    "Files are taken as they are stored, without these filters:".to_owned();
                for name in names {
                    let _ = write!(text, " {name}");
                }
                text.push('.');
                text
            }
            Note::Sparse => {
                "The checkout is sparse: only its part of the files is there.".to_owned()
            }
            Note::Shallow => "The clone is shallow: its history ends early.".to_owned(),
            Note::NewFolder(path) => {
                format!(
                    "`{}` is not in the base, so it begins empty.",
                    path.display()
                )
            }
        }
    }
}

impl Maker<'_> {
    /// Finds the submodules and filters among the files.
    pub(super) async fn list_files(&mut self, index: &Path) -> Result<Vec<Note>, CreateError> {
        let call = self.shadow.call("ls-files").args(["--stage", "-z"]);
        let list = self
            .run(call.index_file(index).max_output(MAX_LIST))
            .await?;
        let mut attributes = Vec::new();
        for entry in bytes::fields(&list) {
            let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else {
                continue;
            };
            // `<mode> <id> <stage>`, then the path.
            let (path, id) = (
                &entry[tab + 1..],
                entry[..tab].split(|byte| *byte == b' ').nth(1),
            );
            if entry.starts_with(b"160000 ") {
                self.shadow.record.gitlinks.push(path.to_vec());
            } else if path == b".gitattributes" || path.ends_with(b"/.gitattributes") {
                attributes.extend(id.map(<[u8]>::to_vec));
            }
        }
        let mut notes = Vec::new();
        let submodules = self.shadow.record.gitlinks.len();
        if submodules > 0 {
            notes.push(Note::Submodules(submodules));
        }
        let filters = self.filters(&attributes).await?;
        if !filters.is_empty() {
            notes.push(Note::Filters(filters));
        }
        if self.repository.conventions.sparse {
            notes.push(Note::Sparse);
        }
        if self.repository.shallow {
            notes.push(Note::Shallow);
        }
        Ok(notes)
    }

    /// The filters that attributes name and that the person has.
    async fn filters(&self, attributes: &[Vec<u8>]) -> Result<BTreeSet<String>, CreateError> {
        let mut text = Vec::new();
        if !attributes.is_empty() {
            // By object: in a sparse checkout, the file itself may not be there.
            let objects = self.shadow.objects();
            let call = objects.call("cat-file").arg("--batch");
            let call = call.stdin(attributes.join(&b'\n'));
            let read = objects.run(call.start_of_output(MAX_ATTRIBUTES)).await;
            text = read.map_err(|source| self.git(source))?.stdout;
        }
        let info = self.shadow.git_dir().join("info");
        for name in ["attributes", "attributes-everywhere"] {
            text.push(b'\n');
            text.extend(fs::read(info.join(name)).map_err(|source| self.io(source))?);
        }
        let text = String::from_utf8_lossy(&text);
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let words = lines.flat_map(str::split_whitespace);
        let names = words.filter_map(|word| word.strip_prefix("filter="));
        let known = &self.repository.conventions.filters;
        let used = names.filter(|name| *name == "lfs" || known.contains(*name));
        Ok(used.map(str::to_owned).collect())
    }
}
