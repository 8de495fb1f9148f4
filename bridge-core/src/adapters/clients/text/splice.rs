//! Changes of a text at some places. Every other byte stays.

use std::ops::Range;

/// One change: what stands there, and what comes instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) with: String,
}

impl Splice {
    /// Puts something in.
    pub(super) fn insert(at: usize, with: impl Into<String>) -> Splice {
        Splice {
            range: at..at,
            with: with.into(),
        }
    }

    /// Takes something out.
    pub(super) fn cut(range: Range<usize>) -> Splice {
        Splice {
            range,
            with: String::new(),
        }
    }
}

/// The text with all changes made. They don't overlap; those at one place come in their order.
pub(super) fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for splice in splices {
        out.push_str(text.get(at..splice.range.start).unwrap_or_default());
        out.push_str(&splice.with);
        at = splice.range.end.max(at);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// The line end that a text uses.
pub(super) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Where the line begins that has this place in it.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// What stands before the first letter of that line, if nothing else stands before the place.
pub(super) fn indent_of(text: &str, at: usize) -> Option<&str> {
    let before = &text[line_start(text, at)..at];
    before
        .bytes()
        .all(|byte| byte == b' ' || byte == b'\t')
        .then_some(before)
}

/// What the line with this place begins with.
pub(super) fn line_indent(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..at];
    let end = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
    &line[..end]
}
