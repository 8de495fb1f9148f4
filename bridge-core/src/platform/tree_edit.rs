//! Files below a folder that is held open: looked at, made and moved, without ever following a symlink on the way.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{
    Access, AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, RawMode, RenameFlags, Stat, accessat,
    fchmod, fchown, linkat, mkdirat, openat, readlinkat, renameat, renameat_with, statat,
    symlinkat, unlinkat,
};
use rustix::io::Errno;

/// An open folder. The descriptor is closed in every child that is started.
#[derive(Debug)]
pub struct Folder {
    fd: OwnedFd,
}

/// A name in an open folder, whether anything is there or not.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// The name.
    pub name: &'a [u8],
}

/// What is at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What tells it from others.
    pub stamp: Stamp,
    /// On which file system it lies, until that is mounted again.
    pub dev: u64,
    /// Its group.
    pub gid: u32,
}

/// What tells a file from every other one, and from itself once it was changed. A rename leaves it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its number on its file system.
    pub ino: u64,
    /// What it is, and who may do what with it.
    pub mode: u32,
    /// Its length in bytes.
    pub size: u64,
    /// When it was written last: seconds and nanoseconds.
    pub written: (i64, i64),
}

/// What kind of thing is at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plain file.
    File,
    /// A symbolic link.
    Symlink,
    /// A folder.
    Folder,
    /// A socket, a device or a pipe.
    Other,
}

/// Why there is no way on.
#[derive(Debug)]
pub enum Barrier {
    /// Nothing has that name.
    Missing,
    /// A symlink, which is never followed.
    Symlink,
    /// Something else that is no folder.
    NotAFolder,
    /// The system refuses.
    Refused(io::Error),
}

/// Which kinds of rename the file system is trusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renames {
    /// Those that never replace and those that swap, where it has them.
    Best,
    /// Neither, as on the file systems that lack them.
    Plain,
}

