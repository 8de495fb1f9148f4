//! Looks at what git listed: what can be taken, what is gone, and what is left out for which reason.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use crate::adapters::git::snapshot::Bounds;
use crate::domain::changes::{LeftOut, LeftOutWhy, LeftOuts};

/// What a sandbox of Codex puts empty files or folders in the place of, to mount over them, and leaves when it is killed.
const STUBS: [&str; 4] = [".git", ".agents", ".codex", ".aws"];
/// How much of what is left out is listed, for whichever reason.
const MOST_LISTED: usize = 500;
/// How much of what is ignored is listed.
const MOST_IGNORED: usize = 100;
/// How many entries of folders are looked at for what git does not list.
const MOST_ENTRIES: usize = 2_000_000;

/// What git listed. Paths are relative to the top.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) files: PathBuf,
    /// Known to the index, and not as they were.
    pub(super) changed: BTreeSet<Vec<u8>>,
    /// Unknown to the index; a folder, with `/` at its end, is a repository.
    pub(super) others: Vec<Vec<u8>>,
    /// Ignored; folders with `/` at their end.
    pub(super) ignored: Vec<Vec<u8>>,
    /// Commits of other repositories.
    pub(super) gitlinks: BTreeSet<Vec<u8>>,
    pub(super) stubs_in: Vec<PathBuf>,
    pub(super) bounds: Bounds,
}

/// What is to be done about it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Looked {
    /// To be taken.
    pub(super) there: Vec<Vec<u8>>,
    /// To be forgotten.
    pub(super) gone: Vec<Vec<u8>>,
    pub(super) left_out: LeftOuts,
}

/// What lies at a path.
enum Thing {
    Nothing,
    Folder,
    File { bytes: u64 },
    Link,
    Closed,
    Odd,
}

pub(super) fn look(found: Found) -> Looked {
    let mut looker = Looker {
        top: found.files,
        bounds: found.bounds,
        bytes_left: found.bounds.bytes,
        files_left: found.bounds.files,
        there: Vec::new(),
        gone: Vec::new(),
        left_out: BTreeMap::new(),
    };
    let mut nested = found.gitlinks;
    for path in found.changed {
        looker.changed(path);
    }
    let others: BTreeSet<Vec<u8>> = found.others.into_iter().collect();
    let stubs = looker.stubs(&found.stubs_in, &others);
    for path in others {
        if let Some(folder) = path.strip_suffix(b"/") {
            nested.insert(folder.to_vec());
        } else if !stubs.contains(&path) {
            looker.new_file(path);
        }
    }
    let ignored: BTreeSet<&[u8]> = found
        .ignored
        .iter()
        .map(|path| path.strip_suffix(b"/").unwrap_or(path))
        .collect();
    looker.walk(&nested, &ignored);
    let ignored: BTreeSet<Vec<u8>> = found.ignored.into_iter().collect();
    looker.answer(ignored)
}

struct Looker {
    top: PathBuf,
    bounds: Bounds,
    bytes_left: u64,
    files_left: usize,
    there: Vec<Vec<u8>>,
    gone: Vec<Vec<u8>>,
    left_out: BTreeMap<Vec<u8>, LeftOutWhy>,
}

impl Looker {
    fn at(&self, path: &[u8]) -> PathBuf {
        self.top.join(OsStr::from_bytes(path))
    }

    fn changed(&mut self, path: Vec<u8>) {
        match thing(&self.at(&path)) {
            Thing::Nothing | Thing::Folder => self.gone.push(path),
            Thing::File { bytes } => self.weigh(path, bytes),
            Thing::Link => self.weigh(path, 0),
            Thing::Closed => self.leave(path, LeftOutWhy::Unreadable),
            Thing::Odd => {
                self.gone.push(path.clone());
                self.leave(path, LeftOutWhy::NotAFile);
            }
        }
    }

    fn new_file(&mut self, path: Vec<u8>) {
        match thing(&self.at(&path)) {
            // It has gone meanwhile.
            Thing::Nothing | Thing::Folder => {}
            Thing::File { bytes } => self.weigh(path, bytes),
            Thing::Link => self.weigh(path, 0),
            Thing::Closed => self.leave(path, LeftOutWhy::Unreadable),
            Thing::Odd => self.leave(path, LeftOutWhy::NotAFile),
        }
    }

