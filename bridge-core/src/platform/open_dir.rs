//! A folder held by a descriptor: what was checked is what is used, whatever happens to its path.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use thiserror::Error;

use crate::domain::policy::{FileId, Resolved};

/// Takes a file's identity out of what `stat` said.
pub fn file_id(metadata: &Metadata) -> FileId {
    FileId {
        dev: metadata.dev(),
        ino: metadata.ino(),
    }
}

/// An open folder. The descriptor is closed in every child that is started.
#[derive(Debug)]
pub struct OpenDir {
    file: File,
    asked: PathBuf,
}

impl OpenDir {
    /// Opens the folder that `path` leads to, through symlinks; never waits on a fifo or a device.
    ///
    /// # Errors
    /// Says which of the usual reasons it was, so that a client can be told what to change.
    pub fn open(path: &Path) -> Result<Self, OpenDirError> {
        // O_NONBLOCK is for a system that would open a fifo before it notices O_DIRECTORY.
        let flags = libc::O_DIRECTORY | libc::O_NONBLOCK;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(path)
            .map_err(|source| OpenDirError::about(path, "open", source))?;
        Ok(Self {
            file,
            asked: path.to_path_buf(),
        })
    }

    /// Whether the folder's entries can be read. It may be opened and still not be listed.
    ///
    /// # Errors
    /// As [`OpenDir::open`].
    pub fn list(path: &Path) -> Result<(), OpenDirError> {
        let failed = |source| OpenDirError::about(path, "list", source);
        let first = fs::read_dir(path).map_err(failed)?.next();
        first.transpose().map(drop).map_err(failed)
    }

    /// The path it was opened by, which may lead elsewhere by now.
    pub fn asked_path(&self) -> &Path {
        &self.asked
    }

    /// Asks the system where the folder is now: absolute, free of symlinks, in its true case.
    ///
    /// # Errors
    /// `Moved` if the folder has been removed or its path leads elsewhere by now.
    pub fn real_path(&self) -> Result<PathBuf, OpenDirError> {
        let moved = || OpenDirError::Moved {
            path: self.asked.clone(),
        };
        let path = path_of(&self.file)
            .map_err(|source| OpenDirError::about(&self.asked, "find the place of", source))?;
        if !path.is_absolute() {
            return Err(moved());
        }
        // Linux says `/old/place (deleted)`, macOS the last known place: only a second look tells.
        let there = fs::symlink_metadata(&path).map_err(|_| moved())?;
        if file_id(&there) != self.identity()? {
            return Err(moved());
        }
        Ok(path)
    }

    /// Says which folder it is.
    ///
    /// # Errors
    /// Only if the file system itself fails.
    pub fn identity(&self) -> Result<FileId, OpenDirError> {
        let metadata = self
            .file
            .metadata()
            .map_err(|source| OpenDirError::about(&self.asked, "look at", source))?;
        Ok(file_id(&metadata))
    }

    /// Makes a second descriptor of the same folder.
    ///
    /// # Errors
    /// If the process has no descriptor left.
    pub fn try_clone(&self) -> Result<Self, OpenDirError> {
        let file = self
            .file
            .try_clone()
            .map_err(|source| OpenDirError::about(&self.asked, "open again", source))?;
        Ok(Self {
            file,
            asked: self.asked.clone(),
        })
    }

    /// Looks where the folder is and which folders lie above it.
    ///
    /// # Errors
    /// `Moved` if something on the way was replaced meanwhile.
    pub fn resolve(&self) -> Result<Resolved, OpenDirError> {
        let path = self.real_path()?;
        let mut chain = Vec::new();
        for place in path.ancestors() {
            let metadata = fs::symlink_metadata(place)
                .map_err(|source| OpenDirError::about(place, "look at", source))?;
            if !metadata.is_dir() {
                return Err(OpenDirError::Moved { path });
            }
            chain.push(file_id(&metadata));
        }
        if chain.first() != Some(&self.identity()?) {
            return Err(OpenDirError::Moved { path });
        }
        Ok(Resolved { path, chain })
    }
}

impl AsFd for OpenDir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Opens a folder only to say where it is and what lies above it.
///
/// # Errors
/// As [`OpenDir::open`] and [`OpenDir::resolve`].
pub fn resolve(path: &Path) -> Result<Resolved, OpenDirError> {
    OpenDir::open(path)?.resolve()
}

