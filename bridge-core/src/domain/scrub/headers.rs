//! Credentials in headers: `Authorization`, `Bearer`, `Basic`, cookies.

use std::ops::Range;

use crate::domain::scrub::chance;
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::stand_ins;

/// What follows `authorization`, `bearer` or `basic` at `word`.
pub(super) fn credential(text: &str, word: Range<usize>) -> Option<Finding> {
    let bytes = text.as_bytes();
    let authorization = bytes[word.clone()].eq_ignore_ascii_case(b"authorization");
    let mut at = word.end;
    let mut sure = false;
    let mut scheme_known = false;
    if authorization {
        at += count(bytes, at, |b| matches!(b, b'"' | b'\'' | b']'));
        at += count(bytes, at, |b| b == b' ');
        if !matches!(bytes.get(at), Some(b':' | b'=' | b',' | b'|')) {
            return None;
        }
        at += 1;
        if bytes.get(at) == Some(&b':') {
            return None;
        }
        at += count(bytes, at, |b| {
            matches!(b, b' ' | b'"' | b'\'' | b'`' | b'\t' | b'>')
        });
        sure = true;
        // The name of the scheme stays.
        let scheme = count(bytes, at, |b| b.is_ascii_alphanumeric() || b == b'-');
        if (2..=24).contains(&scheme) && bytes.get(at + scheme) == Some(&b' ') {
            at += scheme + 1;
            scheme_known = true;
        }
        if let Some(range) = parameter(text, at) {
            return Some(Finding {
                range,
                kind: "signature",
            });
        }
    } else {
        let led = word
            .start
            .checked_sub(1)
            .is_some_and(|index| bytes[index].is_ascii_alphanumeric());
        if led {
            return None;
        }
        at += count(bytes, at, |b| b == b' ');
    }
    let length = count(bytes, at, |b| {
        b.is_ascii_graphic()
            && !matches!(
                b,
                b'"' | b'\'' | b'`' | b',' | b'<' | b'>' | b'\\' | b')' | b';'
            )
    });
    let value = &text[at..at + length];
    let padded = length >= 12
        && length % 4 == 0
        && value.ends_with('=')
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    let long = scheme_known && length >= 12 && value.bytes().all(|b| b.is_ascii_alphabetic());
    let made = long || !chance::is_wordy(value) || value.bytes().any(|b| b.is_ascii_digit());
    let secret = if sure {
        length >= 6
            && made
            && !value.contains(['(', '[', '{'])
            && !value.contains("::")
            && !value.starts_with(['$', '&', '*', '/'])
    } else {
        length >= 12 && (chance::is_random(value, 0.2) || padded)
    };
    let secret = secret && !stand_ins::is_stand_in(value);
    let kind = if bytes[word.clone()].eq_ignore_ascii_case(b"basic ") {
        "basic-credential"
    } else {
        "authorization"
    };
    secret.then_some(Finding {
        range: at..at + length,
        kind,
    })
}

/// The secret among the parameters that follow a scheme: `Digest username="a", response="…"`.
fn parameter(text: &str, at: usize) -> Option<Range<usize>> {
    const NAMES: &[&[u8]] = &[
        b"ignature=",
        b"response=",
        b"mac=",
        b"oauth_token=",
        b"token=",
    ];
    let line = &text[at..text.floor_char_boundary(at + 600)];
    let line = &line[..memchr::memchr2(b'\n', b'\r', line.as_bytes()).unwrap_or(line.len())];
    let mut signs = memchr::memchr_iter(b'=', line.as_bytes()).peekable();
    if *signs.peek()? >= 48 {
        return None;
    }
    let named = |end: &usize| {
        let before = &line.as_bytes()[..*end];
        // The last letters of the names.
        matches!(before, [.., b'e' | b'c' | b'n', b'='])
            && NAMES.iter().any(|name| before.ends_with(name))
    };
    let name = signs.map(|sign| sign + 1).find(named)?;
    let start = name + usize::from(line[name..].starts_with('"'));
    let length = line.as_bytes()[start..]
        .iter()
        .take_while(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'%' | b'-' | b'_' | b'.')
        })
        .count();
    (length >= 16).then_some(at + start..at + start + length)
}

/// So much of a cookie tells what it is.
const JUDGED: usize = 96;

/// The values of a `Cookie:` or `Set-Cookie:` header. `value_end` is where the last value ends that was looked at: so
/// does every other that starts within it.
pub(super) fn cookies(
    text: &str,
    word: Range<usize>,
    value_end: &mut usize,
    findings: &mut Vec<Finding>,
) {
    let bytes = text.as_bytes();
    let mut at = word.end;
    at += count(bytes, at, |b| {
        matches!(b, b'"' | b'\'' | b'2' | b'`' | b']')
    });
    at += count(bytes, at, |b| b == b' ');
    if !matches!(bytes.get(at), Some(b':' | b'=' | b',')) && !bytes[..word.start].ends_with(b"--") {
        return;
    }
    at += count(bytes, at, |b| {
        matches!(b, b':' | b'=' | b',' | b' ' | b'"' | b'\'' | b'`')
    });
    for _ in 0..64 {
        let name = count(bytes, at, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'%' | b'[' | b']')
        });
        if name == 0 || bytes.get(at + name) != Some(&b'=') {
            return;
        }
        let start = at + name + 1;
        if start >= *value_end {
            let length = bytes[start..]
                .iter()
                .take_while(|b| {
                    b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b',' | b';')
                })
                .count();
            *value_end = start + length;
        }
        let length = *value_end - start;
        let value = &text[start..start + length.min(JUDGED)];
        if length >= 10 && chance::is_random(value, 0.15) && !stand_ins::is_stand_in(value) {
            findings.push(Finding {
                range: start..start + length,
                kind: "cookie",
            });
        }
        at = start + length;
        let gap = count(bytes, at, |b| matches!(b, b';' | b' '));
        if gap == 0 {
            return;
        }
        at += gap;
    }
}

fn count(bytes: &[u8], from: usize, keep: impl Fn(u8) -> bool) -> usize {
    bytes[from.min(bytes.len())..]
        .iter()
        .take(8 * 1024)
        .take_while(|&&b| keep(b))
        .count()
}
