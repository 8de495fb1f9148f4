//! The record of a run: what was asked, by whom, what was applied, and how it went.

use std::time::Duration;

use crate::domain::changes::Changes;
use crate::domain::error::Failure;
use crate::domain::id::{RequestId, RunId, ThreadId};
use crate::domain::live::LiveChange;
use crate::domain::question::{Question, QuestionChange};
use crate::domain::review::Review;
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{Canceller, RunState};
use crate::domain::task::{Effort, ModelName, Sandbox};

/// A moment, in milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// So much later.
    pub fn after(self, time: Duration) -> Timestamp {
        let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(time))
    }

    /// How long after `earlier` this is; zero where the clock went back.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

/// All that is known of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its name.
    pub id: RunId,
    /// What it is for.
    pub kind: RunKind,
    /// Where it stands.
    pub state: RunState,
    /// One line for lists: the client's title, else the prompt's beginning.
    pub title: Scrubbed,
    /// What was asked.
    pub prompt: Scrubbed,
    /// Who asked.
    pub caller: Caller,
    /// The client's name for the request, if it gave one.
    pub request_id: Option<RequestId>,
    /// Where Codex works.
    pub workspace: Workspace,
    /// What was asked for.
    pub requested: Requested,
    /// What Codex really used, as far as it was read back.
    pub applied: Applied,
    /// The run whose thread this one goes on with.
    pub continues: Option<RunId>,
    /// Codex's thread.
    pub thread: Option<ThreadId>,
    /// The binary.
    pub codex: Option<CodexIdentity>,
    /// What drives it.
    pub driver: Option<Driver>,
    /// When it was made, started and ended.
    pub times: Times,
    /// What is happening right now, in one line.
    pub activity: Option<Scrubbed>,
    /// What Codex waits for.
    pub question: Option<Question>,
    /// The model's last message.
    pub message: Option<Message>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// What it changed, told by git.
    pub changes: Option<Changes>,
    /// What a review found.
    pub review: Option<Review>,
    /// What went wrong.
    pub failure: Option<Failure>,
    /// How the Codex process ended.
    pub exit: Option<Exit>,
    /// How many events there are and how many are missing.
    pub recorded: Recorded,
}

/// What a list tells of a run: all but its long texts and what only the run's own page needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Its name.
    pub id: RunId,
    /// What it is for.
    pub kind: RunKind,
    /// Where it stands.
    pub state: RunState,
    /// One line.
    pub title: Scrubbed,
    /// Who asked.
    pub caller: Caller,
    /// Where Codex works.
    pub workspace: Workspace,
    /// The run whose thread this one goes on with.
    pub continues: Option<RunId>,
    /// When it was made, started and ended.
    pub times: Times,
    /// What is happening right now.
    pub activity: Option<Scrubbed>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// What went wrong.
    pub failure: Option<Failure>,
    /// How many events there are and how many are missing.
    pub recorded: Recorded,
}

impl RunSummary {
    /// The short form of a record.
    pub fn of(run: &Run) -> RunSummary {
        RunSummary {
            id: run.id.clone(),
            kind: run.kind,
            state: run.state,
            title: run.title.clone(),
            caller: run.caller.clone(),
            workspace: run.workspace.clone(),
            continues: run.continues.clone(),
            times: run.times,
            activity: run.activity.clone(),
            usage: run.usage,
            failure: run.failure.clone(),
            recorded: run.recorded,
        }
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// A task of its own.
    Task,
    /// A review of a repository.
    Review,
    /// The next turn of an earlier run.
    Continue,
    /// The next turn of a Codex session.
    Resume,
}

/// Who asked for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The client's name, as it introduced itself; `cli` for the command line.
    pub client: Scrubbed,
    /// The client's version.
    pub version: Option<Scrubbed>,
    /// The client's session, where it tells it.
    pub session: Option<Scrubbed>,
}

/// Where Codex works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// In the folder itself or in a copy.
    pub mode: WorkspaceMode,
    /// The admitted folder, resolved.
    pub folder: Scrubbed,
    /// The folder in which Codex is started; the same unless it works in a copy.
    pub path: Scrubbed,
    /// The commit that a copy was made from.
    pub base_commit: Option<Scrubbed>,
    /// Whether uncommitted work of the folder was taken into the copy.
    pub carried: bool,
    /// Why it is not the mode that was asked for.
    pub fell_back: Option<Scrubbed>,
    /// What became of the copy; `None` while it is there, and for a run in the folder itself.
    pub fate: Option<Fate>,
}

/// What became of a run's copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its changes are in the folder.
    Applied,
    /// Its changes are a branch of the repository.
    Branched {
        /// The branch.
        branch: Scrubbed,
    },
    /// It was thrown away.
    Discarded,
    /// It was removed after its time; its changes are kept as a patch in the state folder.
    Expired,
}

impl Fate {
    /// The word on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Fate::Applied => "applied",
            Fate::Branched { .. } => "branched",
            Fate::Discarded => "discarded",
            Fate::Expired => "expired",
        }
    }
}

/// Whether Codex works in the folder itself or in a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkspaceMode {
    /// In the folder itself.
    InPlace,
    /// In a git worktree made for the run.
    Worktree,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    /// The sandbox of the model's commands.
    pub sandbox: Sandbox,
    /// Whether they may use the network.
    pub network: bool,
    /// Whether the model may search the web.
    pub web_search: bool,
    /// The model; Codex chooses where it is not given.
    pub model: Option<ModelName>,
    /// The effort; Codex chooses where it is not given.
    pub effort: Option<Effort>,
    /// The time limit.
    pub timeout: Duration,
    /// Whether it is kept on disk.
    pub persist: bool,
    /// How many images go with the prompt.
    pub images: u32,
    /// Whether the answer has to follow a schema.
    pub output_schema: bool,
}

