//! How much of a line can be shown before the line is complete.
//!
//! Whether a word is a secret is decided by a keyword in it or before it, or by its own shape. So what stands before the
//! first keyword and before the first word of an odd shape stays as it is, whatever follows.

use crate::domain::scrub::known::Own;
use crate::domain::scrub::triggers::triggers;

/// A longer word may be a token, or a line of a key.
const LONGEST_WORD: usize = 40;
/// As long as what is left of a private key may be, of which the first line is missing.
const SHORTEST_KEY: usize = 16;

/// How many bytes of a line that has only begun nothing can be taken out of any more. It ends between words.
pub(super) fn settled(own: &Own, line: &str) -> usize {
    if own.has_patterns() {
        return 0;
    }
    let keyword = triggers().hits(line).next().map(|hit| hit.range.start);
    let value = own.values_in(line).first().map(|range| range.start);
    let spaced = line.len().saturating_sub(own.longest_with_blanks());
    let stops = [keyword, value, Some(spaced)];
    let stop = stops.into_iter().flatten().min().unwrap_or(line.len());
    let mut settled = 0;
    let mut at = 0;
    for word in line[..line.floor_char_boundary(stop)].split_inclusive([' ', '\t']) {
        at += word.len();
        let bare = word.trim_end_matches([' ', '\t']);
        // The last word may go on.
        if bare.len() == word.len() || is_odd(bare) {
            break;
        }
        if !bare.is_empty() {
            settled = at - (word.len() - bare.len());
        }
    }
    settled
}

/// Whether a word may turn out to be a secret, or to hide one, by what is written after it.
fn is_odd(word: &str) -> bool {
    // Escapes and encodings hide keywords; what is piped to a program that sets passwords is `user:password`.
    let hides = word.contains(['\\', '\x1b'])
        || word
            .trim_end_matches([':', '%', '&'])
            .contains([':', '%', '&']);
    let bare =
        word.trim_matches(|c: char| c.is_ascii_punctuation() && !matches!(c, '+' | '/' | '='));
    let key_like = bare.len() >= SHORTEST_KEY
        && bare
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        && bare
            .bytes()
            .skip(1)
            .any(|b| !b.is_ascii_lowercase() && b != b'/');
    hides || key_like || word.len() > LONGEST_WORD
}

#[cfg(test)]
mod tests {
    use crate::domain::scrub::{Extras, Scrubber};

    fn check(line: &str, expected: &str) {
        let mut stream = Scrubber::builtin().stream();
        stream.push(line);
        assert_eq!(stream.ahead().as_str(), expected, "{line}");
    }

    #[test]
    fn words_are_shown_before_their_line_is_over() {
        check("", "");
        check("The", "");
        check("The build ", "The build");
        check(
            "  - **The** build, at src/lib.rs, wor",
            "  - **The** build, at src/lib.rs,",
        );
        check("first line\nThe tests are gr", "The tests are");
        check("grün und 漢字 gut", "grün und 漢字");
    }

    #[test]
    fn nothing_is_shown_from_where_a_secret_may_be() {
        check("Use the password hunter2x for that ", "Use the");
        check("It is at https://me:hunter2x@host now ", "It is at");
        check("echo me:hunter2x | ", "echo");
        check("run with \\u0070assword and more ", "run with");
        check("a Ab12Cd34Ef56Gh78 b ", "a");
        check(&format!("a {} b ", "x".repeat(41)), "a");
        check("-----BEGIN RSA PRIVATE KEY-----\nword word word ", "");
        check("password:\nword word word ", "");
        check("Ab12Cd34Ef56Gh78==\nword word ", "");
    }

    #[test]
    fn what_the_person_added_is_heeded() {
        let extras = |patterns: &[&str], values: &[&str]| Extras {
            patterns: patterns.iter().map(|text| (*text).to_owned()).collect(),
            known_values: values.iter().map(|text| (*text).to_owned()).collect(),
            ..Extras::default()
        };
        let shown = |extras: Extras| {
            let mut stream = Scrubber::new(extras).unwrap().stream();
            stream.push("one two three wombat lantern four five ");
            stream.ahead().into_string()
        };
        assert_eq!(shown(extras(&["f[a-z]+ six"], &[])), "");
        assert_eq!(shown(extras(&[], &["lantern"])), "one two three wombat");
        assert_eq!(
            shown(extras(&[], &["wombat lantern four five six"])),
            "one two"
        );
    }

    #[test]
    fn what_was_shown_early_is_how_the_whole_begins() {
        let scrubber = Scrubber::builtin();
        for text in [
            "All good. I set DB_PASSWORD=hunter2x and ran it again, twice.\nThe rest is fine here.",
            "see postgres://u:dkpztN@h/db for more of that\nmachine h login me password hunter2x\n",
            "Run mysql -u root -p'hunter2x' app and echo \"me:hunter2x\" | chpasswd now\n",
            "the key in use was `ab12cd34ef56gh78` until now, I think\nno more",
            "CREATE USER a IDENTIFIED BY 'hunter2x'; then INSERT INTO users VALUES (1, 'x'); done\n",
            "{\"password\":\n  \"hunter2x\"} and more of it follows here\n",
            " 1\t-----BEGIN RSA PRIVATE KEY-----\n 2\tMIIEpAIBAAKCAQEA7b3xKq9Zt1mXq2Lp9Zt\n and so on\n",
        ] {
            let whole = scrubber.scrub(text);
            for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                let mut stream = scrubber.stream();
                let mut shown = stream.push(&text[..end]);
                shown.push(&stream.ahead());
                assert!(whole.as_str().starts_with(shown.as_str()), "{shown}");
            }
        }
    }
}
