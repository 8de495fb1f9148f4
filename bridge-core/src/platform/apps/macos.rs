//! Programs on macOS: quit as by their menu, started by the system. Not run on macOS yet.
#![allow(
    unsafe_code,
    reason = "AppKit is asked by messages, and loaded when it is needed: the server starts faster without it"
)]

use std::collections::BTreeMap;
use std::ffi::{CStr, OsString, c_char};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use objc2::msg_send;
use objc2::rc::{Retained, autoreleasepool};
use objc2::runtime::{AnyClass, AnyObject};

use crate::platform::apps::AppName;
use crate::platform::process_table::ProcessId;

const APP_KIT: &CStr = c"/System/Library/Frameworks/AppKit.framework/AppKit";

/// The system knows how a program is started.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct How;

impl How {
    pub(super) fn of(_pid: u32) -> How {
        How
    }
}

pub(super) fn ask_to_quit(process: ProcessId, name: AppName) -> io::Result<()> {
    let pid = libc::pid_t::try_from(process.pid).map_err(io::Error::other)?;
    // SAFETY: a framework of the system, which stays loaded.
    let loaded = unsafe { libc::dlopen(APP_KIT.as_ptr(), libc::RTLD_LAZY) };
    if loaded.is_null() {
        return Err(io::Error::other("AppKit can't be loaded"));
    }
    let class = AnyClass::get(c"NSRunningApplication")
        .ok_or_else(|| io::Error::other("AppKit does not know programs"))?;
    autoreleasepool(|_| {
        // SAFETY: the class method takes a pid and gives an NSRunningApplication or nil.
        let app: Option<Retained<AnyObject>> =
            unsafe { msg_send![class, runningApplicationWithProcessIdentifier: pid] };
        // It has ended meanwhile.
        let Some(app) = app else { return Ok(()) };
        // SAFETY: it gives an NSString or nil.
        let bundle: Option<Retained<AnyObject>> = unsafe { msg_send![&*app, bundleIdentifier] };
        let is_meant = bundle.is_some_and(|bundle| {
            // SAFETY: an NSString gives its text as a C string, which lives as long as the pool.
            let text: *const c_char = unsafe { msg_send![&*bundle, UTF8String] };
            // SAFETY: such a string ends with a zero.
            !text.is_null() && unsafe { CStr::from_ptr(text) }.to_bytes() == name.bundle.as_bytes()
        });
        if !is_meant {
            return Err(io::Error::other("another program has its name"));
        }
        // SAFETY: it takes nothing and says whether the wish was passed on.
        let asked: bool = unsafe { msg_send![&*app, terminate] };
        match asked {
            true => Ok(()),
            false => Err(io::Error::other("it does not listen")),
        }
    })
}

pub(super) fn start_again(name: AppName, _how: &How) -> io::Result<()> {
    open(name)
}

pub(super) fn start(
    name: AppName,
    _env: &BTreeMap<OsString, OsString>,
    _home: &Path,
) -> io::Result<()> {
    open(name)
}

/// Asks LaunchServices, which starts it as the Dock does: with its own environment and its own rights, not ours.
fn open(name: AppName) -> io::Result<()> {
    let done = Command::new("/usr/bin/open")
        .args(["-b", name.bundle])
        .env_clear()
        .stdin(Stdio::null())
        .output()?;
    match done.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(
            String::from_utf8_lossy(&done.stderr).trim().to_owned(),
        )),
    }
}
