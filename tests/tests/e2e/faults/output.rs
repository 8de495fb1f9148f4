//! What Codex may write.

use std::time::{Duration, Instant};

use codex_bridge_tests::processes::{self, peak_memory};
use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use super::{LONG, assert_numbered, ending, fake, notices, prompt, texts};

/// What a supervisor may take, whatever Codex writes.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;

/// Has the stand-in do the steps between the turn's start and its end; gives the run and its events.
fn turn_with(steps: &[&str]) -> (Value, Vec<Value>) {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let mut all = vec!["thread", "turn"];
    all.extend(steps);
    all.push("complete");
    let run = sidecar.start_run(&scene, &prompt(&all));
    let end = sidecar.wait_for_end(&run, LONG);
    let events = sidecar.all_events(&run);
    assert_numbered(&events);
    (end, events)
}

/// Has the stand-in do the steps and then wait; gives the most memory that the supervisor ever took, and the run.
fn memory_of_supervisor(steps: &[&str]) -> (u64, Value, Vec<Value>) {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let mut all = vec!["thread", "turn"];
    all.extend(steps);
    // What was written before has been read when this arrives.
    all.extend(["message measure now", "wait-for measured", "complete"]);
    let run = sidecar.start_run(&scene, &prompt(&all));
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "measure now");
    let supervisor = processes::supervisor_of(&run).expect("the run lives");
    let peak = peak_memory(supervisor).expect("the supervisor lives");
    go_on(&scene);
    let end = sidecar.wait_for_end(&run, LONG);
    let events = sidecar.all_events(&run);
    (peak, end, events)
}

fn go_on(scene: &Scene) {
    std::fs::write(scene.work().join("measured"), "").expect("the work folder is writable");
}

#[test]
fn a_gigabyte_without_a_line_end_takes_no_memory_and_is_said_to_be_cut() {
    let (peak, run, events) = memory_of_supervisor(&["flood-no-newline 1024M", "raw "]);
    assert!(peak < MOST_MEMORY, "{peak} bytes");
    assert_eq!(ending(&run), ("succeeded", None));
    assert_eq!(
        notices(&events, "cut"),
        ["a line of 1073741824 bytes was too long to be kept"]
    );
}

#[test]
fn a_run_that_ends_in_an_endless_line_ends() {
    let (run, events) = turn_with(&["flood-no-newline 100M", "exit 0"]);
    assert_eq!(ending(&run), ("failed", Some("no_result")));
    assert_eq!(
        notices(&events, "cut"),
        ["a line of 104857600 bytes was too long to be kept"]
    );
}

#[test]
fn one_json_line_of_50_mb_takes_no_memory_and_is_said_to_be_cut() {
    let (peak, run, events) = memory_of_supervisor(&["long-line 50M"]);
    assert!(peak < MOST_MEMORY, "{peak} bytes");
    assert_eq!(ending(&run), ("succeeded", None));
    assert_eq!(
        notices(&events, "cut"),
        ["a line of 52428799 bytes was too long to be kept"]
    );
}

