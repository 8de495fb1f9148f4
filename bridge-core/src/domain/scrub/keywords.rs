//! Many keywords, looked for in one pass. No automaton: its table does not fit the nearest cache, and each step waits for
//! the one before. Here the first three bytes of a keyword are looked up in a set of 32 KiB, and only where they are in
//! it, which is at few places of a text, the keywords that begin so are compared.

use std::ops::Range;

use crate::domain::scrub::triggers::{Hit, Trigger};

/// So many bytes are looked up. No keyword is shorter.
const OPENING: usize = 3;
/// Bytes that mean the same are of one class. As many as a word has bits.
const CLASSES: usize = 64;
/// The third class is a bit of a word.
const WORDS: usize = CLASSES * CLASSES;
/// For so many places there is one branch.
const STEP: usize = 8;
const WINDOW: usize = STEP + OPENING - 1;

/// The keywords, and what each calls for.
pub(super) struct Keywords {
    /// A number for each byte that is in an opening, the same in any case, and 0 for the others.
    classes: [u8; 256],
    /// A bit for each opening.
    openings: Box<[u64; WORDS]>,
    /// How many openings there are before each word of those.
    ranks: Box<[u16; WORDS]>,
    groups: Vec<Group>,
    keywords: Vec<Keyword>,
}

/// The keywords with the same opening.
struct Group {
    keywords: Range<usize>,
    /// A bit for each class that the byte after the opening can be of.
    fourth: u64,
}

struct Keyword {
    word: &'static [u8],
    start: Start,
    trigger: Trigger,
}

/// The first eight bytes of a keyword, as a number.
struct Start {
    /// In small letters.
    bytes: u64,
    /// The bit of each letter that is its case.
    cases: u64,
    /// All bits of the bytes that there are.
    mask: u64,
}

impl Keyword {
    /// Whether a text that starts as the keyword does is the keyword to its end.
    fn goes_on(&self, text: &[u8]) -> bool {
        let Some(rest) = self.word.get(size_of::<u64>()..) else {
            return true;
        };
        let there = text.get(size_of::<u64>()..self.word.len());
        there.is_some_and(|there| there.eq_ignore_ascii_case(rest))
    }
}

impl Start {
    fn of(word: &[u8]) -> Start {
        let bits = |bits: fn(u8) -> u8| {
            let mut eight = [0; 8];
            for (bits_of, byte) in eight.iter_mut().zip(word) {
                *bits_of = bits(*byte);
            }
            u64::from_le_bytes(eight)
        };
        Start {
            bytes: bits(|byte| byte.to_ascii_lowercase()),
            cases: bits(|byte| u8::from(byte.is_ascii_alphabetic()) << 5),
            mask: bits(|_| u8::MAX),
        }
    }

    /// Whether a text whose first bytes these are starts so, in any case.
    fn opens(&self, eight: u64) -> bool {
        (eight | self.cases) & self.mask == self.bytes
    }
}

/// The first eight bytes of a text.
fn first_eight(text: &[u8]) -> u64 {
    let eight = text.first_chunk().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        eight[..text.len()].copy_from_slice(text);
        eight
    });
    u64::from_le_bytes(eight)
}

impl Keywords {
    pub(super) fn new(keywords: impl Iterator<Item = (&'static str, Trigger)>) -> Keywords {
        let mut all = Keywords {
            classes: [0; 256],
            openings: Box::new([0; WORDS]),
            ranks: Box::new([0; WORDS]),
            groups: Vec::new(),
            keywords: Vec::new(),
        };
        let mut keyed: Vec<_> = keywords
            .map(|(word, trigger)| (all.learn(word.as_bytes()), word.as_bytes(), trigger))
            .collect();
        // Those that start together come as they end.
        keyed.sort_by_key(|(key, word, _)| (*key, word.len()));
        for group in keyed.chunk_by(|(a, ..), (b, ..)| a == b) {
            let start = all.keywords.len();
            let keywords = group.iter().map(|(_, word, trigger)| Keyword {
                word,
                start: Start::of(word),
                trigger: *trigger,
            });
            all.keywords.extend(keywords);
            let fourth = |word: &[u8]| word.get(OPENING).map_or(u64::MAX, |b| 1 << all.class(*b));
            all.groups.push(Group {
                keywords: start..all.keywords.len(),
                fourth: group.iter().fold(0, |any, (_, word, _)| any | fourth(word)),
            });
        }
        let mut before = 0;
        for (rank, word) in all.ranks.iter_mut().zip(all.openings.iter()) {
            *rank = before;
            before += word.count_ones() as u16;
        }
        all
    }

    /// Takes in how a keyword opens, and gives the key of that.
    fn learn(&mut self, word: &[u8]) -> usize {
        let mut key = 0;
        for byte in &word[..OPENING] {
            let (lower, upper) = (byte.to_ascii_lowercase(), byte.to_ascii_uppercase());
            if self.class(lower) == 0 {
                let next = 1 + self.classes.iter().max().copied().unwrap_or(0);
                self.classes[usize::from(lower)] = next;
                self.classes[usize::from(upper)] = next;
            }
            key = key * CLASSES + self.class(lower);
        }
        self.openings[key / CLASSES] |= 1 << (key % CLASSES);
        key
    }

    /// The keywords in a text, in the order in which they start.
    pub(super) fn hits<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Hit> + use<'a> {
        let places = Places {
            keywords: self,
            text,
            window: 0,
            openings: self.openings_in(text),
        };
        places.flat_map(move |(at, keywords)| {
            let eight = first_eight(&text[at..]);
            let started = keywords.iter().filter(move |k| k.start.opens(eight));
            let there = started.filter(move |k| k.goes_on(&text[at..]));
            there.map(move |keyword| Hit {
                trigger: keyword.trigger,
                range: at..at + keyword.word.len(),
            })
        })
    }

