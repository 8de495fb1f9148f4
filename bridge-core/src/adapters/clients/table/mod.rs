//! The MCP clients, as data: which file has their servers, in which shape, and what has to be known about them.
//!
//! A path begins with `~`, with `{config}`, `{support}`, `{roaming}` or `{local}` (the folders for settings of each
//! system), or with `$NAME`, and then counts only where that variable is set. `*` stands for any name.

mod rows;

use crate::platform::apps::AppName;

pub use rows::CLIENTS;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON as the standard has it.
    Json,
    /// JSON with comments, and commas behind the last.
    Jsonc,
    /// YAML.
    Yaml,
}

/// A program that starts MCP servers.
#[derive(Debug)]
pub struct Client {
    /// Its name on the command line.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What an entry serves, where the name does not say.
    pub note: &'static str,
    /// Its files.
    pub places: &'static [Place],
    /// How its files are written.
    pub format: Format,
    /// Where in a file the servers stand; the last is made where there is none.
    pub homes: &'static [Home],
    /// What shows that it is installed, besides its file.
    pub signs: &'static [Sign],
    /// Whether it may run while its file is changed.
    pub running: Running,
    /// The folder whose existence is a lock on the file, as a suffix of its name.
    pub lock_suffix: Option<&'static str>,
    /// How it comes to know of a change.
    pub reload: &'static str,
    /// Where it writes what its servers say and how they end.
    pub logs: Paths,
    /// How it introduces itself to a server, or how that begins.
    pub hello: &'static [&'static str],
}

/// A file of a client.
#[derive(Debug)]
pub struct Place {
    /// Its name among the client's files.
    pub id: &'static str,
    /// When it counts.
    pub counts: Counts,
    /// Where it may be, the best first: the first that exists counts, else the last.
    pub files: Paths,
}

/// When a file of a client counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Always: it is made where there is none.
    Always,
    /// Where its folder is there.
    WithFolder,
    /// Where it is there itself.
    IfThere,
}

/// Paths on each system.
#[derive(Debug)]
pub struct Paths {
    /// On macOS.
    pub macos: &'static [&'static str],
    /// On Linux.
    pub linux: &'static [&'static str],
    /// On Windows.
    pub windows: &'static [&'static str],
}

/// Where in a file the servers stand, and what an entry looks like there.
#[derive(Debug)]
pub struct Home {
    /// The keys that lead there.
    pub path: &'static [&'static str],
    /// The fields of a new entry.
    pub fields: &'static [(&'static str, Field)],
    /// What switches an entry off.
    pub off: Option<Off>,
}

/// What switches an entry off.
#[derive(Debug)]
pub struct Off {
    /// The field.
    pub key: &'static str,
    /// Its value then.
    pub value: bool,
}

/// What a field of an entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The program.
    Program,
    /// A list that begins with the program.
    Command,
    /// A word.
    Word(&'static str),
    /// A list of words.
    Words(&'static [&'static str]),
    /// Yes.
    Yes,
    /// A number.
    Number(u32),
}

/// What shows that a client is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A program of this name can be started.
    Program(&'static str),
    /// An application of macOS with this name.
    App(&'static str),
    /// A file or folder.
    Path(&'static str),
}

/// Whether a client may run while its file is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// It reads the file again before it writes it, or never writes it.
    Fine,
    /// It writes what it has in memory over the file, so that it has to be quit before.
    Overwrites(AppName),
}

impl Home {
    /// The field that has the program.
    pub(super) fn program(&self) -> &'static str {
        let program = self
            .fields
            .iter()
            .find(|(_, field)| matches!(field, Field::Program | Field::Command));
        program.map_or("command", |(key, _)| key)
    }
}

/// The client with this name.
pub fn find(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}
