//! Whatever a client writes, the sidecar answers what can be answered and goes on.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::sidecar::{MODERN, Opener, Sidecar};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

fn initialize(sidecar: &mut Sidecar) {
    let who = json!({"name": "late", "version": "1"});
    let params = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": who});
    let answer = sidecar.request("initialize", params);
    assert_eq!(
        answer["result"]["protocolVersion"], "2025-06-18",
        "{answer}"
    );
    sidecar.notify("notifications/initialized", json!({}));
}

/// The session works: it lists its tools.
fn works(sidecar: &mut Sidecar) {
    let listed = sidecar.request("tools/list", json!({}));
    assert!(listed["result"]["tools"].is_array(), "{listed}");
}

/// What came without an id, or with one that is no number.
fn unasked(sidecar: &mut Sidecar) -> Vec<Value> {
    sidecar.notifications().to_vec()
}

#[test]
fn what_comes_before_the_handshake_does_not_end_the_session() {
    let firsts: [&str; 12] = [
        "garbage",
        "",
        "   ",
        "{",
        "\u{1}\u{2}\u{ff}",
        "null",
        "5",
        "GET / HTTP/1.1",
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        r#"{"jsonrpc":"2.0","id":77,"result":{}}"#,
        "\u{feff}",
    ];
    let scene = Scene::new(&Codex::Fake);
    for first in firsts {
        let mut sidecar = scene.sidecar_opened(Opener::Nothing);
        sidecar.send_line(first);
        initialize(&mut sidecar);
        works(&mut sidecar);
    }
}

#[test]
fn a_request_before_the_handshake_is_answered_with_an_error() {
    let scene = Scene::new(&Codex::Fake);
    for method in [
        "no/such/method",
        "tools/list",
        "tools/call",
        "resources/read",
    ] {
        let mut sidecar = scene.sidecar_opened(Opener::Nothing);
        let answer = sidecar.request(method, json!({}));
        assert!(answer["error"]["code"].is_i64(), "{method}: {answer}");
        assert!(
            answer["error"]["message"]
                .as_str()
                .is_some_and(|text| text.len() > 5),
            "{answer}"
        );
        initialize(&mut sidecar);
        works(&mut sidecar);
    }
}

#[test]
fn a_version_that_nobody_knows_gets_the_latest_that_the_server_knows() {
    let scene = Scene::new(&Codex::Fake);
    for version in ["1999-01-01", "2099-12-31", "", "latest"] {
        let mut sidecar = scene.sidecar_opened(Opener::Nothing);
        let who = json!({"name": "odd", "version": "1"});
        let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": who});
        let answer = sidecar.request("initialize", params);
        assert_eq!(
            answer["result"]["protocolVersion"], "2025-11-25",
            "{version}: {answer}"
        );
    }
    let mut sidecar = scene.sidecar_opened(Opener::Nothing);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2099-12-31",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let answer = sidecar.request("tools/list", json!({"_meta": meta}));
    assert_eq!(answer["error"]["code"], -32022, "{answer}");
    let supported = answer["error"]["data"]["supported"].as_array().unwrap();
    assert!(supported.contains(&json!(MODERN)), "{answer}");
}

