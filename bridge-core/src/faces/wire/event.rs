//! An event on the wire: flat, with the fields that its kind has.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bounds::Clip;
use crate::domain::event::{CommandEvent, Event, EventBody, FileChange, PlanStep};
use crate::faces::wire::part::UsageDto;
use crate::faces::wire::text::{is_zero, owned, shorten};
use crate::faces::wire::time::rfc3339;
use crate::faces::wire::word::StateDto;

/// One thing that happened in a run. Which fields are there depends on `kind`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventDto {
    /// Counts from 1 in each run, without gaps.
    pub seq: u64,
    /// When the bridge saw it.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// What it is: `state`, `thread_started`, `turn_started`, `turn_completed`, `turn_failed`, `message`, `reasoning`,
    /// `command`, `file_change`, `plan`, `web_search`, `tool_call`, `warning`, `notice`, `noise`, `stderr`, `unknown`.
    pub kind: String,
    /// `state`: the new state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateDto>,
    /// `thread_started`: Codex's session id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// Codex's id of the command or change; the same in all events about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// How far the item is: `started`, `updated`, `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Codex's word for how it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What was said: the text of messages, reasoning, failures, warnings, notices, noise and error output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Bytes that are missing at the end of `text`.
    #[serde(skip_serializing_if = "is_zero")]
    pub text_left_out: u64,
    /// `command`: the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Bytes that are missing at the end of `command`.
    #[serde(skip_serializing_if = "is_zero")]
    pub command_left_out: u64,
    /// `command`: what it printed so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Bytes that are missing at the end of `output`.
    #[serde(skip_serializing_if = "is_zero")]
    pub output_left_out: u64,
    /// `command`: its exit code, once it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// `file_change`: the files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<FileChangeDto>>,
    /// Files that are missing at the end of `changes`.
    #[serde(skip_serializing_if = "is_zero")]
    pub changes_left_out: u64,
    /// `plan`: its steps, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<PlanStepDto>>,
    /// Steps that are missing at the end of `steps`.
    #[serde(skip_serializing_if = "is_zero")]
    pub steps_left_out: u64,
    /// `web_search`: what was searched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Bytes that are missing at the end of `query`.
    #[serde(skip_serializing_if = "is_zero")]
    pub query_left_out: u64,
    /// `tool_call`: the MCP server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// `tool_call`: the tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// `turn_completed`: what the turn cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<UsageDto>,
    /// `notice`: what it is about: `cut`, `left_behind`, `limit_reached`, `decided`, `supervisor_died`,
    /// `review`, `differs`, `steered`, `not_steered`, `asked`, `answered`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// `unknown`: the kind in Codex's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codex_kind: Option<String>,
    /// `unknown`: the event as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Bytes that are missing at the end of `raw`.
    #[serde(skip_serializing_if = "is_zero")]
    pub raw_left_out: u64,
}

/// A file that Codex changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileChangeDto {
    /// The path as Codex gave it.
    pub path: String,
    /// `add`, `delete` or `update`, in Codex's words.
    pub kind: String,
}

/// A step of the model's plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanStepDto {
    /// What is to be done.
    pub text: String,
    /// Whether it is done.
    pub done: bool,
}

impl EventDto {
    /// Shortens each text to at most `max` bytes and each list to as many entries as take about that; what is then
    /// missing is counted.
    pub fn shorten(&mut self, max: usize) {
        for (text, left_out) in [
            (&mut self.text, &mut self.text_left_out),
            (&mut self.command, &mut self.command_left_out),
            (&mut self.output, &mut self.output_left_out),
            (&mut self.query, &mut self.query_left_out),
            (&mut self.raw, &mut self.raw_left_out),
        ] {
            if let Some(text) = text {
                *left_out += shorten(text, max);
            }
        }
        if let Some(changes) = &mut self.changes {
            self.changes_left_out += shorten_list(changes, max, |change| change.path.len());
        }
        if let Some(steps) = &mut self.steps {
            self.steps_left_out += shorten_list(steps, max, |step| step.text.len());
        }
    }

