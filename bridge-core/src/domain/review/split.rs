//! A change that is too large for one go, split by file.

use crate::domain::review::UncoveredWhy;

/// How much a reviewer is given in one go, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartBounds {
    /// Files of a part.
    pub files: usize,
    /// Bytes of the differences of a part.
    pub bytes: u64,
    /// Parts of a review.
    pub parts: usize,
}

impl PartBounds {
    /// What a model reads in one go, with room left for the code around it.
    pub const DEFAULT: PartBounds = PartBounds {
        files: 150,
        bytes: 400 * 1024,
        parts: 8,
    };
}

/// How large the difference of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// It is text, and so many bytes.
    Text(u64),
    /// It is no text.
    Binary,
}

/// Which files go into which part, as places in the list that was split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The parts.
    pub parts: Vec<Vec<usize>>,
    /// Files that are in no part, and why.
    pub uncovered: Vec<(usize, UncoveredWhy)>,
}

/// Puts files into parts, in their order: neighbours stay together. If all parts together do not take them, the last
/// ones are left out.
pub fn split(sizes: &[Size], bounds: PartBounds) -> Split {
    let mut split = Split::default();
    let mut room = Room::of(bounds);
    for (at, size) in sizes.iter().enumerate() {
        let bytes = match size {
            Size::Text(bytes) if *bytes <= bounds.bytes => *bytes,
            Size::Text(_) => {
                split.uncovered.push((at, UncoveredWhy::TooLarge));
                continue;
            }
            Size::Binary => {
                split.uncovered.push((at, UncoveredWhy::Binary));
                continue;
            }
        };
        let opens = split.parts.is_empty() || !room.takes(bytes);
        if opens && split.parts.len() >= bounds.parts {
            split.uncovered.push((at, UncoveredWhy::TooMany));
            // What comes later and is smaller would fit, and nobody could say why it was chosen.
            room.files = 0;
            continue;
        }
        if opens {
            split.parts.push(Vec::new());
            room = Room::of(bounds);
        }
        room.take(bytes);
        if let Some(part) = split.parts.last_mut() {
            part.push(at);
        }
    }
    split
}

/// What a part still takes.
struct Room {
    files: usize,
    bytes: u64,
}

impl Room {
    fn of(bounds: PartBounds) -> Room {
        Room {
            files: bounds.files,
            bytes: bounds.bytes,
        }
    }

    fn takes(&self, bytes: u64) -> bool {
        self.files > 0 && bytes <= self.bytes
    }

    fn take(&mut self, bytes: u64) {
        self.files = self.files.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: PartBounds = PartBounds {
        files: 3,
        bytes: 100,
        parts: 2,
    };

    fn check(sizes: &[u64], parts: &[&[usize]], uncovered: &[(usize, UncoveredWhy)]) {
        let sizes: Vec<_> = sizes
            .iter()
            .map(|bytes| match bytes {
                0 => Size::Binary,
                bytes => Size::Text(*bytes),
            })
            .collect();
        let split = split(&sizes, BOUNDS);
        assert_eq!(split.parts, parts, "{sizes:?}");
        assert_eq!(split.uncovered, uncovered, "{sizes:?}");
    }

    #[test]
    fn a_small_change_is_one_part() {
        check(&[], &[], &[]);
        check(&[1, 2, 3], &[&[0, 1, 2]], &[]);
        check(&[60, 40], &[&[0, 1]], &[]);
    }

    #[test]
    fn a_part_ends_where_it_is_full() {
        check(&[1, 1, 1, 1], &[&[0, 1, 2], &[3]], &[]);
        check(&[60, 50, 10], &[&[0], &[1, 2]], &[]);
    }

    #[test]
    fn what_no_part_takes_is_named_with_its_reason() {
        use UncoveredWhy::{Binary, TooLarge, TooMany};
        check(&[0, 1, 101], &[&[1]], &[(0, Binary), (2, TooLarge)]);
        check(
            &[90, 90, 90, 1, 0],
            &[&[0], &[1]],
            &[(2, TooMany), (3, TooMany), (4, Binary)],
        );
    }
}
