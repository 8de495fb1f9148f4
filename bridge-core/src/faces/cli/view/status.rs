//! The line at the bottom of a terminal that says what a run is doing right now.

use crate::domain::run::{Run, Timestamp};
use crate::domain::state::RunState;
use crate::faces::cli::look::Tone;
use crate::faces::cli::view::View;
use crate::faces::cli::{text, time};

/// A sign that turns.
pub(crate) const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

impl View {
    /// The status line; `turn` makes it move, `keys` says what can be pressed.
    pub(crate) fn status(&self, run: &Run, now: Timestamp, turn: usize, keys: &str) -> String {
        let word = match run.state {
            RunState::Queued => "waits for its turn",
            RunState::Starting => "starts",
            RunState::Running => "runs",
            RunState::WaitingForAnswer => "needs an answer",
            RunState::Stopping(_) => "is being stopped",
            RunState::Ended(_) => "is over",
        };
        let elapsed = time::counted(now.since(self.began));
        let activity = run
            .activity
            .as_ref()
            .map(|words| text::one_line(words.as_str()));
        let frame = FRAMES[turn % FRAMES.len()];
        let fixed = text::width(&format!("{frame} {word} {elapsed} ·  · {keys}"));
        let room = self.look.width.saturating_sub(fixed + 1);
        let writing = (self.live.as_ref()).map(|live| live.line(room).into_string());
        let doing = writing.or_else(|| self.doing.clone()).or(activity);
        let doing = doing.unwrap_or_default();
        let mut line = format!(
            "{} {} {elapsed}",
            self.look.paint(Tone::Accent, frame),
            self.look.paint(Tone::Strong, word)
        );
        if !doing.is_empty() && room > 8 {
            line.push_str(" · ");
            line.push_str(&text::shorten(&doing, room));
        }
        if fixed < self.look.width {
            line.push_str(&self.look.paint(Tone::Dim, &format!(" · {keys}")));
        }
        line
    }

    /// Takes note of the window's new width.
    pub(crate) fn resize(&mut self, width: usize) {
        self.look.width = width;
    }
}
