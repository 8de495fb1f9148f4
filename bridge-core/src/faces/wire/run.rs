//! A run on the wire, whole and as an entry of a list.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::applied::Checks;
use crate::domain::run::{Run, RunSummary, Times, Timestamp};
use crate::domain::state::{Outcome, RunState, StopReason};
use crate::faces::wire::TextWindow;
use crate::faces::wire::changes::ChangesDto;
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::part::{
    AppliedDto, ChecksDto, ClientDto, CodexDto, ExitDto, RecordedDto, RequestedDto, ResourcesDto,
    UsageDto, WorkspaceDto,
};
use crate::faces::wire::question::QuestionDto;
use crate::faces::wire::review::{ReviewDto, ReviewWindow};
use crate::faces::wire::text::{abridge, owned, shorten};
use crate::faces::wire::time::{millis, rfc3339};
use crate::faces::wire::word::{CancellerDto, DriverDto, KindDto, LimitDto, StateDto};

/// What of a run is wanted, and when it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct RunView {
    /// The moment that a live run's duration counts to.
    pub now: Timestamp,
    /// Which part of the prompt, from its beginning.
    pub prompt_max: usize,
    /// Which part of the final message.
    pub message: TextWindow,
    /// Which part of a review.
    pub review: ReviewWindow,
}

impl RunView {
    /// Everything.
    pub fn whole(now: Timestamp) -> RunView {
        RunView {
            now,
            prompt_max: usize::MAX,
            message: TextWindow::WHOLE,
            review: ReviewWindow::WHOLE,
        }
    }

    /// Everything, but at most so many bytes of the prompt, and of the message from its beginning.
    pub fn beginning(now: Timestamp, max: usize) -> RunView {
        RunView {
            prompt_max: max,
            message: TextWindow { offset: 0, max },
            ..RunView::whole(now)
        }
    }
}

/// One run: what was asked, what happens now, how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunDto {
    /// The run's id.
    pub run_id: String,
    /// Where it stands. The last five are final.
    pub state: StateDto,
    /// Whether it is over and nothing will change any more.
    pub is_final: bool,
    /// One line for lists.
    pub title: String,
    /// What it is for.
    pub kind: KindDto,
    /// The folder that was asked for, resolved.
    pub working_dir: String,
    /// Where Codex really works.
    pub workspace: WorkspaceDto,
    /// Who asked.
    pub client: ClientDto,
    /// When it was asked for.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: String,
    /// When Codex was started.
    #[schemars(extend("format" = "date-time"))]
    pub started_at: Option<String>,
    /// When it was over.
    #[schemars(extend("format" = "date-time"))]
    pub ended_at: Option<String>,
    /// How long Codex has worked: up to the end, or up to now.
    pub duration_ms: Option<u64>,
    /// What is happening right now, in one line.
    pub activity: Option<String>,
    /// The model's last message, Markdown; once the run is final, its answer. This part begins at `message_offset`.
    pub message: Option<String>,
    /// Where in the message this part begins, in bytes.
    pub message_offset: u64,
    /// How long the kept message is, in bytes.
    pub message_bytes: u64,
    /// Whether there is more of the message than is shown here.
    pub message_truncated: bool,
    /// The `message_offset` to read on with; null at the end.
    pub message_next_offset: Option<u64>,
    /// Bytes at the message's end that were too much to keep and are gone.
    pub message_left_out: u64,
    /// What it cost.
    pub usage: Option<UsageDto>,
    /// What it changed in the repository.
    pub changes: Option<ChangesDto>,
    /// What a review found: `verdict` (`correct`, `needs_work`, `unknown`), `explanation`, `findings` (each with
    /// `severity`, `title`, `body`, `file`, `start_line`, `end_line`, `place`, `confidence`, `suggested_fix`), and
    /// `coverage`. While its `findings_next_offset` is not null there are more findings to read.
    // The schema says no more than that: it is in every tool that gives a run.
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub review: Option<ReviewDto>,
    /// What was asked for.
    pub requested: RequestedDto,
    /// What Codex really used, as far as it was read back.
    pub applied: AppliedDto,
    /// Whether that is what was asked for, one by one.
    pub checks: ChecksDto,
    /// What went wrong.
    pub error: Option<ErrorDto>,
    /// Who cancelled it.
    pub cancelled_by: Option<CancellerDto>,
    /// Which time limit it reached.
    pub time_limit: Option<LimitDto>,
    /// How the Codex process ended.
    pub exit: Option<ExitDto>,
    /// The Codex binary.
    pub codex: Option<CodexDto>,
    /// What Codex asks and waits for; only while the state is `waiting`.
    pub question: Option<QuestionDto>,
    /// What drives it; codex_steer_run works with `app_server` only.
    pub driver: Option<DriverDto>,
    /// Codex's own session id.
    pub thread_id: Option<String>,
    /// The run whose thread this one goes on with.
    pub continues: Option<String>,
    /// The client's name for the request.
    pub request_id: Option<String>,
    /// The beginning of what was asked.
    pub prompt: String,
    /// Bytes of the prompt that are not shown.
    pub prompt_left_out: u64,
    /// How many events there are to read.
    pub events: RecordedDto,
    /// The same as MCP resources.
    pub resources: ResourcesDto,
}

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunSummaryDto {
    /// The run's id.
    pub run_id: String,
    /// Where it stands.
    pub state: StateDto,
    /// Whether it is over.
    pub is_final: bool,
    /// One line.
    pub title: String,
    /// What it is for.
    pub kind: KindDto,
    /// The folder that was asked for, resolved.
    pub working_dir: String,
    /// The name of the client that asked.
    pub client: String,
    /// When it was asked for.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: String,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub ended_at: Option<String>,
    /// How long Codex has worked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// What is happening right now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDto>,
}

