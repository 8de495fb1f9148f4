//! JSON, strict or with comments: read into a tree, and changed at single places.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use crate::adapters::clients::text::literal::Literal;
use crate::adapters::clients::text::splice::{Splice, indent_of, line_end, line_indent};
use crate::adapters::clients::text::tree::{Member, Node, Value};
use crate::adapters::clients::text::{Fault, Why};

/// Reads a text; `None` where there is nothing but blanks and comments.
pub(super) fn parse(text: &str, comments: bool) -> Result<Option<Node>, Fault> {
    let options = ParseOptions {
        allow_comments: comments,
        allow_trailing_commas: comments,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::Off,
        tokens: false,
    };
    let parsed = parse_to_ast(text, &collect, &options).map_err(|error| {
        let why = match error.kind() {
            ParseErrorKind::CommentsNotAllowed => Why::Comment,
            ParseErrorKind::TrailingCommasNotAllowed => Why::TrailingComma,
            kind => Why::Syntax(kind.to_string().to_lowercase()),
        };
        Fault {
            at: error.range().start,
            why,
        }
    })?;
    let Some(value) = parsed.value else {
        return Ok(None);
    };
    Ok(Some(node(&value, text)?))
}

fn node(value: &ast::Value<'_>, text: &str) -> Result<Node, Fault> {
    let range = value.range();
    let range = range.start..range.end;
    let value = match value {
        ast::Value::StringLit(string) => {
            unbroken(&range, text)?;
            Value::Text(string.value.clone().into_owned())
        }
        ast::Value::NumberLit(number) => {
            // `01` is no number in JSON.
            let digits = number.value.trim_start_matches('-');
            let second = digits.as_bytes().get(1);
            if digits.starts_with('0') && second.is_some_and(u8::is_ascii_digit) {
                let why = Why::Syntax("a number that begins with 0".to_owned());
                return Err(Fault {
                    at: range.start,
                    why,
                });
            }
            Value::Plain(number.value.to_owned())
        }
        ast::Value::BooleanLit(_) | ast::Value::NullKeyword(_) => {
            Value::Plain(text.get(range.clone()).unwrap_or_default().to_owned())
        }
        ast::Value::Array(list) => {
            let elements = list.elements.iter().map(|element| node(element, text));
            Value::List(elements.collect::<Result<_, _>>()?)
        }
        ast::Value::Object(object) => {
            let members = object.properties.iter().map(|property| {
                let key = property.name.range();
                let key_range = key.start..key.end;
                unbroken(&key_range, text)?;
                Ok(Member {
                    key: property.name.as_str().to_owned(),
                    key_range,
                    value: node(&property.value, text)?,
                })
            });
            Value::Object(members.collect::<Result<_, Fault>>()?)
        }
    };
    Ok(Node {
        range,
        value,
        anchored: false,
    })
}

/// A string of JSON has no control characters in it.
fn unbroken(range: &std::ops::Range<usize>, text: &str) -> Result<(), Fault> {
    let spelt = text.get(range.clone()).unwrap_or_default();
    match spelt.bytes().position(|byte| byte < 0x20) {
        None => Ok(()),
        Some(at) => Err(Fault {
            at: range.start + at,
            why: Why::Syntax("a control character in a string".to_owned()),
        }),
    }
}

/// How a document is written.
struct Style<'t> {
    line_end: &'static str,
    unit: &'t str,
    colon: &'static str,
    /// Whether it has lines at all.
    spread: bool,
}

