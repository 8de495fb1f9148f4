//! Why a change can't be brought into a folder: what is in the way, by file and by hunk.

use crate::domain::changes::RepoPath;

/// A file that stands in the way of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which file.
    pub path: RepoPath,
    /// What is in the way.
    pub reason: ConflictReason,
    /// The run's hunks in this file, each with what becomes of it; empty where that can't be told.
    pub hunks: Vec<Hunk>,
}

/// What is in the way of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConflictReason {
    /// The file is not what it was when the run began.
    ChangedMeanwhile,
    /// Something is where a new file should go, perhaps untracked or ignored.
    Exists,
    /// The file that should change is gone.
    Missing,
    /// A folder is where a file should be, and it holds more than what the run removed.
    IsFolder,
    /// A file is where a folder should be.
    ParentIsFile,
    /// A folder on the way has become a symlink.
    SymlinkedParent,
    /// It is a commit of another repository, or a part of one.
    Submodule,
    /// The folder has a repository of its own on the way.
    NestedRepository,
    /// It is a socket, a device or a pipe.
    NotAFile,
    /// Two of the names are one and the same in this folder.
    CaseCollision,
    /// The person keeps only a part of the repository in the folder, and it lies elsewhere.
    OutsideSparse,
    /// Another disk is mounted on the way.
    OtherFileSystem,
    /// Its folder can't be written.
    ReadOnly,
    /// It can't be looked at.
    Unreadable,
}

impl ConflictReason {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ConflictReason::ChangedMeanwhile => "changed_meanwhile",
            ConflictReason::Exists => "exists",
            ConflictReason::Missing => "missing",
            ConflictReason::IsFolder => "is_folder",
            ConflictReason::ParentIsFile => "parent_is_file",
            ConflictReason::SymlinkedParent => "symlinked_parent",
            ConflictReason::Submodule => "submodule",
            ConflictReason::NestedRepository => "nested_repository",
            ConflictReason::NotAFile => "not_a_file",
            ConflictReason::CaseCollision => "case_collision",
            ConflictReason::OutsideSparse => "outside_sparse",
            ConflictReason::OtherFileSystem => "other_file_system",
            ConflictReason::ReadOnly => "read_only",
            ConflictReason::Unreadable => "unreadable",
        }
    }
}

/// A piece of what the run changed in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The lines it replaces, in the file as it was when the run began.
    pub before: LineRange,
    /// The lines it brings, in the file as the run left it.
    pub after: LineRange,
    /// What the person's own changes mean for it.
    pub fate: HunkFate,
}

/// Lines of a file, counted from 1. Where there are none, `start` is the line before which they would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRange {
    /// The first.
    pub start: u32,
    /// How many.
    pub lines: u32,
}

/// Whether a hunk still fits into the person's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HunkFate {
    /// The person changed other lines.
    Fits,
    /// The person changed the same lines, or those next to them.
    Overlaps,
    /// The person's file has the same change already.
    AlreadyThere,
}

impl HunkFate {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            HunkFate::Fits => "fits",
            HunkFate::Overlaps => "overlaps",
            HunkFate::AlreadyThere => "already_there",
        }
    }
}
