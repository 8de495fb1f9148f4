//! YAML: read into a tree with places, and changed by lines, or inside of braces where it is written so.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::adapters::clients::text::literal::Literal;
use crate::adapters::clients::text::splice::{Splice, indent_of, line_end, line_start};
use crate::adapters::clients::text::tree::{Member, Node, Value};
use crate::adapters::clients::text::{Fault, Why};

/// Deeper than any configuration, and no danger for the stack.
const DEEPEST: usize = 200;

/// Reads a text; `None` where there is nothing but blanks and comments.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Fault> {
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        // The parser counts the bytes of a directive, and the letters of all else.
        if line.starts_with('%') && !line.is_ascii() {
            return Err(syntax(start, "a directive that is not ASCII"));
        }
        start += line.len();
    }
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        offsets: text.char_indices().map(|(at, _)| at).collect(),
        text,
        depth: 0,
    };
    let mut root = None;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(root),
            (Event::DocumentStart(_), range) if root.is_some() => {
                return Err(syntax(range.start, "more than one document"));
            }
            (Event::DocumentStart(_), _) => {
                let (event, range) = reader.next()?;
                let node = reader.node(event, range)?;
                let is_empty = node.is_null() && node.range.is_empty();
                root = (!is_empty).then_some(node);
            }
            _ => {}
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    /// Where each letter begins.
    offsets: Vec<usize>,
    text: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Range<usize>), Fault> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.range(span))),
            Some(Err(error)) => {
                let at = self.offset(error.marker().index());
                Err(syntax(at, error.info()))
            }
            None => Err(syntax(self.text.len(), "it ends too early")),
        }
    }

    fn offset(&self, letter: usize) -> usize {
        self.offsets.get(letter).copied().unwrap_or(self.text.len())
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.offset(span.start.index());
        start..self.offset(span.end.index()).max(start)
    }

    /// The parser's place goes on to the next thing, over blanks and comments.
    fn end_of_scalar(&self, style: ScalarStyle, range: &Range<usize>) -> usize {
        let spelt = &self.text[range.clone()];
        let quote = match style {
            ScalarStyle::SingleQuoted => '\'',
            ScalarStyle::DoubleQuoted => '"',
            ScalarStyle::Plain => return range.start + spelt.trim_end().len(),
            ScalarStyle::Literal | ScalarStyle::Folded => return range.end,
        };
        let mut letters = spelt
            .char_indices()
            .skip_while(|(_, c)| *c != quote)
            .skip(1)
            .peekable();
        while let Some((at, c)) = letters.next() {
            let escapes = c == '\\' && quote == '"';
            let doubled = c == '\'' && letters.peek().is_some_and(|(_, next)| *next == '\'');
            if escapes || (doubled && quote == '\'') {
                letters.next();
            } else if c == quote {
                return range.start + at + 1;
            }
        }
        range.end
    }

    fn node(&mut self, event: Event<'t>, range: Range<usize>) -> Result<Node, Fault> {
        if self.depth > DEEPEST {
            return Err(syntax(range.start, "it is nested too deep"));
        }
        self.depth += 1;
        let node = self.value(event, range);
        self.depth -= 1;
        node
    }

    fn value(&mut self, event: Event<'t>, range: Range<usize>) -> Result<Node, Fault> {
        let start = range.start;
        let mut end = range.end;
        let (value, anchor) = match event {
            Event::Alias(_) => (Value::Alias, 0),
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag.to_string());
                end = self.end_of_scalar(style, &range);
                (scalar(&text, style, tag.as_deref()), anchor)
            }
            Event::SequenceStart(anchor, _) => {
                let mut elements = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, last) => {
                            end = end_of(
                                &range,
                                last,
                                elements.last().map(|node: &Node| &node.range),
                            );
                            break;
                        }
                        (event, range) => elements.push(self.node(event, range)?),
                    }
                }
                (Value::List(elements), anchor)
            }
            Event::MappingStart(anchor, _) => {
                let mut members: Vec<Member> = Vec::new();
                loop {
                    let (event, key_range) = self.next()?;
                    if event == Event::MappingEnd {
                        let last =
                            members
                                .last()
                                .map(|member| match member.value.range.is_empty() {
                                    true => &member.key_range,
                                    false => &member.value.range,
                                });
                        end = end_of(&range, key_range, last);
                        break;
                    }
                    let key = self.node(event, key_range)?;
                    let name = match key.value {
                        Value::Text(text) | Value::Plain(text) => text,
                        Value::Alias | Value::List(_) | Value::Object(_) => {
                            return Err(syntax(key.range.start, "a key that is no text"));
                        }
                    };
                    let (event, range) = self.next()?;
                    members.push(Member {
                        key: name,
                        key_range: key.range,
                        value: self.node(event, range)?,
                    });
                }
                (Value::Object(members), anchor)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(syntax(start, "it ends too early")),
        };
        Ok(Node {
            range: start..end.max(start),
            value,
            anchored: anchor > 0,
        })
    }
}

