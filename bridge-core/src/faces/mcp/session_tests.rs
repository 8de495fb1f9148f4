//! Sessions as a client sees them: raw lines in, raw lines out, over an in-memory pipe.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;

use crate::faces::mcp::serve;
use crate::faces::tools;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::host::Host;

const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const MODERN: &str = "2026-07-28";

/// A client that knows nothing of MCP but its lines.
struct Client {
    input: WriteHalf<DuplexStream>,
    output: BufReader<ReadHalf<DuplexStream>>,
    server: JoinHandle<()>,
}

impl Client {
    fn start() -> Client {
        let nowhere = PathBuf::from("/nonexistent");
        let bridge = Bridge::new(Host {
            env: BTreeMap::<OsString, OsString>::new(),
            home: nowhere.clone(),
            config_dir: nowhere.clone(),
            state_dir: nowhere.clone(),
            sidecar: nowhere,
            now: || crate::domain::run::Timestamp(0),
            random: || 7,
        });
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (output, input) = tokio::io::split(ours);
        let (server_input, server_output) = tokio::io::split(theirs);
        Client {
            input,
            output: BufReader::new(output),
            server: tokio::spawn(serve(bridge, server_input, server_output)),
        }
    }

    async fn started(version: &str) -> Client {
        let mut client = Client::start();
        client.send(&initialize(version)).await;
        client.answer().await;
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        client.send(&initialized).await;
        client
    }

    async fn send(&mut self, message: &Value) {
        self.send_bytes(message.to_string().as_bytes()).await;
    }

    async fn send_bytes(&mut self, line: &[u8]) {
        self.input.write_all(line).await.unwrap();
        self.input.write_all(b"\n").await.unwrap();
    }

    async fn answer(&mut self) -> Value {
        let mut line = String::new();
        let read = self.output.read_line(&mut line);
        tokio::time::timeout(Duration::from_secs(5), read)
            .await
            .unwrap()
            .unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    async fn ask(&mut self, message: &Value) -> Value {
        self.send(message).await;
        self.answer().await
    }

    async fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.ask(&request("tools/call", &params)).await
    }

    /// How long the server takes to go once the input ends.
    async fn leave(self) -> Duration {
        let Client {
            mut input,
            server,
            output,
        } = self;
        let begun = Instant::now();
        input.shutdown().await.unwrap();
        drop(output);
        tokio::time::timeout(Duration::from_secs(5), server)
            .await
            .unwrap()
            .unwrap();
        begun.elapsed()
    }
}

fn request(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
}

fn initialize(version: &str) -> Value {
    request(
        "initialize",
        &json!({
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        }),
    )
}

fn modern(method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    });
    request(method, &params)
}

#[tokio::test]
async fn each_legacy_version_gets_its_handshake() {
    for version in LEGACY {
        let mut client = Client::start();
        let answer = client.ask(&initialize(version)).await;
        let result = &answer["result"];
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["serverInfo"]["name"], "codex-bridge");
        assert_eq!(
            result["capabilities"],
            json!({
                "tools": {},
                "resources": {"subscribe": true, "listChanged": true},
                "prompts": {},
                "completions": {},
            })
        );
        assert!(result["instructions"].as_str().unwrap().contains("wait_s"));
        let tools = client.ask(&request("tools/list", &json!({}))).await;
        let listed = tools["result"]["tools"].as_array().unwrap().len();
        assert_eq!(listed, tools::all().len());
        assert!(client.leave().await < Duration::from_millis(500));
    }
}

