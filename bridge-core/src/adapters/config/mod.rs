//! The configuration: a TOML file that the person edits, below the environment variables that rank above it.

mod decide;
mod edit;
mod keys;
mod raw;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use edit::{
    EditError, Roots, TextError, add_root, remove_root, text_of, with_root, without_root,
};
pub use keys::{KeyEdit, NewValue, has_key, set_key};

use crate::domain::bounds::{HistoryBounds, QueueBounds, RunBounds};
use crate::domain::policy::{AllowedRoots, Ceilings};
use crate::domain::question::Approvals;
use crate::domain::run::WorkspaceMode;
use crate::domain::scrub::Extras;
use crate::domain::task::{Backend, Effort, InvalidTask, ModelName, Sandbox};

use decide::{
    backend, chosen_bin, codex_home, days, expand_home, guards, minutes, own_values, roots,
    seconds, silence, var, workspace,
};
use raw::RawConfig;

/// The configuration with every default decided.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it came from; it need not exist.
    pub file: PathBuf,
    /// Where the database is.
    pub state_dir: PathBuf,
    /// The folders below which Codex may be started.
    pub roots: AllowedRoots,
    /// The Codex binary that the person chose, if any.
    pub codex_bin: Option<ChosenBin>,
    /// How Codex is driven.
    pub backend: Backend,
    /// Codex's own folder, with its login.
    pub codex_home: PathBuf,
    /// Whether the person named that folder. One that nobody named is `~/.codex`, which Codex makes if need be; one
    /// that was named has to exist.
    pub codex_home_named: bool,
    /// Variables that Codex gets besides the usual ones.
    pub pass_env: Vec<String>,
    /// Whether Codex gets the API key that lies in the system's keychain.
    pub api_key: bool,
    /// Whose runs may ask, by the clients' names; [`EVERYBODY`] is everyone. Only where the ceiling lets somebody answer.
    pub asks: Vec<String>,
    /// How long a question waits for its answer.
    pub answer_limit: Duration,
    /// What the app does by itself.
    pub app: AppWishes,
    /// What a request gets that does not say.
    pub defaults: Defaults,
    /// What no request passes.
    pub ceilings: Ceilings,
    /// What a run may take and keep.
    pub run: RunBounds,
    /// How many runs may be under way.
    pub queue: QueueBounds,
    /// Whether runs wait in the queue while the account's limit is reached.
    pub wait_for_quota: bool,
    /// How much history is kept.
    pub history: HistoryBounds,
    /// What the person adds to the scrubber.
    pub scrub: Extras,
    /// Keys in the file that mean nothing.
    pub unknown_keys: Vec<String>,
}

/// All clients, in a list of their names.
pub const EVERYBODY: &str = "*";
/// How long a question waits for its answer, unless the person says otherwise.
const ANSWER_LIMIT: Duration = Duration::from_secs(600);

impl Config {
    /// Whether a run of this client may ask for what goes beyond its sandbox.
    pub fn may_ask(&self, client: &str) -> bool {
        let is_named = |name: &String| name == EVERYBODY || name == client;
        // Who lets nothing be written lets nothing be allowed that would write.
        self.ceilings.approvals > Approvals::Nobody
            && self.ceilings.sandbox == Sandbox::WorkspaceWrite
            && self.asks.iter().any(is_named)
    }
}

/// A Codex binary that the person chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenBin {
    /// The path as it was given.
    pub path: PathBuf,
    /// Who said so.
    pub by: ChosenBy,
}

/// Where a choice was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// In the configuration file, `codex.bin`.
    File,
    /// In the environment, `CODEX_BIN`.
    Environment,
}

/// What a request gets that does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// In the folder itself or in a copy; without it, what may write works in a copy.
    pub workspace: Option<WorkspaceMode>,
    /// Whether a copy gets uncommitted work.
    pub carry_changes: bool,
    /// The sandbox.
    pub sandbox: Sandbox,
    /// The network.
    pub network: bool,
    /// The web.
    pub web_search: bool,
    /// The model; Codex chooses where there is none.
    pub model: Option<ModelName>,
    /// The effort; Codex chooses where there is none.
    pub effort: Option<Effort>,
}

