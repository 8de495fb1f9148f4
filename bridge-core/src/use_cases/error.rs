//! Why the bridge could not do what was asked.

use std::path::PathBuf;

use crate::adapters::codex::models::ModelsError;
use crate::adapters::config::EditError;
use crate::adapters::secrets::SecretError;
use crate::adapters::store::StoreError;
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::id::{RunId, ThreadId};
use crate::domain::policy::{AboveCeiling, Refusal};
use crate::domain::scrub::Scrubber;
use crate::platform::lock::LockError;
use crate::platform::open_dir::OpenDirError;
use crate::platform::private_dir::PrivateDirError;
use crate::platform::spawn::SpawnError;
use crate::use_cases::clients::ClientError;
use crate::use_cases::codex::CodexError;
use crate::use_cases::review::ReviewError;
use crate::use_cases::settings::SettingsError;
use crate::use_cases::workspace::WorkspaceError;

/// Why the bridge could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter is not what it has to be.
    #[error("`{parameter}`: {reason}")]
    InvalidArgument {
        /// Its name on the wire.
        parameter: &'static str,
        /// What is wrong with it, and what it has to be.
        reason: String,
    },
    /// There is no such run.
    #[error("there is no run `{0}`")]
    UnknownRun(String),
    /// More than one run has an id that begins or ends like this.
    #[error("`{part}` is a part of the ids of several runs: {}", runs.join(", "))]
    AmbiguousRun {
        /// What was asked for.
        part: String,
        /// The runs that fit.
        runs: Vec<String>,
    },
    /// The run or session can't be gone on with.
    #[error("{what} can't be continued: {reason}")]
    NotContinuable {
        /// The run or session.
        what: String,
        /// Why.
        reason: String,
        /// What to do instead.
        instead: &'static str,
    },
    /// Nothing can be said to the run at this moment.
    #[error("nothing can be said to {run}: {reason}")]
    NotSteerable {
        /// The run.
        run: RunId,
        /// Why.
        reason: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The run asks nothing, or not what was answered.
    #[error("{}", nothing_asked(run, *open))]
    NothingAsked {
        /// The run.
        run: RunId,
        /// The number of the question that it asks instead.
        open: Option<u64>,
    },
    /// One run at a time works in a thread.
    #[error("{}", busy(thread, run.as_ref()))]
    ThreadBusy {
        /// The thread.
        thread: ThreadId,
        /// The run that works in it, if that is known.
        run: Option<RunId>,
    },
    /// A continued run may not do more than the run before.
    #[error("the run `{run}` had {had}, so the run that continues it can't have {asked}")]
    Looser {
        /// The run that is to be continued.
        run: RunId,
        /// What it had.
        had: &'static str,
        /// What is asked for.
        asked: &'static str,
    },
    /// The folder of the run that is to be continued is not what it was.
    #[error("the folder `{}` of the run `{run}` {reason}", folder.display())]
    FolderChanged {
        /// The run.
        run: RunId,
        /// The folder.
        folder: PathBuf,
        /// What happened to it.
        reason: String,
    },
    /// No folder is allowed yet.
    #[error("no folder is allowed yet")]
    NoRoots,
    /// The folder or file can't be used.
    #[error(transparent)]
    Folder(Refusal<OpenDirError>),
    /// The folder or file lies elsewhere.
    #[error(transparent)]
    OutsideRoots(Refusal<OpenDirError>),
    /// The request wants more than the person allows.
    #[error(transparent)]
    AboveCeiling(#[from] AboveCeiling),
    /// This version can't do that.
    #[error("{what}")]
    Unsupported {
        /// What it can't do.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// As many runs wait as may wait.
    #[error("{waiting} runs wait already, and {most} is the most")]
    QueueFull {
        /// How many wait.
        waiting: u32,
        /// How many may wait.
        most: u32,
    },
    /// The same request id came before, with other parameters.
    #[error("the request id was used before, with other parameters, for the run `{0}`")]
    RequestConflict(RunId),
    /// The bridge itself runs below one of its own runs.
    #[error("this bridge was started by the run `{0}` itself, and a run must not start runs")]
    Nested(String),
    /// The configuration can't be used.
    #[error("the configuration of the bridge can't be used")]
    Settings(#[from] SettingsError),
    /// The configuration file can't be changed.
    #[error(transparent)]
    ConfigEdit(EditError),
    /// The folder is allowed only if the person insists.
    #[error("`{}` is not allowed: {why}", root.display())]
    BroadRoot {
        /// The folder.
        root: PathBuf,
        /// What it is or holds.
        why: String,
    },
    /// The keychain can't be used.
    #[error(transparent)]
    Secret(SecretError),
    /// There should be a key in the keychain.
    #[error("the keychain has no API key for Codex, although the setting codex.api_key says so")]
    NoApiKey,
    /// The state folder can't be used.
    #[error("the state folder can't be used")]
    StateDir(#[source] PrivateDirError),
    /// The store can't do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no Codex binary that could be used.
    #[error(transparent)]
    Codex(#[from] CodexError),
    /// It is not known which models there are.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// The run's lock can't be taken.
    #[error("can't lock the run")]
    Lock(#[from] LockError),
    /// A run's workspace can't be had, shown or ended.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The supervisor can't be started.
    #[error("can't start the run's supervisor `{}`", program.display())]
    Supervisor {
        /// The program.
        program: PathBuf,
        /// Why.
        source: SpawnError,
    },
    /// There is nothing that could be reviewed.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// A client's configuration can't be changed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A broken invariant of ours.
    #[error("a fault in the bridge itself: {0}")]
    Bug(String),
}

impl Error {
    pub(crate) fn argument(parameter: &'static str, reason: String) -> Error {
        Error::InvalidArgument { parameter, reason }
    }

    /// What to branch on.
    pub fn code(&self) -> ErrorCode {
        match self {
            Error::InvalidArgument { .. } | Error::AmbiguousRun { .. } => {
                ErrorCode::InvalidArgument
            }
            Error::UnknownRun(_) => ErrorCode::UnknownRun,
            Error::NotContinuable { .. } => ErrorCode::SessionUnavailable,
            Error::NotSteerable { .. } => ErrorCode::NotSteerable,
            Error::NothingAsked { .. } => ErrorCode::NothingAsked,
            Error::ThreadBusy { .. } => ErrorCode::ThreadBusy,
            Error::Looser { .. } => ErrorCode::LooserSandbox,
            Error::FolderChanged { .. } => ErrorCode::FolderChanged,
            Error::NoRoots => ErrorCode::NoRoots,
            Error::Folder(_) => ErrorCode::FolderUnusable,
            Error::OutsideRoots(_) => ErrorCode::OutsideRoots,
            Error::AboveCeiling(_) => ErrorCode::AboveCeiling,
            Error::Unsupported { .. } => ErrorCode::Unsupported,
            Error::QueueFull { .. } => ErrorCode::QueueFull,
            Error::RequestConflict(_) => ErrorCode::RequestConflict,
            Error::Nested(_) => ErrorCode::Nested,
            Error::Settings(_) | Error::ConfigEdit(_) => ErrorCode::ConfigInvalid,
            Error::BroadRoot { .. } => ErrorCode::BroadRoot,
            Error::Secret(_) | Error::NoApiKey => ErrorCode::KeychainUnavailable,
            Error::StateDir(_) | Error::Lock(_) => ErrorCode::StoreUnavailable,
            Error::Store(error) => error.code(),
            Error::Codex(error) => error.code(),
            Error::Models(ModelsError::Lacks { .. }) => ErrorCode::Unsupported,
            Error::Models(ModelsError::Probe(_) | ModelsError::Unreadable { .. }) => {
                ErrorCode::CodexUnusable
            }
            Error::Workspace(error) => error.code(),
            Error::Supervisor { .. } => ErrorCode::SpawnFailed,
            Error::Review(error) => error.code(),
            Error::Client(error) => error.code(),
            Error::Bug(_) => ErrorCode::Internal,
        }
    }

    /// What the person or the client can do about it.
    pub fn hint(&self) -> String {
        match self {
            Error::InvalidArgument { .. } => "Correct the parameter and call again.".into(),
            Error::AmbiguousRun { .. } => "Give more of the id.".into(),
            Error::UnknownRun(_) => {
                "List the runs with codex_list_runs; old ones are pruned from history, and an \
                 ephemeral run (`tmp_…`) ends with the process that started it."
                    .into()
            }
            Error::NotContinuable { instead, .. } | Error::NotSteerable { instead, .. } => {
                (*instead).into()
            }
            Error::NothingAsked { .. } => {
                "Look at `question` of the run with codex_get_run: its answer may have come from somebody else."
                    .into()
            }
            Error::ThreadBusy { .. } => {
                "Wait until that run has ended, with codex_get_run_updates, or cancel it; then \
                 continue it."
                    .into()
            }
            Error::Looser { .. } => {
                "Leave that parameter out to go on as before, or start a new task with \
                 codex_run_task."
                    .into()
            }
            Error::FolderChanged { .. } => {
                "Start a new task with codex_run_task in the folder as it is now.".into()
            }
            Error::NoRoots => {
                "The person adds a folder in the app's settings, with `codex-bridge-mcp roots add \
                 <folder>`, or with the variable CODEX_CLI_MCP_ALLOWED_ROOTS."
                    .into()
            }
            Error::Folder(_) => {
                "Give the absolute path of a folder that exists and can be read.".into()
            }
            Error::OutsideRoots(Refusal::TooBroad { .. }) => {
                "Only the person can narrow that root, or insist on it with `codex-bridge-mcp roots \
                 add --force <folder>`."
                    .into()
            }
            Error::OutsideRoots(_) => {
                "Use a folder below an allowed root (codex_doctor lists them); only the person can \
                 add one, in the app or with `codex-bridge-mcp roots add <folder>`."
                    .into()
            }
            Error::AboveCeiling(_) => {
                "Ask for less; only the person can raise the ceiling, in the app or in [ceilings] \
                 of the configuration file."
                    .into()
            }
            Error::Unsupported { instead, .. } => (*instead).into(),
            Error::QueueFull { .. } => "Wait until a run ends, or cancel one that waits.".into(),
            Error::RequestConflict(_) => "Use a new request_id for a new request.".into(),
            Error::Nested(_) => "Do the work in this run itself.".into(),
            Error::Settings(_) => {
                "The person corrects the configuration file; `codex-bridge-mcp doctor` shows where \
                 it is."
                    .into()
            }
            Error::ConfigEdit(_) => {
                "See that the configuration file is valid and can be written; nothing was changed."
                    .into()
            }
            Error::BroadRoot { .. } => {
                "Allow the folders that you work in instead; or insist on this one.".into()
            }
            Error::Secret(error) => error.hint().into(),
            Error::NoApiKey => {
                "Save the key again in the app, or run `codex-bridge-mcp config unset codex.api_key`."
                    .into()
            }
            Error::StateDir(_) | Error::Lock(_) => {
                "The state folder has to be on a local disk, belong to you, and be writable for \
                 you alone; `codex-bridge-mcp doctor` shows where it is."
                    .into()
            }
            Error::Store(error) => error.hint().into(),
            Error::Review(error) => error.hint(),
            Error::Client(error) => error.hint(),
            Error::Codex(error) => error.hint(),
            Error::Models(ModelsError::Lacks { .. }) => {
                "Name a model as Codex does, leave it out, or update Codex.".into()
            }
            Error::Models(ModelsError::Probe(_) | ModelsError::Unreadable { .. }) => {
                "Run `codex debug models` in a terminal to see why.".into()
            }
            Error::Workspace(error) => error.hint(),
            Error::Supervisor { .. } => {
                "Install Codex Bridge again: the program has to be executable.".into()
            }
            Error::Bug(_) => {
                "Please report it, with the output of `codex-bridge-mcp doctor`.".into()
            }
        }
    }

    /// The failure as a client or a person gets it, with the whole chain of causes.
    pub fn failure(&self, scrubber: &Scrubber) -> Failure {
        Failure {
            code: self.code(),
            message: scrubber.scrub(&chain(self)),
            hint: scrubber.scrub(&self.hint()),
        }
    }
}

fn nothing_asked(run: &RunId, open: Option<u64>) -> String {
    match open {
        None => format!("{run} asks nothing at this moment"),
        Some(open) => format!("{run} asks something else: its question {open} is open"),
    }
}

fn busy(thread: &ThreadId, run: Option<&RunId>) -> String {
    match run {
        Some(run) => format!("the run `{run}` works in the session {thread}"),
        None => format!("another run is just beginning to work in the session {thread}"),
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