impl Folder {
    /// Opens the folder that `path` leads to, through symlinks: a path that is given, not one that was found.
    ///
    /// # Errors
    /// If it can't be opened or is no folder.
    pub fn open(path: &Path) -> io::Result<Folder> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = openat(CWD, path, flags, Mode::empty())?;
        Ok(Folder { fd })
    }

    /// Opens a folder in this one.
    ///
    /// # Errors
    /// Says what is there instead.
    pub fn enter(&self, name: &[u8]) -> Result<Folder, Barrier> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => Ok(Folder { fd }),
            Err(Errno::NOENT) => Err(Barrier::Missing),
            Err(error @ (Errno::NOTDIR | Errno::LOOP)) => {
                Err(match self.look(name).map(|seen| seen.map(Seen::kind)) {
                    Ok(Some(Kind::Symlink)) => Barrier::Symlink,
                    Ok(Some(Kind::File | Kind::Other)) => Barrier::NotAFolder,
                    // It was swapped in this moment.
                    Ok(Some(Kind::Folder)) => Barrier::Refused(error.into()),
                    Ok(None) => Barrier::Missing,
                    Err(error) => Barrier::Refused(error),
                })
            }
            Err(error) => Err(Barrier::Refused(error.into())),
        }
    }

    /// Opens a folder further down. Where there is no way, also says how many of the names were passed.
    ///
    /// # Errors
    /// As [`Folder::enter`].
    pub fn walk<'n>(
        &self,
        names: impl IntoIterator<Item = &'n [u8]>,
    ) -> Result<Folder, (usize, Barrier)> {
        let fd = self
            .fd
            .try_clone()
            .map_err(|error| (0, Barrier::Refused(error)))?;
        let mut folder = Folder { fd };
        for (depth, name) in names.into_iter().enumerate() {
            folder = folder.enter(name).map_err(|barrier| (depth, barrier))?;
        }
        Ok(folder)
    }

    /// The spot with this name.
    pub fn spot<'a>(&'a self, name: &'a [u8]) -> Spot<'a> {
        Spot { folder: self, name }
    }

    /// Says what has this name.
    ///
    /// # Errors
    /// If the folder can't be searched.
    pub fn look(&self, name: &[u8]) -> io::Result<Option<Seen>> {
        match statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Seen::of(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Says what the folder itself is.
    ///
    /// # Errors
    /// Only if the file system itself fails.
    pub fn look_at_itself(&self) -> io::Result<Seen> {
        Ok(Seen::of(&rustix::fs::fstat(&self.fd)?))
    }

    /// Whether names can be added to the folder and taken out of it.
    pub fn is_writable(&self) -> bool {
        let wanted = Access::WRITE_OK | Access::EXEC_OK;
        accessat(&self.fd, ".", wanted, AtFlags::EACCESS).is_ok()
    }

    /// The names in the folder.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn names(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(name.to_vec());
            }
        }
        Ok(names)
    }

    /// Opens a plain file to read it; never waits on a fifo or a device.
    ///
    /// # Errors
    /// If it is something else, or can't be read.
    pub fn read_file(&self, name: &[u8]) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(openat(&self.fd, name, flags, Mode::empty())?);
        if !file.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(file)
    }

    /// Says where a symlink leads.
    ///
    /// # Errors
    /// If it is none.
    pub fn read_link(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(readlinkat(&self.fd, name, Vec::new())?.into_bytes())
    }

    /// Makes a new file, with the rights that new files get.
    ///
    /// # Errors
    /// If anything has that name, or the folder can't be written.
    pub fn make_file(&self, name: &[u8], executable: bool) -> io::Result<File> {
        let mode = if executable { 0o777 } else { 0o666 };
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.fd, name, flags, Mode::from_raw_mode(mode))?.into())
    }

    /// Makes a new symlink.
    ///
    /// # Errors
    /// As [`Folder::make_file`].
    pub fn make_link(&self, name: &[u8], target: &[u8]) -> io::Result<()> {
        Ok(symlinkat(target, &self.fd, name)?)
    }

    /// Makes a new folder, with the rights that new folders get, or for us alone.
    ///
    /// # Errors
    /// As [`Folder::make_file`].
    pub fn make_folder(&self, name: &[u8], private: bool) -> io::Result<Folder> {
        let mode = if private { 0o700 } else { 0o777 };
        mkdirat(&self.fd, name, Mode::from_raw_mode(mode))?;
        self.enter(name).map_err(|barrier| match barrier {
            Barrier::Refused(error) => error,
            Barrier::Missing | Barrier::Symlink | Barrier::NotAFolder => Errno::AGAIN.into(),
        })
    }

    /// Removes a file or a symlink.
    ///
    /// # Errors
    /// If it is a folder, or the folder can't be written.
    pub fn remove_file(&self, name: &[u8]) -> io::Result<()> {
        Ok(unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    /// Removes a folder that is empty.
    ///
    /// # Errors
    /// If it isn't, or the folder can't be written.
    pub fn remove_folder(&self, name: &[u8]) -> io::Result<()> {
        Ok(unlinkat(&self.fd, name, AtFlags::REMOVEDIR)?)
    }

    /// Removes whatever has this name, with all that is in it. Nothing is fine, too.
    ///
    /// # Errors
    /// If something can't be removed.
    pub fn remove_all(&self, name: &[u8]) -> io::Result<()> {
        match self.look(name)?.map(Seen::kind) {
            None => Ok(()),
            Some(Kind::Folder) => {
                if let Ok(folder) = self.enter(name) {
                    for name in folder.names()? {
                        folder.remove_all(&name)?;
                    }
                }
                self.remove_folder(name)
            }
            Some(Kind::File | Kind::Symlink | Kind::Other) => self.remove_file(name),
        }
    }

    /// Gives the folder to a group, as far as we may, and lets what is made in it belong to that group.
    ///
    /// # Errors
    /// If it can't be done.
    pub fn share_with(&self, gid: u32) -> io::Result<()> {
        let mode = self.look_at_itself()?.stamp.mode & 0o7777;
        fchown(&self.fd, None, Some(Gid::from_raw(gid)))?;
        Ok(fchmod(&self.fd, mode_of(mode | 0o2000))?)
    }

    /// Waits until the names in the folder are on the disk.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.fd)?)
    }

    /// Waits until the whole file system is on the disk, where that is one call; says whether it is.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn sync_file_system(&self) -> io::Result<bool> {
        sync_file_system(&self.fd)
    }
}

