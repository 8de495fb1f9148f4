//! What we keep of a file that we change, in a private folder of ours: the last ten states before a change, and what
//! we left, so that a change can be undone exactly.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::domain::run::Timestamp;
use crate::platform::private_dir::{PrivateDir, PrivateDirError};

/// So many states before a change are kept.
pub const KEPT: usize = 10;

const RECEIPT: &str = "receipt.json";
const ORIGINAL: &str = "original";
const LEFT: &str = "left";
const FOUND: &str = "found";
/// The file as it was last seen with our entry.
pub(super) const SEEN: &str = "seen";
/// The file as it was before its client lost its servers.
pub(super) const LOST: &str = "lost";
/// Stands for a file that was not there.
const ABSENT: &str = ".absent";
const PRESENT: &str = ".file";

/// Why nothing can be kept. The file itself was not touched.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The folder is no private one.
    #[error("there is no safe place for backups")]
    Place(#[source] PrivateDirError),
    /// A file of ours can't be written or read.
    #[error("could not {operation} the backup `{}`", file.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// With which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What we know of our entry in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The file.
    pub file: PathBuf,
    /// The program in the entry.
    pub program: String,
    /// When the entry was written.
    pub at: i64,
    /// The version that wrote it.
    pub version: String,
    /// Whether there was a file before.
    pub had_file: bool,
    /// Whether there was a place for servers in it before.
    pub had_home: bool,
    /// Whether what is kept as the original is what the file was without us.
    pub exact: bool,
    /// Whether the person took our entry out since; what happens to the file later is no loss of ours then.
    #[serde(default)]
    pub taken_out: bool,
}

/// A state of a file before we changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its name.
    pub id: String,
    /// When it was made.
    pub at: Timestamp,
    /// How long the file was; `None` where there was none.
    pub length: Option<u64>,
}

/// The folder for one file.
#[derive(Clone, Debug)]
pub(super) struct Keeping {
    folder: PathBuf,
}

/// A change that is about to be made.
pub(super) struct Note<'a> {
    /// The file now.
    pub(super) found: Option<&'a [u8]>,
    /// The file then.
    pub(super) left: Option<&'a [u8]>,
    /// The receipt then, with what is the original for a new one.
    pub(super) receipt: Option<&'a Receipt>,
    /// The moment.
    pub(super) now: Timestamp,
}

impl Keeping {
    /// The folder below `state` for the file of this name and path. Nothing is made.
    pub(super) fn at(state: &Path, name: &str, file: &Path) -> Keeping {
        let mark = fingerprint(file.as_os_str().as_encoded_bytes());
        Keeping {
            folder: state.join("clients").join(format!("{name}-{mark:016x}")),
        }
    }

    /// Where all files' folders are.
    pub(super) fn ensure(&self) -> Result<(), KeepError> {
        PrivateDir::ensure(&self.folder).map_err(KeepError::Place)?;
        Ok(())
    }

    /// The folder, which may not be there.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What we know of our entry; nothing where there is none, or it can't be read.
    pub(super) fn receipt(&self) -> Option<Receipt> {
        let text = fs::read(self.folder.join(RECEIPT)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// The file as it was without us.
    pub(super) fn original(&self) -> Option<Vec<u8>> {
        fs::read(self.folder.join(ORIGINAL)).ok()
    }

    /// Whether nobody but us has changed the file since: it is what we left, or what we found, should we have been
    /// stopped in between.
    pub(super) fn knows(&self, bytes: Option<&[u8]>) -> bool {
        [LEFT, FOUND].iter().any(|name| {
            self.state(name)
                .as_ref()
                .is_some_and(|state| state.as_deref() == bytes)
        })
    }

    /// Whether the file is what we left.
    pub(super) fn left(&self, bytes: Option<&[u8]>) -> bool {
        self.state(LEFT)
            .is_some_and(|state| state.as_deref() == bytes)
    }

    /// The states before our changes, the newest first.
    pub(super) fn backups(&self) -> Vec<Backup> {
        let mut backups: Vec<Backup> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let id = entry.file_name().into_string().ok()?;
                let (stem, present) = match id.strip_suffix(PRESENT) {
                    Some(stem) => (stem, true),
                    None => (id.strip_suffix(ABSENT)?, false),
                };
                let at = stem.strip_prefix("before-")?.split('-').next()?;
                let at = Timestamp(at.parse().ok()?);
                let length = present.then(|| entry.metadata().map_or(0, |metadata| metadata.len()));
                Some(Backup { id, at, length })
            })
            .collect();
        backups.sort_by(|a, b| b.id.cmp(&a.id));
        backups
    }

