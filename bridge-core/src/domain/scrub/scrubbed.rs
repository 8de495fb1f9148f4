//! The proof that a text went through the scrubber.

use std::fmt;

/// Text that holds no secret we know how to find. Only a [`Scrubber`](crate::domain::scrub::Scrubber) makes one,
/// besides [`Scrubbed::literal`] for our own constant text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scrubbed(String);

impl Scrubbed {
    /// Our own constant text.
    pub fn literal(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Text read back from our own store, which accepts only `Scrubbed`. Only the store's row decoder may call it.
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    pub(in crate::domain::scrub) fn proven(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Shortens to at most `max` bytes on a character boundary, appending nothing; returns how many bytes were cut.
    pub fn truncate(&mut self, max: usize) -> usize {
        let before = self.0.len();
        self.0.truncate(self.0.floor_char_boundary(max));
        before - self.0.len()
    }

    /// Drops at least `bytes` from the beginning, up to a character boundary; returns how many were dropped.
    pub fn skip(&mut self, bytes: usize) -> usize {
        let from = self.0.ceil_char_boundary(bytes);
        self.0.drain(..from);
        from
    }

    /// The end of the last line that says anything, in one line of at most `max` bytes, from a word on where that is
    /// near; and whether anything of that line is missing.
    pub fn last_line(&self, max: usize) -> (Self, bool) {
        let text = self.0.trim_end();
        let line = text
            .rfind('\n')
            .map_or(text, |at| &text[at + 1..])
            .trim_start();
        let from = line.ceil_char_boundary(line.len().saturating_sub(max));
        let end = &line[from..];
        let cut = from > 0 && !line[..from].ends_with(' ');
        let word = end.find(' ').filter(|at| cut && *at < max / 2);
        let end = word.map_or(end, |at| &end[at + 1..]);
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        (Self(end.chars().map(plain).collect()), from > 0)
    }

    /// The parts one after another.
    pub fn concat(parts: &[&Self]) -> Self {
        Self(parts.iter().map(|part| part.as_str()).collect())
    }

    /// The parts with a constant text between them.
    pub fn join(parts: &[Self], between: &'static str) -> Self {
        Self(
            parts
                .iter()
                .map(Self::as_str)
                .collect::<Vec<_>>()
                .join(between),
        )
    }

    /// Appends another scrubbed text.
    pub fn push(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }
}

impl fmt::Display for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Scrubbed {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncate_keeps_whole_characters_and_tells_what_it_cut() {
        let mut text = Scrubbed::literal("aé漢");
        assert_eq!((text.truncate(5), text.as_str()), (3, "aé"));
        assert_eq!((text.truncate(99), text.as_str()), (0, "aé"));
        assert_eq!((text.truncate(2), text.as_str()), (2, "a"));
    }

    #[test]
    fn skip_keeps_whole_characters_and_tells_what_it_dropped() {
        let mut text = Scrubbed::literal("aé漢");
        assert_eq!((text.skip(2), text.as_str()), (3, "漢"));
        assert_eq!((text.skip(99), text.as_str()), (3, ""));
    }

    #[test]
    fn parts_are_put_together() {
        let parts = [Scrubbed::literal("a"), Scrubbed::literal("b")];
        assert_eq!(Scrubbed::concat(&[&parts[0], &parts[1]]).as_str(), "ab");
        assert_eq!(Scrubbed::join(&parts, ", ").as_str(), "a, b");
    }
}
