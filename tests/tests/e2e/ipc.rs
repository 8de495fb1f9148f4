//! The app acts for the servers of clients while it runs, and nothing is lost or done twice when it does not.
//!
//! `codex-bridge-mcp host` stands in for the app: it hosts with the same code.

mod acts;
mod strangers;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::script::fake_turn;
use codex_bridge_tests::sidecar::Sidecar;
use rustix::process::Signal;

const LIMIT: Duration = Duration::from_secs(60);

/// A process that hosts.
struct Host(Child);

impl Host {
    /// Starts one and waits until it serves. What it starts carries `HOSTED=yes`.
    fn start(scene: &Scene) -> Host {
        let mut command = scene.cli(&["host"]);
        command.env("HOSTED", "yes").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Host(child)
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// As a person quits it.
    fn quit(mut self) {
        processes::signal(self.0.id(), Signal::TERM);
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a run that goes on until the file of this name is there.
fn waits_for(sidecar: &mut Sidecar, scene: &Scene, file: &str) -> String {
    let script = fake_turn(&["message ready", &format!("wait-for {file}")]);
    let run = sidecar.start_run(scene, &script);
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    run
}

fn appears(scene: &Scene, file: &str) {
    std::fs::write(scene.work().join(file), "").unwrap();
}

/// Whether a run that goes on was started by a host.
fn is_hosted(run: &str) -> bool {
    let supervisor = processes::supervisor_of(run).expect("it has a supervisor");
    let env = std::fs::read(format!("/proc/{supervisor}/environ")).unwrap();
    env.split(|byte| *byte == 0)
        .any(|pair| pair == b"HOSTED=yes")
}

/// The ids of all runs.
fn all_runs(sidecar: &mut Sidecar) -> Vec<String> {
    let listed = sidecar.call("codex_list_runs", serde_json::json!({})).ok();
    let runs = listed["runs"].as_array().unwrap();
    let id = |run: &serde_json::Value| run["run_id"].as_str().unwrap().to_owned();
    runs.iter().map(id).collect()
}