#[tokio::test]
async fn the_modern_era_needs_no_handshake() {
    let mut client = Client::start();
    let found = client.ask(&modern("server/discover", json!({}))).await;
    let versions = found["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!(MODERN)), "{found}");
    let tools = client.ask(&modern("tools/list", json!({}))).await;
    assert_eq!(tools["result"]["resultType"], "complete");
    let call = json!({"name": "codex_get_run", "arguments": {}});
    let refused = client.ask(&modern("tools/call", call)).await;
    assert_eq!(
        refused["result"]["structuredContent"]["code"],
        "invalid_argument"
    );
    assert!(client.leave().await < Duration::from_millis(500));
}

#[tokio::test]
async fn a_probe_of_the_modern_era_leaves_the_legacy_one_open() {
    let mut client = Client::start();
    client.ask(&modern("server/discover", json!({}))).await;
    let answer = client.ask(&initialize("2025-11-25")).await;
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
}

#[tokio::test]
async fn an_unknown_version_gets_the_newest_that_has_a_handshake() {
    let mut client = Client::start();
    let answer = client.ask(&initialize("1999-01-01")).await;
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
}

#[tokio::test]
async fn nothing_before_the_handshake_ends_the_session() {
    let garbage: [&[u8]; 13] = [
        b"hello",
        b"",
        b"\xff\xfe\x00",
        // A form feed is no blank of JSON.
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\x0c",
        b"{",
        b"null",
        b"[]",
        b"\xef\xbb\xbf",
        br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        br#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        br#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#,
        br#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{}}"#,
    ];
    for line in garbage {
        let mut client = Client::start();
        client.send_bytes(line).await;
        client.send(&initialize("2025-06-18")).await;
        let mut answer = client.answer().await;
        if answer.get("error").is_some() {
            assert_eq!(answer.get("id").unwrap_or(&Value::Null), &Value::Null);
            answer = client.answer().await;
        }
        assert_eq!(
            answer["result"]["protocolVersion"], "2025-06-18",
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn a_request_before_the_handshake_gets_an_error_and_not_silence() {
    let mut client = Client::start();
    for method in [
        "tools/list",
        "tools/call",
        "resources/list",
        "server/discover",
        "x/y",
    ] {
        let answer = client.ask(&request(method, &json!({}))).await;
        assert_eq!(answer["id"], 7, "{method}");
        assert!(answer["error"]["code"].is_i64(), "{answer}");
    }
    assert!(client.ask(&request("ping", &json!({}))).await["result"].is_object());
    assert!(client.ask(&initialize("2025-11-25")).await["result"].is_object());
}

#[tokio::test]
async fn whoever_sends_a_readable_id_gets_an_answer_with_it() {
    let mut client = Client::started("2025-11-25").await;
    let mut check = async |line: &str, id: Value, code: i64| {
        client.send_bytes(line.as_bytes()).await;
        let answer = client.answer().await;
        let got = answer.get("id").cloned().unwrap_or(Value::Null);
        assert_eq!(
            (got, &answer["error"]["code"]),
            (id, &json!(code)),
            "{line} {answer}"
        );
    };
    let call = r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":"#;
    check(
        &format!("{call}{}}}", r#"{"name":"codex_get_run","arguments":"x"}"#),
        json!(5),
        -32602,
    )
    .await;
    check(
        &format!("{call}{}}}", r#"{"arguments":{}}"#),
        json!(5),
        -32602,
    )
    .await;
    check(
        &format!("{call}{}}}", r#"{"name":"rm","arguments":{}}"#),
        json!(5),
        -32602,
    )
    .await;
    check(
        r#"{"jsonrpc":"2.0","id":"a","method":"no/such"}"#,
        json!("a"),
        -32601,
    )
    .await;
    check(
        r#"{"jsonrpc":"1.0","id":5,"method":"tools/list"}"#,
        json!(5),
        -32600,
    )
    .await;
    check(r#"{"jsonrpc":"2.0","id":5}"#, json!(5), -32600).await;
    check(
        r#"{"jsonrpc":"2.0","id":null,"method":"tools/list"}"#,
        Value::Null,
        -32600,
    )
    .await;
    check(
        r#"[{"jsonrpc":"2.0","id":5,"method":"tools/list"}]"#,
        Value::Null,
        -32600,
    )
    .await;
    check("42", Value::Null, -32600).await;
}

#[tokio::test]
async fn a_line_that_is_too_long_is_refused_and_the_next_one_is_served() {
    let mut client = Client::started("2025-11-25").await;
    let long = "x".repeat(17 * 1024 * 1024);
    let first =
        format!(r#"{{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{{"name":"{long}"}}}}"#);
    let last = format!(
        r#"{{"method":"tools/call","params":{{"name":"{long}"}},"jsonrpc":"2.0","id":"z"}}"#
    );
    for (line, id) in [(first, json!(8)), (last, json!("z")), (long, Value::Null)] {
        client.send_bytes(line.as_bytes()).await;
        let answer = client.answer().await;
        assert_eq!(answer.get("id").unwrap_or(&Value::Null), &id);
        assert_eq!(answer["error"]["code"], -32600);
    }
    assert!(client.ask(&request("ping", &json!({}))).await["result"].is_object());
}

#[tokio::test]
async fn a_late_cancellation_of_a_call_is_harmless() {
    let mut client = Client::started("2025-11-25").await;
    client.call("codex_get_run", &json!({})).await;
    let params = json!({"requestId": 7, "reason": "AbortError"});
    client
        .send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}))
        .await;
    let again = client.call("codex_get_run", &json!({})).await;
    assert_eq!(again["result"]["isError"], true);
}

#[tokio::test]
async fn a_refused_argument_is_a_result_and_says_the_same_twice() {
    let mut client = Client::started("2025-06-18").await;
    let answer = client
        .call(
            "codex_get_run_updates",
            &json!({"run_id": "x", "wait_s": 46}),
        )
        .await;
    let result = &answer["result"];
    let expected = json!({
        "code": "invalid_argument",
        "message": "`wait_s` is 46, but has to be a whole number from 0 to 45",
        "hint": "Correct the parameter and call again; nothing was started or changed.",
    });
    assert_eq!(result["isError"], true);
    assert_eq!(result["structuredContent"], expected);
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), expected);
}

#[tokio::test]
async fn an_unknown_resource_is_refused_in_the_words_of_its_era() {
    let read = json!({"uri": "codex://runs/nope"});
    let mut client = Client::started("2025-11-25").await;
    let answer = client.ask(&request("resources/read", &read)).await;
    assert_eq!(answer["error"]["code"], -32002);
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("codex_list_runs")
    );
    let mut client = Client::start();
    let answer = client.ask(&modern("resources/read", read)).await;
    assert_eq!(answer["error"]["code"], -32602);
}

#[tokio::test]
async fn the_templates_are_listed() {
    let mut client = Client::started("2025-11-25").await;
    let answer = client
        .ask(&request("resources/templates/list", &json!({})))
        .await;
    let templates = answer["result"]["resourceTemplates"].as_array().unwrap();
    let uris: Vec<_> = templates
        .iter()
        .map(|template| template["uriTemplate"].as_str().unwrap())
        .collect();
    assert_eq!(
        uris,
        [
            "codex://runs/{id}",
            "codex://runs/{id}/events",
            "codex://runs/{id}/message",
            "codex://runs/{id}/diff",
            "codex://runs/{id}/review",
        ]
    );
}

#[tokio::test]
async fn a_session_that_never_began_ends_with_its_input() {
    assert!(Client::start().leave().await < Duration::from_millis(500));
}
