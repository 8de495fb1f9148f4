//! Text that comes in pieces: what may still become a secret is kept back until it is decided.

use std::fmt;
use std::sync::Arc;

use crate::domain::scrub::blocks;
use crate::domain::scrub::known::Own;
use crate::domain::scrub::pass::{self, State};
use crate::domain::scrub::scrubbed::Scrubbed;

/// A longer line is scrubbed in pieces.
const LONGEST_LINE: usize = 64 * 1024;

/// Scrubs one stream. A line comes out when it is complete, so at most one line (64 KiB) and a run of what might be
/// the body of a private key (128 lines) are held.
pub struct ScrubStream {
    own: Arc<Own>,
    state: State,
    held: String,
}

impl ScrubStream {
    pub(super) fn new(own: Arc<Own>) -> Self {
        Self {
            own,
            state: State::default(),
            held: String::new(),
        }
    }

    /// Takes the next piece and returns what is now safe to show.
    pub fn push(&mut self, chunk: &str) -> Scrubbed {
        self.held.push_str(chunk);
        let mut out = String::new();
        if chunk.contains('\n') || self.held.len() >= LONGEST_LINE {
            let done = advance(&self.own, &mut self.state, &self.held, End::More, &mut out);
            self.held.drain(..done);
        }
        Scrubbed::proven(out)
    }

    /// Ends the stream and returns the rest.
    pub fn finish(mut self) -> Scrubbed {
        let mut out = String::new();
        advance(&self.own, &mut self.state, &self.held, End::Here, &mut out);
        Scrubbed::proven(out)
    }
}

impl fmt::Debug for ScrubStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScrubStream")
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

pub(super) fn scrub_whole(own: &Own, text: &str) -> Scrubbed {
    let mut out = String::with_capacity(text.len());
    advance(own, &mut State::default(), text, End::Here, &mut out);
    Scrubbed::proven(out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Here,
    More,
}

/// Scrubs as much of `text` as is decided, and returns how much that was. Where it cuts depends on the text alone,
/// never on how much of it is there.
fn advance(own: &Own, state: &mut State, text: &str, end: End, out: &mut String) -> usize {
    let mut from = 0;
    while from < text.len() {
        let window_end = window(text, from);
        let line = text[from..window_end]
            .rfind('\n')
            .map_or(from, |newline| from + newline + 1);
        let kept = from + blocks::kept_back(&text[from..line]);
        let ready = if window_end == text.len() && end == End::Here {
            text.len()
        } else if kept > from {
            kept
        } else if line > from && window_end == text.len() {
            break;
        } else {
            // The next line decides, together with what is kept back before it.
            let limit = window(text, line);
            match text[line..limit].find('\n') {
                Some(newline) => line + newline + 1,
                None if limit < text.len() => line + piece_end(&text[line..limit]),
                None if end == End::Here => text.len(),
                None => break,
            }
        };
        pass::run(own, state, &text[from..ready], out);
        from = ready;
    }
    from
}

fn window(text: &str, from: usize) -> usize {
    text.floor_char_boundary(from + LONGEST_LINE)
}

/// Where to cut a line that is too long: at a blank that stands between words, else between values, else anywhere.
fn piece_end(line: &str) -> usize {
    let bytes = line.as_bytes();
    let late = bytes.len() / 2..bytes.len();
    let blank = |&at: &usize| {
        bytes[at] == b' '
            && matches!(bytes[at - 1], b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b';' | b')')
    };
    let comma = |&at: &usize| bytes[at - 1] == b',';
    let cut = late
        .clone()
        .rev()
        .find(blank)
        .or_else(|| late.rev().find(comma));
    cut.unwrap_or(bytes.len())
}
