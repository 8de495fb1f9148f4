//! What is done through a host, and what becomes of it when the host dies.

use std::time::Duration;

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::{fake, fake_turn};
use codex_bridge_tests::sidecar::Opener;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::ipc::{Host, LIMIT, all_runs, appears, is_hosted, waits_for};

#[test]
fn a_run_is_started_by_the_host_and_waited_for_by_the_asker() {
    let scene = Scene::new(&Codex::Fake);
    let _host = Host::start(&scene);
    let mut sidecar = scene.sidecar();
    let run = waits_for(&mut sidecar, &scene, "go");
    assert!(is_hosted(&run));
    appears(&scene, "go");
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(ended["client"]["name"], "tester", "{ended}");

    let waited = json!({"prompt": fake_turn(&[]), "working_dir": scene.work(), "wait_s": 40.0});
    let waited = sidecar.call("codex_run_task", waited).ok();
    assert_eq!(waited["state"], "succeeded", "{waited}");
    assert_eq!(waited["repeated"], false, "{waited}");
    assert_eq!(waited["message"], "done", "{waited}");
}

#[test]
fn a_request_id_means_the_same_with_and_without_a_host() {
    let scene = Scene::new(&Codex::Fake);
    let arguments =
        |prompt: &str| json!({"prompt": prompt, "working_dir": scene.work(), "request_id": "r-1"});
    let mut sidecar = scene.sidecar();
    let first = sidecar
        .call("codex_run_task", arguments(&fake_turn(&[])))
        .ok();
    let host = Host::start(&scene);
    let again = sidecar
        .call("codex_run_task", arguments(&fake_turn(&[])))
        .ok();
    assert_eq!(again["run_id"], first["run_id"]);
    assert_eq!(again["repeated"], true);
    let other = sidecar.call("codex_run_task", arguments("other"));
    assert_eq!(other.code(), "request_conflict");
    host.quit();
    let third = sidecar
        .call("codex_run_task", arguments(&fake_turn(&[])))
        .ok();
    assert_eq!(third["run_id"], first["run_id"]);
}

#[test]
fn a_refusal_is_the_same_with_and_without_a_host() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let calls = [
        json!({"prompt": "x", "working_dir": "/"}),
        json!({"prompt": "x", "working_dir": scene.work(), "wait_s": "soon"}),
        json!({"prompt": "x", "workingDir": scene.work()}),
        json!({"prompt": "x", "working_dir": scene.work(), "network": true, "sandbox": "workspace-write"}),
    ];
    let answers = |sidecar: &mut codex_bridge_tests::sidecar::Sidecar| -> Vec<Value> {
        let call = |arguments: &Value| {
            let answer = sidecar.call("codex_run_task", arguments.clone());
            assert!(answer.is_error);
            answer.content
        };
        calls.iter().map(call).collect()
    };
    let alone = answers(&mut sidecar);
    let _host = Host::start(&scene);
    assert_eq!(answers(&mut sidecar), alone);
}

#[test]
fn a_run_outlives_the_host_that_started_it() {
    let scene = Scene::new(&Codex::Fake);
    let host = Host::start(&scene);
    let mut sidecar = scene.sidecar();
    let run = waits_for(&mut sidecar, &scene, "go");
    host.kill();
    assert_eq!(sidecar.get_run(&run)["state"], "running");
    // With nobody there, and the dead one's socket still in its place, it acts by itself.
    let own = waits_for(&mut sidecar, &scene, "go");
    assert!(!is_hosted(&own));
    // And the next host takes over.
    let _host = Host::start(&scene);
    let hosted = waits_for(&mut sidecar, &scene, "go");
    assert!(is_hosted(&hosted));
    appears(&scene, "go");
    for run in [run, own, hosted] {
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{ended}");
    }
}

#[test]
fn a_host_that_is_killed_in_the_middle_of_an_act_costs_nothing() {
    let mut scene = Scene::new(&Codex::Missing);
    let hold = scene.slow_codex();
    hold.begin();
    let host = Host::start(&scene);
    let mut sidecar = scene.sidecar();
    let arguments = json!({"prompt": fake_turn(&[]), "working_dir": scene.work(), "wait_s": 40});
    let call = sidecar.begin_call("codex_run_task", arguments);
    processes::wait_until(LIMIT, "the host asks Codex", || !hold.held().is_empty());
    hold.end();
    host.kill();
    let answer = sidecar.finish_call(call).ok();
    assert_eq!(answer["state"], "succeeded", "{answer}");
    assert_eq!(answer["repeated"], false, "{answer}");
    assert_eq!(all_runs(&mut sidecar).len(), 1);
}

#[test]
fn a_host_that_hangs_is_not_waited_for() {
    let scene = Scene::new(&Codex::Fake);
    let host = Host::start(&scene);
    processes::signal(host.0.id(), Signal::STOP);
    let mut sidecar = scene.sidecar();
    let begin = std::time::Instant::now();
    let run = waits_for(&mut sidecar, &scene, "go");
    assert!(begin.elapsed() < Duration::from_secs(20));
    assert!(!is_hosted(&run));
    appears(&scene, "go");
    sidecar.wait_for_end(&run, LIMIT);
    // What it may find when it wakes up again asks for nothing.
    processes::signal(host.0.id(), Signal::CONT);
    assert_eq!(all_runs(&mut sidecar), [run]);
}

#[test]
fn an_ephemeral_run_lives_in_the_host() {
    let scene = Scene::new(&Codex::Fake);
    let host = Host::start(&scene);
    let mut sidecar = scene.sidecar();
    let script = fake(&["thread", "turn", "message ready", "wait-for go", "complete"]);
    let more = json!({"persist": false});
    let run = sidecar.start_run_with(&scene, &script, more.clone());
    assert!(run.starts_with("tmp_"), "{run}");
    sidecar.close(LIMIT);
    // It outlives the server that asked for it, and every other one reads it.
    let mut sidecar = scene.sidecar();
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    appears(&scene, "go");
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");

    let waiting = fake(&["thread", "turn", "message ready", "wait-for never"]);
    let run = sidecar.start_run_with(&scene, &waiting, more.clone());
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    let cancelled = sidecar
        .call("codex_cancel_run", json!({"run_id": run}))
        .ok();
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");

    let run = sidecar.start_run_with(&scene, &waiting, more);
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    let members = processes::of_run(&run);
    assert!(!members.is_empty());
    host.quit();
    for member in members {
        processes::wait_until_gone(member, LIMIT);
    }
    let gone = sidecar.call("codex_get_run", json!({"run_id": run}));
    assert_eq!(gone.code(), "unknown_run");
}

#[test]
fn a_run_below_a_run_is_refused_although_the_host_stands_below_none() {
    let mut scene = Scene::new(&Codex::Fake);
    let _host = Host::start(&scene);
    scene.set("CODEX_BRIDGE_RUN", "run_01k9x2m4q7abcdefgh");
    let mut sidecar = scene.sidecar_opened(Opener::Initialize("2025-11-25"));
    let arguments = json!({"prompt": fake_turn(&[]), "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "nested");
}
