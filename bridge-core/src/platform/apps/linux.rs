//! Programs on Linux: known by their processes, quit by SIGTERM, started as they were.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::Signal;

use crate::platform::apps::AppName;
use crate::platform::process_table::ProcessId;
use crate::platform::signal;
use crate::platform::spawn::{Detached, spawn_detached};

/// How a program was started.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct How {
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    dir: PathBuf,
}

impl How {
    pub(super) fn of(pid: u32) -> How {
        let at = |name: &str| PathBuf::from(format!("/proc/{pid}/{name}"));
        let program = fs::read_link(at("exe")).unwrap_or_default();
        let program = program.as_os_str().as_bytes();
        let program = program.strip_suffix(b" (deleted)").unwrap_or(program);
        let words = |name: &str| -> Vec<OsString> {
            let bytes = fs::read(at(name)).unwrap_or_default();
            let words = bytes.split(|byte| *byte == 0).map(OsStr::from_bytes);
            words.map(OsStr::to_owned).collect()
        };
        let mut args = words("cmdline");
        // Each word ends with a zero, so the last one is none.
        args.pop();
        let env = words("environ").into_iter().filter_map(|entry| {
            let bytes = entry.as_bytes();
            let at = bytes.iter().position(|byte| *byte == b'=')?;
            let part = |part: &[u8]| OsStr::from_bytes(part).to_owned();
            Some((part(&bytes[..at]), part(&bytes[at + 1..])))
        });
        How {
            program: PathBuf::from(OsStr::from_bytes(program)),
            args: args.into_iter().skip(1).collect(),
            env: env.collect(),
            dir: fs::read_link(at("cwd")).unwrap_or_default(),
        }
    }
}

pub(super) fn ask_to_quit(process: ProcessId, _name: AppName) -> io::Result<()> {
    signal::send(process, Signal::TERM)
}

pub(super) fn start_again(_name: AppName, how: &How) -> io::Result<()> {
    run(Detached {
        program: how.program.clone(),
        args: how.args.clone(),
        env: how.env.clone(),
        dir: match how.dir.is_dir() {
            true => how.dir.clone(),
            false => PathBuf::from("/"),
        },
        inherited: Vec::new(),
        stdin: Stdio::null(),
        stderr_log: nowhere()?,
    })
}

pub(super) fn start(
    name: AppName,
    env: &BTreeMap<OsString, OsString>,
    home: &Path,
) -> io::Result<()> {
    let search = env.get(OsStr::new("PATH"));
    let found = search
        .map(std::env::split_paths)
        .into_iter()
        .flatten()
        .filter(|folder| folder.is_absolute())
        .flat_map(|folder| name.programs.iter().map(move |name| folder.join(name)))
        .find(|program| program.is_file());
    run(Detached {
        program: found.ok_or(io::ErrorKind::NotFound)?,
        args: Vec::new(),
        env: env.clone().into_iter().collect(),
        dir: home.to_owned(),
        inherited: Vec::new(),
        stdin: Stdio::null(),
        stderr_log: nowhere()?,
    })
}

fn run(detached: Detached) -> io::Result<()> {
    // Its end is nobody's affair here; tokio collects its exit status.
    spawn_detached(detached).map(drop).map_err(io::Error::other)
}

fn nowhere() -> io::Result<fs::File> {
    OpenOptions::new().write(true).open("/dev/null")
}
