//! Where the files of clients are on this computer.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::adapters::clients::site::Site;
use crate::adapters::clients::table::{Client, Counts, Paths};
use crate::platform::system::System;

/// What decides where files are.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The operating system.
    pub system: System,
    /// The environment.
    pub env: &'a BTreeMap<OsString, OsString>,
    /// The person's home folder.
    pub home: &'a Path,
}

/// The files of a client that count here.
pub fn sites(client: &'static Client, around: Around<'_>, state: &Path) -> Vec<Site> {
    let mut found: Vec<Site> = Vec::new();
    for place in client.places {
        let files = files(&place.files, around);
        for file in files {
            let counts = match place.counts {
                Counts::Always => true,
                Counts::WithFolder => file.parent().is_some_and(Path::exists),
                Counts::IfThere => file.exists(),
            };
            if counts && found.iter().all(|known| known.file != file) {
                found.push(Site::new(client, place.id, file, state));
            }
        }
    }
    found
}

/// The paths of a row of the table, as far as they make sense here.
pub fn paths_of(paths: &Paths, around: Around<'_>) -> Vec<PathBuf> {
    let patterns = match around.system {
        System::MacOs => paths.macos,
        System::Linux => paths.linux,
        System::Windows => paths.windows,
    };
    patterns
        .iter()
        .flat_map(|pattern| path_of(pattern, around))
        .collect()
}

/// The one file of a place that counts; several where a name stands for several folders, and each is a real one.
fn files(paths: &Paths, around: Around<'_>) -> Vec<PathBuf> {
    let patterns = match around.system {
        System::MacOs => paths.macos,
        System::Linux => paths.linux,
        System::Windows => paths.windows,
    };
    let mut last = None;
    for pattern in patterns {
        let found = path_of(pattern, around);
        // A variable that is set decides; so does a package that is installed.
        if (pattern.starts_with('$') || pattern.contains('*')) && !found.is_empty() {
            return found;
        }
        let Some(file) = found.into_iter().next() else {
            continue;
        };
        if std::fs::symlink_metadata(&file).is_ok() {
            return vec![file];
        }
        last = Some(file);
    }
    last.into_iter().collect()
}

/// The paths that a pattern of the table stands for.
pub fn path_of(pattern: &str, around: Around<'_>) -> Vec<PathBuf> {
    let (first, rest) = pattern.split_once('/').unwrap_or((pattern, ""));
    let var = |name: &str| -> Option<PathBuf> {
        let value = around.env.get(OsStr::new(name))?;
        let path = PathBuf::from(value);
        path.is_absolute().then_some(path)
    };
    let home = around.home;
    let base = match first {
        "~" => Some(home.to_owned()),
        "{config}" => Some(var("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"))),
        "{support}" => Some(home.join("Library/Application Support")),
        "{roaming}" => Some(var("APPDATA").unwrap_or_else(|| home.join("AppData/Roaming"))),
        "{local}" => Some(var("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData/Local"))),
        other => other.strip_prefix('$').and_then(var),
    };
    let mut paths: Vec<PathBuf> = base.into_iter().collect();
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        paths = match part.split_once('*') {
            None => paths.iter().map(|path| path.join(part)).collect(),
            Some((start, end)) => paths
                .iter()
                .flat_map(|path| matching(path, start, end))
                .collect(),
        };
    }
    paths
}

