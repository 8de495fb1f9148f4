//! Why a program did not start, found out from what the system said and from a look at the file.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags};
use rustix::io::Errno;
use thiserror::Error;

use crate::platform::open_dir::{OpenDir, OpenDirError};

/// Why a program could not be started.
#[derive(Debug, Error)]
pub enum SpawnError {
    /// Only absolute paths are started: a relative one would mean another file in another folder.
    #[error("the program `{}` is not an absolute path", program.display())]
    RelativeProgram {
        /// What was to be started.
        program: PathBuf,
    },
    /// There is no such file.
    #[error("the program `{}` does not exist", program.display())]
    NotFound {
        /// What was to be started.
        program: PathBuf,
    },
    /// It is a folder.
    #[error("`{}` is a folder, not a program", program.display())]
    IsDirectory {
        /// What was to be started.
        program: PathBuf,
    },
    /// The file has no execute permission, or the folders above it can't be searched.
    #[error("no permission to execute `{}`", program.display())]
    NotExecutable {
        /// What was to be started.
        program: PathBuf,
    },
    /// No program at all, or one for another machine.
    #[error("`{}` is not a program for this machine", program.display())]
    WrongFormat {
        /// What was to be started.
        program: PathBuf,
    },
    /// The script or the binary names an interpreter or loader that isn't there.
    #[error("`{}` needs `{interpreter}`, which was not found", program.display())]
    MissingInterpreter {
        /// What was to be started.
        program: PathBuf,
        /// What it asks for.
        interpreter: String,
    },
    /// The file is being written, for longer than an update should take.
    #[error("`{}` is being written by another process", program.display())]
    Busy {
        /// What was to be started.
        program: PathBuf,
    },
    /// The working folder can't be entered.
    #[error("could not enter the folder `{}`", path.display())]
    Dir {
        /// The folder, as it was asked for.
        path: PathBuf,
        /// What is wrong with it.
        source: OpenDirError,
    },
    /// The machine or the person's limits have no room for one more process or descriptor.
    #[error("no resources left to start `{}`", program.display())]
    Exhausted {
        /// What was to be started.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An argument or environment entry contains a NUL byte.
    #[error("an argument or environment entry of `{}` contains a NUL byte", program.display())]
    Nul {
        /// What was to be started.
        program: PathBuf,
    },
    /// Two inherited descriptors have one number, or one of 0, 1, 2.
    #[error("the descriptors inherited by `{}` collide", program.display())]
    FdCollision {
        /// What was to be started.
        program: PathBuf,
    },
    /// Anything else.
    #[error("could not start `{}`", program.display())]
    Io {
        /// What was to be started.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Turns the error number of a failed start into its reason.
pub(super) fn explain(program: PathBuf, dir: &OpenDir, source: io::Error) -> SpawnError {
    match Errno::from_io_error(&source) {
        Some(Errno::NOENT) if !program.exists() => SpawnError::NotFound { program },
        Some(Errno::NOENT) => {
            let interpreter = interpreter(&program).map_or_else(
                || "the loader it was built for".to_owned(),
                |words| words.program.display().to_string(),
            );
            SpawnError::MissingInterpreter {
                program,
                interpreter,
            }
        }
        Some(Errno::NOTDIR) => SpawnError::NotFound { program },
        Some(Errno::ACCESS | Errno::PERM) if program.is_dir() => {
            SpawnError::IsDirectory { program }
        }
        Some(Errno::ACCESS | Errno::PERM) if !may_enter(dir) => {
            let path = dir.asked_path().to_path_buf();
            SpawnError::Dir {
                source: OpenDirError::PermissionDenied { path: path.clone() },
                path,
            }
        }
        Some(Errno::ACCESS | Errno::PERM) => SpawnError::NotExecutable { program },
        Some(Errno::NOEXEC) => SpawnError::WrongFormat { program },
        #[cfg(target_os = "macos")]
        Some(_) if is_foreign(&source) => SpawnError::WrongFormat { program },
        Some(Errno::TXTBSY) => SpawnError::Busy { program },
        Some(Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE) => {
            SpawnError::Exhausted { program, source }
        }
        _ => SpawnError::Io { program, source },
    }
}

/// The first line of a script, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::platform) struct Interpreter {
    /// What the system executes.
    pub(in crate::platform) program: PathBuf,
    /// What `env` looks for in PATH, if the first line goes through `env`.
    pub(in crate::platform) by_env: Option<String>,
}

/// Reads which interpreter a script asks for; nothing if it isn't a script.
pub(in crate::platform) fn interpreter(program: &Path) -> Option<Interpreter> {
    let mut start = Vec::new();
    // Never waits, whatever the file has become meanwhile.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(program)
        .ok()?;
    file.take(256).read_to_end(&mut start).ok()?;
    let line = start
        .strip_prefix(b"#!")?
        .split(|&byte| byte == b'\n')
        .next()?;
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let program = PathBuf::from(OsStr::from_bytes(words.next()?));
    let by_env = (program.file_name() == Some(OsStr::new("env")))
        .then(|| words.find(|word| !word.starts_with(b"-")))
        .flatten()
        .map(|word| String::from_utf8_lossy(word).into_owned());
    Some(Interpreter { program, by_env })
}

/// Built for another processor, or damaged.
#[cfg(target_os = "macos")]
fn is_foreign(error: &io::Error) -> bool {
    let foreign = [libc::EBADARCH, libc::EBADMACHO, libc::EBADEXEC];
    error
        .raw_os_error()
        .is_some_and(|code| foreign.contains(&code))
}

fn may_enter(dir: &OpenDir) -> bool {
    rustix::fs::accessat(dir, ".", Access::EXEC_OK, AtFlags::empty()).is_ok()
}
