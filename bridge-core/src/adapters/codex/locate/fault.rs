//! What can be wrong with a Codex binary, and what to do about it.

use std::path::PathBuf;
use std::time::Duration;

use crate::adapters::codex::locate::Origin;
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::platform::probe::ProbeError;

/// Why there is no Codex to start.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// Nothing was found anywhere.
    #[error("no Codex was found on PATH, in the login shell's PATH or in the usual places")]
    NotFound,
    /// A file was found or named, and can't be used.
    #[error("`{}` (from {}) can't be used: {fault}", path.display(), origin.as_str())]
    Unusable {
        /// The file as it was found or named.
        path: PathBuf,
        /// Who said that it is there.
        origin: Origin,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What is wrong with a file that should be the Codex binary.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such file.
    #[error("it does not exist")]
    Missing,
    /// A folder above it can't be looked into.
    #[error("there is no permission to look at it")]
    OutOfReach,
    /// A path that depends on the present folder.
    #[error("it is not an absolute path")]
    Relative,
    /// It is a folder.
    #[error("it is a folder")]
    Folder,
    /// It opens the desktop app.
    #[error("it opens the desktop app, it is not the command-line Codex")]
    DesktopApp {
        /// The binary that comes with that app.
        instead: Option<PathBuf>,
    },
    /// It is a program of this bridge.
    #[error("it is Codex Bridge itself, not Codex")]
    Ourselves,
    /// npm's launcher, without the package that holds the binary for this machine.
    #[error("npm's package `{package}` with the program for this machine is missing")]
    NoNative {
        /// The missing package.
        package: &'static str,
    },
    /// It could not be started, did not end, and the like.
    #[error("{}", probe_words(source))]
    Start {
        /// What happened.
        source: Box<ProbeError>,
    },
    /// It says that something is wrong.
    #[error("`--version` ended with {ended}{}{said}", if said.is_empty() { "" } else { ": " })]
    Failed {
        /// How it ended.
        ended: String,
        /// What it said of it.
        said: Scrubbed,
    },
    /// It is something else.
    #[error("it does not answer `--version` as Codex does")]
    NotCodex,
}

impl LocateError {
    /// What to branch on.
    pub fn code(&self) -> ErrorCode {
        match self {
            LocateError::NotFound => ErrorCode::CodexNotFound,
            LocateError::Unusable { .. } => ErrorCode::CodexUnusable,
        }
    }

    /// What the person can do.
    pub fn hint(&self) -> String {
        match self {
            LocateError::NotFound => {
                "Install Codex with `npm install -g @openai/codex` or `brew install --cask codex`, or \
                 name the binary in CODEX_BIN or in the bridge's settings."
                    .to_owned()
            }
            LocateError::Unusable { origin, fault, .. } => {
                let remedy = fault.remedy();
                match origin {
                    Origin::Setting => format!("{remedy} Or change or clear the setting codex.bin."),
                    Origin::Variable => format!("{remedy} Or change or unset CODEX_BIN."),
                    Origin::Path
                    | Origin::LoginShell
                    | Origin::KnownPlace
                    | Origin::AppBundle => remedy,
                }
            }
        }
    }

    /// The same as clients get it.
    pub fn failure(&self, scrubber: &Scrubber) -> Failure {
        Failure {
            code: self.code(),
            message: scrubber.scrub(&self.to_string()),
            hint: scrubber.scrub(&self.hint()),
        }
    }
}

impl Fault {
    fn remedy(&self) -> String {
        let fixed = match self {
            Fault::Missing => "Install Codex there, or name the file that exists.",
            Fault::OutOfReach => {
                "Allow Codex Bridge to read the folders above it, or install Codex elsewhere."
            }
            Fault::Relative => "Write the whole path, from `/` on.",
            Fault::Folder => "Name the file `codex` in it.",
            Fault::DesktopApp {
                instead: Some(instead),
            } => return format!("Name `{}` instead.", instead.display()),
            Fault::DesktopApp { instead: None } => {
                "Install the command-line Codex with `npm install -g @openai/codex`, and name that."
            }
            Fault::Ourselves => "Name the program `codex` of OpenAI.",
            Fault::NoNative { .. } => {
                "Install it anew with the tool that installed it, such as \
                 `npm install -g @openai/codex@latest` or `brew upgrade --cask codex`."
            }
            Fault::Start { source } => match **source {
                ProbeError::TimedOut { .. } => {
                    "Run it with `--version` in a terminal to see what it waits for."
                }
                ProbeError::Start(_) | ProbeError::Wait { .. } | ProbeError::Write { .. } => {
                    "Install Codex for this machine with `npm install -g @openai/codex@latest`."
                }
            },
            Fault::Failed { .. } => {
                "Run it with `--version` in a terminal; if it fails there, too, install Codex anew."
            }
            Fault::NotCodex => "Another program has that name: name OpenAI's `codex` instead.",
        };
        fixed.to_owned()
    }
}

/// The reason without the path, which stands before it.
fn probe_words(error: &ProbeError) -> String {
    use crate::platform::spawn::SpawnError as S;
    match error {
        ProbeError::Start(S::NotFound { .. }) => "it does not exist".to_owned(),
        ProbeError::Start(S::IsDirectory { .. }) => "it is a folder".to_owned(),
        ProbeError::Start(S::NotExecutable { .. }) => "it may not be executed".to_owned(),
        ProbeError::Start(S::WrongFormat { .. }) => "it is no program for this machine".to_owned(),
        ProbeError::Start(S::MissingInterpreter { interpreter, .. }) => {
            format!("it needs `{interpreter}`, which is missing")
        }
        ProbeError::Start(other) => other.to_string(),
        ProbeError::TimedOut { limit, .. } => no_answer(*limit),
        ProbeError::Wait { source, .. } => format!("its end could not be awaited: {source}"),
        ProbeError::Write { source, .. } => format!("its answer could not be kept: {source}"),
    }
}

fn no_answer(limit: Duration) -> String {
    format!("it did not answer `--version` within {} s", limit.as_secs())
}
