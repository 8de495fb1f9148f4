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

/// Whether the text looks made by chance: letters, digits and cases change often.
pub(super) fn is_random(text: &str, least: f32) -> bool {
    let bytes = text.as_bytes();
    let (mut before, mut a) = (Kind::Other, Kind::Other);
    let (mut changes, mut pairs, mut digits) = (0_u32, 0_u32, 0_u32);
    for (index, byte) in bytes.iter().enumerate() {
        let b = kind(*byte);
        match b {
            Kind::Blank => return false,
            Kind::Digit => digits += u32::from(index > 0),
            _ => {}
        }
        if a != Kind::Other && b != Kind::Other {
            pairs += 1;
            // A capital that begins a word is no change; one within a word is.
            let begins = a == Kind::Capital && b == Kind::Small && before != Kind::Capital;
            changes += u32::from(a != b && !begins);
        }
        (before, a) = (a, b);
    }
    if pairs == 0 {
        return false;
    }
    // `getElementById` changes its case at every word.
    let tail = bytes
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let humps = tail <= 3 && digits <= tail as u32 && (pairs + 1) * 10 >= 28 * (changes + 1);
    changes >= 3 && !humps && changes as f32 / pairs as f32 >= least
        || bytes.len() >= 20 && is_unpronounceable(text)
}

/// Letters in an order that no word has.
pub(super) fn is_unpronounceable(text: &str) -> bool {
    text.split(['_', '-', '.', '/', ' ']).any(|word| {
        let (mut run, mut runs, mut letters, mut vowels) = (0, 0, 0, 0);
        for byte in word.bytes() {
            let letter = byte.is_ascii_alphabetic();
            // The five lower bits of a letter are its place in the alphabet, in either case.
            let vowel = letter && VOWELS >> (byte & 31) & 1 == 1;
            run = if letter && !vowel { run + 1 } else { 0 };
            runs += u32::from(run == 5);
            letters += u32::from(letter);
            vowels += u32::from(vowel);
        }
        letters >= 16 && (runs >= 2 || runs >= 1 && vowels * 4 < letters || vowels * 6 < letters)
    })
}

/// A bit for each vowel, by its place in the alphabet.
const VOWELS: u32 = 1 << (b'a' & 31)
    | 1 << (b'e' & 31)
    | 1 << (b'i' & 31)
    | 1 << (b'o' & 31)
    | 1 << (b'u' & 31)
    | 1 << (b'y' & 31);

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
    !is_random(text, 0.2)
        && text
            .as_bytes()
            .split(|b| !ALPHANUMERIC.has(*b))
            .all(|part| {
                let digits = part.iter().rev().take_while(|b| b.is_ascii_digit());
                let digits = digits.count();
                let letters = &part[..part.len() - digits];
                digits <= 4 && letters.iter().all(u8::is_ascii_alphabetic)
            })
}
