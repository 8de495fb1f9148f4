//! The lines of one event.

use crate::domain::event::{Event, EventBody, FileChange, Notice, Phase, PlanStep};
use crate::domain::run::Timestamp;
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{Canceller, RunState, StopReason};
use crate::faces::cli::look::Tone;
use crate::faces::cli::text;
use crate::faces::cli::view::end::limit_reached;
use crate::faces::cli::view::{Fold, Mark, View};

/// So many lines of what is of less interest are shown.
const ASIDE_LINES: usize = 4;

impl View {
    pub(super) fn item(&mut self, event: &Event) -> Vec<String> {
        let at = event.at;
        if !matches!(&event.body, EventBody::Command(_)) {
            self.doing = None;
        }
        let lines = match &event.body {
            EventBody::State(state) => self.state(at, *state),
            EventBody::Message { text } => {
                self.held = Some((at, text.text().clone(), text.left_out()));
                Vec::new()
            }
            EventBody::Command(command) => return self.command(at, command),
            EventBody::FileChange {
                phase,
                status,
                changes,
                ..
            } => self.files(at, *phase, status.as_ref(), changes),
            EventBody::Plan { steps } => self.plan(at, steps),
            EventBody::WebSearch { phase, query } => match phase {
                Phase::Completed => {
                    let words = text::one_line(query.text().as_str());
                    self.block(at, aside("⌕"), &format!("searched the web: {words}"))
                }
                Phase::Started | Phase::Updated => Vec::new(),
            },
            EventBody::ToolCall {
                phase,
                server,
                tool,
                status,
            } => match phase {
                Phase::Completed => {
                    let status = status.as_ref().map_or("", Scrubbed::as_str);
                    let line = format!("tool {server}.{tool} {status}");
                    self.block(at, aside("⚒"), &text::one_line(&line))
                }
                Phase::Started | Phase::Updated => Vec::new(),
            },
            EventBody::Reasoning { text } => self.aside(at, "∴", text.text().as_str()),
            // The end says it, with the way out.
            EventBody::TurnFailed { .. } => Vec::new(),
            EventBody::Warning { text } => {
                let mut lines = self.block(at, of(Tone::Warn, "!"), text.text().as_str());
                lines.extend(self.cut(text.left_out()));
                lines
            }
            EventBody::Notice { about, text } => {
                self.block(at, notice(*about), text.text().as_str())
            }
            EventBody::Noise { text } | EventBody::Stderr { text } => {
                self.aside(at, "·", text.text().as_str())
            }
            EventBody::Unknown { kind, .. } => {
                let line = format!("an event of a kind that the bridge does not know: {kind}");
                self.block(at, aside("?"), &text::one_line(&line))
            }
            EventBody::ThreadStarted { .. }
            | EventBody::TurnStarted
            | EventBody::TurnCompleted { .. } => Vec::new(),
        };
        if !lines.is_empty() {
            self.open = None;
        }
        lines
    }

    fn state(&self, at: Timestamp, state: RunState) -> Vec<String> {
        let line = match state {
            RunState::Queued => "waits for its turn".to_owned(),
            RunState::Running => "Codex works".to_owned(),
            RunState::WaitingForAnswer => {
                return self.block(at, of(Tone::Warn, "?"), "needs an answer");
            }
            RunState::Stopping(why) => format!("is being stopped: {}", stop_reason(why)),
            // The start takes a moment, and the end has lines of its own.
            RunState::Starting | RunState::Ended(_) => return Vec::new(),
        };
        self.block(at, aside("·"), &line)
    }

    fn files(
        &self,
        at: Timestamp,
        phase: Phase,
        status: Option<&Scrubbed>,
        changes: &[FileChange],
    ) -> Vec<String> {
        if phase != Phase::Completed {
            return Vec::new();
        }
        let failed = status.is_some_and(|status| status.as_str() == "failed");
        let mut lines = Vec::new();
        for change in changes {
            let (sign, tone) = match change.kind.as_str() {
                "add" => ("+", Tone::Good),
                "delete" => ("-", Tone::Bad),
                _ => ("±", Tone::Accent),
            };
            let fate = if failed { " (failed)" } else { "" };
            let line = format!("{}{fate}", text::one_line(change.path.as_str()));
            lines.extend(self.block(at, of(tone, sign), &line));
        }
        lines
    }

    fn plan(&mut self, at: Timestamp, steps: &[PlanStep]) -> Vec<String> {
        if !self.is_news(steps) {
            return Vec::new();
        }
        let same_texts = self.plan.len() == steps.len()
            && self.plan.iter().zip(steps).all(|(a, b)| a.text == b.text);
        let done = steps.iter().filter(|step| step.done).count();
        let mut lines = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let newly_done = step.done && self.plan.get(index).is_some_and(|old| !old.done);
            if same_texts && !newly_done {
                continue;
            }
            let mark = match (step.done, same_texts) {
                (true, true) => of(Tone::Good, "☑"),
                (true, false) => aside("☑"),
                (false, _) => of(Tone::Accent, "☐"),
            };
            let mut line = text::one_line(step.text.as_str());
            if same_texts {
                line = format!("{line} ({done} of {})", steps.len());
            }
            lines.extend(self.block(at, mark, &line));
        }
        self.plan = steps.to_vec();
        lines
    }

    /// What is of less interest: its first lines.
    fn aside(&self, at: Timestamp, sign: &'static str, words: &str) -> Vec<String> {
        let mut lines = self.block(at, aside(sign), words);
        let more = lines.len().saturating_sub(ASIDE_LINES);
        if self.fold == Fold::Long && more > 1 {
            lines.truncate(ASIDE_LINES);
            lines.push(self.below(aside(" "), &format!("… {more} more lines")));
        }
        lines
    }
}

/// Why a run is being stopped, to follow a colon.
pub(super) fn stop_reason(why: StopReason) -> String {
    match why {
        StopReason::Cancelled(by) => format!("cancelled by {}", canceller(by)),
        StopReason::TimedOut(limit) => limit_reached(limit).to_owned(),
    }
}

/// Who cancelled, to follow "by".
pub(super) fn canceller(by: Canceller) -> &'static str {
    match by {
        Canceller::Client => "the client",
        Canceller::Person => "you",
        Canceller::Owner => "the end of the process that owned it",
    }
}

pub(super) fn aside(sign: &'static str) -> Mark {
    Mark {
        sign,
        tone: Tone::Dim,
        text: Tone::Dim,
    }
}

pub(super) fn of(tone: Tone, sign: &'static str) -> Mark {
    Mark {
        sign,
        tone,
        text: Tone::Plain,
    }
}

fn notice(about: Notice) -> Mark {
    match about {
        Notice::Cut => of(Tone::Warn, "✂"),
        Notice::LeftBehind | Notice::LimitReached | Notice::Differs | Notice::NotSteered => {
            of(Tone::Warn, "!")
        }
        Notice::SupervisorDied => of(Tone::Bad, "!"),
        Notice::Asked => of(Tone::Warn, "?"),
        Notice::Decided | Notice::Review | Notice::Steered | Notice::Answered | Notice::Quota => {
            aside("i")
        }
    }
}
