//! Versions of Codex, as `codex --version` prints them.

use std::cmp::Ordering;
use std::fmt;

/// A version of Codex, such as `0.169.0` or `0.170.0-alpha.2`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    numbers: [u32; 3],
    pre_release: Option<String>,
}

impl Version {
    /// The oldest version that this bridge is tested with.
    pub const OLDEST_TESTED: Version = Version::new(0, 118, 0);
    /// The newest version that this bridge is tested with.
    pub const NEWEST_TESTED: Version = Version::new(0, 169, 0);

    /// A released version.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Version {
        Version {
            numbers: [major, minor, patch],
            pre_release: None,
        }
    }

    /// Reads `X.Y.Z` or `X.Y.Z-pre`.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, pre_release) = match text.split_once('-') {
            Some((numbers, pre)) if !pre.is_empty() => (numbers, Some(pre)),
            Some(_) => return None,
            None => (text, None),
        };
        let plain = |pre: &str| {
            pre.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
        };
        if pre_release.is_some_and(|pre| pre.len() > 40 || !plain(pre)) {
            return None;
        }
        let mut parts = numbers.split('.').map(|part| part.parse().ok());
        let numbers = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then(|| Version {
            numbers,
            pre_release: pre_release.map(str::to_owned),
        })
    }

    /// Finds the version in what `codex --version` printed: `codex-cli 0.169.0`.
    pub fn of_output(stdout: &str) -> Option<Version> {
        stdout
            .lines()
            .find_map(|line| line.trim().strip_prefix("codex-cli "))
            .and_then(|rest| Version::parse(rest.split_whitespace().next()?))
    }

    /// How it stands to the versions that the bridge is tested with.
    pub fn age(&self) -> Age {
        if self.numbers == [0, 0, 0] {
            Age::BuiltFromSource
        } else if *self < Self::OLDEST_TESTED {
            Age::OlderThanTested
        } else if *self > Self::NEWEST_TESTED {
            Age::NewerThanTested
        } else {
            Age::Tested
        }
    }
}

/// How a version stands to those that the bridge is tested with. None is refused for it: what a version can do is
/// asked, not concluded from its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// One of them, or between two of them.
    Tested,
    /// Older than all of them.
    OlderThanTested,
    /// Newer than all of them.
    NewerThanTested,
    /// Somebody built it: such a build calls itself 0.0.0, whatever it can do.
    BuiltFromSource,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        match &self.pre_release {
            Some(pre) => write!(f, "-{pre}"),
            None => Ok(()),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (&self.pre_release, &other.pre_release) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(this), Some(that)) => compare_pre_releases(this, that),
            }
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares as Semantic Versioning does: part by part, numbers as numbers.
fn compare_pre_releases(this: &str, that: &str) -> Ordering {
    let number = |part: &str| part.parse::<u64>().map_or((1, 0), |number| (0, number));
    let key = |text: &str| -> Vec<((u8, u64), String)> {
        text.split('.')
            .map(|part| (number(part), part.to_owned()))
            .collect()
    };
    key(this).cmp(&key(that))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_codex_prints() {
        let check = |output: &str, expected: Option<&str>| {
            let version = Version::of_output(output).map(|version| version.to_string());
            assert_eq!(version.as_deref(), expected, "{output}");
        };
        check("codex-cli 0.118.0\n", Some("0.118.0"));
        check("WARNING: something\ncodex-cli 0.169.0\n", Some("0.169.0"));
        check("codex-cli 0.170.0-alpha.12", Some("0.170.0-alpha.12"));
        check("codex-cli 0.0.0", Some("0.0.0"));
        check("codex 1.0", None);
        check("codex-cli latest", None);
        check("codex-cli 1.2", None);
        check("codex-cli 1.2.3.4", None);
        check("codex-cli 1.2.3-", None);
        check("v20.11.0", None);
        check("", None);
    }

    #[test]
    fn sorts_by_age() {
        let sorted = [
            "0.9.9",
            "0.118.0-alpha.2",
            "0.118.0-alpha.10",
            "0.118.0",
            "0.118.1",
            "1.0.0",
        ];
        for pair in sorted.windows(2) {
            assert!(
                Version::parse(pair[0]) < Version::parse(pair[1]),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn a_build_from_source_is_of_no_age() {
        let check = |text: &str, age: Age| {
            assert_eq!(Version::parse(text).unwrap().age(), age, "{text}");
        };
        check("0.117.9", Age::OlderThanTested);
        check("0.118.0", Age::Tested);
        check("0.155.1", Age::Tested);
        check("0.169.0", Age::Tested);
        check("0.169.1-alpha.1", Age::NewerThanTested);
        check("1.0.0", Age::NewerThanTested);
        check("0.0.0", Age::BuiltFromSource);
    }
}
