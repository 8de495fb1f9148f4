//! One run at a time works in a thread, whoever starts it, and a new thread is never taken for the old one.

use std::fs;

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::{fake, fake_turn};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::turns::{LIMIT, go_on, record, text};

/// A run that has ended, and the record of its thread.
fn ended_run(sidecar: &mut Sidecar, scene: &Scene) -> Value {
    let run = sidecar.start_run(scene, &fake_turn(&[]));
    let ended = sidecar.wait_for_end(&run, LIMIT);
    record(scene, text(&ended, "thread_id"), &scene.work());
    ended
}

fn go(scene: &Scene) {
    fs::write(scene.work().join("go"), "").unwrap();
}

/// The next turn, which has begun and waits for the file `go`.
fn waiting_turn(sidecar: &mut Sidecar, before: &Value) -> String {
    let prompt = fake_turn(&["message ready", "wait-for go"]);
    let started = go_on(sidecar, text(before, "run_id"), &prompt, json!({})).ok();
    let run = text(&started, "run_id").to_owned();
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    run
}

#[test]
fn a_second_run_in_a_thread_is_refused_while_the_first_one_lives() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let first = ended_run(&mut sidecar, &scene);
    let thread = text(&first, "thread_id");
    let busy = waiting_turn(&mut sidecar, &first);
    let mut other = scene.sidecar();
    let resume = json!({"session_id": thread, "prompt": "x"});
    for refused in [
        go_on(&mut other, text(&first, "run_id"), "x", json!({})),
        go_on(&mut other, &busy, "x", json!({})),
        other.call("codex_resume_session", resume),
    ] {
        assert_eq!(refused.code(), "thread_busy");
        let message = refused.text_at("/message");
        assert!(
            message.contains(&busy) && message.contains(thread),
            "{message}"
        );
    }
    assert!(scene.state().join("threads").join(thread).exists());
    go(&scene);
    let ended = sidecar.wait_for_end(&busy, LIMIT);
    // Whoever sees the end may go on at once.
    let next = go_on(&mut other, &busy, &fake_turn(&[]), json!({})).ok();
    assert_eq!(ended["state"], "succeeded");
    let ended = other.wait_for_end(text(&next, "run_id"), LIMIT);
    assert_eq!(ended["thread_id"], thread);
    assert!(!scene.state().join("threads").join(thread).exists());
}

#[test]
fn also_while_it_waits_in_the_queue_and_while_the_first_turn_lives() {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config("[limits]\nrunning = 1\n");
    let mut sidecar = scene.sidecar();
    let first = ended_run(&mut sidecar, &scene);
    // A first turn, of which only Codex tells the thread.
    let prompt = fake_turn(&["message ready", "wait-for go"]);
    let fresh = sidecar.start_run(&scene, &prompt);
    sidecar.wait_for_event(&fresh, LIMIT, |event| event["text"] == "ready");
    let thread = sidecar.get_run(&fresh)["thread_id"].clone();
    record(&scene, thread.as_str().unwrap(), &scene.work());
    let resume = json!({"session_id": thread, "prompt": "x"});
    let refused = sidecar.call("codex_resume_session", resume);
    assert_eq!(refused.code(), "thread_busy");
    assert!(refused.text_at("/message").contains(&fresh));

    let queued = go_on(
        &mut sidecar,
        text(&first, "run_id"),
        &fake_turn(&[]),
        json!({}),
    )
    .ok();
    let queued = text(&queued, "run_id").to_owned();
    assert_eq!(sidecar.get_run(&queued)["state"], "queued");
    let refused = go_on(&mut sidecar, text(&first, "run_id"), "x", json!({}));
    assert_eq!(refused.code(), "thread_busy");
    assert!(refused.text_at("/message").contains(&queued));
    // One that is cancelled in the queue has let go, and can itself be continued.
    let cancelled = sidecar
        .call("codex_cancel_run", json!({"run_id": queued}))
        .ok();
    assert_eq!(cancelled["state"], "cancelled");
    let next = go_on(&mut sidecar, &queued, &fake_turn(&[]), json!({})).ok();
    go(&scene);
    let ended = sidecar.wait_for_end(text(&next, "run_id"), LIMIT);
    assert_eq!(
        (&ended["state"], &ended["thread_id"]),
        (&json!("succeeded"), &first["thread_id"])
    );
}

