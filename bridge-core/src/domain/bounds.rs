//! How much is kept, and the record of what was cut.

use std::time::Duration;

use crate::domain::scrub::Scrubbed;

/// Text that was cut to a bound, and says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    text: Scrubbed,
    left_out: u64,
}

impl Clip {
    /// Keeps at most `max` bytes of the text.
    pub fn new(mut text: Scrubbed, max: usize) -> Clip {
        let left_out = text.truncate(max) as u64;
        Clip { text, left_out }
    }

    /// Text that was cut before: `left_out` bytes are missing at its end.
    pub fn cut_before(text: Scrubbed, left_out: u64) -> Clip {
        Clip { text, left_out }
    }

    /// What was kept.
    pub fn text(&self) -> &Scrubbed {
        &self.text
    }

    /// How many bytes at the end were not kept.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// What a run may take and keep. Durations survive sleep and changes of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunBounds {
    /// The longest time from the start of Codex to the end.
    pub total: Duration,
    /// The longest time without any event.
    pub silence: Duration,
    /// The longest time to the first event.
    pub first_event: Duration,
    /// Bytes of each text in an event.
    pub event_text: usize,
    /// Events of a run.
    pub events: u64,
    /// Bytes of all events of a run.
    pub events_bytes: u64,
    /// Bytes of the final message.
    pub message: usize,
}

impl RunBounds {
    /// The bounds where the person sets none.
    pub const DEFAULT: RunBounds = RunBounds {
        total: Duration::from_secs(60 * 60),
        silence: Duration::from_secs(15 * 60),
        first_event: Duration::from_secs(90),
        event_text: 16 * 1024,
        events: 5_000,
        events_bytes: 8 * 1024 * 1024,
        message: 1024 * 1024,
    };
}

/// How many runs may be under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueBounds {
    /// Runs at once, over all processes.
    pub running: u32,
    /// Runs that wait for their turn.
    pub queued: u32,
}

impl QueueBounds {
    /// The bounds where the person sets none.
    pub const DEFAULT: QueueBounds = QueueBounds {
        running: 4,
        queued: 32,
    };
}

/// How much history is kept. Live runs are never pruned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryBounds {
    /// Ended runs.
    pub runs: u32,
    /// Bytes of all events and messages.
    pub bytes: u64,
    /// Age of the oldest ended run.
    pub age: Duration,
    /// How long the worktree of an ended run stays whose changes nobody took.
    pub worktree_age: Duration,
}

impl HistoryBounds {
    /// The bounds where the person sets none.
    pub const DEFAULT: HistoryBounds = HistoryBounds {
        runs: 500,
        bytes: 256 * 1024 * 1024,
        age: Duration::from_secs(30 * 24 * 60 * 60),
        worktree_age: Duration::from_secs(30 * 24 * 60 * 60),
    };
}
