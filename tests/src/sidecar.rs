//! A sidecar under test, and a client that speaks to it line by line, so that a test can also misbehave.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::scene::{Scene, program};

/// How a client begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opener {
    /// `initialize` with this protocol version, then `notifications/initialized`.
    Initialize(&'static str),
    /// `server/discover` of the protocol of 2026.
    Discover,
    /// Not at all: the test sends the first line itself.
    Nothing,
}

/// The protocol version without a handshake.
pub const MODERN: &str = "2026-07-28";
/// How long an answer may take; every call answers within 45 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running sidecar.
pub struct Sidecar {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Value>,
    early: HashMap<u64, Value>,
    notifications: Vec<Value>,
    next_id: u64,
    opener: Opener,
}

/// The result of a tool call.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Whether it is marked as an error.
    pub is_error: bool,
    /// The structured content.
    pub content: Value,
    /// The text.
    pub text: String,
}

impl Answer {
    /// A text in the content, by JSON pointer; panics if there is none.
    pub fn text_at(&self, pointer: &str) -> &str {
        match self.content.pointer(pointer).and_then(Value::as_str) {
            Some(text) => text,
            None => panic!("no text at {pointer} in {}", self.content),
        }
    }

    /// The content; panics if the call failed.
    pub fn ok(self) -> Value {
        assert!(!self.is_error, "the call failed: {}", self.content);
        self.content
    }

    /// The error's code; panics if the call succeeded.
    pub fn code(&self) -> &str {
        assert!(self.is_error, "the call succeeded: {}", self.content);
        self.text_at("/code")
    }
}

impl Sidecar {
    pub(crate) fn start(scene: &Scene, opener: Opener) -> Sidecar {
        let command = std::process::Command::new(program("codex-bridge-mcp"));
        Sidecar::start_as(command, scene, opener)
    }

    /// Starts one by a command that may be preceded by another, such as `setpriv`.
    pub(crate) fn start_as(
        command: std::process::Command,
        scene: &Scene,
        opener: Opener,
    ) -> Sidecar {
        Sidecar::start_in(Path::new("/"), command, scene, opener)
    }