    /// Takes a file unless that would be too much.
    fn weigh(&mut self, path: Vec<u8>, bytes: u64) {
        if bytes > self.bounds.file || bytes > self.bytes_left || self.files_left == 0 {
            self.leave(path, LeftOutWhy::TooLarge);
        } else {
            self.bytes_left -= bytes;
            self.files_left -= 1;
            self.there.push(path);
        }
    }

    fn leave(&mut self, path: Vec<u8>, why: LeftOutWhy) {
        self.left_out.insert(path, why);
    }

    /// Finds the stubs, which the index can't know, and gives their paths.
    fn stubs(&mut self, folders: &[PathBuf], others: &BTreeSet<Vec<u8>>) -> BTreeSet<Vec<u8>> {
        let mut found = BTreeSet::new();
        for folder in folders {
            for name in STUBS {
                let path = folder.join(name);
                let place = self.top.join(&path);
                let path = path.as_os_str().as_bytes().to_vec();
                let is_stub = match thing(&place) {
                    Thing::File { bytes: 0 } => name == ".git" || others.contains(&path),
                    Thing::Folder => is_empty(&place),
                    Thing::Nothing
                    | Thing::File { .. }
                    | Thing::Link
                    | Thing::Closed
                    | Thing::Odd => false,
                };
                if is_stub {
                    found.insert(path.clone());
                    self.leave(path, LeftOutWhy::MountStub);
                }
            }
        }
        found
    }

    /// Looks for what git passes over without a word.
    fn walk(&mut self, nested: &BTreeSet<Vec<u8>>, ignored: &BTreeSet<&[u8]>) {
        let mut entries_left = MOST_ENTRIES;
        let mut folders = vec![Vec::new()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.at(&folder)) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    self.leave(with_slash(folder), LeftOutWhy::Unreadable);
                    continue;
                }
                Err(_) => continue,
            };
            for entry in entries.flatten() {
                entries_left = entries_left.saturating_sub(1);
                if entries_left == 0 {
                    return;
                }
                let name = entry.file_name();
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                if kind.is_file() || kind.is_symlink() || name == ".git" {
                    continue;
                }
                let mut path = folder.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(name.as_bytes());
                if ignored.contains(&path[..]) {
                    continue;
                }
                if !kind.is_dir() {
                    self.leave(path, LeftOutWhy::NotAFile);
                } else if !nested.contains(&path) {
                    folders.push(path);
                } else if !is_empty(&self.at(&path)) {
                    self.leave(with_slash(path), LeftOutWhy::NestedRepository);
                }
            }
        }
    }

    fn answer(self, ignored: BTreeSet<Vec<u8>>) -> Looked {
        let all = self.left_out.len() + ignored.len();
        let first = self.left_out.into_iter().take(MOST_LISTED);
        let last = ignored.into_iter().take(MOST_IGNORED);
        let last = last.map(|path| (path, LeftOutWhy::Ignored));
        let listed: Vec<LeftOut> = first
            .chain(last)
            .map(|(path, why)| LeftOut { path, why })
            .collect();
        Looked {
            there: self.there,
            gone: self.gone,
            left_out: LeftOuts {
                more: (all - listed.len()) as u64,
                listed,
            },
        }
    }
}

fn with_slash(mut path: Vec<u8>) -> Vec<u8> {
    path.push(b'/');
    path
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

fn thing(path: &Path) -> Thing {
    let data = match fs::symlink_metadata(path) {
        Ok(data) => data,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Thing::Closed,
        Err(_) => return Thing::Nothing,
    };
    if data.is_symlink() {
        Thing::Link
    } else if data.is_dir() {
        Thing::Folder
    } else if data.is_file() {
        file(path, &data)
    } else {
        Thing::Odd
    }
}

fn file(path: &Path, data: &Metadata) -> Thing {
    match rustix::fs::access(path, Access::READ_OK) {
        Ok(()) => Thing::File { bytes: data.len() },
        Err(_) => Thing::Closed,
    }
}