impl<'t> Style<'t> {
    fn of(text: &'t str, root: &Node) -> Style<'t> {
        let members = root.members().unwrap_or_default();
        let own_lines = members.iter().filter_map(|member| {
            let indent = indent_of(text, member.key_range.start)?;
            text[root.range.start..member.key_range.start]
                .contains('\n')
                .then_some(indent)
        });
        let unit = own_lines
            .filter(|indent| !indent.is_empty())
            .min_by_key(|indent| indent.len());
        let tight = members
            .first()
            .is_some_and(|member| text[member.key_range.end..member.value.range.start] == *":");
        Style {
            line_end: line_end(text),
            unit: unit.unwrap_or("  "),
            colon: if tight { ":" } else { ": " },
            spread: members.is_empty() || text[root.range.clone()].contains('\n'),
        }
    }
}

/// A whole document with one member, for where there is none.
pub(super) fn document(text: &str, key: &str, value: &Literal) -> Vec<Splice> {
    let nl = line_end(text);
    let style = Style {
        line_end: nl,
        unit: "  ",
        colon: ": ",
        spread: true,
    };
    let root = Literal::Object(vec![(key.to_owned(), value.clone())]);
    let mut made = String::new();
    write(&root, "", &style, true, &mut made);
    made.push_str(nl);
    if text.trim().is_empty() {
        return vec![Splice {
            range: 0..text.len(),
            with: made,
        }];
    }
    let lead = if text.ends_with('\n') { "" } else { nl };
    vec![Splice::insert(text.len(), format!("{lead}{made}"))]
}

/// Puts a member into an object, as the last one.
pub(super) fn insert(
    text: &str,
    root: &Node,
    object: &Node,
    key: &str,
    value: &Literal,
) -> Vec<Splice> {
    let style = Style::of(text, root);
    let outer = line_indent(text, object.range.start);
    let inner = format!("{outer}{}", style.unit);
    match object.members().and_then(<[Member]>::last) {
        Some(last) => after(text, object, last, &style, &inner, (key, value)),
        None => into_empty(text, object, &style, (outer, &inner), (key, value)),
    }
}

fn after(
    text: &str,
    object: &Node,
    last: &Member,
    style: &Style<'_>,
    inner: &str,
    (key, value): (&str, &Literal),
) -> Vec<Splice> {
    let end = last.value.range.end;
    let next = skip_trivia(text, end);
    let comma = text[next..].starts_with(',');
    let anchor = if comma { next + 1 } else { end };
    let (tail, ends_line) = comments_behind(text, anchor);
    let lines = text[object.range.start..last.key_range.start].contains('\n') || ends_line;
    let (lead, indent) = if lines {
        let indent = indent_of(text, last.key_range.start).unwrap_or(inner);
        (format!("{}{indent}", style.line_end), indent)
    } else {
        let gap = if style.colon == ":" { "" } else { " " };
        (gap.to_owned(), inner)
    };
    let mut member = lead;
    write_member(key, value, indent, style, lines, &mut member);
    if comma {
        member.push(',');
        return vec![Splice::insert(tail, member)];
    }
    if tail == end {
        return vec![Splice::insert(end, format!(",{member}"))];
    }
    vec![Splice::insert(end, ","), Splice::insert(tail, member)]
}

fn into_empty(
    text: &str,
    object: &Node,
    style: &Style<'_>,
    (outer, inner): (&str, &str),
    (key, value): (&str, &Literal),
) -> Vec<Splice> {
    let (start, end) = (object.range.start + 1, object.range.end - 1);
    let inside = &text[start..end];
    let said = inside.trim_end().len();
    let has_lines = inside.contains('\n');
    let lines = has_lines || (style.spread && said == 0);
    let mut member = String::new();
    write_member(key, value, inner, style, lines, &mut member);
    let nl = style.line_end;
    if !lines {
        // A comment in one line stays before it.
        let gap = if said == 0 { "" } else { " " };
        return vec![Splice {
            range: start + said..end,
            with: format!("{gap}{member}{gap}"),
        }];
    }
    if inside[said..].contains('\n') {
        return vec![Splice::insert(start + said, format!("{nl}{inner}{member}"))];
    }
    vec![Splice {
        range: start + said..end,
        with: format!("{nl}{inner}{member}{nl}{outer}"),
    }]
}

/// Puts another value in a value's place.
pub(super) fn replace(
    text: &str,
    root: &Node,
    old: &Node,
    value: &Literal,
    lines: bool,
) -> Vec<Splice> {
    let style = Style::of(text, root);
    let mut with = String::new();
    let indent = line_indent(text, old.range.start).to_owned();
    write(value, &indent, &style, lines && style.spread, &mut with);
    vec![Splice {
        range: old.range.clone(),
        with,
    }]
}

/// Takes a member out, and one comma. Comments around it stay.
pub(super) fn remove(text: &str, object: &Node, index: usize) -> Vec<Splice> {
    let members = object.members().unwrap_or_default();
    let Some(gone) = members.get(index) else {
        return Vec::new();
    };
    let previous = index.checked_sub(1).and_then(|before| members.get(before));
    let opened = object.range.start + 1;
    let (start, end) = (gone.key_range.start, gone.value.range.end);
    let before = previous.map_or(opened, |previous| previous.value.range.end);
    let next = skip_trivia(text, end);
    let comma = text[next..].starts_with(',').then_some(next);
    // The blanks before it go with it, unless they end a comment's line that would swallow what follows.
    let blanks = before
        + text[before..start]
            .trim_end_matches([' ', '\t', '\r', '\n'])
            .len();
    let line = text[end..].lines().next().unwrap_or_default();
    let follows = !line.trim_start_matches([' ', '\t', ',']).is_empty();
    let from = match ends_in_line_comment(text, before, blanks) && follows {
        true => start,
        false => blanks,
    };
    let first_in_line = from == opened && !text[from..start].contains('\n');
    match (comma, previous) {
        // The first of several in one line: the blank behind the comma is the one before the next.
        (Some(comma), _) if first_in_line && text[end..comma].trim().is_empty() => {
            vec![Splice::cut(start..comma + 1 + blank(&text[comma + 1..]))]
        }
        (Some(comma), _) => vec![Splice::cut(from..end), Splice::cut(comma..comma + 1)],
        (None, Some(_)) => {
            let comma = skip_trivia(text, before);
            vec![
                Splice::cut(comma..comma + 1),
                Splice::cut(from.max(comma + 1)..end),
            ]
        }
        (None, None) if from == opened && text[end..object.range.end - 1].trim().is_empty() => {
            vec![Splice::cut(opened..object.range.end - 1)]
        }
        (None, None) => vec![Splice::cut(from..end)],
    }
}

/// Whether what stands between two places, blanks, comments and at most a comma, ends with a comment that goes to the
/// end of its line.
fn ends_in_line_comment(text: &str, from: usize, to: usize) -> bool {
    let mut at = from;
    let mut line_comment = false;
    while at < to {
        let rest = &text[at..];
        match comment(rest) {
            Some((length, ends_line)) => {
                line_comment = ends_line;
                at += length;
            }
            None => {
                line_comment = false;
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
    }
    line_comment
}

fn blank(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// The next place that is neither blank nor comment.
fn skip_trivia(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        at += rest.len() - trimmed.len();
        match comment(trimmed) {
            Some((length, _)) => at += length,
            None => return at,
        }
    }
}

/// The end of the comments that stand in the same line behind a place, and whether the line has to end there.
fn comments_behind(text: &str, from: usize) -> (usize, bool) {
    let mut end = from;
    loop {
        let at = end + blank(&text[end..]);
        match comment(&text[at..]) {
            Some((length, true)) => return (at + length, true),
            Some((length, false)) if !text[at..at + length].contains('\n') => end = at + length,
            Some(_) | None => return (end, false),
        }
    }
}

/// The length of the comment that the text begins with, and whether it goes to the end of its line.
fn comment(text: &str) -> Option<(usize, bool)> {
    if text.starts_with("//") {
        let line = text.split(['\n', '\r']).next().unwrap_or_default();
        return Some((line.len(), true));
    }
    if text.starts_with("/*") {
        let end = text.get(2..)?.find("*/")?;
        return Some((end + 4, false));
    }
    None
}

fn write_member(
    key: &str,
    value: &Literal,
    indent: &str,
    style: &Style<'_>,
    lines: bool,
    out: &mut String,
) {
    out.push_str(&Literal::quoted(key));
    out.push_str(style.colon);
    write(value, indent, style, lines, out);
}

fn write(value: &Literal, indent: &str, style: &Style<'_>, lines: bool, out: &mut String) {
    let gap = if style.colon == ":" { "," } else { ", " };
    match value {
        Literal::Text(text) => out.push_str(&Literal::quoted(text)),
        Literal::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Literal::Number(number) => out.push_str(&number.to_string()),
        Literal::List(texts) => {
            let texts: Vec<_> = texts.iter().map(|text| Literal::quoted(text)).collect();
            out.push_str(&format!("[{}]", texts.join(gap)));
        }
        Literal::Object(members) if !lines => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push_str(gap);
                }
                write_member(key, value, indent, style, false, out);
            }
            out.push('}');
        }
        Literal::Object(members) => {
            let deeper = format!("{indent}{}", style.unit);
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                out.push_str(style.line_end);
                out.push_str(&deeper);
                write_member(key, value, &deeper, style, true, out);
            }
            out.push_str(style.line_end);
            out.push_str(indent);
            out.push('}');
        }
    }
}
