//! Secrets that only what stands around them gives away: `.pgpass`, cookie files, sentences.

use std::ops::Range;

use crate::domain::scrub::bytes::Bytes;
use crate::domain::scrub::chance;
use crate::domain::scrub::names::{self, Class};
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::stand_ins;
use crate::domain::scrub::values::{self, Value};

/// The last field of `host:port:database:user:password`.
pub(super) fn passfile(text: &str, port: Range<usize>) -> Option<Finding> {
    let bytes = text.as_bytes();
    let mut start = port.start
        - bytes[..port.start]
            .iter()
            .rev()
            .take(100)
            .take_while(|b| {
                b.is_ascii_graphic()
                    && !matches!(b, b':' | b'"' | b'\'' | b'/' | b'@' | b'(' | b',')
            })
            .count();
    while matches!(bytes.get(start), Some(b'+' | b'-')) {
        start += 1;
    }
    let starts_line = start == 0
        || matches!(
            bytes[start - 1],
            b'\n' | b'\r' | b'"' | b'\'' | b' ' | b'\t' | b'+' | b'-' | b':'
        );
    let named = |field: &str| {
        !field.is_empty()
            && field
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'*' | b'$'))
    };
    if !starts_line || !named(&text[start..port.start]) {
        return None;
    }
    let line_start = port.start + 1;
    let line = &text[line_start..text.floor_char_boundary(line_start + 300)];
    let end = |b: u8| matches!(b, b'\n' | b'\r' | b'"' | b'\'' | b' ');
    let line = &line[..line.bytes().position(end).unwrap_or(line.len())];
    let mut fields = line.splitn(4, ':');
    let [port, database, user, password] = [(); 4].map(|()| fields.next());
    let (port, database, user, password) = (port?, database?, user?, password?);
    let numeric = port == "*" || port.len() >= 2 && port.bytes().all(|b| b.is_ascii_digit());
    let genuine = numeric
        && named(database)
        && named(user)
        && !user.bytes().all(|b| b.is_ascii_digit())
        && password.len() >= 3
        && !stand_ins::is_stand_in(&password[..password.floor_char_boundary(64)]);
    let at = line_start + line.len() - password.len();
    genuine.then(|| Finding {
        range: at..at + password.len(),
        kind: "password",
    })
}

/// A secret that a sentence speaks of: `the key in use was …`, "the API key is …", `TOKEN` set to `…`.
pub(super) fn sentence(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let closing = bytes[end..]
        .iter()
        .take(3)
        .take_while(|b| matches!(b, b'`' | b'"' | b'\'' | b'*'))
        .count();
    let mut at = end + closing;
    // To pass something is what code does.
    if !matches!(bytes.get(at), Some(b' ' | b':')) || text[start..end].eq_ignore_ascii_case("pass")
    {
        return None;
    }
    for number in 0..7 {
        let gap = bytes[at..]
            .iter()
            .take(5)
            .take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'`' | b':' | b'=' | b'(' | b'*'))
            .count();
        at += gap;
        let length = SAID.ahead(&bytes[at..], 400);
        let word = text[at..at + length].trim_end_matches(['.', '!', ',']);
        if length == 0 || gap == 0 {
            return None;
        }
        if word.len() >= 20 && BARE.make(word) && is_made(word) {
            return names::class(phrase(text, start, end)).map(|_| at..at + word.len());
        }
        let quoted = bytes[at - 1] != b' ';
        if number > 0 && says(&bytes[..at - gap], quoted) && word.len() >= 6 {
            if bytes.get(at + word.len()) == Some(&b'(') {
                return None;
            }
            let range = at..at + word.len();
            // Only what stands right behind the name may look like a hash or an id.
            let class = names::class(phrase(text, start, end))?;
            let told = class != Class::Weak && (class == Class::Password || number == 1);
            let value = Value {
                text: word,
                quoted,
                verbatim: false,
            };
            let mixed = word.bytes().any(|b| b.is_ascii_digit())
                && word.bytes().any(|b| b.is_ascii_alphabetic());
            return (told && mixed && values::is_secret(value, class)).then_some(range);
        }
        if length > 14 {
            return None;
        }
        at += length;
    }
    None
}

/// What a word is made of that may be a secret.
static SAID: Bytes = Bytes::alphanumeric_and(b"_-.+=~!@#$%^&*/:|");

