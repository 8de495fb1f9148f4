//! What goes wrong outside the bridge, one test for each fault.

mod binary;
mod client;
mod clock;
mod disk;
mod folder;
mod limits;
mod output;
mod process;
mod store;

use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::Value;

/// How long a test waits for what has to come, and promises no time.
const LONG: Duration = Duration::from_secs(60);

fn fake() -> Scene {
    Scene::new(&Codex::Fake)
}

/// A prompt that has the stand-in do these steps.
fn prompt(steps: &[&str]) -> String {
    let lines: Vec<String> = steps.iter().map(|step| format!("FAKE: {step}")).collect();
    lines.join("\n")
}

/// How a run ended: its state and the code of its error.
fn ending(run: &Value) -> (&str, Option<&str>) {
    let state = run["state"].as_str().expect("a state");
    (state, run["error"]["code"].as_str())
}

/// The texts of all events of a kind.
fn texts<'a>(events: &'a [Value], kind: &str) -> Vec<&'a str> {
    let of_kind = events.iter().filter(|event| event["kind"] == kind);
    of_kind.filter_map(|event| event["text"].as_str()).collect()
}

/// What the bridge itself had to say about something.
fn notices<'a>(events: &'a [Value], about: &str) -> Vec<&'a str> {
    let of_kind = events.iter().filter(|event| event["about"] == about);
    of_kind.filter_map(|event| event["text"].as_str()).collect()
}

/// Events are numbered from 1 without a gap.
fn assert_numbered(events: &[Value]) {
    let numbers: Vec<u64> = events.iter().filter_map(|e| e["seq"].as_u64()).collect();
    let expected: Vec<u64> = (1..=events.len() as u64).collect();
    assert_eq!(numbers, expected);
}
