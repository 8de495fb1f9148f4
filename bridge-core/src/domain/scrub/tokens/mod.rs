//! Tokens that are known by their shape: a table of rules, each with an example that is a token and one that is not.

mod ai;
mod cloud;
mod code;
mod saas;
mod talk;

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use crate::domain::scrub::bytes::{ALPHANUMERIC, Bytes};
use crate::domain::scrub::chance;

/// How a provider's token looks. `shape` is matched where one of `starts` occurs; its group `s`, if it has one, is
/// what is secret. The examples are written as [`expand`] reads them, so that no token lies in the source.
pub(super) struct TokenRule {
    pub(super) id: &'static str,
    pub(super) starts: &'static [&'static str],
    /// How many letters and digits may stand before the start and belong to the token.
    pub(super) lead: usize,
    /// Whether other digits of base64 may be among those.
    pub(super) lead_is_base64: bool,
    /// Whether the shape alone could be a name, so that it has to look made by chance as well.
    pub(super) made: bool,
    pub(super) shape: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the examples are the rule's tests")
    )]
    pub(super) hit: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the examples are the rule's tests")
    )]
    pub(super) miss: &'static str,
}

const fn token(
    id: &'static str,
    starts: &'static [&'static str],
    shape: &'static str,
    hit: &'static str,
    miss: &'static str,
) -> TokenRule {
    TokenRule {
        id,
        starts,
        lead: 0,
        lead_is_base64: false,
        made: false,
        shape,
        hit,
        miss,
    }
}

const fn led_token(
    id: &'static str,
    lead: usize,
    starts: &'static [&'static str],
    shape: &'static str,
    hit: &'static str,
    miss: &'static str,
) -> TokenRule {
    TokenRule {
        id,
        starts,
        lead,
        lead_is_base64: false,
        made: false,
        shape,
        hit,
        miss,
    }
}

const fn base64_led_token(
    id: &'static str,
    lead: usize,
    starts: &'static [&'static str],
    shape: &'static str,
    hit: &'static str,
    miss: &'static str,
) -> TokenRule {
    TokenRule {
        lead_is_base64: true,
        ..led_token(id, lead, starts, shape, hit, miss)
    }
}

const fn made_token(
    id: &'static str,
    starts: &'static [&'static str],
    shape: &'static str,
    hit: &'static str,
    miss: &'static str,
) -> TokenRule {
    TokenRule {
        made: true,
        ..token(id, starts, shape, hit, miss)
    }
}

/// A rule and its shape, compiled when a text first needs it.
pub(super) struct Shape {
    pub(super) rule: &'static TokenRule,
    /// Whether one of its starts has a blank in it.
    spaced: bool,
    /// Whether only a part of it is secret.
    grouped: bool,
    compiled: OnceLock<Option<Regex>>,
}

pub(super) fn shapes() -> Vec<Shape> {
    [
        ai::RULES,
        cloud::RULES,
        code::RULES,
        saas::RULES,
        talk::RULES,
    ]
    .into_iter()
    .flatten()
    .map(|rule| Shape {
        rule,
        spaced: rule.starts.iter().any(|start| start.contains(' ')),
        grouped: rule.shape.contains("(?P<s>"),
        compiled: OnceLock::new(),
    })
    .collect()
}

/// No token is longer, except in its tail, which is followed to its end.
const LONGEST_SHAPE: usize = 6 * 1024;

/// No token with its start is shorter.
const SHORTEST_SHAPE: usize = 16;

/// What is no secret though it has the shape of one. All of them have an X.
const PLACEHOLDERS: [&str; 3] = ["EXAMPLE", "xxxxxx", "XXXXXX"];

