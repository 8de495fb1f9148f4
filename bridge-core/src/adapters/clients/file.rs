//! A configuration file of another program: found through symlinks, read, and replaced as a whole, so that it is the
//! old one or the new one at any moment, and never a change that somebody else made meanwhile is lost.
//!
//! The new file is made beside the old one and the two are swapped. What comes out is compared with what was read: if
//! somebody was faster, theirs is swapped back. Where the file system knows no swap, it is compared right before.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::platform::attributes;
use crate::platform::tree_edit::{Folder, Renames, set_rights, sync_whole};

/// No file of settings is longer.
const LONGEST: u64 = 64 << 20;
/// How often theirs is given back while others write and write.
const TRIES: usize = 8;

/// Why a file can't be read or replaced. Unless it says otherwise, the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A symlink leads nowhere.
    #[error("`{}` is a symlink that leads nowhere", file.display())]
    Dangling {
        /// The file.
        file: PathBuf,
    },
    /// A symlink leads in a circle.
    #[error("`{}` is a symlink that leads in a circle", file.display())]
    Loop {
        /// The file.
        file: PathBuf,
    },
    /// Something else is at that place.
    #[error("`{}` is not a plain file", file.display())]
    NotAFile {
        /// The file.
        file: PathBuf,
    },
    /// The person, or who set up the computer, wants it to stay as it is.
    #[error("`{}` is read-only", file.display())]
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// It is no configuration file.
    #[error("`{}` is too large: {length} bytes", file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// Its length.
        length: u64,
    },
    /// Somebody else changed it since it was read.
    #[error("`{}` was changed by somebody else", file.display())]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// The same, and what came between is kept beside it.
    #[error(
        "`{}` is written by somebody else all the time; what came between is in `{}`",
        file.display(),
        kept.display()
    )]
    Raced {
        /// The file.
        file: PathBuf,
        /// What came between.
        kept: PathBuf,
    },
    /// The disk is full.
    #[error("there is no room to write `{}`", file.display())]
    DiskFull {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else.
    #[error("could not {operation} `{}`", file.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// With which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    pub(super) fn of(operation: &'static str, file: &Path, source: io::Error) -> FileError {
        let file = file.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                FileError::DiskFull { file, source }
            }
            _ => FileError::Io {
                operation,
                file,
                source,
            },
        }
    }
}

/// Called before each step of a replacement, so that tests can end it there.
pub(super) type Hook<'a> = &'a dyn Fn(&str) -> io::Result<()>;

/// A file that may be there or not, with all symlinks on the way followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// As it was named.
    pub(super) named: PathBuf,
    /// Where it really is.
    pub(super) real: PathBuf,
}

/// How a file is replaced.
pub(super) struct Replacement<'a> {
    /// What it holds now; `None` where there is none.
    pub(super) expected: Option<&'a [u8]>,
    /// What it is to hold; `None` removes it.
    pub(super) wanted: Option<&'a [u8]>,
    /// A number that no other replacement has.
    pub(super) random: u64,
    /// Which renames are to be had.
    pub(super) renames: Renames,
    /// Called before each step.
    pub(super) hook: Hook<'a>,
}

