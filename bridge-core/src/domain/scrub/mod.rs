//! Removes secrets from text. `Scrubbed` is the only text the store, the clients, the UI and the logs accept.
//!
//! Text is cut into lines (a very long line into pieces, at places its own bytes decide). Each is looked at through a
//! view without ANSI codes and JSON escapes; one pass over the view finds keywords, and only around
//! a keyword do rules run: shapes of provider tokens, values after telling names, URLs and headers, blocks of private
//! keys. What crosses a line is carried as a small state, so that a stream in pieces and the whole text come out alike.

mod ahead;
mod assign;
mod blocks;
mod bytes;
mod chance;
mod commands;
mod edges;
mod headers;
mod joins;
mod keywords;
mod known;
mod marks;
mod names;
mod pass;
mod pending;
mod prose;
mod scrubbed;
mod sql;
mod stand_ins;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_contexts;
mod tokens;
mod triggers;
mod urls;
mod values;
mod view;
mod words;

use std::sync::{Arc, OnceLock};

pub use crate::domain::scrub::known::{Extras, SHORTEST_VALUE, ScrubError};
pub use crate::domain::scrub::marks::Removed;
pub use crate::domain::scrub::scrubbed::Scrubbed;
pub use crate::domain::scrub::stream::{LONGEST_LINE, ScrubStream};

use crate::domain::scrub::known::Own;
use crate::domain::scrub::names::Class;

/// How each mark begins that stands in the place of a secret.
pub const REDACTED: &str = "[redacted:";

/// Finds secrets and puts a mark in their place. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scrubber {
    own: Arc<Own>,
}

impl Scrubber {
    /// Builds a scrubber that knows the built-in rules and what the person added to them.
    ///
    /// # Errors
    /// When one of the person's patterns is not a regular expression, or matches the empty text.
    pub fn new(extras: Extras) -> Result<Self, ScrubError> {
        Ok(Self {
            own: Arc::new(Own::new(extras)?),
        })
    }

    /// The built-in rules alone. They are compiled when a text first needs them.
    pub fn builtin() -> Self {
        static BUILTIN: OnceLock<Arc<Own>> = OnceLock::new();
        Self {
            own: Arc::clone(BUILTIN.get_or_init(Arc::default)),
        }
    }

    /// Scrubs one whole text.
    pub fn scrub(&self, text: &str) -> Scrubbed {
        stream::scrub_whole(&self.own, text)
    }

    /// Scrubs one whole text and tells what was taken out, in its order.
    pub fn explain(&self, text: &str) -> (Scrubbed, Vec<Removed>) {
        stream::explain_whole(&self.own, text)
    }

    /// Scrubs a text that comes in pieces: the pieces' output, joined, is that of the joined text.
    pub fn stream(&self) -> ScrubStream {
        ScrubStream::new(Arc::clone(&self.own))
    }
}

/// A shorter value of a variable could not be looked for without hiding ordinary words.
const SHORTEST_SECRET: usize = 8;

/// The secrets in a variable of the environment, or a field of a file: its value, where the name tells of one, else
/// what the rules find in it, such as the password in an address.
pub fn secrets_of_variable(name: &str, value: &str) -> Vec<String> {
    let told = matches!(names::class(name), Some(Class::Password | Class::Secret));
    if told && !value.contains("://") {
        let known = value.len() >= SHORTEST_SECRET && !value.starts_with('/');
        return known.then(|| value.to_owned()).into_iter().collect();
    }
    let text = format!("{name}={value}");
    let (_, removed) = Scrubber::builtin().explain(&text);
    removed
        .into_iter()
        .map(|removed| text[removed.range].to_owned())
        .filter(|secret| secret.len() >= SHORTEST_SECRET)
        .collect()
}
