//! What it is measured on, and with which versions.

use std::fmt;
use std::process::Command;

use serde_json::{Value, json};

/// The machine at the start.
#[derive(Debug)]
pub(crate) struct Machine {
    system: String,
    cores: usize,
    load: String,
    versions: String,
}

impl Machine {
    pub(crate) fn now() -> Machine {
        let bridge = env!("CARGO_PKG_VERSION");
        let node = said("node", &["--version"]);
        let codex = codex_bridge_tests::scene::VERSIONS.join(" and ");
        Machine {
            system: said("uname", &["-sm"]),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            load: load(),
            versions: format!(
                "codex-bridge {bridge} (release), {}, Codex {codex}, TypeScript SDK {} on node {node}",
                rmcp_version(),
                sdk_version(),
            ),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "system": self.system,
            "cores": self.cores,
            "load": self.load,
            "versions": self.versions,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine {
            system,
            cores,
            load,
            versions,
        } = self;
        write!(
            f,
            "{system}, {cores} cores, load average {load}\n{versions}"
        )
    }
}

/// How busy the machine was over the last 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    match std::fs::read_to_string("/proc/loadavg") {
        Ok(text) => text.split(' ').take(3).collect::<Vec<_>>().join(" "),
        Err(_) => {
            let said = said("sysctl", &["-n", "vm.loadavg"]);
            said.trim_matches(['{', '}', ' ']).to_owned()
        }
    }
}

fn rmcp_version() -> String {
    let lock = codex_bridge_tests::scene::workspace().join("Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap_or_default();
    let after = lock.split("name = \"rmcp\"\nversion = \"").nth(1);
    let version = after.and_then(|rest| rest.split('"').next());
    format!("rmcp {}", version.unwrap_or("?"))
}

fn sdk_version() -> String {
    let path = "tests/bench/node_modules/@modelcontextprotocol/sdk/package.json";
    let path = codex_bridge_tests::scene::workspace().join(path);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    value["version"].as_str().unwrap_or("?").to_owned()
}

fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|_| "?".to_owned())
}