impl RunDto {
    /// The run as a client sees it.
    pub fn new(run: &Run, view: &RunView) -> RunDto {
        let mut prompt = run.prompt.as_str().to_owned();
        let prompt_left_out = shorten(&mut prompt, view.prompt_max);
        let whole_message = run
            .message
            .as_ref()
            .map_or("", |message| message.text.as_str());
        let (offset, part) = view.message.cut(whole_message);
        let end = offset + part.len();
        let (cancelled_by, time_limit) = reason(run.state);
        RunDto {
            run_id: run.id.to_string(),
            state: run.state.into(),
            is_final: run.state.is_final(),
            title: run.title.as_str().to_owned(),
            kind: run.kind.into(),
            working_dir: run.workspace.folder.as_str().to_owned(),
            workspace: (&run.workspace).into(),
            client: (&run.caller).into(),
            created_at: rfc3339(run.times.created),
            started_at: run.times.started.map(rfc3339),
            ended_at: run.times.ended.map(rfc3339),
            duration_ms: duration_ms(&run.times, view.now),
            activity: owned(run.activity.as_ref()),
            message: run.message.as_ref().map(|_| part.to_owned()),
            message_offset: offset as u64,
            message_bytes: whole_message.len() as u64,
            message_truncated: offset > 0 || end < whole_message.len(),
            message_next_offset: (end < whole_message.len()).then_some(end as u64),
            message_left_out: run.message.as_ref().map_or(0, |message| message.left_out),
            usage: run.usage.map(Into::into),
            changes: run.changes.as_ref().map(Into::into),
            review: (run.review.as_ref()).map(|review| ReviewDto::new(review, view.review)),
            requested: (&run.requested).into(),
            applied: (&run.applied).into(),
            checks: Checks::of(run).into(),
            error: run.failure.as_ref().map(Into::into),
            cancelled_by,
            time_limit,
            exit: run.exit.map(Into::into),
            codex: run.codex.as_ref().map(Into::into),
            question: run.question.as_ref().map(Into::into),
            driver: run.driver.map(Into::into),
            thread_id: run.thread.as_ref().map(ToString::to_string),
            continues: run.continues.as_ref().map(ToString::to_string),
            request_id: run.request_id.as_ref().map(|id| id.as_str().to_owned()),
            prompt,
            prompt_left_out,
            events: run.recorded.into(),
            resources: run.into(),
        }
    }
}

impl RunDto {
    /// Keeps each of the texts beside message and prompt below `max` bytes or so.
    pub fn abridge(&mut self, max: usize) {
        abridge(&mut self.title, max);
        if let Some(activity) = &mut self.activity {
            abridge(activity, max);
        }
        if let Some(error) = &mut self.error {
            error.abridge(max);
        }
        if let Some(question) = &mut self.question {
            question.abridge(max);
        }
        if let Some(reason) = &mut self.workspace.fell_back {
            abridge(reason, max);
        }
        if let Some(review) = &mut self.review {
            review.abridge(max);
        }
    }
}

impl RunSummaryDto {
    /// Keeps each text but the folder below `max` bytes or so.
    pub fn abridge(&mut self, max: usize) {
        abridge(&mut self.title, max);
        if let Some(activity) = &mut self.activity {
            abridge(activity, max);
        }
        if let Some(error) = &mut self.error {
            error.abridge(max);
        }
    }

    /// The run as an entry of a list, at this moment.
    pub fn new(run: &RunSummary, now: Timestamp) -> RunSummaryDto {
        RunSummaryDto {
            run_id: run.id.to_string(),
            state: run.state.into(),
            is_final: run.state.is_final(),
            title: run.title.as_str().to_owned(),
            kind: run.kind.into(),
            working_dir: run.workspace.folder.as_str().to_owned(),
            client: run.caller.client.as_str().to_owned(),
            created_at: rfc3339(run.times.created),
            ended_at: run.times.ended.map(rfc3339),
            duration_ms: duration_ms(&run.times, now),
            activity: owned(run.activity.as_ref()),
            error: run.failure.as_ref().map(Into::into),
        }
    }
}

fn duration_ms(times: &Times, now: Timestamp) -> Option<u64> {
    let started = times.started?;
    Some(millis(times.ended.unwrap_or(now).since(started)))
}

/// Why a run was or is being stopped.
fn reason(state: RunState) -> (Option<CancellerDto>, Option<LimitDto>) {
    match state {
        RunState::Stopping(StopReason::Cancelled(by)) | RunState::Ended(Outcome::Cancelled(by)) => {
            (Some(by.into()), None)
        }
        RunState::Stopping(StopReason::TimedOut(limit))
        | RunState::Ended(Outcome::TimedOut(limit)) => (None, Some(limit.into())),
        RunState::Queued
        | RunState::Starting
        | RunState::Running
        | RunState::WaitingForAnswer
        | RunState::Ended(Outcome::Succeeded | Outcome::Failed(_) | Outcome::Lost) => (None, None),
    }
}
