//! A run outlives its client and its sidecar; one whose supervisor dies is lost at once and for good; what has ended
//! is never lost.

mod damage;
mod sidecar;
mod supervisor;

use std::time::Duration;

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::script::fake_turn;
use codex_bridge_tests::sidecar::Sidecar;

/// How long anything may take for which no time is promised.
const LIMIT: Duration = Duration::from_secs(60);

/// A run of `fake-codex` that goes on when the file `go` is there.
fn waiting_run(sidecar: &mut Sidecar, scene: &Scene) -> String {
    let prompt = fake_turn(&["message ready", "wait-for go"]);
    let run = sidecar.start_run(scene, &prompt);
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    run
}

fn go(scene: &Scene) {
    std::fs::write(scene.work().join("go"), "").expect("the work folder is writable");
}

fn supervisor_of(run: &str) -> u32 {
    processes::supervisor_of(run).expect("the run has a supervisor")
}
