//! How the targets read their input, so that a corpus is text that a person can read and write.

/// The pieces of an input: a NUL stands where one ends.
pub fn pieces(input: &str) -> Vec<String> {
    input.split('\0').map(expand).collect()
}

/// Writes out `<h32>` and the like as the examples of the scrubber's rules have them, so that no token lies in the
/// corpus: hexadecimal digits, `d`igits, `u` for capitals, `l` for small letters, `w` for words, `b` for base64, `a`
/// for letters and digits.
pub fn expand(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        match template(after) {
            Some((made, next)) => {
                out.push_str(&made);
                rest = next;
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out + rest
}

fn template(after: &str) -> Option<(String, &str)> {
    let (what, next) = after.split_once('>').filter(|(what, _)| what.len() <= 4)?;
    let alphabet: &str = match what.get(..1)? {
        "h" => "3f9a07c1e5b28d46",
        "d" => "7391582046",
        "u" => "K7QX2M9ZT4VB8RWJ5HD",
        "l" => "q7x2m9zt4vb8rwj5hdk",
        "w" => "aK7xQ-2mZ9_tV4bR8wJ5hD",
        "b" => "aK7xQ/2mZ9+tV4bR8wJ5hD",
        "a" => "aK7xQ2mZ9tV4bR8wJ5hDc",
        _ => return None,
    };
    let count: usize = what[1..].parse().ok()?;
    Some((alphabet.chars().cycle().take(count).collect(), next))
}
