//! The calls behind the lock. Linux has them since 3.15, macOS since 10.12 or so; `rustix` and std have neither.
#![allow(
    unsafe_code,
    reason = "fcntl with a struct flock has no safe wrapper for these commands"
)]
#![allow(
    clippy::unnecessary_cast,
    reason = "the constants are int on Linux and short on macOS"
)]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};

/// Waits for the lock over the whole file.
pub(super) fn lock(file: &File) -> io::Result<()> {
    loop {
        match fcntl(file, libc::F_OFD_SETLKW, &mut whole_file()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Takes the lock unless another open file has it.
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    match fcntl(file, libc::F_OFD_SETLK, &mut whole_file()) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Lets go of the lock, whoever else shares the open file.
pub(super) fn unlock(file: &File) -> io::Result<()> {
    let mut range = whole_file();
    range.l_type = libc::F_UNLCK as libc::c_short;
    fcntl(file, libc::F_OFD_SETLK, &mut range)
}

/// Asks whether [`try_lock`] would fail, without trying.
pub(super) fn is_locked_by_another(file: &File) -> io::Result<bool> {
    let mut asked = whole_file();
    fcntl(file, libc::F_OFD_GETLK, &mut asked)?;
    Ok(asked.l_type != libc::F_UNLCK as libc::c_short)
}

/// Becomes the owner of a descriptor that the parent left open, and closes it for our own children.
pub(super) fn adopt(fd: RawFd) -> io::Result<File> {
    if fd <= libc::STDERR_FILENO {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: F_SETFD on any number is harmless; on one that isn't open it fails with EBADF.
    if unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open, as the call above has shown, and was left for this process to own.
    let file = unsafe { File::from_raw_fd(fd) };
    Ok(file)
}

fn whole_file() -> libc::flock {
    // SAFETY: all fields are numbers, and F_OFD commands demand that l_pid is 0.
    let mut range: libc::flock = unsafe { std::mem::zeroed() };
    range.l_type = libc::F_WRLCK as libc::c_short;
    range.l_whence = libc::SEEK_SET as libc::c_short;
    range
}

fn fcntl(file: &File, command: libc::c_int, range: &mut libc::flock) -> io::Result<()> {
    // SAFETY: the descriptor is open and the struct outlives the call.
    match unsafe { libc::fcntl(file.as_raw_fd(), command, range) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
