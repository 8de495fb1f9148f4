//! What a value looks like: made by chance, chosen by a person, or a word of a program.

use crate::domain::scrub::bytes::{Bytes, authority_mark};
use crate::domain::scrub::chance::{is_interleaved, is_random, is_unpronounceable, is_wordy};
use crate::domain::scrub::names::Class;
use crate::domain::scrub::stand_ins::is_stand_in;

/// A value and how it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) text: &'a str,
    pub(super) quoted: bool,
    /// Whether it stands as in a shell or an env file: `NAME=value`, where no expression can stand.
    pub(super) verbatim: bool,
}

/// Whether a value is a secret after a name of this class.
pub(super) fn is_secret(value: Value<'_>, class: Class) -> bool {
    let text = value.text;
    if text.len() < 4 || is_stand_in(text) || is_address(text) || is_number(text) {
        return false;
    }
    let worked_out = match (value.quoted, value.verbatim) {
        (true, _) => false,
        (false, true) => is_call(text),
        (false, false) => text.contains("::") || is_expression(text),
    };
    if worked_out {
        return false;
    }
    match class {
        Class::Password => is_password(value),
        Class::Secret => {
            text.len() >= 8
                && (is_random(text, 0.2)
                    || is_uuid(text)
                    || is_password_like(value)
                    || text.len() >= 16 && is_interleaved(text))
        }
        Class::Weak => {
            text.len() >= 16 && is_random(text, 0.28) && !is_uuid(text) && !ends_in_hash(text)
        }
    }
}

/// The key of a cache: words, and the hash of what is in it.
fn ends_in_hash(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(words, hash)| {
        matches!(hash.len(), 32 | 40 | 64)
            && hash.bytes().all(|b| b.is_ascii_hexdigit())
            && is_wordy(words)
    })
}

