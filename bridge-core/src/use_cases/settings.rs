//! The configuration of the moment and the scrubber that goes with it; read again when the file changed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::adapters::config::{Config, ConfigError, Surroundings, variable};
use crate::domain::scrub::{self, Extras, ScrubError, Scrubber};
use crate::use_cases::host::Host;

/// The configuration, and the scrubber that it asks for.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) scrubber: Scrubber,
    /// What the scrubber was made from.
    pub(crate) extras: Extras,
}

/// Why there are no settings.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SettingsError {
    /// The configuration can't be used.
    #[error(transparent)]
    Config(Arc<ConfigError>),
    /// A pattern that the person added is no regular expression.
    #[error("`scrub.patterns` in `{}`", file.display())]
    Scrub {
        /// The configuration file.
        file: PathBuf,
        /// Which pattern, and why.
        source: Arc<ScrubError>,
    },
}

/// The largest file that can be Codex's login.
const LARGEST_LOGIN: u64 = 1024 * 1024;

/// Settings by the state of the file that they came from.
#[derive(Debug, Default)]
pub(crate) struct SettingsCache {
    last: Mutex<Option<Cached>>,
}

#[derive(Debug)]
struct Cached {
    config: Stamp,
    /// The file with Codex's login, whose tokens are known secrets.
    login: Option<(PathBuf, Stamp)>,
    settings: Result<Settings, SettingsError>,
}

impl Cached {
    fn is_fresh(&self, config: &Stamp) -> bool {
        let login = self.login.as_ref();
        self.config == *config && login.is_none_or(|(file, stamp)| Stamp::of(file) == *stamp)
    }
}

/// What changes whenever the file does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp(Option<[i128; 4]>);

impl Stamp {
    fn of(file: &Path) -> Stamp {
        let nanos =
            |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        let parts = |meta: Metadata| {
            let written = nanos(meta.mtime(), meta.mtime_nsec());
            // Permissions change this time only, and may be what kept the file from being read.
            let changed = nanos(meta.ctime(), meta.ctime_nsec());
            [meta.ino().into(), meta.size().into(), written, changed]
        };
        Stamp(std::fs::metadata(file).ok().map(parts))
    }
}

impl SettingsCache {
    /// The settings of this moment.
    pub(crate) fn get(&self, host: &Host) -> Result<Settings, SettingsError> {
        let file = host.config_file();
        let config = Stamp::of(&file);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = last.as_ref().filter(|cached| cached.is_fresh(&config)) {
            return cached.settings.clone();
        }
        let loaded = Config::load(&file, surroundings(host))
            .map_err(|error| SettingsError::Config(Arc::new(error)));
        let login = loaded.as_ref().ok().map(|config| {
            let file = config.codex_home.join("auth.json");
            let stamp = Stamp::of(&file);
            (file, stamp)
        });
        let settings = loaded.and_then(|config| settings(host, &file, config));
        *last = Some(Cached {
            config,
            login,
            settings: settings.clone(),
        });
        settings
    }

    /// The scrubber of this moment; where the configuration is broken, the one that needs none.
    pub(crate) fn scrubber(&self, host: &Host) -> Scrubber {
        match self.get(host) {
            Ok(settings) => settings.scrubber,
            Err(_) => scrubber_without_config(host),
        }
    }
}

/// Stands for the state folder, the configuration file and what overrides it: two processes with the same mark admit
/// the same.
pub(crate) fn mark(host: &Host) -> String {
    let state = Config::state_dir(surroundings(host));
    let state = std::fs::canonicalize(&state).unwrap_or(state);
    let mut parts = vec![
        state.to_string_lossy().into_owned(),
        host.config_file().to_string_lossy().into_owned(),
        host.home.to_string_lossy().into_owned(),
    ];
    let overriding = [
        variable::ROOTS,
        variable::WORKSPACE,
        variable::CODEX_HOME,
        variable::CODEX_BIN,
        variable::BACKEND,
    ];
    parts.extend(overriding.into_iter().map(|name| {
        host.var(name)
            .map_or_else(String::new, |value| value.to_string_lossy().into_owned())
    }));
    Value::from(parts).to_string()
}

/// Whether the configuration could be used if the file had this text.
pub(crate) fn check(host: &Host, file: &Path, text: &str) -> Result<(), SettingsError> {
    let config = Config::resolve(file, text, surroundings(host))
        .map_err(|error| SettingsError::Config(Arc::new(error)))?;
    settings(host, file, config).map(drop)
}

