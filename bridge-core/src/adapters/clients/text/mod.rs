//! The text of a client's configuration file, changed at our own entry and nowhere else.
//!
//! The text is read into a tree of values with their places; what is to change becomes a few splices of the original
//! text, so that every other byte stays by construction; and the result is read again and compared with the tree
//! before, but for our entry. What would be anybody's guess is refused.

mod fault;
mod json;
mod literal;
mod splice;
mod tree;
mod yaml;

#[cfg(test)]
mod tests;

pub use fault::{Fault, Why};

use crate::adapters::clients::table::{Field, Format, Home, Off};
use crate::adapters::clients::text::literal::Literal;
use crate::adapters::clients::text::splice::{Splice, apply};
use crate::adapters::clients::text::tree::{Member, Node, Value, descend, member, same_but};

/// What is to stand in the file.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The name of the entry.
    pub name: &'a str,
    /// The program, with its absolute path.
    pub program: &'a str,
}

/// A text with what is written in it.
#[derive(Debug)]
pub struct Document<'t> {
    text: &'t str,
    root: Option<Node>,
    format: Format,
    /// Where the servers stand in this file.
    home: &'static Home,
}

/// An entry of the servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The program it starts.
    pub program: Option<String>,
    /// What the program gets.
    pub arguments: Vec<String>,
    /// What the program finds in its environment, as far as it is text.
    pub environment: Vec<(String, String)>,
    /// Whether the client leaves it alone.
    pub is_off: bool,
    /// Its line.
    pub line: usize,
}

impl<'t> Document<'t> {
    /// Reads a text. Of several places where the servers may stand, the first counts that is there, else the last.
    pub fn read(text: &'t str, format: Format, homes: &'static [Home]) -> Result<Self, Fault> {
        let root = parse(text, format)?;
        let is_there = |home: &&Home| {
            root.as_ref().is_some_and(|root| {
                descend(root, home.path).is_ok_and(|found| {
                    let servers = found.passed.last().and_then(|node| node.members());
                    // With a command of its own it is no place for servers, but a server of that name.
                    let is_server =
                        servers.is_some_and(|all| all.iter().any(|one| one.key == "command"));
                    found.missing == 0 && found.null.is_none() && !is_server
                })
            })
        };
        let known = homes.iter().find(is_there).or(homes.last());
        let home = known.ok_or(Fault {
            at: 0,
            why: Why::Unsafe,
        })?;
        Ok(Document {
            text,
            root,
            format,
            home,
        })
    }

    /// Whether there is a place for servers at all.
    pub fn has_home(&self) -> bool {
        matches!(self.servers(), Ok(Some(_)))
    }

    /// All entries that are objects.
    pub fn entries(&self) -> Result<Vec<Entry>, Fault> {
        let servers = self.servers()?.and_then(Node::members).unwrap_or_default();
        Ok(servers
            .iter()
            .filter(|member| member.value.members().is_some())
            .map(|member| self.entry_of(member))
            .collect())
    }

    /// The entry with a name.
    ///
    /// # Errors
    /// If it is no object, is there twice, or the file has something else in the servers' place.
    pub fn entry(&self, name: &str) -> Result<Option<Entry>, Fault> {
        Ok(self.member(name)?.map(|member| self.entry_of(member)))
    }

