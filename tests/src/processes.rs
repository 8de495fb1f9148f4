//! Looks at processes from outside, as a suspicious person would.

use std::path::Path;
use std::time::{Duration, Instant};

use bridge_core::platform::process_table;
use rustix::process::{Pid, Signal, kill_process};

/// Whether a process with this number runs (a zombie does not).
pub fn is_running(pid: u32) -> bool {
    process_table::process(pid).is_some_and(|process| !process.zombie)
}

/// Waits until the process has ended; panics when it takes too long.
pub fn wait_until_gone(pid: u32, limit: Duration) {
    wait_until(limit, &format!("process {pid} ends"), || !is_running(pid));
}

/// All processes that carry the run's marker.
pub fn of_run(run: &str) -> Vec<u32> {
    process_table::snapshot()
        .expect("the process table can be read")
        .into_iter()
        .filter(|process| !process.zombie)
        .filter(|process| process_table::environ_has(process.pid, "CODEX_BRIDGE_RUN", run))
        .map(|process| process.pid)
        .collect()
}

/// The run's supervisor: the process whose command line says so.
pub fn supervisor_of(run: &str) -> Option<u32> {
    process_table::snapshot()
        .expect("the process table can be read")
        .into_iter()
        .filter(|process| !process.zombie)
        .map(|process| process.pid)
        .find(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let words: Vec<_> = line.split(|b| *b == 0).collect();
            words.get(1) == Some(&b"supervise".as_slice()) && words.get(2) == Some(&run.as_bytes())
        })
}

/// All processes that have this word on their command line.
pub fn with_argument(word: &str) -> Vec<u32> {
    process_table::snapshot()
        .expect("the process table can be read")
        .into_iter()
        .filter(|process| !process.zombie)
        .map(|process| process.pid)
        .filter(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|b| *b == 0)
                .any(|given| given == word.as_bytes())
        })
        .collect()
}

/// Whether a process was started by another one, or by one that was.
pub fn has_ancestor(pid: u32, ancestor: u32) -> bool {
    let mut at = pid;
    while let Some(process) = process_table::process(at) {
        if process.ppid == ancestor {
            return true;
        }
        at = process.ppid;
    }
    false
}

/// All processes that were started by this one, or by one that was.
pub fn below(pid: u32) -> Vec<u32> {
    process_table::snapshot()
        .expect("the process table can be read")
        .into_iter()
        .filter(|process| !process.zombie)
        .map(|process| process.pid)
        .filter(|below| has_ancestor(*below, pid))
        .collect()
}

/// The name of a process's program.
pub fn program_of(pid: u32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}

/// The most memory that the process ever took, in bytes.
pub fn peak_memory(pid: u32) -> Option<u64> {
    status_bytes(pid, "VmHWM:")
}

/// The memory that the process takes, in bytes.
pub fn memory(pid: u32) -> Option<u64> {
    status_bytes(pid, "VmRSS:")
}

fn status_bytes(pid: u32, field: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// The processor time that the process has used.
pub fn processor_time(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before may have spaces in it; then come 11 fields, and the two times in ticks of 10 ms.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(10 * ticks))
}

/// How often a thread of the process went to sleep by itself, and so was woken later.
pub fn sleeps(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter();
    let statuses = tasks
        .flatten()
        .flatten()
        .map(|task| std::fs::read_to_string(task.path().join("status")).unwrap_or_default());
    statuses
        .filter_map(|status| {
            let mut lines = status.lines();
            let line = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
            line.trim().parse::<u64>().ok()
        })
        .sum()
}

/// Limits how many descriptors the process may have open from now on.
pub fn limit_descriptors(pid: u32, most: u64) {
    let done = std::process::Command::new("prlimit")
        .args([format!("--pid={pid}"), format!("--nofile={most}:")])
        .status();
    assert!(done.is_ok_and(|status| status.success()), "no limit is set");
}

/// Kills a process without mercy.
pub fn kill(pid: u32) {
    signal(pid, Signal::KILL);
}

/// Sends a signal to a process.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process(pid, signal);
    }
}

/// Waits until a condition holds; panics when it takes too long. For what gives no event that one could wait for.
pub fn wait_until(limit: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(
            begin.elapsed() < limit,
            "waited {limit:?} in vain until {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Ends every process that has the folder in its environment, its command line or its working folder.
pub(crate) fn end_all_below(folder: &Path) {
    let needle = folder.as_os_str().as_encoded_bytes();
    let touches = |pid: u32| {
        let has = |file: &str| {
            let text = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            text.windows(needle.len()).any(|window| window == needle)
        };
        let cwd = std::fs::read_link(format!("/proc/{pid}/cwd"));
        has("environ") || has("cmdline") || cwd.is_ok_and(|cwd| cwd.starts_with(folder))
    };
    for process in process_table::snapshot().unwrap_or_default() {
        if process.pid != std::process::id() && touches(process.pid) {
            kill(process.pid);
        }
    }
}
