//! One pass over lines that are complete: finds what is secret in them and writes the rest.

use std::borrow::Cow;
use std::ops::Range;

use crate::domain::scrub::assign;
use crate::domain::scrub::blocks::{self, Block};
use crate::domain::scrub::edges;
use crate::domain::scrub::known::Own;
use crate::domain::scrub::marks::{self, Edits, KNOWN_VALUE, OWN_PATTERN, PRIVATE_KEY, Removed};
use crate::domain::scrub::pending::{self, Pending};
use crate::domain::scrub::triggers::{Trigger, triggers};
use crate::domain::scrub::view::View;
use crate::domain::scrub::{commands, headers, prose, sql, urls};

/// What earlier lines leave to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    block: Option<Block>,
    pending: Vec<Pending>,
}

impl State {
    /// Whether the next line is a line like any other.
    pub(super) fn is_plain(&self) -> bool {
        self.block.is_none() && self.pending.is_empty()
    }
}

/// A secret in the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) range: Range<usize>,
    pub(super) kind: &'static str,
}

/// Where scrubbed text goes to.
#[derive(Debug, Default)]
pub(super) struct Output<'a> {
    pub(super) text: String,
    /// What was taken out, if anybody wants to know.
    pub(super) removed: Option<&'a mut Vec<Removed>>,
    /// How much was read, to say where that was.
    pub(super) read: usize,
}

/// A unit in which there is always something more to find is given up after so many rounds, and after some more if it is
/// so short that they cost nothing.
const MOST_ROUNDS: usize = 8;
const MORE_ROUNDS_BYTES: usize = 64 * 1024;

/// Scrubs complete lines; `units` are the lengths of the parts that are looked at as one. Says whether there was nothing
/// to find.
pub(super) fn run(
    own: &Own,
    state: &mut State,
    lines: &str,
    units: &[usize],
    out: &mut Output<'_>,
) -> bool {
    if units.len() > 1 {
        let mut after = state.clone();
        if find(own, &mut after, lines).is_empty() {
            *state = after;
            out.text.push_str(lines);
            out.read += lines.len();
            return true;
        }
    }
    let mut at = 0;
    let mut clean = true;
    for length in units {
        clean &= settle(own, state, &lines[at..at + length], out);
        at += length;
    }
    clean
}

/// Scrubs one unit until there is nothing more to find: what stands beside a mark may be seen for what it is only then.
/// So what came out is left alone when it comes in again.
fn settle(own: &Own, state: &mut State, unit: &str, out: &mut Output<'_>) -> bool {
    let mut text = Cow::Borrowed(unit);
    let mut edits = Edits::default();
    let mut first = None;
    for _ in 0..MOST_ROUNDS + MORE_ROUNDS_BYTES / unit.len().max(1024) {
        let mut after = state.clone();
        let findings = find(own, &mut after, &text);
        let first = *first.get_or_insert(after.block);
        if findings.is_empty() {
            // Marks don't tell how long the lines were in whose place they stand.
            after.block = after.block.map(|block| block.as_long_as(first));
            *state = after;
            break;
        }
        if out.removed.is_some() {
            edits.add(&findings);
        }
        text = Cow::Owned(marks::put(&text, &findings));
    }
    out.text.push_str(&text);
    if let Some(removed) = &mut out.removed {
        removed.extend(edits.removed(out.read));
    }
    out.read += unit.len();
    matches!(text, Cow::Borrowed(_))
}

/// What there is to take out, in order and apart from each other.
fn find(own: &Own, state: &mut State, text: &str) -> Vec<Finding> {
    let view = View::of(text);
    let mut seen = search(state, view.text());
    for (start, line) in lines_with(view.text(), b'%', is_percent) {
        let decoded = View::percent_decoded(line);
        if decoded.is_changed() {
            seen.look_into(own, start, &decoded);
        }
    }
    for (start, line) in lines_with(view.text(), b'&', is_entity) {
        let decoded = View::entities_decoded(line);
        if decoded.is_changed() {
            seen.look_into(own, start, &decoded);
        }
    }
    seen.know(own, view.text());
    let mut findings = seen.findings;
    if view.is_changed() {
        for finding in &mut findings {
            finding.range = view.source_range(&finding.range);
        }
        // What looks like an escape may be the start of a known value.
        let marks = seen
            .marks
            .iter()
            .map(|mark| view.source_range(mark))
            .collect();
        let mut raw = Seen {
            marks,
            ..Seen::default()
        };
        raw.findings.extend(known(own, text));
        raw.keep_off_marks();
        findings.extend(raw.findings);
    }
    apart(text, findings)
}

