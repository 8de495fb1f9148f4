//! One pass over lines that are complete: finds what is secret in them and writes the rest.

use std::ops::Range;

use crate::domain::scrub::assign;
use crate::domain::scrub::blocks::{self, Block};
use crate::domain::scrub::known::Own;
use crate::domain::scrub::pending::{self, Pending};
use crate::domain::scrub::triggers::{Trigger, triggers};
use crate::domain::scrub::view::View;
use crate::domain::scrub::{REDACTED, headers, prose, urls};

/// What earlier lines leave to the next.
#[derive(Debug, Default)]
pub(super) struct State {
    block: Option<Block>,
    pending: Option<Pending>,
}

/// A secret in the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) range: Range<usize>,
    pub(super) kind: &'static str,
}

/// Scrubs `lines` and appends the result to `out`.
pub(super) fn run(own: &Own, state: &mut State, lines: &str, out: &mut String) {
    let view = View::of(lines);
    let mut findings = find(own, state, view.text());
    if findings.is_empty() {
        out.push_str(lines);
        return;
    }
    findings.sort_by_key(|finding| (finding.range.start, usize::MAX - finding.range.end));
    let mut written = 0;
    let mut findings = findings.into_iter().peekable();
    while let Some(Finding {
        mut range,
        mut kind,
    }) = findings.next()
    {
        while let Some(next) = findings.next_if(|next| next.range.start < range.end) {
            range.end = range.end.max(next.range.end);
            // The name tells only that it is secret, the shape what it is.
            if matches!(kind, "secret" | "password") {
                kind = next.kind;
            }
        }
        let source = view.source_range(&range);
        if source.start < written {
            continue;
        }
        out.push_str(&lines[written..source.start]);
        out.push_str(REDACTED);
        out.push_str(kind);
        out.push(']');
        written = source.end;
    }
    out.push_str(&lines[written..]);
}

fn find(own: &Own, state: &mut State, text: &str) -> Vec<Finding> {
    let mut findings = search(state, text);
    for (start, line) in percent_lines(text) {
        let decoded = View::percent_decoded(line);
        if decoded.is_changed() {
            let found = search(&mut State::default(), decoded.text());
            findings.extend(found.into_iter().map(|Finding { range, kind }| {
                let range = decoded.source_range(&range);
                Finding {
                    range: start + range.start..start + range.end,
                    kind,
                }
            }));
        }
    }
    findings.retain(|finding| !own.allows(&text[finding.range.clone()]));
    findings.extend(own.values_in(text).into_iter().map(|range| Finding {
        range,
        kind: "known-value",
    }));
    findings.extend(own.matches_in(text).into_iter().map(|range| Finding {
        range,
        kind: "own-pattern",
    }));
    findings.retain(|finding| !finding.range.is_empty());
    findings
}

/// The lines that may be URL-encoded, and where they start.
fn percent_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let sign = at + text.get(at..)?.find('%')?;
            let end = text[sign..]
                .find('\n')
                .map_or(text.len(), |newline| sign + newline);
            let start = text[at..sign]
                .rfind('\n')
                .map_or(at, |newline| at + newline + 1);
            let line = &text[start..end];
            at = end + 1;
            let encoded = line.as_bytes().windows(3).any(|three| {
                three[0] == b'%' && three[1].is_ascii_hexdigit() && three[2].is_ascii_hexdigit()
            });
            if encoded {
                return Some((start, line));
            }
        }
    })
}