/// What the app does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppWishes {
    /// It tells when a run has succeeded.
    pub notify_done: bool,
    /// It tells when a run has failed.
    pub notify_failed: bool,
    /// It tells when a run waits for an answer.
    pub notify_waiting: bool,
    /// A server inside the app's bundle opens it when a client connects.
    pub open_with_client: bool,
}

/// What the configuration is made from besides its file.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The environment.
    pub env: &'a BTreeMap<OsString, OsString>,
    /// The person's home folder.
    pub home: &'a Path,
    /// The state folder where the environment names none.
    pub state_dir: &'a Path,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and can't be read.
    #[error("can't read `{}`", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no TOML, or a value has the wrong type.
    #[error("`{}`, line {line}: {reason}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A value is of the right type and still makes no sense.
    #[error("`{key}` in `{}`: {reason}", file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// The key, dotted.
        key: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// A variable of the environment makes no sense.
    #[error("the environment variable {name}: {reason}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
}

/// The variables that people know from the TypeScript bridge, and Codex's own.
pub mod variable {
    /// The allowed roots.
    pub const ROOTS: &str = "CODEX_CLI_MCP_ALLOWED_ROOTS";
    /// The state folder.
    pub const STATE_DIR: &str = "CODEX_CLI_MCP_STATE_DIR";
    /// In the folder itself or in a copy.
    pub const WORKSPACE: &str = "CODEX_CLI_MCP_DEFAULT_WORKSPACE_MODE";
    /// Codex's own folder.
    pub const CODEX_HOME: &str = "CODEX_HOME";
    /// The Codex binary.
    pub const CODEX_BIN: &str = "CODEX_BIN";
    /// How Codex is driven; this bridge's own.
    pub const BACKEND: &str = "CODEX_BRIDGE_BACKEND";
}