/// Sorts findings, joins those that overlap, and moves their edges out of escapes.
fn apart(text: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| (finding.range.start, usize::MAX - finding.range.end));
    for finding in &mut findings {
        finding.range = edges::off_escapes(text, &finding.range);
    }
    findings.dedup_by(|next, finding| {
        let joined = next.range.start < finding.range.end;
        if joined {
            finding.range.end = finding.range.end.max(next.range.end);
            // The name tells only that it is secret, the shape what it is.
            if matches!(finding.kind, "secret" | "password") {
                finding.kind = next.kind;
            }
        }
        joined
    });
    findings
}

/// What is literally known to be secret.
fn known(own: &Own, text: &str) -> impl Iterator<Item = Finding> {
    own.values_in(text).into_iter().map(|range| Finding {
        range,
        kind: KNOWN_VALUE,
    })
}

/// What was found in a view, and the marks in it.
#[derive(Default)]
struct Seen {
    findings: Vec<Finding>,
    marks: Vec<Range<usize>>,
}

impl Seen {
    /// Adds what is found in a line of the view, which starts at `start`, once it is decoded.
    fn look_into(&mut self, own: &Own, start: usize, decoded: &View<'_>) {
        let mut inner = search(&mut State::default(), decoded.text());
        inner.know(own, decoded.text());
        self.findings
            .extend(inner.findings.into_iter().map(|found| {
                let range = decoded.source_range(&found.range);
                Finding {
                    range: start + range.start..start + range.end,
                    ..found
                }
            }));
    }

    /// Adds what the person knows of `text`, and takes away what the person allows.
    fn know(&mut self, own: &Own, text: &str) {
        self.findings
            .retain(|finding| !own.allows(&text[finding.range.clone()]));
        let before = self.findings.len();
        self.findings.extend(known(own, text));
        self.findings
            .extend(own.matches_in(text).into_iter().map(|range| Finding {
                range,
                kind: OWN_PATTERN,
            }));
        if self.findings.len() > before {
            self.keep_off_marks();
        }
    }

    fn keep_off_marks(&mut self) {
        let Seen { findings, marks } = self;
        findings.retain_mut(|finding| marks::keep_off(marks, &mut finding.range));
    }
}

/// The lines in which `sign` begins an encoded character, and where they start.
fn lines_with(
    text: &str,
    sign: u8,
    begins: fn(&[u8]) -> bool,
) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(found) = memchr::memchr(sign, bytes.get(at..)?) {
            let found = at + found;
            if !begins(&bytes[found + 1..]) {
                at = found + 1;
                continue;
            }
            let start = memchr::memrchr(b'\n', &bytes[..found]).map_or(0, |newline| newline + 1);
            let end = memchr::memchr(b'\n', &bytes[found..])
                .map_or(bytes.len(), |newline| found + newline);
            at = end + 1;
            return Some((start, &text[start..end]));
        }
        None
    })
}