/// What Codex really used. Nothing is assumed: what was not read back is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The model.
    pub model: Option<Scrubbed>,
    /// The effort.
    pub effort: Option<Scrubbed>,
    /// The sandbox.
    pub sandbox: Option<Scrubbed>,
    /// Whether the network was open.
    pub network: Option<bool>,
    /// The folder.
    pub folder: Option<Scrubbed>,
}

/// The Codex binary of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodexIdentity {
    /// Its path.
    pub path: Scrubbed,
    /// Its version, such as `0.169.0`.
    pub version: Scrubbed,
}

/// When a run was made, started and ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it was asked for.
    pub created: Timestamp,
    /// When Codex was started.
    pub started: Option<Timestamp>,
    /// When it was over.
    pub ended: Option<Timestamp>,
}

/// The model's last message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The text, Markdown.
    pub text: Scrubbed,
    /// How many bytes at its end were not kept.
    pub left_out: u64,
}

/// What a turn cost, in tokens. Versions of Codex differ in what they tell; what is missing is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens that went in.
    pub input: u64,
    /// Of these, from the cache.
    pub cached_input: u64,
    /// Tokens that came out.
    pub output: u64,
    /// Of these, for reasoning.
    pub reasoning: u64,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub fn and(self, more: Usage) -> Usage {
        Usage {
            input: self.input + more.input,
            cached_input: self.cached_input + more.cached_input,
            output: self.output + more.output,
            reasoning: self.reasoning + more.reasoning,
        }
    }
}

/// How the Codex process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// How Codex is driven in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// By `codex exec`, which can't be spoken to once it works.
    Exec,
    /// By `codex app-server`.
    AppServer,
}

impl Driver {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Driver::Exec => "exec",
            Driver::AppServer => "app_server",
        }
    }
}

/// Who speaks to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The person, in the app or on the command line.
    Person,
    /// An MCP client.
    Client,
}

impl Speaker {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Speaker::Person => "person",
            Speaker::Client => "client",
        }
    }
}

impl From<Speaker> for Canceller {
    fn from(speaker: Speaker) -> Canceller {
        match speaker {
            Speaker::Person => Canceller::Person,
            Speaker::Client => Canceller::Client,
        }
    }
}

/// How many events there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Events that were kept.
    pub events: u64,
    /// Bytes that they take.
    pub bytes: u64,
    /// Events that were not kept, for want of room.
    pub left_out: u64,
}

/// What a supervisor changes in the record besides the state. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The next state.
    pub state: Option<RunState>,
    /// When Codex was started.
    pub started: Option<Timestamp>,
    /// When the run was over.
    pub ended: Option<Timestamp>,
    /// Codex's thread.
    pub thread: Option<ThreadId>,
    /// The binary.
    pub codex: Option<CodexIdentity>,
    /// What drives it.
    pub driver: Option<Driver>,
    /// What Codex really used.
    pub applied: Option<Applied>,
    /// Where Codex works, once that is made.
    pub workspace: Option<Workspace>,
    /// What it changed.
    pub changes: Option<Changes>,
    /// What a review found.
    pub review: Option<Review>,
    /// What is happening right now.
    pub activity: Option<Scrubbed>,
    /// What is being written right now. It goes with the run's end.
    pub live: Option<LiveChange>,
    /// What Codex waits for. It goes with the run's end.
    pub question: Option<QuestionChange>,
    /// The model's last message.
    pub message: Option<Message>,
    /// What it cost so far.
    pub usage: Option<Usage>,
    /// What went wrong.
    pub failure: Option<Failure>,
    /// How the process ended.
    pub exit: Option<Exit>,
    /// Events that were not kept, in all.
    pub left_out: Option<u64>,
}

impl Progress {
    /// The same, with what it leaves as it is taken from an earlier change that was not written.
    #[must_use]
    pub fn after(self, earlier: Progress) -> Progress {
        Progress {
            state: self.state.or(earlier.state),
            started: self.started.or(earlier.started),
            ended: self.ended.or(earlier.ended),
            thread: self.thread.or(earlier.thread),
            codex: self.codex.or(earlier.codex),
            driver: self.driver.or(earlier.driver),
            applied: self.applied.or(earlier.applied),
            workspace: self.workspace.or(earlier.workspace),
            changes: self.changes.or(earlier.changes),
            review: self.review.or(earlier.review),
            activity: self.activity.or(earlier.activity),
            live: self.live.or(earlier.live),
            question: self.question.or(earlier.question),
            message: self.message.or(earlier.message),
            usage: self.usage.or(earlier.usage),
            failure: self.failure.or(earlier.failure),
            exit: self.exit.or(earlier.exit),
            left_out: self.left_out.or(earlier.left_out),
        }
    }
}

/// A process that a run started: the pid alone may be somebody else's by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedProcess {
    /// The process id.
    pub pid: i32,
    /// When it was started, in the operating system's own measure.
    pub started: String,
}

impl RunKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            RunKind::Task => "task",
            RunKind::Review => "review",
            RunKind::Continue => "continue",
            RunKind::Resume => "resume",
        }
    }
}

impl WorkspaceMode {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            WorkspaceMode::InPlace => "in_place",
            WorkspaceMode::Worktree => "worktree",
        }
    }
}
