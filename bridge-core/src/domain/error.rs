//! The codes that clients and the UI branch on, and the failure that carries one.

use crate::domain::scrub::Scrubbed;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// What went wrong, as a stable name. Clients and the UI branch on it, never on text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[doc = $doc])+ $name,)+ }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name,)+];

            /// The code on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$name => $text,)+ }
            }

            /// What the code means, in one line.
            pub fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

error_codes! {
    /// A parameter is missing, unknown, of the wrong type or out of its range.
    InvalidArgument = "invalid_argument",
    /// No run has that id.
    UnknownRun = "unknown_run",
    /// No allowed root is set, so no folder is admitted.
    NoRoots = "no_roots",
    /// The folder or file lies outside the allowed roots.
    OutsideRoots = "outside_roots",
    /// The folder is too broad to be allowed unless the person insists.
    BroadRoot = "broad_root",
    /// The folder or file is missing, of the wrong kind, or can't be read.
    FolderUnusable = "folder_unusable",
    /// The request asks for more than the person allows.
    AboveCeiling = "above_ceiling",
    /// As many runs wait as may wait.
    QueueFull = "queue_full",
    /// The same request id came before, with other parameters.
    RequestConflict = "request_conflict",
    /// The bridge itself runs below one of its own runs.
    Nested = "nested",
    /// This version of the bridge or of Codex can't do that.
    Unsupported = "unsupported",
    /// The run has ended, so that can't be done to it any more.
    RunEnded = "run_ended",
    /// The run has not ended yet, and that can only be done afterwards.
    RunNotEnded = "run_not_ended",
    /// The run asks nothing, or not what was answered.
    NothingAsked = "nothing_asked",
    /// Nothing can be said to the run at this moment.
    NotSteerable = "not_steerable",
    /// The run has no worktree, or has none any more.
    NoWorktree = "no_worktree",
    /// Nothing is known of what the run changed.
    NoChanges = "no_changes",
    /// The repository can't be copied, and a worktree was asked for by name.
    WorktreeImpossible = "worktree_impossible",
    /// Somebody else works with the run's worktree at this moment.
    WorktreeBusy = "worktree_busy",
    /// The changes are not those that were looked at.
    DiffChanged = "diff_changed",
    /// The folder's HEAD is not the commit that the worktree was made from.
    HeadMoved = "head_moved",
    /// Files in the folder stand in the way of the changes.
    Conflicts = "conflicts",
    /// There is a branch of that name already, or there can be none.
    BranchRefused = "branch_refused",
    /// Git is missing, too old, or failed.
    GitUnusable = "git_unusable",
    /// The folder is in no git repository with files.
    NotARepository = "not_a_repository",
    /// The repository has no such branch, tag or commit, or none that can be compared.
    UnknownRevision = "unknown_revision",
    /// There is nothing in it that could be reviewed.
    NothingToReview = "nothing_to_review",
    /// No Codex binary was found.
    CodexNotFound = "codex_not_found",
    /// The Codex binary was found and can't be used.
    CodexUnusable = "codex_unusable",
    /// The configuration of the bridge can't be read.
    ConfigInvalid = "config_invalid",
    /// The configuration file of an MCP client can't be read, or not be changed safely.
    ClientConfig = "client_config",
    /// The MCP client runs and would overwrite its configuration file.
    ClientRunning = "client_running",
    /// The program lies where it will not stay, so no client is told to start it there.
    SidecarMisplaced = "sidecar_misplaced",
    /// The system's keychain, in which the API key should be, can't be used.
    KeychainUnavailable = "keychain_unavailable",
    /// The state folder or its database can't be read or written.
    StoreUnavailable = "store_unavailable",
    /// Another process holds the database for too long.
    StoreLocked = "store_locked",
    /// The disk is full.
    StoreFull = "store_full",
    /// The database is damaged.
    StoreDamaged = "store_damaged",
    /// A newer version of the bridge wrote the database.
    StoreNewer = "store_newer",
    /// The process could not be started.
    SpawnFailed = "spawn_failed",
    /// The working folder is not what it was when it was admitted.
    FolderChanged = "folder_changed",
    /// Codex has no valid login.
    LoggedOut = "logged_out",
    /// The account's usage limit is reached.
    UsageLimit = "usage_limit",
    /// The service asks to slow down.
    RateLimited = "rate_limited",
    /// The model does not exist or is not allowed for the account.
    ModelUnavailable = "model_unavailable",
    /// The conversation does not fit into the model's context any more.
    ContextFull = "context_full",
    /// The service can't be reached.
    NetworkDown = "network_down",
    /// The service answered with an error of its own.
    ServiceError = "service_error",
    /// The model's answer broke off.
    StreamCut = "stream_cut",
    /// The service refused the request.
    RequestRejected = "request_rejected",
    /// The sandbox can't be set up on this machine.
    SandboxRefused = "sandbox_refused",
    /// Codex does not trust the folder.
    UntrustedFolder = "untrusted_folder",
    /// The configuration of Codex is wrong.
    CodexConfig = "codex_config",
    /// The Codex session can't be found or continued.
    SessionUnavailable = "session_unavailable",
    /// Codex went on with another session than the one it was to go on with.
    WrongThread = "wrong_thread",
    /// Another run works in the Codex session.
    ThreadBusy = "thread_busy",
    /// The next turn asks for a looser sandbox than the run that it continues had.
    LooserSandbox = "looser_sandbox",
    /// Codex ended by a signal or a panic.
    Crashed = "crashed",
    /// Codex ended without saying that the turn was over.
    NoResult = "no_result",
    /// Codex reported a failure of a kind that the bridge does not know.
    CodexFailed = "codex_failed",
    /// Codex gave the run more freedom than it was asked to.
    AppliedDiffers = "applied_differs",
    /// The run was stopped on request.
    Cancelled = "cancelled",
    /// The run reached a time limit.
    TimedOut = "timed_out",
    /// The supervisor died, so nobody knows how the run went on.
    Lost = "lost",
    /// A fault in the bridge itself.
    Internal = "internal",
}

impl ErrorCode {
    /// Reads a code as it is on the wire.
    pub fn parse(text: &str) -> Option<ErrorCode> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

/// A failure as a person or a client gets it: what it is, what happened, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What to branch on.
    pub code: ErrorCode,
    /// The thing and the reason, in one or two sentences.
    pub message: Scrubbed,
    /// What the person or the client can do about it.
    pub hint: Scrubbed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_as_itself() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
        }
    }

    #[test]
    fn a_code_has_a_meaning() {
        assert_eq!(ErrorCode::UnknownRun.meaning(), "No run has that id.");
    }
}