/// Whether two digits follow a percent sign.
fn is_percent(after: &[u8]) -> bool {
    matches!(after, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// Whether the rest of an entity of HTML follows `&`.
fn is_entity(after: &[u8]) -> bool {
    [&b"quot;"[..], b"#", b"amp;", b"apos;", b"lt;"]
        .iter()
        .any(|entity| after.starts_with(entity))
}

/// What the built-in rules find.
fn search(state: &mut State, text: &str) -> Seen {
    let mut findings = Vec::new();
    let mut bodies = Vec::new();
    let mut in_block = 0;
    if let Some(block) = state.block.take() {
        (in_block, state.block) = blocks::resume(text, 0, block, &mut bodies);
    }
    for pending in std::mem::take(&mut state.pending) {
        let (finding, still) = pending::value(text, 0, pending);
        findings.extend(finding);
        state.pending.extend(still);
    }
    let triggers = triggers();
    let (mut names_until, mut judged_until) = (0, 0);
    let mut seen_marks: Vec<Range<usize>> = Vec::new();
    let mut options_until = 0;
    let mut authority_until = 0;
    let mut cookie_until = 0;
    let mut passfile_until = 0;
    let mut tokens_until = 0;
    for hit in triggers.hits(text) {
        if seen_marks
            .last()
            .is_some_and(|mark| hit.range.start < mark.end)
        {
            continue;
        }
        match hit.trigger {
            Trigger::Mark => seen_marks.extend(marks::whole(text, hit.range.clone())),
            Trigger::Token(index) => {
                if hit.range.start < tokens_until {
                    continue;
                }
                let shape = &triggers.shapes[index];
                if let Some(range) = shape.find(text, tokens_until, hit.range.start) {
                    tokens_until = range.end;
                    findings.push(Finding {
                        range,
                        kind: shape.rule.id,
                    });
                }
            }
            Trigger::Name => {
                if hit.range.end <= names_until || hit.range.start < judged_until {
                    continue;
                }
                let found = assign::at(text, hit.range.clone());
                names_until = found.name_end;
                judged_until = judged_until.max(found.judged_end);
                findings.extend(found.finding);
                state.pending.extend(found.pending);
            }
            Trigger::Authority if hit.range.start < authority_until => {}
            Trigger::Authority => {
                let (finding, clear_until) = urls::password(text, hit.range.clone());
                authority_until = clear_until;
                findings.extend(finding);
            }
            Trigger::Scheme => findings.extend(headers::credential(text, hit.range.clone())),
            Trigger::Cookie => {
                headers::cookies(text, hit.range, &mut cookie_until, &mut findings);
            }
            Trigger::Program if hit.range.start < options_until => {}
            Trigger::Program => {
                options_until = commands::options(text, hit.range.clone(), &mut findings);
            }
            Trigger::Piped => findings.extend(commands::piped(text, hit.range.start)),
            Trigger::Identified => findings.extend(sql::identified(text, hit.range.clone())),
            Trigger::Inserted => sql::inserted(text, hit.range.clone(), &mut findings),
            Trigger::CookieLine => findings.extend(prose::cookie_line(text, hit.range.clone())),
            Trigger::Passfile if hit.range.start < passfile_until => {}
            Trigger::Passfile => {
                let finding = prose::passfile(text, hit.range.clone());
                passfile_until = finding.as_ref().map_or(0, |finding| finding.range.end);
                findings.extend(finding);
            }
            Trigger::BlockBegin if hit.range.start >= in_block => {
                if let Some(first_end) = private_first_line(text, hit.range.start) {
                    (in_block, state.block) =
                        blocks::begin(text, hit.range.start, first_end, &mut bodies);
                }
            }
            Trigger::BlockEnd if hit.range.start >= in_block => {
                if private_first_line(text, hit.range.start).is_some() {
                    blocks::body_before(text, hit.range.start, in_block, &mut bodies);
                }
            }
            Trigger::BlockBegin | Trigger::BlockEnd => {}
        }
    }
    findings.extend(prose::long_words(text));
    findings.extend(bodies.into_iter().map(|range| Finding {
        range,
        kind: PRIVATE_KEY,
    }));
    let mut seen = Seen {
        findings,
        marks: seen_marks,
    };
    seen.keep_off_marks();
    seen
}

/// Where the first or last line at `at` ends, if it is that of a private key.
fn private_first_line(text: &str, at: usize) -> Option<usize> {
    let line = &text[at..text.floor_char_boundary(at + 80)];
    let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
    let label_end = line
        .find("PRIVATE")
        .or_else(|| line.starts_with("PuTTY").then_some(0))?;
    let rest = &line[label_end..];
    let end = rest.find("---").map_or(rest.len(), |dashes| {
        dashes + rest[dashes..].bytes().take_while(|&b| b == b'-').count()
    });
    Some(at + label_end + end)
}
