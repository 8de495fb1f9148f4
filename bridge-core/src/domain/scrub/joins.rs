//! What joins a name to its value besides `=` and `:`.

/// The end of the line, if all it says is that something has this name: `- name: DB_PASSWORD`, `variable "token" {`.
pub(super) fn named_line_end(bytes: &[u8], start: usize, at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let closing = rest
        .iter()
        .take(8)
        .take_while(|b| matches!(b, b',' | b' ' | b'{'))
        .count();
    let closing = if rest.starts_with(b"</") {
        rest.iter().take(16).position(|&b| b == b'>')? + 1
    } else {
        closing
    };
    if !matches!(rest.get(closing), None | Some(b'\n' | b'\r')) {
        return None;
    }
    let before = &bytes[start.saturating_sub(24)..start];
    let before = before
        .rsplit(|b| matches!(b, b'\n' | b'\r'))
        .next()
        .unwrap_or(before)
        .trim_ascii_end();
    let before = before
        .strip_suffix(b"\"")
        .or_else(|| before.strip_suffix(b"'"))
        .unwrap_or(before)
        .trim_ascii_end();
    const LEADS: &[&[u8]] = &[
        b"name:",
        b"name\":",
        b"Name\":",
        b"Name:",
        b"key:",
        b"key\":",
        b"Key\":",
        b"variable",
        b"<name>",
        b"<key>",
        b"name =",
        b"- id:",
        b"form-data; name=",
    ];
    LEADS
        .iter()
        .any(|lead| before.ends_with(lead))
        .then_some(at + closing)
}

/// Steps over `value=` and `"value":` that stand between a quoted name and its value.
pub(super) fn after_value_word(bytes: &[u8], from: usize) -> usize {
    let mut at = blanks(bytes, from);
    at += usize::from(matches!(bytes.get(at), Some(b'"' | b'\'')));
    for word in [&b"value"[..], b"Value", b"content", b"stringValue"] {
        if bytes[at..].starts_with(word) {
            at += word.len();
            at += usize::from(matches!(bytes.get(at), Some(b'"' | b'\'')));
            at = blanks(bytes, at);
            return at + usize::from(matches!(bytes.get(at), Some(b'=' | b':')));
        }
    }
    from
}

/// Whether a blank alone joins name and value: `ENV NAME value`, `setenv NAME value`, `.netrc`, SQL.
pub(super) fn blank_joins(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let name = &text[start..end];
    let next = bytes.get(blanks(bytes, end));
    if matches!(next, Some(b'\'' | b'"'))
        && (name.eq_ignore_ascii_case("password") || name.eq_ignore_ascii_case("secret"))
    {
        return true;
    }
    let before = &bytes[start.saturating_sub(200)..start];
    if matches!(
        name,
        "password" | "passwd" | "account" | "requirepass" | "masterauth" | "rootpw" | "bindpw"
    ) {
        let line = before
            .rsplit(|b| matches!(b, b'\n' | b'\r'))
            .next()
            .unwrap_or(before)
            .trim_ascii();
        let netrc = contains(line, b"login ") || contains(line, b"machine ");
        // What diffs and listings put before a line.
        let decorated = line
            .iter()
            .all(|b| b.is_ascii_digit() || b"+->|:# \t".contains(b));
        return decorated || netrc && !name.ends_with(['h', 'w']);
    }
    if !before.ends_with(b" ") {
        return false;
    }
    let before = before[before.len().saturating_sub(12)..].trim_ascii_end();
    const LEADS: &[&[u8]] = &[
        b"ENV",
        b"ARG",
        b"setenv",
        b"set",
        b"-x",
        b"-gx",
        b"-Ux",
        b"-xg",
        b"setx",
        b"export",
        b"env add",
        b"config:set",
    ];
    LEADS.iter().any(|lead| before.ends_with(lead))
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

pub(super) fn blanks(bytes: &[u8], from: usize) -> usize {
    from + bytes[from.min(bytes.len())..]
        .iter()
        .take(64)
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}
