//! A stand-in for Claude Desktop: it reads its file once at its start, starts each server twice, probes it with a third
//! one that it kills, and later writes what it has in memory over the file.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use codex_bridge_tests::processes::wait_until;
use codex_bridge_tests::scene::Scene;
use serde_json::{Value, json};

use super::{CLIENTS, client, home, plant, say, scene, state};

const LIMIT: Duration = Duration::from_secs(30);

struct Desktop<'s> {
    scene: &'s Scene,
    file: PathBuf,
    memory: Value,
    servers: Vec<Child>,
}

impl<'s> Desktop<'s> {
    fn start(scene: &'s Scene) -> Desktop<'s> {
        let file = home(scene).join(CLIENTS[0].1);
        let text = fs::read_to_string(&file).unwrap_or_default();
        let memory: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!({}));
        let mut desktop = Desktop {
            scene,
            file,
            servers: Vec::new(),
            memory,
        };
        let entries = desktop.memory["mcpServers"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        for entry in entries.values() {
            desktop.probe(entry);
            for client in ["claude-ai", "local-agent-mode-codex-bridge"] {
                let server = desktop.connect(entry, client);
                desktop.servers.push(server);
            }
        }
        desktop
    }

    fn spawn(&self, entry: &Value) -> Child {
        let args = entry["args"].as_array().cloned().unwrap_or_default();
        Command::new(entry["command"].as_str().unwrap())
            .args(args.iter().map(|arg| arg.as_str().unwrap()))
            .env_clear()
            .envs(self.scene.env())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Asks a disposable one which protocol it speaks, and kills it.
    fn probe(&self, entry: &Value) {
        let mut child = self.spawn(entry);
        let answer = ask(
            &mut child,
            &json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {}}),
        );
        assert_eq!(answer["id"], 1, "{answer}");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn connect(&self, entry: &Value, name: &str) -> Child {
        let mut child = self.spawn(entry);
        let answer = ask(
            &mut child,
            &json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": name, "version": "1.2"}}}),
        );
        assert_eq!(
            answer["result"]["serverInfo"]["name"], "codex-bridge",
            "{answer}"
        );
        let stdin = child.stdin.as_mut().unwrap();
        writeln!(
            stdin,
            "{}",
            json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
        )
        .unwrap();
        let listed = ask(
            &mut child,
            &json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}),
        );
        assert!(
            listed["result"]["tools"]
                .as_array()
                .is_some_and(|tools| tools.len() > 9),
            "{listed}"
        );
        child
    }

    /// Writes a setting, with all that it has in memory.
    fn change_a_setting(&mut self) {
        self.memory["preferences"] = json!({"sidebar": true});
        fs::write(
            &self.file,
            serde_json::to_string_pretty(&self.memory).unwrap(),
        )
        .unwrap();
    }

    fn quit(mut self) {
        for child in &mut self.servers {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

fn ask(child: &mut Child, message: &Value) -> Value {
    let stdin = child.stdin.as_mut().unwrap();
    writeln!(stdin, "{message}").unwrap();
    stdin.flush().unwrap();
    let stdout = child.stdout.as_mut().unwrap();
    let mut line = String::new();
    // One answer is waited for at a time, so nothing is lost in the buffer.
    BufReader::with_capacity(1 << 20, stdout)
        .read_line(&mut line)
        .unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn installed_wiped_repaired_and_heard_of() {
    let scene = scene();
    plant(&scene, CLIENTS[0].1, "{\n  \"globalShortcut\": \"\"\n}\n");
    // It has read its file already when ours comes in, and writes over it.
    let mut early = Desktop::start(&scene);
    say(&scene, &["install", "claude-desktop"]);
    assert_eq!(state(&scene, "claude-desktop"), "installed");
    assert_eq!(client(&scene, "claude-desktop")["hello"], Value::Null);
    early.change_a_setting();
    early.quit();
    assert_eq!(state(&scene, "claude-desktop"), "wiped");
    let (said, _) = say(&scene, &["clients"]);
    assert!(
        said.contains("`codex-bridge-mcp repair claude-desktop` puts it right"),
        "{said}"
    );

    let (said, code) = say(&scene, &["repair"]);
    assert_eq!(code, Some(0), "{said}");
    let mut desktop = Desktop::start(&scene);
    wait_until(LIMIT, "the hello", || {
        client(&scene, "claude-desktop")["hello"] != Value::Null
    });
    let hello = client(&scene, "claude-desktop")["hello"].clone();
    assert_eq!(hello["version"], "1.2", "{hello}");
    let (said, _) = say(&scene, &["clients"]);
    assert!(said.contains("started our server"), "{said}");
    desktop.change_a_setting();
    desktop.quit();
    assert_eq!(state(&scene, "claude-desktop"), "installed");
    say(&scene, &["uninstall", "claude-desktop"]);
    let text = fs::read_to_string(home(&scene).join(CLIENTS[0].1)).unwrap();
    let rest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        rest,
        json!({"globalShortcut": "", "preferences": {"sidebar": true}})
    );
}
