//! A run can be cancelled at every moment of its life, by anybody, any number of times.

use std::time::Instant;

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::{fake, fake_turn};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::cancel::{LIMIT, PROMISE, cancel, family, supervisor_goes};

/// A run of `fake-codex` that hangs, and the processes that it consists of.
fn hanging(sidecar: &mut Sidecar, scene: &Scene) -> (String, Vec<u32>) {
    let run = sidecar.start_run(scene, &fake(&["thread", "turn", "message ready", "hang"]));
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    let family = family(&run);
    (run, family)
}

fn is_in(sidecar: &mut Sidecar, run: &str, state: &str) {
    processes::wait_until(LIMIT, state, || sidecar.get_run(run)["state"] == state);
}

#[test]
fn in_the_queue() {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config("[limits]\nrunning = 1\n");
    let mut sidecar = scene.sidecar();
    let (first, _) = hanging(&mut sidecar, &scene);
    let waiting = sidecar.start_run(&scene, &fake_turn(&["write ran yes"]));
    let (_, cancelled) = cancel(&mut sidecar, &waiting, &[]);
    assert_eq!(cancelled["started_at"], Value::Null);
    supervisor_goes(&waiting);
    assert_eq!(sidecar.get_run(&first)["state"], "running");
    cancel(&mut sidecar, &first, &[]);
    assert!(!scene.work().join("ran").exists());
}

#[test]
fn while_codex_is_looked_at() {
    let mut scene = Scene::new(&Codex::Fake);
    scene.write_config("[limits]\nrunning = 1\n");
    let hold = scene.slow_codex();
    let mut sidecar = scene.sidecar();
    let (first, _) = hanging(&mut sidecar, &scene);
    let starting = sidecar.start_run(&scene, &fake_turn(&["write ran yes"]));
    hold.begin();
    cancel(&mut sidecar, &first, &[]);
    is_in(&mut sidecar, &starting, "starting");
    cancel(&mut sidecar, &starting, &[]);
    supervisor_goes(&starting);
    assert_eq!(hold.held(), Vec::<u32>::new());
    assert!(!scene.work().join("ran").exists());
}

#[test]
fn right_after_the_start() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    for _ in 0..5 {
        let run = sidecar.start_run(&scene, &fake(&["thread", "turn", "hang"]));
        cancel(&mut sidecar, &run, &[]);
        supervisor_goes(&run);
        assert_eq!(processes::of_run(&run), Vec::<u32>::new());
    }
}

#[test]
fn after_the_end_it_changes_nothing() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, &fake_turn(&[]));
    let ended = sidecar.wait_for_end(&run, LIMIT);
    let again = sidecar
        .call("codex_cancel_run", json!({"run_id": run}))
        .ok();
    assert_eq!(again, ended);
    assert_eq!(again["state"], "succeeded");
}

#[test]
fn twice_and_from_two_sidecars() {
    let scene = Scene::new(&Codex::Fake);
    let mut one = scene.sidecar();
    let mut two = scene.sidecar();
    let (run, doomed) = hanging(&mut one, &scene);
    let call = json!({"run_id": run});
    let begin = Instant::now();
    let calls = [
        one.begin_call("codex_cancel_run", call.clone()),
        one.begin_call("codex_cancel_run", call.clone()),
    ];
    let other = two.begin_call("codex_cancel_run", call.clone());
    let answers = calls.map(|id| one.finish_call(id).ok());
    let other = two.finish_call(other).ok();
    assert!(begin.elapsed() <= PROMISE, "{:?}", begin.elapsed());
    assert!(!doomed.into_iter().any(processes::is_running));
    for answer in answers.iter().chain([&other]) {
        assert_eq!(answer["state"], "cancelled", "{answer}");
    }
    assert_eq!(
        two.call("codex_cancel_run", call).ok()["state"],
        "cancelled"
    );
    let states: Vec<_> = two
        .all_events(&run)
        .into_iter()
        .filter(|e| e["kind"] == "state")
        .collect();
    let states: Vec<_> = states.iter().map(|event| &event["state"]).collect();
    assert_eq!(states, ["starting", "running", "stopping", "cancelled"]);
}

#[test]
fn a_codex_that_ends_at_that_moment_leaves_one_end() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    for n in 0..10 {
        let folder = scene.folder(&format!("f{n}"));
        let steps = ["message ready", "wait-for go"];
        let asked = json!({"working_dir": folder});
        let run = sidecar.start_run_with(&scene, &fake_turn(&steps), asked);
        sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
        let cancelling = sidecar.begin_call("codex_cancel_run", json!({"run_id": run}));
        std::fs::write(folder.join("go"), "").unwrap();
        let ended = sidecar.finish_call(cancelling).ok();
        let state = ended["state"].as_str().unwrap().to_owned();
        assert!(
            ["cancelled", "succeeded"].contains(&state.as_str()),
            "{ended}"
        );
        supervisor_goes(&run);
        assert_eq!(sidecar.get_run(&run)["state"], json!(state));
    }
}

#[test]
fn a_cancelled_call_cancels_no_run() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let prompt = fake_turn(&["message ready", "wait-for go"]);
    let task = json!({"prompt": prompt, "wait_s": 45});
    let starting = sidecar.begin_call("codex_run_task", task);
    let mut run = None;
    processes::wait_until(LIMIT, "the run is there", || {
        let listed = sidecar
            .call("codex_list_runs", json!({"states": ["running"]}))
            .ok();
        run = listed["runs"][0]["run_id"].as_str().map(str::to_owned);
        run.is_some()
    });
    let run = run.unwrap();
    let following = sidecar.begin_call(
        "codex_get_run_updates",
        json!({"run_id": run, "cursor": 100, "wait_s": 45}),
    );
    for call in [starting, following] {
        sidecar.notify(
            "notifications/cancelled",
            json!({"requestId": call, "reason": "bored"}),
        );
    }
    assert_eq!(sidecar.get_run(&run)["state"], "running");
    std::fs::write(scene.work().join("go"), "").unwrap();
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["state"], "succeeded");
}

#[test]
fn a_cancelled_call_of_cancel_still_cancels() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let (run, doomed) = hanging(&mut sidecar, &scene);
    let call = sidecar.begin_call("codex_cancel_run", json!({"run_id": run}));
    sidecar.notify("notifications/cancelled", json!({"requestId": call}));
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["state"], "cancelled");
    assert!(!doomed.into_iter().any(processes::is_running));
}
