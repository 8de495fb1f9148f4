//! Signals: to one process beyond doubt, and by their names, since their numbers differ between systems.

use std::borrow::Cow;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{self, ExitStatus};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::platform::process_table::{self, ProcessId};

/// Sends a signal to exactly this process; nothing happens if it has ended, even if its number is in use again.
///
/// # Errors
/// If the process is not ours to signal, or is one that nobody may mean: the first process, or this one.
pub fn send(id: ProcessId, signal: Signal) -> io::Result<()> {
    let forbidden = id.pid <= 1 || id.pid == process::id();
    let raw = i32::try_from(id.pid).ok().filter(|_| !forbidden);
    let Some(pid) = raw.and_then(Pid::from_raw) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    // This descriptor means one process for ever, so that looking first and signalling then is safe.
    #[cfg(target_os = "linux")]
    let pidfd = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty());
    if !is_there(id)? {
        return Ok(());
    }
    #[cfg(target_os = "linux")]
    if let Ok(pidfd) = pidfd {
        return ended_is_fine(rustix::process::pidfd_send_signal(pidfd, signal));
    }
    ended_is_fine(kill_process(pid, signal))
}

/// Whether it runs, or an error where that can't be told: a signal could hit a successor then.
fn is_there(id: ProcessId) -> io::Result<bool> {
    if process_table::lookup(id).is_some_and(|process| !process.zombie) {
        return Ok(true);
    }
    if process_table::is_alive(id) {
        return Err(io::Error::other("the process table can't be read"));
    }
    Ok(false)
}

fn ended_is_fine(result: rustix::io::Result<()>) -> io::Result<()> {
    match result {
        Err(Errno::SRCH) => Ok(()),
        other => Ok(other?),
    }
}

/// The name of a signal, such as `SIGKILL`, or `signal 40` for one without a name.
pub fn name(number: i32) -> Cow<'static, str> {
    NAMES
        .iter()
        .find(|(known, _)| *known == number)
        .map_or_else(
            || Cow::Owned(format!("signal {number}")),
            |(_, word)| Cow::Borrowed(*word),
        )
}

/// How a process ended, in words: `exit code 1`, `SIGKILL`, `SIGSEGV (core dumped)`.
pub fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) if status.core_dumped() => {
            format!("{} (core dumped)", name(signal))
        }
        (None, Some(signal)) => name(signal).into_owned(),
        (None, None) => format!("wait status {}", status.into_raw()),
    }
}

const NAMES: &[(i32, &str)] = &[
    (libc::SIGHUP, "SIGHUP"),
    (libc::SIGINT, "SIGINT"),
    (libc::SIGQUIT, "SIGQUIT"),
    (libc::SIGILL, "SIGILL"),
    (libc::SIGTRAP, "SIGTRAP"),
    (libc::SIGABRT, "SIGABRT"),
    (libc::SIGBUS, "SIGBUS"),
    (libc::SIGFPE, "SIGFPE"),
    (libc::SIGKILL, "SIGKILL"),
    (libc::SIGUSR1, "SIGUSR1"),
    (libc::SIGSEGV, "SIGSEGV"),
    (libc::SIGUSR2, "SIGUSR2"),
    (libc::SIGPIPE, "SIGPIPE"),
    (libc::SIGALRM, "SIGALRM"),
    (libc::SIGTERM, "SIGTERM"),
    (libc::SIGCHLD, "SIGCHLD"),
    (libc::SIGCONT, "SIGCONT"),
    (libc::SIGSTOP, "SIGSTOP"),
    (libc::SIGTSTP, "SIGTSTP"),
    (libc::SIGTTIN, "SIGTTIN"),
    (libc::SIGTTOU, "SIGTTOU"),
    (libc::SIGURG, "SIGURG"),
    (libc::SIGXCPU, "SIGXCPU"),
    (libc::SIGXFSZ, "SIGXFSZ"),
    (libc::SIGVTALRM, "SIGVTALRM"),
    (libc::SIGPROF, "SIGPROF"),
    (libc::SIGWINCH, "SIGWINCH"),
    (libc::SIGIO, "SIGIO"),
    (libc::SIGSYS, "SIGSYS"),
];

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn signals_have_names_and_endings_have_words() {
        assert_eq!(name(libc::SIGBUS), "SIGBUS");
        assert_eq!(name(63), "signal 63");
        let check = |raw, expected| assert_eq!(describe(ExitStatus::from_raw(raw)), expected);
        check(0, "exit code 0");
        check(2 << 8, "exit code 2");
        check(libc::SIGKILL, "SIGKILL");
        check(libc::SIGSEGV | 0x80, "SIGSEGV (core dumped)");
    }

    #[test]
    fn nobody_can_signal_the_first_process_itself_or_a_successor_of_what_was_meant() {
        let me = process_table::process(std::process::id()).unwrap().id();
        assert!(send(me, Signal::KILL).is_err());
        assert!(send(ProcessId { pid: 0, ..me }, Signal::KILL).is_err());
        assert!(send(ProcessId { pid: 1, ..me }, Signal::KILL).is_err());

        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let other = ProcessId {
            pid: child.id(),
            ..me
        };
        send(other, Signal::KILL).unwrap();
        assert_eq!(child.try_wait().unwrap(), None);
        send(
            process_table::process(child.id()).unwrap().id(),
            Signal::KILL,
        )
        .unwrap();
        assert!(!child.wait().unwrap().success());
    }
}
