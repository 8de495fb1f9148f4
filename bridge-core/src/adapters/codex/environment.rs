//! The environment of a Codex process: what is on a list, and nothing else.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Variables that Codex gets as they are. Proxies and certificates are among them, since without them Codex does
/// not reach its service from many offices; none of them reaches the model's commands.
const ALLOWED: &[&str] = &[
    "HOME",
    "PATH",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TMPDIR",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CODEX_CA_CERTIFICATE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
];

/// What an environment is made from.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The environment of the process that starts Codex.
    pub snapshot: &'a BTreeMap<OsString, OsString>,
    /// Further variables that the person lets through, such as `SSH_AUTH_SOCK`; they reach Codex, not the model's
    /// commands.
    pub extra_allowed: &'a [String],
    /// The person's choice of Codex's folder. Without one Codex takes, and if need be makes, `~/.codex`; a folder
    /// that is named has to exist.
    pub codex_home: Option<&'a Path>,
    /// A variable by which the run's processes are known, and a bridge below them knows where it is.
    pub marker: (&'a str, &'a str),
    /// The folder of the programs that came with the binary, which has to be on its PATH.
    pub helpers: Option<&'a Path>,
    /// An API key of the person's.
    pub api_key: ApiKey<'a>,
}

/// Whether Codex gets an API key.
#[derive(Clone, Copy)]
pub enum ApiKey<'a> {
    /// None: it has its own login.
    None,
    /// The one in `CODEX_API_KEY`, if there is one.
    FromEnvironment,
    /// This one.
    Given(&'a str),
}

impl std::fmt::Debug for ApiKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ApiKey::None => "None",
            ApiKey::FromEnvironment => "FromEnvironment",
            ApiKey::Given(_) => "Given(…)",
        })
    }
}

/// The name under which `codex exec` looks for an API key; it ignores `OPENAI_API_KEY` (0.118 and 0.169).
const API_KEY: &str = "CODEX_API_KEY";

/// Whether the person's environment has an API key for Codex.
pub fn has_api_key(snapshot: &BTreeMap<OsString, OsString>) -> bool {
    snapshot.contains_key(OsStr::new(API_KEY))
}

/// The whole environment of a Codex process, sorted by name.
pub fn codex_env(from: &Surroundings<'_>) -> Vec<(OsString, OsString)> {
    let mut env: BTreeMap<OsString, OsString> = from
        .snapshot
        .iter()
        .filter(|(name, _)| is_allowed(name, from.extra_allowed))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    match from.api_key {
        ApiKey::None => {}
        ApiKey::FromEnvironment => {
            if let Some(key) = from.snapshot.get(OsStr::new(API_KEY)) {
                env.insert(API_KEY.into(), key.clone());
            }
        }
        ApiKey::Given(key) => {
            env.insert(API_KEY.into(), key.into());
        }
    }
    if let Some(home) = from.codex_home {
        env.insert("CODEX_HOME".into(), home.into());
    }
    if let Some(helpers) = from.helpers {
        let path = with_helpers(helpers, env.get(OsStr::new("PATH")));
        env.insert("PATH".into(), path);
    }
    env.insert(from.marker.0.into(), from.marker.1.into());
    env.into_iter().collect()
}

/// Variables by which the git that Codex itself runs runs nothing of the repository's. It does so in the folder, outside
/// of its sandbox: 0.118 with the repository's fsmonitor, all versions with its filters. Filters can only be named one
/// by one; the model's commands get none of this.
pub fn git_settings<'a>(filters: impl Iterator<Item = &'a str>) -> Vec<(OsString, OsString)> {
    let mut settings = vec![
        ("core.fsmonitor".to_owned(), "false"),
        ("core.hooksPath".to_owned(), "/dev/null"),
    ];
    for filter in filters {
        let of = |what| format!("filter.{filter}.{what}");
        settings.extend(["clean", "smudge", "process"].map(|program| (of(program), "")));
        settings.push((of("required"), "false"));
    }
    let count = settings.len().to_string();
    let mut variables = vec![("GIT_CONFIG_COUNT".into(), count.into())];
    for (at, (key, value)) in settings.into_iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{at}").into(), key.into()));
        variables.push((format!("GIT_CONFIG_VALUE_{at}").into(), value.into()));
    }
    variables
}

/// Whether a variable goes on to Codex as it is. `CODEX_HOME` and the API key have their own ways in.
fn is_allowed(name: &OsStr, extra: &[String]) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    if name == API_KEY || name == "CODEX_HOME" {
        return false;
    }
    ALLOWED.contains(&name) || name.starts_with("LC_") || extra.iter().any(|more| more == name)
}

