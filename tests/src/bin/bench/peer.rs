//! A client that adds as little as it can to what is measured: one thread, blocking reads.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use codex_bridge_tests::scene::{Scene, program, workspace};
use serde_json::{Value, json};

/// A server and the client's side of its pipes.
pub(crate) struct Peer {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    next_id: u64,
    /// How long the first reply took, from before the start.
    pub(crate) first_reply: Duration,
}

/// The bridge's sidecar in this world.
pub(crate) fn sidecar(scene: &Scene) -> Peer {
    Peer::start(scene.cli(&["serve"]))
}

/// The bare rmcp server.
pub(crate) fn echo(scene: &Scene) -> Peer {
    let mut command = Command::new(program("echo-server"));
    command.env_clear().envs(scene.env());
    Peer::start(command)
}

/// The bare TypeScript server.
pub(crate) fn type_script(scene: &Scene) -> Peer {
    let mut command = Command::new("node");
    let server = workspace().join("tests/bench/ts-server.mjs");
    command.arg(server).env_clear().envs(scene.env());
    Peer::start(command)
}

impl Peer {
    /// Starts a server and shakes hands.
    fn start(mut command: Command) -> Peer {
        let begin = Instant::now();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut peer = Peer {
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
            next_id: 0,
            first_reply: Duration::ZERO,
        };
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "bench", "version": "1"},
        });
        peer.ask("initialize", &params);
        peer.first_reply = begin.elapsed();
        peer.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        peer
    }

    /// The server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A request and its result.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        let line = self.answer(id);
        let mut answer: Value = serde_json::from_str(&line).expect("JSON");
        assert!(answer.get("result").is_some(), "{method}: {answer}");
        answer["result"].take()
    }

    /// A tool call and its structured content.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let mut result = self.ask("tools/call", &json!({"name": tool, "arguments": arguments}));
        assert_ne!(result["isError"], json!(true), "{tool}: {result}");
        result["structuredContent"].take()
    }

    /// How long a tool call takes, without the reading of its answer.
    pub(crate) fn time_call(&mut self, tool: &str, arguments: &Value) -> Duration {
        self.next_id += 1;
        let id = self.next_id;
        let params = json!({"name": tool, "arguments": arguments});
        let line = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        let begin = Instant::now();
        self.send(&line);
        let line = self.answer(id);
        let took = begin.elapsed();
        assert!(!line.contains(r#""isError":true"#), "{tool}: {line}");
        took
    }

    /// Waits for the end of a run, event by event.
    pub(crate) fn follow(&mut self, run: &str, mut see: impl FnMut(&Value)) {
        let mut cursor = json!(0);
        loop {
            let wanted = json!({"run_id": run, "cursor": cursor, "wait_s": 40, "limit": 200});
            let page = self.call("codex_get_run_updates", &wanted);
            page["events"]
                .as_array()
                .into_iter()
                .flatten()
                .for_each(&mut see);
            cursor = page["next_cursor"].clone();
            if page["is_final"] == json!(true) && page["more"] == json!(false) {
                return;
            }
        }
    }

    /// The same, and what is told meanwhile of what is being written: each event, and each progress notification.
    pub(crate) fn follow_live(&mut self, run: &str, mut see: impl FnMut(&Value)) {
        let mut cursor = json!(0);
        loop {
            let wanted = json!({"run_id": run, "cursor": cursor, "wait_s": 40, "limit": 200});
            self.next_id += 1;
            let id = self.next_id;
            let meta = json!({"progressToken": id});
            let params =
                json!({"name": "codex_get_run_updates", "arguments": wanted, "_meta": meta});
            self.send(
                &json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}),
            );
            let page = loop {
                let mut line = String::new();
                let read = self.stdout.read_line(&mut line).expect("the server writes");
                assert!(read > 0, "the server closed its output");
                let mut told: Value = serde_json::from_str(&line).expect("JSON");
                if told["id"] == json!(id) && told.get("method").is_none() {
                    break told["result"]["structuredContent"].take();
                }
                see(&told["params"]);
            };
            let events = page["events"].as_array();
            events.into_iter().flatten().for_each(&mut see);
            cursor = page["next_cursor"].clone();
            if page["is_final"] == json!(true) && page["more"] == json!(false) {
                return;
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(line.as_bytes()).expect("the server reads");
    }

    fn answer(&mut self, id: u64) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.stdout.read_line(&mut line).expect("the server writes");
            assert!(read > 0, "the server closed its output");
            let is_answer = line.contains(&format!("\"id\":{id}")) && !line.contains("\"method\":");
            // The cheap look may err; what is no answer is read properly.
            if is_answer || is_answer_to(&line, id) {
                return line;
            }
        }
    }
}

fn is_answer_to(line: &str, id: u64) -> bool {
    let value: Value = serde_json::from_str(line).unwrap_or_default();
    value["id"] == json!(id) && value.get("method").is_none()
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(5) {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        // Both fail only when it has ended meanwhile.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
