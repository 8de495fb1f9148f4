//! Asks a program a short question, such as its version: bounded in time and in what it may answer.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use crate::platform::exit_watch::ExitWatch;
use crate::platform::open_dir::OpenDir;
use crate::platform::process_table;
use crate::platform::spawn::{self, Membership, SpawnError, Start};

/// How long to read on once the program has ended: what it left in the pipe is there at once.
const DRAIN: Duration = Duration::from_millis(500);
/// How long a killed program may take to end.
const DEATH: Duration = Duration::from_secs(1);

/// What to ask, and how long to wait for the answer.
#[derive(Debug, Clone)]
pub struct Question {
    /// Absolute.
    pub program: PathBuf,
    /// Without the program's name.
    pub args: Vec<OsString>,
    /// The whole environment of the child.
    pub env: Vec<(OsString, OsString)>,
    /// After this time it is killed with its group.
    pub limit: Duration,
    /// What goes beyond, of stdout and of stderr each, is dropped.
    pub max_output: usize,
}

/// What the program answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// The start of what it wrote to stdout.
    pub stdout: Vec<u8>,
    /// The start of what it wrote to stderr.
    pub stderr: Vec<u8>,
    /// Whether something was dropped.
    pub cut: bool,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ProbeError {
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
}

/// Runs the program in `/` with an empty stdin, in a group of its own of which nothing is left afterwards.
///
/// # Errors
/// If it doesn't start or doesn't end in time. A failure that the program itself reports is an answer.
pub async fn run_bounded(question: &Question) -> Result<Output, ProbeError> {
    run_in(question, Membership::OwnGroup).await
}

pub(in crate::platform) async fn run_in(
    question: &Question,
    membership: Membership,
) -> Result<Output, ProbeError> {
    let program = question.program.clone();
    let root = OpenDir::open(Path::new("/")).map_err(|source| SpawnError::Dir {
        path: PathBuf::from("/"),
        source,
    })?;
    let mut child = spawn::start(Start {
        program: program.clone(),
        args: question.args.clone(),
        env: question.env.clone(),
        dir: root,
        membership,
        inherited: Vec::new(),
        stdin: Stdio::null(),
        stdout: Stdio::piped(),
        stderr: Stdio::piped(),
        outlives_its_handle: false,
    })?;
    // Until `wait` below, the child's number can't become anybody else's, and neither can its group's.
    let pid = child.id().unwrap_or(0);
    let group = Group::of(pid);
    let Some(process) = process_table::process(pid) else {
        return Err(ProbeError::Wait {
            program,
            pid,
            source: io::Error::other("the process table can't be read"),
        });
    };
    let watch = ExitWatch::new(process.id());
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();

    let mut answers = (Read::default(), Read::default());
    let in_time = {
        let drain = async {
            tokio::join!(
                read_start(stdout, question.max_output, &mut answers.0),
                read_start(stderr, question.max_output, &mut answers.1)
            )
        };
        let ended = watch.ended();
        tokio::pin!(drain, ended);
        let mut drained = false;
        let until_end = async {
            loop {
                tokio::select! {
                    _ = &mut drain, if !drained => drained = true,
                    () = &mut ended => break,
                }
            }
        };
        let in_time = timeout(question.limit, until_end).await.is_ok();
        drop(group);
        if in_time && !drained {
            // Whoever left the group may hold the pipe for ever; what was written before is kept either way.
            let _ = timeout(DRAIN, drain).await;
        }
        in_time
    };
    let status = timeout(DEATH, child.wait()).await;
    if !in_time {
        return Err(ProbeError::TimedOut {
            program,
            limit: question.limit,
        });
    }
    let status = match status {
        Ok(Ok(status)) => status,
        Ok(Err(source)) => {
            return Err(ProbeError::Wait {
                program,
                pid,
                source,
            });
        }
        Err(late) => {
            return Err(ProbeError::Wait {
                program,
                pid,
                source: late.into(),
            });
        }
    };
    if let Some(interpreter) = missing_by_env(&program, status) {
        return Err(SpawnError::MissingInterpreter {
            program,
            interpreter,
        }
        .into());
    }
    let (stdout, stderr) = answers;
    Ok(Output {
        status,
        cut: stdout.cut || stderr.cut,
        stdout: stdout.bytes,
        stderr: stderr.bytes,
    })
}

