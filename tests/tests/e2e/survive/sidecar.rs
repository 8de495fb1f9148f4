//! The sidecar ends, in any way; the run goes on.

use std::time::{Duration, Instant};

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use rustix::process::Signal;
use serde_json::json;

use crate::survive::{LIMIT, go, waiting_run};

/// How long a sidecar may take to end: clients kill those that take longer.
const PROMPTLY: Duration = Duration::from_secs(2);

#[test]
fn a_run_of_the_real_codex_outlives_a_killed_sidecar() {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = scene.sidecar();
        let wait = "while [ ! -e go ]; do sleep 0.05; done";
        let prompt = format!("MOCK:shells echo first ;; {wait} ;; echo last words");
        let run = sidecar.start_run(&scene, &prompt);
        sidecar.wait_for_event(&run, LIMIT, |event| {
            event["command"]
                .as_str()
                .is_some_and(|line| line.contains("while"))
        });
        let seen = sidecar.all_events(&run);
        sidecar.kill();
        drop(sidecar);

        let mut sidecar = scene.sidecar();
        assert_eq!(sidecar.get_run(&run)["state"], "running");
        go(&scene);
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{ended}");
        let message = ended["message"].as_str().unwrap();
        assert!(message.contains("last words"), "{message}");
        let events = sidecar.all_events(&run);
        assert_eq!(events[..seen.len()], seen);
        let numbers: Vec<_> = events.iter().filter_map(|e| e["seq"].as_u64()).collect();
        assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
        assert_eq!(events.last().unwrap()["state"], "succeeded");
    }
}

#[test]
fn a_sidecar_ends_promptly_and_its_run_goes_on() {
    let by_signal = |signal| {
        move |mut sidecar: Sidecar| {
            processes::signal(sidecar.pid(), signal);
            sidecar.wait_exit(LIMIT);
        }
    };
    check_end("SIGTERM", by_signal(Signal::TERM));
    check_end("SIGINT", by_signal(Signal::INT));
    check_end("SIGHUP", by_signal(Signal::HUP));
    check_end("end of input", |sidecar| {
        assert_eq!(sidecar.close(LIMIT), Some(0));
    });
}

/// Ends a sidecar with a run under way and a call in flight.
fn check_end(how: &str, end: impl FnOnce(Sidecar)) {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let run = waiting_run(&mut sidecar, &scene);
    let wait = json!({"run_id": run, "cursor": 100, "wait_s": 45});
    sidecar.begin_call("codex_get_run_updates", wait);
    sidecar.request("ping", json!({}));
    let begin = Instant::now();
    end(sidecar);
    assert!(begin.elapsed() < PROMPTLY, "{how}: {:?}", begin.elapsed());

    let mut other = scene.sidecar();
    assert_eq!(other.get_run(&run)["state"], "running", "{how}");
    go(&scene);
    assert_eq!(
        other.wait_for_end(&run, LIMIT)["state"],
        "succeeded",
        "{how}"
    );
}
