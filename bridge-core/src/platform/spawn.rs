//! Starts programs: no shell, no inherited environment, no inherited descriptor, in a folder that is already open.

mod child_setup;
mod refusal;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use rustix::io::fcntl_dupfd_cloexec;
use tokio::process::{Child, Command};

use crate::platform::open_dir::OpenDir;
use crate::platform::spawn::child_setup::Image;
pub use crate::platform::spawn::refusal::SpawnError;
pub(in crate::platform) use crate::platform::spawn::refusal::interpreter;

/// How often a program that is being written at this moment is tried again, and after what pause.
const BUSY_RETRIES: u32 = 20;
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// A child to be, with pipes for stdin, stdout and stderr, in a process group of its own.
#[derive(Debug)]
pub struct Launch {
    /// Absolute.
    pub program: PathBuf,
    /// Without the program's name.
    pub args: Vec<OsString>,
    /// The whole environment of the child.
    pub env: Vec<(OsString, OsString)>,
    /// Where the child starts, wherever its path leads by then.
    pub dir: OpenDir,
}

impl Launch {
    /// The same once more.
    ///
    /// # Errors
    /// If the folder can't be opened once more.
    pub fn try_clone(&self) -> Result<Launch, SpawnError> {
        let dir = self.dir.try_clone().map_err(|source| SpawnError::Dir {
            path: self.dir.asked_path().to_owned(),
            source,
        })?;
        Ok(Launch {
            program: self.program.clone(),
            args: self.args.clone(),
            env: self.env.clone(),
            dir,
        })
    }
}

/// Starts the child; it is killed when the returned value is dropped. Must be called inside a tokio runtime.
///
/// # Errors
/// Says what about the program is wrong, so that a client can be told what to change.
pub fn spawn(launch: Launch) -> Result<Child, SpawnError> {
    start(Start {
        program: launch.program,
        args: launch.args,
        env: launch.env,
        dir: launch.dir,
        membership: Membership::OwnGroup,
        inherited: Vec::new(),
        stdin: Stdio::piped(),
        stdout: Stdio::piped(),
        stderr: Stdio::piped(),
        outlives_its_handle: false,
    })
}

/// A child to be that outlives whoever starts it: in a session of its own, stdout on `/dev/null`.
#[derive(Debug)]
pub struct Detached {
    /// Absolute.
    pub program: PathBuf,
    /// Without the program's name.
    pub args: Vec<OsString>,
    /// The whole environment of the child.
    pub env: Vec<(OsString, OsString)>,
    /// Where the child starts.
    pub dir: PathBuf,
    /// Descriptors that the child finds open, and at which number (3 or more).
    pub inherited: Vec<(OwnedFd, RawFd)>,
    /// What it reads.
    pub stdin: Stdio,
    /// Where its stderr goes.
    pub stderr_log: File,
}

/// Starts the child and closes our copies of what it inherits. Dropping the returned value leaves the child alone;
/// tokio still collects its exit status then. Must be called inside a tokio runtime.
///
/// # Errors
/// Says what about the program or the folder is wrong.
pub fn spawn_detached(detached: Detached) -> Result<Child, SpawnError> {
    let dir = OpenDir::open(&detached.dir).map_err(|source| SpawnError::Dir {
        path: detached.dir.clone(),
        source,
    })?;
    start(Start {
        program: detached.program,
        args: detached.args,
        env: detached.env,
        dir,
        membership: Membership::OwnSession,
        inherited: detached.inherited,
        stdin: detached.stdin,
        stdout: Stdio::null(),
        stderr: Stdio::from(detached.stderr_log),
        outlives_its_handle: true,
    })
}

/// Whom a child belongs to at birth; it is the leader in both cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::platform) enum Membership {
    /// A new group in our session.
    OwnGroup,
    /// A new session and group, without a terminal.
    OwnSession,
}

/// All there is to decide about a child.
pub(in crate::platform) struct Start {
    pub(in crate::platform) program: PathBuf,
    pub(in crate::platform) args: Vec<OsString>,
    pub(in crate::platform) env: Vec<(OsString, OsString)>,
    pub(in crate::platform) dir: OpenDir,
    pub(in crate::platform) membership: Membership,
    pub(in crate::platform) inherited: Vec<(OwnedFd, RawFd)>,
    pub(in crate::platform) stdin: Stdio,
    pub(in crate::platform) stdout: Stdio,
    pub(in crate::platform) stderr: Stdio,
    pub(in crate::platform) outlives_its_handle: bool,
}

pub(in crate::platform) fn start(start: Start) -> Result<Child, SpawnError> {
    let program = start.program;
    if !program.is_absolute() {
        return Err(SpawnError::RelativeProgram { program });
    }
    let image = Image::new(&program, &start.args, &start.env).map_err(|_| SpawnError::Nul {
        program: program.clone(),
    })?;
    let inherited = reserve(&program, start.inherited)?;
    // A folder that has been removed could still be entered, and nothing in it would work.
    if let Err(source) = start.dir.real_path() {
        let path = start.dir.asked_path().to_path_buf();
        return Err(SpawnError::Dir { path, source });
    }
    let dir = Arc::new(start.dir);

    // What std would do with arguments and environment is replaced by the image; see there for the reason.
    let mut command = Command::new(&program);
    command
        .env_clear()
        .stdin(start.stdin)
        .stdout(start.stdout)
        .stderr(start.stderr)
        .kill_on_drop(!start.outlives_its_handle);
    if start.membership == Membership::OwnGroup {
        command.process_group(0);
    }
    child_setup::prepare(&mut command, Arc::clone(&dir), start.membership);
    if command.fd_mappings(inherited).is_err() {
        return Err(SpawnError::FdCollision { program });
    }
    child_setup::execute(&mut command, image);

    let mut tries = 0;
    loop {
        match command.spawn() {
            // Somebody writes the file, or a fork in another thread still holds it open for writing.
            Err(error) if is_busy(&error) && tries < BUSY_RETRIES => {
                tries += 1;
                thread::sleep(BUSY_PAUSE);
            }
            Err(error) => return Err(refusal::explain(program, &dir, error)),
            Ok(child) => return Ok(child),
        }
    }
}

/// Occupies, here in the parent, the numbers at which the child is to find its descriptors.
///
/// std reports a failed start through a pipe of its own. If that got one of these numbers, the child would put the
/// descriptor in its place, and write the report of a failure into it.
fn reserve(program: &Path, wanted: Vec<(OwnedFd, RawFd)>) -> Result<Vec<FdMapping>, SpawnError> {
    let mut mappings = Vec::with_capacity(wanted.len());
    for (fd, child_fd) in wanted {
        if child_fd <= libc::STDERR_FILENO {
            let program = program.to_path_buf();
            return Err(SpawnError::FdCollision { program });
        }
        // Takes the number itself or, if something else has that, a higher one.
        let parent_fd =
            fcntl_dupfd_cloexec(&fd, child_fd).map_err(|errno| SpawnError::Exhausted {
                program: program.to_path_buf(),
                source: errno.into(),
            })?;
        mappings.push(FdMapping {
            parent_fd,
            child_fd,
        });
    }
    Ok(mappings)
}

fn is_busy(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ExecutableFileBusy
}

#[cfg(test)]
mod tests;
