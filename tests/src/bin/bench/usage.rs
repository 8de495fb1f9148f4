//! What a process uses, as Linux tells it; other systems give no figure here.

use std::fs;

/// Memory, in MiB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// All pages that are in memory.
    pub(crate) resident: f64,
    /// The same, with shared pages divided among those who share them.
    pub(crate) proportional: f64,
    /// What no other process can share and the system can't read again from a file.
    pub(crate) own: f64,
}

/// What a process did so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    /// Time on a processor, in milliseconds.
    pub(crate) cpu_ms: f64,
    /// How often one of its threads went to sleep by itself, and so was woken later.
    pub(crate) sleeps: f64,
}

impl Memory {
    pub(crate) fn of(pid: u32) -> Option<Memory> {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        Some(Memory {
            resident: field(&text, "Rss:")? / 1024.0,
            proportional: field(&text, "Pss:")? / 1024.0,
            own: field(&text, "Anonymous:")? / 1024.0,
        })
    }
}

/// The most memory that a process has had, in MiB.
pub(crate) fn peak_memory(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(field(&text, "VmHWM:")? / 1024.0)
}

impl Work {
    pub(crate) fn of(pid: u32) -> Option<Work> {
        let mut work = Work {
            cpu_ms: 0.0,
            sleeps: 0.0,
        };
        for task in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
            let read = |name| fs::read_to_string(task.path().join(name)).ok();
            let nanoseconds: f64 = read("schedstat")?.split(' ').next()?.parse().ok()?;
            work.cpu_ms += nanoseconds / 1e6;
            work.sleeps += field(&read("status")?, "voluntary_ctxt_switches:")?;
        }
        Some(work)
    }

    pub(crate) fn since(self, earlier: Work) -> Work {
        Work {
            cpu_ms: self.cpu_ms - earlier.cpu_ms,
            sleeps: self.sleeps - earlier.sleeps,
        }
    }
}

fn field(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
