//! The process table of Linux: `/proc`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::platform::process_table::{EnvironLook, Process, StartTime};

/// No environment that we have set is larger; one that is would have the marker near its start or not at all.
const MOST_ENVIRON: u64 = 4 << 20;

pub(super) fn snapshot() -> io::Result<Vec<Process>> {
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        // A table with holes for want of descriptors would look like the death of many.
        if let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) {
            processes.extend(find(pid)?);
        }
    }
    Ok(processes)
}

pub(super) fn process(pid: u32) -> Option<Process> {
    find(pid).ok().flatten()
}

pub(super) fn find(pid: u32) -> io::Result<Option<Process>> {
    match read_stat(pid) {
        Ok((stat, uid)) => Ok(parse_stat(&stat, uid)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn program(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

fn read_stat(pid: u32) -> io::Result<(Vec<u8>, u32)> {
    let mut file = File::open(format!("/proc/{pid}/stat"))?;
    let uid = file.metadata()?.uid();
    let mut stat = Vec::with_capacity(512);
    file.read_to_end(&mut stat)?;
    Ok((stat, uid))
}

/// Has ended, or is hidden by the mount option `hidepid`.
fn is_gone(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::NotFound, io::ErrorKind::PermissionDenied];
    kinds.contains(&error.kind()) || error.raw_os_error() == Some(libc::ESRCH)
}

pub(super) fn environ_look(pid: u32, entry: &[u8]) -> EnvironLook {
    let mut environ = Vec::new();
    let read = File::open(format!("/proc/{pid}/environ"))
        .and_then(|file| file.take(MOST_ENVIRON).read_to_end(&mut environ));
    match read {
        Err(error) if is_gone(&error) => EnvironLook::Hidden,
        Err(_) => EnvironLook::TooEarly,
        // Between exec's steps, and in a zombie or a kernel thread, there is none.
        Ok(0) => EnvironLook::TooEarly,
        Ok(_) if environ.split(|&byte| byte == 0).any(|has| has == entry) => EnvironLook::Has,
        Ok(_) => EnvironLook::HasNot,
    }
}

/// Takes `/proc/PID/stat` apart; the name in parentheses may contain anything, parentheses and newlines too.
pub(super) fn parse_stat(stat: &[u8], uid: u32) -> Option<Process> {
    let name_starts = stat.iter().position(|&byte| byte == b'(')?;
    let name_ends = stat.iter().rposition(|&byte| byte == b')')?;
    let pid = std::str::from_utf8(stat.get(..name_starts)?).ok()?;
    let rest = std::str::from_utf8(stat.get(name_ends + 1..)?).ok()?;
    // Field 3 of proc_pid_stat(5) comes first here.
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let id = |field: usize| u32::try_from(number(field)?).ok();
    Some(Process {
        pid: pid.trim().parse().ok()?,
        ppid: id(4)?,
        pgid: id(5)?,
        sid: id(6)?,
        uid,
        started: StartTime {
            boot: boot_id(),
            moment: number(22)?,
        },
        // The first thread may have ended while others still run; that process lives.
        zombie: matches!(fields.first(), Some(&("Z" | "X" | "x"))) && number(20)? <= 1,
    })
}

fn boot_id() -> u128 {
    static BOOT: OnceLock<u128> = OnceLock::new();
    *BOOT.get_or_init(|| {
        // Without it (a sandbox may hide it) numbers and ticks still tell processes of one boot apart.
        fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .ok()
            .and_then(|text| u128::from_str_radix(&text.trim().replace('-', ""), 16).ok())
            .unwrap_or(0)
    })
}