fn is_password(value: Value<'_>) -> bool {
    let text = value.text;
    if !value.verbatim && !value.quoted && is_expression(text) {
        return false;
    }
    if text.contains([' ', '\t']) {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    static MARKS: Bytes = Bytes::of(b"!@#$%^&*+=~?");
    let marks = MARKS.count(text);
    if letters == 0 {
        return digits >= 6 && (value.verbatim || value.quoted) || digits >= 3 && marks > 0;
    }
    if marks > 0 && text.len() >= 6 || is_random(text, 0.2) {
        return true;
    }
    let separated = text
        .bytes()
        .any(|b| matches!(b, b'_' | b'-' | b'.' | b'/' | b':'));
    if digits > 0 {
        return value.verbatim || value.quoted || !separated && text.len() >= 6;
    }
    if is_unpronounceable(text) {
        return true;
    }
    // Only letters: a word chosen as a password, or a word about one.
    text.len() >= 5
        && !separated
        && (value.verbatim || value.quoted && text.bytes().all(|b| b.is_ascii_lowercase()))
        && !is_plain_word(text)
}

/// A short secret that a person chose for a token.
fn is_password_like(value: Value<'_>) -> bool {
    let text = value.text;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    static MARKS: Bytes = Bytes::of(b"!@#$%^&*+=~");
    let marks = MARKS.count(text);
    if !value.quoted && !value.verbatim && is_expression(text) || text.contains([' ', '\t']) {
        return false;
    }
    letters > 0 && digits > usize::from(!value.quoted && !value.verbatim) && marks > 0
        || (value.verbatim || value.quoted)
            && digits >= 2
            && letters >= 6
            && !text.contains('.')
            && !is_wordy(text)
        || value.verbatim && digits >= 16 && letters == 0
        || (value.verbatim || value.quoted)
            && letters == text.len()
            && letters >= 16
            && is_unpronounceable(text)
}

/// An address of something, or a path to it.
fn is_address(text: &str) -> bool {
    static SCHEME: Bytes = Bytes::alphanumeric_and(b"+.-");
    let scheme = authority_mark(text).is_some_and(|end| end < 24 && SCHEME.make(&text[..end]));
    scheme
        || (text.starts_with(['/', '~']) || text.starts_with("./") || text.starts_with("../"))
            && !is_random(text, 0.2)
        || text.starts_with("ssh-")
        || text.starts_with("-----BEGIN")
}

/// A call of something with a name: `get_token2(x)`.
fn is_call(text: &str) -> bool {
    static NAME: Bytes = Bytes::alphanumeric_and(b"_.");
    let head = NAME.ahead(text.as_bytes(), usize::MAX);
    head > 2
        && text.as_bytes().get(head) == Some(&b'(')
        && is_wordy(&text[..head])
        && is_argument(&text[head..])
}

/// What may stand in the brackets of a call.
fn is_argument(text: &str) -> bool {
    !text.contains(['!', '#', '@', '^', '%', '*', '~', '=']) && !is_random(text, 0.25)
}

/// Something that a program would work out.
fn is_expression(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(&first) = bytes.first() else {
        return false;
    };
    if b"&*([{|-<+!?=,.".contains(&first) {
        return matches!(first, b'(' | b'[' | b'{' | b'&') || !is_random(text, 0.25);
    }
    if text.contains("->") {
        return true;
    }
    static HEAD: Bytes = Bytes::alphanumeric_and(b"_.$?!:>-");
    let head = HEAD.ahead(bytes, usize::MAX);
    match bytes.get(head) {
        Some(b'(' | b'[' | b'{' | b'<') if head > 0 => {
            !is_random(&text[..head], 0.3) && (head >= 4 || is_argument(&text[head..]))
        }
        None => {
            text.contains('.')
                && text
                    .split('.')
                    .all(|part| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
                && !is_random(text, 0.2)
                || text.contains("::")
        }
        _ => false,
    }
}

/// A number as programs write it: `0xC000_u32`, `1_000i64`, `2.5s`.
fn is_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hex = text.starts_with("0x") && text.len() <= 26;
    let digits = bytes
        .iter()
        .skip(if hex { 2 } else { 0 })
        .take_while(|b| {
            if hex {
                b.is_ascii_hexdigit() || **b == b'_'
            } else {
                b.is_ascii_digit() || matches!(b, b'_' | b'.')
            }
        })
        .count();
    if digits == 0 {
        return false;
    }
    let rest = &text[digits + if hex { 2 } else { 0 }..];
    let typed = matches!(
        rest,
        "u8" | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "f32"
            | "f64"
            | "L"
            | "UL"
            | "ULL"
            | "n"
            | "s"
            | "ms"
            | "m"
            | "h"
            | "d"
            | "px"
            | "%"
    );
    // Numbers of objects, addresses.
    let dotted = rest.is_empty() && text.contains('.');
    typed || dotted || hex && rest.is_empty() && text.len() <= 18
}

fn is_plain_word(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "string",
        "password",
        "passwd",
        "secret",
        "token",
        "true",
        "false",
        "none",
        "null",
        "required",
        "optional",
        "hidden",
        "text",
        "input",
        "value",
        "default",
        "empty",
        "undefined",
        "boolean",
        "number",
        "object",
        "username",
        "user",
        "login",
        "prompt",
        "basic",
        "digest",
        "admin",
        "bearer",
        "disabled",
        "enabled",
        "field",
        "plain",
        "invalid",
        "missing",
        "expired",
        "wrong",
        "incorrect",
        "never",
        "always",
        "unset",
        "unknown",
        "private",
        "public",
        "pass",
        "passphrase",
        "credentials",
        "cleartext",
        "plaintext",
        "encrypted",
        "hashed",
        "error",
        "failed",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, b)| {
            if matches!(index, 8 | 13 | 18 | 23) {
                b == b'-'
            } else {
                b.is_ascii_hexdigit()
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(text: &str, expected: bool) {
        assert_eq!(is_random(text, 0.2), expected, "{text}");
    }

    #[test]
    fn chance_is_told_from_words() {
        random("80328142a18a563929efc9f1dbe147b0", true);
        random("ve9gtj7goe92b95zyc0uqksf", true);
        random("OKnVrTmPkx9pV5qroE3gLqwp0T93", true);
        random("claudeAiOauthAccessToken", false);
        random("my-app-secret", false);
        random("alias/my-key", false);
        random("getElementById", false);
        random("4096", false);
    }

    fn secret(text: &str, class: Class, expected: bool) {
        assert_eq!(
            is_secret(
                Value {
                    text,
                    quoted: true,
                    verbatim: false
                },
                class
            ),
            expected,
            "{text}"
        );
    }

    #[test]
    fn values_are_judged_by_what_their_name_tells() {
        secret("hunter2", Class::Password, true);
        secret("letmeinplease", Class::Password, true);
        secret("string", Class::Password, false);
        secret("${DB_PASSWORD}", Class::Password, false);
        secret("$2b$12$abc9", Class::Password, true);
        secret("your-password-here", Class::Password, false);
        secret("next_token", Class::Secret, false);
        secret("u+FOqn6OZkTRjSTVqt7H", Class::Secret, true);
        secret("dda2f2cb-e9d9-4c52-bc08-99d16b6a1f3f", Class::Weak, false);
    }
}
