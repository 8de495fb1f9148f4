//! What happens in a run, in the bridge's own words.

use crate::domain::bounds::Clip;
use crate::domain::run::{Timestamp, Usage};
use crate::domain::scrub::Scrubbed;
use crate::domain::state::RunState;

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Counts from 1 in each run, without gaps.
    pub seq: u64,
    /// When the bridge saw it.
    pub at: Timestamp,
    /// What it was.
    pub body: EventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventBody {
    /// The run's state changed.
    State(RunState),
    /// Codex opened its thread.
    ThreadStarted {
        /// The thread's id as Codex gave it.
        thread: Scrubbed,
    },
    /// The model began to work.
    TurnStarted,
    /// The model finished.
    TurnCompleted {
        /// What the turn cost.
        usage: Usage,
    },
    /// The turn failed.
    TurnFailed {
        /// What Codex said of it.
        message: Clip,
    },
    /// The model said something.
    Message {
        /// The text, Markdown.
        text: Clip,
    },
    /// The model summed up its thoughts.
    Reasoning {
        /// The text, Markdown.
        text: Clip,
    },
    /// A command of the model.
    Command(CommandEvent),
    /// Files that Codex changed by a patch.
    FileChange {
        /// Codex's id of the item.
        item: Scrubbed,
        /// How far it is.
        phase: Phase,
        /// Codex's word for how it went.
        status: Option<Scrubbed>,
        /// The files.
        changes: Vec<FileChange>,
    },
    /// The model's plan.
    Plan {
        /// Its steps, in order.
        steps: Vec<PlanStep>,
    },
    /// A search on the web.
    WebSearch {
        /// How far it is.
        phase: Phase,
        /// What was searched for.
        query: Clip,
    },
    /// A call of a tool of another MCP server.
    ToolCall {
        /// How far it is.
        phase: Phase,
        /// The server.
        server: Scrubbed,
        /// The tool.
        tool: Scrubbed,
        /// Codex's word for how it went.
        status: Option<Scrubbed>,
    },
    /// Codex complains, and goes on.
    Warning {
        /// The complaint.
        text: Clip,
    },
    /// The bridge itself has something to say.
    Notice {
        /// What it is about.
        about: Notice,
        /// The sentence.
        text: Clip,
    },
    /// A line of Codex's output that is no event.
    Noise {
        /// The line.
        text: Clip,
    },
    /// What Codex wrote to its error output.
    Stderr {
        /// The text, one or more lines.
        text: Clip,
    },
    /// An event of a kind that the bridge does not know.
    Unknown {
        /// Its kind in Codex's words.
        kind: Scrubbed,
        /// The event as JSON.
        raw: Clip,
    },
}

/// A command of the model, as far as Codex has told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandEvent {
    /// Codex's id of the item.
    pub item: Scrubbed,
    /// How far it is.
    pub phase: Phase,
    /// The command line.
    pub command: Clip,
    /// What it printed so far.
    pub output: Clip,
    /// Its exit code, when it has ended.
    pub exit_code: Option<i64>,
    /// Codex's word for how it went.
    pub status: Option<Scrubbed>,
}

/// How far an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It began.
    Started,
    /// It goes on.
    Updated,
    /// It is over.
    Completed,
}

/// A file that Codex changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The path as Codex gave it.
    pub path: Scrubbed,
    /// `add`, `delete` or `update`, in Codex's words.
    pub kind: Scrubbed,
}

/// A step of the model's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStep {
    /// What is to be done.
    pub text: Scrubbed,
    /// Whether it is done.
    pub done: bool,
}

/// What a notice of the bridge is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Something was too large or too much, and was cut.
    Cut,
    /// Processes were left behind and have been ended.
    LeftBehind,
    /// A time limit was reached.
    LimitReached,
    /// Something was decided for the person.
    Decided,
    /// The supervisor died.
    SupervisorDied,
    /// How a review goes on.
    Review,
    /// Codex did otherwise than it was asked to.
    Differs,
    /// How much of the account's limits is left.
    Quota,
    /// Somebody said something to the model in the middle of its turn.
    Steered,
    /// Somebody wanted to, and the model was not told.
    NotSteered,
    /// Codex asks something and waits.
    Asked,
    /// What Codex asked was answered, or nobody did in time.
    Answered,
}

