//! A stand-in for Claude Desktop, to be run under the name `claude-desktop`: it reads its file at its start, starts each
//! server twice, and when it is quit writes what it has in memory over the file. A hang-up makes it lose its servers.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use signal_hook::consts::{SIGHUP, SIGTERM};

fn main() {
    let (mut told, quit) = UnixStream::pair().unwrap();
    let (mut wiped, wipe) = UnixStream::pair().unwrap();
    signal_hook::low_level::pipe::register(SIGTERM, quit).unwrap();
    signal_hook::low_level::pipe::register(SIGHUP, wipe).unwrap();
    let folder = folder();
    let file = folder.join("claude_desktop_config.json");
    let read = fs::read_to_string(&file).unwrap_or_default();
    let memory: Value = serde_json::from_str(&read).unwrap_or_else(|_| json!({}));
    let servers = start_servers(&folder, memory["mcpServers"].as_object());
    let memory = Arc::new(Mutex::new(memory));
    {
        let (file, memory) = (file.clone(), Arc::clone(&memory));
        std::thread::spawn(move || {
            while wiped.read(&mut [0]).is_ok_and(|read| read > 0) {
                let mut memory = memory.lock().unwrap();
                *memory = json!({"preferences": {"sidebar": true}});
                write(&file, &memory);
            }
        });
    }
    // Its own way to quit.
    while told.read(&mut [0]).is_ok_and(|read| read == 0) {}
    let memory = memory.lock().unwrap();
    if !memory.as_object().is_none_or(Map::is_empty) {
        write(&file, &memory);
    }
    for mut server in servers {
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

fn folder() -> PathBuf {
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let config =
        config.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".config"));
    config.join("Claude")
}

fn write(file: &Path, memory: &Value) {
    fs::write(file, serde_json::to_string_pretty(memory).unwrap()).unwrap();
}

fn start_servers(folder: &Path, entries: Option<&Map<String, Value>>) -> Vec<Child> {
    let mut servers = Vec::new();
    fs::create_dir_all(folder.join("logs")).unwrap();
    for (name, entry) in entries.into_iter().flatten() {
        let log = folder.join(format!("logs/mcp-server-{name}.log"));
        let mut log = fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        for client in ["claude-ai", "local-agent-mode"] {
            let program = entry["command"].as_str().unwrap_or_default();
            writeln!(log, "[{name}] [info] Initializing server...").unwrap();
            match connect(program, client) {
                Ok(server) => {
                    let line = "[info] Server started and connected successfully";
                    writeln!(log, "[{name}] {line}").unwrap();
                    servers.push(server);
                }
                Err(_) => writeln!(log, "[{name}] [error] spawn {program} ENOENT").unwrap(),
            }
        }
    }
    servers
}

fn connect(program: &str, client: &str) -> std::io::Result<Child> {
    if std::env::var_os("DESKTOP_CLIENT_FINDS_NOTHING").is_some() {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    let mut child = Command::new(program)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": client, "version": "1.17"}}});
    let stdin = child.stdin.as_mut().unwrap();
    writeln!(stdin, "{hello}")?;
    stdin.flush()?;
    let mut answer = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut answer)?;
    Ok(child)
}
