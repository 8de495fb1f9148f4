//! The last lines of a run: how it ended, what it cost, and what it said.

use crate::domain::applied::Asked;
use crate::domain::run::{Run, Usage};
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{Limit, Outcome, RunState};
use crate::domain::task::ModelName;
use crate::faces::cli::look::Tone;
use crate::faces::cli::text;
use crate::faces::cli::time::spoken;
use crate::faces::cli::view::item::{canceller, of};
use crate::faces::cli::view::{Mark, View, bytes, grouped, review};

impl View {
    /// How the run stands now that there are no more events: the end, and the final message below.
    pub(crate) fn end(&mut self, run: &Run, answer: Answer) -> Vec<String> {
        let mut lines = Vec::new();
        let message = run.message.as_ref();
        let held_is_final = match (&self.held, message) {
            (Some((_, held, _)), Some(message)) => message.text.as_str().starts_with(held.as_str()),
            (Some(_) | None, _) => false,
        };
        // What a reviewer said last comes again as its findings.
        let is_told_again = held_is_final || run.review.is_some();
        if is_told_again && run.state.is_final() {
            self.held = None;
        }
        lines.extend(self.release());
        lines.extend(self.outcome(run));
        if run.recorded.left_out > 0 {
            let what = format!(
                "{} events were not kept, for want of room",
                grouped(run.recorded.left_out)
            );
            lines.push(self.below(of(Tone::Warn, "✂"), &what));
        }
        if let (Some(review), Answer::Shown) = (&run.review, answer) {
            lines.push(String::new());
            lines.extend(review::lines(review, self.look));
            // An answer that could not be read is in the message only.
            if !review.coverage.is_unreadable() {
                return lines;
            }
        }
        let Some(message) = message.filter(|_| answer == Answer::Shown) else {
            return lines;
        };
        if self.last_shown.as_ref() == Some(&message.text) {
            return lines;
        }
        lines.push(String::new());
        lines.extend(text::wrap(
            text::harmless(message.text.as_str()).trim_end(),
            self.look.width,
        ));
        if message.left_out > 0 {
            let what = format!("✂ {} more were not kept", bytes(message.left_out));
            lines.push(self.look.paint(Tone::Dim, &what));
        }
        lines
    }

    fn outcome(&self, run: &Run) -> Vec<String> {
        let RunState::Ended(outcome) = run.state else {
            return Vec::new();
        };
        let at = run.times.ended.unwrap_or(run.times.created);
        let took = run.times.started.map_or_else(String::new, |started| {
            format!(" after {}", spoken(at.since(started)))
        });
        let (sign, tone, what) = match outcome {
            Outcome::Succeeded => ("✔", Tone::Good, format!("succeeded{took}")),
            Outcome::Failed(_) => ("✖", Tone::Bad, format!("failed{took}")),
            Outcome::Cancelled(by) => (
                "■",
                Tone::Warn,
                format!("cancelled by {}{took}", canceller(by)),
            ),
            Outcome::TimedOut(limit) => (
                "■",
                Tone::Warn,
                format!("timed out{took}: {}", limit_reached(limit)),
            ),
            Outcome::Lost => ("✖", Tone::Bad, "lost: its supervisor died".to_owned()),
        };
        let mark = Mark {
            sign,
            tone,
            text: tone,
        };
        let mut lines = self.block(at, mark, &what);
        if let Some(failure) = &run.failure {
            let message = text::one_line(failure.message.as_str());
            let code = failure.code.as_str();
            lines.extend(self.beside(Tone::Plain, &format!("{message} ({code})")));
            if !failure.hint.is_empty() {
                let hint = text::one_line(failure.hint.as_str());
                lines.extend(self.beside(Tone::Accent, &format!("→ {hint}")));
            }
        }
        for difference in Asked::of(&run.requested, &run.workspace.path).differences(&run.applied) {
            let what = text::one_line(&difference.to_string());
            lines.extend(self.beside(Tone::Warn, &format!("! {what}")));
        }
        let facts = facts(run);
        if !facts.is_empty() {
            lines.extend(self.beside(Tone::Dim, &facts));
        }
        lines
    }

    /// Wrapped lines below the outcome.
    fn beside(&self, tone: Tone, words: &str) -> Vec<String> {
        let room = self.look.width.saturating_sub(self.gutter_width() + 2);
        text::wrap(words, room)
            .iter()
            .map(|line| format!("{}  {}", self.gutter(None), self.look.paint(tone, line)))
            .collect()
    }
}

/// Whether the final message is part of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is.
    Shown,
    /// It goes elsewhere.
    Elsewhere,
}

/// What was used, in one line.
fn facts(run: &Run) -> String {
    let mut facts = Vec::new();
    let asked = run.requested.model.as_ref().map(ModelName::as_str);
    if let Some(model) = run.applied.model.as_ref().map(Scrubbed::as_str).or(asked) {
        facts.push(text::one_line(model));
    }
    facts.extend(run.usage.as_ref().map(tokens));
    facts.join(" · ")
}

/// What a turn cost, in one line.
pub(super) fn tokens(usage: &Usage) -> String {
    let mut line = format!("{} tokens in", grouped(usage.input));
    if usage.cached_input > 0 {
        line.push_str(&format!(" ({} cached)", grouped(usage.cached_input)));
    }
    line.push_str(&format!(", {} out", grouped(usage.output)));
    if usage.reasoning > 0 {
        line.push_str(&format!(" ({} to think)", grouped(usage.reasoning)));
    }
    line
}

/// Which limit was reached, to follow a colon.
pub(super) fn limit_reached(limit: Limit) -> &'static str {
    match limit {
        Limit::Total => "it took longer than it may",
        Limit::Silence => "Codex said nothing for too long",
        Limit::FirstEvent => "Codex did not say a first word in time",
    }
}
