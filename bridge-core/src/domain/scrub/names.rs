//! Names that tell of a secret, and those that only sound so.

use crate::domain::scrub::chance::{Kind, kind};
use crate::domain::scrub::words::{Meaning, meaning};

/// How surely a name tells of a secret, and so how much its value must look like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A person chose the value: it may be short and plain.
    Password,
    /// A machine made the value.
    Secret,
    /// The name is used for other things too: only what looks random counts.
    Weak,
}

/// What a name tells, if anything.
pub(super) fn class(name: &str) -> Option<Class> {
    let mut words = [""; MOST_WORDS];
    let count = split(name, &mut words);
    let words = &words[..count];
    let mut meanings = [Meaning::default(); MOST_WORDS];
    for (meaning_of, word) in meanings.iter_mut().zip(words) {
        *meaning_of = meaning(word.trim_end_matches(|c: char| c.is_ascii_digit()));
    }
    for (index, word) in words.iter().enumerate().rev() {
        let Some(class) = word_class(word, index, count, &meanings) else {
            if meanings[index].is_about() && index > 0 {
                let webhook = word.eq_ignore_ascii_case("url")
                    && words[index - 1].eq_ignore_ascii_case("webhook");
                return webhook.then_some(Class::Secret);
            }
            continue;
        };
        let mut before = meanings[..index].iter();
        return (!before.any(|word| word.is_not_of() && !word.is_password())).then_some(class);
    }
    None
}

/// Of a longer name the last words count.
const MOST_WORDS: usize = 12;

fn word_class(word: &str, index: usize, count: usize, meanings: &[Meaning]) -> Option<Class> {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let meaning = meanings[index];
    if meaning.is_last_only() && index + 1 != count {
        return None;
    }
    if meaning.is_password()
        || ends(word, "password")
        || ends(word, "passwd")
        || ends(word, "passphrase")
    {
        return Some(Class::Password);
    }
    if meaning.is_secret() || ends(word, "secret") || ends(word, "token") || ends(word, "apikey") {
        return Some(Class::Secret);
    }
    if word.eq_ignore_ascii_case("key") && index > 0 && meanings[index - 1].is_key_of() {
        return Some(Class::Secret);
    }
    (meaning.is_weak() || ends(word, "key") || ends(word, "sess") || ends(word, "session"))
        .then_some(Class::Weak)
}

fn ends(word: &str, end: &str) -> bool {
    word.len() > end.len()
        && word.is_char_boundary(word.len() - end.len())
        && word[word.len() - end.len()..].eq_ignore_ascii_case(end)
}

/// Splits at what is no letter or digit and where capitals begin.
fn split<'a>(name: &'a str, words: &mut [&'a str; MOST_WORDS]) -> usize {
    let bytes = name.as_bytes();
    let kind_at = |at: usize| bytes.get(at).map_or(Kind::Other, |byte| kind(*byte));
    let (mut count, mut start) = (0, 0);
    let (mut before, mut here) = (Kind::Other, kind_at(0));
    for at in 0..=bytes.len() {
        let after = kind_at(at + 1);
        let breaks = matches!(here, Kind::Other | Kind::Blank);
        let hump = here == Kind::Capital
            && (before == Kind::Small || before == Kind::Capital && after == Kind::Small);
        if breaks || hump {
            if start < at {
                if count == words.len() {
                    words.rotate_left(1);
                    count -= 1;
                }
                words[count] = &name[start..at];
                count += 1;
            }
            start = if breaks { at + 1 } else { at };
        }
        (before, here) = (here, after);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<Class>) {
        assert_eq!(class(name), expected, "{name}");
    }

    #[test]
    fn names_tell_what_their_values_are() {
        check("DB_PASSWORD", Some(Class::Password));
        check("PGPASSWORD", Some(Class::Password));
        check("spring.datasource.password", Some(Class::Password));
        check("mysqlPass", Some(Class::Password));
        check("AWS_SECRET_ACCESS_KEY", Some(Class::Secret));
        check("AWS_BEARER_TOKEN_BEDROCK", Some(Class::Secret));
        check("client-key-data", Some(Class::Secret));
        check("secret_key_base", Some(Class::Secret));
        check("apiKey", Some(Class::Secret));
        check("APIKey", Some(Class::Secret));
        check("refreshToken", Some(Class::Secret));
        check("_authToken", Some(Class::Secret));
        check("SOME_KEY", Some(Class::Weak));
        check("AccountKey", Some(Class::Secret));
    }

    #[test]
    fn names_about_a_secret_are_none() {
        for name in [
            "max_tokens",
            "input_tokens",
            "public_key",
            "key_id",
            "secret_name",
            "password_required",
            "token_refresh_enabled",
            "primaryKey",
            "tokenize",
            "monkeys",
            "keyword",
            "passed",
        ] {
            check(name, None);
        }
    }
}
