//! What each key comes to: the environment ranks above the file, and the file above the defaults.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::raw::RawLimits;
use super::{ChosenBin, ChosenBy, ConfigError, Surroundings, variable};
use crate::domain::bounds::RunBounds;
use crate::domain::policy::{AllowedRoots, Guard};
use crate::domain::run::WorkspaceMode;
use crate::domain::scrub::SHORTEST_VALUE;
use crate::domain::task::Backend;

pub(super) fn minutes(count: std::num::NonZeroU32) -> Duration {
    Duration::from_secs(60 * u64::from(count.get()))
}

pub(super) fn days(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 24 * 60 * 60)
}

pub(super) fn seconds(count: std::num::NonZeroU32) -> Duration {
    Duration::from_secs(u64::from(count.get()))
}

/// The person says it in minutes or in seconds, as suits them.
pub(super) fn silence(file: &Path, limits: &RawLimits) -> Result<Duration, ConfigError> {
    match (limits.silence_minutes, limits.silence_seconds) {
        (None, None) => Ok(RunBounds::DEFAULT.silence),
        (Some(count), None) => Ok(minutes(count)),
        (None, Some(count)) => Ok(seconds(count)),
        (Some(_), Some(_)) => Err(ConfigError::Value {
            file: file.to_owned(),
            key: "limits.silence_seconds",
            reason: "`limits.silence_minutes` says it already; keep one of them".to_owned(),
        }),
    }
}

/// The person's own secrets. A short word would be found everywhere, and is not left out unsaid.
pub(super) fn own_values(
    file: &Path,
    values: Option<Vec<String>>,
) -> Result<Vec<String>, ConfigError> {
    let values = values.unwrap_or_default();
    match values
        .iter()
        .position(|value| value.trim().len() < SHORTEST_VALUE)
    {
        Some(short) => Err(ConfigError::Value {
            file: file.to_owned(),
            key: "scrub.values",
            reason: format!("value {} has fewer than {SHORTEST_VALUE} bytes", short + 1),
        }),
        None => Ok(values),
    }
}

pub(super) fn var<'a>(env: &'a BTreeMap<OsString, OsString>, name: &str) -> Option<&'a OsStr> {
    env.get(OsStr::new(name))
        .map(OsString::as_os_str)
        .filter(|value| !value.is_empty())
}

/// `~` and `~/…` stand for the home folder; nothing else is expanded.
pub(super) fn expand_home(path: &Path, home: &Path) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => home.join(rest),
        Err(_) => path.to_owned(),
    }
}

/// The roots of the file, or those of the environment in their stead. What the file insists on counts for both.
pub(super) fn roots(
    file: &Path,
    around: Surroundings<'_>,
    listed: Option<Vec<PathBuf>>,
    broad: Option<Vec<PathBuf>>,
) -> Result<AllowedRoots, ConfigError> {
    let in_file = |key, paths: Option<Vec<PathBuf>>| {
        absolute(&paths.unwrap_or_default(), around.home).map_err(|reason| ConfigError::Value {
            file: file.to_owned(),
            key,
            reason,
        })
    };
    let insisted = in_file("broad_roots", broad)?;
    let roots = match var(around.env, variable::ROOTS) {
        Some(list) => {
            let paths = std::env::split_paths(list);
            let paths: Vec<_> = paths.filter(|path| !path.as_os_str().is_empty()).collect();
            absolute(&paths, around.home).map_err(|reason| ConfigError::Variable {
                name: variable::ROOTS,
                reason,
            })?
        }
        None => {
            let mut roots = in_file("allowed_roots", listed)?;
            let new: Vec<_> = insisted
                .iter()
                .filter(|root| !roots.contains(root))
                .cloned()
                .collect();
            roots.extend(new);
            roots
        }
    };
    Ok(AllowedRoots::new(roots).insisting(insisted))
}

fn absolute(paths: &[PathBuf], home: &Path) -> Result<Vec<PathBuf>, String> {
    let expanded: Vec<_> = paths.iter().map(|path| expand_home(path, home)).collect();
    match expanded.iter().find(|path| !path.is_absolute()) {
        Some(relative) => Err(format!("`{}` is not an absolute path", relative.display())),
        None => Ok(expanded),
    }
}

/// What no root may hold unless the person insists.
pub(super) fn guards(file: &Path, home: &Path, state_dir: &Path, codex_home: &Path) -> Vec<Guard> {
    let guard = |path: &Path, what, below| Guard {
        path: path.to_owned(),
        what,
        below,
    };
    vec![
        guard(home, "your whole home folder", false),
        guard(state_dir, "the bridge's own state", true),
        guard(file, "the bridge's own configuration", false),
        guard(codex_home, "Codex's own folder with its login", false),
    ]
}

pub(super) fn workspace(
    file: &Path,
    env: &BTreeMap<OsString, OsString>,
    word: Option<String>,
) -> Result<Option<WorkspaceMode>, ConfigError> {
    let parse = |word: &str| match word.replace('-', "_").as_str() {
        "in_place" => Ok(WorkspaceMode::InPlace),
        "worktree" => Ok(WorkspaceMode::Worktree),
        _ => Err(format!("`{word}` is none of in_place, worktree")),
    };
    if let Some(word) = var(env, variable::WORKSPACE) {
        let mode = parse(&word.to_string_lossy());
        return mode.map(Some).map_err(|reason| ConfigError::Variable {
            name: variable::WORKSPACE,
            reason,
        });
    }
    let mode = word.map(|word| parse(&word)).transpose();
    mode.map_err(|reason| ConfigError::Value {
        file: file.to_owned(),
        key: "defaults.workspace",
        reason,
    })
}

pub(super) fn chosen_bin(around: Surroundings<'_>, in_file: Option<PathBuf>) -> Option<ChosenBin> {
    let choice = |path: &Path, by| ChosenBin {
        path: expand_home(path, around.home),
        by,
    };
    match var(around.env, variable::CODEX_BIN) {
        Some(path) => Some(choice(Path::new(path), ChosenBy::Environment)),
        None => in_file.map(|path| choice(&path, ChosenBy::File)),
    }
}

pub(super) fn codex_home(around: Surroundings<'_>, in_file: Option<PathBuf>) -> Option<PathBuf> {
    match var(around.env, variable::CODEX_HOME) {
        Some(dir) => Some(PathBuf::from(dir)),
        None => in_file.map(|dir| expand_home(&dir, around.home)),
    }
}

pub(super) fn backend(
    file: &Path,
    env: &BTreeMap<OsString, OsString>,
    word: Option<String>,
) -> Result<Backend, ConfigError> {
    let parse = |word: &str| {
        Backend::parse(word).ok_or_else(|| format!("`{word}` is none of auto, exec, app-server"))
    };
    if let Some(word) = var(env, variable::BACKEND) {
        return parse(&word.to_string_lossy()).map_err(|reason| ConfigError::Variable {
            name: variable::BACKEND,
            reason,
        });
    }
    let backend = word.map(|word| parse(&word)).transpose();
    backend
        .map(Option::unwrap_or_default)
        .map_err(|reason| ConfigError::Value {
            file: file.to_owned(),
            key: "codex.backend",
            reason,
        })
}
