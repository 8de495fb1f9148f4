//! What is kept beside a run's workspace: the exact paths and trees, of which the database has scrubbed text only.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::changes::ObjectId;
use crate::domain::run::{Timestamp, WorkspaceMode};
use crate::platform::private_dir;

/// A run's workspace as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// In the folder itself or in a copy.
    pub(crate) mode: WorkspaceMode,
    /// The admitted folder, resolved.
    pub(crate) folder: PathBuf,
    /// The top of the person's repository.
    pub(crate) toplevel: PathBuf,
    /// Where the folder lies below the top.
    pub(crate) prefix: PathBuf,
    /// The top of the files that Codex works on: the copy, or the person's own.
    pub(crate) files: PathBuf,
    /// The commit that was checked out; none in a repository without any.
    pub(crate) base: Option<ObjectId>,
    /// The tree of the files before the run.
    pub(crate) before: ObjectId,
    /// The tree of the files after a run in the folder itself.
    pub(crate) after: Option<ObjectId>,
    /// Whether uncommitted work was taken into the copy.
    pub(crate) carried: bool,
    /// When it was made.
    pub(crate) made: Timestamp,
}

/// Why a manifest can't be had.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It can't be read or written.
    #[error("can't use `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no manifest of this version.
    #[error("`{}` makes no sense", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Deserialize, Serialize)]
struct ManifestRow {
    worktree: bool,
    folder: Vec<u8>,
    toplevel: Vec<u8>,
    prefix: Vec<u8>,
    files: Vec<u8>,
    base: Option<String>,
    before: String,
    after: Option<String>,
    carried: bool,
    made: i64,
}

impl Manifest {
    /// Reads the manifest; `None` where there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Manifest>, ManifestError> {
        let json = match std::fs::read(path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                let path = path.to_owned();
                return Err(ManifestError::Io { path, source });
            }
        };
        let row: Option<ManifestRow> = serde_json::from_slice(&json).ok();
        match row.and_then(Manifest::from_row) {
            Some(manifest) => Ok(Some(manifest)),
            None => Err(ManifestError::Malformed {
                path: path.to_owned(),
            }),
        }
    }

    /// Writes the manifest, so that it is on the disk, whole, when this returns.
    pub(crate) fn write(&self, path: &Path) -> Result<(), ManifestError> {
        let row = ManifestRow {
            worktree: self.mode == WorkspaceMode::Worktree,
            folder: bytes(&self.folder),
            toplevel: bytes(&self.toplevel),
            prefix: bytes(&self.prefix),
            files: bytes(&self.files),
            base: self.base.as_ref().map(|id| id.as_str().to_owned()),
            before: self.before.as_str().to_owned(),
            after: self.after.as_ref().map(|id| id.as_str().to_owned()),
            carried: self.carried,
            made: self.made.0,
        };
        serde_json::to_vec(&row)
            .map_err(io::Error::from)
            .and_then(|json| private_dir::replace_private_file(path, &json))
            .map_err(|source| ManifestError::Io {
                path: path.to_owned(),
                source,
            })
    }

    fn from_row(row: ManifestRow) -> Option<Manifest> {
        let id = |text: Option<String>| match text {
            Some(text) => ObjectId::parse(&text).map(Some),
            None => Some(None),
        };
        Some(Manifest {
            mode: match row.worktree {
                true => WorkspaceMode::Worktree,
                false => WorkspaceMode::InPlace,
            },
            folder: path(row.folder),
            toplevel: path(row.toplevel),
            prefix: path(row.prefix),
            files: path(row.files),
            base: id(row.base)?,
            before: ObjectId::parse(&row.before)?,
            after: id(row.after)?,
            carried: row.carried,
            made: Timestamp(row.made),
        })
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}