    /// The same in a given folder.
    pub(crate) fn start_in(
        folder: &Path,
        mut command: std::process::Command,
        scene: &Scene,
        opener: Opener,
    ) -> Sidecar {
        let mut child = command
            .arg("serve")
            .env_clear()
            .envs(scene.env())
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the sidecar starts");
        let stdout = child.stdout.take().expect("a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Ok(line) = line else { return };
                let value = serde_json::from_str(&line)
                    .unwrap_or_else(|error| panic!("not JSON on stdout ({error}): {line}"));
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let mut sidecar = Sidecar {
            stdin: child.stdin.take(),
            child,
            lines,
            early: HashMap::new(),
            notifications: Vec::new(),
            next_id: 1,
            opener,
        };
        match opener {
            Opener::Initialize(version) => {
                let who = json!({"name": "tester", "version": "1.0"});
                let params =
                    json!({"protocolVersion": version, "capabilities": {}, "clientInfo": who});
                let answer = sidecar.request("initialize", params);
                assert!(answer.get("result").is_some(), "no handshake: {answer}");
                sidecar.notify("notifications/initialized", json!({}));
            }
            Opener::Discover => {
                let answer = sidecar.request("server/discover", json!({}));
                assert!(answer.get("result").is_some(), "no discovery: {answer}");
            }
            Opener::Nothing => {}
        }
        sidecar
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Calls a tool and waits for its answer.
    pub fn call(&mut self, tool: &str, arguments: Value) -> Answer {
        let id = self.begin_call(tool, arguments);
        self.finish_call(id)
    }

    /// Sends a tool call and does not wait.
    pub fn begin_call(&mut self, tool: &str, arguments: Value) -> u64 {
        self.send_request("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// Waits for the answer of a tool call that was sent.
    pub fn finish_call(&mut self, id: u64) -> Answer {
        let answer = self.wait_for(id, PATIENCE);
        let result = answer
            .get("result")
            .unwrap_or_else(|| panic!("a JSON-RPC error instead of a result: {answer}"));
        Answer {
            is_error: result["isError"] == json!(true),
            content: result["structuredContent"].clone(),
            text: result["content"][0]["text"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// Starts a task in the scene's work folder and gives its id.
    pub fn start_run(&mut self, scene: &Scene, prompt: &str) -> String {
        self.start_run_with(scene, prompt, json!({}))
    }

    /// The same with more parameters.
    pub fn start_run_with(&mut self, scene: &Scene, prompt: &str, more: Value) -> String {
        let mut arguments = json!({"prompt": prompt, "working_dir": scene.work()});
        for (key, value) in more.as_object().into_iter().flatten() {
            arguments[key] = value.clone();
        }
        let answer = self.call("codex_run_task", arguments);
        assert!(
            !answer.is_error,
            "the run did not start: {}",
            answer.content
        );
        answer.text_at("/run_id").to_owned()
    }

    /// The run as it stands.
    pub fn get_run(&mut self, run: &str) -> Value {
        self.call("codex_get_run", json!({"run_id": run})).ok()
    }

    /// Waits until the run is over and gives it; panics when it takes too long.
    pub fn wait_for_end(&mut self, run: &str, limit: Duration) -> Value {
        let begin = Instant::now();
        let mut cursor = 0;
        loop {
            let page = self.call(
                "codex_get_run_updates",
                json!({"run_id": run, "cursor": cursor, "wait_s": 5}),
            );
            let page = page.ok();
            cursor = page["next_cursor"].as_u64().expect("a cursor");
            if page["is_final"] == json!(true) && page["more"] == json!(false) {
                return self.get_run(run);
            }
            assert!(
                begin.elapsed() < limit,
                "the run is not over after {limit:?}: {page}"
            );
        }
    }

    /// Waits for the first event that passes, and gives it; panics when it takes too long or the run ends before.
    pub fn wait_for_event(
        &mut self,
        run: &str,
        limit: Duration,
        passes: impl Fn(&Value) -> bool,
    ) -> Value {
        let begin = Instant::now();
        let mut cursor = 0;
        loop {
            let page = self.call(
                "codex_get_run_updates",
                json!({"run_id": run, "cursor": cursor, "wait_s": 5}),
            );
            let page = page.ok();
            cursor = page["next_cursor"].as_u64().expect("a cursor");
            for event in page["events"].as_array().into_iter().flatten() {
                if passes(event) {
                    return event.clone();
                }
            }
            let over = page["is_final"] == json!(true) && page["more"] == json!(false);
            assert!(!over, "the run ended without it: {page}");
            assert!(begin.elapsed() < limit, "not seen within {limit:?}: {page}");
        }
    }

    /// All events of a run.
    pub fn all_events(&mut self, run: &str) -> Vec<Value> {
        let mut events = Vec::new();
        let mut cursor = 0;
        loop {
            let page = self
                .call(
                    "codex_get_run_updates",
                    json!({"run_id": run, "cursor": cursor}),
                )
                .ok();
            events.extend(page["events"].as_array().into_iter().flatten().cloned());
            cursor = page["next_cursor"].as_u64().expect("a cursor");
            if page["more"] == json!(false) {
                return events;
            }
        }
    }

    /// A JSON-RPC request and its whole answer.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send_request(method, params);
        self.wait_for(id, PATIENCE)
    }

    /// Sends a request and does not wait.
    pub fn send_request(&mut self, method: &str, mut params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        if self.opener == Opener::Discover {
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
            params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
            params["_meta"]["io.modelcontextprotocol/clientInfo"] =
                json!({"name": "tester", "version": "1.0"});
        }
        let line = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send_line(&line.to_string());
        id
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        let line = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.send_line(&line.to_string());
    }

    /// Sends any line.
    pub fn send_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(line.as_bytes()).expect("the sidecar reads");
        stdin.write_all(b"\n").expect("the sidecar reads");
        stdin.flush().expect("the sidecar reads");
    }

    /// Waits for the answer to a request.
    pub fn wait_for(&mut self, id: u64, limit: Duration) -> Value {
        let begin = Instant::now();
        loop {
            if let Some(answer) = self.early.remove(&id) {
                return answer;
            }
            let left = limit.saturating_sub(begin.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.sort(line),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no answer to request {id} within {limit:?}")
                }
                Err(RecvTimeoutError::Disconnected) => panic!("the sidecar closed its stdout"),
            }
        }
    }

    /// The answer to a request, if it has come.
    pub fn answer_so_far(&mut self, id: u64) -> Option<Value> {
        self.notifications();
        self.early.remove(&id)
    }

    fn sort(&mut self, line: Value) {
        match line.get("id").and_then(Value::as_u64) {
            Some(id) if line.get("method").is_none() => {
                self.early.insert(id, line);
            }
            _ => self.notifications.push(line),
        }
    }

    /// Shakes hands by hand, as a client that calls itself so.
    pub fn introduce(&mut self, name: &str, version: &str) -> Value {
        let who = json!({"name": name, "version": version});
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": who});
        let answer = self.request("initialize", params);
        self.notify("notifications/initialized", json!({}));
        answer
    }

    /// What the server sent by itself so far.
    pub fn notifications(&mut self) -> &[Value] {
        while let Ok(line) = self.lines.try_recv() {
            self.sort(line);
        }
        &self.notifications
    }

    /// Waits for something that the server sends by itself, and takes it; panics when it takes too long. What does not
    /// pass stays.
    pub fn wait_for_notification(
        &mut self,
        limit: Duration,
        passes: impl Fn(&Value) -> bool,
    ) -> Value {
        let begin = Instant::now();
        loop {
            if let Some(at) = self.notifications.iter().position(&passes) {
                return self.notifications.remove(at);
            }
            let left = limit.saturating_sub(begin.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.sort(line),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("not told within {limit:?}, but {:?}", self.notifications)
                }
                Err(RecvTimeoutError::Disconnected) => panic!("the sidecar closed its stdout"),
            }
        }
    }

    /// Ends the session as a client does, by the end of standard input; gives the exit code.
    pub fn close(mut self, limit: Duration) -> Option<i32> {
        drop(self.stdin.take());
        self.wait_exit(limit)
    }

    /// Waits for the process's end; panics when it takes too long.
    pub fn wait_exit(&mut self, limit: Duration) -> Option<i32> {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be asked") {
                return status.code();
            }
            assert!(
                begin.elapsed() < limit,
                "the sidecar did not end within {limit:?}"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Kills the process without mercy.
    pub fn kill(&mut self) {
        self.child.kill().expect("the sidecar can be killed");
        self.child.wait().expect("the sidecar can be collected");
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
