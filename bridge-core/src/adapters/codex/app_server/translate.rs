//! Puts what an app-server tells into the words of `codex exec --json`, which the rest of the bridge reads: one parser,
//! one scrubber, one set of bounds for both.

use serde_json::{Map, Value, json};

/// What an app-server tells of itself and of other threads.
const SILENT: &[&str] = &[
    "account/",
    "app/",
    "configWarning",
    "deprecationNotice",
    "mcpServer/startupStatus/",
    "remoteControl/",
    "serverRequest/resolved",
    "skills/",
    "thread/",
    "turn/diff/updated",
    "windows/",
];

/// The line that `codex exec` would have written; `None` where it would have written nothing.
pub(super) fn notification(method: &str, params: &Value) -> Option<Value> {
    match method {
        "turn/started" => Some(json!({ "type": "turn.started" })),
        "turn/plan/updated" => Some(plan(params)),
        "item/started" => item("item.started", &params["item"]),
        "item/completed" => item("item.completed", &params["item"]),
        "error" => Some(complaint(&params["error"])),
        "warning" => Some(json!({
            "type": "item.completed",
            "item": { "type": "error", "message": params["message"] },
        })),
        _ if SILENT.iter().any(|silent| method.starts_with(silent)) => None,
        _ => Some(unknown(method, params)),
    }
}

pub(super) fn thread_started(thread: &str) -> Value {
    json!({ "type": "thread.started", "thread_id": thread })
}

/// A turn that ended in one of its ways. One that was interrupted failed, unless the bridge itself stopped it.
pub(super) fn turn_completed(turn: &Value, usage: &Value) -> Value {
    match turn["status"].as_str() {
        Some("completed") => json!({
            "type": "turn.completed",
            "usage": {
                "input_tokens": usage["inputTokens"],
                "cached_input_tokens": usage["cachedInputTokens"],
                "output_tokens": usage["outputTokens"],
                "reasoning_output_tokens": usage["reasoningOutputTokens"],
            },
        }),
        Some("interrupted") => {
            json!({ "type": "turn.failed", "error": { "message": "the turn was interrupted" } })
        }
        _ => failed(&turn["error"]),
    }
}

/// A turn that failed, or never began.
pub(super) fn failed(error: &Value) -> Value {
    json!({ "type": "turn.failed", "error": { "message": message(error) } })
}

/// Codex complains, and may go on.
pub(super) fn complaint(error: &Value) -> Value {
    json!({ "type": "error", "message": message(error) })
}

/// What the bridge does not know is kept as it came.
pub(super) fn unknown(kind: &str, params: &Value) -> Value {
    json!({ "type": kind, "params": params })
}

/// The message, and in brackets what there is besides: `Reconnecting... 1/5 (unexpected status 401 …)`.
fn message(error: &Value) -> String {
    let message = error["message"].as_str().unwrap_or_default();
    match error["additionalDetails"].as_str() {
        Some(details) if !details.is_empty() => format!("{message} ({details})"),
        _ => message.to_owned(),
    }
}

fn plan(params: &Value) -> Value {
    let steps = params["plan"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let steps = steps
        .iter()
        .map(|step| json!({ "text": step["step"], "completed": step["status"] == "completed" }));
    let items: Vec<_> = steps.collect();
    json!({ "type": "item.updated", "item": { "type": "todo_list", "items": items } })
}

/// An item in the words of `exec`. What the person said is known already.
fn item(event: &str, item: &Value) -> Option<Value> {
    let mut fields = Map::new();
    let mut copy = |from: &str, to: &str| {
        if let Some(value) = item.get(from) {
            fields.insert(to.to_owned(), value.clone());
        }
    };
    copy("id", "id");
    let kind = match item["type"].as_str().unwrap_or_default() {
        "userMessage" | "hookPrompt" => return None,
        "agentMessage" => {
            copy("text", "text");
            "agent_message"
        }
        "reasoning" => {
            fields.insert("text".to_owned(), summary(&item["summary"]));
            "reasoning"
        }
        "commandExecution" => {
            copy("command", "command");
            copy("aggregatedOutput", "aggregated_output");
            copy("exitCode", "exit_code");
            "command_execution"
        }
        "fileChange" => {
            fields.insert("changes".to_owned(), changes(&item["changes"]));
            "file_change"
        }
        "mcpToolCall" => {
            copy("server", "server");
            copy("tool", "tool");
            "mcp_tool_call"
        }
        "collabAgentToolCall" | "collabToolCall" => {
            copy("tool", "tool");
            "collab_tool_call"
        }
        "webSearch" => {
            copy("query", "query");
            "web_search"
        }
        _ => return Some(json!({ "type": event, "item": item })),
    };
    fields.insert("type".to_owned(), json!(kind));
    if let Some(status) = item["status"].as_str() {
        let status = if status == "inProgress" {
            "in_progress"
        } else {
            status
        };
        fields.insert("status".to_owned(), json!(status));
    }
    Some(json!({ "type": event, "item": fields }))
}

/// The parts of a summary as one text.
fn summary(parts: &Value) -> Value {
    let parts = parts.as_array().map(Vec::as_slice).unwrap_or_default();
    let parts: Vec<_> = parts.iter().filter_map(Value::as_str).collect();
    json!(parts.join("\n\n"))
}

/// The files alone: what changed in them is seen by git.
fn changes(changes: &Value) -> Value {
    let changes = changes.as_array().map(Vec::as_slice).unwrap_or_default();
    let file = |change: &Value| json!({ "path": change["path"], "kind": change["kind"]["type"] });
    changes.iter().map(file).collect()
}
