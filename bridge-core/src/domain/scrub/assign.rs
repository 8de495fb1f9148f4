//! A telling name and its value, in every spelling of shells, config files, markup and code.

use std::ops::Range;

use crate::domain::scrub::bytes::{Bytes, authority_mark};
use crate::domain::scrub::chance;
use crate::domain::scrub::joins::{after_value_word, blank_joins, blanks, named_line_end};
use crate::domain::scrub::names::{self, Class};
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::pending::{self, Pending};
use crate::domain::scrub::prose;
use crate::domain::scrub::values::{self, Value};

/// What names are made of.
static NAME: Bytes = Bytes::alphanumeric_and(b"_-.");

/// Longer names are no names.
const LONGEST_NAME: usize = 80;

/// A bare value that goes on for longer is followed over its letters and digits.
const LONGEST_BARE: usize = 4096;

/// So much of a value tells what it is.
const JUDGED: usize = 96;

/// What was found at a name.
pub(super) struct Found {
    /// Where the name ends; other keywords within it need not be looked at.
    pub(super) name_end: usize,
    /// Where the value ends that was judged; names within it are part of it.
    pub(super) judged_end: usize,
    pub(super) finding: Option<Finding>,
    pub(super) pending: Option<Pending>,
}

/// How name and value are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    Equals,
    Colon,
    /// `<name>value`
    Tag,
    /// `--name value`, `machine … password value`
    Blank,
    /// `("name", "value")`, `name("value")`, `| name | value |`: only what is quoted or random.
    Loose,
}

/// Looks at the name around a keyword.
pub(super) fn at(text: &str, keyword: Range<usize>) -> Found {
    let bytes = text.as_bytes();
    let start = keyword.start - NAME.behind(&bytes[..keyword.start], LONGEST_NAME);
    let mut end = keyword.end.min(bytes.len());
    while end > keyword.start && !NAME.has(bytes[end - 1]) {
        end -= 1;
    }
    end += NAME.ahead(&bytes[end..], LONGEST_NAME);
    while end > start && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let mut found = Found {
        name_end: end.max(keyword.end),
        judged_end: 0,
        finding: None,
        pending: None,
    };
    if let Some((class, site)) = site(text, start, end) {
        match value_range(text, &site) {
            Spot::Value(mut range, quoted) => {
                let judged = text
                    .floor_char_boundary(range.start + JUDGED)
                    .min(range.end);
                let whole = range.end;
                range.end = judged;
                let verbatim = site.verbatim;
                let value = Value {
                    text: &text[range.clone()],
                    quoted,
                    verbatim,
                };
                // Lists of words have the names of secrets in them, too.
                let is_word = value.text.bytes().all(|b| b.is_ascii_alphabetic());
                let told = site.join != Join::Loose
                    || !is_word
                        && (quoted || class != Class::Weak && is_shouted(&text[start..end]));
                if (told || chance::is_random(value.text, 0.2)) && values::is_secret(value, class) {
                    range.end = match whole == range.start + JUDGED {
                        true => long_end(text, range.start, &site).max(whole),
                        false => whole,
                    };
                    found.judged_end = range.end;
                    found.finding = Some(Finding {
                        range,
                        kind: kind(class),
                    });
                } else if !quoted {
                    // An address has names of its own.
                    let address = authority_mark(value.text);
                    found.judged_end = address.map_or(judged, |at| range.start + at);
                }
            }
            Spot::NextLine(next) => {
                let pending = Pending::new(class, site.join == Join::Loose);
                (found.finding, found.pending) =
                    pending::value(text, next.min(text.len()), pending);
            }
            Spot::Nothing => {}
        }
    } else if let Some(range) = prose::sentence(text, start, end) {
        found.judged_end = range.end;
        found.finding = Some(Finding {
            range,
            kind: "secret",
        });
    }
    found
}

/// Where a value really ends that was looked at only in part.
fn long_end(text: &str, start: usize, site: &Site) -> usize {
    let bytes = text.as_bytes();
    let end = bare_end(bytes, start, site, LONGEST_BARE);
    if end < start + LONGEST_BARE {
        return end;
    }
    static REST: Bytes = Bytes::alphanumeric_and(b"+/=_-");
    end + REST.ahead(&bytes[end..], usize::MAX)
}

