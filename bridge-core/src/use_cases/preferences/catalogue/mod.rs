//! The keys of the configuration, in the words in which people see them. The only place with these words.

mod requests;
mod upkeep;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::adapters::config::{Config, variable};
use crate::use_cases::preferences::{Group, Kind};

pub(super) const ROOTS_VAR: &str = variable::ROOTS;

/// What is known of a key.
pub(super) struct Entry {
    pub(super) key: &'static str,
    pub(super) group: Group,
    pub(super) title: &'static str,
    pub(super) meaning: &'static str,
    pub(super) kind: Kind,
    /// Its value in a configuration.
    pub(super) read: fn(&Config) -> Value,
    /// The variable that ranks above it.
    pub(super) variable: Option<&'static str>,
    /// The key that says the same and can't stand beside it.
    pub(super) instead_of: Option<&'static str>,
    /// Whether it is a list that is changed one entry at a time.
    pub(super) one_by_one: bool,
    /// Of a path: whether it is a folder's.
    pub(super) is_folder: bool,
}

/// All keys, in the order in which people look for them.
pub(super) fn entries() -> impl Iterator<Item = &'static Entry> {
    requests::ENTRIES.iter().chain(upkeep::ENTRIES)
}

fn word(word: Option<&str>) -> Value {
    word.map_or(Value::Null, Value::from)
}

fn path(path: &Path) -> Value {
    path.to_string_lossy().into()
}

fn paths(paths: &[PathBuf]) -> Value {
    paths.iter().map(|at| path(at)).collect()
}

fn texts(texts: &[String]) -> Value {
    texts
        .iter()
        .map(|text| Value::from(text.as_str()))
        .collect()
}

fn minutes(duration: Duration) -> Value {
    (duration.as_secs() / 60).into()
}

fn days(duration: Duration) -> Value {
    (duration.as_secs() / (24 * 60 * 60)).into()
}
