//! Codex hangs in one way or another, and a time limit ends it.

use std::time::{Duration, Instant};

use codex_bridge_tests::processes;
use serde_json::{Value, json};

use super::{LONG, ending, fake, notices, prompt};

/// How long after its limit a run may take to be over: the cancel ladder takes up to 3.5 s of it.
const AFTER: Duration = Duration::from_secs(6);

/// Has the stand-in do the steps under this configuration and with these parameters; gives the run, its events and
/// the time from Codex's start to the end.
fn timed(config: &str, parameters: Value, steps: &[&str]) -> (Value, Vec<Value>, Duration) {
    let scene = fake();
    scene.write_config(config);
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run_with(&scene, &prompt(steps), parameters);
    sidecar.wait_for_event(&run, LONG, |event| event["state"] == "running");
    let begin = Instant::now();
    let end = sidecar.wait_for_end(&run, LONG);
    let took = begin.elapsed();
    assert_eq!(processes::of_run(&run), Vec::<u32>::new());
    let events = sidecar.all_events(&run);
    (end, events, took)
}

fn check(run: &Value, events: &[Value], limit: &str) {
    assert_eq!(run["state"], "timed_out");
    assert_eq!(run["time_limit"], limit);
    assert_eq!(notices(events, "limit_reached").len(), 1);
}

#[test]
fn one_that_never_says_a_word_reaches_the_limit_of_the_first_event() {
    let config = "[limits]\nfirst_event_seconds = 1\n";
    let (run, events, took) = timed(config, json!({}), &["hang"]);
    check(&run, &events, "first_event");
    assert_eq!(ending(&run), ("timed_out", Some("timed_out")));
    assert!(took < Duration::from_secs(1) + AFTER, "{took:?}");
}

#[test]
fn one_that_falls_silent_reaches_the_limit_of_silence() {
    let config = "[limits]\nsilence_seconds = 1\n";
    let steps = ["thread", "turn", "message thinking", "hang"];
    let (run, events, took) = timed(config, json!({}), &steps);
    check(&run, &events, "silence");
    assert_eq!(run["message"], "thinking");
    assert!(took < Duration::from_secs(1) + AFTER, "{took:?}");
}

#[test]
fn one_that_closes_stdout_and_lives_reaches_the_limit_of_silence() {
    let config = "[limits]\nsilence_seconds = 1\n";
    let steps = ["thread", "turn", "message last", "close-stdout", "hang"];
    let (run, events, took) = timed(config, json!({}), &steps);
    check(&run, &events, "silence");
    assert!(took < Duration::from_secs(1) + AFTER, "{took:?}");
}

#[test]
fn noise_is_no_sign_of_progress() {
    let config = "[limits]\nsilence_seconds = 1\n";
    let steps = ["thread", "turn", "every 0.05 still here"];
    let (run, events, took) = timed(config, json!({}), &steps);
    check(&run, &events, "silence");
    assert!(took < Duration::from_secs(1) + AFTER, "{took:?}");
}

#[test]
fn one_that_talks_for_ever_reaches_the_total_limit() {
    let steps = [
        "thread",
        "turn",
        r#"every 0.01 {"type":"item.completed","item":{"type":"agent_message","text":"more"}}"#,
    ];
    let (run, events, took) = timed("", json!({"timeout_s": 1}), &steps);
    check(&run, &events, "total");
    assert_eq!(run["message"], "more");
    assert!(took < Duration::from_secs(1) + AFTER, "{took:?}");
}

#[test]
fn one_that_floods_without_end_reaches_the_total_limit() {
    let steps = ["thread", "turn", "flood-no-newline 1000000M"];
    let (run, events, took) = timed("", json!({"timeout_s": 2}), &steps);
    check(&run, &events, "total");
    assert_eq!(notices(&events, "cut").len(), 1);
    assert!(took < Duration::from_secs(2) + AFTER, "{took:?}");
}

#[test]
fn one_that_reconnects_for_ever_ends_with_network_down() {
    let config = "[limits]\nsilence_seconds = 1\n";
    let steps = [
        "thread",
        "turn",
        r#"every 0.05 {"type":"error","message":"Reconnecting... waiting for network (Connection failed: error sending request)"}"#,
    ];
    let (run, events, took) = timed(config, json!({}), &steps);
    check(&run, &events, "silence");
    assert_eq!(ending(&run), ("timed_out", Some("network_down")));
    assert!(took < Duration::from_secs(1) + AFTER, "{took:?}");
    let warnings = events.iter().filter(|event| event["kind"] == "warning");
    assert_eq!(warnings.count(), 1, "the same complaint is told once");
}

#[test]
fn a_limit_ends_also_one_that_ignores_signals_and_what_it_started() {
    let steps = [
        "thread",
        "turn",
        "ignore-signals",
        "spawn stubborn 600",
        "hang",
    ];
    let (run, events, took) = timed("", json!({"timeout_s": 1}), &steps);
    check(&run, &events, "total");
    assert_eq!(run["exit"], json!({"signal": 9}));
    assert!(took < Duration::from_secs(1) + AFTER, "{took:?}");
}
