//! The shapes in which commands escape their parents.

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use codex_bridge_tests::script::{fake, unique_sleep};
use serde_json::json;

use crate::cancel::{LIMIT, cancel, family, supervisor_goes};

/// Name, shell command with `N` for the time, and how many processes sleep for it.
const SHAPES: [(&str, &str, usize); 4] = [
    ("plain", "sleep N", 1),
    ("setsid", "setsid sleep N & sleep N", 2),
    ("nohup", "nohup sleep N >/dev/null 2>&1 & sleep N", 2),
    ("double fork", "(setsid sleep N &); sleep N", 2),
];

#[test]
fn all_that_a_native_codex_started_ends() {
    for version in VERSIONS {
        ends_in_each_shape(&Codex::Real(version));
    }
}

#[test]
fn all_that_npms_launcher_started_ends() {
    for version in VERSIONS {
        ends_in_each_shape(&Codex::Launcher(version));
    }
}

fn ends_in_each_shape(codex: &Codex) {
    let scene = Scene::new(codex);
    let mut sidecar = scene.sidecar();
    for (name, command, sleepers) in SHAPES {
        let seconds = unique_sleep();
        let prompt = format!("MOCK:shell {}", command.replace('N', &seconds));
        let run = sidecar.start_run_with(&scene, &prompt, json!({"sandbox": "workspace-write"}));
        let sleeping = || {
            let mut pids = processes::with_argument(&seconds);
            pids.retain(|pid| processes::program_of(*pid) == "sleep");
            pids
        };
        processes::wait_until(LIMIT, "all commands run", || sleeping().len() == sleepers);
        let mut doomed = [family(&run), sleeping()].concat();
        doomed.sort_unstable();
        doomed.dedup();
        let (took, _) = cancel(&mut sidecar, &run, &doomed);
        eprintln!(
            "cancel {codex:?}, {name}: {} processes, {took:?}",
            doomed.len()
        );
        supervisor_goes(&run);
        assert_eq!(processes::of_run(&run), Vec::<u32>::new());
        assert_eq!(processes::with_argument(&seconds), Vec::<u32>::new());
    }
}

#[test]
fn all_ends_without_a_sandbox() {
    end_without_a_sandbox(false);
}

#[test]
fn all_ends_without_a_sandbox_when_codex_itself_ignores_signals() {
    end_without_a_sandbox(true);
}

fn end_without_a_sandbox(stubborn_codex: bool) {
    let shapes = [
        "plain",
        "setsid",
        "nohup",
        "double-fork",
        "holds-stdout",
        "stubborn",
    ];
    let each = shapes.map(|shape| vec![shape]);
    for shapes in each.iter().chain([&shapes.to_vec()]) {
        ends_without_a_sandbox(shapes, stubborn_codex);
    }
}

fn ends_without_a_sandbox(shapes: &[&str], stubborn_codex: bool) {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let spawn: Vec<_> = shapes
        .iter()
        .map(|shape| format!("spawn {shape} 1000"))
        .collect();
    let mut steps = vec!["thread", "turn"];
    if stubborn_codex {
        steps.push("ignore-signals");
    }
    steps.extend(spawn.iter().map(String::as_str));
    steps.extend(["message ready", "hang"]);
    let run = sidecar.start_run(&scene, &fake(&steps));
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    let noted = std::fs::read_to_string(scene.work().join("pids")).unwrap();
    let mut doomed: Vec<u32> = noted.lines().map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(doomed.len(), shapes.len());
    doomed.extend(family(&run));
    doomed.sort_unstable();
    doomed.dedup();
    assert_eq!(doomed.len(), shapes.len() + 1);
    let (took, _) = cancel(&mut sidecar, &run, &doomed);
    eprintln!("cancel fake-codex (ignores signals: {stubborn_codex}), {shapes:?}: {took:?}");
    supervisor_goes(&run);
    assert_eq!(processes::of_run(&run), Vec::<u32>::new());
}

#[test]
fn what_a_run_leaves_behind_ends_with_it() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let steps = [
        "thread",
        "turn",
        "spawn double-fork 1000",
        "spawn stubborn 1000",
        "message done",
        "complete",
    ];
    let run = sidecar.start_run(&scene, &fake(&steps));
    let ended = sidecar.wait_for_end(&run, LIMIT);
    let noted = std::fs::read_to_string(scene.work().join("pids")).unwrap();
    for pid in noted.lines() {
        assert!(
            !processes::is_running(pid.parse().unwrap()),
            "{pid} is alive"
        );
    }
    assert_eq!(ended["state"], "succeeded");
    let events = sidecar.all_events(&run);
    assert!(
        events.iter().any(|event| event["about"] == "left_behind"),
        "{events:?}"
    );
}
