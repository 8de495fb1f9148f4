//! Sends a program on an errand: what it reads, in which folder, and how long it may take and how much it may answer.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::platform::exit_watch::ExitWatch;
use crate::platform::open_dir::OpenDir;
use crate::platform::process_table;
use crate::platform::spawn::{self, Membership, SpawnError, Start};

/// How long to read on once the program has ended: what it left in the pipe is there at once.
const DRAIN: Duration = Duration::from_millis(500);
/// How long a killed program may take to end.
const DEATH: Duration = Duration::from_secs(1);
/// What is read at once.
const PIECE: usize = 64 * 1024;

/// A program to be run to its end.
#[derive(Debug)]
pub struct Errand {
    /// Absolute.
    pub program: PathBuf,
    /// Without the program's name.
    pub args: Vec<OsString>,
    /// The whole environment of the child.
    pub env: Vec<(OsString, OsString)>,
    /// Where it starts, wherever its path leads by then.
    pub dir: OpenDir,
    /// What it reads.
    pub input: Input,
    /// Where its stdout goes.
    pub output: Sink,
    /// What of stderr is kept; the rest is dropped.
    pub max_stderr: usize,
    /// After this time it is killed with its group.
    pub limit: Duration,
}

/// What a program finds on its stdin.
#[derive(Debug)]
pub enum Input {
    /// Nothing.
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// A file, from where it stands.
    File(File),
}

/// Where what a program writes goes to, and what happens to more than that.
#[derive(Debug)]
pub enum Sink {
    /// Its start is kept; the program may write on.
    Start {
        /// How much is kept.
        max: usize,
    },
    /// Its start is kept. Beyond the bound the pipe is closed, so that the program ends.
    Memory {
        /// How much may come.
        max: usize,
    },
    /// All of it goes into a file. Beyond the bound the pipe is closed, so that the program ends.
    File {
        /// Written from where it stands.
        file: File,
        /// How much may come.
        max: u64,
    },
}

