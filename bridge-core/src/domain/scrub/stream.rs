//! Text that comes in pieces: what may still become a secret is kept back until it is decided.

use std::fmt;
use std::sync::Arc;

use crate::domain::scrub::ahead;
use crate::domain::scrub::blocks::{Group, Place};
use crate::domain::scrub::known::Own;
use crate::domain::scrub::marks::Removed;
use crate::domain::scrub::pass::{self, Output, State};
use crate::domain::scrub::scrubbed::Scrubbed;

/// A longer line, in bytes, is scrubbed in pieces. Marks make it shorter, so that the pieces would be others when it comes
/// in again: only of lines up to this length what comes out is left alone.
pub const LONGEST_LINE: usize = 64 * 1024;

/// Scrubs one stream. A line comes out when it is complete, so at most one line (64 KiB) and a run of what might be
/// the body of a private key (128 lines) are held.
pub struct ScrubStream {
    own: Arc<Own>,
    progress: Progress,
    held: String,
}

impl ScrubStream {
    pub(super) fn new(own: Arc<Own>) -> Self {
        Self {
            own,
            progress: Progress::default(),
            held: String::new(),
        }
    }

    /// Takes the next piece and returns what is now safe to show.
    pub fn push(&mut self, chunk: &str) -> Scrubbed {
        self.held.push_str(chunk);
        let mut out = Output::default();
        if chunk.contains('\n') || self.held.len() > LONGEST_LINE {
            let done = advance(
                &self.own,
                &mut self.progress,
                &self.held,
                End::More,
                &mut out,
            );
            self.held.drain(..done);
        }
        Scrubbed::proven(out.text)
    }

    /// What is safe to show already of the line that has not come to its end: some of what a later push will return.
    pub fn ahead(&self) -> Scrubbed {
        // Lines that are held may turn out to be a key, and so may the one after them.
        if self.held.contains('\n') || !self.progress.state.is_plain() {
            return Scrubbed::default();
        }
        let settled = ahead::settled(&self.own, &self.held);
        Scrubbed::proven(self.held[..settled].to_owned())
    }

    /// Ends the stream and returns the rest.
    pub fn finish(mut self) -> Scrubbed {
        let mut out = Output::default();
        advance(
            &self.own,
            &mut self.progress,
            &self.held,
            End::Here,
            &mut out,
        );
        Scrubbed::proven(out.text)
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
    let mut out = Output {
        text: String::with_capacity(text.len()),
        ..Output::default()
    };
    advance(own, &mut Progress::default(), text, End::Here, &mut out);
    Scrubbed::proven(out.text)
}

/// What is found in a text, with the text as it is without it.
pub(super) fn explain_whole(own: &Own, text: &str) -> (Scrubbed, Vec<Removed>) {
    let mut removed = Vec::new();
    let mut out = Output {
        text: String::with_capacity(text.len()),
        removed: Some(&mut removed),
        read: 0,
    };
    advance(own, &mut Progress::default(), text, End::Here, &mut out);
    (Scrubbed::proven(out.text), removed)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Here,
    More,
}

/// So much is looked at together, as long as there is nothing to find in it.
const BATCH: usize = 16 * 1024;
/// Where there was something, the next unit is looked at alone: units that are looked at together and have a finding
/// among them are all gone over twice.
const CAUTIOUS: usize = 1;

/// What a stream carries from piece to piece.
struct Progress {
    state: State,
    /// So much is looked at together next, in bytes.
    most: usize,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            state: State::default(),
            most: BATCH,
        }
    }
}

/// Scrubs as much of `text` as is decided, and returns how much that was. Where it cuts depends on the text alone,
/// never on how much of it is there.
fn advance(
    own: &Own,
    progress: &mut Progress,
    text: &str,
    end: End,
    out: &mut Output<'_>,
) -> usize {
    let Progress { state, most } = progress;
    let mut units = Vec::new();
    let (mut from, mut done) = (0, 0);
    loop {
        let next = unit(&text[from..], end);
        if let Some(length) = next {
            from += length;
            units.push(length);
        }
        if from > done && (next.is_none() || from - done >= *most) {
            let clean = pass::run(own, state, &text[done..from], &units, out);
            *most = if clean {
                BATCH.min(*most * 2)
            } else {
                CAUTIOUS
            };
            units.clear();
            done = from;
        }
        if next.is_none() {
            return done;
        }
    }
}

/// How much at the start of `text` is looked at as one: a line, or lines that may be the body of a key and the one that
/// decides. `None` where there is no more, or more has to come.
fn unit(text: &str, end: End) -> Option<usize> {
    let mut group = Group::default();
    let mut at = 0;
    loop {
        let Some(length) = line(&text[at..], end) else {
            return (at > 0 && end == End::Here).then_some(at);
        };
        let line = &text[at..at + length];
        let place = match line.ends_with('\n') {
            true => group.place(line),
            false => Place::AtItsEnd,
        };
        match place {
            Place::Within => at += length,
            Place::AtItsEnd => return Some(at + length),
            Place::Beyond => return Some(at),
        }
    }
}

/// The length of the first line, or of the first piece of a line that is too long.
fn line(text: &str, end: End) -> Option<usize> {
    let window = text.floor_char_boundary(LONGEST_LINE);
    match memchr::memchr(b'\n', &text.as_bytes()[..window]) {
        Some(newline) => Some(newline + 1),
        None if window < text.len() => Some(piece_end(&text[..window])),
        None if end == End::Here && window > 0 => Some(window),
        None => None,
    }
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