    /// A bit for each of the first bytes of a text, [`STEP`] of them, at which a keyword may start.
    fn openings_in(&self, text: &[u8]) -> u64 {
        let bytes = text.first_chunk::<WINDOW>().copied().unwrap_or_else(|| {
            let mut bytes = [0; WINDOW];
            bytes[..text.len()].copy_from_slice(text);
            bytes
        });
        let classes = bytes.map(|byte| self.class(byte));
        let opens = classes.windows(OPENING).map(|opening| self.opens(opening));
        opens.rev().fold(0, |all, opens| all << 1 | opens)
    }

    fn class(&self, byte: u8) -> usize {
        usize::from(self.classes[usize::from(byte)]) % CLASSES
    }

    /// 1 if a keyword opens with bytes of these classes.
    fn opens(&self, classes: &[usize]) -> u64 {
        self.openings[classes[0] * CLASSES + classes[1]] >> classes[2] & 1
    }

    fn group(&self, [a, b, c]: [usize; OPENING]) -> &Group {
        let word = a * CLASSES + b;
        let before = self.openings[word] & ((1 << c) - 1);
        &self.groups[usize::from(self.ranks[word]) + before.count_ones() as usize]
    }
}

/// Where keywords may start, and which.
struct Places<'a> {
    keywords: &'a Keywords,
    text: &'a [u8],
    /// Where the bytes begin that are looked at together.
    window: usize,
    /// Which of them are still to be looked at.
    openings: u64,
}

impl<'a> Iterator for Places<'a> {
    type Item = (usize, &'a [Keyword]);

    fn next(&mut self) -> Option<Self::Item> {
        let Places { keywords, text, .. } = *self;
        loop {
            while self.openings == 0 {
                self.window += STEP;
                self.openings = keywords.openings_in(text.get(self.window..)?);
            }
            let at = self.window + self.openings.trailing_zeros() as usize;
            self.openings &= self.openings - 1;
            let classes = [0, 1, 2].map(|index| keywords.class(text[at + index]));
            let group = keywords.group(classes);
            let fourth = text
                .get(at + OPENING)
                .map_or(0, |byte| keywords.class(*byte));
            if group.fourth >> fourth & 1 != 0 {
                return Some((at, &keywords.keywords[group.keywords.clone()]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::scrub::keywords::{CLASSES, WINDOW};
    use crate::domain::scrub::triggers::{Hit, triggers};

    #[test]
    fn every_keyword_is_found_wherever_it_stands_in_any_case() {
        let keywords = &triggers().keywords;
        let most = keywords.classes.iter().max();
        assert!(usize::from(*most.unwrap()) < CLASSES);
        assert!(keywords.keywords.len() > 500);
        for keyword in &keywords.keywords {
            let word = std::str::from_utf8(keyword.word).unwrap();
            for before in 0..2 * WINDOW {
                for (word, after) in [(word.to_uppercase(), 0), (word.to_lowercase(), 20)] {
                    let text = ["~".repeat(before), word.clone(), "~".repeat(after)].concat();
                    let range = before..before + word.len();
                    let mut hits = keywords.hits(text.as_bytes());
                    let is_it = |hit: &Hit| hit.range == range && hit.trigger == keyword.trigger;
                    assert!(hits.any(|hit| is_it(&hit)), "{text}");
                }
            }
        }
    }
}
