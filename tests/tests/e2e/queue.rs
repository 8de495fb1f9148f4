//! The limit on runs at once holds across all processes, first come first served, and nobody waits for the dead.

use std::time::Duration;

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::{fake, fake_turn};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);
/// For many runs on a busy machine.
const LONG: Duration = Duration::from_secs(180);

fn scene(limits: &str) -> Scene {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config(&format!("[limits]\n{limits}\n"));
    scene
}

fn sidecars(scene: &Scene, count: usize) -> Vec<Sidecar> {
    (0..count).map(|_| scene.sidecar()).collect()
}

/// Starts a run that ends when the file of this name appears.
fn waits_for(sidecar: &mut Sidecar, scene: &Scene, file: &str) -> String {
    sidecar.start_run(
        scene,
        &fake_turn(&["message ready", &format!("wait-for {file}")]),
    )
}

fn is_running(sidecar: &mut Sidecar, run: &str) {
    sidecar.wait_for_event(run, LIMIT, |event| event["text"] == "ready");
}

fn state(sidecar: &mut Sidecar, run: &str) -> String {
    sidecar.get_run(run)["state"].as_str().unwrap().to_owned()
}

fn appears(scene: &Scene, file: &str) {
    std::fs::write(scene.work().join(file), "").unwrap();
}

/// The most runs that were under way at the same time.
fn most_at_once(runs: &[Value]) -> usize {
    let time = |run: &Value, name: &str| run[name].as_str().unwrap().to_owned();
    let spans: Vec<_> = runs
        .iter()
        .map(|run| (time(run, "started_at"), time(run, "ended_at")))
        .collect();
    // It is reached at the start of one of them.
    let at_once = |at: &String| {
        spans
            .iter()
            .filter(|(from, to)| from <= at && at < to)
            .count()
    };
    spans
        .iter()
        .map(|(from, _)| at_once(from))
        .max()
        .unwrap_or(0)
}

#[test]
fn never_more_than_the_limit_over_several_sidecars() {
    let scene = scene("running = 2");
    let mut sidecars = sidecars(&scene, 3);
    let runs: Vec<_> = (0..12)
        .map(|n| sidecars[n % 3].start_run(&scene, &fake_turn(&["sleep 0.1"])))
        .collect();
    let ended: Vec<_> = runs
        .iter()
        .map(|run| sidecars[0].wait_for_end(run, LONG))
        .collect();
    for run in &ended {
        assert_eq!(run["state"], "succeeded", "{run}");
    }
    assert!(most_at_once(&ended) <= 2, "{}", most_at_once(&ended));
}

#[test]
fn who_comes_first_is_served_first() {
    let scene = scene("running = 1");
    let mut sidecars = sidecars(&scene, 3);
    let runs: Vec<_> = (0..9)
        .map(|n| sidecars[n % 3].start_run(&scene, &fake_turn(&[])))
        .collect();
    let ended: Vec<_> = runs
        .iter()
        .map(|run| sidecars[0].wait_for_end(run, LONG))
        .collect();
    let started: Vec<_> = ended
        .iter()
        .map(|run| run["started_at"].as_str().unwrap())
        .collect();
    assert!(started.is_sorted(), "{started:?}");
    assert_eq!(most_at_once(&ended), 1);
}

#[test]
fn nobody_waits_for_one_who_died_in_the_queue() {
    let scene = scene("running = 1");
    let mut sidecars = sidecars(&scene, 2);
    let first = waits_for(&mut sidecars[0], &scene, "one");
    is_running(&mut sidecars[0], &first);
    let dies = waits_for(&mut sidecars[1], &scene, "two");
    let last = waits_for(&mut sidecars[0], &scene, "three");
    processes::kill(processes::supervisor_of(&dies).unwrap());
    appears(&scene, "one");
    // Nobody asks for the dead one: the one behind it notices by itself.
    is_running(&mut sidecars[0], &last);
    appears(&scene, "three");
    assert_eq!(sidecars[0].wait_for_end(&last, LIMIT)["state"], "succeeded");
    assert_eq!(state(&mut sidecars[1], &dies), "lost");
}

#[test]
fn one_who_died_at_work_frees_its_place() {
    let scene = scene("running = 1");
    let mut sidecars = sidecars(&scene, 2);
    let steps = [
        "thread",
        "turn",
        "spawn setsid 1000",
        "message ready",
        "hang",
    ];
    let dies = sidecars[0].start_run(&scene, &fake(&steps));
    is_running(&mut sidecars[0], &dies);
    let family = processes::of_run(&dies);
    let next = waits_for(&mut sidecars[1], &scene, "go");
    assert_eq!(state(&mut sidecars[1], &next), "queued");
    processes::kill(processes::supervisor_of(&dies).unwrap());
    is_running(&mut sidecars[1], &next);
    assert!(
        !family.into_iter().any(processes::is_running),
        "something of the dead run is alive"
    );
    assert_eq!(state(&mut sidecars[1], &dies), "lost");
    appears(&scene, "go");
    assert_eq!(sidecars[1].wait_for_end(&next, LIMIT)["state"], "succeeded");
}

#[test]
fn a_full_queue_says_so_and_nothing_is_left() {
    let scene = scene("running = 1\nqueued = 2");
    let mut sidecars = sidecars(&scene, 2);
    let first = waits_for(&mut sidecars[0], &scene, "go");
    is_running(&mut sidecars[0], &first);
    let waiting = [0, 1].map(|n| waits_for(&mut sidecars[n], &scene, "go"));
    let task = json!({"prompt": fake_turn(&[]), "working_dir": scene.work()});
    let refused = sidecars[1].call("codex_run_task", task.clone());
    assert_eq!(refused.code(), "queue_full");
    assert!(!refused.text_at("/hint").is_empty());
    let listed = sidecars[0].call("codex_list_runs", json!({})).ok();
    assert_eq!(listed["runs"].as_array().unwrap().len(), 3);
    assert_eq!(
        std::fs::read_dir(scene.state().join("locks"))
            .unwrap()
            .count(),
        3
    );

    // The dead do not fill it.
    let supervisor = processes::supervisor_of(&waiting[0]).unwrap();
    processes::kill(supervisor);
    processes::wait_until_gone(supervisor, LIMIT);
    let taken = sidecars[1].call("codex_run_task", task).ok();
    appears(&scene, "go");
    for run in [
        &first,
        &waiting[1],
        &taken["run_id"].as_str().unwrap().to_owned(),
    ] {
        assert_eq!(sidecars[0].wait_for_end(run, LIMIT)["state"], "succeeded");
    }
    assert_eq!(state(&mut sidecars[0], &waiting[0]), "lost");
}

#[test]
fn fifty_runs_at_once_by_four_sidecars_all_succeed() {
    let scene = scene("queued = 64");
    let mut sidecars = sidecars(&scene, 4);
    let mut calls = Vec::new();
    for n in 0..50 {
        let prompt = fake_turn(&[&format!("message number {n}")]);
        let task = json!({"prompt": prompt, "working_dir": scene.work(), "title": format!("{n}")});
        calls.push((n % 4, sidecars[n % 4].begin_call("codex_run_task", task)));
    }
    let mut runs = Vec::new();
    for (at, call) in calls {
        let started = sidecars[at].finish_call(call).ok();
        runs.push(started["run_id"].as_str().unwrap().to_owned());
    }
    let ended: Vec<_> = runs
        .iter()
        .map(|run| sidecars[0].wait_for_end(run, LONG))
        .collect();
    for run in &ended {
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(run["message"], "done");
    }
    assert!(most_at_once(&ended) <= 4, "{}", most_at_once(&ended));
}
