//! How all runs stand, at a glance, and the news of one run.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::run::{RunSummary, Timestamp};
use crate::faces::wire::doctor::LevelDto;
use crate::faces::wire::event::EventDto;
use crate::faces::wire::live::LiveDto;
use crate::faces::wire::run::{RunDto, RunSummaryDto};
use crate::use_cases::status::{Health, MendedOn, Status};

/// Sentences longer than this are not read in a menu.
const SIDE_TEXT: usize = 300;

/// What runs, what waits, what ended last, and whether all is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatusDto {
    /// Whether new runs stay in the queue.
    pub paused: bool,
    /// Runs that wait for the person's answer, newest first.
    pub waiting: Vec<RunSummaryDto>,
    /// Runs that are under way and need nothing, newest first.
    pub running: Vec<RunSummaryDto>,
    /// How many runs wait for their turn.
    pub queued: u32,
    /// The runs that ended last, newest first, at most five.
    pub recent: Vec<RunSummaryDto>,
    /// Whether all is well.
    pub health: HealthDto,
}

/// Whether all is well, in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthDto {
    /// How bad it is.
    pub level: LevelDto,
    /// What is wrong, or that nothing is.
    pub text: String,
    /// Where it is mended.
    pub page: Option<MendedOnDto>,
}

/// The page on which a fault is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MendedOnDto {
    /// Codex, its login, the roots.
    Setup,
    /// The configuration.
    Settings,
}

/// The news of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunBatchDto {
    /// The run as it stands.
    pub run: RunDto,
    /// What it is writing at this moment.
    pub live: Option<LiveDto>,
    /// The events after the last batch, oldest first.
    pub events: Vec<EventDto>,
    /// The cursor after the last of them.
    pub next_cursor: u64,
    /// Whether the run has ended and all of its events were told.
    pub is_final: bool,
}

impl StatusDto {
    /// The status at this moment.
    pub fn new(status: &Status, now: Timestamp) -> StatusDto {
        let list = |runs: &[RunSummary]| {
            let entry = |run| {
                let mut entry = RunSummaryDto::new(run, now);
                entry.abridge(SIDE_TEXT);
                entry
            };
            runs.iter().map(entry).collect()
        };
        StatusDto {
            paused: status.paused,
            waiting: list(&status.waiting),
            running: list(&status.running),
            queued: status.queued,
            recent: list(&status.recent),
            health: (&status.health).into(),
        }
    }
}

impl From<&Health> for HealthDto {
    fn from(health: &Health) -> HealthDto {
        HealthDto {
            level: health.level.into(),
            text: health.text.as_str().to_owned(),
            page: health.page.map(Into::into),
        }
    }
}

impl From<MendedOn> for MendedOnDto {
    fn from(page: MendedOn) -> MendedOnDto {
        match page {
            MendedOn::Setup => MendedOnDto::Setup,
            MendedOn::Settings => MendedOnDto::Settings,
        }
    }
}
