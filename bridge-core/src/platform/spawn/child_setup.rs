//! What a child does between fork and exec. Only calls that are safe there, and no allocation.
#![allow(
    unsafe_code,
    reason = "pre_exec, execve and signal have no safe form; every closure here makes only async-signal-safe calls"
)]

use std::ffi::{CString, NulError, OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::ptr;
use std::sync::Arc;

use tokio::process::Command;

use crate::platform::open_dir::OpenDir;
use crate::platform::spawn::Membership;

/// More descriptors than any client passes on by mistake, and few enough to go through one by one.
const MOST_DESCRIPTORS: i32 = 4096;

/// Program, arguments and environment in the form `execve` takes.
///
/// The exec in std goes through `execvp`, which hands a file of unknown format to `/bin/sh`. No shell may come between,
/// and a program for another machine must be reported as such, so the child calls `execve` itself.
pub(super) struct Image {
    program: CString,
    argv: Strings,
    envp: Strings,
}

impl Image {
    pub(super) fn new(
        program: &Path,
        args: &[OsString],
        env: &[(OsString, OsString)],
    ) -> Result<Self, NulError> {
        let name = CString::new(program.as_os_str().as_bytes())?;
        let mut argv = vec![name.clone()];
        for arg in args {
            argv.push(CString::new(arg.as_bytes())?);
        }
        let mut envp = Vec::new();
        for (key, value) in env {
            let mut entry = key.clone();
            entry.push(OsStr::new("="));
            entry.push(value);
            envp.push(CString::new(entry.into_vec())?);
        }
        Ok(Self {
            program: name,
            argv: Strings::new(argv),
            envp: Strings::new(envp),
        })
    }

    /// Returns only on failure.
    fn become_it(&self) -> io::Error {
        let argv = self.argv.pointers.as_ptr();
        let envp = self.envp.pointers.as_ptr();
        // SAFETY: null-terminated arrays of null-terminated strings, all owned by `self`.
        unsafe { libc::execve(self.program.as_ptr(), argv, envp) };
        io::Error::last_os_error()
    }
}

/// Owned strings with the null-terminated array of pointers to them.
struct Strings {
    _owned: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl Strings {
    fn new(owned: Vec<CString>) -> Self {
        let pointers = owned
            .iter()
            .map(|string| string.as_ptr())
            .chain([ptr::null()])
            .collect();
        Self {
            _owned: owned,
            pointers,
        }
    }
}

// SAFETY: the pointers lead into heap memory of `_owned`, which never changes and moves with them.
unsafe impl Send for Strings {}
// SAFETY: as above; there is no way to write through them.
unsafe impl Sync for Strings {}

/// Puts the child into its folder and session, with all signals at their defaults and nothing inherited but 0, 1, 2.
pub(super) fn prepare(command: &mut Command, dir: Arc<OpenDir>, membership: Membership) {
    // SAFETY: asks for a limit only.
    let table_size = unsafe { libc::getdtablesize() };
    let setup = move || {
        reset_signals();
        close_on_exec_from(3, table_size.min(MOST_DESCRIPTORS));
        if membership == Membership::OwnSession {
            rustix::process::setsid()?;
        }
        rustix::process::fchdir(dir.as_ref())?;
        Ok(())
    };
    // SAFETY: signal, close_range, fcntl, setsid and fchdir are async-signal-safe, and nothing is allocated.
    unsafe { command.pre_exec(setup) };
}

/// Makes the child become `image`; to be registered last, since nothing after it runs.
pub(super) fn execute(command: &mut Command, image: Image) {
    // SAFETY: execve is async-signal-safe, and an error made from a number allocates nothing.
    unsafe { command.pre_exec(move || Err(image.become_it())) };
}

/// A signal that our parent made us ignore (`nohup`, `&` in a script) would stay ignored in the child.
fn reset_signals() {
    for signal in 1..32 {
        if signal != libc::SIGKILL && signal != libc::SIGSTOP {
            // SAFETY: sets a disposition to its default.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
}

#[cfg(target_os = "linux")]
fn close_on_exec_from(first: i32, end: i32) {
    const CLOSE_RANGE_CLOEXEC: libc::c_uint = 4;
    let last = libc::c_uint::MAX;
    // SAFETY: marks descriptors; closes none.
    let done = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first as libc::c_uint,
            last,
            CLOSE_RANGE_CLOEXEC,
        )
    };
    // Linux before 5.11 doesn't know it.
    if done != 0 {
        mark_one_by_one(first, end);
    }
}

#[cfg(target_os = "macos")]
fn close_on_exec_from(first: i32, end: i32) {
    mark_one_by_one(first, end);
}

fn mark_one_by_one(first: i32, end: i32) {
    for fd in first..end {
        // SAFETY: sets a flag on a descriptor that may or may not be open.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}
