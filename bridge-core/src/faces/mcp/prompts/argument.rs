//! The arguments of prompts: texts only, since that is what clients send.

use rmcp::model::PromptArgument;
use serde_json::{Map, Value};

use crate::faces::tools::arguments::Refused;

/// The longest argument, in bytes: the message of a prompt has to fit into an answer.
const LONGEST: usize = 16_000;

/// What a prompt takes.
pub(crate) struct Argument {
    /// Its name.
    pub(crate) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) required: bool,
    /// What can be suggested for it.
    pub(crate) completes: Completes,
}

/// What can be suggested for an argument.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Completes {
    /// Nothing: it is a text of one's own.
    Nothing,
    /// Folders in which a run may work.
    Folders,
    /// Models.
    Models,
    /// Efforts.
    Efforts,
    /// Branches of the repository in `working_dir`.
    Branches,
    /// These words, and no others are taken.
    Words(&'static [&'static str]),
}

impl Argument {
    /// What clients are told of it.
    pub(super) fn listed(&self) -> PromptArgument {
        PromptArgument::new(self.name)
            .with_title(self.title)
            .with_description(self.description)
            .with_required(self.required)
    }

    fn check(&self, value: &str) -> Result<(), String> {
        if value.len() > LONGEST {
            let length = value.len();
            return Err(format!(
                "is {length} bytes long, and {LONGEST} is the most; put a longer text into a file and name it"
            ));
        }
        match self.completes {
            Completes::Folders if !value.starts_with('/') => {
                Err("has to be an absolute path".to_owned())
            }
            Completes::Words(words) if !words.contains(&value) => {
                Err(format!("has to be one of {}", words.join(", ")))
            }
            Completes::Models | Completes::Efforts | Completes::Branches
                if value.contains(char::is_whitespace) =>
            {
                Err("has to be a name, without spaces".to_owned())
            }
            Completes::Nothing
            | Completes::Folders
            | Completes::Models
            | Completes::Efforts
            | Completes::Branches
            | Completes::Words(_) => Ok(()),
        }
    }
}

/// Arguments that were given and are right.
pub(super) struct Values<'a> {
    given: Vec<(&'static str, &'a str)>,
}

impl<'a> Values<'a> {
    /// Reads what a client sent. What is blank was not filled in.
    pub(super) fn read(
        arguments: &'static [Argument],
        given: &'a Map<String, Value>,
    ) -> Result<Values<'a>, Refused> {
        let refuse = |parameter: &str, reason: String| Refused {
            parameter: parameter.to_owned(),
            reason,
        };
        let is_known = |name: &str| arguments.iter().any(|argument| argument.name == name);
        if let Some(name) = given.keys().find(|name| !is_known(name)) {
            let names = arguments.iter().map(|argument| argument.name);
            let names = names.collect::<Vec<_>>().join(", ");
            let reason = format!("is not an argument of this prompt; it takes {names}");
            return Err(refuse(name, reason));
        }
        let mut values = Values { given: Vec::new() };
        for argument in arguments {
            let refuse = |reason| refuse(argument.name, reason);
            let text = match given.get(argument.name) {
                Some(Value::String(text)) => text.trim(),
                Some(Value::Null) | None => "",
                Some(_) => return Err(refuse("has to be a string".to_owned())),
            };
            if !text.is_empty() {
                argument.check(text).map_err(refuse)?;
                values.given.push((argument.name, text));
            } else if argument.required {
                return Err(refuse(format!("is missing: {}", argument.description)));
            }
        }
        Ok(values)
    }

    /// An optional one.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.given.iter().find(|(given, _)| *given == name);
        found.map(|(_, value)| *value)
    }

    /// A required one.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.get(name).unwrap_or_default()
    }
}
