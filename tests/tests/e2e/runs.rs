//! Delegate, follow, read: whole runs by the real Codex.

mod answers;
mod applied;
mod failures;
mod requests;
mod sandbox;

use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

/// How long a run may take on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Does the same with each version of the real Codex, in a world of its own.
fn with_each_version(check: impl Fn(&Scene, &mut Sidecar, &str)) {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = scene.sidecar();
        check(&scene, &mut sidecar, version);
    }
}

/// Starts a run, waits for its end and gives its id and its record.
fn whole_run(sidecar: &mut Sidecar, scene: &Scene, prompt: &str, more: Value) -> (String, Value) {
    let run = sidecar.start_run_with(scene, prompt, more);
    let ended = sidecar.wait_for_end(&run, LIMIT);
    (run, ended)
}

/// The same for one that has to succeed.
fn success(sidecar: &mut Sidecar, scene: &Scene, prompt: &str, more: Value) -> (String, Value) {
    let (run, ended) = whole_run(sidecar, scene, prompt, more);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(ended["error"], Value::Null, "{ended}");
    (run, ended)
}

pub(crate) fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|event| event["kind"] == kind)
        .collect()
}

/// Whether the run's last command printed this line, as the model quotes it: Codex 0.118 now and then forgets to tell
/// a command's end.
fn has_printed(ended: &Value, line: &str) -> bool {
    let quoted = ended["message"].as_str().expect("a message");
    quoted.lines().any(|printed| printed == line)
}

fn write_allowed() -> Value {
    json!({"sandbox": "workspace-write"})
}
