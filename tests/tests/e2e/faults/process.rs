//! What the Codex process and what it starts may do.

use std::time::{Duration, Instant};

use codex_bridge_tests::processes::{self, is_running, wait_until, wait_until_gone};
use codex_bridge_tests::scene::Scene;
use serde_json::{Value, json};

use super::{LONG, ending, fake, notices, prompt, texts};

/// How soon a run is over that need not wait for anything.
const SOON: Duration = Duration::from_secs(5);

/// What the stand-in has left behind so far.
fn left_behind(scene: &Scene) -> Vec<u32> {
    let pids = std::fs::read_to_string(scene.work().join("pids")).unwrap_or_default();
    pids.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Has the stand-in do the steps to the end; gives the run and its events.
fn run_of(scene: &Scene, steps: &[&str]) -> (Value, Vec<Value>) {
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(scene, &prompt(steps));
    let end = sidecar.wait_for_end(&run, LONG);
    let events = sidecar.all_events(&run);
    (end, events)
}

/// Has the stand-in do the steps, cancels it when it has said `ready`, and gives the run and how long that took.
fn cancelled(scene: &Scene, steps: &[&str]) -> (Value, Duration) {
    let mut all = vec!["thread", "turn"];
    all.extend(steps);
    all.extend(["message ready", "hang"]);
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(scene, &prompt(&all));
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "ready");
    let begin = Instant::now();
    let end = sidecar
        .call("codex_cancel_run", json!({"run_id": run}))
        .ok();
    let took = begin.elapsed();
    assert_eq!(processes::of_run(&run), Vec::<u32>::new());
    (end, took)
}

#[test]
fn one_that_reads_no_prompt_gets_its_run_done_all_the_same() {
    for first in ["stdin-close-early", "stdin-never-read"] {
        let scene = fake();
        let script = format!("{first}\nthread\nturn\nmessage done\ncomplete\n");
        std::fs::write(scene.work().join(".fake-codex"), script).expect("the folder is writable");
        let mut sidecar = scene.sidecar();
        let run = sidecar.start_run(&scene, &"three megabytes ".repeat(3 * 1024 * 1024 / 16));
        let end = sidecar.wait_for_end(&run, LONG);
        assert_eq!(ending(&end), ("succeeded", None), "{first}");
        assert_eq!(end["message"], "done");
    }
}

#[test]
fn one_that_ignores_sigterm_is_dead_within_5_s() {
    let scene = fake();
    let (end, took) = cancelled(&scene, &["ignore-signals"]);
    assert_eq!(end["state"], "cancelled");
    assert_eq!(end["exit"], json!({"signal": 9}));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_grandchild_that_ignores_signals_is_dead_when_the_cancel_is_answered() {
    let scene = fake();
    let (end, took) = cancelled(&scene, &["spawn stubborn 600"]);
    assert_eq!(end["state"], "cancelled");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let [stubborn] = left_behind(&scene)[..] else {
        panic!("one process was left behind");
    };
    assert!(!is_running(stubborn));
}

#[test]
fn whoever_left_the_group_is_dead_when_the_cancel_is_answered() {
    for shape in ["setsid", "double-fork", "nohup"] {
        let scene = fake();
        let (end, took) = cancelled(&scene, &[&format!("spawn {shape} 600")]);
        assert_eq!(end["state"], "cancelled");
        assert!(took < Duration::from_secs(5), "{shape}: {took:?}");
        let left = left_behind(&scene);
        assert_eq!(left.len(), 1);
        assert!(!is_running(left[0]), "{shape}");
    }
}

#[test]
fn a_daemon_that_holds_stdout_keeps_no_run_from_ending() {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let steps = [
        "thread",
        "turn",
        "spawn holds-stdout 600",
        "message done",
        "complete",
        "write leaving now",
        "exit 0",
    ];
    let run = sidecar.start_run(&scene, &prompt(&steps));
    wait_until(LONG, "Codex leaves", || {
        scene.work().join("leaving").exists()
    });
    let begin = Instant::now();
    let end = sidecar.wait_for_end(&run, LONG);
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    assert_eq!(ending(&end), ("succeeded", None));
    assert_eq!(end["exit"], json!({"code": 0}));
    let events = sidecar.all_events(&run);
    assert_eq!(
        notices(&events, "left_behind"),
        ["1 process was left behind and has been ended"]
    );
    for pid in left_behind(&scene) {
        wait_until_gone(pid, SOON);
    }
}

#[test]
fn an_exit_without_a_final_event_is_no_success() {
    let scene = fake();
    let (end, _) = run_of(&scene, &["thread", "turn", "message almost", "exit 0"]);
    assert_eq!(ending(&end), ("failed", Some("no_result")));
    assert_eq!(end["exit"], json!({"code": 0}));
    assert_eq!(end["message"], "almost");
}

#[test]
fn an_exit_before_the_first_word_is_no_success() {
    let scene = fake();
    let (end, _) = run_of(&scene, &["exit 0"]);
    assert_eq!(ending(&end), ("failed", Some("no_result")));
}

#[test]
fn a_completed_turn_counts_and_a_bad_exit_is_kept() {
    let scene = fake();
    let (end, _) = run_of(
        &scene,
        &["thread", "turn", "message done", "complete", "exit 1"],
    );
    assert_eq!(ending(&end), ("succeeded", None));
    assert_eq!(end["exit"], json!({"code": 1}));
    assert_eq!(end["message"], "done");
}

#[test]
fn one_that_stays_after_its_final_event_is_ended_and_has_succeeded() {
    let scene = fake();
    let (end, _) = run_of(
        &scene,
        &["thread", "turn", "message done", "complete", "hang"],
    );
    assert_eq!(ending(&end), ("succeeded", None));
    assert_eq!(
        processes::of_run(end["run_id"].as_str().expect("an id")).len(),
        0
    );
}

#[test]
fn a_death_by_a_signal_is_a_crash_that_names_it() {
    for (name, number) in [("SEGV", 11), ("KILL", 9), ("ABRT", 6)] {
        let scene = fake();
        let (end, _) = run_of(&scene, &["thread", "turn", &format!("signal {name}")]);
        assert_eq!(ending(&end), ("failed", Some("crashed")), "{name}");
        assert_eq!(end["exit"], json!({"signal": number}));
        let message = end["error"]["message"].as_str().expect("a message");
        assert!(message.contains(&format!("SIG{name}")), "{message}");
    }
}

#[test]
fn the_codex_binary_may_be_removed_while_it_runs() {
    let mut scene = fake();
    let copy = scene.path().join("codex-copy");
    std::fs::copy(codex_bridge_tests::scene::program("fake-codex"), &copy).expect("a copy");
    scene.set("CODEX_BIN", &copy.display().to_string());
    let mut sidecar = scene.sidecar();
    let steps = [
        "thread",
        "turn",
        "message ready",
        "wait-for go",
        "message done",
        "complete",
    ];
    let run = sidecar.start_run(&scene, &prompt(&steps));
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "ready");
    std::fs::remove_file(&copy).expect("the copy can be removed");
    std::fs::write(scene.work().join("go"), "").expect("the folder is writable");
    let end = sidecar.wait_for_end(&run, LONG);
    assert_eq!(ending(&end), ("succeeded", None));
    let events = sidecar.all_events(&run);
    assert_eq!(texts(&events, "message"), ["ready", "done"]);
}