/// What became of it.
#[derive(Debug)]
pub struct Output {
    /// How the program ended.
    pub status: ExitStatus,
    /// What it wrote to stdout, as far as it was kept in memory.
    pub stdout: Vec<u8>,
    /// The start of what it wrote to stderr.
    pub stderr: Vec<u8>,
    /// Whether stdout went beyond its bound.
    pub cut: bool,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ErrandError {
    /// The program did not start.
    #[error(transparent)]
    Start(#[from] SpawnError),
    /// It did not end in time, and was killed.
    #[error("`{}` did not answer within {limit:?}", program.display())]
    TimedOut {
        /// What was asked.
        program: PathBuf,
        /// How long it was given.
        limit: Duration,
    },
    /// Its end could not be awaited.
    #[error("could not wait for `{}` (process {pid})", program.display())]
    Wait {
        /// What was asked.
        program: PathBuf,
        /// Its process.
        pid: u32,
        /// What the system said.
        source: io::Error,
    },
    /// The file that takes its output can't be written.
    #[error("could not write down what `{}` answered", program.display())]
    Write {
        /// What was asked.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Runs the program in a group of its own, of which nothing is left afterwards, also when this future is dropped.
///
/// # Errors
/// If it doesn't start or doesn't end in time. A failure that the program itself reports is an answer.
pub async fn run(errand: Errand) -> Result<Output, ErrandError> {
    run_as(errand, Membership::OwnGroup).await
}

pub(in crate::platform) async fn run_as(
    errand: Errand,
    membership: Membership,
) -> Result<Output, ErrandError> {
    let program = errand.program.clone();
    let limit = errand.limit;
    let (stdin, bytes) = match errand.input {
        Input::Empty => (Stdio::null(), None),
        Input::Bytes(bytes) => (Stdio::piped(), Some(bytes)),
        Input::File(file) => (Stdio::from(file), None),
    };
    let mut child = spawn::start(Start {
        program: errand.program,
        args: errand.args,
        env: errand.env,
        dir: errand.dir,
        membership,
        inherited: Vec::new(),
        stdin,
        stdout: Stdio::piped(),
        stderr: Stdio::piped(),
        outlives_its_handle: false,
    })?;
    // Until `wait` below, the child's number can't become anybody else's, and neither can its group's.
    let pid = child.id().unwrap_or(0);
    let group = Group::of(pid);
    let Some(process) = process_table::process(pid) else {
        return Err(ErrandError::Wait {
            program,
            pid,
            source: io::Error::other("the process table can't be read"),
        });
    };
    let watch = ExitWatch::new(process.id());
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());

    let mut answer = Intake::new(errand.output);
    let mut said = Intake::new(Sink::Start {
        max: errand.max_stderr,
    });
    let in_time = {
        let exchange = async {
            tokio::join!(
                feed(stdin, bytes),
                answer.take_from(stdout),
                said.take_from(stderr)
            )
        };
        let ended = watch.ended();
        tokio::pin!(exchange, ended);
        let mut drained = false;
        let until_end = async {
            loop {
                tokio::select! {
                    _ = &mut exchange, if !drained => drained = true,
                    () = &mut ended => break,
                }
            }
        };
        let in_time = timeout(limit, until_end).await.is_ok();
        drop(group);
        if in_time && !drained {
            // Whoever left the group may hold the pipe for ever; what was written before is kept either way.
            let _ = timeout(DRAIN, exchange).await;
        }
        in_time
    };
    let status = timeout(DEATH, child.wait()).await;
    if !in_time {
        return Err(ErrandError::TimedOut { program, limit });
    }
    let status = status
        .map_err(io::Error::from)
        .and_then(|ended| ended)
        .map_err(|source| ErrandError::Wait {
            program: program.clone(),
            pid,
            source,
        })?;
    if let Some(source) = answer.fault {
        return Err(ErrandError::Write { program, source });
    }
    if let Some(interpreter) = missing_by_env(&program, status) {
        return Err(SpawnError::MissingInterpreter {
            program,
            interpreter,
        }
        .into());
    }
    Ok(Output {
        status,
        cut: answer.cut,
        stdout: answer.bytes,
        stderr: said.bytes,
    })
}

/// `#!/usr/bin/env node` starts well without node; `env` then says so with status 127.
fn missing_by_env(program: &Path, status: ExitStatus) -> Option<String> {
    if status.code() != Some(127) {
        return None;
    }
    spawn::interpreter(program)?.by_env
}

/// Kills a process group when it is dropped, also when the errand is given up half-way.
struct Group(Option<Pid>);

impl Group {
    fn of(leader: u32) -> Self {
        Self(i32::try_from(leader).ok().and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // An error means that nobody is left.
            let _ = rustix::process::kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Gives the program what it is to read. One that does not want all of it is no fault.
async fn feed(pipe: Option<impl AsyncWrite + Unpin>, bytes: Option<Vec<u8>>) {
    if let (Some(mut pipe), Some(bytes)) = (pipe, bytes) {
        let _ = pipe.write_all(&bytes).await;
    }
}

/// What has come through a pipe so far.
struct Intake {
    sink: Sink,
    bytes: Vec<u8>,
    written: u64,
    cut: bool,
    fault: Option<io::Error>,
}

impl Intake {
    fn new(sink: Sink) -> Intake {
        Intake {
            sink,
            bytes: Vec::new(),
            written: 0,
            cut: false,
            fault: None,
        }
    }

    /// Reads to the end, or until there is too much of it.
    async fn take_from(&mut self, pipe: Option<impl AsyncRead + Unpin>) {
        let Some(mut pipe) = pipe else {
            return;
        };
        let mut piece = vec![0_u8; PIECE];
        while let Ok(length @ 1..) = pipe.read(&mut piece).await {
            if !self.take(&piece[..length]) {
                return;
            }
        }
    }

    /// Says whether more is wanted.
    fn take(&mut self, piece: &[u8]) -> bool {
        match &mut self.sink {
            Sink::Start { max } => {
                let room = max.saturating_sub(self.bytes.len());
                self.cut |= piece.len() > room;
                self.bytes.extend(piece.iter().take(room));
                true
            }
            Sink::Memory { max } => {
                let room = max.saturating_sub(self.bytes.len());
                self.cut = piece.len() > room;
                self.bytes.extend(piece.iter().take(room));
                !self.cut
            }
            Sink::File { file, max } => {
                self.written = self.written.saturating_add(piece.len() as u64);
                self.cut = self.written > *max;
                if !self.cut {
                    self.fault = file.write_all(piece).err();
                }
                !self.cut && self.fault.is_none()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;

    fn errand(text: &str, dir: &Path) -> Errand {
        Errand {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), text.into()],
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            dir: OpenDir::open(dir).unwrap(),
            input: Input::Empty,
            output: Sink::Memory { max: 1000 },
            max_stderr: 1000,
            limit: Duration::from_secs(30),
        }
    }

    #[tokio::test]
    async fn a_program_reads_its_input_in_its_folder() {
        let tmp = tempfile::tempdir().unwrap();
        std::fs::write(tmp.path().join("here"), "").unwrap();
        let long = vec![b'x'; 300_000];
        let output = run(Errand {
            input: Input::Bytes(long),
            ..errand("ls; wc -c", tmp.path())
        });
        let output = output.await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words, ["here", "300000"]);

        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"from a file").unwrap();
        file.rewind().unwrap();
        let output = run(Errand {
            input: Input::File(file),
            ..errand("cat", tmp.path())
        });
        assert_eq!(output.await.unwrap().stdout, b"from a file");
    }

    #[tokio::test]
    async fn a_program_that_does_not_read_is_waited_for_all_the_same() {
        let output = run(Errand {
            input: Input::Bytes(vec![b'x'; 300_000]),
            ..errand("echo done", Path::new("/"))
        });
        assert_eq!(output.await.unwrap().stdout, b"done\n");
    }

    #[tokio::test]
    async fn output_can_go_into_a_file() {
        let file = tempfile::tempfile().unwrap();
        let output = run(Errand {
            output: Sink::File {
                file: file.try_clone().unwrap(),
                max: 300_000,
            },
            ..errand("head -c 300000 /dev/zero", Path::new("/"))
        });
        let output = output.await.unwrap();
        assert_eq!((output.cut, output.stdout.len()), (false, 0));
        let mut file = file;
        file.rewind().unwrap();
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert_eq!(read.len(), 300_000);
    }

    #[tokio::test]
    async fn a_program_that_writes_without_end_is_ended_by_the_bound() {
        for output in [
            Sink::Memory { max: 100_000 },
            Sink::File {
                file: tempfile::tempfile().unwrap(),
                max: 100_000,
            },
        ] {
            let output = run(Errand {
                output,
                ..errand("exec cat /dev/zero", Path::new("/"))
            });
            let output = output.await.unwrap();
            assert!(output.cut && !output.status.success());
            assert!(matches!(output.stdout.len(), 0 | 100_000));
        }
    }
}
