//! Which Codex it pretends to be, and what that one says about itself.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// The help texts of one version, as the program printed them.
struct Known {
    version: Version,
    codex: &'static str,
    exec: &'static str,
    resume: &'static str,
    review: &'static str,
    app_server: &'static str,
    debug: &'static str,
}

/// The one set of these texts is where the bridge's own tests need it.
macro_rules! page {
    ($version:literal, $page:literal) => {
        include_str!(concat!(
            "../../../../bridge-core/src/adapters/codex/fixtures/help/",
            $version,
            "/",
            $page,
            ".txt"
        ))
    };
}

macro_rules! known {
    ($version:literal, $major:literal, $minor:literal, $patch:literal) => {
        Known {
            version: Version($major, $minor, $patch),
            codex: page!($version, "codex"),
            exec: page!($version, "exec"),
            resume: page!($version, "exec_resume"),
            review: page!($version, "exec_review"),
            app_server: page!($version, "app-server"),
            debug: page!($version, "debug"),
        }
    };
}

/// Oldest first.
const KNOWN: [Known; 4] = [
    known!("0.118.0", 0, 118, 0),
    known!("0.140.0", 0, 140, 0),
    known!("0.155.0", 0, 155, 0),
    known!("0.169.0", 0, 169, 0),
];

/// A version of Codex. One that is not known behaves like the newest known one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32, u32);

/// A program whose help is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Codex,
    Exec,
    Resume,
    Review,
    AppServer,
    Debug,
}

impl Version {
    pub(crate) const NEWEST: Version = KNOWN[KNOWN.len() - 1].version;
    /// The first whose usage counts the tokens of reasoning.
    pub(crate) const COUNTS_REASONING: Version = Version(0, 140, 0);
    /// The first whose usage counts what was written to the cache.
    pub(crate) const COUNTS_CACHE_WRITES: Version = Version(0, 155, 0);

    /// The version of the program that was started by this name.
    pub(crate) fn of(program: &Path) -> Version {
        let version = candidates(program).into_iter().find_map(|path| {
            let file = fs::read_to_string(beside(&path, ".version")).ok();
            let named = || Some(path.file_name()?.to_str()?.rsplit_once('-')?.1.to_owned());
            Version::parse(file.or_else(named)?.trim())
        });
        version.unwrap_or(Version::NEWEST)
    }

    pub(crate) fn parse(text: &str) -> Option<Version> {
        let mut numbers = text.split('.').map(|number| number.parse().ok());
        let version = Version(numbers.next()??, numbers.next()??, numbers.next()??);
        numbers.next().is_none().then_some(version)
    }

    /// The help text of a page.
    pub(crate) fn help(self, page: Page) -> &'static str {
        let before = KNOWN.iter().rev().find(|known| known.version <= self);
        let known = before.unwrap_or(&KNOWN[0]);
        match page {
            Page::Codex => known.codex,
            Page::Exec => known.exec,
            Page::Resume => known.resume,
            Page::Review => known.review,
            Page::AppServer => known.app_server,
            Page::Debug => known.debug,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// What `debug models` prints, in the versions that have it.
pub(crate) const MODELS: &str = r#"{"models": [
    {"slug": "gpt-6-sol", "description": "For most work.", "default_reasoning_level": "medium",
     "supported_reasoning_levels": [{"effort": "low"}, {"effort": "medium"}, {"effort": "high"}],
     "visibility": "list", "priority": 1},
    {"slug": "gpt-6-luna", "default_reasoning_level": "low", "supported_reasoning_levels": [{"effort": "low"}],
     "visibility": "list", "priority": 2},
    {"slug": "codex-auto-review", "visibility": "hide", "priority": 43}]}"#;

/// What `login status` says.
pub(crate) fn login_status(program: &Path) -> String {
    let mut files = candidates(program).into_iter();
    let status = files.find_map(|path| fs::read_to_string(beside(&path, ".login")).ok());
    status.unwrap_or_else(|| "Logged in using ChatGPT".to_owned())
}

/// The program as it was called and, behind any links, as it is.
fn candidates(program: &Path) -> Vec<PathBuf> {
    let is_path = program.components().count() > 1;
    let called = is_path.then(|| program.to_owned());
    called.into_iter().chain(std::env::current_exe()).collect()
}

fn beside(program: &Path, suffix: &str) -> PathBuf {
    let mut name = program.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_three_numbers() {
        fn check(text: &str, expected: Option<Version>) {
            assert_eq!(Version::parse(text), expected);
        }
        check("0.118.0", Some(Version(0, 118, 0)));
        check("1.2", None);
        check("1.2.3.4", None);
        check("codex", None);
    }

    #[test]
    fn an_unknown_version_has_the_help_of_the_one_before() {
        let has_full_auto = |version: &str| {
            let version = Version::parse(version).unwrap();
            version.help(Page::Exec).contains("--full-auto")
        };
        assert!(has_full_auto("0.100.0"));
        assert!(has_full_auto("0.139.9"));
        assert!(!has_full_auto("0.140.1"));
        assert!(!has_full_auto("1.0.0"));
    }
}
