//! Processes that a run leaves behind, in the shapes in which commands escape their parents.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::script;

const ARGUMENT: &str = "--leftover";
const PIDS_FILE: &str = "pids";

/// How a process gets away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Not at all: same group, same session.
    Plain,
    /// Into a session of its own.
    Setsid,
    /// By not minding the hangup.
    Nohup,
    /// Into a session of its own, with a parent that is gone.
    DoubleFork,
    /// Not at all, but it keeps stdout open.
    HoldsStdout,
    /// By not minding any signal that can be ignored.
    Stubborn,
}

impl Shape {
    pub(crate) fn parse(name: &str) -> Option<Shape> {
        let all = [
            Shape::Plain,
            Shape::Setsid,
            Shape::Nohup,
            Shape::DoubleFork,
            Shape::HoldsStdout,
            Shape::Stubborn,
        ];
        all.into_iter().find(|shape| shape.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Shape::Plain => "plain",
            Shape::Setsid => "setsid",
            Shape::Nohup => "nohup",
            Shape::DoubleFork => "double-fork",
            Shape::HoldsStdout => "holds-stdout",
            Shape::Stubborn => "stubborn",
        }
    }
}

/// Starts such a process. When this returns, it has got away and its id stands in the file.
pub(crate) fn spawn(shape: Shape, seconds: Duration) {
    let stdout = match shape {
        Shape::HoldsStdout => Stdio::inherit(),
        Shape::Plain | Shape::Setsid | Shape::Nohup | Shape::DoubleFork | Shape::Stubborn => {
            Stdio::null()
        }
    };
    let mut child = command(shape, seconds)
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It says one line once it is what it is to be.
    let stderr = child.stderr.take().unwrap();
    BufReader::new(stderr)
        .read_line(&mut String::new())
        .unwrap();
    // Were it not waited for, its corpse would look alive.
    std::thread::spawn(move || child.wait());
}

/// Is such a process, if the arguments say so.
pub(crate) fn run_if_asked(args: &[String]) -> Option<ExitCode> {
    let [first, shape, duration] = args else {
        return None;
    };
    if first != ARGUMENT {
        return None;
    }
    be(Shape::parse(shape)?, script::seconds(duration)?);
    Some(ExitCode::SUCCESS)
}

fn be(shape: Shape, seconds: Duration) {
    match shape {
        Shape::Plain | Shape::HoldsStdout => {}
        Shape::Setsid => {
            rustix::process::setsid().unwrap();
        }
        Shape::Nohup => ignore(&[SIGHUP]),
        Shape::Stubborn => ignore(&[SIGHUP, SIGINT, SIGTERM]),
        Shape::DoubleFork => {
            fork_again(seconds);
            return;
        }
    }
    note_pid();
    eprintln!("ready");
    std::thread::sleep(seconds);
}

#[expect(clippy::zombie_processes, reason = "it is to outlive this process")]
fn fork_again(seconds: Duration) {
    command(Shape::Setsid, seconds).spawn().unwrap();
}

fn command(shape: Shape, seconds: Duration) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let seconds = seconds.as_secs_f64().to_string();
    command.args([ARGUMENT, shape.name(), &seconds]);
    command
}

/// Goes on after these signals.
pub(crate) fn ignore(signals: &[i32]) {
    for signal in signals {
        signal_hook::flag::register(*signal, Arc::new(AtomicBool::new(false))).unwrap();
    }
}

fn note_pid() {
    let file = OpenOptions::new().create(true).append(true).open(PIDS_FILE);
    let mut file: File = file.unwrap();
    file.write_all(format!("{}\n", std::process::id()).as_bytes())
        .unwrap();
}