    /// The text with our entry as it should be; `None` where it is so already. Of an entry that is there, nothing but
    /// the program changes. `is_ours` tells from the program.
    ///
    /// # Errors
    /// If it can't be done, or the entry with that name is somebody else's.
    pub fn put(
        &self,
        wanted: Wanted<'_>,
        is_ours: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, Fault> {
        let path = self.path_of(wanted.name);
        let splices = match self.member(wanted.name)? {
            None => self.add(wanted)?,
            Some(there) => {
                let entry = self.entry_of(there);
                let ours = entry.program.as_deref().is_some_and(&is_ours);
                if !ours || self.is_remote(there) {
                    return Err(foreign(there, entry));
                }
                match entry.program.as_deref() == Some(wanted.program) {
                    true => return Ok(None),
                    false => self.renew(there, wanted)?,
                }
            }
        };
        let text = self.checked(splices, &path)?;
        let after = Document::read(&text, self.format, self.home_alone())?;
        let entry = after.entry(wanted.name)?;
        let right = entry.is_some_and(|entry| entry.program.as_deref() == Some(wanted.program));
        if right {
            Ok(Some(text))
        } else {
            Err(unsafe_at(0))
        }
    }

    /// The text without an entry; `None` where there is none. With `bare`, what would be left empty goes, too.
    pub fn take(&self, name: &str, bare: bool) -> Result<Option<String>, Fault> {
        if self.member(name)?.is_none() {
            return Ok(None);
        }
        let Some(root) = &self.root else {
            return Ok(None);
        };
        let path = self.path_of(name);
        // How many of the keys from the end on go: one, or all whose object would be empty.
        let mut depth = path.len() - 1;
        let found = descend(root, self.home.path)?;
        while bare
            && depth > 0
            && found.passed[depth]
                .members()
                .is_some_and(|all| all.len() == 1)
        {
            depth -= 1;
        }
        let object = found.passed[depth];
        let members = object.members().unwrap_or_default();
        let Some(index) = members.iter().position(|member| member.key == path[depth]) else {
            return Ok(None);
        };
        let splices = match self.format {
            Format::Json | Format::Jsonc => json::remove(self.text, object, index),
            Format::Yaml => {
                let holder = match depth.checked_sub(1) {
                    None => None,
                    Some(above) => {
                        let above_members = found.passed[above].members().unwrap_or_default();
                        member(above_members, path[above])?
                    }
                };
                yaml::remove(self.text, object, holder, index)
            }
        };
        let text = self.checked(splices, &path)?;
        let after = Document::read(&text, self.format, self.home_alone())?;
        if after.entry(name)?.is_some() {
            return Err(unsafe_at(0));
        }
        Ok(Some(text))
    }

    /// The text with an entry switched off, in the client's own way; where it has none, without the entry.
    pub fn switch_off(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(off) = &self.home.off else {
            return self.take(name, false);
        };
        let Some(there) = self.member(name)? else {
            return Ok(None);
        };
        if is_off(there, off) {
            return Ok(None);
        }
        let value = Literal::Bool(off.value);
        let members = there.value.members().unwrap_or_default();
        let splices = match member(members, off.key)? {
            Some(field) => self.replace(field, &value),
            None => self.add_field(there, off.key, &value),
        };
        let text = self.checked(splices, &self.path_of(name))?;
        Ok(Some(text))
    }

    fn servers(&self) -> Result<Option<&Node>, Fault> {
        let Some(root) = &self.root else {
            return Ok(None);
        };
        let found = descend(root, self.home.path)?;
        let last = found.passed.last().copied();
        Ok(last.filter(|_| found.missing == 0 && found.null.is_none()))
    }

    fn member(&self, name: &str) -> Result<Option<&Member>, Fault> {
        let members = self.servers()?.and_then(Node::members).unwrap_or_default();
        let Some(found) = member(members, name)? else {
            return Ok(None);
        };
        let Some(fields) = found.value.members() else {
            return Err(Fault {
                at: found.value.range.start,
                why: Why::NotAnObject {
                    key: self.path_of(name).join("."),
                    is: found.value.kind(),
                },
            });
        };
        for field in fields {
            member(fields, &field.key)?;
        }
        Ok(Some(found))
    }

    fn path_of<'n>(&self, name: &'n str) -> Vec<&'n str>
    where
        'static: 'n,
    {
        self.home.path.iter().copied().chain([name]).collect()
    }

