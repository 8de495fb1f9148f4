//! The next turn of a thread: it knows the turns before, works in the same place under rules that are no looser, and is
//! never beside another run in the same thread.

mod command_line;
mod refused;
mod resumed;
mod sequel;
mod writer;

use std::path::Path;
use std::time::Duration;

use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::sidecar::{Answer, Sidecar};
use serde_json::{Value, json};

/// How long anything may take for which no time is promised.
const LIMIT: Duration = Duration::from_secs(60);
/// All versions of the real Codex that the tests have.
const VERSIONS: [&str; 3] = ["0.118.0", "0.140.0", "0.169.0"];

/// Goes on with a run.
fn go_on(sidecar: &mut Sidecar, run: &str, prompt: &str, more: Value) -> Answer {
    let mut arguments = json!({"run_id": run, "prompt": prompt});
    if let Value::Object(more) = more {
        for (key, value) in more {
            arguments[key] = value;
        }
    }
    sidecar.call("codex_continue_run", arguments)
}

/// Goes on with a run, to the end, which has to be a success in the same thread. Gives the new run.
fn next_turn(sidecar: &mut Sidecar, before: &Value, prompt: &str, more: Value) -> Value {
    let run = text(before, "run_id");
    let started = go_on(sidecar, run, prompt, more).ok();
    let ended = sidecar.wait_for_end(text(&started, "run_id"), LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(ended["thread_id"], before["thread_id"], "{ended}");
    assert_eq!(ended["continues"], before["run_id"], "{ended}");
    assert_eq!(ended["working_dir"], before["working_dir"], "{ended}");
    ended
}

/// What the model was sent last.
fn last_request(scene: &Scene) -> String {
    let requests = scene.model().requests();
    requests.last().expect("a request").body.to_string()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

/// A record of a session such as Codex writes, for the stand-in, which writes none.
pub(crate) fn record(scene: &Scene, thread: &str, folder: &Path) {
    record_in(scene, "sessions/2026/11/22", thread, folder);
}

fn record_in(scene: &Scene, below: &str, thread: &str, folder: &Path) {
    let day = scene.codex_home().join(below);
    std::fs::create_dir_all(&day).expect("a folder for the record");
    let meta = json!({"timestamp": "2026-11-22T10:00:00Z", "type": "session_meta", "payload": {
        "id": thread, "timestamp": "2026-11-22T10:00:00Z", "cwd": folder, "cli_version": "0.169.0", "source": "cli"}});
    let said =
        json!({"type": "event_msg", "payload": {"type": "user_message", "message": "Begin"}});
    let file = day.join(format!("rollout-2026-11-22T10-00-00-{thread}.jsonl"));
    std::fs::write(file, format!("{meta}\n{said}\n")).expect("the record is writable");
}