    fn with_text(mut self, clip: &Clip) -> EventDto {
        (self.text, self.text_left_out) = parts(clip);
        self
    }

    fn with_command(mut self, event: &CommandEvent) -> EventDto {
        self.item_id = Some(event.item.as_str().to_owned());
        self.phase = Some(event.phase.as_str().to_owned());
        (self.command, self.command_left_out) = parts(&event.command);
        (self.output, self.output_left_out) = parts(&event.output);
        self.exit_code = event.exit_code;
        self.status = owned(event.status.as_ref());
        self
    }
}

impl From<&Event> for EventDto {
    fn from(event: &Event) -> EventDto {
        let mut dto = EventDto {
            seq: event.seq,
            at: rfc3339(event.at),
            kind: event.body.kind().to_owned(),
            ..EventDto::default()
        };
        match &event.body {
            EventBody::State(state) => dto.state = Some((*state).into()),
            EventBody::ThreadStarted { thread } => dto.thread_id = owned(Some(thread)),
            EventBody::TurnStarted => {}
            EventBody::TurnCompleted { usage } => dto.usage = Some((*usage).into()),
            EventBody::TurnFailed { message: text }
            | EventBody::Message { text }
            | EventBody::Reasoning { text }
            | EventBody::Warning { text }
            | EventBody::Noise { text }
            | EventBody::Stderr { text } => dto = dto.with_text(text),
            EventBody::Command(command) => dto = dto.with_command(command),
            EventBody::FileChange {
                item,
                phase,
                status,
                changes,
            } => {
                dto.item_id = owned(Some(item));
                dto.phase = Some(phase.as_str().to_owned());
                dto.status = owned(status.as_ref());
                dto.changes = Some(changes.iter().map(Into::into).collect());
            }
            EventBody::Plan { steps } => {
                dto.steps = Some(steps.iter().map(Into::into).collect());
            }
            EventBody::WebSearch { phase, query } => {
                dto.phase = Some(phase.as_str().to_owned());
                (dto.query, dto.query_left_out) = parts(query);
            }
            EventBody::ToolCall {
                phase,
                server,
                tool,
                status,
            } => {
                dto.phase = Some(phase.as_str().to_owned());
                dto.server = owned(Some(server));
                dto.tool = owned(Some(tool));
                dto.status = owned(status.as_ref());
            }
            EventBody::Notice { about, text } => {
                dto.about = Some(about.as_str().to_owned());
                dto = dto.with_text(text);
            }
            EventBody::Unknown { kind, raw } => {
                dto.codex_kind = owned(Some(kind));
                (dto.raw, dto.raw_left_out) = parts(raw);
            }
        }
        dto
    }
}

impl From<&FileChange> for FileChangeDto {
    fn from(change: &FileChange) -> FileChangeDto {
        FileChangeDto {
            path: change.path.as_str().to_owned(),
            kind: change.kind.as_str().to_owned(),
        }
    }
}

impl From<&PlanStep> for PlanStepDto {
    fn from(step: &PlanStep) -> PlanStepDto {
        PlanStepDto {
            text: step.text.as_str().to_owned(),
            done: step.done,
        }
    }
}

fn parts(clip: &Clip) -> (Option<String>, u64) {
    (owned(Some(clip.text())), clip.left_out())
}

/// Keeps the first entries whose texts take at most `max` bytes; returns how many went.
fn shorten_list<T>(list: &mut Vec<T>, max: usize, len: impl Fn(&T) -> usize) -> u64 {
    // The names of an entry's fields take room too.
    const FRAME: usize = 32;
    let mut room = max;
    let mut kept = 0;
    for entry in list.iter() {
        let Some(rest) = room.checked_sub(len(entry) + FRAME) else {
            break;
        };
        room = rest;
        kept += 1;
    }
    let cut = list.len() - kept;
    list.truncate(kept);
    cut as u64
}
