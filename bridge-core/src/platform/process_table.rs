//! Which processes there are, and which of them are the ones we mean: a pid alone can be somebody else's by now.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", test))]
mod procargs;

#[cfg(target_os = "linux")]
use crate::platform::process_table::linux as system;
#[cfg(target_os = "macos")]
use crate::platform::process_table::macos as system;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// When a process started, in a form that only the same process on the same boot has.
///
/// Linux: clock ticks since boot and the boot's id. macOS: wall-clock microseconds, as noted when it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StartTime {
    boot: u128,
    moment: u64,
}

impl fmt::Display for StartTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:032x}", self.moment, self.boot)
    }
}

impl FromStr for StartTime {
    type Err = ParseStartTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || ParseStartTimeError {
            text: text.chars().take(80).collect(),
        };
        let (moment, boot) = text.split_once('@').ok_or_else(refused)?;
        Ok(Self {
            moment: moment.parse().map_err(|_| refused())?,
            boot: u128::from_str_radix(boot, 16).map_err(|_| refused())?,
        })
    }
}

/// A stored start time was not written by this program.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not the start time of a process")]
pub struct ParseStartTimeError {
    text: String,
}

/// One process, beyond doubt: no other one ever has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessId {
    /// Its number while it lives, and until its parent has collected its exit status.
    pub pid: u32,
    /// When it started.
    pub started: StartTime,
}

/// One row of the process table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The number of its parent; 1 or a subreaper's after the parent has died.
    pub ppid: u32,
    /// The group it is in, named after the group's first leader.
    pub pgid: u32,
    /// The session it is in, named after the session's leader.
    pub sid: u32,
    /// Whose it is.
    pub uid: u32,
    /// When it started.
    pub started: StartTime,
    /// It has ended, and only its exit status waits for its parent.
    pub zombie: bool,
}

impl Process {
    /// The identity of this process.
    pub fn id(&self) -> ProcessId {
        ProcessId {
            pid: self.pid,
            started: self.started,
        }
    }
}

/// Lists all processes that can be seen, in one pass; those that end meanwhile may be missing.
///
/// # Errors
/// If the table itself can't be read.
pub fn snapshot() -> io::Result<Vec<Process>> {
    system::snapshot()
}

/// Looks at one process.
pub fn process(pid: u32) -> Option<Process> {
    system::process(pid)
}

/// Says when the process with this number, if any, started.
pub fn start_time(pid: u32) -> Option<StartTime> {
    Some(process(pid)?.started)
}

/// Looks at the process itself, never at another one that has got its number.
pub fn lookup(id: ProcessId) -> Option<Process> {
    process(id.pid).filter(|process| process.started == id.started)
}

/// Whether the process still runs; one that only waits to be collected does not.
///
/// Where the system can't say, for want of a free descriptor, it counts as running: nobody may rest on its death.
pub fn is_alive(id: ProcessId) -> bool {
    match system::find(id.pid) {
        Ok(found) => found.is_some_and(|process| process.id() == id && !process.zombie),
        Err(_) => true,
    }
}

/// The file of the program that a process runs; none where the system does not tell.
pub fn program(pid: u32) -> Option<PathBuf> {
    system::program(pid)
}

/// What can be told about a process's environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvironLook {
    /// It was started with that entry.
    Has,
    /// It was started without it.
    HasNot,
    /// It is just being started, or the answer failed for want of a descriptor: look again.
    TooEarly,
    /// It is another person's, or the system hides it (macOS does so for most programs of its own, `/bin/sh` among them).
    Hidden,
}

/// Looks whether a process was started with `key=value` in its environment.
pub fn environ_look(pid: u32, key: &str, value: &str) -> EnvironLook {
    system::environ_look(pid, format!("{key}={value}").as_bytes())
}

/// Whether a process is known to have been started with `key=value` in its environment.
pub fn environ_has(pid: u32, key: &str, value: &str) -> bool {
    environ_look(pid, key, value) == EnvironLook::Has
}

/// The parent of a process, the parent's parent, and so on to the first process, or to one that is hidden from us
/// (on macOS those of other users are).
pub fn ancestors(pid: u32) -> Vec<Process> {
    let mut found: Vec<Process> = Vec::new();
    let mut below = process(pid);
    while let Some(parent) = below.and_then(|child| process(child.ppid)) {
        // The table changes while we climb; nobody is met twice.
        if parent.pid == pid || found.iter().any(|known| known.pid == parent.pid) {
            break;
        }
        found.push(parent);
        below = Some(parent);
    }
    found
}

#[cfg(test)]
mod tests;
