//! Why a text is left alone, and where.

/// Why a text is left alone, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place, in bytes.
    pub at: usize,
    /// The reason.
    pub why: Why,
}

/// Why a text is left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It can't be read.
    #[error("{0}")]
    Syntax(String),
    /// A comment in a format that knows none.
    #[error("a comment, which this client does not understand")]
    Comment,
    /// A comma behind the last one in a format that knows none.
    #[error("a comma with nothing behind it, which this client does not understand")]
    TrailingComma,
    /// Two members with one name.
    #[error("`{0}` is there twice")]
    Duplicate(String),
    /// Something else where the servers or an entry have to be.
    #[error("{} has to be an object, and is {is}", named(key))]
    NotAnObject {
        /// The path of keys; empty for the whole file.
        key: String,
        /// What it is.
        is: &'static str,
    },
    /// What other parts of the file repeat.
    #[error("`{0}` has a YAML anchor: other parts of the file repeat it")]
    Anchor(String),
    /// An entry with our name that is not ours.
    #[error("there is another server with the name `{name}`{}", starting(program.as_ref()))]
    Foreign {
        /// The name.
        name: String,
        /// What it starts.
        program: Option<String>,
    },
    /// The change could not be made without touching something else.
    #[error("this way of writing it can't be changed without touching something else")]
    Unsafe,
}

fn named(key: &str) -> String {
    match key {
        "" => "the file".to_owned(),
        key => format!("`{key}`"),
    }
}

fn starting(program: Option<&String>) -> String {
    program.map_or_else(String::new, |program| format!(", which starts `{program}`"))
}
