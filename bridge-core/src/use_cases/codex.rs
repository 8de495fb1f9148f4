//! Which Codex binary is used, and what it can do. Both are remembered between starts.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::adapters::codex::capabilities::Capabilities;
use crate::adapters::codex::environment::{self, ApiKey, codex_env};
use crate::adapters::codex::locate::{self, Asking, CodexBin, LocateError, Places};
use crate::adapters::codex::memory::Memory;
use crate::adapters::config::{ChosenBy, Config};
use crate::adapters::store::Store;
use crate::domain::error::ErrorCode;
use crate::domain::id::RunId;
use crate::platform::login_shell;
use crate::platform::probe::ProbeError;
use crate::use_cases::host::Host;
use crate::use_cases::settings::Settings;

/// How long the login shell may take to tell its PATH.
const LOGIN_SHELL_LIMIT: Duration = Duration::from_secs(5);
/// Under which key the store remembers what binaries said.
const MEMORY_KEY: &str = "codex";

/// What a Codex carries that is asked for nobody's run.
pub(crate) const PROBE: (&str, &str) = (Host::PROBE_VAR, "1");

/// A binary and what it can do.
#[derive(Clone, Debug)]
pub(crate) struct Codex {
    pub(crate) bin: CodexBin,
    pub(crate) capabilities: Capabilities,
}

/// Why there is no Codex to use.
#[derive(Debug, thiserror::Error)]
pub enum CodexError {
    /// None was found, or what was found can't be used.
    #[error(transparent)]
    Locate(#[from] LocateError),
    /// It does not tell what it can do.
    #[error("Codex does not tell what it can do")]
    Probe(#[from] ProbeError),
}

impl CodexError {
    /// What to branch on.
    pub fn code(&self) -> ErrorCode {
        match self {
            CodexError::Locate(error) => error.code(),
            CodexError::Probe(_) => ErrorCode::CodexUnusable,
        }
    }

    /// What the person can do about it.
    pub fn hint(&self) -> String {
        match self {
            CodexError::Locate(error) => error.hint(),
            CodexError::Probe(_) => {
                "Run `codex exec --help` in a terminal; if that fails, install Codex again.".into()
            }
        }
    }
}

/// Who looks for Codex, and with what.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) host: &'a Host,
    pub(crate) settings: &'a Settings,
    /// Where it is remembered what was found.
    pub(crate) store: Option<&'a Store>,
    /// For whom: if that run's supervisor dies, a binary that is just being asked is known as the run's.
    pub(crate) run: Option<&'a RunId>,
}

/// Finds the binary to use. Asks it nothing that it was asked before, unless its file changed since.
pub(crate) async fn find(search: Search<'_>) -> Result<Codex, CodexError> {
    let Search {
        host,
        settings: Settings {
            config, scrubber, ..
        },
        store,
        run,
    } = search;
    let mut memory = recall(store).await;
    let env = env(host, config, marker(run));
    let asking = Asking {
        env: &env,
        own_program: Some(&host.sidecar),
        scrubber,
    };
    let login_path = async || login_path(host, &env).await;
    let bin = locate::locate(&places(host, config), &asking, &mut memory, login_path).await?;
    let capabilities = match memory.capabilities(&bin) {
        Some(known) => known,
        None => {
            let capabilities = Capabilities::probe(&bin, &env).await?;
            memory.remember_capabilities(&bin, &capabilities);
            capabilities
        }
    };
    keep(&memory, search).await;
    Ok(Codex { bin, capabilities })
}

/// A look at all binaries: what is known of them, and the environment in which they are asked.
pub(crate) struct Listing {
    pub(crate) memory: Memory,
    pub(crate) env: Vec<(OsString, OsString)>,
}

impl Listing {
    pub(crate) async fn of(search: Search<'_>) -> Listing {
        Listing {
            memory: recall(search.store).await,
            env: env(search.host, &search.settings.config, marker(search.run)),
        }
    }

    /// Keeps what was found out.
    pub(crate) async fn remember(&self, search: Search<'_>) {
        keep(&self.memory, search).await;
    }
}

async fn keep(memory: &Memory, search: Search<'_>) {
    let scrubber = &search.settings.scrubber;
    if memory.is_new()
        && let Some(store) = search.store
        && let Err(error) = store
            .remember_probe(MEMORY_KEY, scrubber.scrub(&memory.to_json()))
            .await
    {
        tracing::info!(%error, "could not remember what Codex said of itself");
    }
}

async fn recall(store: Option<&Store>) -> Memory {
    let Some(store) = store else {
        return Memory::default();
    };
    match store.cached_probe(MEMORY_KEY).await {
        Ok(Some(text)) => Memory::from_json(text.as_str()),
        Ok(None) => Memory::default(),
        Err(error) => {
            tracing::info!(%error, "can't recall what Codex said of itself");
            Memory::default()
        }
    }
}

/// What a Codex carries that is asked about itself.
pub(crate) fn marker(run: Option<&RunId>) -> (&str, &str) {
    run.map_or(PROBE, |run| (Host::RUN_VAR, run.as_str()))
}

/// The environment with which Codex is asked about itself.
pub(crate) fn env(host: &Host, config: &Config, marker: (&str, &str)) -> Vec<(OsString, OsString)> {
    codex_env(&environment::Surroundings {
        snapshot: &host.env,
        extra_allowed: &config.pass_env,
        codex_home: config
            .codex_home_named
            .then_some(config.codex_home.as_path()),
        marker,
        helpers: None,
        api_key: ApiKey::None,
    })
}

pub(crate) fn places<'a>(host: &'a Host, config: &'a Config) -> Places<'a> {
    let chosen = config.codex_bin.as_ref();
    let by = |who| {
        chosen
            .filter(|bin| bin.by == who)
            .map(|bin| bin.path.as_path())
    };
    Places {
        setting: by(ChosenBy::File),
        variable: by(ChosenBy::Environment).map(Path::as_os_str),
        path: host.var("PATH"),
        home: Some(&host.home),
    }
}

pub(crate) async fn login_path(host: &Host, env: &[(OsString, OsString)]) -> Option<OsString> {
    let shell = host.var("SHELL")?;
    match login_shell::login_path(Path::new(shell), env, LOGIN_SHELL_LIMIT).await {
        Ok(path) => path,
        Err(error) => {
            tracing::info!(%error, "the login shell does not tell its PATH");
            None
        }
    }
}
