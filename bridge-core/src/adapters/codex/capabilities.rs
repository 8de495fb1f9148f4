//! What a version of Codex can do, as its own help texts say.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::adapters::codex::locate::CodexBin;
use crate::adapters::codex::version::Version;
use crate::platform::probe::{self, ProbeError, Question};

/// A help text takes 30 ms, and up to 0.2 s on a busy machine.
const HELP_LIMIT: Duration = Duration::from_secs(15);

/// What a Codex binary can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Its version.
    pub version: Version,
    /// The subcommands of `codex`.
    pub commands: BTreeSet<String>,
    /// The long options of `codex exec`, with their dashes.
    pub exec_flags: BTreeSet<String>,
    /// The long options of `codex exec resume`; empty where there is no such subcommand.
    pub resume_flags: BTreeSet<String>,
    /// The long options of `codex exec review`; empty where there is no such subcommand.
    pub review_flags: BTreeSet<String>,
    /// Whether `codex app-server` is there.
    pub has_app_server: bool,
    /// Whether `codex debug models` is there.
    pub has_models: bool,
}

/// Something that a version of Codex can't do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// What it can't do.
    pub what: String,
    /// What the person misses by that.
    pub costs: &'static str,
    /// Whether nothing works without it.
    pub is_fatal: bool,
}

/// The options of `codex exec` without which nothing is started.
const NEEDED: [&str; 4] = ["--json", "--sandbox", "--skip-git-repo-check", "--color"];
/// Its other options that are used, and what is missed without them.
const USEFUL: [(&str, &str); 4] = [
    ("--model", "a model can't be chosen"),
    ("--image", "images can't go with a prompt"),
    (
        "--output-schema",
        "an answer can't be bound to a JSON Schema, and the findings of a review are read from its text",
    ),
    (
        "--ephemeral",
        "runs that leave nothing on the disk are refused",
    ),
];

impl Capabilities {
    /// Whether an answer can be bound to a JSON Schema, also when a session is gone on with: `exec --output-schema …
    /// resume` counts where `resume` itself has no such option (0.118).
    pub fn exec_output_schema(&self) -> bool {
        self.exec_flags.contains("--output-schema")
    }

    /// Whether a session can be gone on with.
    pub fn resume(&self) -> bool {
        self.resume_flags.contains("--json")
    }

    /// What this version can't do and others can.
    pub fn lacks(&self) -> Vec<Lack> {
        let option = |(flag, costs): &(&str, &'static str), is_fatal| {
            (!self.exec_flags.contains(*flag)).then(|| Lack {
                what: format!("`codex exec` has no {flag}"),
                costs,
                is_fatal,
            })
        };
        let command = |there: bool, what: &str, costs| {
            (!there).then(|| Lack {
                what: what.to_owned(),
                costs,
                is_fatal: false,
            })
        };
        let needed =
            NEEDED.map(|flag| option(&(flag, "no run can be started; update Codex"), true));
        let useful = USEFUL.iter().map(|flag| option(flag, false));
        let commands = [
            command(
                self.resume(),
                "`codex exec` can't resume a session",
                "a run can't be continued, and no session resumed",
            ),
            command(
                self.has_models,
                "there is no `codex debug models`",
                "it is not known which models and efforts there are; those that you name are passed on as they are",
            ),
            command(
                self.has_app_server,
                "there is no `codex app-server`",
                "no live text, no steering, no questions to you while a run goes on",
            ),
        ];
        needed
            .into_iter()
            .chain(useful)
            .chain(commands)
            .flatten()
            .collect()
    }

    /// The capabilities as JSON, for a cache.
    pub fn to_json(&self) -> String {
        serde_json::json!({
            "version": self.version.to_string(),
            "commands": self.commands,
            "exec": self.exec_flags,
            "resume": self.resume_flags,
            "review": self.review_flags,
            "app_server": self.has_app_server,
            "models": self.has_models,
        })
        .to_string()
    }

    /// Reads what [`to_json`](Self::to_json) wrote. `None` where another version of the bridge wrote it.
    pub fn from_json(text: &str) -> Option<Capabilities> {
        let row: CapabilitiesRow = serde_json::from_str(text).ok()?;
        Some(Capabilities {
            version: Version::parse(&row.version)?,
            commands: row.commands,
            exec_flags: row.exec,
            resume_flags: row.resume,
            review_flags: row.review,
            has_app_server: row.app_server,
            has_models: row.models,
        })
    }