impl Target {
    /// Follows the symlinks of a path.
    pub(super) fn find(named: &Path) -> Result<Target, FileError> {
        let file = || named.to_owned();
        let of = |real: PathBuf| Target {
            named: file(),
            real,
        };
        match fs::canonicalize(named) {
            Ok(real) => Ok(of(real)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if fs::symlink_metadata(named).is_ok() {
                    return Err(FileError::Dangling { file: file() });
                }
                // Not there: as much of the way as there is.
                let (folder, name) = (named.parent(), named.file_name());
                let (Some(folder), Some(name)) = (folder, name) else {
                    return Err(FileError::NotAFile { file: file() });
                };
                Ok(of(existing(folder)?.join(name)))
            }
            Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
                Err(FileError::Loop { file: file() })
            }
            Err(source) => Err(FileError::of("find", named, source)),
        }
    }

    /// What it holds; `None` where there is no file.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, FileError> {
        let file = || self.real.clone();
        let metadata = match fs::metadata(&self.real) {
            Ok(metadata) => metadata,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(source) => return Err(FileError::of("look at", &self.real, source)),
        };
        if !metadata.is_file() {
            return Err(FileError::NotAFile { file: file() });
        }
        if metadata.len() > LONGEST {
            return Err(FileError::TooLarge {
                file: file(),
                length: metadata.len(),
            });
        }
        match fs::read(&self.real) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(source) => Err(FileError::of("read", &self.real, source)),
        }
    }

    /// The folder it is in, and its name there.
    fn spot(&self) -> Result<(&Path, &OsStr), FileError> {
        let spot = self.real.parent().zip(self.real.file_name());
        spot.ok_or_else(|| FileError::NotAFile {
            file: self.real.clone(),
        })
    }

    /// Whether it may be written at all.
    pub(super) fn check_rights(&self) -> Result<(), FileError> {
        match fs::metadata(&self.real) {
            Ok(metadata) if metadata.mode() & 0o222 == 0 => Err(FileError::ReadOnly {
                file: self.real.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// What dead writers of ours left beside the file: the paths and the bytes.
    pub(super) fn leftovers(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let Ok((folder, name)) = self.spot() else {
            return Vec::new();
        };
        let prefix = temporary(name, "");
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_name().as_bytes().starts_with(prefix.as_bytes()))
            .filter_map(|entry| Some((entry.path(), fs::read(entry.path()).ok()?)))
            .collect()
    }

    /// Replaces the file.
    pub(super) fn replace(&self, how: &Replacement<'_>) -> Result<(), FileError> {
        let fault = |operation| move |source| FileError::of(operation, &self.real, source);
        let (folder_path, name) = self.spot()?;
        let folder = Folder::open(folder_path).map_err(fault("open the folder of"))?;
        let temporary = temporary(name, &format!("{:016x}", how.random));
        let beside = Beside {
            target: self,
            folder: &folder,
            name: name.as_bytes(),
            temporary: temporary.as_bytes(),
            path: folder_path.join(&temporary),
            how,
        };
        match how.wanted {
            Some(wanted) => {
                let made = beside.make(wanted);
                made.and_then(|()| beside.exchange(wanted))
                    .inspect_err(|error| {
                        if !matches!(error, FileError::Raced { .. }) {
                            // Ours, or what was read: nothing that anybody would miss.
                            beside.forget();
                        }
                    })
            }
            None => beside.take_away(),
        }
    }
}

/// A file beside the one that is to be replaced.
struct Beside<'a> {
    target: &'a Target,
    folder: &'a Folder,
    name: &'a [u8],
    temporary: &'a [u8],
    path: PathBuf,
    how: &'a Replacement<'a>,
}

impl Beside<'_> {
    fn fault(&self, operation: &'static str) -> impl Fn(io::Error) -> FileError {
        let file = self.target.real.clone();
        move |source| FileError::of(operation, &file, source)
    }

    fn step(&self, step: &str) -> Result<(), FileError> {
        (self.how.hook)(step).map_err(self.fault("write"))
    }

    fn changed(&self) -> FileError {
        FileError::Changed {
            file: self.target.real.clone(),
        }
    }

    /// Makes the new file, safe on the disk, with all that the old one has besides its bytes.
    fn make(&self, wanted: &[u8]) -> Result<(), FileError> {
        self.step("begun")?;
        let made = self.folder.make_file(self.temporary, false);
        let mut file = made.map_err(self.fault("make a file beside"))?;
        set_rights(&file, 0o600).map_err(self.fault("make a file beside"))?;
        self.step("made")?;
        file.write_all(wanted).map_err(self.fault("write"))?;
        if let Ok(old) = self.folder.read_file(self.name) {
            attributes::copy(&old, &file).map_err(self.fault("keep owner and rights of"))?;
        }
        self.step("written")?;
        sync_whole(&file).map_err(self.fault("write"))
    }

    /// Puts the new file into the old one's place.
    fn exchange(&self, wanted: &[u8]) -> Result<(), FileError> {
        self.step("ready")?;
        if self.held(self.name)?.as_deref() != self.how.expected {
            return Err(self.changed());
        }
        self.step("compared")?;
        let (new, old) = (
            self.folder.spot(self.temporary),
            self.folder.spot(self.name),
        );
        if self.how.expected.is_none() {
            return match new.move_to(&old, self.how.renames) {
                Ok(()) => self.settle(),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(self.changed()),
                Err(source) => Err(self.fault("write")(source)),
            };
        }
        match new.swap_with(&old, self.how.renames) {
            Ok(true) => {}
            Ok(false) => {
                fs::rename(&self.path, &self.target.real).map_err(self.fault("write"))?;
                return self.settle();
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(self.changed()),
            Err(source) => return Err(self.fault("write")(source)),
        }
        // From here on the new file is there, and what came out must be what was read.
        let swapped = self.step("swapped").is_ok();
        if !swapped || self.held(self.temporary)?.as_deref() != self.how.expected {
            return Err(self.give_back(wanted));
        }
        self.settle()?;
        // Whoever had the old file open may have written into it in that moment.
        if self.held(self.temporary)?.as_deref() != self.how.expected {
            return Err(self.give_back(wanted));
        }
        self.forget();
        Ok(())
    }

    /// Waits until the names are on the disk. The file is in its place: what fails now is no reason to say otherwise.
    fn settle(&self) -> Result<(), FileError> {
        if let Err(error) = self
            .step("settling")
            .and_then(|()| self.folder.sync().map_err(self.fault("write")))
        {
            tracing::warn!(%error, "a configuration file is written, but perhaps not on the disk yet");
        }
        Ok(())
    }

    /// Swaps what came out back into its place, until nobody is faster.
    fn give_back(&self, ours: &[u8]) -> FileError {
        let (held, place) = (
            self.folder.spot(self.temporary),
            self.folder.spot(self.name),
        );
        let raced = || FileError::Raced {
            file: self.target.real.clone(),
            kept: self.path.clone(),
        };
        for _ in 0..TRIES {
            match held.swap_with(&place, self.how.renames) {
                Ok(true) => {}
                // The file is gone: what was in it before has to be somewhere.
                Ok(false) | Err(_) => return raced(),
            }
            match self.held(self.temporary) {
                Ok(Some(out)) if out == ours => return self.changed(),
                // What came out is newer than what was put back.
                Ok(_) => {}
                Err(_) => return raced(),
            }
        }
        raced()
    }

    /// Takes the file away, if it is what was read.
    fn take_away(&self) -> Result<(), FileError> {
        self.step("begun")?;
        if self.held(self.name)?.as_deref() != self.how.expected {
            return Err(self.changed());
        }
        self.step("compared")?;
        let (place, held) = (
            self.folder.spot(self.name),
            self.folder.spot(self.temporary),
        );
        match place.move_to(&held, self.how.renames) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(self.changed()),
            Err(source) => return Err(self.fault("remove")(source)),
        }
        let moved = self.step("moved").is_ok();
        if !moved || self.held(self.temporary)?.as_deref() != self.how.expected {
            return match held.move_to(&place, self.how.renames) {
                Ok(()) => Err(self.changed()),
                Err(_) => Err(FileError::Raced {
                    file: self.target.real.clone(),
                    kept: self.path.clone(),
                }),
            };
        }
        self.forget();
        self.settle()
    }

    fn held(&self, name: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        let read = self.folder.read_file(name).and_then(|mut file: File| {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.fault("read")(source)),
        }
    }

    fn forget(&self) {
        if let Err(error) = self.folder.remove_file(self.temporary)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, file = %self.path.display(), "a file of ours is left behind");
        }
    }
}

/// The name of a file beside another one.
fn temporary(name: &OsStr, random: &str) -> OsString {
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(".codex-bridge-");
    temporary.push(random);
    temporary
}

/// The real path of a folder that need not be there.
fn existing(folder: &Path) -> Result<PathBuf, FileError> {
    match fs::canonicalize(folder) {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if fs::symlink_metadata(folder).is_ok() {
                return Err(FileError::Dangling {
                    file: folder.to_owned(),
                });
            }
            match (folder.parent(), folder.file_name()) {
                (Some(parent), Some(name)) => Ok(existing(parent)?.join(name)),
                _ => Err(FileError::of("find", folder, error)),
            }
        }
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => Err(FileError::Loop {
            file: folder.to_owned(),
        }),
        Err(source) => Err(FileError::of("find", folder, source)),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
