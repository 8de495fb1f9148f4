//! A cancelled run is over when the call answers: Codex and all that it started, however far it has gone.

mod moments;
mod shapes;

use std::time::{Duration, Instant};

use codex_bridge_tests::processes;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

/// How long anything may take for which no time is promised.
const LIMIT: Duration = Duration::from_secs(60);
/// What people are promised.
const PROMISE: Duration = Duration::from_secs(5);

/// Cancels a run, which has to be over within the promise, together with these processes.
fn cancel(sidecar: &mut Sidecar, run: &str, doomed: &[u32]) -> (Duration, Value) {
    assert!(
        doomed.iter().all(|pid| processes::is_running(*pid)),
        "they have ended before"
    );
    let begin = Instant::now();
    let cancelled = sidecar.call("codex_cancel_run", json!({"run_id": run}));
    let took = begin.elapsed();
    let alive: Vec<_> = doomed
        .iter()
        .filter(|pid| processes::is_running(**pid))
        .collect();
    let cancelled = cancelled.ok();
    assert_eq!(
        alive,
        Vec::<&u32>::new(),
        "alive after the answer: {cancelled}"
    );
    assert!(took <= PROMISE, "the answer took {took:?}: {cancelled}");
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    assert_eq!(cancelled["cancelled_by"], "client");
    assert_eq!(cancelled["is_final"], true);
    (took, cancelled)
}

/// All processes of a run but its supervisor.
fn family(run: &str) -> Vec<u32> {
    let supervisor = processes::supervisor_of(run);
    let mut family = processes::of_run(run);
    family.retain(|pid| Some(*pid) != supervisor);
    family
}

/// Waits until the run's supervisor has gone, too.
fn supervisor_goes(run: &str) {
    processes::wait_until(LIMIT, "the supervisor ends", || {
        processes::supervisor_of(run).is_none()
    });
}
