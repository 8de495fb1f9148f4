//! Where a Codex binary may be.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::adapters::codex::locate::{Candidate, Origin};

const NAME: &str = "codex";

/// Folders below the home folder into which installers and version managers put programs, on macOS and Linux.
const HOME_FOLDERS: &[&str] = &[
    ".local/bin",
    "bin",
    ".cargo/bin",
    ".bun/bin",
    ".volta/bin",
    ".npm-global/bin",
    ".npm-packages/bin",
    ".local/share/mise/shims",
    ".asdf/shims",
    ".nodenv/shims",
    ".proto/bin",
    "n/bin",
    "Library/pnpm",
    "Library/pnpm/bin",
    ".local/share/pnpm",
    ".local/share/pnpm/bin",
    ".yarn/bin",
    ".config/yarn/global/node_modules/.bin",
    ".nix-profile/bin",
    ".local/share/fnm/aliases/default/bin",
    "Library/Application Support/fnm/aliases/default/bin",
    ".fnm/aliases/default/bin",
];

/// Folders below the home folder that hold one folder per version of node, and where its programs are in that.
const NODE_VERSIONS: &[(&str, &str)] = &[
    (".nvm/versions/node", "bin"),
    (".config/nvm/versions/node", "bin"),
    (".local/share/fnm/node-versions", "installation/bin"),
    (
        "Library/Application Support/fnm/node-versions",
        "installation/bin",
    ),
    (".fnm/node-versions", "installation/bin"),
    (".local/share/mise/installs/node", "bin"),
    (".asdf/installs/nodejs", "bin"),
    (".nodenv/versions", "bin"),
];

const SYSTEM_FOLDERS: &[&str] = &[
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/opt/local/bin",
    "/usr/bin",
    "/snap/bin",
    "/run/current-system/sw/bin",
    "/nix/var/nix/profiles/default/bin",
];

/// The binary in the desktop apps. What is in `Contents/MacOS` is the app itself.
const APP_BUNDLES: &[&str] = &[
    "Applications/Codex.app/Contents/Resources/codex",
    "Applications/ChatGPT.app/Contents/Resources/codex",
];

/// Where to look: all that comes from the environment and the settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Places<'a> {
    /// The setting `codex.bin`.
    pub setting: Option<&'a Path>,
    /// The variable `CODEX_BIN`.
    pub variable: Option<&'a OsStr>,
    /// The variable `PATH`.
    pub path: Option<&'a OsStr>,
    /// The home folder.
    pub home: Option<&'a Path>,
}

impl Places<'_> {
    /// The files that the person named. The variable counts more than the setting, as all variables do.
    pub(super) fn named(&self) -> impl Iterator<Item = Candidate> {
        let variable = self.variable.filter(|value| !value.is_empty());
        let named = [
            (variable.map(Path::new), Origin::Variable),
            (self.setting, Origin::Setting),
        ];
        named.into_iter().filter_map(|(path, origin)| {
            let path = path?;
            let path = match (path.strip_prefix("~"), self.home) {
                (Ok(rest), Some(home)) => home.join(rest),
                _ => path.to_owned(),
            };
            Some(Candidate { path, origin })
        })
    }

    /// What is there on PATH.
    pub(super) fn on_path(&self) -> Vec<Candidate> {
        distinct(in_path(self.path, Origin::Path))
    }

    /// What is there in all other places.
    pub(super) fn elsewhere(&self, login_path: Option<&OsStr>) -> Vec<Candidate> {
        let seen = self.on_path();
        distinct(
            seen.clone()
                .into_iter()
                .chain(in_path(login_path, Origin::LoginShell))
                .chain(self.known()),
        )
        .into_iter()
        .filter(|candidate| !seen.contains(candidate))
        .collect()
    }

    /// All of it, in the order of its rank. What the person named is there even when it does not exist.
    pub(super) fn all(&self, login_path: Option<&OsStr>) -> Vec<Candidate> {
        let found = self
            .on_path()
            .into_iter()
            .chain(in_path(login_path, Origin::LoginShell))
            .chain(self.known());
        distinct(self.named().chain(found))
    }

    fn known(&self) -> Vec<Candidate> {
        let below_home = |folder: &str| self.home.map(|home| home.join(folder));
        let folders = HOME_FOLDERS.iter().filter_map(|folder| below_home(folder));
        let versions = NODE_VERSIONS.iter().flat_map(|(folder, bin)| {
            let versions = below_home(folder).map_or_else(Vec::new, |at| newest_first(&at));
            versions.into_iter().map(move |version| version.join(bin))
        });
        let system = SYSTEM_FOLDERS.iter().map(PathBuf::from);
        let installed = system
            .chain(folders)
            .chain(versions)
            .map(|folder| (folder.join(NAME), Origin::KnownPlace));
        let bundles = APP_BUNDLES.iter().flat_map(|bundle| {
            [Some(Path::new("/").join(bundle)), below_home(bundle)]
                .into_iter()
                .flatten()
                .map(|path| (path, Origin::AppBundle))
        });
        installed
            .chain(bundles)
            .filter(|(path, _)| path.is_file())
            .map(|(path, origin)| Candidate { path, origin })
            .collect()
    }
}

fn in_path(path: Option<&OsStr>, origin: Origin) -> Vec<Candidate> {
    let Some(path) = path else {
        return Vec::new();
    };
    std::env::split_paths(path)
        // A relative folder on PATH means another file in each folder.
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(NAME))
        .filter(|path| path.is_file())
        .map(|path| Candidate { path, origin })
        .collect()
}

/// Leaves out what is the same file as an earlier one.
fn distinct(candidates: impl IntoIterator<Item = Candidate>) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    candidates
        .into_iter()
        .filter(|candidate| {
            let real = fs::canonicalize(&candidate.path).unwrap_or_else(|_| candidate.path.clone());
            // A shim of a version manager is the manager itself, whatever the link's name.
            let key = if is_named_codex(&real) {
                real
            } else {
                candidate.path.clone()
            };
            seen.insert(key)
        })
        .collect()
}

pub(super) fn is_named_codex(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(NAME.as_bytes()))
}

/// The folders in `folder`, by the version in their names.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<OsString> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(numbers(&name.to_string_lossy())));
    names.into_iter().map(|name| folder.join(name)).collect()
}

/// The numbers in `v20.11.0`.
fn numbers(name: &str) -> Vec<u64> {
    name.split(|c: char| !c.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect()
}
