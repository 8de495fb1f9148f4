//! Every kind of event that Codex has, with a secret in each.

use codex_bridge_tests::script::fake;
use serde_json::{Value, json};

use crate::canary::plant::Canaries;

/// Every kind of event that Codex has, and what is none.
pub(super) fn events(canaries: &mut Canaries) -> String {
    let mut steps = vec!["thread".to_owned(), "turn".to_owned()];
    let mut item = |source: &'static str, kind: &str, fields: fn(&str) -> Value| {
        let text = canaries.plant(source);
        for phase in ["item.started", "item.completed"] {
            let mut item = fields(&text);
            item["id"] = json!("item_7");
            item["type"] = json!(kind);
            steps.push(format!("event {}", json!({"type": phase, "item": item})));
        }
    };
    item(
        "event message",
        "agent_message",
        |text| json!({"text": format!("I found {text}.")}),
    );
    item(
        "event reasoning",
        "reasoning",
        |text| json!({"text": format!("**Use {text}** now")}),
    );
    item(
        "event command",
        "command_execution",
        |text| json!({"command": format!("bash -lc 'echo {text}'"), "aggregated_output": "", "status": "in_progress"}),
    );
    item(
        "event output",
        "command_execution",
        |text| json!({"command": "env", "aggregated_output": format!("A=1\nX={text}\n"), "exit_code": 0, "status": "completed"}),
    );
    item(
        "event file",
        "file_change",
        |text| json!({"changes": [{"path": format!("src/{}.rs", text.replace(' ', "-")), "kind": "update"}], "status": "completed"}),
    );
    item(
        "event tool call",
        "mcp_tool_call",
        |text| json!({"server": text, "tool": text, "arguments": {"q": text}, "result": {"content": [{"type": "text", "text": text}]}, "status": "completed"}),
    );
    item(
        "event tool error",
        "mcp_tool_call",
        |text| json!({"server": "s", "tool": "t", "error": {"message": text}, "status": "failed"}),
    );
    item("event search", "web_search", |text| json!({"query": text}));
    item(
        "event plan",
        "todo_list",
        |text| json!({"items": [{"text": text, "completed": false}]}),
    );
    item("event item error", "error", |text| json!({"message": text}));
    item(
        "event new item",
        "hologram",
        |text| json!({"anything": text, text: 1}),
    );
    let mut line = |source: &'static str, line: fn(&str) -> String| {
        steps.push(line(&canaries.plant(source)));
    };
    line("event new kind", |text| {
        format!(
            "event {}",
            json!({"type": format!("new.{text}"), "x": [text]})
        )
    });
    line("event error", |text| {
        format!(
            "event {}",
            json!({"type": "error", "message": format!("Reconnecting... {text}")})
        )
    });
    line("event noise", |text| format!("raw 2026 WARN {text}"));
    line("event escaped noise", |text| {
        format!("raw {}", json!(json!({"a": text}).to_string()))
    });
    line("event in colours", |text| {
        format!(
            "raw \u{1b}[31m{}\u{1b}[0m\u{1b}[1m{}",
            &text[..9],
            &text[9..]
        )
    });
    line("event bytes", |text| {
        let hex: String = format!("\u{0}{text}")
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("bytes ff{hex}fe0a")
    });
    let cut = canaries.plant("event cut lines");
    let (first, second) = cut.split_at(13);
    let hex = |text: &str| {
        text.bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    steps.push(format!(
        "bytes {}",
        hex(&format!("{{\"type\":\"new\",\"a\":\"{first}"))
    ));
    steps.push(format!("bytes {}0a", hex(&format!("{second}\"}}"))));
    fake(&steps.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Runs that stay in the middle of something, each with a secret in what it is doing.
pub(super) fn unfinished(canaries: &mut Canaries) -> Vec<String> {
    let mut prompts = Vec::new();
    let mut run = |source: &'static str, kind: &str, fields: fn(&str) -> Value| {
        let mut item = fields(&canaries.plant(source));
        item["id"] = json!("item_1");
        item["type"] = json!(kind);
        let phase = if kind == "reasoning" {
            "completed"
        } else {
            "started"
        };
        let event = json!({"type": format!("item.{phase}"), "item": item});
        prompts.push(fake(&["thread", "turn", &format!("event {event}"), "hang"]));
    };
    run(
        "command under way",
        "command_execution",
        |text| json!({"command": format!("bash -lc 'echo {text}'"), "status": "in_progress"}),
    );
    run(
        "thought under way",
        "reasoning",
        |text| json!({"text": format!("**Weighing {text}**")}),
    );
    run(
        "tool call under way",
        "mcp_tool_call",
        |text| json!({"server": "s", "tool": text, "status": "in_progress"}),
    );
    run(
        "search under way",
        "web_search",
        |text| json!({"query": text}),
    );
    run(
        "plan under way",
        "todo_list",
        |text| json!({"items": [{"text": text, "completed": false}]}),
    );
    prompts
}