/// `#!/usr/bin/env node` starts well without node; `env` then says so with status 127.
fn missing_by_env(program: &Path, status: ExitStatus) -> Option<String> {
    if status.code() != Some(127) {
        return None;
    }
    spawn::interpreter(program)?.by_env
}

/// Kills a process group when it is dropped, also when the question is given up half-way.
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

#[derive(Debug, Default)]
struct Read {
    bytes: Vec<u8>,
    cut: bool,
}

/// Reads to the end and keeps the start, so that the writer never waits for us.
async fn read_start(pipe: Option<impl AsyncRead + Unpin>, max: usize, read: &mut Read) {
    let Some(mut pipe) = pipe else {
        return;
    };
    let mut piece = [0_u8; 8192];
    while let Ok(length @ 1..) = pipe.read(&mut piece).await {
        let room = max - read.bytes.len();
        read.cut |= length > room;
        read.bytes.extend(piece.iter().take(length.min(room)));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use tokio::time::Instant;

    use super::*;
    use crate::platform::process_table::snapshot;
    #[cfg(target_os = "linux")]
    use crate::platform::signal;

    fn ask(text: &str, limit: Duration) -> Question {
        Question {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), text.into()],
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            limit,
            max_output: 100,
        }
    }

    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn the_answer_is_status_stdout_and_stderr() {
        let question = ask("cat; pwd; echo no >&2; exit 3", LONG);
        let output = run_bounded(&question).await.unwrap();
        let said = (
            output.status.code(),
            &output.stdout[..],
            &output.stderr[..],
            output.cut,
        );
        assert_eq!(said, (Some(3), &b"/\n"[..], &b"no\n"[..], false));
    }

    #[tokio::test]
    async fn too_long_an_answer_is_cut_and_the_program_can_still_finish() {
        let question = ask("head -c 3000000 /dev/zero; echo ok >&2", LONG);
        let output = run_bounded(&question).await.unwrap();
        assert_eq!((output.stdout.len(), output.cut), (100, true));
        assert_eq!(
            (output.status.success(), &output.stderr[..]),
            (true, &b"ok\n"[..])
        );
    }

    #[tokio::test]
    async fn a_program_that_does_not_answer_is_killed_with_its_group() {
        let question = ask(
            "trap '' INT TERM; echo $$ >&2; sleep 61.7 & sleep 61.7",
            Duration::from_millis(300),
        );
        let error = run_bounded(&question).await.unwrap_err();
        assert_eq!(error.to_string(), "`/bin/sh` did not answer within 300ms");
        let me = std::process::id();
        let left = snapshot()
            .unwrap()
            .into_iter()
            .filter(|row| row.ppid == me && row.pgid == row.pid);
        assert!(
            left.filter(|row| !row.zombie)
                .all(|row| command_of(row.pid) != question.args)
        );
    }

    fn command_of(pid: u32) -> Vec<OsString> {
        let text = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        text.split('\0').skip(1).map(OsString::from).collect()
    }

    #[tokio::test]
    async fn what_a_program_leaves_behind_holding_its_pipe_delays_nothing() {
        let begin = Instant::now();
        let question = ask("echo here; sleep 60 &", LONG);
        let output = run_bounded(&question).await.unwrap();
        assert_eq!(output.stdout, b"here\n");

        assert!(begin.elapsed() < Duration::from_secs(20));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_has_left_the_group_with_the_pipe_delays_only_a_little() {
        let begin = Instant::now();
        // It can't be killed with the group once the shell has seen it in a session of its own.
        let text = "setsid sleep 60 & while [ $(ps -o sid= -p $!) != $! ]; do :; done; echo $!";
        let output = run_bounded(&ask(text, LONG)).await.unwrap();
        let pid = String::from_utf8(output.stdout).unwrap().trim().parse();
        let away = process_table::process(pid.unwrap()).unwrap();
        signal::send(away.id(), Signal::KILL).unwrap();
        assert!(begin.elapsed() < Duration::from_secs(20));
    }

    #[tokio::test]
    async fn an_interpreter_that_env_does_not_find_is_named() {
        let tmp = tempfile::tempdir().unwrap();
        let program = tmp.path().join("codex");
        fs::write(&program, "#!/usr/bin/env -S no-such-node --flag\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let question = Question {
            program: program.clone(),
            args: Vec::new(),
            ..ask("", LONG)
        };
        let error = run_bounded(&question).await.unwrap_err();
        let expected = format!(
            "`{}` needs `no-such-node`, which was not found",
            program.display()
        );
        assert_eq!(error.to_string(), expected);
    }
}
