//! What a run changed in a repository, as git's objects tell it.

use std::fmt;

use crate::domain::scrub::Scrubbed;

/// A path in a repository, relative to its top. Bytes, since a file name need not be text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Vec<u8>);

impl RepoPath {
    /// Takes a path whose parts can all be names of files: none is empty, `.`, `..` or git's own folder.
    ///
    /// # Errors
    /// If it is something else; such a path leads out of the repository or into git's own files.
    pub fn new(bytes: Vec<u8>) -> Result<RepoPath, UnsafePath> {
        let is_bad = |part: &[u8]| {
            part.is_empty()
                || part == b"."
                || part == b".."
                || part.eq_ignore_ascii_case(b".git")
                || part.contains(&0)
        };
        if bytes.split(|b| *b == b'/').any(is_bad) {
            Err(UnsafePath(bytes))
        } else {
            Ok(RepoPath(bytes))
        }
    }

    /// The bytes, parts separated by `/`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The names on the way, the file's own name last.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|b| *b == b'/')
    }

    /// The path as text; what is no UTF-8 is replaced.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

/// A path that must not be touched in a repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no path of a file in a repository", String::from_utf8_lossy(.0).escape_debug())]
pub struct UnsafePath(pub Vec<u8>);

/// The name of a git object: 40 or 64 hexadecimal digits, lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(String);

impl ObjectId {
    /// Reads a full name.
    pub fn parse(text: &str) -> Option<ObjectId> {
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let fits = matches!(text.len(), 40 | 64) && text.bytes().all(is_hex);
        fits.then(|| ObjectId(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of file git keeps at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileMode {
    /// A plain file.
    Regular,
    /// A plain file that can be executed.
    Executable,
    /// A symbolic link; its content is where it leads.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

impl FileMode {
    /// Reads git's octal mode.
    pub fn parse(octal: &str) -> Option<FileMode> {
        match octal {
            "100644" | "100664" => Some(FileMode::Regular),
            "100755" => Some(FileMode::Executable),
            "120000" => Some(FileMode::Symlink),
            "160000" => Some(FileMode::Submodule),
            _ => None,
        }
    }

    /// Git's octal mode, also the one on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            FileMode::Regular => "100644",
            FileMode::Executable => "100755",
            FileMode::Symlink => "120000",
            FileMode::Submodule => "160000",
        }
    }
}

/// A file as git keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What kind of file.
    pub mode: FileMode,
    /// Its content.
    pub id: ObjectId,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added {
        /// As it is now.
        after: Entry,
    },
    /// It is gone.
    Deleted {
        /// As it was.
        before: Entry,
    },
    /// Its content, its mode or both differ.
    Modified {
        /// As it was.
        before: Entry,
        /// As it is now.
        after: Entry,
    },
    /// It has another name, and perhaps another content.
    Renamed {
        /// The old name.
        from: RepoPath,
        /// As it was.
        before: Entry,
        /// As it is now.
        after: Entry,
    },
}

impl Change {
    /// The word on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Change::Added { .. } => "added",
            Change::Deleted { .. } => "deleted",
            Change::Modified { .. } => "modified",
            Change::Renamed { .. } => "renamed",
        }
    }
}

/// A file that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Where it is now; for a deleted file, where it was.
    pub path: RepoPath,
    /// What happened to it.
    pub change: Change,
    /// Lines added and removed; `None` for a file that is no text.
    pub lines: Option<LineCount>,
}

/// How many lines changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCount {
    /// Lines that are new.
    pub added: u64,
    /// Lines that are gone.
    pub removed: u64,
}

/// The difference between two states of a repository's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    /// The tree before.
    pub before: ObjectId,
    /// The tree after.
    pub after: ObjectId,
    /// Names the whole difference: modes, contents and paths. Equal exactly for equal differences.
    pub hash: ObjectId,
    /// The files, by path.
    pub files: Vec<ChangedFile>,
    /// What lies in the folder and is no part of this.
    pub left_out: LeftOuts,
}

/// What was left out of a difference, as far as it is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOuts {
    /// The first of them, by path; those that are ignored come last.
    pub listed: Vec<LeftOut>,
    /// How many more there are.
    pub more: u64,
}

/// What a run's record tells of its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Git told them.
    Known(ChangeSummary),
    /// Git could not tell, for this reason.
    Unknown(Scrubbed),
}

/// The changes of a run in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSummary {
    /// Names the whole difference.
    pub hash: ObjectId,
    /// The tree after the run.
    pub after: ObjectId,
    /// How many files changed.
    pub files: u64,
    /// Lines in all of them.
    pub lines: LineCount,
    /// The first of them, by path.
    pub first: Vec<FileSummary>,
    /// How many things in the folder are no part of it.
    pub left_out: u64,
    /// How many files had uncommitted changes before the run began in the folder itself.
    pub dirty_before: u64,
}

impl ChangeSummary {
    /// The most files that a record names.
    pub const MOST_NAMED: usize = 50;
}

/// One changed file in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSummary {
    /// Its path in the repository.
    pub path: Scrubbed,
    /// `added`, `deleted`, `modified` or `renamed`.
    pub change: Scrubbed,
    /// Lines; `None` for a file that is no text.
    pub lines: Option<LineCount>,
}

/// Something that was left out of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it is; a folder ends with `/`.
    pub path: Vec<u8>,
    /// Why.
    pub why: LeftOutWhy,
}

/// Why something is no part of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeftOutWhy {
    /// The repository ignores it.
    Ignored,
    /// Codex's sandbox left it behind: an empty file or folder to mount over.
    MountStub,
    /// A repository of its own.
    NestedRepository,
    /// Larger than what is taken, by itself or together with others.
    TooLarge,
    /// A socket, a device or a pipe.
    NotAFile,
    /// It can't be read.
    Unreadable,
}

impl LeftOutWhy {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            LeftOutWhy::Ignored => "ignored",
            LeftOutWhy::MountStub => "mount_stub",
            LeftOutWhy::NestedRepository => "nested_repository",
            LeftOutWhy::TooLarge => "too_large",
            LeftOutWhy::NotAFile => "not_a_file",
            LeftOutWhy::Unreadable => "unreadable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_neither_out_of_the_repository_nor_into_gits_own_files() {
        let check = |path: &str, fits: bool| {
            assert_eq!(RepoPath::new(path.into()).is_ok(), fits, "{path:?}");
        };
        check("a", true);
        check("a/b c/…\n", true);
        check("-rf", true);
        check(".gitignore", true);
        check("", false);
        check("/a", false);
        check("a//b", false);
        check("a/", false);
        check("a/../b", false);
        check("./a", false);
        check(".git/config", false);
        check("a/.GIT/hooks/x", false);
        check("a\0b", false);
    }

    #[test]
    fn an_object_id_is_a_whole_one() {
        let check = |text: &str, fits: bool| {
            assert_eq!(ObjectId::parse(text).is_some(), fits, "{text:?}");
        };
        check(&"0a".repeat(20), true);
        check(&"0a".repeat(32), true);
        check("0a", false);
        check(&"0A".repeat(20), false);
        check(&"-a".repeat(20), false);
    }
}
