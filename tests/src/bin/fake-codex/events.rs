//! The events of `codex exec --json`, one per line, members in the order in which Codex prints them.

use serde_json::Value;

use crate::version::Version;

pub(crate) fn thread_started(id: &str) -> String {
    let id = quoted(id);
    format!(r#"{{"type":"thread.started","thread_id":{id}}}"#)
}

pub(crate) fn turn_started() -> String {
    r#"{"type":"turn.started"}"#.to_owned()
}

pub(crate) fn message(number: usize, text: &str) -> String {
    let text = quoted(text);
    format!(
        r#"{{"type":"item.completed","item":{{"id":"item_{number}","type":"agent_message","text":{text}}}}}"#
    )
}

/// A message whose line, newline included, has this size, or the smallest possible one.
pub(crate) fn message_of_size(number: usize, size: usize) -> String {
    let least = message(number, "").len() + 1;
    message(number, &"x".repeat(size.saturating_sub(least)))
}

pub(crate) fn turn_completed(version: Version) -> String {
    let counts = |since: Version, count: &'static str| if version >= since { count } else { "" };
    let cache_writes = counts(
        Version::COUNTS_CACHE_WRITES,
        r#","cache_write_input_tokens":0"#,
    );
    let reasoning = counts(
        Version::COUNTS_REASONING,
        r#","reasoning_output_tokens":12"#,
    );
    format!(
        r#"{{"type":"turn.completed","usage":{{"input_tokens":1200,"cached_input_tokens":1000{cache_writes},"output_tokens":34{reasoning}}}}}"#
    )
}

pub(crate) fn error(message: &str) -> String {
    let message = quoted(message);
    format!(r#"{{"type":"error","message":{message}}}"#)
}

pub(crate) fn turn_failed(message: &str) -> String {
    let message = quoted(message);
    format!(r#"{{"type":"turn.failed","error":{{"message":{message}}}}}"#)
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_size_asked_for() {
        for size in [100, 4096, 1 << 20] {
            assert_eq!(format!("{}\n", message_of_size(7, size)).len(), size);
        }
    }

    #[test]
    fn events_read_like_those_of_codex() {
        fn check(line: &str, expected: &str) {
            assert_eq!(line, expected);
            serde_json::from_str::<Value>(line).unwrap();
        }
        let usage = |version: &str| turn_completed(Version::parse(version).unwrap());
        check(
            &usage("0.118.0"),
            r#"{"type":"turn.completed","usage":{"input_tokens":1200,"cached_input_tokens":1000,"output_tokens":34}}"#,
        );
        check(
            &usage("0.169.0"),
            r#"{"type":"turn.completed","usage":{"input_tokens":1200,"cached_input_tokens":1000,"cache_write_input_tokens":0,"output_tokens":34,"reasoning_output_tokens":12}}"#,
        );
        check(
            &message(3, "a \"b\""),
            r#"{"type":"item.completed","item":{"id":"item_3","type":"agent_message","text":"a \"b\""}}"#,
        );
        check(
            &turn_failed("no"),
            r#"{"type":"turn.failed","error":{"message":"no"}}"#,
        );
    }
}
