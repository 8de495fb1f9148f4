//! What the person should know of the files of a shadow: submodules, filters, and what is not all there.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::adapters::git::bytes;
use crate::adapters::git::shadow::create::{CreateError, Maker};

/// A list of the files of the largest repositories.
const MAX_LIST: usize = 1 << 30;
/// How many files with attributes are read, and how much of each.
const MAX_ATTRIBUTES: (usize, u64) = (1000, 1 << 20);

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
    pub(super) async fn list_files(
        &mut self,
        index: &Path,
        files: &Path,
    ) -> Result<Vec<Note>, CreateError> {
        let call = self.shadow.call("ls-files").args(["--stage", "-z"]);
        let list = self
            .run(call.index_file(index).max_output(MAX_LIST))
            .await?;
        let mut attributes = Vec::new();
        for entry in bytes::fields(&list) {
            let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else {
                continue;
            };
            let path = &entry[tab + 1..];
            if entry.starts_with(b"160000 ") {
                self.shadow.record.gitlinks.push(path.to_vec());
            } else if path == b".gitattributes" || path.ends_with(b"/.gitattributes") {
                attributes.push(path.to_vec());
            }
        }
        let mut notes = Vec::new();
        let submodules = self.shadow.record.gitlinks.len();
        if submodules > 0 {
            notes.push(Note::Submodules(submodules));
        }
        let filters = self.filters(&attributes, files);
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

    /// The filters that attributes name and the person's configuration knows.
    fn filters(&self, attributes: &[Vec<u8>], files: &Path) -> BTreeSet<String> {
        let known = &self.repository.conventions.filters;
        let mut used = BTreeSet::new();
        let inside = attributes
            .iter()
            .map(|path| files.join(OsStr::from_bytes(path)));
        let info = self.shadow.git_dir().join("info");
        let ours = ["attributes", "attributes-everywhere"].map(|name| info.join(name));
        for file in inside.take(MAX_ATTRIBUTES.0).chain(ours) {
            let is_usual = fs::symlink_metadata(&file)
                .is_ok_and(|data| data.is_file() && data.len() <= MAX_ATTRIBUTES.1);
            let text = if is_usual { fs::read(&file) } else { continue };
            let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
            let lines = text
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'));
            let names = lines.flat_map(str::split_whitespace);
            let names = names.filter_map(|word| word.strip_prefix("filter="));
            used.extend(
                names
                    .filter(|name| known.contains(*name) || *name == "lfs")
                    .map(str::to_owned),
            );
        }
        used
    }
}
