//! Private keys over many lines: whole, cut at either end, escaped, numbered, quoted or in a diff.

use std::ops::Range;

use crate::domain::scrub::REDACTED;

/// A key is not longer, and no more lines than these are kept back to see whether they end in one.
const LONGEST_BODY: usize = 128;
const LONGEST_BODY_LINE: usize = 200;

/// A block that has begun and may go on in the next lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    lines_left: usize,
}

/// What a line is to a block that has begun.
enum Part {
    Body(Range<usize>),
    Header,
    Last,
    Foreign,
}

/// How many bytes of these complete lines are sure not to be the body of a key whose last line is still to come.
pub(super) fn kept_back(lines: &str) -> usize {
    let mut at = lines.len();
    for _ in 0..LONGEST_BODY {
        let Some(body) = lines[..at].strip_suffix('\n') else {
            return at;
        };
        let start = body.rfind('\n').map_or(0, |newline| newline + 1);
        if at - start > LONGEST_BODY_LINE || lone_body(&lines[start..at]).is_none() {
            return at;
        }
        at = start;
    }
    at
}

/// What follows a first line that ends before `at`: the block's body in `found`, how far it went, and the block if it goes on.
pub(super) fn begin(
    text: &str,
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
        match part(&text[at..end]) {
            Part::Body(body) => found.push(at + body.start..at + body.end),
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
    for index in 0..LONGEST_BODY {
        if start <= floor || !matches!(text.as_bytes()[start - 1], b'\n' | b'\r') {
            return;
        }
        let end = start - 1;
        let near = text
            .ceil_char_boundary(end.saturating_sub(LONGEST_BODY_LINE))
            .max(floor);
        let line_start = text[near..end]
            .rfind(['\n', '\r'])
            .map_or(near, |newline| near + newline + 1);
        let line = &text[line_start..end];
        // The last line of a body may be short.
        let body = if index == 0 {
            short_body(line)
        } else {
            lone_body(line)
        };
        let Some(body) = body.filter(|_| line.len() < LONGEST_BODY_LINE) else {
            return;
        };
        found.push(line_start + body.start..line_start + body.end);
        start = line_start;
    }
}

fn next_break(text: &str, from: usize) -> usize {
    text[from..]
        .find(['\n', '\r'])
        .map_or(text.len(), |offset| from + offset)
}

fn part(line: &str) -> Part {
    let body = undecorated(line);
    let content = &line[body.clone()];
    if content.starts_with("-----END") || content.starts_with("---- END") {
        Part::Last
    } else if content.is_empty() || content.starts_with(REDACTED) {
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

/// A line that is nothing but the middle of a key.
fn lone_body(line: &str) -> Option<Range<usize>> {
    let line = line.trim_end_matches(['\n', '\r']);
    let body = undecorated(line);
    let content = &line[body.clone()];
    let mixed = || {
        content.bytes().any(|b| b.is_ascii_lowercase())
            && content.bytes().any(|b| b.is_ascii_uppercase())
    };
    ((48..=128).contains(&content.len()) && content.bytes().all(is_base64) && mixed())
        .then_some(body)
}

/// A line that may be the end of a key.
fn short_body(line: &str) -> Option<Range<usize>> {
    let body = undecorated(line);
    let content = &line[body.clone()];
    ((2..=128).contains(&content.len()) && content.bytes().all(is_base64)).then_some(body)
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
    start..end
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