    /// Asks a binary for its help texts, all at once: 50 ms.
    ///
    /// # Errors
    /// If one was not answered.
    pub async fn probe(
        bin: &CodexBin,
        env: &[(OsString, OsString)],
    ) -> Result<Capabilities, ProbeError> {
        let help = async |words: &[&str]| {
            let question = Question {
                program: bin.path().to_owned(),
                args: words
                    .iter()
                    .chain(&["--help"])
                    .map(OsString::from)
                    .collect(),
                env: env.to_vec(),
                limit: HELP_LIMIT,
                max_output: 256 * 1024,
            };
            let answer = probe::run_bounded(&question).await?;
            Ok::<_, ProbeError>(String::from_utf8_lossy(&answer.stdout).into_owned())
        };
        let (top, exec, exec_resume, exec_review, app_server, debug) = tokio::try_join!(
            help(&[]),
            help(&["exec"]),
            help(&["exec", "resume"]),
            help(&["exec", "review"]),
            help(&["app-server"]),
            help(&["debug"]),
        )?;
        let help = HelpTexts {
            top,
            exec,
            exec_resume,
            exec_review,
            app_server,
            debug,
        };
        Ok(Capabilities::of_help(bin.version().clone(), &help))
    }

    /// Puts together what the help texts say.
    pub fn of_help(version: Version, help: &HelpTexts) -> Capabilities {
        let flags = |text: &str, usage: &str| {
            if is_usage_of(text, usage) {
                long_options(text)
            } else {
                BTreeSet::new()
            }
        };
        Capabilities {
            version,
            commands: subcommands(&help.top),
            exec_flags: flags(&help.exec, "exec"),
            resume_flags: flags(&help.exec_resume, "exec resume"),
            review_flags: flags(&help.exec_review, "exec review"),
            has_app_server: is_usage_of(&help.app_server, "app-server"),
            has_models: is_usage_of(&help.debug, "debug")
                && subcommands(&help.debug).contains("models"),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct CapabilitiesRow {
    version: String,
    commands: BTreeSet<String>,
    exec: BTreeSet<String>,
    resume: BTreeSet<String>,
    review: BTreeSet<String>,
    app_server: bool,
    models: bool,
}

/// What Codex prints for `--help`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpTexts {
    /// `codex --help`.
    pub top: String,
    /// `codex exec --help`.
    pub exec: String,
    /// `codex exec resume --help`.
    pub exec_resume: String,
    /// `codex exec review --help`.
    pub exec_review: String,
    /// `codex app-server --help`.
    pub app_server: String,
    /// `codex debug --help`.
    pub debug: String,
}

/// Whether a help text is about `codex <words>`. For a subcommand that it does not know, Codex prints the help of
/// the level above, with exit code 0 (0.169 and `mcp-server`).
fn is_usage_of(help: &str, words: &str) -> bool {
    help.lines()
        .find_map(|line| line.strip_prefix("Usage: codex "))
        .and_then(|usage| usage.strip_prefix(words))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(" [") || rest.starts_with(" -"))
}

/// The long options that a help text of clap lists. Descriptions, which may name other options, are further right.
fn long_options(help: &str) -> BTreeSet<String> {
    let is_flag = |word: &&str| word.len() > 2 && word.starts_with("--");
    help.lines()
        .filter(|line| {
            let indent = line.len() - line.trim_start().len();
            indent <= 6 && line.trim_start().starts_with('-')
        })
        .flat_map(|line| line.split([' ', ',', '=']).filter(is_flag))
        .map(str::to_owned)
        .collect()
}

/// The names under `Commands:`.
fn subcommands(help: &str) -> BTreeSet<String> {
    help.lines()
        .skip_while(|line| line.trim_end() != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// Names a binary as long as nobody replaces it: what was probed once holds while this is the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// The real path.
    pub path: PathBuf,
    /// The size in bytes.
    pub size: u64,
    /// When the file was changed, in nanoseconds since 1970.
    pub modified_ns: i128,
}

impl CacheKey {
    /// Asks the file system.
    pub fn of(path: &Path) -> io::Result<CacheKey> {
        let path = fs::canonicalize(path)?;
        let file = fs::metadata(&path)?;
        let modified = file.modified()?;
        let since = |duration: std::time::Duration| {
            i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
        };
        Ok(CacheKey {
            path,
            size: file.len(),
            modified_ns: match modified.duration_since(UNIX_EPOCH) {
                Ok(after) => since(after),
                Err(before) => -since(before.duration()),
            },
        })
    }
}

#[cfg(test)]
mod tests;
