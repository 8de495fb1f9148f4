//! A text as the rules see it: without ANSI codes and with JSON and shell escapes undone, at any depth.

use std::borrow::Cow;
use std::ops::Range;

/// What an escaped line break becomes. A `\n` in a view is always a real one, so lines stay lines.
pub(super) const SOFT_BREAK: char = '\r';

/// The unwrapped text and the way back to the bytes it came from.
pub(super) struct View<'a> {
    text: Cow<'a, str>,
    steps: Vec<Step>,
}

/// From `view` on, each byte is one byte of the source from `source` on; or, where `escape` is not 0, the one byte at
/// `view` stands for `escape` bytes.
struct Step {
    view: usize,
    source: usize,
    escape: usize,
}

/// Reads what is encoded at a place: where it ends, and the byte of ASCII it stands for.
type Decode = fn(&[u8], usize) -> Option<(usize, u8)>;

impl<'a> View<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        let bytes = source.as_bytes();
        let (escapes, colours) = bytes.chunks(256).fold((false, false), |(a, b), chunk| {
            let (mut back, mut esc) = (false, false);
            for &byte in chunk {
                back |= byte == b'\\';
                esc |= byte == 0x1b;
            }
            (a | back, b | esc)
        });
        if escapes || colours {
            Self::unwrapped(source, colours)
        } else {
            Self {
                text: Cow::Borrowed(source),
                steps: Vec::new(),
            }
        }
    }

    fn unwrapped(source: &'a str, colours: bool) -> Self {
        let bytes = source.as_bytes();
        let mut text = String::with_capacity(source.len());
        let mut steps = Vec::new();
        let (mut copied, mut at) = (0, 0);
        let flush = |text: &mut String, steps: &mut Vec<Step>, from: usize, to: usize| {
            if from < to {
                steps.push(Step {
                    view: text.len(),
                    source: from,
                    escape: 0,
                });
                text.push_str(&source[from..to]);
            }
        };
        while let Some(found) = next_special(source, at, colours) {
            let Some((end, stands_for)) = wrapping(bytes, found) else {
                at = found
                    + bytes[found..]
                        .iter()
                        .take_while(|&&b| b == b'\\')
                        .count()
                        .max(1);
                continue;
            };
            flush(&mut text, &mut steps, copied, found);
            if let Some(byte) = stands_for {
                steps.push(Step {
                    view: text.len(),
                    source: found,
                    escape: end - found,
                });
                text.push(char::from(byte));
            }
            (copied, at) = (end, end);
        }
        if copied == 0 {
            return Self {
                text: Cow::Borrowed(source),
                steps: Vec::new(),
            };
        }
        flush(&mut text, &mut steps, copied, bytes.len());
        Self {
            text: Cow::Owned(text),
            steps,
        }
    }

    /// A text with `%3D` and the like undone, at any depth.
    pub(super) fn percent_decoded(source: &'a str) -> Self {
        Self::decoded(source, b'%', percent)
    }

    /// A text with `&quot;` and the like undone.
    pub(super) fn entities_decoded(source: &'a str) -> Self {
        Self::decoded(source, b'&', entity)
    }

    /// What `decode` reads begins with `sign`.
    fn decoded(source: &'a str, sign: u8, decode: Decode) -> Self {
        let bytes = source.as_bytes();
        let mut text = String::with_capacity(source.len());
        let mut steps = Vec::new();
        let mut copied = 0;
        let mut at = 0;
        while let Some(found) = memchr::memchr(sign, &bytes[at..]).map(|offset| at + offset) {
            let Some((end, byte)) = decode(bytes, found) else {
                at = found + 1;
                continue;
            };
            if copied < found {
                steps.push(Step {
                    view: text.len(),
                    source: copied,
                    escape: 0,
                });
                text.push_str(&source[copied..found]);
            }
            steps.push(Step {
                view: text.len(),
                source: found,
                escape: end - found,
            });
            text.push(char::from(byte));
            (copied, at) = (end, end);
        }
        if copied == 0 {
            return Self {
                text: Cow::Borrowed(source),
                steps: Vec::new(),
            };
        }
        if copied < bytes.len() {
            steps.push(Step {
                view: text.len(),
                source: copied,
                escape: 0,
            });
            text.push_str(&source[copied..]);
        }
        Self {
            text: Cow::Owned(text),
            steps,
        }
    }

    /// Whether anything was taken off.
    pub(super) fn is_changed(&self) -> bool {
        matches!(self.text, Cow::Owned(_))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the source that a range of the view stands for. Wrappings at its edges stay outside.
    pub(super) fn source_range(&self, range: &Range<usize>) -> Range<usize> {
        if self.steps.is_empty() || range.is_empty() {
            return range.clone();
        }
        let first = self.step(range.start);
        let last = self.step(range.end - 1);
        let end = if last.escape > 0 {
            last.source + last.escape
        } else {
            last.source + (range.end - last.view)
        };
        first.source + (range.start - first.view)..end
    }

    fn step(&self, view: usize) -> &Step {
        let index = self.steps.partition_point(|step| step.view <= view);
        &self.steps[index.saturating_sub(1)]
    }
}

