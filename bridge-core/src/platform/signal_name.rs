//! What signals are called; their numbers differ between systems.

use std::borrow::Cow;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The name of a signal, such as `SIGKILL`, or `signal 40` for one without a name.
pub fn signal_name(number: i32) -> Cow<'static, str> {
    NAMES
        .iter()
        .find(|(known, _)| *known == number)
        .map_or_else(
            || Cow::Owned(format!("signal {number}")),
            |(_, name)| Cow::Borrowed(*name),
        )
}

/// How a process ended, in words: `exit code 1`, `SIGKILL`, `SIGSEGV (core dumped)`.
pub fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) if status.core_dumped() => {
            format!("{} (core dumped)", signal_name(signal))
        }
        (None, Some(signal)) => signal_name(signal).into_owned(),
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
    use super::*;

    #[test]
    fn signals_have_names_and_endings_have_words() {
        assert_eq!(signal_name(libc::SIGBUS), "SIGBUS");
        assert_eq!(signal_name(63), "signal 63");
        let check = |raw, expected| assert_eq!(describe(ExitStatus::from_raw(raw)), expected);
        check(0, "exit code 0");
        check(2 << 8, "exit code 2");
        check(libc::SIGKILL, "SIGKILL");
        check(libc::SIGSEGV | 0x80, "SIGSEGV (core dumped)");
    }
}
