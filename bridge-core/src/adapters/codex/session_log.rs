//! Reads back from Codex's own record of a session what it really used.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::domain::id::ThreadId;
use crate::domain::run::Applied;
use crate::domain::scrub::{Scrubbed, Scrubber};

/// The most that is read of one line. What is looked for has a few kilobytes; other lines hold whole outputs.
const MAX_LINE: u64 = 1024 * 1024;
/// The most that is read of a record.
const MAX_READ: u64 = 64 * 1024 * 1024;
/// The most days that are looked through: a session that is gone on with stays in the folder of its first day.
const MAX_DAYS: usize = 400;

/// The record of a thread: `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-<time>-<thread>.jsonl`, the newest day first.
///
/// Ephemeral threads have none.
pub fn find(codex_home: &Path, thread: &ThreadId) -> Option<PathBuf> {
    let ending = format!("-{thread}.jsonl");
    newest_first(&codex_home.join("sessions"))
        .into_iter()
        .flat_map(|year| newest_first(&year))
        .flat_map(|month| newest_first(&month))
        .take(MAX_DAYS)
        .find_map(|day| {
            fs::read_dir(day).ok()?.flatten().find_map(|entry| {
                let name = entry.file_name();
                let name = name.to_str()?;
                (name.starts_with("rollout-") && name.ends_with(&ending)).then(|| entry.path())
            })
        })
}

/// What Codex applied in the last turn that is recorded. What a version does not record stays `None`.
///
/// # Errors
/// If the record can't be read; a line that is not understood is none.
pub fn applied(record: &Path, scrubber: &Scrubber) -> io::Result<Applied> {
    let mut lines = BufReader::new(File::open(record)?.take(MAX_READ));
    let mut applied = Applied::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(applied);
        }
        if line.last() != Some(&b'\n') && read as u64 == MAX_LINE {
            lines.skip_until(b'\n')?;
            continue;
        }
        // Most lines are neither, and need not be understood.
        let beginning = &line[..line.len().min(300)];
        if memchr::memmem::find(beginning, b"\"turn_context\"").is_none()
            && memchr::memmem::find(beginning, b"\"session_meta\"").is_none()
        {
            continue;
        }
        let Ok(value) = serde_json::from_slice::<Value>(&line) else {
            continue;
        };
        match value["type"].as_str() {
            Some("session_meta") => {
                applied.folder = text(&value["payload"]["cwd"], scrubber);
            }
            Some("turn_context") => turn(&value["payload"], &mut applied, scrubber),
            _ => {}
        }
    }
}

fn turn(context: &Value, applied: &mut Applied, scrubber: &Scrubber) {
    let asked = &context["collaboration_mode"]["settings"]["reasoning_effort"];
    let effort = text(&context["effort"], scrubber).or_else(|| text(asked, scrubber));
    let sandbox = &context["sandbox_policy"];
    let profile = &context["permission_profile"];
    applied.model = text(&context["model"], scrubber);
    applied.effort = effort;
    applied.folder = text(&context["cwd"], scrubber).or(applied.folder.take());
    applied.sandbox = text(&sandbox["type"], scrubber);
    applied.network = match sandbox["type"].as_str() {
        Some("danger-full-access") => Some(true),
        Some("read-only") => Some(sandbox["network_access"].as_bool().unwrap_or(false)),
        Some(_) => sandbox["network_access"].as_bool(),
        None => None,
    }
    .or_else(|| profile["network"].as_str().map(|word| word == "enabled"));
}

fn text(value: &Value, scrubber: &Scrubber) -> Option<Scrubbed> {
    value.as_str().map(|text| {
        let mut text = scrubber.scrub(text);
        text.truncate(4096);
        text
    })
}

/// The folders in a folder, by name, the last first: Codex writes numbers with leading zeros.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort_unstable_by(|a, b| b.cmp(a));
    folders
}
