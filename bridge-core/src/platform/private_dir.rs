//! Folders and files that only the person may see, and folders that are no place for a database.

mod file_system;

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::process::{getegid, geteuid};
use thiserror::Error;

pub use crate::platform::private_dir::file_system::{Shared, shared_folder};

/// A folder that exists, is ours, is closed to others (0700), and that others can't swap for another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateDir {
    path: PathBuf,
}

impl PrivateDir {
    /// Makes the folder and what is missing above it, or checks the one that is there and takes others' rights away.
    ///
    /// # Errors
    /// If it, or a folder above it, could be changed by somebody else.
    pub fn ensure(path: &Path) -> Result<Self, PrivateDirError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        // A file or a dangling symlink at that place is told by the look that follows.
        if let Err(source) = made
            && fs::symlink_metadata(path).is_err()
        {
            return Err(PrivateDirError::about("make", path, source));
        }
        let metadata = fs::symlink_metadata(path)
            .map_err(|source| PrivateDirError::about("look at", path, source))?;
        check_own(path, &metadata)?;
        let real = fs::canonicalize(path)
            .map_err(|source| PrivateDirError::about("find the place of", path, source))?;
        for above in real.ancestors().skip(1) {
            check_above(above)?;
        }
        if metadata.mode() & 0o777 != 0o700 {
            fs::set_permissions(&real, Permissions::from_mode(0o700))
                .map_err(|source| PrivateDirError::about("close to others", path, source))?;
        }
        Ok(Self { path: real })
    }

    /// Where it is: absolute, free of symlinks.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes a file that only we can read and write (0600); refuses if anything is at that place, a symlink too.
///
/// # Errors
/// If something is there, or the folder can't be written.
pub fn create_private_file(path: &Path) -> Result<File, PrivateDirError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| PrivateDirError::about("make", path, source))
}

/// Opens a file of ours to append to it, making it (0600) if need be; never through a symlink.
///
/// # Errors
/// If it is somebody else's, is no plain file, or can't be written.
pub fn append_private_file(path: &Path) -> Result<File, PrivateDirError> {
    let about = |operation| move |source| PrivateDirError::about(operation, path, source);
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .map_err(about("open"))?;
    let metadata = file.metadata().map_err(about("look at"))?;
    if !metadata.is_file() {
        return Err(PrivateDirError::NotAFile {
            path: path.to_path_buf(),
        });
    }
    check_owner(path, &metadata)?;
    if metadata.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))
            .map_err(about("close to others"))?;
    }
    Ok(file)
}

