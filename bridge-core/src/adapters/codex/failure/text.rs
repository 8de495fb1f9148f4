//! Makes what Codex wrote fit to be compared and shown.

use std::borrow::Cow;

use serde_json::Value;

/// Removes the colours of terminals, and makes the apostrophes of newer versions (0.155) those of older ones.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                if chars.next_if_eq(&'[').is_some() {
                    while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
                }
            }
            '\u{2018}' | '\u{2019}' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\r' => {}
            _ => out.push(c),
        }
    }
    out
}

/// The reason inside `Reconnecting... 1/5 (reason)`.
pub(super) fn without_reconnecting(message: &str) -> &str {
    match message.strip_prefix("Reconnecting...") {
        Some(rest) => rest.split_once('(').map_or(message, |(_, inner)| {
            inner.strip_suffix(')').unwrap_or(inner)
        }),
        None => message,
    }
}

/// The sentence inside a JSON body that Codex passed on: up to 0.155 a rejected request is reported that way.
pub(super) fn without_json(message: &str) -> Cow<'_, str> {
    let Some(start) = message.find('{') else {
        return Cow::Borrowed(message);
    };
    let mut bodies = serde_json::Deserializer::from_str(&message[start..]).into_iter::<Value>();
    let Some(Ok(body)) = bodies.next() else {
        return Cow::Borrowed(message);
    };
    let sentence = ["/error/message", "/detail", "/message", "/error"]
        .iter()
        .find_map(|place| body.pointer(place)?.as_str());
    match sentence {
        Some(sentence) if start == 0 => Cow::Owned(sentence.to_owned()),
        Some(sentence) => Cow::Owned(format!("{}{sentence}", &message[..start])),
        None => Cow::Borrowed(message),
    }
}

/// The lines of standard error that tell why Codex ended. Left out: what it says of its own accord in good runs as
/// well, its log, and the frames of a backtrace.
pub(super) fn telling_lines(stderr: &str) -> Vec<&str> {
    stderr
        .lines()
        .map(str::trim)
        .filter(|line| {
            let said_anyway = [
                "Reading prompt from stdin",
                "Reading additional input from stdin",
                "WARNING: proceeding, even though",
                "For more information, try",
                "Stack backtrace:",
                "stack backtrace:",
                "note: run with `RUST_BACKTRACE",
                "Usage:",
                "codex exec [OPTIONS]",
                "tip: ",
            ];
            !line.is_empty()
                && !said_anyway.iter().any(|start| line.starts_with(start))
                && !is_log(line)
                && !is_frame(line)
        })
        .collect()
}

/// `2026-11-22T12:59:44.056484Z ERROR codex_core::tools::router: error=…`: also in runs that go well.
fn is_log(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_time = |word: &str| word.len() >= 20 && word.ends_with('Z') && word.contains('T');
    words.next().is_some_and(is_time)
        && words
            .next()
            .is_some_and(|level| ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level))
}

/// `   0: <unknown>` and `at src/main.rs:1:2`.
fn is_frame(line: &str) -> bool {
    line.split_once(": ")
        .is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        || line.starts_with("at /")
}

/// When the usage limit ends, in Codex's words: what follows `try again at` or `try again in`.
pub(super) fn reset_time(message: &str) -> Option<&str> {
    let lower = message.to_ascii_lowercase();
    let start = ["try again at ", "try again in "]
        .iter()
        .find_map(|lead| Some(lower.find(lead)? + "try again ".len()))?;
    let when = message[start..]
        .split(['\n', '('])
        .next()?
        .trim_end_matches(['.', ' ', '!']);
    (when.len() <= 60).then_some(when)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_typographic_marks_go() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected);
        check("\u{1b}[31mERROR\u{1b}[0m: You’ve", "ERROR: You've");
        check("\u{1b}[2m“a”\u{1b}[", "\"a\"");
        check("ä\r\n", "ä\n");
    }

    #[test]
    fn the_reason_of_a_reconnection_is_found() {
        let check = |text: &str, expected: &str| assert_eq!(without_reconnecting(text), expected);
        check("Reconnecting... 1/5 (cut (really))", "cut (really)");
        check(
            "Reconnecting... waiting for network (Connection failed: error sending request)",
            "Connection failed: error sending request",
        );
        check("Reconnecting... 2/5", "Reconnecting... 2/5");
        check("stream cut (x)", "stream cut (x)");
    }

    #[test]
    fn the_sentence_in_a_json_body_is_found() {
        let check = |text: &str, expected: &str| assert_eq!(without_json(text), expected);
        check(
            r#"{"error":{"message":"no such model","code":"x"}}"#,
            "no such model",
        );
        check(r#"{"detail":"Unsupported"}"#, "Unsupported");
        check(
            r#"unexpected status 400 Bad Request: {"error":{"message":"no"}}, url: x"#,
            "unexpected status 400 Bad Request: no",
        );
        check("{not json}", "{not json}");
        check(r#"{"a":1}"#, r#"{"a":1}"#);
    }

    #[test]
    fn the_time_of_a_reset_is_found() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(reset_time(text), expected);
        check("limit. … or try again at 1:59 PM.", Some("at 1:59 PM"));
        check(
            "Try again in 3 days 4 hours 2 minutes.",
            Some("in 3 days 4 hours 2 minutes"),
        );
        check(
            "try again at Nov 24th, 2026 9:01 AM.",
            Some("at Nov 24th, 2026 9:01 AM"),
        );
        check("try again later", None);
    }

    #[test]
    fn only_what_tells_of_the_end_is_left() {
        let stderr = "Reading prompt from stdin...\n\
            2026-11-22T12:27:07.846849Z ERROR codex_core::tools::router: error=x\n\
            Error: Model provider `nope` not found\n\n\
            Stack backtrace:\n   0: <unknown>\n   1: std::panic\n             at /rustc/x.rs:1\n";
        assert_eq!(
            telling_lines(stderr),
            ["Error: Model provider `nope` not found"]
        );
    }
}