fn next_special(source: &str, from: usize, colours: bool) -> Option<usize> {
    let rest = &source[from..];
    let found = if colours {
        rest.bytes().position(|b| b == b'\\' || b == 0x1b)
    } else {
        rest.find('\\')
    };
    found.map(|offset| from + offset)
}

/// The end of the wrapping that starts at `at`, and the byte it stands for; `None` if it is none.
fn wrapping(bytes: &[u8], at: usize) -> Option<(usize, Option<u8>)> {
    if bytes[at] == 0x1b {
        return Some((ansi_end(bytes, at + 1), None));
    }
    let after = at + bytes[at..].iter().take_while(|&&b| b == b'\\').count();
    let byte = match *bytes.get(after)? {
        b'n' | b'r' => SOFT_BREAK as u8,
        b't' => b'\t',
        quote @ (b'"' | b'\'' | b'/' | b'`') => quote,
        b'e' if bytes.get(after + 1) == Some(&b'[') => {
            return Some((ansi_end(bytes, after + 1), None));
        }
        b'0' if bytes[after..].starts_with(b"033[") => {
            return Some((ansi_end(bytes, after + 3), None));
        }
        b'x' if bytes[after..].starts_with(b"x1b[") || bytes[after..].starts_with(b"x1B[") => {
            return Some((ansi_end(bytes, after + 3), None));
        }
        b'u' if bytes.get(after + 1) == Some(&b'{') => {
            // As Rust writes it.
            let close = bytes[after + 2..].iter().take(7).position(|&b| b == b'}')?;
            let code = number(&bytes[after + 2..after + 2 + close], 16)?;
            return unescaped(bytes, code, after + 3 + close);
        }
        b'u' => {
            let code = hex4(bytes.get(after + 1..after + 5)?)?;
            return unescaped(bytes, u8::try_from(code).ok()?, after + 5);
        }
        _ => return None,
    };
    Some((after + 1, Some(byte)))
}

/// What an escaped byte of ASCII is, whose escape ends at `end`.
fn unescaped(bytes: &[u8], code: u8, end: usize) -> Option<(usize, Option<u8>)> {
    match code {
        0x1b => Some((ansi_end(bytes, end), None)),
        b'\n' | b'\r' => Some((end, Some(SOFT_BREAK as u8))),
        other if other.is_ascii() => Some((end, Some(other))),
        _ => None,
    }
}

