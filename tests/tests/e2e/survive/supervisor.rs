//! The supervisor is killed; the run is lost at the next look, and nothing of it is alive.

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use codex_bridge_tests::script::{fake, fake_turn, unique_sleep};
use codex_bridge_tests::sidecar::{Answer, Sidecar};
use serde_json::{Value, json};

use crate::survive::{LIMIT, go, supervisor_of, waiting_run};

/// What each of several calls at once says of the run's state. All looks are begun before the first answer is read.
fn looks(sidecars: &mut [&mut Sidecar], run: &str) -> Vec<Value> {
    let calls = [
        ("codex_get_run", json!({"run_id": run})),
        ("codex_list_runs", json!({})),
        ("codex_get_run_updates", json!({"run_id": run, "cursor": 0})),
        (
            "codex_get_run_updates",
            json!({"run_id": run, "cursor": 10_000, "wait_s": 10}),
        ),
        ("codex_cancel_run", json!({"run_id": run})),
    ];
    let mut begun = Vec::new();
    for (tool, arguments) in &calls {
        for (at, sidecar) in sidecars.iter_mut().enumerate() {
            begun.push((at, *tool, sidecar.begin_call(tool, arguments.clone())));
        }
    }
    let states = begun.into_iter().map(|(at, tool, id)| {
        let answer: Answer = sidecars[at].finish_call(id);
        let content = answer.ok();
        match tool {
            "codex_list_runs" => {
                let runs = content["runs"].as_array().unwrap();
                let found = runs.iter().find(|listed| listed["run_id"] == run);
                found.unwrap()["state"].clone()
            }
            _ => content["state"].clone(),
        }
    });
    states.collect()
}

/// Kills the run's supervisor and looks from two sidecars at once.
fn lost(sidecar: &mut Sidecar, scene: &Scene, run: &str) {
    let doomed = processes::of_run(run);
    let mut other = scene.sidecar();
    let supervisor = supervisor_of(run);
    processes::kill(supervisor);
    processes::wait_until_gone(supervisor, LIMIT);
    let states = looks(&mut [sidecar, &mut other], run);
    assert_eq!(states, vec!["lost"; states.len()]);
    let alive: Vec<_> = doomed
        .into_iter()
        .filter(|pid| processes::is_running(*pid))
        .collect();
    assert_eq!(
        alive,
        Vec::<u32>::new(),
        "alive after the run was found lost"
    );
    assert_eq!(processes::of_run(run), Vec::<u32>::new());
    let ended = other.get_run(run);
    assert_eq!(ended["error"]["code"], "lost", "{ended}");
    assert!(
        !ended["error"]["hint"].as_str().unwrap().is_empty(),
        "{ended}"
    );
    let events = other.all_events(run);
    assert_eq!(events.last().unwrap()["state"], "lost");
}

#[test]
fn in_the_middle_of_a_command_of_the_real_codex() {
    for codex in VERSIONS
        .map(Codex::Real)
        .iter()
        .chain(&VERSIONS.map(Codex::Launcher))
    {
        eprintln!("with {codex:?}");
        let scene = Scene::new(codex);
        let mut sidecar = scene.sidecar();
        let seconds = unique_sleep();
        let prompt = format!("MOCK:shell (setsid sleep {seconds} &); sleep {seconds}");
        let run = sidecar.start_run(&scene, &prompt);
        let sleeping = || processes::with_argument(&seconds);
        let commands = || {
            sleeping()
                .into_iter()
                .filter(|pid| processes::program_of(*pid) == "sleep")
        };
        processes::wait_until(LIMIT, "both commands run", || commands().count() == 2);
        lost(&mut sidecar, &scene, &run);
        assert_eq!(sleeping(), Vec::<u32>::new());
    }
}

#[test]
fn with_processes_that_do_not_want_to_go() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let steps = [
        "thread",
        "turn",
        "ignore-signals",
        "spawn stubborn 1000",
        "spawn double-fork 1000",
        "message ready",
        "hang",
    ];
    let run = sidecar.start_run(&scene, &fake(&steps));
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    lost(&mut sidecar, &scene, &run);
}

#[test]
fn in_the_queue() {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config("[limits]\nrunning = 1\n");
    let mut sidecar = scene.sidecar();
    let first = waiting_run(&mut sidecar, &scene);
    let queued = sidecar.start_run(&scene, &fake_turn(&["write ran yes"]));
    assert_eq!(sidecar.get_run(&queued)["state"], "queued");
    lost(&mut sidecar, &scene, &queued);
    go(&scene);
    assert_eq!(sidecar.wait_for_end(&first, LIMIT)["state"], "succeeded");
    assert!(!scene.work().join("ran").exists());
}

#[test]
fn while_codex_is_looked_at() {
    let mut scene = Scene::new(&Codex::Fake);
    scene.write_config("[limits]\nrunning = 1\n");
    let hold = scene.slow_codex();
    let mut sidecar = scene.sidecar();
    let first = waiting_run(&mut sidecar, &scene);
    let starting = sidecar.start_run(&scene, &fake_turn(&["write ran yes"]));
    hold.begin();
    go(&scene);
    sidecar.wait_for_end(&first, LIMIT);
    processes::wait_until(LIMIT, "Codex is asked", || !hold.held().is_empty());
    assert_eq!(sidecar.get_run(&starting)["state"], "starting");
    lost(&mut sidecar, &scene, &starting);
    assert_eq!(hold.held(), Vec::<u32>::new());
    assert!(!scene.work().join("ran").exists());
}

#[test]
fn while_it_stops_its_run() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let steps = ["thread", "turn", "ignore-signals", "message ready", "hang"];
    let run = sidecar.start_run(&scene, &fake(&steps));
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    let cancelling = sidecar.begin_call("codex_cancel_run", json!({"run_id": run}));
    sidecar.wait_for_event(&run, LIMIT, |event| event["state"] == "stopping");
    lost(&mut sidecar, &scene, &run);
    assert_eq!(sidecar.finish_call(cancelling).ok()["state"], "lost");
}

#[test]
fn whoever_waits_hears_of_it() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let run = waiting_run(&mut sidecar, &scene);
    let wait = json!({"run_id": run, "cursor": 100, "wait_s": 45});
    let waiting = sidecar.begin_call("codex_get_run_updates", wait);
    sidecar.request("ping", json!({}));
    processes::kill(supervisor_of(&run));
    let begin = std::time::Instant::now();
    let page = sidecar.finish_call(waiting).ok();
    assert_eq!(page["state"], "lost");
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}
