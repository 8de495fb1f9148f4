//! Where a mark may begin and end: never within an escape, which would swallow a part of the mark or be left without
//! what it escapes.

use std::ops::Range;

/// The range without a part of an escape at either edge.
pub(super) fn off_escapes(text: &str, range: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut start = range.start;
    while let Some(open) = open_colour(&text[..start]) {
        start = open;
    }
    start -= backslashes(&bytes[..start]);
    let mut end = range.end;
    let cut = backslashes(&bytes[start..end]);
    if cut > 0 {
        let left = bytes[end..].iter().take_while(|&&b| b == b'\\').count();
        // What follows an odd number of them stays escaped.
        end = (end + left - (cut + left) % 2).max(start);
    }
    start..end
}

/// Where a colour code begins that a text leaves open at its end, so that it would go on in a mark's bracket.
fn open_colour(text: &str) -> Option<usize> {
    const ESCAPES: [&str; 9] = [
        "\u{1b}", "\\e", "\\033", "\\x1b", "\\x1B", "\\u001b", "\\u001B", "\\u{1b}", "\\u{1B}",
    ];
    let begin = |text: &str| {
        let escape = ESCAPES.iter().find(|escape| text.ends_with(**escape))?;
        Some(text.len() - escape.len())
    };
    let parameters = text.bytes().rev().take(32);
    let parameters = parameters.take_while(|b| matches!(b, 0x20..=0x3f)).count();
    let bracket = text[..text.len() - parameters].strip_suffix('[');
    begin(text).or_else(|| bracket.and_then(begin))
}

/// How many of them a text ends with.
fn backslashes(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|&&b| b == b'\\').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, secret: &str, expected: &str) {
        let start = text.find(secret).unwrap();
        let range = off_escapes(text, &(start..start + secret.len()));
        let out = format!("{}#{}", &text[..range.start], &text[range.end..]);
        assert_eq!(out, expected);
    }

    #[test]
    fn an_escape_is_in_a_mark_or_outside_of_it() {
        check("a secret b", "secret", "a # b");
        check("a\u{1b}secret", "secret", "a#");
        check("a\u{1b}[1;secret", "secret", "a#");
        check("a\u{1b}[1msecret", "secret", "a\u{1b}[1m#");
        check(r"a\\e\x1bsecret", "secret", "a#");
        check(r"\u00e9secret", "u00e9secret", "#");
        check(r#""secret\\""#, r"secret\", r##""#""##);
        check(r#""secret\"x""#, r"secret\", r##""#\"x""##);
        check(r"C:\\secret", "secret", "C:#");
    }
}