/// The mark for a value after a name of this class.
pub(super) fn kind(class: Class) -> &'static str {
    match class {
        Class::Password => "password",
        Class::Secret | Class::Weak => "secret",
    }
}

/// A name with something joined to it.
struct Site {
    value_at: usize,
    join: Join,
    verbatim: bool,
    /// Whether the value ends at `&`.
    query: bool,
    /// Whether the name is quoted and joined by a colon, so that a bare value would be a number of JSON.
    json: bool,
}

fn site(text: &str, start: usize, end: usize) -> Option<(Class, Site)> {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).map(|index| bytes[index]);
    let mut at = end;
    let mut quoted = false;
    while let Some(b'"' | b'\'' | b'`' | b']' | b'*') = bytes.get(at).filter(|_| at < end + 4) {
        quoted |= bytes[at] != b'*';
        at += 1;
    }
    let tight = at;
    at = blanks(bytes, at);
    let flag = bytes[start..end].starts_with(b"-");
    let shouts = is_shouted(&text[start..end]);
    // The name of a thing whose value comes in a line to follow.
    if let Some(line_end) = named_line_end(bytes, start, at) {
        let class = names::class(&text[start..end])?;
        // The field of a form has its value alone on a line.
        let is_form = bytes[..start].ends_with(b"form-data; name=\"");
        return Some((
            class,
            Site {
                value_at: line_end,
                join: if is_form { Join::Equals } else { Join::Loose },
                verbatim: false,
                query: false,
                json: false,
            },
        ));
    }
    let (join, mut value_at) = match bytes.get(at)? {
        b'=' if bytes.get(at + 1) == Some(&b'>') => (Join::Equals, at + 2),
        b'=' if bytes.get(at + 1) == Some(&b'=') => (
            Join::Loose,
            at + 2 + usize::from(bytes.get(at + 2) == Some(&b'=')),
        ),
        b'=' => (Join::Equals, at + 1),
        b':' if bytes.get(at + 1) == Some(&b':') => return None,
        b':' if bytes.get(at + 1) == Some(&b'=') => (Join::Equals, at + 2),
        b':' => (Join::Colon, at + 1),
        b'?' | b'+' | b'|' if bytes.get(at + 1) == Some(&b'=') => (Join::Equals, at + 2),
        // The key of a property list names something; it is no key itself.
        b'>' if text[start..end].eq_ignore_ascii_case("key") && before == Some(b'<') => {
            return None;
        }
        b'>' if before == Some(b'<') || quoted || before == Some(b':') => (Join::Tag, at + 1),
        b'|' => (Join::Loose, at + 1),
        b',' if quoted || shouts && bytes.get(at + 1) != Some(&b' ') => (Join::Loose, at + 1),
        b'-' if at > tight && bytes.get(at + 1) == Some(&b'>') => (Join::Loose, at + 2),
        b'(' if tight == at => (Join::Loose, at + 1),
        _ if at > tight && !quoted && (flag || blank_joins(text, start, end)) => (Join::Blank, at),
        // `<password encoding="plain">…</password>`
        _ if at > tight && before == Some(b'<') && tag_end(bytes, at).is_some() => {
            (Join::Tag, tag_end(bytes, at)?)
        }
        // `<add key="ApiKey" value="…"/>`
        b'v' | b'c' if quoted && at > tight => (Join::Loose, at),
        _ => return None,
    };
    let name = &text[start..end];
    if join == Join::Loose && (matches!(name, "pass" | "key") || name.ends_with(".pass")) {
        return None;
    }
    if name.starts_with(':') || before == Some(b':') && in_resource_name(&bytes[..start]) {
        return None;
    }
    let class = match names::class(name) {
        // In `API key: …` the words before tell more.
        Some(Class::Weak) | None => names::class(prose::phrase(text, start, end))?,
        Some(class) => class,
    };
    if join == Join::Loose {
        value_at = after_value_word(bytes, value_at);
    }
    let spaced = at > tight
        || bytes
            .get(value_at)
            .is_some_and(|b| matches!(b, b' ' | b'\t'));
    let verbatim = join == Join::Tag
        || matches!(join, Join::Equals) && !spaced && !text[start..end].contains('.')
        || join == Join::Blank && flag;
    let query = matches!(before, Some(b'?' | b'&')) && join == Join::Equals;
    Some((
        class,
        Site {
            value_at,
            join,
            verbatim,
            query,
            json: quoted && join == Join::Colon,
        },
    ))
}

