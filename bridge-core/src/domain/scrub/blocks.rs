//! Private keys over many lines: whole, cut at either end, escaped, numbered, quoted or in a diff.

use std::ops::Range;

use crate::domain::scrub::REDACTED;

/// A key is not longer, and no more lines than these are kept back to see whether they end in one.
const LONGEST_BODY: usize = 128;
const LONGEST_BODY_LINE: usize = 200;
/// The last line of a body is short; alone before the end of a key, it is at least so long.
const SHORTEST_LONE: usize = 16;

/// A block that has begun and may go on in the next lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    lines_left: usize,
    /// Whether the line before was a full one, so that a short one may follow.
    full: bool,
    /// How much stands before the first line, and so before the others, in a log or a listing.
    column: usize,
}

impl Block {
    /// As it is, but with the last line as `seen` before there was a mark in its place.
    pub(super) fn as_long_as(self, seen: Option<Block>) -> Block {
        let full = seen.map_or(self.full, |seen| seen.full);
        Block { full, ..self }
    }
}

/// What a line is to a block that has begun.
enum Part {
    Body(Range<usize>),
    /// A body that was found before. How long it was is not known, so a short one may not follow.
    Mark,
    Header,
    Last,
    Foreign,
}

/// Lines that may be the body of a key whose last line is still to come. They are looked at together with the line
/// after them, which decides.
#[derive(Debug, Default)]
pub(super) struct Group {
    full: usize,
    closed: bool,
}

/// What a line is to the group before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It belongs to it, and another one follows.
    Within,
    /// It decides what the group was, and is looked at with it.
    AtItsEnd,
    /// It begins another one.
    Beyond,
}

impl Group {
    /// Where a complete line stands.
    pub(super) fn place(&mut self, line: &str) -> Place {
        let body = (line.len() <= LONGEST_BODY_LINE)
            .then(|| body(line))
            .flatten();
        let Some(body) = body else {
            return Place::AtItsEnd;
        };
        if self.closed || self.full >= LONGEST_BODY {
            return Place::Beyond;
        }
        let is_full = is_full(&line[body.clone()]);
        if !is_full && self.full == 0 && body.len() < SHORTEST_LONE {
            return Place::AtItsEnd;
        }
        self.full += usize::from(is_full);
        self.closed = !is_full;
        Place::Within
    }
}

/// What follows a first line that begins at `start` and ends before `at`: the block's body in `found`, how far it went, and the block if it goes on.
pub(super) fn begin(
    text: &str,
    start: usize,
    at: usize,
    found: &mut Vec<Range<usize>>,
) -> (usize, Option<Block>) {
    let line_end = next_break(text, at);
    // The whole key may stand on the line of its `BEGIN`, with blanks for line breaks or none at all.
    let body = &text[at..line_end];
    let (inline, closed) = body
        .split_once("-----END")
        .map_or((body, false), |(before, _)| (before, true));
    let mut offset = at;
    for word in inline.split([' ', '\t', '"', '\'', ',']) {
        if word.len() >= 16 && word.bytes().all(is_base64) {
            found.push(offset..offset + word.len());
        }
        offset += word.len() + 1;
    }
    if closed {
        return (line_end, None);
    }
    resume(
        text,
        (line_end + 1).min(text.len()),
        Block {
            lines_left: LONGEST_BODY * 4,
            full: true,
            column: column(text, start),
        },
        found,
    )
}

/// Goes on with a block at a line start.
pub(super) fn resume(
    text: &str,
    mut at: usize,
    mut block: Block,
    found: &mut Vec<Range<usize>>,
) -> (usize, Option<Block>) {
    while at < text.len() {
        if block.lines_left == 0 {
            return (at, None);
        }
        block.lines_left -= 1;
        let end = next_break(text, at);
        match part(&text[at..end], block) {
            Part::Body(body) => {
                block.full = body.len() >= 48;
                found.push(at + body.start..at + body.end);
            }
            Part::Mark => block.full = false,
            Part::Header => {}
            Part::Last => return (end, None),
            Part::Foreign => return (at, None),
        }
        at = end + 1;
    }
    (text.len(), Some(block))
}

/// The lines before a last line at `at` whose first line is missing.
pub(super) fn body_before(text: &str, at: usize, floor: usize, found: &mut Vec<Range<usize>>) {
    let near = text
        .ceil_char_boundary(at.saturating_sub(LONGEST_BODY_LINE))
        .max(floor);
    let mut start = text[near..at]
        .rfind(['\n', '\r'])
        .map_or(near, |newline| near + newline + 1);
    // A key on one line with its last line.
    let inline = &text[start..at];
    let tail = inline.len() - inline.bytes().rev().take_while(|&b| is_base64(b)).count();
    if inline.len() - tail >= 16 {
        found.push(start + tail..at);
    }
    let mut bodies = std::iter::from_fn(|| {
        if start <= floor || !matches!(text.as_bytes()[start - 1], b'\n' | b'\r') {
            return None;
        }
        let line = line_before(text, start - 1, floor);
        start = line.start;
        let body = body(&text[line.clone()])?;
        Some(line.start + body.start..line.start + body.end)
    })
    .take(LONGEST_BODY + 1)
    .peekable();
    let full = |body: &Range<usize>| is_full(&text[body.clone()]);
    if let Some(last) = bodies.next_if(|last| !full(last))
        && (last.len() >= SHORTEST_LONE || bodies.peek().is_some_and(full))
    {
        found.push(last);
    }
    found.extend(bodies.take_while(full));
}