fn settings(host: &Host, file: &Path, config: Config) -> Result<Settings, SettingsError> {
    let mut extras = config.scrub.clone();
    extras.known_values.extend(secrets_in(host));
    extras
        .known_values
        .extend(secrets_of_login(&config.codex_home.join("auth.json")));
    let scrubber = Scrubber::new(extras.clone()).map_err(|source| SettingsError::Scrub {
        file: file.to_owned(),
        source: Arc::new(source),
    })?;
    Ok(Settings {
        config,
        scrubber,
        extras,
    })
}

/// What is known without any file: the built-in rules and the secrets in the environment.
pub(crate) fn scrubber_without_config(host: &Host) -> Scrubber {
    let extras = Extras {
        known_values: secrets_in(host),
        ..Extras::default()
    };
    Scrubber::new(extras).unwrap_or_else(|_| Scrubber::builtin())
}

/// What the configuration needs to know of the surroundings.
pub(crate) fn surroundings(host: &Host) -> Surroundings<'_> {
    Surroundings {
        env: &host.env,
        home: &host.home,
        state_dir: &host.state_dir,
    }
}

/// The secrets in the environment: found wherever they turn up, whatever their form.
fn secrets_in(host: &Host) -> Vec<String> {
    host.env
        .iter()
        .filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
        .flat_map(|(name, value)| scrub::secrets_of_variable(name, value))
        .collect()
}

/// The tokens and keys in the file in which Codex keeps its login.
fn secrets_of_login(file: &Path) -> Vec<String> {
    let is_small = std::fs::metadata(file).is_ok_and(|found| found.len() <= LARGEST_LOGIN);
    let text = match is_small {
        true => std::fs::read(file).unwrap_or_default(),
        false => return Vec::new(),
    };
    let mut secrets = Vec::new();
    if let Ok(login) = serde_json::from_slice(&text) {
        secrets_in_json("", &login, &mut secrets);
    }
    secrets
}

fn secrets_in_json(name: &str, value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::String(text) => secrets.extend(scrub::secrets_of_variable(name, text)),
        Value::Array(items) => {
            for item in items {
                secrets_in_json(name, item, secrets);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                secrets_in_json(name, value, secrets);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ffi::OsString;

    use super::*;
    use crate::domain::run::Timestamp;

    fn host(folder: &Path) -> Host {
        let env = [
            ("CODEX_HOME", folder.to_str().unwrap()),
            ("SERVICE_API_KEY", "kestrel-quarry-9"),
            ("DATABASE_URL", "postgres://me:heron+marsh@h/db"),
            ("PATH", "/usr/bin"),
        ];
        Host {
            env: env
                .map(|(name, value)| (OsString::from(name), OsString::from(value)))
                .into(),
            home: folder.to_owned(),
            config_dir: folder.to_owned(),
            state_dir: folder.join("state"),
            sidecar: PathBuf::new(),
            now: || Timestamp(0),
            random: || 7,
        }
    }

    #[test]
    fn what_the_environment_and_the_login_hold_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let login = folder.path().join("auth.json");
        let cache = SettingsCache::default();
        let host = host(folder.path());
        let scrub = |text: &str| cache.scrubber(&host).scrub(text).into_string();
        let known = "[redacted:known-value]";
        assert_eq!(
            scrub("say kestrel-quarry-9 now"),
            format!("say {known} now")
        );
        assert_eq!(scrub("say heron+marsh now"), format!("say {known} now"));
        assert_eq!(
            scrub("in /usr/bin, osprey-lagoon"),
            "in /usr/bin, osprey-lagoon"
        );
        let tokens = r#"{"tokens": {"refresh_token": "osprey-lagoon", "account_id": "acct-1234"}}"#;
        std::fs::write(&login, tokens).unwrap();
        assert_eq!(
            scrub("acct-1234 has osprey-lagoon"),
            format!("acct-1234 has {known}")
        );
        std::fs::write(folder.path().join("config.toml"), "not toml").unwrap();
        assert_eq!(
            scrub("say kestrel-quarry-9 now"),
            format!("say {known} now")
        );
    }

    #[test]
    fn nothing_is_read_again_while_no_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = SettingsCache::default();
        let host = host(folder.path());
        let first = cache.get(&host).unwrap();
        let env = BTreeMap::new();
        let other = Host { env, ..host };
        // Another environment would give another scrubber, were it looked at.
        let text = "kestrel-quarry-9";
        assert_eq!(
            cache.get(&other).unwrap().scrubber.scrub(text),
            first.scrubber.scrub(text)
        );
    }
}
