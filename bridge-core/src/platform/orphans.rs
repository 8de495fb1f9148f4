//! Descendants that have lost their parent: on Linux they come to us, if we ask for it, and must then be collected.

use std::io;

use rustix::process::{Pid, WaitOptions, waitpid};

use crate::platform::process_table::{self, ProcessId};

/// What becomes of descendants whose parent dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orphans {
    /// They become our children.
    ComeToUs,
    /// The first process of the system gets them, and only a record of them made in time finds them again.
    GoToInit,
}

/// Asks the system to make orphaned descendants of this process its children.
///
/// # Errors
/// If the system knows the request and refuses it.
pub fn become_subreaper() -> io::Result<Orphans> {
    #[cfg(target_os = "linux")]
    {
        // Any pid switches it on; the kernel only looks whether there is one.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        Ok(Orphans::ComeToUs)
    }
    #[cfg(not(target_os = "linux"))]
    Ok(Orphans::GoToInit)
}

/// Collects those of `candidates` that have ended and are our children by now; returns how many.
///
/// Only the given processes are waited for, each by its number: a `waitpid(-1)` would steal exit statuses from tokio.
/// A child whose status somebody else waits for must not be among them.
pub fn reap_orphans(candidates: &[ProcessId]) -> usize {
    let me = std::process::id();
    let is_ours = |id: &&ProcessId| {
        process_table::lookup(**id).is_some_and(|process| process.zombie && process.ppid == me)
    };
    let collect = |id: &ProcessId| {
        let pid = i32::try_from(id.pid).ok().and_then(Pid::from_raw)?;
        waitpid(Some(pid), WaitOptions::NOHANG).ok().flatten()
    };
    candidates
        .iter()
        .filter(is_ours)
        .filter_map(collect)
        .count()
}