/// Where the value is.
enum Spot {
    Value(Range<usize>, bool),
    NextLine(usize),
    Nothing,
}

fn value_range(text: &str, site: &Site) -> Spot {
    let bytes = text.as_bytes();
    let mut at = blanks(bytes, site.value_at);
    // YAML block scalars and continued lines put the value on the next line.
    let folded = at
        + bytes[at..]
            .iter()
            .take(3)
            .take_while(|b| matches!(b, b'|' | b'>' | b'-' | b'\\'))
            .count();
    match bytes.get(folded) {
        None => return Spot::NextLine(text.len()),
        Some(b'\n' | b'\r') if site.join != Join::Blank => {
            return Spot::NextLine(folded + 1);
        }
        _ => {}
    }
    if site.join == Join::Colon || site.join == Join::Loose {
        at = after_type(bytes, at);
    }
    if site.join == Join::Equals || site.join == Join::Colon {
        at += usize::from(bytes.get(at) == Some(&b'['));
    }
    // `**API key:** …`
    if site.join == Join::Colon && bytes[at..].starts_with(b"** ") {
        at = blanks(bytes, at + 2);
    }
    // Prefixes of string literals.
    if let [
        b'f' | b'b' | b'r' | b'u' | b'@' | b'$' | b'N',
        b'"' | b'\'',
        ..,
    ] = bytes[at..]
    {
        at += 1;
    }
    at = after_wrapper(bytes, at);
    let mut quote = match bytes.get(at) {
        Some(&quote @ (b'"' | b'\'' | b'`')) => Some(quote),
        _ => None,
    };
    if let Some(mark) = quote {
        at += bytes[at..]
            .iter()
            .take(3)
            .take_while(|&&b| b == mark)
            .count();
        if bytes.get(at - 2..at) == Some(&[mark, mark])
            && bytes.get(at.wrapping_sub(3)) != Some(&mark)
        {
            return Spot::Nothing;
        }
        // A quoted string within a quoted string.
        if mark != b'\'' && bytes.get(at) == Some(&b'\'') {
            at += 1;
            quote = Some(b'\'');
        }
    }
    at = after_scheme(bytes, at);
    if let Some(mark) = quote {
        let close = bytes[at..]
            .iter()
            .take(16 * 1024)
            .position(|&b| b == mark || matches!(b, b'\n' | b'\r'));
        if let Some(length) = close.filter(|&length| bytes[at + length] == mark) {
            return Spot::Value(at..at + length, true);
        }
    }
    if quote.is_none() && site.json {
        return Spot::Nothing;
    }
    let end = bare_end(bytes, at, site, JUDGED);
    if end > at {
        Spot::Value(at..end, quote.is_some())
    } else {
        Spot::Nothing
    }
}

/// Steps over a type between name and value: `name: &str = "…"`.
fn after_type(bytes: &[u8], from: usize) -> usize {
    static TYPE: Bytes = Bytes::alphanumeric_and(b"_&'<>.?[]");
    let word = TYPE.ahead(&bytes[from..], 40);
    let at = blanks(bytes, from + word);
    let joined = word > 0
        && bytes.get(at) == Some(&b'=')
        && bytes
            .get(at + 1)
            .is_some_and(|&b| b == b' ' || b == b'"' || b == b'\'');
    if joined { blanks(bytes, at + 1) } else { from }
}