    /// A state that is kept by its name; nothing where it is not.
    pub(super) fn kept(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.join(name)).ok()
    }

    /// What we left the last time.
    pub(super) fn last_left(&self) -> Option<Vec<u8>> {
        self.state(LEFT).flatten()
    }

    /// Writes the receipt anew.
    pub(super) fn save_receipt(&self, receipt: &Receipt) -> Result<(), KeepError> {
        let text = serde_json::to_vec_pretty(receipt)
            .map_err(|error| fault("write", &self.folder.join(RECEIPT), io::Error::other(error)))?;
        self.save(RECEIPT, &text)
    }

    /// Throws away what is kept by this name.
    pub(super) fn discard(&self, name: &str) -> Result<(), KeepError> {
        let path = self.folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(fault("remove", &path, error))
            }
            _ => Ok(()),
        }
    }

    /// The bytes of a backup; `None` within where there was no file.
    pub(super) fn backup(&self, id: &str) -> Result<Option<Vec<u8>>, KeepError> {
        if id.ends_with(ABSENT) {
            return Ok(None);
        }
        let path = self.folder.join(id);
        let bytes = fs::read(&path).map_err(|source| fault("read", &path, source))?;
        Ok(Some(bytes))
    }

    /// Keeps some bytes among the backups: the state of the file, or what a dead writer left of it.
    pub(super) fn back_up(&self, bytes: Option<&[u8]>, now: Timestamp) -> Result<(), KeepError> {
        self.ensure()?;
        let present = self.backups();
        let newest = present
            .first()
            .map(|backup| backup.at.0)
            .unwrap_or_default();
        // Names sort by time, and two at once have different ones.
        let at = now.0.max(newest + 1);
        let suffix = if bytes.is_some() { PRESENT } else { ABSENT };
        self.save(
            &format!("before-{at:013}{suffix}"),
            bytes.unwrap_or_default(),
        )?;
        for old in present.iter().skip(KEPT - 1) {
            let path = self.folder.join(&old.id);
            fs::remove_file(&path).map_err(|source| fault("remove", &path, source))?;
        }
        Ok(())
    }

    /// Writes down what is about to happen. If it then does not, what is written here says nothing wrong.
    pub(super) fn note(&self, note: &Note<'_>) -> Result<(), KeepError> {
        self.back_up(note.found, note.now)?;
        self.save_state(FOUND, note.found)?;
        self.save_state(LEFT, note.left)?;
        if let Some(receipt) = note.receipt {
            self.save_receipt(receipt)?;
        }
        Ok(())
    }

    /// Keeps the file as it is without us.
    pub(super) fn keep_original(&self, bytes: Option<&[u8]>) -> Result<(), KeepError> {
        self.ensure()?;
        self.save(ORIGINAL, bytes.unwrap_or_default())
    }

    /// Forgets our entry; the backups stay.
    pub(super) fn forget(&self) {
        for name in [RECEIPT, ORIGINAL, SEEN, LOST] {
            if let Err(error) = self.discard(name) {
                tracing::warn!(%error, "can't forget an entry");
            }
        }
    }

    fn state(&self, name: &str) -> Option<Option<Vec<u8>>> {
        if self.folder.join(format!("{name}{ABSENT}")).exists() {
            return Some(None);
        }
        fs::read(self.folder.join(name)).ok().map(Some)
    }

    fn save_state(&self, name: &str, bytes: Option<&[u8]>) -> Result<(), KeepError> {
        match bytes {
            Some(bytes) => {
                self.save(name, bytes)?;
                self.discard(&format!("{name}{ABSENT}"))
            }
            None => self.save(&format!("{name}{ABSENT}"), b""),
        }
    }

    /// Writes a file of ours: the old one or the new one, whatever happens.
    pub(super) fn save(&self, name: &str, bytes: &[u8]) -> Result<(), KeepError> {
        let path = self.folder.join(name);
        let save = || {
            let mut fresh = NamedTempFile::new_in(&self.folder)?;
            fresh.write_all(bytes)?;
            fresh.as_file().sync_all()?;
            fresh.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        save().map_err(|source| fault("write", &path, source))
    }
}

fn fault(operation: &'static str, file: &Path, source: io::Error) -> KeepError {
    KeepError::Io {
        operation,
        file: file.to_owned(),
        source,
    }
}

/// FNV-1a: the same number for the same bytes in every version.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |mark, byte| {
        (mark ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
