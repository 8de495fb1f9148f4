//! The marks that stand in the place of what was found.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use crate::domain::scrub::REDACTED;
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::triggers::triggers;

/// What the person or the environment told of.
pub(super) const KNOWN_VALUE: &str = "known-value";
/// What a pattern of the person found.
pub(super) const OWN_PATTERN: &str = "own-pattern";
/// A line of a private key.
pub(super) const PRIVATE_KEY: &str = "private-key";

/// The rules that are no shapes of tokens.
const KINDS: &[&str] = &[
    KNOWN_VALUE,
    OWN_PATTERN,
    PRIVATE_KEY,
    "authorization",
    "basic-credential",
    "cookie",
    "password",
    "secret",
    "signature",
    "url-credential",
    "url-password",
];

/// What was taken out of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Which bytes of the text.
    pub range: Range<usize>,
    /// The rule, as the mark names it.
    pub rule: &'static str,
}

/// The text with marks in the place of what was found, which is in order and apart.
pub(super) fn put(text: &str, findings: &[Finding]) -> String {
    let mut out = String::with_capacity(text.len() + findings.len() * 16);
    let mut written = 0;
    for finding in findings {
        out.push_str(&text[written..finding.range.start]);
        out.push_str(REDACTED);
        out.push_str(finding.kind);
        out.push(']');
        written = finding.range.end;
    }
    out.push_str(&text[written..]);
    out
}

/// The whole mark whose start was seen. What only looks like one is text as any other.
pub(super) fn whole(text: &str, start: Range<usize>) -> Option<Range<usize>> {
    let rest = &text.as_bytes()[start.end..];
    let length = rest
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || **b == b'-')
        .count();
    let is_ours = text[start.clone()] == *REDACTED
        && rest.get(length) == Some(&b']')
        && is_kind(&rest[..length]);
    is_ours.then(|| start.start..start.end + length + 1)
}

fn is_kind(word: &[u8]) -> bool {
    static ALL: OnceLock<HashSet<&'static [u8]>> = OnceLock::new();
    ALL.get_or_init(|| {
        let shapes = triggers().shapes.iter().map(|shape| shape.rule.id);
        shapes
            .chain(KINDS.iter().copied())
            .map(str::as_bytes)
            .collect()
    })
    .contains(word)
}

/// Moves what was found off the marks: none is cut in two, and none is put in the place of another alone.
pub(super) fn keep_off(marks: &[Range<usize>], range: &mut Range<usize>) -> bool {
    let first = marks.partition_point(|mark| mark.end <= range.start);
    for mark in &marks[first..] {
        if mark.start > range.start {
            break;
        }
        range.start = mark.end.min(range.end);
    }
    let last = marks.partition_point(|mark| mark.start < range.end);
    let mark = last.checked_sub(1).and_then(|last| marks.get(last));
    if let Some(mark) = mark.filter(|_| range.start < range.end) {
        range.end = range.end.max(mark.end);
    }
    range.start < range.end
}

/// Where the marks are that one round after the other put into a text, in the text's own bytes.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Removed>);

impl Edits {
    /// Adds the findings of a round, whose ranges are in the text as the rounds before left it.
    pub(super) fn add(&mut self, findings: &[Finding]) {
        let new: Vec<Removed> = findings
            .iter()
            .map(|finding| Removed {
                range: self.original(finding.range.start, false)
                    ..self.original(finding.range.end, true),
                rule: finding.kind,
            })
            .collect();
        self.0.retain(|old| {
            new.iter()
                .all(|new| old.range.end <= new.range.start || new.range.end <= old.range.start)
        });
        self.0.extend(new);
        self.0.sort_by_key(|removed| removed.range.start);
    }

    /// All of them, in a text that begins at `offset`.
    pub(super) fn removed(self, offset: usize) -> impl Iterator<Item = Removed> {
        self.0.into_iter().map(move |removed| Removed {
            range: offset + removed.range.start..offset + removed.range.end,
            ..removed
        })
    }

    /// Where in the text a place lies that has marks before it, or is in one.
    fn original(&self, place: usize, is_end: bool) -> usize {
        let (mut now, mut before) = (0, 0);
        for removed in &self.0 {
            let start = now + (removed.range.start - before);
            if place <= start {
                break;
            }
            let end = start + REDACTED.len() + removed.rule.len() + 1;
            if place < end {
                return if is_end {
                    removed.range.end
                } else {
                    removed.range.start
                };
            }
            (now, before) = (end, removed.range.end);
        }
        before + (place - now)
    }
}
