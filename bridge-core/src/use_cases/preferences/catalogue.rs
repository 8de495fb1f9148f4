//! The keys of the configuration, in the words in which people see them. The only place with these words.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::adapters::config::{Config, variable};
use crate::domain::run::WorkspaceMode;
use crate::domain::task::{Effort, ModelName};
use crate::use_cases::preferences::{Group, Kind};

pub(super) const ROOTS_VAR: &str = variable::ROOTS;
const WORKSPACE_VAR: &str = variable::WORKSPACE;
const CODEX_HOME_VAR: &str = variable::CODEX_HOME;
const CODEX_BIN_VAR: &str = variable::CODEX_BIN;

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

/// All keys.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        key: "allowed_roots",
        group: Group::Roots,
        title: "Allowed folders",
        meaning: "Codex may work in these folders and everything below them. Without any, no run is admitted.",
        kind: Kind::List,
        read: |config| paths(config.roots.roots()),
        variable: Some(ROOTS_VAR),
        instead_of: None,
        one_by_one: true,
        is_folder: false,
    },
    Entry {
        key: "broad_roots",
        group: Group::Roots,
        title: "Broad folders",
        meaning: "Folders that you insist on although they hold the bridge's own state, Codex's login, or your whole home folder.",
        kind: Kind::List,
        read: |config| paths(config.roots.insisted()),
        variable: None,
        instead_of: None,
        one_by_one: true,
        is_folder: false,
    },
    Entry {
        key: "codex.bin",
        group: Group::Codex,
        title: "Codex program",
        meaning: "The Codex program to start. Without it, the bridge looks in your PATH and in the usual places.",
        kind: Kind::Path,
        read: |config| match &config.codex_bin {
            Some(chosen) => path(&chosen.path),
            None => Value::Null,
        },
        variable: Some(CODEX_BIN_VAR),
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "codex.home",
        group: Group::Codex,
        title: "Codex folder",
        meaning: "Codex's own folder, with its login and its settings.",
        kind: Kind::Path,
        read: |config| path(&config.codex_home),
        variable: Some(CODEX_HOME_VAR),
        instead_of: None,
        one_by_one: false,
        is_folder: true,
    },
    Entry {
        key: "codex.pass_env",
        group: Group::Codex,
        title: "Variables for Codex",
        meaning: "Names of environment variables that Codex gets besides the usual ones.",
        kind: Kind::List,
        read: |config| texts(&config.pass_env),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "codex.api_key",
        group: Group::Codex,
        title: "API key",
        meaning: "Whether Codex gets the API key that lies in the system's keychain. It is given to Codex alone.",
        kind: Kind::Bool,
        read: |config| config.api_key.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "defaults.workspace",
        group: Group::Defaults,
        title: "Where tasks work",
        meaning: "In a copy of the repository (worktree) or in the folder itself (in_place). Without it, tasks that may write work in a copy.",
        kind: Kind::Choice {
            options: &["worktree", "in_place"],
        },
        read: |config| word(config.defaults.workspace.map(WorkspaceMode::as_str)),
        variable: Some(WORKSPACE_VAR),
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "defaults.carry_changes",
        group: Group::Defaults,
        title: "Take uncommitted work along",
        meaning: "Whether a copy gets the uncommitted and untracked files of the folder.",
        kind: Kind::Bool,
        read: |config| config.defaults.carry_changes.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "defaults.sandbox",
        group: Group::Defaults,
        title: "Sandbox",
        meaning: "What Codex's commands may touch where a request does not say.",
        kind: Kind::Choice {
            options: &["read-only", "workspace-write"],
        },
        read: |config| config.defaults.sandbox.as_str().into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "defaults.network",
        group: Group::Defaults,
        title: "Network",
        meaning: "Whether Codex's commands may use the network where a request does not say. Only with workspace-write.",
        kind: Kind::Bool,
        read: |config| config.defaults.network.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "defaults.web_search",
        group: Group::Defaults,
        title: "Web search",
        meaning: "Whether Codex may search the web where a request does not say.",
        kind: Kind::Bool,
        read: |config| config.defaults.web_search.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "defaults.model",
        group: Group::Defaults,
        title: "Model",
        meaning: "The model where a request names none. Without it, Codex chooses.",
        kind: Kind::Text,
        read: |config| word(config.defaults.model.as_ref().map(ModelName::as_str)),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "defaults.effort",
        group: Group::Defaults,
        title: "Effort",
        meaning: "How hard the model thinks where a request does not say, such as low, medium or high. Without it, Codex chooses.",
        kind: Kind::Text,
        read: |config| word(config.defaults.effort.as_ref().map(Effort::as_str)),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "defaults.minutes",
        group: Group::Defaults,
        title: "Time for a run",
        meaning: "After so many minutes a run is stopped where the request names no time.",
        kind: Kind::Number {
            min: 1,
            max: 10080,
            unit: Some("minutes"),
        },
        read: |config| minutes(config.run.total),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "ceilings.sandbox",
        group: Group::Ceilings,
        title: "Highest sandbox",
        meaning: "No request gets more than this.",
        kind: Kind::Choice {
            options: &["read-only", "workspace-write"],
        },
        read: |config| config.ceilings.sandbox.as_str().into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "ceilings.network",
        group: Group::Ceilings,
        title: "Network may be asked for",
        meaning: "Whether a request may switch the network on for Codex's commands.",
        kind: Kind::Bool,
        read: |config| config.ceilings.network.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "ceilings.web_search",
        group: Group::Ceilings,
        title: "Web search may be asked for",
        meaning: "Whether a request may let Codex search the web.",
        kind: Kind::Bool,
        read: |config| config.ceilings.web_search.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "ceilings.models",
        group: Group::Ceilings,
        title: "Models that may be asked for",
        meaning: "Only these models may be named. Empty: all.",
        kind: Kind::List,
        read: |config| {
            let names = config.ceilings.models.iter().map(ModelName::as_str);
            names.map(Value::from).collect()
        },
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "ceilings.effort",
        group: Group::Ceilings,
        title: "Highest effort",
        meaning: "No request gets more than this. Without it, all efforts may be asked for.",
        kind: Kind::Text,
        read: |config| word(config.ceilings.effort.as_ref().map(Effort::as_str)),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "ceilings.minutes",
        group: Group::Ceilings,
        title: "Longest run",
        meaning: "No request gets more minutes than this.",
        kind: Kind::Number {
            min: 1,
            max: 10080,
            unit: Some("minutes"),
        },
        read: |config| minutes(config.ceilings.total),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "limits.running",
        group: Group::Limits,
        title: "Runs at once",
        meaning: "How many runs may be under way at once; the others wait.",
        kind: Kind::Number {
            min: 1,
            max: 64,
            unit: Some("runs"),
        },
        read: |config| config.queue.running.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "limits.queued",
        group: Group::Limits,
        title: "Runs that may wait",
        meaning: "When so many runs wait, a new one is refused.",
        kind: Kind::Number {
            min: 0,
            max: 1000,
            unit: Some("runs"),
        },
        read: |config| config.queue.queued.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "limits.silence_minutes",
        group: Group::Limits,
        title: "Silence",
        meaning: "A run of which nothing is heard for so many minutes is stopped.",
        kind: Kind::Number {
            min: 1,
            max: 10080,
            unit: Some("minutes"),
        },
        read: |config| minutes(config.run.silence),
        variable: None,
        instead_of: Some("limits.silence_seconds"),
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "limits.silence_seconds",
        group: Group::Limits,
        title: "Silence in seconds",
        meaning: "The same in seconds, for those who want less than a minute.",
        kind: Kind::Number {
            min: 1,
            max: 604800,
            unit: Some("seconds"),
        },
        read: |config| config.run.silence.as_secs().into(),
        variable: None,
        instead_of: Some("limits.silence_minutes"),
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "limits.first_event_seconds",
        group: Group::Limits,
        title: "First sign of life",
        meaning: "A run of which nothing is heard for so many seconds after its start is stopped.",
        kind: Kind::Number {
            min: 1,
            max: 3600,
            unit: Some("seconds"),
        },
        read: |config| config.run.first_event.as_secs().into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "history.runs",
        group: Group::History,
        title: "Runs kept",
        meaning: "The oldest ended runs go when there are more than this.",
        kind: Kind::Number {
            min: 0,
            max: 100000,
            unit: Some("runs"),
        },
        read: |config| config.history.runs.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "history.mib",
        group: Group::History,
        title: "Size of the history",
        meaning: "The oldest ended runs go when their events and messages take more than this.",
        kind: Kind::Number {
            min: 0,
            max: 65536,
            unit: Some("MiB"),
        },
        read: |config| (config.history.bytes >> 20).into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "history.days",
        group: Group::History,
        title: "Age of the history",
        meaning: "Ended runs older than this go.",
        kind: Kind::Number {
            min: 0,
            max: 3650,
            unit: Some("days"),
        },
        read: |config| days(config.history.age),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "history.worktree_days",
        group: Group::History,
        title: "Age of worktrees",
        meaning: "Worktrees that nobody finished go after so many days; their changes are kept as a patch.",
        kind: Kind::Number {
            min: 0,
            max: 3650,
            unit: Some("days"),
        },
        read: |config| days(config.history.worktree_age),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "scrub.patterns",
        group: Group::Scrub,
        title: "More secrets",
        meaning: "Regular expressions for what is secret besides all that the bridge knows.",
        kind: Kind::List,
        read: |config| texts(&config.scrub.patterns),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "scrub.allow",
        group: Group::Scrub,
        title: "Not secret",
        meaning: "Texts that are never taken out, although they look like secrets.",
        kind: Kind::List,
        read: |config| texts(&config.scrub.allowed),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "app.notify_done",
        group: Group::App,
        title: "Tell when a run is done",
        meaning: "A notification when a run has succeeded.",
        kind: Kind::Bool,
        read: |config| config.app.notify_done.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "app.notify_failed",
        group: Group::App,
        title: "Tell when a run failed",
        meaning: "A notification when a run has failed, was lost, or reached a time limit.",
        kind: Kind::Bool,
        read: |config| config.app.notify_failed.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "app.notify_waiting",
        group: Group::App,
        title: "Tell when a run needs you",
        meaning: "A notification when a run waits for your answer.",
        kind: Kind::Bool,
        read: |config| config.app.notify_waiting.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
    Entry {
        key: "app.open_with_client",
        group: Group::App,
        title: "Open with a client",
        meaning: "Whether the app is opened quietly when an MCP client connects. Without the app, runs may lack the rights to your folders.",
        kind: Kind::Bool,
        read: |config| config.app.open_with_client.into(),
        variable: None,
        instead_of: None,
        one_by_one: false,
        is_folder: false,
    },
];

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