#[test]
fn the_longest_line_that_is_read_takes_no_more_memory_either() {
    let (peak, run, events) = memory_of_supervisor(&["long-line 8M"]);
    assert!(peak < MOST_MEMORY, "{peak} bytes");
    assert_eq!(ending(&run), ("succeeded", None));
    let long = events
        .iter()
        .find(|event| event["text"].as_str().is_some_and(|t| t.starts_with("xxx")));
    let left_out = long.map(|event| event["text_left_out"].as_u64());
    assert!(
        left_out > Some(Some(8 * 1024 * 1024 - 20 * 1024)),
        "{left_out:?}"
    );
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_the_run_goes_on() {
    let (run, events) = turn_with(&[
        // A line that is no UTF-8, and one with a NUL.
        "bytes 616263ff64fe0a",
        "bytes 6100620a",
        // A message with half a character in it.
        "bytes 7b2274797065223a226974656d2e636f6d706c65746564222c226974656d223a7b2274797065223a226167656e745f6d657373616765222c2274657874223a2276c372227d7d0a",
        r#"raw {"type":"item.completed","item":{"type":"agent_message","text":"lone \ud83d surrogate, nul \u0000."}}"#,
        r#"raw {"type":"strange\ud800","text":"\u0000"}"#,
    ]);
    assert_eq!(ending(&run), ("succeeded", None));
    let noise = texts(&events, "noise");
    assert_eq!(noise[0], "abc\u{fffd}d\u{fffd}");
    assert!(noise[1].starts_with('a') && noise[1].ends_with('b'));
    let messages = texts(&events, "message");
    assert_eq!(messages[0], "v\u{fffd}r");
    assert!(messages[1].starts_with("lone "), "{}", messages[1]);
    assert!(messages[1].contains(" surrogate, nul "), "{}", messages[1]);
    assert!(events.iter().any(|event| event["kind"] == "unknown"));
}

#[test]
fn a_character_that_comes_in_pieces_stays_whole() {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    // `{"type":"item.completed","item":{"type":"agent_message","text":"a€😀"}}`, cut within both characters. What
    // comes between the pieces on the other pipe shows that each piece was read by itself.
    let run = sidecar.start_run(
        &scene,
        &prompt(&[
            "thread",
            "turn",
            "bytes 7b2274797065223a226974656d2e636f6d706c65746564222c226974656d223a7b2274797065223a226167656e745f6d657373616765222c2274657874223a2261e2",
            "stderr 32",
            "sleep 0.1",
            "bytes 82",
            "sleep 0.1",
            "bytes acf09f",
            "sleep 0.1",
            "bytes 9880227d7d0a",
            "complete",
        ]),
    );
    let end = sidecar.wait_for_end(&run, LONG);
    assert_eq!(ending(&end), ("succeeded", None));
    assert_eq!(end["message"], "a€😀");
}

#[test]
fn half_a_json_line_at_the_end_is_kept_and_is_no_success() {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(
        &scene,
        &prompt(&["thread", "turn", "partial-line", "exit 0"]),
    );
    let end = sidecar.wait_for_end(&run, LONG);
    assert_eq!(ending(&end), ("failed", Some("no_result")));
    let events = sidecar.all_events(&run);
    let noise = texts(&events, "noise");
    assert!(noise[0].starts_with(r#"{"type":"item.completed""#));
}

#[test]
fn noise_between_events_is_kept_and_changes_nothing() {
    let (run, events) = turn_with(&[
        "raw (node:4711) Warning: something is deprecated",
        "message one",
        "raw {not json}",
        "raw [1, 2, 3]",
        "raw \"text\"",
        "raw null",
        "message two",
    ]);
    assert_eq!(ending(&run), ("succeeded", None));
    assert_eq!(run["message"], "two");
    assert_eq!(
        texts(&events, "noise"),
        [
            "(node:4711) Warning: something is deprecated",
            "{not json}",
            "[1, 2, 3]",
            "\"text\"",
            "null"
        ]
    );
    assert_eq!(texts(&events, "message"), ["one", "two"]);
}

#[test]
fn unknown_events_and_fields_are_kept_and_change_nothing() {
    let (run, events) = turn_with(&[
        r#"event {"type":"turn.paused","why":"tea","for":[1,{"a":null}]}"#,
        r#"event {"type":"item.completed","item":{"id":"item_0","type":"hologram","x":1}}"#,
        r#"event {"type":"item.completed","new":{"y":[]},"item":{"id":"item_1","type":"agent_message","text":"here","mood":"good"}}"#,
        r#"event {"kind":"without a type"}"#,
    ]);
    assert_eq!(ending(&run), ("succeeded", None));
    assert_eq!(run["message"], "here");
    let unknown: Vec<_> = events.iter().filter(|e| e["kind"] == "unknown").collect();
    assert_eq!(unknown.len(), 3, "{unknown:?}");
    assert_eq!(unknown[0]["codex_kind"], "turn.paused");
    let raw = unknown[0]["raw"].as_str().expect("the event itself");
    assert!(raw.contains(r#""why":"tea""#));
}

#[test]
fn a_hundred_thousand_events_at_once_hold_nobody_up() {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let steps = [
        "thread",
        "turn",
        "events 100000",
        "message the last one",
        "complete",
    ];
    let run = sidecar.start_run(&scene, &prompt(&steps));
    let begin = Instant::now();
    let mut slowest = Duration::ZERO;
    loop {
        let asked = Instant::now();
        let seen = sidecar.get_run(&run);
        slowest = slowest.max(asked.elapsed());
        if seen["is_final"] == json!(true) {
            break;
        }
        assert!(begin.elapsed() < LONG, "{seen}");
    }
    assert!(
        slowest < Duration::from_secs(1),
        "an answer took {slowest:?}"
    );
    assert_all_is_there_or_counted(&mut sidecar, &run);
}

fn assert_all_is_there_or_counted(sidecar: &mut Sidecar, run: &str) {
    let end = sidecar.get_run(run);
    assert_eq!(ending(&end), ("succeeded", None));
    assert_eq!(end["message"], "the last one");
    let events = sidecar.all_events(run);
    assert_numbered(&events);
    let messages = texts(&events, "message").len() as u64;
    let left_out = end["events"]["left_out"].as_u64().expect("a number");
    assert_eq!(messages + left_out, 100_001);
    assert!(messages > 4_900, "{messages}");
    let cut = notices(&events, "cut");
    assert_eq!(cut.len(), 1, "{cut:?}");
    assert!(cut[0].contains("5000 events"), "{cut:?}");
    assert!(events.iter().any(|e| e["kind"] == "turn_completed"));
}

#[test]
fn below_the_bounds_no_event_is_lost() {
    let (run, events) = turn_with(&["events 4000"]);
    assert_eq!(ending(&run), ("succeeded", None));
    assert_eq!(texts(&events, "message").len(), 4000);
    assert_eq!(run["events"]["left_out"], 0);
}

#[test]
fn a_flood_on_standard_error_alone_blocks_nobody() {
    let (run, events) = turn_with(&["stderr 4M", "message done"]);
    assert_eq!(ending(&run), ("succeeded", None));
    assert_eq!(run["message"], "done");
    let kept: usize = texts(&events, "stderr").iter().map(|t| t.len()).sum();
    assert!(kept > 64 * 1024, "{kept}");
}