#[test]
fn of_many_at_once_one_wins() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let first = ended_run(&mut sidecar, &scene);
    let mut sidecars: Vec<_> = (0..6).map(|_| scene.sidecar()).collect();
    let prompt = fake_turn(&["wait-for go"]);
    let arguments = json!({"run_id": first["run_id"], "prompt": prompt});
    let begin = |sidecar: &mut Sidecar| sidecar.begin_call("codex_continue_run", arguments.clone());
    let begun: Vec<_> = sidecars.iter_mut().map(begin).collect();
    let answers: Vec<_> = sidecars
        .iter_mut()
        .zip(begun)
        .map(|(sidecar, call)| sidecar.finish_call(call))
        .collect();
    let refused = answers.iter().filter(|answer| answer.is_error);
    let codes: Vec<_> = refused.map(|answer| answer.code().to_owned()).collect();
    assert_eq!(codes, ["thread_busy"; 5]);
    go(&scene);
    let won = answers.iter().find(|answer| !answer.is_error).unwrap();
    sidecar.wait_for_end(won.text_at("/run_id"), LIMIT);
    assert_eq!(
        sidecar.call("codex_list_runs", json!({})).ok()["runs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn a_retry_gets_the_run_that_the_first_try_started() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let first = ended_run(&mut sidecar, &scene);
    let ask =
        |prompt: &str| json!({"run_id": first["run_id"], "prompt": prompt, "request_id": "r"});
    let prompt = fake_turn(&["wait-for go"]);
    let begun = sidecar.call("codex_continue_run", ask(&prompt)).ok();
    let again = scene
        .sidecar()
        .call("codex_continue_run", ask(&prompt))
        .ok();
    assert_eq!(
        (&begun["repeated"], &again["repeated"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(begun["run_id"], again["run_id"]);
    let other = sidecar.call("codex_continue_run", ask("another prompt"));
    assert_eq!(other.code(), "request_conflict");
    go(&scene);
    sidecar.wait_for_end(text(&begun, "run_id"), LIMIT);
    let again = sidecar.call("codex_continue_run", ask(&prompt)).ok();
    assert_eq!(
        (&again["run_id"], &again["state"]),
        (&begun["run_id"], &json!("succeeded"))
    );
}

#[test]
fn a_dead_supervisor_holds_no_thread() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let first = ended_run(&mut sidecar, &scene);
    let busy = waiting_turn(&mut sidecar, &first);
    let members = processes::of_run(&busy);
    let supervisor = processes::supervisor_of(&busy).unwrap();
    processes::kill(supervisor);
    processes::wait_until_gone(supervisor, LIMIT);
    // Nobody has looked at the dead run yet: what it left must be gone before another begins.
    let prompt = fake_turn(&[]);
    let next = go_on(&mut sidecar, text(&first, "run_id"), &prompt, json!({})).ok();
    let alive = members
        .into_iter()
        .filter(|pid| processes::is_running(*pid));
    assert_eq!(alive.count(), 0);
    assert_eq!(sidecar.get_run(&busy)["state"], "lost");
    let ended = sidecar.wait_for_end(text(&next, "run_id"), LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
}

#[test]
fn a_new_thread_is_not_taken_for_the_old_one() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let first = ended_run(&mut sidecar, &scene);
    let other = "01a20356-e3eb-7f92-962b-000000000000";
    let thread = format!("thread {other}");
    let check = |sidecar: &mut Sidecar, steps: &[&str]| {
        let prompt = fake(steps);
        let started = go_on(sidecar, text(&first, "run_id"), &prompt, json!({})).ok();
        let ended = sidecar.wait_for_end(text(&started, "run_id"), LIMIT);
        assert_eq!(ended["state"], "failed", "{ended}");
        assert_eq!(ended["error"]["code"], "wrong_thread", "{ended}");
        assert_eq!(ended["thread_id"], first["thread_id"]);
        assert_eq!(
            (&ended["message"], &ended["usage"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(
            processes::of_run(text(&started, "run_id")),
            Vec::<u32>::new()
        );
    };
    // It says so and goes on as if nothing were wrong, or for ever, or does not say at all.
    check(&mut sidecar, &[&thread, "turn", "message done", "complete"]);
    check(&mut sidecar, &[&thread, "turn", "hang"]);
    check(
        &mut sidecar,
        &[&thread, "turn", "ignore-signals", "every 0.01 x"],
    );
    let events = [
        r#"event {"type":"thread.started","thread_id":"none"}"#,
        "turn",
        "complete",
    ];
    check(&mut sidecar, &events);
    let next = go_on(
        &mut sidecar,
        text(&first, "run_id"),
        &fake_turn(&[]),
        json!({}),
    )
    .ok();
    let ended = sidecar.wait_for_end(text(&next, "run_id"), LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
}