impl Config {
    /// Reads the file, if there is one, and decides every default.
    pub fn load(file: &Path, around: Surroundings<'_>) -> Result<Config, ConfigError> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => {
                return Err(ConfigError::Read {
                    file: file.to_owned(),
                    source,
                });
            }
        };
        Config::resolve(file, &text, around)
    }

    /// The state folder alone, which no file can change: known even when the file is broken.
    pub fn state_dir(around: Surroundings<'_>) -> PathBuf {
        match var(around.env, variable::STATE_DIR) {
            Some(dir) => expand_home(Path::new(dir), around.home),
            None => around.state_dir.to_owned(),
        }
    }

    /// Decides every default for a file with this text.
    pub fn resolve(
        file: &Path,
        text: &str,
        around: Surroundings<'_>,
    ) -> Result<Config, ConfigError> {
        let (raw, unknown_keys) = RawConfig::parse(file, text)?;
        let value = |key, reason: String| ConfigError::Value {
            file: file.to_owned(),
            key,
            reason,
        };
        let sandbox = |key, word: Option<String>, default| match word {
            None => Ok(default),
            Some(word) => Sandbox::parse(&word).ok_or_else(|| {
                value(
                    key,
                    format!("`{word}` is none of read-only, workspace-write"),
                )
            }),
        };
        let model = |key, name: Option<String>| {
            name.map(|name| ModelName::parse(&name))
                .transpose()
                .map_err(|error: InvalidTask| value(key, error.to_string()))
        };
        let effort = |key, word: Option<String>| {
            word.map(|word| Effort::parse(&word))
                .transpose()
                .map_err(|error: InvalidTask| value(key, error.to_string()))
        };

        let ceilings = Ceilings {
            sandbox: sandbox(
                "ceilings.sandbox",
                raw.ceilings.sandbox,
                Sandbox::WorkspaceWrite,
            )?,
            network: raw.ceilings.network.unwrap_or(false),
            web_search: raw.ceilings.web_search.unwrap_or(true),
            models: raw
                .ceilings
                .models
                .unwrap_or_default()
                .into_iter()
                .map(|name| ModelName::parse(&name))
                .collect::<Result<_, _>>()
                .map_err(|error| value("ceilings.models", error.to_string()))?,
            effort: effort("ceilings.effort", raw.ceilings.effort)?,
            total: raw
                .ceilings
                .minutes
                .map_or(RunBounds::DEFAULT.total, minutes),
            approvals: match raw.ceilings.approvals {
                None => Approvals::default(),
                Some(word) => Approvals::parse(&word).ok_or_else(|| {
                    let reason = format!("`{word}` is none of nobody, person, client");
                    value("ceilings.approvals", reason)
                })?,
            },
        };
        let defaults = Defaults {
            workspace: workspace(file, around.env, raw.defaults.workspace)?,
            carry_changes: raw.defaults.carry_changes.unwrap_or(false),
            sandbox: sandbox("defaults.sandbox", raw.defaults.sandbox, Sandbox::ReadOnly)?,
            network: raw.defaults.network.unwrap_or(false),
            web_search: raw.defaults.web_search.unwrap_or(false),
            model: model("defaults.model", raw.defaults.model)?,
            effort: effort("defaults.effort", raw.defaults.effort)?,
        };
        let run = RunBounds {
            total: raw
                .defaults
                .minutes
                .map_or(RunBounds::DEFAULT.total, minutes)
                .min(ceilings.total),
            silence: silence(file, &raw.limits)?,
            first_event: raw
                .limits
                .first_event_seconds
                .map_or(RunBounds::DEFAULT.first_event, seconds),
            ..RunBounds::DEFAULT
        };
        let queue = QueueBounds {
            running: raw
                .limits
                .running
                .map_or(QueueBounds::DEFAULT.running, std::num::NonZeroU32::get),
            queued: raw.limits.queued.unwrap_or(QueueBounds::DEFAULT.queued),
        };
        let history = HistoryBounds {
            runs: raw.history.runs.unwrap_or(HistoryBounds::DEFAULT.runs),
            bytes: raw.history.mib.map_or(HistoryBounds::DEFAULT.bytes, |mib| {
                u64::from(mib) * 1024 * 1024
            }),
            age: raw.history.days.map_or(HistoryBounds::DEFAULT.age, days),
            worktree_age: raw
                .history
                .worktree_days
                .map_or(HistoryBounds::DEFAULT.worktree_age, days),
        };

        let codex_home = codex_home(around, raw.codex.home);
        let codex_home_named = codex_home.is_some();
        let codex_home = codex_home.unwrap_or_else(|| around.home.join(".codex"));
        let state_dir = Config::state_dir(around);
        Ok(Config {
            file: file.to_owned(),
            roots: roots(file, around, raw.allowed_roots, raw.broad_roots)?.guarding(guards(
                file,
                around.home,
                &state_dir,
                &codex_home,
            )),
            state_dir,
            codex_bin: chosen_bin(around, raw.codex.bin),
            backend: backend(file, around.env, raw.codex.backend)?,
            codex_home_named,
            codex_home,
            pass_env: raw.codex.pass_env.unwrap_or_default(),
            api_key: raw.codex.api_key.unwrap_or(false),
            asks: (raw.codex.asks).unwrap_or_else(|| vec![EVERYBODY.to_owned()]),
            answer_limit: (raw.limits.answer_seconds).map_or(ANSWER_LIMIT, seconds),
            app: AppWishes {
                notify_done: raw.app.notify_done.unwrap_or(true),
                notify_failed: raw.app.notify_failed.unwrap_or(true),
                notify_waiting: raw.app.notify_waiting.unwrap_or(true),
                open_with_client: raw.app.open_with_client.unwrap_or(true),
            },
            defaults,
            ceilings,
            run,
            queue,
            wait_for_quota: raw.limits.wait_for_quota.unwrap_or(false),
            history,
            scrub: Extras {
                patterns: raw.scrub.patterns.unwrap_or_default(),
                known_values: own_values(file, raw.scrub.values)?,
                allowed: raw.scrub.allow.unwrap_or_default(),
            },
            unknown_keys,
        })
    }
}

#[cfg(test)]
mod tests;