/// The line that ends at `end`; empty if it is too long to be a body's.
fn line_before(text: &str, end: usize, floor: usize) -> Range<usize> {
    let near = text
        .ceil_char_boundary(end.saturating_sub(LONGEST_BODY_LINE))
        .max(floor);
    match text[near..end].rfind(['\n', '\r']) {
        Some(newline) => near + newline + 1..end,
        None if near == floor => near..end,
        None => end..end,
    }
}

fn next_break(text: &str, from: usize) -> usize {
    text[from..]
        .find(['\n', '\r'])
        .map_or(text.len(), |offset| from + offset)
}

/// How far from its line's start something stands.
fn column(text: &str, at: usize) -> usize {
    let near = at - at.min(200);
    let before = &text.as_bytes()[near..at];
    before
        .iter()
        .rposition(|b| matches!(b, b'\n' | b'\r'))
        .map_or(before.len(), |newline| before.len() - newline - 1)
}

fn part(line: &str, block: Block) -> Part {
    let mut body = undecorated(line);
    if block.column > 0 && !belongs(&line[body.clone()]) {
        body = prefixed(line, block).unwrap_or(body);
    }
    let content = &line[body.clone()];
    if content.starts_with("-----END") || content.starts_with("---- END") {
        Part::Last
    } else if content.starts_with(REDACTED) {
        Part::Mark
    } else if content.is_empty() {
        Part::Header
    } else if content.bytes().all(is_base64) && !content.bytes().all(|b| b.is_ascii_digit()) {
        Part::Body(body)
    } else if content.contains(": ")
        && content.len() < 100
        && content.as_bytes()[0].is_ascii_uppercase()
        || content.starts_with("Comment:")
    {
        Part::Header
    } else if let Some((secret, _)) = content
        .split_once("-----END")
        .filter(|(secret, _)| !secret.is_empty() && secret.bytes().all(is_base64))
    {
        Part::Body(body.start..body.start + secret.len())
    } else {
        // The line may go on after the key: the end of a JSON string, a prompt.
        let run = content.bytes().take_while(|&b| is_base64(b)).count();
        if run >= 20 {
            Part::Body(body.start..body.start + run)
        } else {
            Part::Foreign
        }
    }
}

/// Whether a line's content can stand in a block.
fn belongs(content: &str) -> bool {
    content.starts_with("-----END")
        || content.starts_with(REDACTED)
        || !content.is_empty() && content.bytes().all(is_base64)
}

/// What a line says behind what a log or a listing wrote before it: as much as before the first line, or a number that
/// has grown.
fn prefixed(line: &str, block: Block) -> Option<Range<usize>> {
    let end = line.trim_end_matches(['"', '\'', ',', ' ']).len();
    let line = &line[..end];
    if line.get(block.column..).is_some_and(belongs) {
        return Some(block.column..end);
    }
    if let Some(mark) = line.find(REDACTED) {
        return Some(mark..end);
    }
    let word = line.rfind([' ', '\t', ':', '|']).map_or(0, |at| at + 1);
    let least = if block.full { 2 } else { SHORTEST_LONE };
    (word > 0 && end - word >= least && belongs(&line[word..])).then_some(word..end)
}

/// What of a line may be in the body of a key, if that is all that the line says.
fn body(line: &str) -> Option<Range<usize>> {
    let bytes = line.trim_end_matches(['\n', '\r']).as_bytes();
    // Most lines are none, and are told by a byte near their end.
    let near = bytes.len().saturating_sub(12);
    if !bytes.get(near).is_some_and(|&b| is_base64(b) || near == 0) {
        return None;
    }
    let line = &line[..bytes.len()];
    // As does most code, by what it ends in.
    let tail = undecorated_end(bytes, 0);
    if !matches!(bytes[..tail], [.., a, b] if is_base64(a) && is_base64(b)) {
        return None;
    }
    let body = undecorated(line);
    let content = &line[body.clone()];
    ((2..=128).contains(&content.len()) && content.bytes().all(is_base64)).then_some(body)
}

/// Whether a body's line is a full one and not its last.
fn is_full(content: &str) -> bool {
    content.len() >= 48
        && content.bytes().any(|b| b.is_ascii_lowercase())
        && content.bytes().any(|b| b.is_ascii_uppercase())
}

/// The line without what editors, diffs, `cat -n`, `grep -n`, comments, quotes and code put around it.
fn undecorated(line: &str) -> Range<usize> {
    let bytes = line.as_bytes();
    let mut start = 0;
    loop {
        let rest = &bytes[start..];
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        start += match rest {
            [
                b' ' | b'\t' | b'"' | b'\'' | b'>' | b'#' | b'|' | b'*' | b'`',
                ..,
            ] => 1,
            // A diff's sign; within a body these are digits of base64.
            [b'+' | b'-', next, ..] if start == 0 && *next != b'-' => 1,
            [b'/', b'/', b' ', ..] => 3,
            _ if (1..=6).contains(&digits)
                && matches!(rest.get(digits), Some(b'\t' | b':' | b'|')) =>
            {
                digits + 1
            }
            _ if (1..=6).contains(&digits) && rest.get(digits) == Some(&b' ') => digits + 1,
            _ => break,
        };
    }
    start..undecorated_end(bytes, start)
}

fn undecorated_end(bytes: &[u8], start: usize) -> usize {
    let mut end = bytes.len();
    while end > start
        && matches!(
            bytes[end - 1],
            b' ' | b'\t' | b'"' | b'\'' | b',' | b';' | b'\\' | b'|' | b'`'
        )
    {
        end -= 1;
    }
    if bytes[start..end].ends_with(b"\" +") || bytes[start..end].ends_with(b"' +") {
        end -= 3;
    }
    end
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