/// Why a folder can't be used.
#[derive(Debug, Error)]
pub enum OpenDirError {
    /// Nothing is there, or a symlink leads nowhere.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// What was asked for.
        path: PathBuf,
    },
    /// It, or something on the way to it, is no folder.
    #[error("`{}` is not a folder", path.display())]
    NotADirectory {
        /// What was asked for.
        path: PathBuf,
    },
    /// File permissions forbid it.
    #[error("no permission to open the folder `{}`", path.display())]
    PermissionDenied {
        /// What was asked for.
        path: PathBuf,
    },
    /// macOS keeps the folder from programs that the person has not allowed to see it.
    #[error("macOS privacy settings keep `{}` from this program", path.display())]
    PrivacyProtected {
        /// What was asked for.
        path: PathBuf,
    },
    /// Symlinks lead in a circle.
    #[error("`{}` leads through a loop of symlinks", path.display())]
    SymlinkLoop {
        /// What was asked for.
        path: PathBuf,
    },
    /// The path or a part of it is longer than the system allows.
    #[error("the path `{}…` is too long", start_of(path))]
    NameTooLong {
        /// What was asked for.
        path: PathBuf,
    },
    /// A path can't contain a NUL byte.
    #[error("the path contains a NUL byte")]
    NulInPath {
        /// What was asked for.
        path: PathBuf,
    },
    /// The folder was removed or replaced between two looks.
    #[error("`{}` was moved or removed in the meantime", path.display())]
    Moved {
        /// What was asked for, or where it had been found.
        path: PathBuf,
    },
    /// Anything else.
    #[error("could not {operation} the folder `{}`", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// With which folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl OpenDirError {
    fn about(path: &Path, operation: &'static str, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match Errno::from_io_error(&source) {
            Some(Errno::NOENT) => Self::Missing { path },
            Some(Errno::NOTDIR) => Self::NotADirectory { path },
            Some(Errno::ACCESS) => Self::PermissionDenied { path },
            Some(Errno::PERM) if cfg!(target_os = "macos") => Self::PrivacyProtected { path },
            Some(Errno::PERM) => Self::PermissionDenied { path },
            Some(Errno::LOOP) => Self::SymlinkLoop { path },
            Some(Errno::NAMETOOLONG) => Self::NameTooLong { path },
            None if source.kind() == io::ErrorKind::InvalidInput => Self::NulInPath { path },
            _ => Self::Io {
                operation,
                path,
                source,
            },
        }
    }
}

fn start_of(path: &Path) -> String {
    path.to_string_lossy().chars().take(80).collect()
}

#[cfg(target_os = "linux")]
fn path_of(file: &File) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd;

    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

#[cfg(target_os = "macos")]
fn path_of(file: &File) -> io::Result<PathBuf> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let path = rustix::fs::getpath(file)?;
    Ok(PathBuf::from(OsString::from_vec(path.into_bytes())))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    fn check(path: &Path, expected: &str) {
        let got = match resolve(path) {
            Ok(dir) => format!("ok {}", dir.path.display()),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn each_reason_for_a_refusal_has_its_own_words() {
        let tmp = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(tmp.path()).unwrap();
        let at = |name: &str| root.join(name);
        fs::create_dir(at("dir")).unwrap();
        fs::write(at("file"), "").unwrap();
        symlink("dir", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        mkfifo(&at("fifo"));
        let show = |name: &str| at(name).display().to_string();

        check(&at("dir"), &format!("ok {}", show("dir")));
        check(&at("dir/"), &format!("ok {}", show("dir")));
        check(&at("dir/../dir"), &format!("ok {}", show("dir")));
        check(&at("link"), &format!("ok {}", show("dir")));
        check(&at("gone"), &format!("`{}` does not exist", show("gone")));
        check(
            &at("dangling"),
            &format!("`{}` does not exist", show("dangling")),
        );
        check(&at("file"), &format!("`{}` is not a folder", show("file")));
        check(
            &at("file/x"),
            &format!("`{}` is not a folder", show("file/x")),
        );
        check(&at("fifo"), &format!("`{}` is not a folder", show("fifo")));
        check(
            &at("loop"),
            &format!("`{}` leads through a loop of symlinks", show("loop")),
        );
        check(Path::new(""), "`` does not exist");
        check(
            Path::new(OsStr::from_bytes(b"/tmp/a\0b")),
            "the path contains a NUL byte",
        );
        let long = Path::new("/").join("n".repeat(300));
        check(
            &long,
            &format!("the path `/{}…` is too long", "n".repeat(79)),
        );
    }

    #[test]
    fn the_chain_goes_from_the_folder_up_to_the_root() {
        let tmp = tempfile::tempdir().unwrap();
        let inner = tmp.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        let dir = resolve(&inner).unwrap();
        let outer = resolve(tmp.path()).unwrap();
        assert!(dir.chain.ends_with(&outer.chain));
        assert_eq!(dir.chain.len(), outer.chain.len() + 2);
        assert_eq!(
            dir.chain.last().copied(),
            Some(file_id(&fs::metadata("/").unwrap()))
        );
    }

    #[test]
    fn an_open_folder_is_followed_when_it_is_renamed_and_missed_when_it_is_removed() {
        let tmp = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(tmp.path()).unwrap();
        fs::create_dir(root.join("old")).unwrap();
        let dir = OpenDir::open(&root.join("old")).unwrap();
        fs::rename(root.join("old"), root.join("new")).unwrap();
        fs::create_dir(root.join("old")).unwrap();
        assert_eq!(dir.real_path().unwrap(), root.join("new"));

        fs::remove_dir(root.join("new")).unwrap();
        assert!(matches!(dir.real_path(), Err(OpenDirError::Moved { .. })));
        // A new folder at the path that Linux now reports doesn't pass for the old one.
        fs::create_dir(root.join("new (deleted)")).unwrap();
        assert!(matches!(dir.resolve(), Err(OpenDirError::Moved { .. })));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn magic_links_of_proc_resolve_to_what_they_mean() {
        let here = fs::canonicalize(std::env::current_dir().unwrap()).unwrap();
        check(
            Path::new("/proc/self/cwd"),
            &format!("ok {}", here.display()),
        );
        check(Path::new("/proc/self/root/tmp"), "ok /tmp");
    }

    fn mkfifo(path: &Path) {
        let status = std::process::Command::new("mkfifo").arg(path).status();
        assert!(status.unwrap().success());
    }
}
