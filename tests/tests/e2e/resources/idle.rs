//! A client that listens costs nothing while nothing happens.

use std::time::{Duration, Instant};

use codex_bridge_tests::processes::sleeps;
use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::json;

use super::*;

/// For so long nobody may wake up.
const QUIET: Duration = Duration::from_secs(4);
/// What a start, a run and its last echo leave to do is over by then: idle threads of the runtime live for 10 s.
const SETTLED: Duration = Duration::from_secs(45);

/// Waits for a time in which no thread of the process wakes up.
fn wait_until_asleep(pid: u32, what: &str) {
    let begin = Instant::now();
    loop {
        let before = sleeps(pid);
        assert!(before > 0);
        // The time itself is what is looked at.
        std::thread::sleep(QUIET);
        let woken = sleeps(pid) - before;
        if woken == 0 {
            return;
        }
        let waited = begin.elapsed();
        assert!(waited < SETTLED, "{what}: {woken} times in {QUIET:?}");
    }
}

#[test]
fn a_listening_client_wakes_nobody_while_nothing_happens() {
    std::thread::scope(|scope| {
        for era in ERAS {
            scope.spawn(move || {
                let scene = Scene::new(&Codex::Fake);
                let mut sidecar = scene.sidecar_opened(era);
                sidecar.request("resources/list", json!({}));
                let run = sidecar.start_run(&scene, "go");
                sidecar.wait_for_end(&run, LIMIT);
                let uris = ["codex://runs", "codex://status", &uri(&run, "")].map(str::to_owned);
                let subscription = subscribe(&mut sidecar, era, &uris);
                if era == Opener::Discover {
                    listen(&mut sidecar, &json!({"resourcesListChanged": true}));
                }
                wait_until_asleep(sidecar.pid(), &format!("{era:?}"));
                // And yet it hears.
                scene.sidecar().start_run(&scene, "go");
                wait_for_update(&mut sidecar, "codex://runs", subscription);
            });
        }
    });
}