    /// The home of this document, as the only one.
    fn home_alone(&self) -> &'static [Home] {
        std::slice::from_ref(self.home)
    }

    fn entry_of(&self, there: &Member) -> Entry {
        let field = |key: &str| {
            let members = there.value.members().unwrap_or_default();
            members
                .iter()
                .find(|member| member.key == key)
                .map(|member| &member.value)
        };
        let program = self.home.program();
        let mut command = Vec::new();
        if let Some(value) = field(program) {
            command.extend(value.text());
            command.extend(
                value
                    .elements()
                    .unwrap_or_default()
                    .iter()
                    .filter_map(Node::text),
            );
        }
        let arguments = field("args").and_then(Node::elements).unwrap_or_default();
        command.extend(arguments.iter().filter_map(Node::text));
        let environment = ["env", "environment", "envs"].into_iter().find_map(field);
        let environment = environment.and_then(Node::members).unwrap_or_default();
        Entry {
            name: there.key.clone(),
            program: command.first().map(|&program| program.to_owned()),
            arguments: command
                .iter()
                .skip(1)
                .map(|&text| text.to_owned())
                .collect(),
            environment: environment
                .iter()
                .filter_map(|member| Some((member.key.clone(), member.value.text()?.to_owned())))
                .collect(),
            is_off: self.home.off.as_ref().is_some_and(|off| is_off(there, off)),
            line: line_of(self.text, there.key_range.start),
        }
    }

    /// Whether an entry leads to a server elsewhere.
    fn is_remote(&self, there: &Member) -> bool {
        let members = there.value.members().unwrap_or_default();
        let remote = ["url", "httpUrl", "serverUrl", "uri"];
        members
            .iter()
            .any(|member| remote.contains(&member.key.as_str()))
    }

    fn add(&self, wanted: Wanted<'_>) -> Result<Vec<Splice>, Fault> {
        let fields = self.home.fields.iter();
        let fields = fields.map(|(key, field)| ((*key).to_owned(), literal(*field, wanted)));
        let mut path = self.path_of(wanted.name);
        let mut value = Literal::Object(fields.collect());
        let wrap = |value, key: &str| Literal::Object(vec![(key.to_owned(), value)]);
        let Some(root) = &self.root else {
            while path.len() > 1 {
                value = wrap(value, path.pop().unwrap_or_default());
            }
            return Ok(match self.format {
                Format::Json | Format::Jsonc => json::document(self.text, path[0], &value),
                Format::Yaml => yaml::document(self.text, path[0], &value),
            });
        };
        let found = descend(root, self.home.path)?;
        for _ in 0..found.missing {
            value = wrap(value, path.pop().unwrap_or_default());
        }
        let key = path.pop().unwrap_or_default();
        let last = found.passed.last().copied().unwrap_or(root);
        Ok(match (self.format, found.null) {
            (Format::Json | Format::Jsonc, Some(null)) => {
                json::replace(self.text, root, &null.value, &wrap(value, key), true)
            }
            (Format::Json | Format::Jsonc, None) => {
                json::insert(self.text, root, last, key, &value)
            }
            (Format::Yaml, Some(null)) => yaml::insert(self.text, root, null, key, &value),
            (Format::Yaml, None) => match found.holder {
                None => yaml::insert_at_root(self.text, root, key, &value),
                Some(holder) => yaml::insert(self.text, root, holder, key, &value),
            },
        })
    }

    /// Our entry with another program, and nothing else of it changed.
    fn renew(&self, there: &Member, wanted: Wanted<'_>) -> Result<Vec<Splice>, Fault> {
        let members = there.value.members().unwrap_or_default();
        let field =
            member(members, self.home.program())?.ok_or(unsafe_at(there.key_range.start))?;
        let value = Literal::Text(wanted.program.to_owned());
        match field.value.elements().map(<[Node]>::first) {
            None => Ok(self.replace(field, &value)),
            Some(Some(first)) => {
                let alone = Member {
                    key: String::new(),
                    key_range: field.key_range.clone(),
                    value: first.clone(),
                };
                Ok(self.replace(&alone, &value))
            }
            Some(None) => Err(unsafe_at(field.value.range.start)),
        }
    }

    fn replace(&self, field: &Member, value: &Literal) -> Vec<Splice> {
        match (self.format, &self.root) {
            (Format::Yaml, _) => yaml::replace(self.text, field, value),
            (Format::Json | Format::Jsonc, Some(root)) => {
                json::replace(self.text, root, &field.value, value, false)
            }
            (Format::Json | Format::Jsonc, None) => Vec::new(),
        }
    }

    fn add_field(&self, there: &Member, key: &str, value: &Literal) -> Vec<Splice> {
        match (self.format, &self.root) {
            (Format::Yaml, Some(root)) => yaml::insert(self.text, root, there, key, value),
            (Format::Json | Format::Jsonc, Some(root)) => {
                json::insert(self.text, root, &there.value, key, value)
            }
            (_, None) => Vec::new(),
        }
    }

    /// The changed text, once it says the same as before, but for the entry at `path`.
    fn checked(&self, splices: Vec<Splice>, path: &[&str]) -> Result<String, Fault> {
        let at = splices.first().map_or(0, |splice| splice.range.start);
        let text = apply(self.text, splices);
        let nothing = Node {
            range: 0..0,
            value: Value::Object(Vec::new()),
            anchored: false,
        };
        let Ok(after) = parse(&text, self.format) else {
            return Err(unsafe_at(at));
        };
        let before = self.root.as_ref().unwrap_or(&nothing);
        let after = after.as_ref().unwrap_or(&nothing);
        match same_but(before, after, path) {
            true => Ok(text),
            false => Err(unsafe_at(at)),
        }
    }
}

