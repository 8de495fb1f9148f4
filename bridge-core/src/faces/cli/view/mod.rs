//! A run as a person reads it: lines that grow with its events, and a status line while it lives.

mod command;
mod end;
mod heading;
mod item;
mod review;
mod status;

#[cfg(test)]
mod tests;

pub(crate) use crate::faces::cli::view::command::without_shell;
pub(crate) use crate::faces::cli::view::end::Answer;
pub(crate) use crate::faces::cli::view::review::lines as review_lines;
pub(crate) use crate::faces::cli::view::status::FRAMES;

use std::collections::HashMap;

use crate::domain::event::{CommandEvent, Event, EventBody, PlanStep};
use crate::domain::live::Live;
use crate::domain::run::{Run, Timestamp};
use crate::domain::scrub::Scrubbed;
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::{text, time};

/// Columns of the time at the left, with the space behind it.
const GUTTER: usize = 8;
/// Narrower than this, the time is left out.
const NARROW: usize = 50;

/// What has been shown of a run, and so what is still to be shown.
#[derive(Debug)]
pub(crate) struct View {
    look: Look,
    fold: Fold,
    began: Timestamp,
    /// A message that may turn out to be the last one, which belongs at the end.
    held: Option<(Timestamp, Scrubbed, u64)>,
    last_shown: Option<Scrubbed>,
    /// The command whose line was the last one printed: its output follows right below.
    open: Option<Scrubbed>,
    /// The commands that are under way.
    commands: HashMap<Scrubbed, Timestamp>,
    plan: Vec<PlanStep>,
    doing: Option<String>,
    live: Option<Live>,
}

/// Whether long output is shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    /// Its beginning and its end.
    Long,
    /// All of it.
    Nothing,
}

/// What a line begins with.
#[derive(Clone, Copy, Debug)]
struct Mark {
    sign: &'static str,
    tone: Tone,
    text: Tone,
}

impl View {
    /// A view of which nothing has been shown yet.
    pub(crate) fn new(look: Look, fold: Fold, run: &Run) -> View {
        View {
            look,
            fold,
            began: run.times.created,
            held: None,
            last_shown: None,
            open: None,
            commands: HashMap::new(),
            plan: Vec::new(),
            doing: None,
            live: None,
        }
    }

    /// The lines that an event adds.
    pub(crate) fn event(&mut self, event: &Event) -> Vec<String> {
        let mut lines = match event.body {
            // These two come between the last message and the end.
            EventBody::State(_) | EventBody::TurnCompleted { .. } => Vec::new(),
            EventBody::ThreadStarted { .. }
            | EventBody::TurnStarted
            | EventBody::TurnFailed { .. }
            | EventBody::Message { .. }
            | EventBody::Reasoning { .. }
            | EventBody::Command(_)
            | EventBody::FileChange { .. }
            | EventBody::Plan { .. }
            | EventBody::WebSearch { .. }
            | EventBody::ToolCall { .. }
            | EventBody::Warning { .. }
            | EventBody::Notice { .. }
            | EventBody::Noise { .. }
            | EventBody::Stderr { .. }
            | EventBody::Unknown { .. } => self.release(),
        };
        lines.extend(self.item(event));
        lines
    }

    /// Takes note of what is being written.
    pub(crate) fn live(&mut self, live: Option<Live>) {
        self.live = live;
    }

    /// The message that was held back, when nothing followed it for a while.
    pub(crate) fn release(&mut self) -> Vec<String> {
        let Some((at, text, left_out)) = self.held.take() else {
            return Vec::new();
        };
        self.open = None;
        let mark = Mark {
            sign: "●",
            tone: Tone::Accent,
            text: Tone::Plain,
        };
        let mut lines = self.block(at, mark, text.as_str());
        lines.extend(self.cut(left_out));
        self.last_shown = Some(text);
        lines
    }

    /// A remark that is no event.
    pub(crate) fn remark(&self, tone: Tone, words: &str) -> String {
        let mark = Mark {
            sign: "·",
            tone,
            text: tone,
        };
        self.below(mark, words)
    }

    /// Lines with the time before the first, a sign, and the text wrapped beside it.
    fn block(&self, at: Timestamp, mark: Mark, text: &str) -> Vec<String> {
        let text = text::harmless(text);
        let beside = text::width(mark.sign) + 1;
        let room = self
            .look
            .width
            .saturating_sub(self.gutter_width() + beside)
            .max(8);
        let mut wrapped = text::wrap(text.trim_end(), room);
        if wrapped.is_empty() {
            wrapped.push(String::new());
        }
        let sign = self.look.paint(mark.tone, mark.sign);
        let blank = " ".repeat(beside);
        wrapped
            .iter()
            .enumerate()
            .map(|(index, line)| {
                let line = self.look.paint(mark.text, line);
                if index == 0 {
                    format!("{}{sign} {line}", self.gutter(Some(at)))
                } else if line.is_empty() {
                    String::new()
                } else {
                    format!("{}{blank}{line}", self.gutter(None))
                }
            })
            .collect()
    }

    /// One line without a time, shortened to fit.
    fn below(&self, mark: Mark, text: &str) -> String {
        let room = self
            .look
            .width
            .saturating_sub(self.gutter_width() + text::width(mark.sign) + 1);
        let line = format!(
            "{}{} {}",
            self.gutter(None),
            self.look.paint(mark.tone, mark.sign),
            self.look.paint(mark.text, &text::shorten(text, room))
        );
        line.trim_end().to_owned()
    }

    /// The line that says how much is missing.
    fn cut(&self, left_out: u64) -> Option<String> {
        let mark = Mark {
            sign: "✂",
            tone: Tone::Warn,
            text: Tone::Dim,
        };
        (left_out > 0).then(|| self.below(mark, &format!("{} more were not kept", bytes(left_out))))
    }

    fn gutter(&self, at: Option<Timestamp>) -> String {
        if self.gutter_width() == 0 {
            return String::new();
        }
        let shown = at.map_or_else(String::new, |at| time::counted(at.since(self.began)));
        let padded = format!("{shown:>width$}  ", width = GUTTER - 2);
        self.look.paint(Tone::Dim, &padded)
    }

    fn gutter_width(&self) -> usize {
        if self.look.width < NARROW { 0 } else { GUTTER }
    }

    fn is_news(&self, steps: &[PlanStep]) -> bool {
        self.plan != steps
    }

    fn track(&mut self, command: &CommandEvent, at: Timestamp) -> Timestamp {
        *self.commands.entry(command.item.clone()).or_insert(at)
    }
}

/// A size as people say it.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} bytes"),
        1024..1_048_576 => format!("{} KiB", count.div_ceil(1024)),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}

/// A number with separators.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
