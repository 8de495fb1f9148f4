//! What the person adds to the built-in rules: patterns, exact values, and texts that may stay.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::Regex;
use thiserror::Error;

use crate::domain::scrub::view::View;

/// The shortest literal secret that is looked for, in bytes: shorter ones are everywhere by chance.
pub const SHORTEST_VALUE: usize = 6;

/// What is added to the built-in rules.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Regular expressions, each matched within one line; a group named `secret` narrows what is taken out.
    pub patterns: Vec<String>,
    /// Literal secrets. They are found plain, base64-, URL- and JSON-encoded; those under 6 bytes are left out of account.
    pub known_values: Vec<String>,
    /// Values that are no secret whatever the rules say, unless they are among `known_values`.
    pub allowed: Vec<String>,
}

/// Why a scrubber could not be made.
#[derive(Debug, Error)]
pub enum ScrubError {
    /// A pattern of the person is not a regular expression that the `regex` crate takes.
    #[error("could not read the pattern `{pattern}`")]
    Pattern {
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it.
        source: Box<regex::Error>,
    },
    /// A pattern would match between any two characters.
    #[error("the pattern `{0}` matches the empty text")]
    MatchesEmpty(String),
    /// The known values are too many or too long to be looked for.
    #[error("could not prepare the known values")]
    KnownValues(#[source] aho_corasick::BuildError),
}

/// The person's additions, compiled.
#[derive(Debug, Default)]
pub(super) struct Own {
    patterns: Vec<Regex>,
    values: Option<AhoCorasick>,
    longest_with_blanks: usize,
    allowed: Vec<String>,
}

impl Own {
    pub(super) fn new(extras: Extras) -> Result<Self, ScrubError> {
        let patterns = extras
            .patterns
            .into_iter()
            .map(compile)
            .collect::<Result<_, _>>()?;
        let encoded: BTreeSet<String> = extras
            .known_values
            .iter()
            .flat_map(|value| encodings(value))
            .collect();
        let values = if encoded.is_empty() {
            None
        } else {
            Some(AhoCorasick::new(&encoded).map_err(ScrubError::KnownValues)?)
        };
        let with_blanks = encoded.iter().filter(|form| form.contains([' ', '\t']));
        Ok(Self {
            patterns,
            values,
            longest_with_blanks: with_blanks.map(String::len).max().unwrap_or(0),
            allowed: extras.allowed,
        })
    }

    /// Whether there are patterns, which may match anything.
    pub(super) fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// The length of the longest form of a known value that is more than one word; 0 where there is none.
    pub(super) fn longest_with_blanks(&self) -> usize {
        self.longest_with_blanks
    }

    pub(super) fn allows(&self, value: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == value)
    }

    /// The known values in `text`.
    pub(super) fn values_in(&self, text: &str) -> Vec<Range<usize>> {
        self.values.as_ref().map_or_else(Vec::new, |values| {
            values
                .find_overlapping_iter(text)
                .map(|found| found.range())
                .collect()
        })
    }

    /// What the person's patterns find in `text`, line by line.
    pub(super) fn matches_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.patterns.is_empty() {
            return found;
        }
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let content = line.trim_end_matches('\n');
            for pattern in &self.patterns {
                let narrowed = pattern
                    .captures_iter(content)
                    .filter_map(|groups| groups.name("secret").or_else(|| groups.get(0)));
                found.extend(narrowed.map(|part| start + part.start()..start + part.end()));
            }
            start += line.len();
        }
        found
    }
}

fn compile(pattern: String) -> Result<Regex, ScrubError> {
    match Regex::new(&pattern) {
        Ok(regex) if regex.is_match("") => Err(ScrubError::MatchesEmpty(pattern)),
        Ok(regex) => Ok(regex),
        Err(source) => Err(ScrubError::Pattern {
            pattern,
            source: Box::new(source),
        }),
    }
}

/// The forms in which a value turns up, as they stand in a text and as its view shows them.
fn encodings(value: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    // A value of many lines (a private key) is found line by line, as text is looked at.
    for line in value
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| line.len() >= SHORTEST_VALUE)
    {
        let mut escaped = line.to_owned();
        for _ in 0..4 {
            forms.insert(View::of(&escaped).text().to_owned());
            let next = json_escaped(&escaped);
            if next == escaped {
                break;
            }
            forms.insert(std::mem::replace(&mut escaped, next));
        }
        forms.insert(line.to_owned());
        forms.insert(url_encoded(line, false));
        forms.insert(url_encoded(line, true));
        forms.insert(line.replace(' ', "+"));
        forms.insert(html_escaped(line));
        forms.insert(line.replace('\'', r"'\''"));
        forms.insert(hex(line, false));
        forms.insert(hex(line, true));
        forms.insert(unicode_escaped(line));
        forms.extend(base64_windows(line.as_bytes()));
    }
    forms.retain(|form| form.len() >= SHORTEST_VALUE && !form.contains('\n'));
    forms
}

fn json_escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// As JSON in pure ASCII has it.
fn unicode_escaped(text: &str) -> String {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out
}

fn html_escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn hex(text: &str, capitals: bool) -> String {
    text.bytes()
        .map(|byte| match capitals {
            true => format!("{byte:02X}"),
            false => format!("{byte:02x}"),
        })
        .collect()
}

fn url_encoded(text: &str, lower_case: bool) -> String {
    let mut out = String::new();
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else if lower_case {
            out.push_str(&format!("%{byte:02x}"));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The base64 digits that the value causes wherever it stands in a longer text: three alignments, both alphabets.
fn base64_windows(bytes: &[u8]) -> Vec<String> {
    let mut windows = Vec::new();
    for shift in 0..3 {
        let mut bits = Vec::with_capacity((bytes.len() + shift) * 8);
        bits.extend(std::iter::repeat_n(None, shift * 8));
        bits.extend(
            bytes
                .iter()
                .flat_map(|byte| (0..8).rev().map(move |bit| Some(byte >> bit & 1))),
        );
        // Digits that neighbours have a part in are left out.
        let digits: Vec<usize> = bits
            .chunks_exact(6)
            .filter_map(|six| {
                six.iter()
                    .try_fold(0, |sum, bit| bit.map(|bit| sum * 2 + usize::from(bit)))
            })
            .collect();
        if digits.len() < 8 {
            continue;
        }
        for alphabet in [
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        ] {
            windows.push(
                digits
                    .iter()
                    .map(|&digit| char::from(alphabet[digit]))
                    .collect(),
            );
        }
    }
    windows
}
