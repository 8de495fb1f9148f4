//! What an apply writes down before it touches the folder, so that whoever finds its remains can undo or end it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::id::RunId;
use crate::platform::private_dir::{PrivateDirError, create_private_file};
use crate::platform::tree_edit::{Barrier, Folder, Stamp};

/// The journals of one state folder.
#[derive(Clone, Debug)]
pub(super) struct Journals {
    folder: PathBuf,
}

/// What is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    /// The person's folder.
    pub(super) folder: Bytes,
    /// Its number on its file system.
    pub(super) folder_ino: u64,
    /// The folder in which the staging folder is.
    pub(super) base: Bytes,
    /// The names from there to the staging folder.
    pub(super) staging: Vec<Bytes>,
    /// What is done, in this order; empty as long as nothing may be.
    pub(super) ops: Vec<Op>,
}

/// One rename. Its slot in the staging folder has its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Op {
    pub(super) path: Bytes,
    /// What is there before.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "stamp")]
    pub(super) old: Option<Stamp>,
    /// What is there afterwards.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "stamp")]
    pub(super) new: Option<Stamp>,
}

/// How far an apply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// All can be undone.
    Open,
    /// All is done but the tidying up.
    Committed,
}

/// Bytes, written as text where they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Bytes {
    Text(String),
    Raw(Vec<u8>),
}

impl Journals {
    pub(super) fn new(folder: PathBuf) -> Journals {
        Journals { folder }
    }

    /// The file that whoever works on a run's journal holds locked.
    pub(super) fn lock(&self, run: &RunId) -> PathBuf {
        self.folder.join(format!("{run}.lock"))
    }

    /// The file that whoever changes something in a folder holds locked.
    pub(super) fn lock_of_folder(&self, ino: u64) -> PathBuf {
        self.folder.join(format!("folder-{ino}.lock"))
    }

    /// A folder for what only lives as long as an apply.
    pub(super) fn scratch(&self, run: &RunId) -> PathBuf {
        self.folder.join(format!("{run}.scratch"))
    }

    /// Where the journal is.
    pub(super) fn path(&self, run: &RunId, phase: Phase) -> PathBuf {
        self.folder.join(match phase {
            Phase::Open => format!("{run}.json"),
            Phase::Committed => format!("{run}.committed.json"),
        })
    }

