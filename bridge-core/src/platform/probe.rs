//! Asks a program a short question, such as its version: bounded in time and in what it may answer.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::platform::errand::{self, Errand, Input, Sink};
pub use crate::platform::errand::{ErrandError as ProbeError, Output};
use crate::platform::open_dir::OpenDir;
use crate::platform::spawn::{Membership, SpawnError};

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
    let root = OpenDir::open(Path::new("/")).map_err(|source| SpawnError::Dir {
        path: PathBuf::from("/"),
        source,
    })?;
    let errand = Errand {
        program: question.program.clone(),
        args: question.args.clone(),
        env: question.env.clone(),
        dir: root,
        input: Input::Empty,
        output: Sink::Start {
            max: question.max_output,
        },
        max_stderr: question.max_output,
        limit: question.limit,
    };
    errand::run_as(errand, membership).await
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[cfg(target_os = "linux")]
    use rustix::process::Signal;
    use tokio::time::Instant;

    use super::*;
    use crate::platform::process_table::snapshot;
    #[cfg(target_os = "linux")]
    use crate::platform::{process_table, signal};

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