/// Where the ANSI sequence ends whose escape character lies just before `at`.
fn ansi_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'[') => {
            let parameters = bytes[at + 1..]
                .iter()
                .take(32)
                .take_while(|b| matches!(b, 0x20..=0x3f))
                .count();
            let last = at + 1 + parameters;
            last + usize::from(matches!(bytes.get(last), Some(0x40..=0x7e)))
        }
        Some(b']') => {
            let title = bytes[at..]
                .iter()
                .take(256)
                .take_while(|&&b| b != 7 && b != 0x1b && b != b'\n' && b < 0x80)
                .count();
            let stop = at + title;
            stop + usize::from(bytes.get(stop) == Some(&7))
        }
        Some(b'(' | b')') if bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => at + 2,
        _ => at,
    }
}

/// The end of the `%XX` at `at`, and the byte of ASCII it stands for.
fn percent(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let mut digits = at + 1;
    while bytes.get(digits..digits + 2) == Some(b"25")
        && bytes.get(digits + 2).is_some_and(u8::is_ascii_hexdigit)
        && digits < at + 9
    {
        digits += 2;
    }
    let high = char::from(*bytes.get(digits)?).to_digit(16)?;
    let low = char::from(*bytes.get(digits + 1)?).to_digit(16)?;
    let byte = u8::try_from(high * 16 + low).ok()?;
    match byte {
        b'\n' | b'\r' => Some((digits + 2, SOFT_BREAK as u8)),
        b' '..=b'~' => Some((digits + 2, byte)),
        _ => None,
    }
}

/// The end of the entity at `at`, and the byte of ASCII it stands for.
fn entity(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let length = bytes[at..].iter().take(8).position(|&b| b == b';')?;
    let byte = match &bytes[at + 1..at + length] {
        b"quot" => b'"',
        b"apos" => b'\'',
        b"amp" => b'&',
        b"lt" => b'<',
        b"gt" => b'>',
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    (b' '..=b'~')
        .contains(&byte)
        .then_some((at + length + 1, byte))
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| {
        Some(sum * 16 + char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        assert_eq!(View::of(source).text(), expected);
    }

    #[test]
    fn wrappings_are_taken_off() {
        check("plain", "plain");
        check("a\x1b[1;31mb\x1b[m\x1b[Kc", "abc");
        check(r#"{\"a\":\"b\\nc\"}"#, "{\"a\":\"b\rc\"}");
        check(r#"\\\\\"x\\\\n"#, "\"x\r");
        check(r"\u001b[32mx\u001b[0m\u003d", "x=");
        check(r"\u{1b}[32mx\u{1b}[0m\u{3d}\u{e9}", r"x=\u{e9}");
        check(r"\x1b[32mx \033[0my \e[1mz", "x y z");
        check(r"C:\dir \u00e9", r"C:\dir \u00e9");
        check("\\", "\\");
        check("\x1b", "");
    }

    #[test]
    fn percent_signs_are_undone() {
        let view = View::percent_decoded("k%3Da%2526b%zz");
        assert_eq!(view.text(), "k=a&b%zz");
        assert_eq!(view.source_range(&(2..5)), 4..11);
        assert!(!View::percent_decoded("100%").is_changed());
    }

    #[test]
    fn entities_are_undone() {
        let view = View::entities_decoded("a=&quot;b&#x26;c&quot; &auml; &#10;");
        assert_eq!(view.text(), "a=\"b&c\" &auml; &#10;");
        assert_eq!(view.source_range(&(3..6)), 8..16);
    }

    #[test]
    fn a_range_leads_back_to_the_bytes_it_stands_for() {
        let source = "k=\x1b[1msec\x1b[mret\x1b[0m;";
        let view = View::of(source);
        assert_eq!(view.text(), "k=secret;");
        assert_eq!(&source[view.source_range(&(2..8))], "sec\x1b[mret");
        let source = r#"{\"k\":\"a\/b\"}"#;
        let view = View::of(source);
        let start = view.text().find("a/b").unwrap();
        assert_eq!(&source[view.source_range(&(start..start + 3))], r"a\/b");
        assert_eq!(&source[view.source_range(&(start + 1..start + 2))], r"\/");
    }
}
