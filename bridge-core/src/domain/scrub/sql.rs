//! Passwords in SQL.

use std::ops::Range;

use crate::domain::scrub::names::{self, Class};
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::stand_ins;
use crate::domain::scrub::values::{self, Value};

/// `IDENTIFIED BY 'password'`, also with a plugin between, or without quotes.
pub(super) fn identified(text: &str, word: Range<usize>) -> Option<Finding> {
    let line = &text[word.end..text.floor_char_boundary(word.end + 200)];
    let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
    let lower = line.to_ascii_lowercase();
    let by = lower.find("by ").or_else(|| lower.find("as "))?;
    let before = &text[text.ceil_char_boundary(word.start.saturating_sub(200))..word.start];
    let before = before.rsplit('\n').next().unwrap_or(before);
    let before = before.to_ascii_lowercase();
    let sql = ["user", "grant", "alter", "create", "role"]
        .iter()
        .any(|verb| before.contains(verb));
    if !sql {
        return None;
    }
    let rest = &line[by + 3..];
    let blanks = rest.len() - rest.trim_start().len();
    let (start, length) = match rest[blanks..].chars().next()? {
        '\'' | '"' => quoted(line, by)?,
        _ if by == 0 => bare(rest, blanks, by + 3)?,
        _ => quoted(line, by)?,
    };
    let range = word.end + start..word.end + start + length;
    (length > 0 && !stand_ins::is_stand_in(&text[range.clone()])).then_some(Finding {
        range,
        kind: "password",
    })
}

fn quoted(line: &str, from: usize) -> Option<(usize, usize)> {
    let open = from + line[from..].find(['\'', '"'])?;
    let quote = line[open..].chars().next()?;
    Some((open + 1, line[open + 1..].find(quote)?))
}

fn bare(rest: &str, blanks: usize, offset: usize) -> Option<(usize, usize)> {
    let word = &rest[blanks..];
    let length = word
        .find([' ', ';', ',', ')', '"', '\''])
        .unwrap_or(word.len());
    let seen = Value {
        text: &word[..length],
        quoted: false,
        verbatim: true,
    };
    // A sentence identifies things by words.
    let made = seen.text.bytes().any(|b| b.is_ascii_digit());
    (made && values::is_secret(seen, Class::Password)).then_some((offset + blanks, length))
}

/// The values that `INSERT INTO t (name, password) VALUES ('ann', 'secret')` puts into columns with telling names.
pub(super) fn inserted(text: &str, word: Range<usize>, findings: &mut Vec<Finding>) {
    let line = &text[word.end..text.floor_char_boundary(word.end + 2048)];
    let line = &line[..line.find('\n').unwrap_or(line.len())];
    let Some((columns, rest_at)) = brackets(line, 0) else {
        return;
    };
    let classes: Vec<Option<Class>> = line[columns]
        .split(',')
        .map(|column| names::class(column.trim_matches([' ', '`', '"', '[', ']'])))
        .collect();
    if classes.iter().all(Option::is_none) {
        return;
    }
    let mut at = rest_at;
    for _ in 0..16 {
        let Some((values, next)) = brackets(line, at) else {
            return;
        };
        let items = split_values(&line[values.clone()]);
        for (item, class) in items.into_iter().zip(&classes) {
            let Some(class) = class else { continue };
            let seen = Value {
                text: &line[values.start + item.start..values.start + item.end],
                quoted: true,
                verbatim: false,
            };
            if values::is_secret(seen, *class) {
                let start = word.end + values.start;
                findings.push(Finding {
                    range: start + item.start..start + item.end,
                    kind: "password",
                });
            }
        }
        at = next;
    }
}

/// What stands in the next brackets, and where to go on.
fn brackets(line: &str, from: usize) -> Option<(Range<usize>, usize)> {
    let open = from + line[from..].find('(')?;
    let mut in_quotes = false;
    for (offset, byte) in line.bytes().enumerate().skip(open + 1) {
        match byte {
            b'\'' => in_quotes = !in_quotes,
            b')' if !in_quotes => return Some((open + 1..offset, offset + 1)),
            _ => {}
        }
    }
    None
}

/// The quoted strings among values, each in its place; what is no string is empty.
fn split_values(values: &str) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    let (mut start, mut in_quotes) = (0, false);
    for (at, byte) in values.bytes().enumerate().chain([(values.len(), b',')]) {
        match byte {
            b'\'' => in_quotes = !in_quotes,
            b',' if !in_quotes || at == values.len() => {
                let item = &values[start..at];
                let open = item.find('\'').map(|open| start + open + 1);
                let close = item.rfind('\'').map(|close| start + close);
                items.push(match (open, close) {
                    (Some(open), Some(close)) if open <= close => open..close,
                    _ => start..start,
                });
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}
