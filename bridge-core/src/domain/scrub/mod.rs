//! Removes secrets from text. `Scrubbed` is the only text the store, the clients, the UI and the logs accept.
//!
//! Text is cut into lines (a very long line into pieces, at places its own bytes decide). Each is looked at through a
//! view without ANSI codes and JSON escapes; one pass over the view finds keywords, and only around
//! a keyword do rules run: shapes of provider tokens, values after telling names, URLs and headers, blocks of private
//! keys. What crosses a line is carried as a small state, so that a stream in pieces and the whole text come out alike.

mod assign;
mod blocks;
mod chance;
mod headers;
mod joins;
mod known;
mod names;
mod pass;
mod pending;
mod prose;
mod scrubbed;
mod stream;
#[cfg(test)]
mod tests;
mod tokens;
mod triggers;
mod urls;
mod values;
mod view;
mod words;

use std::sync::{Arc, OnceLock};

pub use crate::domain::scrub::known::{Extras, ScrubError};
pub use crate::domain::scrub::scrubbed::Scrubbed;
pub use crate::domain::scrub::stream::ScrubStream;

use crate::domain::scrub::known::Own;

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

    /// Scrubs a text that comes in pieces: the pieces' output, joined, is that of the joined text.
    pub fn stream(&self) -> ScrubStream {
        ScrubStream::new(Arc::clone(&self.own))
    }
}
