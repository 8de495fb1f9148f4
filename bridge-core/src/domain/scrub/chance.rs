//! Whether letters and digits follow each other by chance or make words.

use crate::domain::scrub::bytes::ALPHANUMERIC;

/// What a byte is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Other,
    Small,
    Capital,
    Digit,
    /// Ends the text.
    Blank,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' => Kind::Small,
            b'A'..=b'Z' => Kind::Capital,
            b'0'..=b'9' => Kind::Digit,
            b' ' | b'\t' | b'"' => Kind::Blank,
            _ => Kind::Other,
        };
        byte += 1;
    }
    kinds
};

pub(super) fn kind(byte: u8) -> Kind {
    KINDS[usize::from(byte)]
}

/// How many different characters of ASCII there are.
pub(super) fn distinct(bytes: &[u8]) -> u32 {
    let set = bytes.iter().fold(0_u128, |set, b| set | 1 << (b % 128));
    set.count_ones()
}

/// What three bytes in a row add to the counts of [`is_random`] with their last, by their kinds.
const COUNTS: [u64; 64] = {
    let mut counts = [0; 64];
    let mut kinds = 0;
    while kinds < counts.len() {
        let [before, a, b] = [kinds >> 4, kinds >> 2 & 3, kinds & 3];
        let is_pair = a != OTHER && b != OTHER;
        // A capital that begins a word is no change; one within a word is.
        let begins = a == CAPITAL && b == SMALL && before != CAPITAL;
        counts[kinds] = is_pair as u64
            | ((is_pair && a != b && !begins) as u64) << BITS
            | ((b == DIGIT) as u64) << (2 * BITS);
        kinds += 1;
    }
    counts
};
const OTHER: usize = Kind::Other as usize;
const SMALL: usize = Kind::Small as usize;
const CAPITAL: usize = Kind::Capital as usize;
const DIGIT: usize = Kind::Digit as usize;
/// So many bits are for each count, which is more than the bytes of a line.
const BITS: u32 = 21;

/// Whether the text looks made by chance: letters, digits and cases change often.
pub(super) fn is_random(text: &str, least: f32) -> bool {
    let bytes = text.as_bytes();
    let (mut kinds, mut counts) = (OTHER, 0);
    for byte in bytes {
        let kind = kind(*byte);
        if kind == Kind::Blank {
            return false;
        }
        kinds = (kinds << 2 | kind as usize) % COUNTS.len();
        counts += COUNTS[kinds];
    }
    let [pairs, changes, digits] = [0, 1, 2].map(|nth| (counts >> (nth * BITS)) % (1 << BITS));
    if pairs == 0 {
        return false;
    }
    // `getElementById` changes its case at every word.
    let digits = digits - u64::from(bytes[0].is_ascii_digit());
    let tail = bytes
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let humps = tail <= 3 && digits <= tail as u64 && (pairs + 1) * 10 >= 28 * (changes + 1);
    changes >= 3 && !humps && changes as f32 / pairs as f32 >= least
        || bytes.len() >= 20 && is_unpronounceable(text)
}

/// Letters in an order that no word has.
pub(super) fn is_unpronounceable(text: &str) -> bool {
    let mut word = Sounds::default();
    for byte in text.bytes() {
        let sound = SOUNDS[usize::from(byte)];
        if sound == Sound::Pause {
            if word.are_none() {
                return true;
            }
            word = Sounds::default();
        } else {
            word.add(sound);
        }
    }
    word.are_none()
}

/// What a byte is to the sound of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sound {
    Vowel,
    Consonant,
    Silent,
    /// Ends the word.
    Pause,
}

const SOUNDS: [Sound; 256] = {
    let mut sounds = [Sound::Silent; 256];
    let mut byte = 0;
    while byte < sounds.len() {
        sounds[byte] = match byte as u8 | 0x20 {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => Sound::Vowel,
            b'a'..=b'z' => Sound::Consonant,
            _ => Sound::Silent,
        };
        byte += 1;
    }
    let pauses = b"_-./ ";
    let mut index = 0;
    while index < pauses.len() {
        sounds[pauses[index] as usize] = Sound::Pause;
        index += 1;
    }
    sounds
};

/// The letters of a word.
#[derive(Default)]
struct Sounds {
    letters: u32,
    vowels: u32,
    /// Consonants in a row, at the end.
    run: u32,
    /// How often there were five in a row.
    runs: u32,
}

impl Sounds {
    fn add(&mut self, sound: Sound) {
        let consonant = u32::from(sound == Sound::Consonant);
        self.run = (self.run + 1) * consonant;
        self.runs += u32::from(self.run == 5);
        self.vowels += u32::from(sound == Sound::Vowel);
        self.letters += u32::from(sound != Sound::Silent);
    }

    fn are_none(&self) -> bool {
        let Sounds {
            letters,
            vowels,
            runs,
            ..
        } = *self;
        letters >= 16 && (runs >= 2 || runs >= 1 && vowels * 4 < letters || vowels * 6 < letters)
    }
}

/// One long word with digits in several places.
pub(super) fn is_interleaved(text: &str) -> bool {
    let bytes = text.as_bytes();
    let groups = bytes
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic())
        .count();
    groups >= 2 && bytes.iter().all(u8::is_ascii_alphanumeric)
}

/// Made of words: `my-app-secret`, `alias/my-key`, `utf8`.
pub(super) fn is_wordy(text: &str) -> bool {
    let mut parts = text.as_bytes().split(|b| !ALPHANUMERIC.has(*b));
    let are_words = parts.all(|part| {
        let digits = part.iter().rev().take_while(|b| b.is_ascii_digit());
        let digits = digits.count();
        let letters = &part[..part.len() - digits];
        digits <= 4 && letters.iter().all(u8::is_ascii_alphabetic)
    });
    are_words && !is_random(text, 0.2)
}
