//! Windows on long texts: from an offset on, so many bytes, and where to go on.

use crate::domain::scrub::Scrubbed;

/// Which part of a long text is wanted, in bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextWindow {
    /// Where to begin; moved back to a character's first byte.
    pub offset: u64,
    /// At most so many bytes.
    pub max: usize,
}

impl TextWindow {
    /// The whole text.
    pub const WHOLE: TextWindow = TextWindow {
        offset: 0,
        max: usize::MAX,
    };

    /// The beginning of the text.
    pub fn first(max: usize) -> TextWindow {
        TextWindow { offset: 0, max }
    }

    /// The part of `text` in this window, and where it begins.
    pub(crate) fn cut(self, text: &str) -> (usize, &str) {
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let start = floor_char(text, offset);
        let mut end = floor_char(text, start.saturating_add(self.max));
        // One character at least, or reading on would never come to an end.
        if end == start && self.max > 0 {
            end = start + text[start..].chars().next().map_or(0, char::len_utf8);
        }
        (start, &text[start..end])
    }
}

/// The last character border at or before `at`.
pub(crate) fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Shortens a text to at most `max` bytes on a character border; returns how many bytes were cut.
pub(crate) fn shorten(text: &mut String, max: usize) -> u64 {
    let end = floor_char(text, max);
    let cut = text.len() - end;
    text.truncate(end);
    cut as u64
}

/// Shortens a text that nobody reads on in, and says in it how much is missing.
pub(crate) fn abridge(text: &mut String, max: usize) {
    let cut = shorten(text, max);
    if cut > 0 {
        text.push_str(&format!("… ({cut} more bytes)"));
    }
}

/// The text of something that may be absent.
pub(crate) fn owned(text: Option<&Scrubbed>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

/// Serde's condition for counts that are left out when there is nothing to count.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Whether a flag is not set.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
pub(crate) fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_never_splits_a_character_and_always_moves_on() {
        let check = |offset, max, expected: (usize, &str)| {
            assert_eq!(TextWindow { offset, max }.cut("aöb"), expected);
        };
        check(0, 9, (0, "aöb"));
        check(0, 2, (0, "a"));
        check(1, 1, (1, "ö"));
        check(2, 9, (1, "öb"));
        check(4, 9, (4, ""));
        check(u64::MAX, 9, (4, ""));
        check(0, 0, (0, ""));
    }
}
