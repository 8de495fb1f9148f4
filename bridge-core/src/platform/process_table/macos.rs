//! The process table of macOS: libproc and sysctl.
#![allow(
    unsafe_code,
    reason = "libproc and sysctl are C interfaces without a safe wrapper"
)]

use std::ffi::OsString;
use std::io;
use std::mem::{self, MaybeUninit};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::ptr;

use libc::{c_int, c_void, pid_t, proc_bsdinfo};

use crate::platform::process_table::{EnvironLook, Process, StartTime, procargs};

/// Room for processes that start between the question how many there are and the list of them.
const SPARE: usize = 64;
/// What `proc_pidinfo` takes as its argument to answer for processes that have ended, too.
const ZOMBIES_TOO: u64 = 1;

pub(super) fn snapshot() -> io::Result<Vec<Process>> {
    // SAFETY: without a buffer the call only says how many there are.
    let count = unsafe { libc::proc_listallpids(ptr::null_mut(), 0) };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    let mut pids: Vec<pid_t> = vec![0; count + SPARE];
    let size = c_int::try_from(pids.len() * mem::size_of::<pid_t>()).map_err(io::Error::other)?;
    // SAFETY: the buffer is as large as said.
    let listed = unsafe { libc::proc_listallpids(pids.as_mut_ptr().cast::<c_void>(), size) };
    let listed = usize::try_from(listed).map_err(|_| io::Error::last_os_error())?;
    if listed == 0 {
        return Err(io::Error::last_os_error());
    }
    pids.truncate(listed);
    let positive = |pid: pid_t| u32::try_from(pid).ok().filter(|pid| *pid > 0);
    Ok(pids
        .into_iter()
        .filter_map(positive)
        .filter_map(process)
        .collect())
}

pub(super) fn find(pid: u32) -> io::Result<Option<Process>> {
    // Needs neither memory nor a descriptor: an answer that fails is that nobody is there.
    Ok(process(pid))
}

pub(super) fn program(pid: u32) -> Option<PathBuf> {
    let size = usize::try_from(libc::PROC_PIDPATHINFO_MAXSIZE).ok()?;
    let mut path = vec![0_u8; size];
    // SAFETY: the buffer is as large as said.
    let length = unsafe {
        libc::proc_pidpath(
            pid_t::try_from(pid).ok()?,
            path.as_mut_ptr().cast::<c_void>(),
            u32::try_from(size).ok()?,
        )
    };
    path.truncate(usize::try_from(length).ok().filter(|length| *length > 0)?);
    Some(PathBuf::from(OsString::from_vec(path)))
}

pub(super) fn process(pid: u32) -> Option<Process> {
    let raw = pid_t::try_from(pid).ok()?;
    let mut info = MaybeUninit::<proc_bsdinfo>::zeroed();
    let size = mem::size_of::<proc_bsdinfo>();
    // SAFETY: the buffer is a whole proc_bsdinfo, and its size is passed along.
    let written = unsafe {
        libc::proc_pidinfo(
            raw,
            libc::PROC_PIDTBSDINFO,
            ZOMBIES_TOO,
            info.as_mut_ptr().cast::<c_void>(),
            c_int::try_from(size).ok()?,
        )
    };
    if usize::try_from(written).ok()? < size {
        return None;
    }
    // SAFETY: zeroed at first and then filled; all its fields are numbers.
    let info = unsafe { info.assume_init() };
    // SAFETY: takes and returns a number.
    let sid = unsafe { libc::getsid(raw) };
    Some(Process {
        pid: info.pbi_pid,
        ppid: info.pbi_ppid,
        pgid: info.pbi_pgid,
        // A process that has just ended has no session any more.
        sid: u32::try_from(sid).unwrap_or(0),
        uid: info.pbi_uid,
        started: StartTime {
            boot: 0,
            moment: info
                .pbi_start_tvsec
                .saturating_mul(1_000_000)
                .saturating_add(info.pbi_start_tvusec),
        },
        zombie: info.pbi_status == libc::SZOMB,
    })
}

pub(super) fn environ_look(pid: u32, entry: &[u8]) -> EnvironLook {
    let Some(bytes) = procargs2(pid) else {
        return EnvironLook::Hidden;
    };
    let mut environ = procargs::environ(&bytes).peekable();
    // The kernel leaves it out for restricted programs, without a word.
    if environ.peek().is_none() {
        return EnvironLook::Hidden;
    }
    if environ.any(|has| has == entry) {
        EnvironLook::Has
    } else {
        EnvironLook::HasNot
    }
}

fn procargs2(pid: u32) -> Option<Vec<u8>> {
    let most = argument_space()?;
    let mut bytes = vec![0_u8; most];
    let mut size = bytes.len();
    let mut name = [
        libc::CTL_KERN,
        libc::KERN_PROCARGS2,
        c_int::try_from(pid).ok()?,
    ];
    // SAFETY: the name has as many parts and the buffer as many bytes as said; nothing is set.
    let done = unsafe {
        libc::sysctl(
            name.as_mut_ptr(),
            libc::c_uint::try_from(name.len()).ok()?,
            bytes.as_mut_ptr().cast::<c_void>(),
            &raw mut size,
            ptr::null_mut(),
            0,
        )
    };
    if done != 0 {
        return None;
    }
    bytes.truncate(size);
    Some(bytes)
}

/// The most bytes that arguments and environment can take; a smaller buffer would lose the end, which is the environment.
fn argument_space() -> Option<usize> {
    let mut most: c_int = 0;
    let mut size = mem::size_of::<c_int>();
    let mut name = [libc::CTL_KERN, libc::KERN_ARGMAX];
    // SAFETY: the answer is an int, and its size is passed along; nothing is set.
    let done = unsafe {
        libc::sysctl(
            name.as_mut_ptr(),
            libc::c_uint::try_from(name.len()).ok()?,
            (&raw mut most).cast::<c_void>(),
            &raw mut size,
            ptr::null_mut(),
            0,
        )
    };
    (done == 0).then(|| usize::try_from(most).ok()).flatten()
}
