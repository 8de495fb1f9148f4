//! The events of `codex exec --json`, one per line.

use serde_json::{Value, json};

use crate::version::Version;

pub(crate) fn thread_started(id: &str) -> Value {
    json!({"type": "thread.started", "thread_id": id})
}

pub(crate) fn turn_started() -> Value {
    json!({"type": "turn.started"})
}

pub(crate) fn message(number: usize, text: &str) -> Value {
    json!({"type": "item.completed", "item": {
        "id": format!("item_{number}"), "type": "agent_message", "text": text,
    }})
}

/// A message whose line, newline included, has this size, or the smallest possible one.
pub(crate) fn message_of_size(number: usize, size: usize) -> Value {
    let least = message(number, "").to_string().len() + 1;
    message(number, &"x".repeat(size.saturating_sub(least)))
}

pub(crate) fn turn_completed(version: Version) -> Value {
    let mut usage = json!({"input_tokens": 1200, "cached_input_tokens": 1000, "output_tokens": 34});
    if version >= Version::COUNTS_REASONING {
        usage["reasoning_output_tokens"] = 12.into();
    }
    if version >= Version::COUNTS_CACHE_WRITES {
        usage["cache_write_input_tokens"] = 0.into();
    }
    json!({"type": "turn.completed", "usage": usage})
}

pub(crate) fn error(message: &str) -> Value {
    json!({"type": "error", "message": message})
}

pub(crate) fn turn_failed(message: &str) -> Value {
    json!({"type": "turn.failed", "error": {"message": message}})
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
}