/// Steps over what a program puts around a string: `Some("…")`.
fn after_wrapper(bytes: &[u8], from: usize) -> usize {
    const WRAPPERS: &[&[u8]] = &[
        b"Some(",
        b"Ok(",
        b"Just(",
        b"String(",
        b"String::from(",
        b"SecretString(",
        b"SecretString::from(",
        b"SecretStr(",
        b"Secret(",
        b"Secret::new(",
        b"password(",
        b"PASSWORD(",
    ];
    let first = bytes.get(from);
    let wrapper = WRAPPERS
        .iter()
        .find(|wrapper| wrapper.first() == first && bytes[from..].starts_with(wrapper));
    let inner = from + wrapper.map_or(0, |wrapper| wrapper.len());
    match bytes.get(inner) {
        Some(b'"' | b'\'') => inner,
        _ => from,
    }
}

/// Where the content of a tag begins whose attributes begin at `at`.
fn tag_end(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes[at..]
        .iter()
        .take(80)
        .position(|b| matches!(b, b'>' | b'<' | b'\n' | b'\r'))?;
    let closes = bytes[at + length] == b'>' && length > 0 && bytes[at + length - 1] != b'/';
    closes.then_some(at + length + 1)
}

/// A name as variables of the environment have it.
fn is_shouted(name: &str) -> bool {
    name.contains('_') && !name.bytes().any(|b| b.is_ascii_lowercase())
}

/// Whether a text ends within `arn:aws:secretsmanager:eu-west-1:…:secret:`.
fn in_resource_name(before: &[u8]) -> bool {
    let word = before
        .iter()
        .rev()
        .take(100)
        .take_while(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\''))
        .count();
    before[before.len() - word..].starts_with(b"arn:")
}

fn after_scheme(bytes: &[u8], from: usize) -> usize {
    for scheme in [&b"bearer "[..], b"basic ", b"token ", b"apikey "] {
        if bytes.len() >= from + scheme.len()
            && bytes[from..from + scheme.len()].eq_ignore_ascii_case(scheme)
        {
            return blanks(bytes, from + scheme.len());
        }
    }
    from
}

/// Where a value without quotes ends, or where it is cut off.
fn bare_end(bytes: &[u8], from: usize, site: &Site, longest: usize) -> usize {
    /// What never ends a value.
    static INNER: Bytes = Bytes::alphanumeric_and(b"_-./:+=~!@$%^*?()[]{}\\");
    let mut end = from;
    loop {
        end += INNER.ahead(&bytes[end..], from + longest - end);
        let Some(&byte) = bytes.get(end) else { break };
        if end == from + longest {
            return end;
        }
        let next = bytes.get(end + 1).copied();
        let stops = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'`' | b'<' | b'\'' => true,
            b'>' => site.join == Join::Tag,
            b'&' => site.query || pair_follows(bytes, end + 1),
            b'#' => site.query,
            b';' | b',' => {
                next.is_none_or(|b| matches!(b, b' ' | b'\n' | b'\r' | b'"' | b'\'' | b'}'))
                    || pair_follows(bytes, end + 1)
            }
            b'|' => site.join == Join::Loose,
            _ => false,
        };
        if stops {
            break;
        }
        end += 1;
    }
    if bytes[end - usize::from(end > from)..].starts_with(b"::")
        || bytes[from..end].ends_with(b"::")
    {
        return from;
    }
    while end > from
        && matches!(
            bytes[end - 1],
            b')' | b']' | b'}' | b',' | b';' | b'.' | b'\\' | b':'
        )
    {
        let closes = match bytes[end - 1] {
            b')' => b'(',
            b']' => b'[',
            b'}' => b'{',
            _ => 0,
        };
        if closes != 0 && bytes[from..end].contains(&closes) {
            break;
        }
        end -= 1;
    }
    end
}

/// Whether `name=` or `name:` follows, so that what stands before is a separator.
fn pair_follows(bytes: &[u8], from: usize) -> bool {
    static NAMES: Bytes = Bytes::alphanumeric_and(b"_-. ");
    let word = NAMES.ahead(&bytes[from.min(bytes.len())..], 40);
    word > 0 && matches!(bytes.get(from + word), Some(b'=' | b':'))
}