/// Puts the folder first, as npm's launcher of 0.118 does for the `rg` that comes with it.
fn with_helpers(helpers: &Path, path: Option<&OsString>) -> OsString {
    let mut joined = helpers.as_os_str().to_owned();
    if let Some(path) = path.filter(|path| !path.is_empty()) {
        joined.push(":");
        joined.push(path);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(pairs: &[(&str, &str)]) -> BTreeMap<OsString, OsString> {
        pairs
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    fn plain(snapshot: &BTreeMap<OsString, OsString>) -> Surroundings<'_> {
        Surroundings {
            snapshot,
            extra_allowed: &[],
            codex_home: None,
            marker: ("CODEX_BRIDGE_RUN", "run_x"),
            helpers: None,
            api_key: ApiKey::None,
        }
    }

    #[test]
    fn the_git_of_codex_runs_nothing_of_the_repositorys() {
        let settings: Vec<String> = git_settings(["lfs"].into_iter())
            .into_iter()
            .map(|(key, value)| format!("{}={}", key.display(), value.display()))
            .collect();
        assert_eq!(settings[0], "GIT_CONFIG_COUNT=6");
        assert_eq!(settings.len(), 13);
        assert!(settings.contains(&"GIT_CONFIG_KEY_2=filter.lfs.clean".to_owned()));
        assert!(settings.contains(&"GIT_CONFIG_VALUE_2=".to_owned()));
        assert!(settings.contains(&"GIT_CONFIG_VALUE_5=false".to_owned()));
    }

    fn check(from: &Surroundings<'_>, expected: &[&str]) {
        let env: Vec<String> = codex_env(from)
            .into_iter()
            .map(|(name, value)| format!("{}={}", name.display(), value.display()))
            .collect();
        assert_eq!(env, expected);
    }

    #[test]
    fn only_what_is_on_the_list_goes_through() {
        let snapshot = snapshot(&[
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("CODEX_API_KEY", "k"),
            ("CODEX_HOME", "/elsewhere"),
            ("CODEX_SANDBOX", "seatbelt"),
            ("GITHUB_TOKEN", "t"),
            ("HOME", "/home/me"),
            ("HTTPS_PROXY", "http://proxy"),
            ("LC_ALL", "C.UTF-8"),
            ("LD_PRELOAD", "x.so"),
            ("OPENAI_API_KEY", "k"),
            ("PATH", "/bin"),
            ("SSH_AUTH_SOCK", "/s"),
            ("TERM", "xterm"),
        ]);
        let expected = [
            "CODEX_BRIDGE_RUN=run_x",
            "HOME=/home/me",
            "HTTPS_PROXY=http://proxy",
            "LC_ALL=C.UTF-8",
            "PATH=/bin",
        ];
        check(&plain(&snapshot), &expected);
    }

    #[test]
    fn the_person_lets_further_variables_through() {
        let snapshot = snapshot(&[("SSH_AUTH_SOCK", "/s"), ("MY_PROVIDER_KEY", "k")]);
        let extra = ["SSH_AUTH_SOCK".to_owned()];
        let from = Surroundings {
            extra_allowed: &extra,
            ..plain(&snapshot)
        };
        check(&from, &["CODEX_BRIDGE_RUN=run_x", "SSH_AUTH_SOCK=/s"]);
    }

    #[test]
    fn the_api_key_has_one_way_in() {
        let snapshot = snapshot(&[("CODEX_API_KEY", "theirs")]);
        let extra = ["CODEX_API_KEY".to_owned()];
        let with = |api_key| Surroundings {
            extra_allowed: &extra,
            api_key,
            ..plain(&snapshot)
        };
        check(&with(ApiKey::None), &["CODEX_BRIDGE_RUN=run_x"]);
        let from_environment = ["CODEX_API_KEY=theirs", "CODEX_BRIDGE_RUN=run_x"];
        check(&with(ApiKey::FromEnvironment), &from_environment);
        let given = ["CODEX_API_KEY=ours", "CODEX_BRIDGE_RUN=run_x"];
        check(&with(ApiKey::Given("ours")), &given);
        assert_eq!(format!("{:?}", ApiKey::Given("ours")), "Given(…)");
    }

    #[test]
    fn helpers_come_first_on_the_path() {
        let snapshot = snapshot(&[("PATH", "/bin:/usr/bin")]);
        let from = Surroundings {
            helpers: Some(Path::new("/codex/path")),
            codex_home: Some(Path::new("/home/me/.codex")),
            ..plain(&snapshot)
        };
        let expected = [
            "CODEX_BRIDGE_RUN=run_x",
            "CODEX_HOME=/home/me/.codex",
            "PATH=/codex/path:/bin:/usr/bin",
        ];
        check(&from, &expected);
    }
}
