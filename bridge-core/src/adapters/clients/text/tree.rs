//! A text as a tree of values, each with its place in the text.

use std::ops::Range;

use crate::adapters::clients::text::{Fault, Why};

/// A value and where it stands, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) range: Range<usize>,
    pub(super) value: Value,
    /// Whether YAML may repeat it elsewhere.
    pub(super) anchored: bool,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Object(Vec<Member>),
    List(Vec<Node>),
    Text(String),
    /// A number, yes or no, or nothing: as it is spelt.
    Plain(String),
    /// What YAML says elsewhere.
    Alias,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) key_range: Range<usize>,
    pub(super) value: Node,
}

/// How far a path of keys leads.
#[derive(Debug)]
pub(super) struct Descent<'t> {
    /// The nodes on the way, the root first.
    pub(super) passed: Vec<&'t Node>,
    /// How many keys are missing.
    pub(super) missing: usize,
    /// The member that has the last of the nodes; none has the root.
    pub(super) holder: Option<&'t Member>,
    /// The next member, if it is there and has nothing in it.
    pub(super) null: Option<&'t Member>,
}

impl Node {
    /// The members, if it is an object.
    pub(super) fn members(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(members) => Some(members),
            Value::List(_) | Value::Text(_) | Value::Plain(_) | Value::Alias => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Object(_) | Value::List(_) | Value::Plain(_) | Value::Alias => None,
        }
    }

    /// The elements, if it is a list.
    pub(super) fn elements(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(elements) => Some(elements),
            Value::Object(_) | Value::Text(_) | Value::Plain(_) | Value::Alias => None,
        }
    }

    /// Whether it is nothing: `null`, `~`, or in YAML no value at all.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Plain(spelt) if matches!(spelt.as_str(), "null" | "Null" | "NULL" | "~" | ""))
    }

    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Object(_) => "an object",
            Value::List(_) => "a list",
            Value::Text(_) => "a text",
            Value::Plain(_) if self.is_null() => "null",
            Value::Plain(spelt) if spelt == "true" || spelt == "false" => "yes or no",
            Value::Plain(_) => "a number",
            Value::Alias => "a YAML alias",
        }
    }
}

/// The member with this key.
///
/// # Errors
/// If there are two: which one counts is anybody's guess.
pub(super) fn member<'t>(members: &'t [Member], key: &str) -> Result<Option<&'t Member>, Fault> {
    let mut found = members.iter().filter(|member| member.key == key);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(second) => Err(Fault {
            at: second.key_range.start,
            why: Why::Duplicate(key.to_owned()),
        }),
    }
}

/// Goes down a path of keys, from an object to an object, as far as there are any.
///
/// # Errors
/// If there is something else on the way, a key twice, or what YAML repeats elsewhere.
pub(super) fn descend<'t>(root: &'t Node, path: &[&str]) -> Result<Descent<'t>, Fault> {
    let mut descent = Descent {
        passed: vec![root],
        missing: path.len(),
        holder: None,
        null: None,
    };
    let mut members = members_of(root, &[])?;
    for (depth, key) in path.iter().enumerate() {
        let Some(found) = member(members, key)? else {
            return Ok(descent);
        };
        descent.missing -= 1;
        if found.value.is_null() && !found.value.anchored {
            descent.null = Some(found);
            return Ok(descent);
        }
        members = members_of(&found.value, &path[..=depth])?;
        descent.passed.push(&found.value);
        descent.holder = Some(found);
    }
    Ok(descent)
}

fn members_of<'t>(node: &'t Node, path: &[&str]) -> Result<&'t [Member], Fault> {
    let at = node.range.start;
    let key = path.join(".");
    match node.members() {
        Some(_) if node.anchored => Err(Fault {
            at,
            why: Why::Anchor(key),
        }),
        Some(members) => Ok(members),
        None => Err(Fault {
            at,
            why: Why::NotAnObject {
                key,
                is: node.kind(),
            },
        }),
    }
}

/// Whether two trees say the same, except for the member that the path `skip` leads to.
pub(super) fn same_but(before: &Node, after: &Node, skip: &[&str]) -> bool {
    match (&before.value, &after.value) {
        (Value::Object(old), Value::Object(new)) => same_members(old, new, skip),
        (Value::List(old), Value::List(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(a, b)| same_but(a, b, &[]))
        }
        (Value::Text(old), Value::Text(new)) | (Value::Plain(old), Value::Plain(new)) => old == new,
        (Value::Alias, Value::Alias) => true,
        // Nothing, where our path leads through, is as good as an empty object.
        (Value::Plain(_), Value::Object(new)) => {
            before.is_null() && !skip.is_empty() && same_members(&[], new, skip)
        }
        (Value::Object(old), Value::Plain(_)) => {
            after.is_null() && !skip.is_empty() && same_members(old, &[], skip)
        }
        _ => false,
    }
}

fn same_members(old: &[Member], new: &[Member], skip: &[&str]) -> bool {
    let Some((ours, deeper)) = skip.split_first() else {
        return old.len() == new.len()
            && (old.iter().zip(new))
                .all(|(a, b)| a.key == b.key && same_but(&a.value, &b.value, &[]));
    };
    let others = |members: &[Member]| -> Vec<Member> {
        let others = members.iter().filter(|member| member.key != *ours);
        others.cloned().collect()
    };
    let on_path = |members: &[Member]| -> Node {
        let found = members.iter().find(|member| member.key == *ours);
        found.map_or_else(empty, |member| member.value.clone())
    };
    same_members(&others(old), &others(new), &[])
        && (deeper.is_empty() || same_but(&on_path(old), &on_path(new), deeper))
}

fn empty() -> Node {
    Node {
        range: 0..0,
        value: Value::Object(Vec::new()),
        anchored: false,
    }
}