/// What the built-in rules find.
fn search(state: &mut State, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut bodies = Vec::new();
    let mut in_block = 0;
    if let Some(block) = state.block.take() {
        (in_block, state.block) = blocks::resume(text, 0, block, &mut bodies);
    }
    if let Some(pending) = state.pending.take() {
        let (finding, still) = pending::value(text, 0, pending);
        findings.extend(finding);
        state.pending = still;
    }
    let triggers = triggers();
    let (mut names_until, mut judged_until) = (0, 0);
    let mut marks: Vec<Range<usize>> = Vec::new();
    let mut options_until = 0;
    let mut authority_until = 0;
    let mut passfile_until = 0;
    let mut tokens_until = 0;
    let hits = triggers
        .automaton
        .iter()
        .flat_map(|automaton| automaton.find_overlapping_iter(text));
    for hit in hits {
        let Some(&trigger) = triggers.of_pattern.get(hit.pattern().as_usize()) else {
            continue;
        };
        if marks.last().is_some_and(|mark| hit.start() < mark.end) {
            continue;
        }
        match trigger {
            Trigger::Mark => marks.extend(mark(text, hit.range())),
            Trigger::Token(index) => {
                if hit.start() < tokens_until {
                    continue;
                }
                let shape = &triggers.shapes[index];
                if let Some(range) = shape.find(text, hit.start()) {
                    tokens_until = range.end;
                    findings.push(Finding {
                        range,
                        kind: shape.rule.id,
                    });
                }
            }
            Trigger::Name => {
                if hit.end() <= names_until || hit.start() < judged_until {
                    continue;
                }
                let found = assign::at(text, hit.range());
                names_until = found.name_end;
                judged_until = judged_until.max(found.judged_end);
                findings.extend(found.finding);
                if found.pending.is_some() {
                    state.pending = found.pending;
                }
            }
            Trigger::Authority if hit.start() < authority_until => {}
            Trigger::Authority => {
                let (finding, clear_until) = urls::password(text, hit.range());
                authority_until = clear_until;
                findings.extend(finding);
            }
            Trigger::Scheme => findings.extend(headers::credential(text, hit.range())),
            Trigger::Cookie => headers::cookies(text, hit.range(), &mut findings),
            Trigger::Program if hit.start() < options_until => {}
            Trigger::Program => options_until = prose::options(text, hit.range(), &mut findings),
            Trigger::Identified => findings.extend(prose::identified(text, hit.range())),
            Trigger::Passfile if hit.start() < passfile_until => {}
            Trigger::Passfile => {
                let finding = prose::passfile(text, hit.range());
                passfile_until = finding.as_ref().map_or(0, |finding| finding.range.end);
                findings.extend(finding);
            }
            Trigger::BlockBegin if hit.start() >= in_block => {
                if let Some(first_end) = private_first_line(text, hit.start()) {
                    (in_block, state.block) = blocks::begin(text, first_end, &mut bodies);
                }
            }
            Trigger::BlockEnd if hit.start() >= in_block => {
                if private_first_line(text, hit.start()).is_some() {
                    blocks::body_before(text, hit.start(), in_block, &mut bodies);
                }
            }
            Trigger::BlockBegin | Trigger::BlockEnd => {}
        }
    }
    findings.extend(prose::long_words(text));
    findings.retain_mut(|finding| keep_off(&marks, &mut finding.range));
    findings.extend(bodies.into_iter().map(|range| Finding {
        range,
        kind: "private-key",
    }));
    findings
}

/// The whole mark whose start was seen.
fn mark(text: &str, start: Range<usize>) -> Option<Range<usize>> {
    let rest = &text.as_bytes()[start.end..];
    let length = rest
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || **b == b'-')
        .count();
    (rest.get(length) == Some(&b']')).then(|| start.start..start.end + length + 1)
}

/// Moves what was found off the marks: none is cut in two, and none is put in the place of another.
fn keep_off(marks: &[Range<usize>], range: &mut Range<usize>) -> bool {
    let first = marks.partition_point(|mark| mark.end <= range.start);
    if let Some(mark) = marks.get(first).filter(|mark| mark.start <= range.start) {
        range.start = mark.end.min(range.end);
    }
    let last = marks.partition_point(|mark| mark.start < range.end);
    let mark = last.checked_sub(1).and_then(|last| marks.get(last));
    if let Some(mark) = mark.filter(|_| range.start < range.end) {
        range.end = range.end.max(mark.end);
    }
    range.start < range.end
}

/// Where the first or last line at `at` ends, if it is that of a private key.
fn private_first_line(text: &str, at: usize) -> Option<usize> {
    let line = &text[at..text.floor_char_boundary(at + 80)];
    let label_end = line
        .find("PRIVATE")
        .or_else(|| line.starts_with("PuTTY").then_some(0))?;
    if line[..label_end].contains(['\n', '\r']) {
        return None;
    }
    let rest = &line[label_end..];
    let end = rest.find("---").map_or(rest.len(), |dashes| {
        dashes + rest[dashes..].bytes().take_while(|&b| b == b'-').count()
    });
    let end = rest
        .find(['\n', '\r'])
        .map_or(end, |newline| newline.min(end));
    Some(at + label_end + end)
}
