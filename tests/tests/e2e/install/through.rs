//! A whole call through Claude Code: what is installed is started by it, and its model's call reaches a real Codex.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use codex_bridge_tests::scene::{Codex, NEWEST};
use serde_json::{Value, json};

use super::npm::{run, with_clients_and};
use super::{client, say};

const TOOL: &str = "mcp__codex-bridge__codex_run_task";
const MESSAGE: &str = "hello from the other side";

/// A stand-in for the model behind Claude Code: it calls our tool once, and then says what came of it.
struct Claude {
    port: u16,
    results: Arc<Mutex<Vec<Value>>>,
}

impl Claude {
    fn start(arguments: Value) -> Claude {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let results = Arc::new(Mutex::new(Vec::new()));
        let heard = results.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (arguments, heard) = (arguments.clone(), heard.clone());
                std::thread::spawn(move || answer(stream, &arguments, &heard));
            }
        });
        Claude { port, results }
    }
}

fn answer(mut stream: TcpStream, arguments: &Value, heard: &Mutex<Vec<Value>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let text = if first.contains("/v1/messages") && !first.contains("count_tokens") {
        events(&reply(&body, arguments, heard))
    } else {
        json!({"input_tokens": 1}).to_string()
    };
    let kind = if text.starts_with("event") {
        "text/event-stream"
    } else {
        "application/json"
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    stream.write_all((head + &text).as_bytes()).ok()
}

/// The content block that answers a request.
fn reply(body: &Value, arguments: &Value, heard: &Mutex<Vec<Value>>) -> Value {
    let tools = body["tools"].as_array().cloned().unwrap_or_default();
    if !tools.iter().any(|tool| tool["name"] == TOOL) {
        return json!({"type": "text", "text": "ok"});
    }
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let blocks = messages
        .iter()
        .filter_map(|message| message["content"].as_array())
        .flatten();
    let result = blocks
        .filter(|block| block["type"] == "tool_result")
        .last()
        .cloned();
    match result {
        Some(result) => {
            heard.lock().unwrap().push(result);
            json!({"type": "text", "text": "that is all"})
        }
        None => json!({"type": "tool_use", "id": "toolu_1", "name": TOOL, "input": arguments}),
    }
}

fn events(block: &Value) -> String {
    let is_call = block["type"] == "tool_use";
    let (begun, delta) = if is_call {
        let mut begun = block.clone();
        begun["input"] = json!({});
        let input = block["input"].to_string();
        (
            begun,
            json!({"type": "input_json_delta", "partial_json": input}),
        )
    } else {
        let delta = json!({"type": "text_delta", "text": block["text"]});
        (json!({"type": "text", "text": ""}), delta)
    };
    let reason = if is_call { "tool_use" } else { "end_turn" };
    let usage = json!({"input_tokens": 1, "output_tokens": 1});
    let events = [
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
            "model": "claude", "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage}}),
        json!({"type": "content_block_start", "index": 0, "content_block": begun}),
        json!({"type": "content_block_delta", "index": 0, "delta": delta}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null}, "usage": usage}),
        json!({"type": "message_stop"}),
    ];
    let line = |event: &Value| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap()
        )
    };
    events.iter().map(line).collect()
}

#[test]
fn a_call_through_claude_code_reaches_codex() {
    let Some(mut scene) = with_clients_and(&Codex::Real(NEWEST)) else {
        return;
    };
    let work = scene.work().display().to_string();
    let claude = Claude::start(json!({
        "prompt": format!("MOCK:answer {MESSAGE}"), "working_dir": work, "workspace": "in_place", "wait_s": 40}));
    scene.set(
        "ANTHROPIC_BASE_URL",
        &format!("http://127.0.0.1:{}", claude.port),
    );
    scene.set("ANTHROPIC_API_KEY", "none");
    let (said, code) = say(&scene, &["install", "claude-code"]);
    assert_eq!(code, Some(0), "{said}");
    let said = run(
        &scene,
        "claude",
        &["-p", "ask Codex", "--allowedTools", TOOL],
    );
    let results = claude.results.lock().unwrap();
    let result = results
        .first()
        .unwrap_or_else(|| panic!("no call: {said}"))
        .to_string();
    assert!(
        result.contains(MESSAGE) && result.contains("succeeded"),
        "{result}"
    );
    assert!(said.contains("that is all"), "{said}");
    let runs: Value = serde_json::from_str(&say(&scene, &["runs", "--json"]).0).unwrap();
    assert_eq!(runs["runs"][0]["client"], "claude-code", "{runs}");
    assert_eq!(
        client(&scene, "claude-code")["hello"]["client"],
        "claude-code"
    );
}