impl Shape {
    /// The secret in `text` whose start was seen at `at`. What was before `from` is a token already: a mark will stand
    /// there.
    pub(super) fn find(&self, text: &str, from: usize, at: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        static BASE64: Bytes = Bytes::alphanumeric_and(b"+/-_");
        let led_by = match self.rule.lead_is_base64 {
            true => &BASE64,
            false => &ALPHANUMERIC,
        };
        let start = at - led_by.behind(&bytes[from..at], self.rule.lead);
        // Letters, digits and hyphens without end would be gone over from each start within them.
        let chained = self.rule.id == "jwt" && start > 0 && bytes[start - 1] == b'-';
        if start > from && (chained || !starts_word(bytes, start)) {
            return None;
        }
        // Most words that start like a token end soon after.
        static SHAPE: Bytes = Bytes::graphic_but(b"\"'()");
        let word = SHAPE.ahead(&bytes[start..], SHORTEST_SHAPE);
        if word < SHORTEST_SHAPE && !self.spaced {
            return None;
        }
        let end = text.floor_char_boundary(start + LONGEST_SHAPE);
        let regex = self
            .compiled
            .get_or_init(|| Regex::new(&format!(r"\A(?-u:{})", self.rule.shape)).ok())
            .as_ref()?;
        let mut start = start;
        let mut found = self.matched(regex, &text[start..end]);
        if found.is_none() && self.rule.lead_is_base64 {
            // What stood before was a path.
            start += bytes[start..at]
                .iter()
                .rposition(|b| matches!(b, b'/' | b'+'))?
                + 1;
            found = self.matched(regex, &text[start..end]);
        }
        let found = found?;
        let secret = found.as_str();
        let holds_x = secret.bytes().any(|b| matches!(b, b'x' | b'X'));
        let genuine = chance::distinct(secret.as_bytes()) >= 5
            && (!self.rule.made || chance::is_random(secret, 0.25))
            && !(holds_x && PLACEHOLDERS.iter().any(|part| secret.contains(part)));
        genuine.then(|| start + found.start()..start + found.end())
    }
}

impl Shape {
    fn matched<'t>(&self, regex: &Regex, text: &'t str) -> Option<regex::Match<'t>> {
        if self.grouped {
            let captures = regex.captures(text)?;
            captures.name("s").or_else(|| captures.get(0))
        } else {
            regex.find(text)
        }
    }
}

/// Whether a word can start at `at`: after nothing, after what is no letter or digit, after `%3D` and the like, or after
/// a colour code that lost its escape character.
pub(super) fn starts_word(bytes: &[u8], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|index| bytes.get(index)) else {
        return true;
    };
    if !ALPHANUMERIC.has(before) && before != b'_' {
        return true;
    }
    if at >= 3
        && bytes[at - 3] == b'%'
        && bytes[at - 2].is_ascii_hexdigit()
        && before.is_ascii_hexdigit()
    {
        return true;
    }
    let colour = bytes[..at]
        .iter()
        .rev()
        .skip(1)
        .take(9)
        .take_while(|b| b.is_ascii_digit() || **b == b';')
        .count();
    before == b'm' && at >= colour + 2 && bytes[at - colour - 2] == b'['
}

/// Writes out an example: `<h32>` is 32 hexadecimal digits, `<d9>` digits, `<a36>` letters and digits, `<u16>` capitals and
/// digits, `<l20>` small letters and digits, `<w40>` letters, digits, `-` and `_`, `<b40>` base64.
#[cfg(test)]
pub(super) fn expand(example: &str) -> String {
    let mut out = String::new();
    let mut rest = example;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let (what, next) = after.split_once('>').unwrap();
        let alphabet: &[u8] = match &what[..1] {
            "h" => b"3f9a07c1e5b28d46",
            "d" => b"7391582046",
            "u" => b"K7QX2M9ZT4VB8RWJ5HD",
            "l" => b"q7x2m9zt4vb8rwj5hdk",
            "w" => b"aK7xQ-2mZ9_tV4bR8wJ5hD",
            "b" => b"aK7xQ/2mZ9+tV4bR8wJ5hD",
            _ => b"aK7xQ2mZ9tV4bR8wJ5hDc",
        };
        let count: usize = what[1..].parse().unwrap();
        out.extend(alphabet.iter().cycle().take(count).map(|&b| char::from(b)));
        rest = next;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scrub::Scrubber;

    #[test]
    fn every_rule_catches_its_example_and_leaves_the_other() {
        let scrubber = Scrubber::builtin();
        for Shape { rule, .. } in shapes() {
            let hit = format!("see {} there", expand(rule.hit));
            let out = scrubber.scrub(&hit);
            assert!(out.as_str().contains("[redacted:"), "{}: {hit}", rule.id);
            assert!(
                out.as_str().starts_with("see ") && out.as_str().ends_with(" there"),
                "{}: {out}",
                rule.id
            );
            let miss = format!("see {} there", expand(rule.miss));
            assert_eq!(scrubber.scrub(&miss).as_str(), miss, "{}", rule.id);
        }
    }

    #[test]
    fn ids_are_unique_words_and_every_shape_compiles() {
        let shapes = shapes();
        let mut ids: Vec<_> = shapes.iter().map(|shape| shape.rule.id).collect();
        assert!(ids.iter().all(|id| {
            id.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        }));
        for shape in &shapes {
            Regex::new(&format!(r"\A(?-u:{})", shape.rule.shape))
                .unwrap_or_else(|error| panic!("{}: {error}", shape.rule.id));
        }
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all);
        assert!(all >= 120, "{all} rules");
    }
}
