//! Where git is, and whether it is new enough.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::platform::probe::{self, ProbeError, Question};

/// `git --version` takes a few milliseconds; on a Mac that has just started, a second.
const LIMIT: Duration = Duration::from_secs(20);
/// Apple's stand-in for git. Without the developer tools it opens a window that offers to install them.
const APPLE_SHIM: &str = "/usr/bin/git";
/// Tells, without a window, where the developer tools are.
const XCODE_SELECT: &str = "/usr/bin/xcode-select";

/// A git that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Git {
    program: PathBuf,
    version: Version,
}

impl Git {
    /// Looks for the first git on this PATH that is new enough.
    ///
    /// # Errors
    /// If there is none; what is said is about the first one.
    pub async fn find(path: &OsStr) -> Result<Git, FindError> {
        let mut first = None;
        for program in candidates(path) {
            match Git::at(&program).await {
                Ok(git) => return Ok(git),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or(FindError::Missing))
    }

    async fn at(program: &Path) -> Result<Git, FindError> {
        let program = behind_shim(program, Path::new(APPLE_SHIM), Path::new(XCODE_SELECT)).await?;
        let said = ask(&program, "--version").await?;
        let Some(version) = Version::of_output(&said) else {
            return Err(FindError::NotGit { program });
        };
        if version < Version::OLDEST {
            return Err(FindError::TooOld { program, version });
        }
        Ok(Git { program, version })
    }

    /// The file.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Its version.
    pub fn version(&self) -> Version {
        self.version
    }
}

/// Why there is no git to work with.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nothing has that name.
    #[error("git was not found on PATH")]
    Missing,
    /// Only the stand-in is there.
    #[error("`{}` needs Apple's command line developer tools, which are not installed", program.display())]
    NoDeveloperTools {
        /// The stand-in.
        program: PathBuf,
    },
    /// It could not be started, or did not end.
    #[error("git can't be used")]
    Probe(#[source] ProbeError),
    /// It is something else.
    #[error("`{}` does not answer `--version` as git does", program.display())]
    NotGit {
        /// What was asked.
        program: PathBuf,
    },
    /// It lacks what the bridge needs.
    #[error("`{}` is git {version}, and {} is the oldest that works", program.display(), Version::OLDEST)]
    TooOld {
        /// What was asked.
        program: PathBuf,
        /// What it is.
        version: Version,
    },
}

/// A version of git: `2.47.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u32; 3]);

impl Version {
    /// That of Debian 11. Since then `rev-parse` keeps names apart from options.
    pub const OLDEST: Version = Version([2, 30, 0]);

    /// Since this one, `update-index` puts all new contents into one pack, if it takes them for large.
    pub(in crate::adapters::git) const PACKS_NEW_FILES: Version = Version([2, 37, 0]);