/// The line of a place, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// The lists of texts at these paths of a JSON text, with comments or without; `None` where it can't be read.
pub fn json_lists<const N: usize>(
    text: &str,
    paths: [&[&str]; N],
) -> Option<[Option<Vec<String>>; N]> {
    let root = json::parse(text, true).ok()??;
    Some(paths.map(|path| {
        let step =
            |node: &Node, key: &&str| Some(member(node.members()?, key).ok()??.value.clone());
        let node = path
            .iter()
            .try_fold(root.clone(), |node, key| step(&node, key))?;
        let texts = node.elements()?.iter().filter_map(Node::text);
        Some(texts.map(ToOwned::to_owned).collect())
    }))
}

fn parse(text: &str, format: Format) -> Result<Option<Node>, Fault> {
    match format {
        Format::Json => json::parse(text, false),
        Format::Jsonc => json::parse(text, true),
        Format::Yaml => yaml::parse(text),
    }
}

fn unsafe_at(at: usize) -> Fault {
    Fault {
        at,
        why: Why::Unsafe,
    }
}

fn foreign(there: &Member, entry: Entry) -> Fault {
    Fault {
        at: there.key_range.start,
        why: Why::Foreign {
            name: entry.name,
            program: entry.program,
        },
    }
}

fn is_off(there: &Member, off: &Off) -> bool {
    let members = there.value.members().unwrap_or_default();
    let spelt = if off.value { "true" } else { "false" };
    members.iter().any(|member| {
        let value = &member.value.value;
        member.key == off.key && matches!(value, Value::Plain(plain) if plain == spelt)
    })
}

fn literal(field: Field, wanted: Wanted<'_>) -> Literal {
    match field {
        Field::Program => Literal::Text(wanted.program.to_owned()),
        Field::Command => Literal::List(vec![wanted.program.to_owned()]),
        Field::Word(word) => Literal::Text(word.to_owned()),
        Field::Words(words) => Literal::List(words.iter().map(|word| (*word).to_owned()).collect()),
        Field::Yes => Literal::Bool(true),
        Field::Number(number) => Literal::Number(number),
    }
}
