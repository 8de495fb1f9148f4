//! Sets of bytes as tables, and how far a text goes on within one.

/// A set of bytes.
pub(super) struct Bytes([bool; 256]);

/// Letters and digits.
pub(super) static ALPHANUMERIC: Bytes = Bytes::alphanumeric_and(b"");

impl Bytes {
    /// These alone.
    pub(super) const fn of(all: &[u8]) -> Bytes {
        let mut set = [false; 256];
        let mut at = 0;
        while at < all.len() {
            set[all[at] as usize] = true;
            at += 1;
        }
        Bytes(set)
    }

    /// Letters, digits, and these.
    pub(super) const fn alphanumeric_and(others: &[u8]) -> Bytes {
        let mut set = [false; 256];
        let mut byte = 0;
        while byte < 128 {
            set[byte as usize] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        let mut at = 0;
        while at < others.len() {
            set[others[at] as usize] = true;
            at += 1;
        }
        Bytes(set)
    }

    /// What can be seen, but for these.
    pub(super) const fn graphic_but(others: &[u8]) -> Bytes {
        let mut set = [false; 256];
        let mut byte = 0;
        while byte < 128 {
            set[byte as usize] = (byte as u8).is_ascii_graphic();
            byte += 1;
        }
        let mut at = 0;
        while at < others.len() {
            set[others[at] as usize] = false;
            at += 1;
        }
        Bytes(set)
    }

    pub(super) const fn has(&self, byte: u8) -> bool {
        self.0[byte as usize]
    }

    /// How many bytes from the start of a text are in the set, at most `most`.
    pub(super) fn ahead(&self, text: &[u8], most: usize) -> usize {
        let text = &text[..text.len().min(most)];
        let length = text.iter().position(|byte| !self.has(*byte));
        length.unwrap_or(text.len())
    }

    /// How many bytes before the end of a text are in the set, at most `most`.
    pub(super) fn behind(&self, text: &[u8], most: usize) -> usize {
        let text = &text[text.len().saturating_sub(most)..];
        let last = text.iter().rposition(|byte| !self.has(*byte));
        last.map_or(text.len(), |last| text.len() - last - 1)
    }

    /// How many bytes of a text are in the set.
    pub(super) fn count(&self, text: &str) -> usize {
        text.bytes().map(|byte| usize::from(self.has(byte))).sum()
    }

    /// Whether a text is made of these alone.
    pub(super) fn make(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.has(byte))
    }
}

/// Where the first `://` stands.
pub(super) fn authority_mark(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b':', bytes).find(|colon| bytes[colon + 1..].starts_with(b"//"))
}