    /// The runs that have anything here.
    pub(super) fn runs(&self) -> io::Result<Vec<RunId>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut runs = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let text = name.to_string_lossy();
            let start = text.split('.').next().unwrap_or_default();
            runs.extend(RunId::parse(start).ok());
        }
        runs.sort();
        runs.dedup();
        Ok(runs)
    }

    /// Reads a run's journal.
    pub(super) fn read(&self, run: &RunId) -> io::Result<Option<(Journal, Phase)>> {
        for phase in [Phase::Open, Phase::Committed] {
            match fs::read(self.path(run, phase)) {
                Ok(json) => return Ok(Some((serde_json::from_slice(&json)?, phase))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Writes the journal of an apply that can be undone; it is on the disk afterwards.
    pub(super) fn write(&self, run: &RunId, journal: &Journal) -> io::Result<()> {
        let path = self.path(run, Phase::Open);
        let unborn = self.folder.join(format!("{run}.json.new"));
        let written = || {
            fs::remove_file(&unborn).or_else(missing_is_fine)?;
            let mut file = create_private_file(&unborn).map_err(|error| match error {
                PrivateDirError::Io { source, .. } => source,
                other => io::Error::other(other),
            })?;
            file.write_all(&serde_json::to_vec(journal)?)?;
            file.sync_all()?;
            fs::rename(&unborn, &path)?;
            self.sync()
        };
        let result = written();
        if result.is_err() {
            // What is half written is of no use; the error that is told is the first one.
            fs::remove_file(&unborn).ok();
        }
        result
    }

    /// Marks that nothing is undone any more; the mark is on the disk afterwards.
    pub(super) fn commit(&self, run: &RunId) -> io::Result<()> {
        fs::rename(
            self.path(run, Phase::Open),
            self.path(run, Phase::Committed),
        )?;
        self.sync()
    }

    /// Removes all that a run has here but its lock.
    pub(super) fn forget(&self, run: &RunId) -> io::Result<()> {
        fs::remove_dir_all(self.scratch(run)).or_else(missing_is_fine)?;
        fs::remove_file(self.folder.join(format!("{run}.json.new"))).or_else(missing_is_fine)?;
        for phase in [Phase::Open, Phase::Committed] {
            fs::remove_file(self.path(run, phase)).or_else(missing_is_fine)?;
        }
        self.sync()
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

impl Journal {
    /// The person's folder.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.to_path()
    }

    /// Opens the staging folder; nothing if it is gone.
    pub(super) fn open_staging(&self) -> io::Result<Option<Folder>> {
        let base = match Folder::open(&self.base.to_path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            base => base?,
        };
        match base.walk(self.staging.iter().map(Bytes::as_slice)) {
            Ok(folder) => Ok(Some(folder)),
            Err((_, Barrier::Refused(error))) => Err(error),
            Err((_, Barrier::Missing | Barrier::Symlink | Barrier::NotAFolder)) => Ok(None),
        }
    }

    /// Where the staging folder is.
    pub(super) fn staging_path(&self) -> PathBuf {
        let names = self.staging.iter().map(Bytes::to_path);
        names.fold(self.base.to_path(), |path, name| path.join(name))
    }
}

impl Bytes {
    pub(super) fn of(bytes: &[u8]) -> Bytes {
        match std::str::from_utf8(bytes) {
            Ok(text) => Bytes::Text(text.to_owned()),
            Err(_) => Bytes::Raw(bytes.to_vec()),
        }
    }

    pub(super) fn of_path(path: &Path) -> Bytes {
        Bytes::of(path.as_os_str().as_encoded_bytes())
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Text(text) => text.as_bytes(),
            Bytes::Raw(bytes) => bytes,
        }
    }

    pub(super) fn to_path(&self) -> PathBuf {
        std::ffi::OsString::from_vec(self.as_slice().to_vec()).into()
    }
}

fn missing_is_fine(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}

/// A stamp as five numbers.
mod stamp {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::platform::tree_edit::Stamp;

    type Numbers = (u64, u32, u64, i64, i64);

    pub(super) fn serialize<S: Serializer>(
        stamp: &Option<Stamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let numbers = stamp.map(|stamp| -> Numbers {
            let (seconds, nanos) = stamp.written;
            (stamp.ino, stamp.mode, stamp.size, seconds, nanos)
        });
        numbers.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Stamp>, D::Error> {
        let numbers = Option::<Numbers>::deserialize(deserializer)?;
        Ok(numbers.map(|(ino, mode, size, seconds, nanos)| Stamp {
            ino,
            mode,
            size,
            written: (seconds, nanos),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_reads_back_as_it_was_written() {
        let tmp = tempfile::tempdir().unwrap();
        let journals = Journals::new(tmp.path().to_path_buf());
        let run = RunId::parse("run_000000000000000001").unwrap();
        let stamp = Stamp {
            ino: u64::MAX,
            mode: 0o100_644,
            size: 7,
            written: (-1, 999_999_999),
        };
        let journal = Journal {
            folder: Bytes::of(b"/a\xff\n"),
            folder_ino: 7,
            base: Bytes::of(b"/a/.git"),
            staging: vec![Bytes::of(b"codex-bridge"), Bytes::of(b"x")],
            ops: vec![Op {
                path: Bytes::of("ä\n\"\u{0}".as_bytes()),
                old: None,
                new: Some(stamp),
            }],
        };
        assert_eq!(journals.read(&run).unwrap(), None);
        journals.write(&run, &journal).unwrap();
        let read = journals.read(&run).unwrap();
        assert_eq!(read, Some((journal.clone(), Phase::Open)));
        journals.commit(&run).unwrap();
        let read = journals.read(&run).unwrap();
        assert_eq!(read, Some((journal, Phase::Committed)));
        assert_eq!(journals.runs().unwrap(), vec![run.clone()]);
        journals.forget(&run).unwrap();
        assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 0);
    }
}