impl EventBody {
    /// The event's kind on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            EventBody::State(_) => "state",
            EventBody::ThreadStarted { .. } => "thread_started",
            EventBody::TurnStarted => "turn_started",
            EventBody::TurnCompleted { .. } => "turn_completed",
            EventBody::TurnFailed { .. } => "turn_failed",
            EventBody::Message { .. } => "message",
            EventBody::Reasoning { .. } => "reasoning",
            EventBody::Command(_) => "command",
            EventBody::FileChange { .. } => "file_change",
            EventBody::Plan { .. } => "plan",
            EventBody::WebSearch { .. } => "web_search",
            EventBody::ToolCall { .. } => "tool_call",
            EventBody::Warning { .. } => "warning",
            EventBody::Notice { .. } => "notice",
            EventBody::Noise { .. } => "noise",
            EventBody::Stderr { .. } => "stderr",
            EventBody::Unknown { .. } => "unknown",
        }
    }
}

impl EventBody {
    /// About how many bytes the event takes where it is kept.
    pub fn weight(&self) -> u64 {
        let clip = |clip: &Clip| clip.text().len();
        let word = |word: &Option<Scrubbed>| word.as_ref().map_or(0, Scrubbed::len);
        let text = match self {
            EventBody::State(_) | EventBody::TurnStarted | EventBody::TurnCompleted { .. } => 0,
            EventBody::ThreadStarted { thread } => thread.len(),
            EventBody::TurnFailed { message } => clip(message),
            EventBody::Message { text }
            | EventBody::Reasoning { text }
            | EventBody::Warning { text }
            | EventBody::Notice { text, .. }
            | EventBody::Noise { text }
            | EventBody::Stderr { text } => clip(text),
            EventBody::Command(event) => clip(&event.command) + clip(&event.output),
            EventBody::FileChange {
                item,
                status,
                changes,
                ..
            } => {
                let paths: usize = changes.iter().map(|change| change.path.len() + 32).sum();
                item.len() + word(status) + paths
            }
            EventBody::Plan { steps } => steps.iter().map(|step| step.text.len() + 24).sum(),
            EventBody::WebSearch { query, .. } => clip(query),
            EventBody::ToolCall {
                server,
                tool,
                status,
                ..
            } => server.len() + tool.len() + word(status),
            EventBody::Unknown { kind, raw } => kind.len() + clip(raw),
        };
        ROW_OVERHEAD + text as u64
    }

    /// Whether the event is kept even when there is no room for others: without it the run could not be understood.
    pub fn is_essential(&self) -> bool {
        match self {
            EventBody::State(_)
            | EventBody::ThreadStarted { .. }
            | EventBody::TurnCompleted { .. }
            | EventBody::TurnFailed { .. }
            | EventBody::Notice { .. } => true,
            EventBody::TurnStarted
            | EventBody::Message { .. }
            | EventBody::Reasoning { .. }
            | EventBody::Command(_)
            | EventBody::FileChange { .. }
            | EventBody::Plan { .. }
            | EventBody::WebSearch { .. }
            | EventBody::ToolCall { .. }
            | EventBody::Warning { .. }
            | EventBody::Noise { .. }
            | EventBody::Stderr { .. }
            | EventBody::Unknown { .. } => false,
        }
    }
}

/// Bytes that an event takes besides its text: its row, its index entry and its field names.
const ROW_OVERHEAD: u64 = 96;

impl Phase {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Started => "started",
            Phase::Updated => "updated",
            Phase::Completed => "completed",
        }
    }
}

impl Notice {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Notice::Cut => "cut",
            Notice::LeftBehind => "left_behind",
            Notice::LimitReached => "limit_reached",
            Notice::Decided => "decided",
            Notice::SupervisorDied => "supervisor_died",
            Notice::Review => "review",
            Notice::Differs => "differs",
            Notice::Quota => "quota",
            Notice::Steered => "steered",
            Notice::NotSteered => "not_steered",
            Notice::Asked => "asked",
            Notice::Answered => "answered",
        }
    }
}
