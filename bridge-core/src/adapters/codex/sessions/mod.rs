//! The sessions that Codex keeps, whoever made them: read from its folder, in which nothing is changed.
//!
//! A session is a file `sessions/YYYY/MM/DD/rollout-<local time>-<thread>.jsonl`, or the same name in
//! `archived_sessions` once it was put away. Time and thread are in the name, so that a page of ten thousand sessions
//! opens the files of that page only.

mod record;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::domain::id::ThreadId;
use crate::domain::run::Timestamp;
use crate::domain::scrub::{Scrubbed, Scrubber};

/// The most files that are opened for one page: a filter that lets nothing through must not read them all.
const MOST_OPENED: usize = 1_000;
/// So many sessions of one second can be told apart by a cursor.
const PER_SECOND: u64 = 100_000;

/// A session as Codex recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub thread: ThreadId,
    /// When it was begun.
    pub created: Option<Timestamp>,
    /// When its record was last changed.
    pub changed: Option<Timestamp>,
    /// The folder in which it was begun, exactly as Codex wrote it down.
    pub cwd: Option<PathBuf>,
    /// The same for those who may not see secrets.
    pub folder: Option<Scrubbed>,
    /// The version of Codex that began it.
    pub version: Option<Scrubbed>,
    /// What began it, in Codex's words: `cli`, `exec`, `vscode` and others.
    pub source: Option<Scrubbed>,
    /// The first line of what the person said first.
    pub title: Option<Scrubbed>,
    /// How large its record is.
    pub bytes: u64,
    /// Whether it was put away; Codex does not go on with it then.
    pub archived: bool,
}

/// Which sessions are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Only those begun in this folder or below.
    pub folder: Option<PathBuf>,
    /// Only those with this text in the title, in any letter case.
    pub text: Option<String>,
    /// At most so many.
    pub limit: usize,
    /// Only those behind this cursor of an earlier page.
    pub before: Option<u64>,
}

/// A page of sessions, the last begun first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionPage {
    /// The sessions.
    pub sessions: Vec<Session>,
    /// The cursor of the next page, if there is one.
    pub next: Option<u64>,
    /// How many files on the way were no record of a session, or a damaged one.
    pub skipped: u64,
    opened: usize,
}

/// A file by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    second: u64,
    thread: String,
    path: PathBuf,
    archived: bool,
}

/// Lists sessions. Where there is no folder, there are none.
pub fn list(codex_home: &Path, wanted: &Wanted, scrubber: &Scrubber) -> SessionPage {
    let mut page = SessionPage::default();
    let (newest, already_seen) = match wanted.before {
        Some(cursor) => (cursor / PER_SECOND, cursor % PER_SECOND),
        None => (u64::MAX, 0),
    };
    let mut second = newest;
    let mut of_second = 0;
    for (date, folders) in days(codex_home).into_iter().rev() {
        if second_of(date.at(0, 0, 0, 0)).is_none_or(|first| first > newest) {
            continue;
        }
        for entry in entries(date, folders, &mut page.skipped) {
            if entry.second > newest {
                continue;
            }
            if entry.second != second {
                (second, of_second) = (entry.second, 0);
            }
            of_second += 1;
            if second == newest && of_second <= already_seen {
                continue;
            }
            if page.sessions.len() == wanted.limit || page.opened == MOST_OPENED {
                page.next = Some(second * PER_SECOND + (of_second - 1).min(PER_SECOND - 1));
                return page;
            }
            page.opened += 1;
            match record::read(&entry, scrubber) {
                Some(session) if wanted.lets_through(&session) => page.sessions.push(session),
                Some(_) => {}
                None => page.skipped += 1,
            }
        }
    }
    page
}

