//! The beginning of one record: whose it is and what was said first.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use serde_json::Value;

use crate::adapters::codex::sessions::{Entry, Session};
use crate::domain::id::ThreadId;
use crate::domain::run::Timestamp;
use crate::domain::scrub::{Scrubbed, Scrubber};

/// The most that is read of a record. The first message comes after the instructions, which have tens of kilobytes.
const MAX_READ: u64 = 1024 * 1024;
/// The most that is scrubbed of a first message, in bytes.
const MAX_SCRUBBED: usize = 16 * 1024;
/// The longest title, in characters.
const MAX_TITLE: usize = 120;
/// The longest of the other texts, in bytes.
const MAX_TEXT: usize = 4096;

/// Reads the beginning of a record. `None` where it is none, or is damaged.
pub(super) fn read(entry: &Entry, scrubber: &Scrubber) -> Option<Session> {
    // Asked first: opening a pipe would wait for ever.
    let meta = std::fs::metadata(&entry.path).ok()?;
    if !meta.is_file() {
        return None;
    }
    let file = File::open(&entry.path).ok()?;
    let mut lines = BufReader::new(file.take(MAX_READ));
    let first = next(&mut lines)?;
    let payload = &first["payload"];
    let is_its_own = payload["id"]
        .as_str()
        .is_some_and(|id| id.eq_ignore_ascii_case(&entry.thread));
    if first["type"] != "session_meta" || !is_its_own {
        return None;
    }
    let cwd = payload["cwd"].as_str();
    let source = &payload["source"];
    // What another thread began is an object with one key, such as `subagent`.
    let source = source
        .as_str()
        .or_else(|| source.as_object()?.keys().next().map(String::as_str));
    Some(Session {
        thread: ThreadId::parse(&entry.thread).ok()?,
        created: payload["timestamp"].as_str().and_then(moment),
        changed: meta
            .modified()
            .ok()
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_millis()).ok())
            .map(Timestamp),
        cwd: cwd.map(PathBuf::from),
        folder: cwd.map(|cwd| short(cwd, scrubber)),
        version: payload["cli_version"]
            .as_str()
            .map(|version| short(version, scrubber)),
        source: source.map(|source| short(source, scrubber)),
        title: first_message(&mut lines).and_then(|text| title(&text, scrubber)),
        bytes: meta.len(),
        archived: entry.archived,
    })
}

type Lines = BufReader<std::io::Take<File>>;

/// The next line that is JSON and complete.
fn next(lines: &mut Lines) -> Option<Value> {
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

/// What the person said first, as the versions write it down: an event of its own, or an item.
fn first_message(lines: &mut Lines) -> Option<String> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        // Most lines are neither, and need not be understood.
        let has = |word: &[u8]| memchr::memmem::find(&line, word).is_some();
        if !has(b"\"user_message\"") && !has(b"\"UserMessage\"") {
            continue;
        }
        let Ok(value) = serde_json::from_slice::<Value>(&line) else {
            continue;
        };
        let payload = &value["payload"];
        let text = match payload["type"].as_str() {
            Some("user_message") => payload["message"].as_str(),
            Some("item_completed") if payload["item"]["type"] == "UserMessage" => {
                payload["item"]["content"]
                    .as_array()
                    .and_then(|parts| parts.iter().find_map(|part| part["text"].as_str()))
            }
            _ => None,
        };
        if let Some(text) = text {
            return Some(text.to_owned());
        }
    }
}

fn title(text: &str, scrubber: &Scrubber) -> Option<Scrubbed> {
    let text = text.trim_start();
    let text = &text[..text.floor_char_boundary(MAX_SCRUBBED)];
    // Scrubbed before it is shortened: half a secret is not known as one.
    let mut clean = scrubber.scrub(text);
    let line = clean.as_str().lines().next()?.trim_end();
    let end = line
        .char_indices()
        .nth(MAX_TITLE)
        .map_or(line.len(), |(at, _)| at);
    clean.truncate(end);
    (!clean.is_empty()).then_some(clean)
}

fn short(text: &str, scrubber: &Scrubber) -> Scrubbed {
    let mut text = scrubber.scrub(text);
    text.truncate(MAX_TEXT);
    text
}

fn moment(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(at.as_millisecond()))
}