/// The end of a collection: of its bracket, or of the last that is in it.
fn end_of(opened: &Range<usize>, closed: Range<usize>, last: Option<&Range<usize>>) -> usize {
    match (closed.is_empty(), last) {
        (false, _) => closed.end,
        (true, Some(last)) => last.end,
        (true, None) => opened.end,
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&str>) -> Value {
    if let Some(tag) = tag {
        return Value::Plain(format!("{tag} {text}"));
    }
    let is_plain = style == ScalarStyle::Plain
        && (text.is_empty()
            || matches!(text, "~" | "null" | "Null" | "NULL")
            || matches!(text.to_lowercase().as_str(), "true" | "false")
            || text.parse::<f64>().is_ok());
    match is_plain {
        true => Value::Plain(text.to_owned()),
        false => Value::Text(text.to_owned()),
    }
}

fn syntax(at: usize, what: &str) -> Fault {
    Fault {
        at,
        why: Why::Syntax(what.to_owned()),
    }
}

/// A whole document with one member, behind what comments there are.
pub(super) fn document(text: &str, key: &str, value: &Literal) -> Vec<Splice> {
    let nl = line_end(text);
    let mut made = String::new();
    write_member(key, value, "", "  ", nl, &mut made);
    vec![Splice::insert(text.len(), lead(text, nl) + &made)]
}

/// The line end that the last line lacks.
fn lead(text: &str, nl: &str) -> String {
    match text.is_empty() || text.ends_with('\n') {
        true => String::new(),
        false => nl.to_owned(),
    }
}

/// Puts a member into the root object: behind everything, or inside of its braces.
pub(super) fn insert_at_root(text: &str, root: &Node, key: &str, value: &Literal) -> Vec<Splice> {
    if is_flow(text, root) {
        return vec![into_flow(text, root, key, value)];
    }
    let nl = line_end(text);
    let members = root.members().unwrap_or_default();
    let indent = members
        .first()
        .and_then(|first| indent_of(text, first.key_range.start))
        .unwrap_or_default();
    let mut made = String::new();
    write_member(key, value, indent, unit(text, root), nl, &mut made);
    vec![Splice::insert(text.len(), lead(text, nl) + &made)]
}

/// Puts a member into the object of another member, as the first one.
pub(super) fn insert(
    text: &str,
    root: &Node,
    holder: &Member,
    key: &str,
    value: &Literal,
) -> Vec<Splice> {
    let object = &holder.value;
    if is_flow(text, object) {
        let empty = object.members().is_none_or(<[Member]>::is_empty);
        let inside = &text[object.range.start + 1..object.range.end - 1];
        if !(empty && inside.trim().is_empty() && block(text, holder)) {
            return vec![into_flow(text, object, key, value)];
        }
    }
    let nl = line_end(text);
    let unit = unit(text, root);
    let outer = indent_of(text, holder.key_range.start).unwrap_or_default();
    let first = object.members().and_then(<[Member]>::first);
    let indent = match first.and_then(|first| indent_of(text, first.key_range.start)) {
        Some(indent) if !is_flow(text, object) => indent.to_owned(),
        _ => format!("{outer}{unit}"),
    };
    let mut made = String::new();
    write_member(key, value, &indent, unit, nl, &mut made);
    let mut splices = Vec::new();
    // `{}` and `null` go, with the blank before them.
    if first.is_none() && !object.range.is_empty() {
        let colon = colon(text, holder);
        splices.push(Splice::cut(colon..object.range.end));
    }
    let line = text[holder.key_range.end..].find('\n');
    match line {
        Some(end) => splices.push(Splice::insert(holder.key_range.end + end + 1, made)),
        None => splices.push(Splice::insert(text.len(), format!("{nl}{made}"))),
    }
    splices
}

/// Whether a member has a line of its own.
fn block(text: &str, member: &Member) -> bool {
    indent_of(text, member.key_range.start).is_some()
}

fn into_flow(text: &str, object: &Node, key: &str, value: &Literal) -> Splice {
    let opened = object.range.start + 1;
    let mut made = format!("{}: ", Literal::quoted(key));
    write_flow(value, &mut made);
    if object.members().is_some_and(|members| !members.is_empty()) {
        // A blank that stands there already comes to stand behind the comma.
        made = match text[opened..].starts_with(' ') {
            true => format!(" {made},"),
            false => format!("{made}, "),
        };
    }
    Splice::insert(opened, made)
}

fn is_flow(text: &str, node: &Node) -> bool {
    text[node.range.start..].starts_with('{') && !node.range.is_empty()
}

/// Just behind the colon of a member.
fn colon(text: &str, member: &Member) -> usize {
    let behind = &text[member.key_range.end..];
    member.key_range.end + behind.find(':').map_or(0, |colon| colon + 1)
}

/// Puts another value in a member's value's place.
pub(super) fn replace(text: &str, member: &Member, value: &Literal) -> Vec<Splice> {
    let mut with = String::new();
    write_flow(value, &mut with);
    let old = &member.value.range;
    if old.is_empty() {
        return vec![Splice::insert(colon(text, member), format!(" {with}"))];
    }
    vec![Splice {
        range: old.clone(),
        with,
    }]
}

/// Takes a member out of the object that `holder` has, or of the root. Comments around it stay.
pub(super) fn remove(
    text: &str,
    object: &Node,
    holder: Option<&Member>,
    index: usize,
) -> Vec<Splice> {
    let members = object.members().unwrap_or_default();
    let Some(gone) = members.get(index) else {
        return Vec::new();
    };
    if is_flow(text, object) {
        return remove_flow(text, members, index);
    }
    let start = line_start(text, gone.key_range.start);
    let said = match gone.value.range.is_empty() {
        true => gone.key_range.end,
        false => gone.value.range.end,
    };
    let end = match text[..said].ends_with('\n') {
        true => said,
        false => text[said..]
            .find('\n')
            .map_or(text.len(), |at| said + at + 1),
    };
    let mut splices = vec![Splice::cut(start..end)];
    if members.len() == 1
        && let Some(holder) = holder
    {
        splices.push(Splice::insert(colon(text, holder), " {}"));
    }
    splices
}

fn remove_flow(text: &str, members: &[Member], index: usize) -> Vec<Splice> {
    let gone = &members[index];
    let range = |member: &Member| {
        let end = member.value.range.end.max(member.key_range.end);
        member.key_range.start..end
    };
    let gone = range(gone);
    match (members.get(index + 1), index.checked_sub(1)) {
        (Some(next), _) if !text[gone.end..next.key_range.start].contains('#') => {
            vec![Splice::cut(gone.start..next.key_range.start)]
        }
        (None, Some(previous)) => {
            let from = range(&members[previous]).end;
            vec![Splice::cut(from..gone.end)]
        }
        _ => vec![Splice::cut(gone)],
    }
}

/// By how much the document indents.
fn unit<'t>(text: &'t str, root: &Node) -> &'t str {
    let members = root.members().unwrap_or_default();
    let nested = members.iter().find_map(|member| {
        let first = member.value.members()?.first()?;
        let outer = indent_of(text, member.key_range.start)?;
        let inner = indent_of(text, first.key_range.start)?;
        inner.strip_prefix(outer).filter(|unit| !unit.is_empty())
    });
    nested.unwrap_or("  ")
}

fn write_member(key: &str, value: &Literal, indent: &str, unit: &str, nl: &str, out: &mut String) {
    out.push_str(indent);
    out.push_str(key);
    out.push(':');
    let Literal::Object(members) = value else {
        out.push(' ');
        write_flow(value, out);
        out.push_str(nl);
        return;
    };
    out.push_str(nl);
    for (key, value) in members {
        write_member(key, value, &format!("{indent}{unit}"), unit, nl, out);
    }
}

/// A value in one line.
fn write_flow(value: &Literal, out: &mut String) {
    match value {
        Literal::Text(text) => out.push_str(&Literal::quoted(text)),
        Literal::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Literal::Number(number) => out.push_str(&number.to_string()),
        Literal::List(texts) => {
            let texts: Vec<_> = texts.iter().map(|text| Literal::quoted(text)).collect();
            out.push_str(&format!("[{}]", texts.join(", ")));
        }
        Literal::Object(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&format!("{}: ", Literal::quoted(key)));
                write_flow(value, out);
            }
            out.push('}');
        }
    }
}
