//! What `main` knows of the world, and nothing below reads for itself.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::domain::run::Timestamp;

/// The surroundings of this process. Made once, in `main` or by a test.
#[derive(Clone, Debug)]
pub struct Host {
    /// The environment.
    pub env: BTreeMap<OsString, OsString>,
    /// The person's home folder.
    pub home: PathBuf,
    /// Where the configuration is, unless [`Host::CONFIG_VAR`] says otherwise.
    pub config_dir: PathBuf,
    /// Where the database is, unless `CODEX_CLI_MCP_STATE_DIR` says otherwise.
    pub state_dir: PathBuf,
    /// The program `codex-bridge-mcp`, which supervises runs.
    pub sidecar: PathBuf,
    /// Tells the time.
    pub now: fn() -> Timestamp,
    /// Gives a random number.
    pub random: fn() -> u64,
}

impl Host {
    /// The variable that names another configuration file.
    pub const CONFIG_VAR: &'static str = "CODEX_BRIDGE_CONFIG";
    /// The variable that every process of a run carries; its value is the run's id.
    pub const RUN_VAR: &'static str = "CODEX_BRIDGE_RUN";
    /// The variable that a Codex carries which is only asked about itself.
    pub const PROBE_VAR: &'static str = "CODEX_BRIDGE_PROBE";

    /// A variable of the environment; an empty one counts as absent.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.env
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        match self.var(Self::CONFIG_VAR) {
            Some(path) => PathBuf::from(path),
            None => self.config_dir.join("config.toml"),
        }
    }
}
