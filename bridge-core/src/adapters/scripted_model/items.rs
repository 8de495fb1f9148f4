//! The items of a response. They have no ids: [`Answer`](crate::adapters::scripted_model::Answer) gives them those.

use serde_json::{Value, json};

/// A message of the assistant.
pub fn message(text: &str) -> Value {
    json!({
        "type": "message", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    })
}

/// What the model thought, as the summary that people get to see.
pub fn reasoning(summary: &str) -> Value {
    json!({
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": summary}],
        "encrypted_content": "AAAA",
    })
}

/// A web search that the API has already done.
pub fn web_search(query: &str) -> Value {
    json!({
        "type": "web_search_call", "status": "completed",
        "action": {"type": "search", "query": query},
    })
}

pub(super) fn function_call(name: &str, namespace: Option<&str>, arguments: &Value) -> Value {
    let call = json!({
        "type": "function_call", "status": "completed",
        "name": name, "arguments": arguments.to_string(),
    });
    within(namespace, call)
}

pub(super) fn custom_call(name: &str, namespace: Option<&str>, input: &str) -> Value {
    let call = json!({
        "type": "custom_tool_call", "status": "completed",
        "name": name, "input": input,
    });
    within(namespace, call)
}

pub(super) fn local_shell_call(command: &str) -> Value {
    json!({
        "type": "local_shell_call", "status": "completed",
        "action": {"type": "exec", "command": ["bash", "-lc", command]},
    })
}

fn within(namespace: Option<&str>, mut call: Value) -> Value {
    if let Some(namespace) = namespace {
        call["namespace"] = namespace.into();
    }
    call
}