#[test]
fn what_is_no_request_is_refused_and_the_next_one_is_answered() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let mut check = |line: &str, id: Option<u64>, code: i64| {
        sidecar.send_line(line);
        let answer = match id {
            Some(id) => sidecar.wait_for(id, LIMIT),
            None => {
                works(&mut sidecar);
                unasked(&mut sidecar)
                    .pop()
                    .unwrap_or_else(|| panic!("no answer to {line}"))
            }
        };
        assert_eq!(answer["error"]["code"], code, "{line}: {answer}");
        works(&mut sidecar);
    };
    check(
        r#"[{"jsonrpc":"2.0","id":900,"method":"tools/list"}]"#,
        None,
        -32600,
    );
    check("[]", None, -32600);
    check(r#""text""#, None, -32600);
    check(r#"{"id":901,"method":"ping"}"#, Some(901), -32600);
    check(
        r#"{"jsonrpc":"1.0","id":902,"method":"ping"}"#,
        Some(902),
        -32600,
    );
    check(r#"{"jsonrpc":"2.0","id":903}"#, Some(903), -32600);
    check(
        r#"{"jsonrpc":"2.0","id":904,"method":"no/such"}"#,
        Some(904),
        -32601,
    );
    check(
        r#"{"jsonrpc":"2.0","id":905,"method":"tools/call","params":[]}"#,
        Some(905),
        -32602,
    );
    check(r#"{"jsonrpc":"2.0","id":[],"method":"ping"}"#, None, -32600);
}

#[test]
fn a_line_of_17_mib_is_refused_and_the_next_one_is_answered() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let params = json!({
        "name": "codex_run_task",
        "arguments": {"prompt": "x".repeat(17 << 20), "working_dir": scene.work()},
    });
    let answer = sidecar.request("tools/call", params);
    assert_eq!(answer["error"]["code"], -32600, "{answer}");
    works(&mut sidecar);
    let id = sidecar.send_request("ping", json!({}));
    assert!(sidecar.wait_for(id, LIMIT)["result"].is_object());
}

#[test]
fn the_end_of_the_input_in_the_middle_of_a_line_ends_the_session_in_order() {
    let scene = Scene::new(&Codex::Fake);
    let beginnings = [
        "",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"meth",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"x\",\"version\":\"1\"}}}\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/li",
    ];
    for beginning in beginnings {
        let mut child = scene
            .cli(&[])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(beginning.as_bytes()).unwrap();
        drop(stdin);
        let mut out = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{beginning}: {out}");
        for line in out.lines() {
            serde_json::from_str::<Value>(line).expect("only messages on stdout");
        }
    }
}

#[test]
fn a_late_cancellation_touches_neither_the_session_nor_the_run() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let arguments = json!({
        "prompt": "FAKE: thread\nFAKE: turn\nFAKE: wait-for go\nFAKE: message done\nFAKE: complete",
        "working_dir": scene.work(),
    });
    let call = sidecar.begin_call("codex_run_task", arguments);
    let run = sidecar.finish_call(call).ok()["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    for id in [
        json!(call),
        json!(call.to_string()),
        json!(424_242),
        json!(null),
    ] {
        let params = json!({"requestId": id, "reason": "AbortError: the operation was aborted"});
        sidecar.notify("notifications/cancelled", params);
    }
    // A wait that is cancelled ends the wait, not the run.
    let waiting = json!({"run_id": run, "cursor": 1000, "wait_s": 45});
    let wait = sidecar.begin_call("codex_get_run_updates", waiting);
    sidecar.notify("notifications/cancelled", json!({"requestId": wait}));
    works(&mut sidecar);
    assert_eq!(sidecar.get_run(&run)["is_final"], json!(false));
    std::fs::write(scene.work().join("go"), "").unwrap();
    let run = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(
        (run["state"].as_str(), run["message"].as_str()),
        (Some("succeeded"), Some("done"))
    );
}

#[test]
fn clients_that_are_started_at_once_share_one_history() {
    let scene = Scene::new(&Codex::Fake);
    let openers = [
        Opener::Initialize("2025-11-25"),
        Opener::Discover,
        Opener::Initialize("2024-11-05"),
        Opener::Discover,
    ];
    // The first ever: all of them make the state folder and the database at the same time.
    std::fs::remove_dir(scene.state()).unwrap();
    let runs: Vec<String> = std::thread::scope(|scope| {
        let scene = &scene;
        let start = move |opener| {
            let mut sidecar = scene.sidecar_opened(opener);
            let run = sidecar.start_run(scene, "go");
            sidecar.wait_for_end(&run, LIMIT);
            run
        };
        let clients = openers.map(|opener| scope.spawn(move || start(opener)));
        clients.map(|client| client.join().unwrap()).into()
    });
    let mut sidecar = scene.sidecar();
    let listed = sidecar.call("codex_list_runs", json!({})).ok();
    let listed = listed["runs"].as_array().unwrap();
    assert_eq!(listed.len(), runs.len());
    for run in &runs {
        let found = listed
            .iter()
            .find(|listed| listed["run_id"] == json!(run))
            .unwrap();
        assert_eq!(found["state"], "succeeded");
    }
}