    /// Finds the version in what `git --version` printed, also by Apple, with a fourth number or as a preview.
    fn of_output(stdout: &str) -> Option<Version> {
        let words = stdout.lines().next()?.strip_prefix("git version ")?;
        let mut parts = words.split_whitespace().next()?.split(['.', '-']);
        let mut number = || parts.next()?.parse().ok();
        Some(Version([
            number()?,
            number()?,
            number().unwrap_or_default(),
        ]))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// The executable files of that name, in the order of PATH. A relative folder would be another one elsewhere.
fn candidates(path: &OsStr) -> Vec<PathBuf> {
    let is_program = |file: &PathBuf| {
        fs::metadata(file)
            .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    };
    path.as_bytes()
        .split(|byte| *byte == b':')
        .map(|folder| Path::new(OsStr::from_bytes(folder)))
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("git"))
        .filter(is_program)
        .collect()
}

/// The real git in place of Apple's stand-in, which costs a few milliseconds each time even where all is installed.
async fn behind_shim(program: &Path, shim: &Path, select: &Path) -> Result<PathBuf, FindError> {
    if program != shim || !select.exists() {
        return Ok(program.to_owned());
    }
    let missing = FindError::NoDeveloperTools {
        program: program.to_owned(),
    };
    let Ok(folder) = ask(select, "-p").await else {
        return Err(missing);
    };
    let real = Path::new(folder.trim_end()).join("usr/bin/git");
    if real.is_absolute() && real.exists() {
        Ok(real)
    } else {
        Err(missing)
    }
}

/// What a program answers to one option; a failure is no answer.
async fn ask(program: &Path, option: &str) -> Result<String, FindError> {
    let question = Question {
        program: program.to_owned(),
        args: vec![OsString::from(option)],
        env: vec![
            ("PATH".into(), "/usr/bin:/bin".into()),
            ("LC_ALL".into(), "C".into()),
        ],
        limit: LIMIT,
        max_output: 4096,
    };
    let answer = probe::run_bounded(&question)
        .await
        .map_err(FindError::Probe)?;
    if answer.status.success() {
        Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
    } else {
        Err(FindError::NotGit {
            program: program.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    #[test]
    fn versions_are_read_as_everybody_prints_them() {
        let check = |text: &str, expected: &str| {
            let got = Version::of_output(text).map(|version| version.to_string());
            assert_eq!(got.as_deref().unwrap_or("none"), expected, "{text}");
        };
        check("git version 2.47.3\n", "2.47.3");
        check("git version 2.39.5 (Apple Git-154)\n", "2.39.5");
        check("git version 2.50.1.windows.1\n", "2.50.1");
        check("git version 2.48.0.rc1\n", "2.48.0");
        check("git version 2.48-rc1\n", "2.48.0");
        check("git version 3.0\n", "3.0.0");
        check("git version two\n", "none");
        check("hub version 2.14.2\n", "none");
        check("", "none");
    }

    #[tokio::test]
    async fn the_first_git_that_is_new_enough_is_taken() {
        let tmp = tempfile::tempdir().unwrap();
        let [old, odd, new, newer] =
            ["old", "odd", "new", "newer"].map(|name| tmp.path().join(name));
        script(&old, "git", "echo git version 2.29.3");
        script(&odd, "git", "echo hello");
        script(&new, "git", "echo git version 2.30.0");
        script(&newer, "git", "echo git version 2.99.0");
        let check = async |folders: &[&Path], expected: &str| {
            let path = std::env::join_paths(folders).unwrap();
            let got = match Git::find(&path).await {
                Ok(git) => format!("{} {}", git.program().display(), git.version()),
                Err(error) => error.to_string(),
            };
            let got = got.replace(&tmp.path().display().to_string(), "~");
            assert_eq!(got, expected);
        };
        check(&[&new, &newer], "~/new/git 2.30.0").await;
        check(&[&old, &odd, &newer], "~/newer/git 2.99.0").await;
        let too_old = "`~/old/git` is git 2.29.3, and 2.30.0 is the oldest that works";
        check(&[&old, &odd], too_old).await;
        check(
            &[&odd],
            "`~/odd/git` does not answer `--version` as git does",
        )
        .await;
        check(
            &[Path::new("new"), Path::new("")],
            "git was not found on PATH",
        )
        .await;
        check(&[tmp.path()], "git was not found on PATH").await;
    }

    #[tokio::test]
    async fn apples_stand_in_is_never_started() {
        let tmp = tempfile::tempdir().unwrap();
        let witness = tmp.path().join("window");
        let shim = script(tmp.path(), "git", &format!("touch {}", witness.display()));
        let tools = tmp.path().join("tools");
        let real = script(&tools.join("usr/bin"), "git", "echo git version 2.39.5");
        let none = script(
            tmp.path(),
            "none",
            "echo 'unable to get active developer directory' >&2; exit 2",
        );
        let some = script(tmp.path(), "some", &format!("echo {}", tools.display()));

        let refused = behind_shim(&shim, &shim, &none).await.unwrap_err();
        assert!(
            matches!(refused, FindError::NoDeveloperTools { .. }),
            "{refused}"
        );
        assert_eq!(behind_shim(&shim, &shim, &some).await.unwrap(), real);
        assert_eq!(behind_shim(&real, &shim, &none).await.unwrap(), real);
        assert!(!witness.exists());
    }
}
