//! A value that stands on a line after its name.

use crate::domain::scrub::assign;
use crate::domain::scrub::names::Class;
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::values::{self, Value};

/// A name whose value may be on one of the next lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    class: Class,
    /// Whether the line named a thing, so that the value has a name of its own: `value: …`.
    named: bool,
    lines_left: u8,
}

impl Pending {
    pub(super) fn new(class: Class, named: bool) -> Self {
        Self {
            class,
            named,
            lines_left: if named { 4 } else { 1 },
        }
    }
}

/// The value in the lines from `at` on, or what is still to wait for when the text ends first.
pub(super) fn value(
    text: &str,
    mut at: usize,
    mut pending: Pending,
) -> (Option<Finding>, Option<Pending>) {
    while pending.lines_left > 0 {
        if at >= text.len() {
            return (None, Some(pending));
        }
        // The second half of a line end, or an empty line.
        if text[at..].starts_with(['\n', '\r']) {
            at += 1;
            continue;
        }
        let line = &text[at..];
        let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
        let (named, start, content) = after_value_name(line);
        // A list's next item is another thing.
        let ends = pending.named
            && (line.trim_start().starts_with("- ") || line.trim_start().starts_with('}'));
        if ends {
            return (None, None);
        }
        if named || !pending.named {
            return (judge(content, at + start, pending.class), None);
        }
        pending.lines_left -= 1;
        at += line.len() + 1;
    }
    (None, None)
}

/// What follows `value:` and the like, where it starts, and whether there was such a name.
fn after_value_name(line: &str) -> (bool, usize, &str) {
    let content = line.trim_start_matches([' ', '\t', '+', '>']);
    let skipped = line.len() - content.len();
    for tag in ["<value>", "<string>"] {
        if let Some(rest) = content.strip_prefix(tag) {
            return (true, skipped + tag.len(), rest);
        }
    }
    let Some((name, rest)) = content.split_once([':', '=']) else {
        return (false, skipped, content);
    };
    let named = matches!(
        name.trim_matches(['"', '\'', ' ', '-']),
        "value" | "stringValue" | "string_value" | "default" | "data" | "Value"
    );
    if !named {
        return (false, skipped, content);
    }
    let value = rest.trim_start();
    (true, line.len() - value.len(), value)
}

fn judge(content: &str, at: usize, class: Class) -> Option<Finding> {
    let content = content.trim_end_matches([' ', '\t', ',', ';', '\\']);
    let content = content.split_once('<').map_or(content, |(value, _)| value);
    let quote = content
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\'' | '`'));
    let (value, at) = match quote {
        Some(quote) => {
            let inner = &content[1..];
            (
                inner.split_once(quote).map_or(inner, |(value, _)| value),
                at + 1,
            )
        }
        None => (content, at),
    };
    let alone = !value.contains([' ', '\t', '"', '[']) && !value.ends_with([':', '{', '(']);
    let seen = Value {
        text: value,
        quoted: quote.is_some(),
        verbatim: false,
    };
    (alone && values::is_secret(seen, class)).then(|| Finding {
        range: at..at + value.len(),
        kind: assign::kind(class),
    })
}
