//! What is being written at this moment: the beginning of an item that will come whole. It is shown and never kept.

use crate::domain::scrub::Scrubbed;

/// The most of an item's text that is shown before it comes whole, in bytes.
pub const MOST: usize = 16 * 1024;

/// An item as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Grows with each change of what a run is writing.
    pub seq: u64,
    /// Codex's id of the item.
    pub item: Scrubbed,
    /// What it is.
    pub kind: LiveKind,
    /// Its last [`MOST`] bytes so far.
    pub text: Scrubbed,
    /// How many bytes before them are not there.
    pub left_out: u64,
}

/// What is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveKind {
    /// A message of the model, Markdown.
    Message,
    /// The summary of its thoughts, Markdown.
    Reasoning,
    /// What a command writes.
    Output,
}

/// What becomes of a run's live text with a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveChange {
    /// This is what there is now.
    Shows(Live),
    /// Nothing is being written.
    Over,
}

impl LiveKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            LiveKind::Message => "message",
            LiveKind::Reasoning => "reasoning",
            LiveKind::Output => "output",
        }
    }
}

impl Live {
    /// What is being written in one line of at most `max` bytes: its end.
    pub fn line(&self, max: usize) -> Scrubbed {
        let verb = match self.kind {
            LiveKind::Message => Scrubbed::literal("writing: "),
            LiveKind::Reasoning => Scrubbed::literal("thinking: "),
            LiveKind::Output => Scrubbed::literal("output: "),
        };
        let room = max.saturating_sub(verb.len() + "…".len());
        let (end, is_cut) = self.text.last_line(room);
        let dots = Scrubbed::literal(if is_cut { "…" } else { "" });
        Scrubbed::concat(&[&verb, &dots, &end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_the_end() {
        let check = |text: &'static str, expected: &str| {
            let live = Live {
                seq: 1,
                item: Scrubbed::literal("item_1"),
                kind: LiveKind::Message,
                text: Scrubbed::literal(text),
                left_out: 0,
            };
            assert_eq!(live.line(32).as_str(), expected);
        };
        check("", "writing: ");
        check("All good", "writing: All good");
        check("# Done\n\nAll good.\n\n", "writing: All good.");
        check(
            "All the tests are green again now.",
            "writing: …are green again now.",
        );
        check("x\u{1b}[1m\ty", "writing: x [1m y");
        check(
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaé",
            "writing: …aaaaaaaaaaaaaaaaaaé",
        );
    }
}
