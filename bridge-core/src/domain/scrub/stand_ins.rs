//! What stands where a secret will be: placeholders, names of variables, references to a vault.

use crate::domain::scrub::chance::{distinct, is_wordy};

/// What stands where a secret will be, or says that it is not shown.
pub(super) fn is_stand_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    let set = byte_set(bytes);
    if set.count_ones() < 4 {
        let distinct = distinct(bytes);
        if distinct < 4 && bytes.len() > 5 || distinct < 3 {
            return true;
        }
    }
    // The last three stand in patterns.
    const VERBATIM: [Part; 7] = [
        Part::new("EXAMPLE"),
        Part::new("xxxxxxxx"),
        Part::new("XXXXXXXX"),
        Part::new("@sha256:"),
        Part::new("a-z"),
        Part::new("A-Z"),
        Part::new("0-9]"),
    ];
    let has = |part: &Part| set & part.set == part.set;
    if (VERBATIM.iter()).any(|part| has(part) && text.contains(part.text))
        || matches!(text, "String!" | "ID!" | "Int!")
    {
        return true;
    }
    match bytes {
        [b'$', b'{' | b'(', ..]
        | [b'{', b'{' | b'%', ..]
        | [b'<', ..]
        | [b'[', b'r' | b'R', b'e' | b'E', ..]
        | [b'*', b'*', ..]
        | [b'.', b'.', b'.', ..]
        | [b'#', b'{', ..] => return true,
        [b'$', rest @ ..]
            if rest
                .iter()
                .all(|&b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit()) =>
        {
            return !rest[0].is_ascii_digit();
        }
        [b'$', rest @ ..] if rest.iter().all(|&b| b.is_ascii_lowercase() || b == b'_') => {
            return true;
        }
        [b'%', .., b'%'] | [b'_', b'_', .., b'_', b'_'] | [b'@', b'@', ..] => return true,
        _ => {}
    }
    const STARTS: &[&str] = &[
        "process.env",
        "os.environ",
        "os.getenv",
        "env.",
        "env(",
        "getenv",
        "ENV[",
        "System.getenv",
        "secrets.",
        "vault:",
        "arn:aws:",
        "op://",
        "ref+",
        "file:",
        "@Microsoft.KeyVault",
        "!Ref",
        "!GetAtt",
        "!Sub",
        "!vault",
        "var.",
        "local.",
        "data.",
        "self.",
        "this.",
        "config.",
        "settings.",
        "$(",
        "$env:",
        "import.meta",
        "ssm:",
        "secretsmanager:",
        "keyring:",
        "sops:",
        "env:",
        "ENC[",
        "sha256-",
        "sha384-",
        "sha512-",
        "sha256:",
        "sha1:",
        "sha512:",
    ];
    const FIRSTS: u64 = firsts(STARTS);
    let first = bytes[0];
    let starts = |start: &&str| start.as_bytes()[0] == first && text.starts_with(*start);
    if FIRSTS >> BITS[usize::from(first)] & 1 == 1 && STARTS.iter().any(starts) {
        return true;
    }
    const PARTS: [Part; 25] = [
        Part::new("your"),
        Part::new("example"),
        Part::new("placeholder"),
        Part::new("changeme"),
        Part::new("change-me"),
        Part::new("change_me"),
        Part::new("change_this"),
        Part::new("dummy"),
        Part::new("replace"),
        Part::new("redacted"),
        Part::new("insert"),
        Part::new("sample"),
        Part::new("todo"),
        Part::new("xxxx"),
        Part::new("..."),
        Part::new("\u{2026}"),
        Part::new("<"),
        Part::new("fake"),
        Part::new("not-a-real"),
        Part::new("notreal"),
        Part::new("my-secret"),
        Part::new("my_secret"),
        Part::new("undefined"),
        Part::new("none"),
        Part::new("null"),
    ];
    let set = set | (set & CAPITALS) << 32;
    let has = |part: &Part| set & part.set == part.set;
    let mut parts = PARTS.iter().filter(|part| has(part)).peekable();
    if parts.peek().is_none() {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    parts.any(|part| lower.contains(part.text)) && is_wordy(text)
}

/// What a text may hold. Most hold not even its letters, which is told at once.
struct Part {
    text: &'static str,
    set: u64,
}

impl Part {
    const fn new(text: &'static str) -> Part {
        let set = byte_set(text.as_bytes());
        Part { text, set }
    }
}

/// The capitals in a [`byte_set`]; the small letters are 32 after them.
const CAPITALS: u64 = (1 << 26) - 1;

/// The bit of each byte in a [`byte_set`]: each letter has its own, the others share what is left.
const BITS: [u8; 256] = {
    let mut bits = [0; 256];
    let mut byte = 0;
    while byte < bits.len() {
        bits[byte] = match byte as u8 {
            letter @ b'A'..=b'Z' => letter - b'A',
            letter @ b'a'..=b'z' => letter - b'a' + 32,
            b'0'..=b'9' => 26,
            sign => 58 + sign % 6,
        };
        byte += 1;
    }
    bits
};

/// A bit for each byte.
const fn byte_set(bytes: &[u8]) -> u64 {
    let (mut set, mut at) = (0, 0);
    while at < bytes.len() {
        set |= 1 << BITS[bytes[at] as usize];
        at += 1;
    }
    set
}

/// A [`byte_set`] of the first bytes.
const fn firsts(texts: &[&str]) -> u64 {
    let (mut set, mut at) = (0, 0);
    while at < texts.len() {
        set |= 1 << BITS[texts[at].as_bytes()[0] as usize];
        at += 1;
    }
    set
}