/// What a word is made of that a machine made.
static BARE: Bytes = Bytes::alphanumeric_and(b"_-.+=~");

/// Whether a text ends by saying that something is.
fn says(text: &[u8], quoted: bool) -> bool {
    text.ends_with(b" is") || text.ends_with(b" was") || quoted && text.ends_with(b" to")
}

/// The name with the words before it: in `the API key`, `key` alone says little.
pub(super) fn phrase(text: &str, start: usize, end: usize) -> &str {
    let bytes = text.as_bytes();
    let mut from = start;
    for _ in 0..2 {
        let Some(blank) = from.checked_sub(1).filter(|at| bytes[*at] == b' ') else {
            break;
        };
        static NAME: Bytes = Bytes::alphanumeric_and(b"_-");
        let word = NAME.behind(&bytes[..blank], 20);
        if word == 0 {
            break;
        }
        from = blank - word;
    }
    &text[from..end]
}

/// Random, and neither a hash nor an id, which sentences speak of too.
fn is_made(word: &str) -> bool {
    let has = |of: fn(&u8) -> bool| word.bytes().any(|b| of(&b));
    has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && !word.trim_end_matches('=').contains('=')
        && chance::is_random(word, 0.3)
}

/// The last field of a line of a cookie file: `domain TRUE / FALSE 1900000000 name value`, with tabs between.
pub(super) fn cookie_line(text: &str, flag: Range<usize>) -> Option<Finding> {
    let rest = &text[flag.end..text.floor_char_boundary(flag.end + 4300)];
    let rest = &rest[..rest.find(['\n', '\r', '"']).unwrap_or(rest.len())];
    let (expiry, rest) = rest.split_once('\t')?;
    let (name, value) = rest.split_once('\t')?;
    let is_cookie = !expiry.is_empty()
        && expiry.bytes().all(|b| b.is_ascii_digit())
        && !name.contains([' ', '/'])
        && !value.contains(['\t', ' ']);
    let at = flag.end + expiry.len() + name.len() + 2;
    (is_cookie && value.len() >= 10 && chance::is_random(value, 0.15)).then(|| Finding {
        range: at..at + value.len(),
        kind: "cookie",
    })
}

/// What a long word is made of.
static LONG: Bytes = Bytes::alphanumeric_and(b"_-.");

/// Discord's tokens have no start of their own: three parts of fixed length in a long word.
pub(super) fn long_words(text: &str) -> Vec<Finding> {
    const LEAST: usize = 56;
    const STRIDE: usize = 28;
    let bytes = text.as_bytes();
    let part = |b: &u8| LONG.has(*b);
    let mut found = Vec::new();
    let mut at = STRIDE;
    // A word of that length is met at one of these steps.
    while at < bytes.len() {
        let ahead = (at + STRIDE / 4).min(bytes.len() - 1);
        let near = part(&bytes[at - STRIDE / 4]) | part(&bytes[ahead]);
        if !(part(&bytes[at]) & part(&bytes[at - STRIDE / 2]) & near) {
            at += STRIDE;
            continue;
        }
        let start = at - LONG.behind(&bytes[..at], 120);
        let end = at + LONG.ahead(&bytes[at..], 400);
        // Of a word that is far longer, only the first steps see the start.
        let whole = start == 0 || !part(&bytes[start - 1]);
        if whole && end - start >= LEAST {
            found.extend(discord(text, start..end));
        }
        at = end.max(at) + STRIDE;
    }
    found
}

fn discord(text: &str, word: Range<usize>) -> Option<Finding> {
    let token = &text[word.clone()];
    let (id, rest) = token.split_once('.')?;
    let (time, mac) = rest.split_once('.')?;
    let mac = mac.split_once('.').map_or(mac, |(mac, _)| mac);
    let shaped = (23..=28).contains(&id.len())
        && id.starts_with(['M', 'N', 'O'])
        && (6..=7).contains(&time.len())
        && (25..=48).contains(&mac.len());
    let made = shaped && chance::is_random(id, 0.2) && chance::is_random(mac, 0.2);
    made.then(|| Finding {
        range: word.start..word.start + id.len() + time.len() + mac.len() + 2,
        kind: "discord-token",
    })
}