/// Why a place is not private.
#[derive(Debug, Error)]
pub enum PrivateDirError {
    /// Whoever can change the symlink decides where our files go.
    #[error("`{}` is a symlink", path.display())]
    Symlink {
        /// The place.
        path: PathBuf,
    },
    /// Something else is at that place.
    #[error("`{}` is not a folder", path.display())]
    NotADirectory {
        /// The place.
        path: PathBuf,
    },
    /// Something else is at that place.
    #[error("`{}` is not a plain file", path.display())]
    NotAFile {
        /// The place.
        path: PathBuf,
    },
    /// It belongs to somebody else.
    #[error("`{}` belongs to the user with number {owner}", path.display())]
    ForeignOwner {
        /// The place, or a folder above it.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// Others can put files in, or replace what is inside.
    #[error("others can write to `{}` (mode {mode:03o})", path.display())]
    WritableByOthers {
        /// The place, or a folder above it.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Anything else.
    #[error("could not {operation} `{}`", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// With which place.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PrivateDirError {
    fn about(operation: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            operation,
            path: path.to_path_buf(),
            source,
        }
    }
}

fn check_own(path: &Path, metadata: &Metadata) -> Result<(), PrivateDirError> {
    let path_buf = || path.to_path_buf();
    if metadata.is_symlink() {
        return Err(PrivateDirError::Symlink { path: path_buf() });
    }
    if !metadata.is_dir() {
        return Err(PrivateDirError::NotADirectory { path: path_buf() });
    }
    check_owner(path, metadata)?;
    // Rights to read are taken away below. Where anybody could write, what lies inside may be anybody's already.
    if metadata.mode() & 0o002 != 0 {
        return Err(PrivateDirError::WritableByOthers {
            path: path_buf(),
            mode: metadata.mode() & 0o7777,
        });
    }
    Ok(())
}

fn check_owner(path: &Path, metadata: &Metadata) -> Result<(), PrivateDirError> {
    if metadata.uid() == geteuid().as_raw() {
        return Ok(());
    }
    Err(PrivateDirError::ForeignOwner {
        path: path.to_path_buf(),
        owner: metadata.uid(),
    })
}

/// Whoever owns or can write a folder above can put another folder in our place.
fn check_above(path: &Path) -> Result<(), PrivateDirError> {
    let metadata = fs::symlink_metadata(path)
        .map_err(|source| PrivateDirError::about("look at", path, source))?;
    let owner = metadata.uid();
    if owner != 0 && owner != geteuid().as_raw() {
        return Err(PrivateDirError::ForeignOwner {
            path: path.to_path_buf(),
            owner,
        });
    }
    let mode = metadata.mode() & 0o7777;
    let sticky = mode & 0o1000 != 0;
    let by_group = mode & 0o020 != 0 && !is_trusted_group(metadata.gid());
    if !sticky && (mode & 0o002 != 0 || by_group) {
        return Err(PrivateDirError::WritableByOthers {
            path: path.to_path_buf(),
            mode,
        });
    }
    Ok(())
}

/// Groups whose members could do anything anyway, and on Linux, where each person has one of their own, ours.
fn is_trusted_group(gid: u32) -> bool {
    const ADMIN_OF_MACOS: u32 = 80;
    if cfg!(target_os = "macos") {
        // Here everybody's group is `staff`.
        return gid == 0 || gid == ADMIN_OF_MACOS;
    }
    gid == 0 || gid == getegid().as_raw()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_new_folder_and_what_is_missing_above_it_are_closed_to_others() {
        let tmp = tempfile::tempdir().unwrap();
        let wanted = tmp.path().join("a/b");
        let dir = PrivateDir::ensure(&wanted).unwrap();
        assert_eq!(dir.path(), fs::canonicalize(&wanted).unwrap());
        assert_eq!(
            (mode_of(&wanted), mode_of(&tmp.path().join("a"))),
            (0o700, 0o700)
        );
        assert_eq!(PrivateDir::ensure(&wanted).unwrap(), dir);
    }

    #[test]
    fn a_folder_that_others_can_read_is_closed_and_one_that_all_can_write_is_refused() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = tmp.path().join("d");
        fs::create_dir(&dir).unwrap();
        set_mode(&dir, 0o755);
        PrivateDir::ensure(&dir).unwrap();
        assert_eq!(mode_of(&dir), 0o700);

        set_mode(&dir, 0o777);
        let refused = PrivateDir::ensure(&dir).unwrap_err();
        assert!(
            matches!(refused, PrivateDirError::WritableByOthers { .. }),
            "{refused}"
        );
        assert_eq!(mode_of(&dir), 0o777);
    }

    #[test]
    fn a_folder_inside_one_that_all_can_write_is_refused_unless_the_sticky_bit_protects_it() {
        let tmp = tempfile::tempdir().unwrap();
        let open = tmp.path().join("open");
        fs::create_dir(&open).unwrap();
        set_mode(&open, 0o777);
        let refused = PrivateDir::ensure(&open.join("d")).unwrap_err();
        let real = fs::canonicalize(&open).unwrap();
        assert_eq!(
            refused.to_string(),
            format!("others can write to `{}` (mode 777)", real.display())
        );
        set_mode(&open, 0o1777);
        PrivateDir::ensure(&open.join("d")).unwrap();
    }

    #[test]
    fn symlinks_and_files_are_no_private_folders() {
        let tmp = tempfile::tempdir().unwrap();
        fs::create_dir(tmp.path().join("real")).unwrap();
        symlink("real", tmp.path().join("link")).unwrap();
        symlink("nowhere", tmp.path().join("dangling")).unwrap();
        fs::write(tmp.path().join("file"), "").unwrap();
        let ensure = |name: &str| PrivateDir::ensure(&tmp.path().join(name)).unwrap_err();
        assert!(matches!(ensure("link"), PrivateDirError::Symlink { .. }));
        assert!(matches!(
            ensure("dangling"),
            PrivateDirError::Symlink { .. }
        ));
        assert!(matches!(
            ensure("file"),
            PrivateDirError::NotADirectory { .. }
        ));
        assert!(matches!(ensure("file/d"), PrivateDirError::Io { .. }));
    }

    #[test]
    fn private_files_are_new_or_ours_and_never_behind_a_symlink() {
        let tmp = tempfile::tempdir().unwrap();
        let file = tmp.path().join("new");
        create_private_file(&file).unwrap();
        assert_eq!(mode_of(&file), 0o600);
        assert!(create_private_file(&file).is_err());

        set_mode(&file, 0o644);
        append_private_file(&file).unwrap();
        assert_eq!(mode_of(&file), 0o600);
        symlink("new", tmp.path().join("link")).unwrap();
        assert!(append_private_file(&tmp.path().join("link")).is_err());
        assert!(append_private_file(tmp.path()).is_err());
    }
}
