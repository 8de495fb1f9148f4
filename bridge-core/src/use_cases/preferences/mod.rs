//! Every key of the configuration as data: what it is for, what it takes, what it is, and how to change it.

mod catalogue;
mod change;
mod roots;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use crate::use_cases::preferences::roots::Root;

use crate::adapters::config::{self, Config};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::error::Error;
use crate::use_cases::preferences::catalogue::{Entry, entries};
use crate::use_cases::settings;

/// One key of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Preference {
    /// The key as the file has it, dotted.
    pub key: &'static str,
    /// Where it belongs.
    pub group: Group,
    /// Its name for people.
    pub title: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it is where nobody set it; null where there is nothing.
    pub default: Value,
    /// What it is now.
    pub value: Value,
    /// Who set it.
    pub source: Source,
    /// The variable that overrides the file right now.
    pub overridden_by: Option<&'static str>,
}

/// Where a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The folders.
    Roots,
    /// What a request gets that does not say.
    Defaults,
    /// What no request passes.
    Ceilings,
    /// How much may run at once, and for how long.
    Limits,
    /// How much is kept.
    History,
    /// The program.
    Codex,
    /// What is known to be secret.
    Scrub,
    /// The app.
    App,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// A whole number.
    Number {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
        /// What it counts.
        unit: Option<&'static str>,
    },
    /// A line of text.
    Text,
    /// A path: absolute, or below `~`.
    Path,
    /// One of some words.
    Choice {
        /// The words.
        options: &'static [&'static str],
    },
    /// Lines of text.
    List,
}

/// Who set a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody.
    Default,
    /// The configuration file.
    File,
    /// A variable of the environment.
    Environment,
}

impl Bridge {
    /// Every key of the configuration, in the order in which people look for them.
    pub fn preferences(&self) -> Result<Vec<Preference>, Error> {
        let host = self.host();
        let config = self.settings()?.config;
        let around = settings::surroundings(host);
        let text = config::text_of(&config.file).map_err(Error::ConfigEdit)?;
        let without = config::Surroundings {
            env: &std::collections::BTreeMap::new(),
            ..around
        };
        let defaults = Config::resolve(&config.file, "", without)
            .map_err(|error| Error::Bug(error.to_string()))?;
        let shown = |entry: &Entry| {
            let overridden_by = entry.variable.filter(|name| host.var(name).is_some());
            let source = match overridden_by {
                Some(_) => Source::Environment,
                None if config::has_key(&text, entry.key) => Source::File,
                None => Source::Default,
            };
            Preference {
                key: entry.key,
                group: entry.group,
                title: entry.title,
                meaning: entry.meaning,
                kind: entry.kind,
                default: (entry.read)(&defaults),
                value: (entry.read)(&config),
                source,
                overridden_by,
            }
        };
        Ok(entries().map(shown).collect())
    }

    /// Sets a key, or takes it out of the file where the value is null. The file keeps its comments and its order; a
    /// value with which the configuration could not be read is refused, and nothing is written.
    pub fn set_preference(&self, key: &str, value: &Value) -> Result<(), Error> {
        change::set(self.host(), key, value)
    }
}
