//! Pages: of events and of runs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::run::Timestamp;
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::event::EventDto;
use crate::faces::wire::live::LiveDto;
use crate::faces::wire::run::RunSummaryDto;
use crate::faces::wire::session::SessionDto;
use crate::faces::wire::text::{abridge, is_false, owned};
use crate::faces::wire::word::StateDto;
use crate::use_cases::bridge::{RunPage, SessionList, Updates};

/// The events of a run after a cursor, and how the run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UpdatesDto {
    /// The run's id.
    pub run_id: String,
    /// Where it stands.
    pub state: StateDto,
    /// Whether it is over. Then `codex_get_run` has the final message.
    pub is_final: bool,
    /// What is happening right now, in one line.
    pub activity: Option<String>,
    /// What is being written at this moment, where Codex tells it: the end of it, before it comes whole as an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveDto>,
    /// What went wrong.
    pub error: Option<ErrorDto>,
    /// The events, oldest first.
    pub events: Vec<EventDto>,
    /// The `cursor` for the next call.
    pub next_cursor: u64,
    /// Whether there are more events right now.
    pub more: bool,
}

/// A page of runs, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunPageDto {
    /// The runs.
    pub runs: Vec<RunSummaryDto>,
    /// With source `codex`: the sessions that Codex has kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Vec<SessionDto>>,
    /// With source `codex`: how many files on the way could not be read as sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<u64>,
    /// The `cursor` of the next page; null at the end.
    pub next_cursor: Option<u64>,
    /// Whether the person has paused new runs: then they stay queued.
    #[serde(skip_serializing_if = "is_false")]
    pub paused: bool,
}

impl From<&Updates> for UpdatesDto {
    fn from(updates: &Updates) -> UpdatesDto {
        UpdatesDto {
            run_id: updates.run.id.to_string(),
            state: updates.run.state.into(),
            is_final: updates.run.state.is_final(),
            activity: owned(updates.run.activity.as_ref()),
            live: updates.live.as_ref().map(Into::into),
            error: updates.run.failure.as_ref().map(Into::into),
            events: updates.events.iter().map(Into::into).collect(),
            next_cursor: updates.next_cursor,
            more: updates.more,
        }
    }
}

impl UpdatesDto {
    /// Keeps each text beside the events below `max` bytes or so.
    pub fn abridge(&mut self, max: usize) {
        if let Some(activity) = &mut self.activity {
            abridge(activity, max);
        }
        if let Some(error) = &mut self.error {
            error.abridge(max);
        }
        if let Some(live) = &mut self.live {
            live.shorten(max);
        }
    }
}

impl RunPageDto {
    /// The page as a client sees it at this moment.
    pub fn new(page: &RunPage, now: Timestamp) -> RunPageDto {
        RunPageDto {
            runs: page
                .runs
                .iter()
                .map(|run| RunSummaryDto::new(run, now))
                .collect(),
            sessions: None,
            skipped: None,
            next_cursor: page.next,
            paused: page.paused,
        }
    }

    /// The page of a list of sessions.
    pub fn of_sessions(list: &SessionList) -> RunPageDto {
        RunPageDto {
            runs: Vec::new(),
            sessions: Some(list.sessions.iter().map(Into::into).collect()),
            skipped: Some(list.skipped),
            next_cursor: list.next,
            paused: false,
        }
    }
}
