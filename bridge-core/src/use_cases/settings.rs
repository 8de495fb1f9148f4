//! The configuration of the moment and the scrubber that goes with it; read again when the file changed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::adapters::config::{Config, ConfigError, Surroundings};
use crate::domain::scrub::{ScrubError, Scrubber};
use crate::use_cases::host::Host;

/// The configuration, and the scrubber that it asks for.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) scrubber: Scrubber,
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

/// Names that tell of a secret in their value.
const TELLING: &[&str] = &[
    "KEY",
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "CREDENTIAL",
    "PRIVATE",
];
/// A shorter value is no secret that anybody could look for without hiding ordinary words.
const SHORTEST_SECRET: usize = 8;

/// Settings by the state of the file that they came from.
#[derive(Debug, Default)]
pub(crate) struct SettingsCache {
    last: Mutex<Option<(Stamp, Result<Settings, SettingsError>)>>,
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
        let stamp = Stamp::of(&file);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, settings)) = last.as_ref()
            && *known == stamp
        {
            return settings.clone();
        }
        let settings = load(host, &file);
        *last = Some((stamp, settings.clone()));
        settings
    }

    /// The scrubber of this moment; where the configuration is broken, the one that needs none.
    pub(crate) fn scrubber(&self, host: &Host) -> Scrubber {
        match self.get(host) {
            Ok(settings) => settings.scrubber,
            Err(_) => Scrubber::builtin(),
        }
    }
}

fn load(host: &Host, file: &Path) -> Result<Settings, SettingsError> {
    let config = Config::load(file, surroundings(host))
        .map_err(|error| SettingsError::Config(Arc::new(error)))?;
    let mut extras = config.scrub.clone();
    extras.known_values = secrets_in(host);
    let scrubber = Scrubber::new(extras).map_err(|source| SettingsError::Scrub {
        file: file.to_owned(),
        source: Arc::new(source),
    })?;
    Ok(Settings { config, scrubber })
}

/// What the configuration needs to know of the surroundings.
pub(crate) fn surroundings(host: &Host) -> Surroundings<'_> {
    Surroundings {
        env: &host.env,
        home: &host.home,
        state_dir: &host.state_dir,
    }
}

/// The values of the environment that are secrets by their names: found wherever they turn up, whatever their form.
fn secrets_in(host: &Host) -> Vec<String> {
    let tells = |name: &str| TELLING.iter().any(|word| name.contains(word));
    host.env
        .iter()
        .filter(|(name, _)| tells(&name.to_string_lossy().to_ascii_uppercase()))
        .filter_map(|(_, value)| value.to_str())
        .filter(|value| value.len() >= SHORTEST_SECRET && !value.starts_with('/'))
        .map(ToOwned::to_owned)
        .collect()
}