fn matching(folder: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name();
            name.to_str()
                .is_some_and(|name| name.starts_with(start) && name.ends_with(end))
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::clients::table::{CLIENTS, find};

    fn check(system: System, env: &[(&str, &str)], client: &str, expected: &[&str]) {
        let env = env
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let env = env.collect();
        let home = tempfile::tempdir().unwrap();
        let around = Around {
            system,
            env: &env,
            home: home.path(),
        };
        let sites = sites(find(client).unwrap(), around, Path::new("/state"));
        let files: Vec<_> = sites
            .iter()
            .map(|site| {
                site.file
                    .strip_prefix(home.path())
                    .unwrap_or(&site.file)
                    .to_owned()
            })
            .collect();
        assert_eq!(
            files,
            expected.iter().map(PathBuf::from).collect::<Vec<_>>()
        );
    }

    #[test]
    fn each_system_has_its_places() {
        use System::{Linux, MacOs, Windows};
        let check_all = |client, macos, linux, windows| {
            check(MacOs, &[], client, &[macos]);
            check(Linux, &[], client, &[linux]);
            check(Windows, &[], client, &[windows]);
        };
        check_all(
            "claude-desktop",
            "Library/Application Support/Claude/claude_desktop_config.json",
            ".config/Claude/claude_desktop_config.json",
            "AppData/Roaming/Claude/claude_desktop_config.json",
        );
        check_all(
            "claude-code",
            ".claude.json",
            ".claude.json",
            ".claude.json",
        );
        check_all(
            "vscode",
            "Library/Application Support/Code/User/mcp.json",
            ".config/Code/User/mcp.json",
            "AppData/Roaming/Code/User/mcp.json",
        );
        check_all(
            "zed",
            ".config/zed/settings.json",
            ".config/zed/settings.json",
            "AppData/Roaming/Zed/settings.json",
        );
        check_all(
            "goose",
            ".config/goose/config.yaml",
            ".config/goose/config.yaml",
            "AppData/Roaming/Block/goose/config/config.yaml",
        );
    }

    #[test]
    fn variables_decide() {
        use System::Linux;
        let xdg = [("XDG_CONFIG_HOME", "/x")];
        check(
            Linux,
            &xdg,
            "claude-desktop",
            &["/x/Claude/claude_desktop_config.json"],
        );
        check(Linux, &xdg, "opencode", &["/x/opencode/opencode.json"]);
        check(
            Linux,
            &[("OPENCODE_CONFIG", "/o.json")],
            "opencode",
            &["/o.json"],
        );
        check(
            Linux,
            &[("CLAUDE_CONFIG_DIR", "/c")],
            "claude-code",
            &["/c/.claude.json"],
        );
        check(
            Linux,
            &[("COPILOT_HOME", "/h")],
            "copilot-cli",
            &["/h/mcp-config.json"],
        );
        check(
            Linux,
            &[("COPILOT_HOME", "relative")],
            "copilot-cli",
            &[".copilot/mcp-config.json"],
        );
    }

    #[test]
    fn what_exists_counts_first_and_every_real_package_of_windows() {
        let home = tempfile::tempdir().unwrap();
        let env = BTreeMap::new();
        let around = |system| Around {
            system,
            env: &env,
            home: home.path(),
        };
        let make = |path: &str| {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "{}").unwrap();
        };
        let files = |system, client| -> Vec<_> {
            let sites = sites(find(client).unwrap(), around(system), Path::new("/state"));
            sites.into_iter().map(|site| site.file).collect()
        };
        make(".config/opencode/opencode.jsonc");
        make(".config/opencode/opencode.json");
        let opencode = home.path().join(".config/opencode/opencode.jsonc");
        assert_eq!(files(System::Linux, "opencode"), [opencode]);
        make("AppData/Local/Packages/Claude_pzs8/LocalCache/Roaming/Claude/x");
        make("AppData/Local/Packages/Other/x");
        make("AppData/Local/Claude-3p/x");
        let local = home.path().join("AppData/Local");
        let claude = "claude_desktop_config.json";
        assert_eq!(
            files(System::Windows, "claude-desktop"),
            [
                local
                    .join("Packages/Claude_pzs8/LocalCache/Roaming/Claude")
                    .join(claude),
                local.join("Claude-3p").join(claude)
            ]
        );
    }

    #[test]
    fn every_client_has_one_file_at_least_and_a_name_of_its_own() {
        for system in [System::MacOs, System::Linux, System::Windows] {
            let env = BTreeMap::new();
            let around = Around {
                system,
                env: &env,
                home: Path::new("/home/me"),
            };
            let mut ids = std::collections::BTreeSet::new();
            for client in CLIENTS {
                assert!(ids.insert(client.id));
                let sites = sites(client, around, Path::new("/state"));
                assert!(sites.iter().all(|site| site.file.is_absolute()));
                assert!(!sites.is_empty(), "{}", client.id);
                assert!(!client.hello.is_empty() && !client.reload.is_empty());
            }
        }
    }
}
