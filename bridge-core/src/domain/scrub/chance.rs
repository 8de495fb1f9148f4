//! Whether letters and digits follow each other by chance or make words.

/// Whether the text looks made by chance: letters, digits and cases change often.
pub(super) fn is_random(text: &str, least: f32) -> bool {
    let bytes = text.as_bytes();
    if bytes.iter().any(|b| matches!(b, b' ' | b'\t' | b'"')) {
        return false;
    }
    let kind = |b: u8| match b {
        b'a'..=b'z' => 1_u8,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let (mut changes, mut pairs, mut digits) = (0_u32, 0_u32, 0_u32);
    for (index, pair) in bytes.windows(2).enumerate() {
        let (a, b) = (kind(pair[0]), kind(pair[1]));
        digits += u32::from(b == 3);
        if a == 0 || b == 0 {
            continue;
        }
        pairs += 1;
        // A capital that begins a word is no change; one within a word is.
        let begins = a == 2 && b == 1 && (index == 0 || kind(bytes[index - 1]) != 2);
        changes += u32::from(a != b && !begins);
    }
    if pairs == 0 {
        return false;
    }
    // `getElementById` changes its case at every word.
    let tail = text.len() - text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let humps = tail <= 3 && digits <= tail as u32 && (pairs + 1) * 10 >= 28 * (changes + 1);
    changes >= 3 && !humps && changes as f32 / pairs as f32 >= least
        || bytes.len() >= 20 && is_unpronounceable(text)
}

/// Letters in an order that no word has.
pub(super) fn is_unpronounceable(text: &str) -> bool {
    text.split(['_', '-', '.', '/', ' ']).any(|word| {
        let (mut run, mut runs, mut letters, mut vowels) = (0, 0, 0, 0);
        for byte in word.bytes().map(|b| b.to_ascii_lowercase()) {
            let consonant = byte.is_ascii_lowercase() && !b"aeiouy".contains(&byte);
            run = if consonant { run + 1 } else { 0 };
            runs += u32::from(run == 5);
            letters += u32::from(byte.is_ascii_lowercase());
            vowels += u32::from(b"aeiouy".contains(&byte));
        }
        letters >= 16 && (runs >= 2 || runs >= 1 && vowels * 4 < letters || vowels * 6 < letters)
    })
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
    !is_random(text, 0.2)
        && text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .all(|part| {
                let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
                part.is_empty()
                    || part.len() - letters.len() <= 4
                        && letters.bytes().all(|b| b.is_ascii_alphabetic())
            })
}
