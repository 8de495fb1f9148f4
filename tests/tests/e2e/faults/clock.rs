//! The machine's clock is set while a run is under way.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bridge_core::domain::run::{Caller, Run, Timestamp};
use bridge_core::domain::scrub::Scrubbed;
use bridge_core::use_cases::bridge::{Bridge, EventsWanted, TaskRequest};
use bridge_core::use_cases::host::Host;
use codex_bridge_tests::scene::{Scene, program};

use super::{LONG, fake, prompt};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn true_time() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later");
    i64::try_from(since.as_millis()).expect("it is not that late")
}

/// Runs one ephemeral run in this process, with a clock that is set by `jump` as soon as Codex has said `ready`.
/// Gives the run, the times of its events, and how long it really took.
fn with_jump(
    now: fn() -> Timestamp,
    jump: impl FnOnce(),
    steps: &[&str],
    timeout: Option<Duration>,
) -> (Run, Vec<Timestamp>, Duration) {
    let scene = fake();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let bridge = Bridge::new(host(&scene, now));
        let mut all = vec!["thread", "turn", "message ready"];
        all.extend(steps);
        let begin = Instant::now();
        let started = bridge
            .start_task(caller(), request(&scene, &prompt(&all), timeout))
            .await
            .expect("it starts");
        let id = started.run.id;
        let wanted = |after| EventsWanted {
            after,
            count: 1000,
            bytes: 1 << 20,
            wait: Duration::from_secs(5),
            live: None,
        };
        let mut seen = 0;
        // State, state, thread, turn, message.
        while seen < 5 {
            let page = bridge.updates(&id, wanted(seen)).await.expect("events");
            seen = page.next_cursor;
            assert!(begin.elapsed() < LONG, "Codex did not get ready");
        }
        jump();
        std::fs::write(scene.work().join("set"), "").expect("the folder is writable");
        let run = bridge.run_at_end(&id, LONG).await.expect("the run");
        let took = begin.elapsed();
        let page = bridge.updates(&id, wanted(0)).await.expect("events");
        let times = page.events.iter().map(|event| event.at).collect();
        bridge.close().await;
        (run, times, took)
    })
}

fn host(scene: &Scene, now: fn() -> Timestamp) -> Host {
    let env: BTreeMap<OsString, OsString> = scene
        .env()
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    Host {
        env,
        home: scene.path().join("home"),
        config_dir: scene.path().join("config"),
        state_dir: scene.state(),
        sidecar: program("codex-bridge-mcp"),
        now,
        random: || 4711,
    }
}

fn caller() -> Caller {
    Caller {
        client: Scrubbed::literal("tester"),
        version: None,
        session: None,
    }
}

fn request(scene: &Scene, prompt: &str, timeout: Option<Duration>) -> TaskRequest {
    TaskRequest {
        prompt: prompt.to_owned(),
        working_dir: Some(scene.work().display().to_string()),
        workspace: None,
        carry_changes: None,
        sandbox: None,
        network: None,
        web_search: None,
        model: None,
        effort: None,
        images: Vec::new(),
        output_schema: None,
        timeout,
        persist: false,
        title: None,
        request_id: None,
    }
}

/// What the record says of how long the run took.
fn recorded(run: &Run) -> Duration {
    let started = run.times.started.expect("it was started");
    run.times.ended.expect("it is over").since(started)
}

fn assert_in_order(times: &[Timestamp]) {
    assert!(
        times.windows(2).all(|two| two[0].0 <= two[1].0),
        "{times:?}"
    );
}

#[test]
fn a_clock_that_jumps_ahead_ends_no_run_and_makes_none_longer() {
    static OFFSET: AtomicI64 = AtomicI64::new(0);
    let now = || Timestamp(true_time() + OFFSET.load(Ordering::SeqCst));
    let jump = || OFFSET.store(DAY_MS, Ordering::SeqCst);
    let steps = ["wait-for set", "message done", "complete"];
    let (run, times, took) = with_jump(now, jump, &steps, Some(Duration::from_secs(50)));
    assert_eq!(run.state.as_str(), "succeeded");
    assert!(recorded(&run) <= took, "{:?}", recorded(&run));
    assert_in_order(&times);
}

#[test]
fn a_clock_that_jumps_back_holds_no_limit_up_and_turns_no_order_round() {
    static OFFSET: AtomicI64 = AtomicI64::new(0);
    let now = || Timestamp(true_time() + OFFSET.load(Ordering::SeqCst));
    let jump = || OFFSET.store(-DAY_MS, Ordering::SeqCst);
    let steps = ["wait-for set", "message after", "hang"];
    let limit = Duration::from_secs(3);
    let (run, times, took) = with_jump(now, jump, &steps, Some(limit));
    assert_eq!(run.state.as_str(), "timed_out");
    assert!(took < limit + Duration::from_secs(6), "{took:?}");
    assert!(
        recorded(&run) >= limit && recorded(&run) <= took,
        "{:?}",
        recorded(&run)
    );
    assert_in_order(&times);
}