impl Spot<'_> {
    /// Says what is there.
    ///
    /// # Errors
    /// If the folder can't be searched.
    pub fn look(&self) -> io::Result<Option<Seen>> {
        self.folder.look(self.name)
    }

    /// Moves what is here to another spot of the same file system, where nothing may be.
    ///
    /// # Errors
    /// `AlreadyExists` if something is there.
    pub fn move_to(&self, to: &Spot<'_>, renames: Renames) -> io::Result<()> {
        let (from_dir, to_dir) = (&self.folder.fd, &to.folder.fd);
        if renames == Renames::Best {
            let flags = RenameFlags::NOREPLACE;
            match renameat_with(from_dir, self.name, to_dir, to.name, flags) {
                Err(error) if is_unsupported(error) => {}
                done => return Ok(done?),
            }
        }
        match linkat(from_dir, self.name, to_dir, to.name, AtFlags::empty()) {
            Ok(()) => return self.folder.remove_file(self.name),
            Err(Errno::EXIST) => return Err(Errno::EXIST.into()),
            // Folders have no links, and some file systems have none at all.
            Err(_) => {}
        }
        if to.look()?.is_some() {
            return Err(Errno::EXIST.into());
        }
        Ok(renameat(from_dir, self.name, to_dir, to.name)?)
    }

    /// Lets two spots swap what they hold. Says `false` where the file system can't, and nothing has happened.
    ///
    /// # Errors
    /// If one of them is empty, or a folder can't be written.
    pub fn swap_with(&self, other: &Spot<'_>, renames: Renames) -> io::Result<bool> {
        if renames == Renames::Plain {
            return Ok(false);
        }
        let flags = RenameFlags::EXCHANGE;
        let (from_dir, to_dir) = (&self.folder.fd, &other.folder.fd);
        match renameat_with(from_dir, self.name, to_dir, other.name, flags) {
            Ok(()) => Ok(true),
            Err(error) if is_unsupported(error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Seen {
    /// Looks at an open file.
    ///
    /// # Errors
    /// Only if the file system itself fails.
    pub fn of_file(file: &File) -> io::Result<Seen> {
        Ok(Seen::of(&rustix::fs::fstat(file)?))
    }

    /// What kind of thing it is.
    pub fn kind(self) -> Kind {
        self.stamp.kind()
    }

    #[allow(
        clippy::unnecessary_cast,
        reason = "the fields have other types on macOS and on other processors"
    )]
    fn of(stat: &Stat) -> Seen {
        Seen {
            stamp: Stamp {
                ino: stat.st_ino as u64,
                mode: stat.st_mode as u32,
                size: stat.st_size as u64,
                written: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            },
            dev: stat.st_dev as u64,
            gid: stat.st_gid as u32,
        }
    }
}

impl Stamp {
    /// What kind of thing it is.
    pub fn kind(self) -> Kind {
        match file_type(self.mode) {
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Symlink,
            FileType::Directory => Kind::Folder,
            _ => Kind::Other,
        }
    }

    /// Whether it is the same thing and was not changed. What a folder holds does not count.
    pub fn is_same(self, other: Stamp) -> bool {
        match self.kind() {
            Kind::Folder => other.kind() == Kind::Folder && self.ino == other.ino,
            Kind::File | Kind::Symlink | Kind::Other => self == other,
        }
    }
}

/// Sets who may do what with an open file.
///
/// # Errors
/// If it isn't ours.
pub fn set_rights(file: &File, rights: u32) -> io::Result<()> {
    Ok(fchmod(file, mode_of(rights))?)
}

/// Gives an open file to a group.
///
/// # Errors
/// If we don't belong to that group.
pub fn set_group(file: &File, gid: u32) -> io::Result<()> {
    Ok(fchown(file, None, Some(Gid::from_raw(gid)))?)
}

/// Hands what was written to the disk. On macOS, where only [`sync_whole`] waits for the platter, this is quick.
///
/// # Errors
/// If the disk fails or is full.
pub fn sync_file(file: &File) -> io::Result<()> {
    Ok(rustix::fs::fsync(file)?)
}

/// Waits until a file, and whatever was handed to its disk before, is safe from a power cut.
///
/// # Errors
/// If the disk fails or is full.
pub fn sync_whole(file: &File) -> io::Result<()> {
    file.sync_all()
}

fn is_unsupported(error: Errno) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&error)
}

fn mode_of(rights: u32) -> Mode {
    Mode::from_raw_mode((rights & 0o7777) as RawMode)
}

fn file_type(mode: u32) -> FileType {
    FileType::from_raw_mode(mode as RawMode)
}

#[cfg(target_os = "linux")]
fn sync_file_system(fd: &OwnedFd) -> io::Result<bool> {
    rustix::fs::syncfs(fd)?;
    Ok(true)
}

#[cfg(target_os = "macos")]
fn sync_file_system(_: &OwnedFd) -> io::Result<bool> {
    Ok(false)
}