/// One session by its name. `None` where there is none, or its record is damaged.
pub fn find(codex_home: &Path, thread: &ThreadId, scrubber: &Scrubber) -> Option<Session> {
    let ending = format!("-{thread}.jsonl");
    let is_it = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.ends_with(&ending))
    };
    let mut skipped = 0;
    days(codex_home)
        .into_iter()
        .rev()
        .flat_map(|(date, mut folders)| {
            folders.files.retain(|path| is_it(path));
            entries(date, folders, &mut skipped)
        })
        .filter(|entry| entry.thread == thread.as_str())
        // The one that Codex would go on with comes before one that was put away.
        .min_by_key(|entry| entry.archived)
        .and_then(|entry| record::read(&entry, scrubber))
}

impl Wanted {
    fn lets_through(&self, session: &Session) -> bool {
        let in_folder = match (&self.folder, &session.cwd) {
            (None, _) => true,
            (Some(folder), Some(cwd)) => cwd.starts_with(folder),
            (Some(_), None) => false,
        };
        let has_text = self.text.as_ref().is_none_or(|text| {
            let title = session.title.as_ref().map_or("", Scrubbed::as_str);
            title.to_lowercase().contains(&text.to_lowercase())
        });
        in_folder && has_text
    }
}

/// Where the records of a day are.
#[derive(Clone, Debug, Default)]
struct Day {
    folder: Option<PathBuf>,
    /// Files of that day which lie elsewhere.
    files: Vec<PathBuf>,
}

/// The days of which there may be records, the oldest first.
fn days(codex_home: &Path) -> BTreeMap<Date, Day> {
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    for (year, years) in numbered(&codex_home.join("sessions")) {
        for (month, months) in numbered(&years) {
            for (day, folder) in numbered(&months) {
                let number = |value: u16| i8::try_from(value).unwrap_or_default();
                let year = i16::try_from(year).unwrap_or_default();
                if let Ok(date) = Date::new(year, number(month), number(day)) {
                    days.entry(date).or_default().folder = Some(folder);
                }
            }
        }
    }
    for path in names(&codex_home.join("archived_sessions")) {
        if let Some((time, _)) = parse(&path) {
            days.entry(time.date()).or_default().files.push(path);
        }
    }
    days
}

/// The records of a day, the last begun first. A file of another day or name is none.
fn entries(date: Date, day: Day, skipped: &mut u64) -> Vec<Entry> {
    let in_folder = day.folder.iter().flat_map(|folder| names(folder));
    let all = in_folder.map(|path| (path, false));
    let all = all.chain(day.files.into_iter().map(|path| (path, true)));
    let mut entries = Vec::new();
    for (path, archived) in all {
        let entry = parse(&path)
            .filter(|(time, _)| time.date() == date)
            .and_then(|(time, thread)| Some((second_of(time)?, thread)));
        let Some((second, thread)) = entry else {
            *skipped += 1;
            continue;
        };
        entries.push(Entry {
            second,
            thread: thread.as_str().to_owned(),
            path,
            archived,
        });
    }
    entries.sort_unstable_by(|a, b| b.cmp(a));
    entries
}

/// Time and thread in the name of a record.
fn parse(path: &Path) -> Option<(DateTime, ThreadId)> {
    let name = path.file_name()?.to_str()?;
    let rest = name.strip_prefix("rollout-")?.strip_suffix(".jsonl")?;
    let (time, thread) = rest.split_at_checked("2026-11-22T17-06-46".len())?;
    let time = DateTime::strptime("%Y-%m-%dT%H-%M-%S", time).ok()?;
    Some((time, ThreadId::parse(thread.strip_prefix('-')?).ok()?))
}

/// A number that grows with the time; of what zone the time is, does not matter for that.
fn second_of(time: DateTime) -> Option<u64> {
    let zoned = time.to_zoned(TimeZone::UTC).ok()?;
    u64::try_from(zoned.timestamp().as_second()).ok()
}

/// The folders in a folder whose names are numbers.
fn numbered(folder: &Path) -> Vec<(u16, PathBuf)> {
    let all = names(folder).into_iter();
    let mut found: Vec<_> = all
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path)))
        .collect();
    found.sort_unstable_by_key(|(number, _)| Reverse(*number));
    found
}

fn names(folder: &Path) -> Vec<PathBuf> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
