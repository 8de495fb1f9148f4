//! What can't be gone on with is refused with its reason, and nothing is spawned.

use std::fs;

use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::fake_turn;
use codex_bridge_tests::sidecar::{Answer, Sidecar};
use serde_json::{Value, json};

use crate::turns::{LIMIT, go_on, record, record_in, text};

const STRANGER: &str = "01a20356-e3eb-7f92-962b-08a749c63f25";

/// A run of `fake-codex` that has ended, with the record that Codex would have written.
fn ended_run(sidecar: &mut Sidecar, scene: &Scene, more: Value) -> Value {
    let run = sidecar.start_run_with(scene, &fake_turn(&[]), more);
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    let folder = text(&ended, "working_dir");
    record(scene, text(&ended, "thread_id"), folder.as_ref());
    ended
}

/// Checks a refusal: its code, a word of its reason, a hint, and that no run was made.
fn check(sidecar: &mut Sidecar, refused: &Answer, code: &str, reason: &str, runs: usize) {
    assert_eq!(refused.code(), code, "{}", refused.content);
    let message = refused.text_at("/message");
    assert!(message.contains(reason), "{message}");
    assert!(!refused.text_at("/hint").is_empty(), "{}", refused.content);
    let listed = sidecar.call("codex_list_runs", json!({})).ok();
    assert_eq!(listed["runs"].as_array().unwrap().len(), runs, "{message}");
}

fn resume(sidecar: &mut Sidecar, session: &str, more: &Value) -> Answer {
    let mut arguments = json!({"session_id": session, "prompt": "FAKE: write ran yes"});
    for (key, value) in more.as_object().into_iter().flatten() {
        arguments[key] = value.clone();
    }
    sidecar.call("codex_resume_session", arguments)
}

#[test]
fn a_run_that_is_none_or_left_nothing() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let refused = go_on(&mut sidecar, "run_01k9x2m4q7abcdefgh", "x", json!({}));
    check(&mut sidecar, &refused, "unknown_run", "there is no run", 0);

    let ephemeral = json!({"persist": false, "wait_s": 30});
    let ephemeral = sidecar.start_run_with(&scene, &fake_turn(&[]), ephemeral);
    let refused = go_on(&mut sidecar, &ephemeral, "x", json!({}));
    check(&mut sidecar, &refused, "session_unavailable", "persist", 1);
    // Whoever has never heard of it says the same.
    let mut other = scene.sidecar();
    let refused = go_on(&mut other, &ephemeral, "x", json!({}));
    check(&mut other, &refused, "session_unavailable", "persist", 0);

    // Codex ended before it opened a session.
    let early = sidecar.start_run(&scene, "FAKE: exit 1");
    sidecar.wait_for_end(&early, LIMIT);
    let refused = go_on(&mut sidecar, &early, "x", json!({}));
    let reason = "before Codex had opened a session";
    check(&mut sidecar, &refused, "session_unavailable", reason, 2);

    // The session was there and is not any more.
    let gone = sidecar.start_run(&scene, &fake_turn(&[]));
    let gone = sidecar.wait_for_end(&gone, LIMIT);
    let run = text(&gone, "run_id");
    let refused = go_on(&mut sidecar, run, "x", json!({}));
    let reason = "no record of its session";
    check(&mut sidecar, &refused, "session_unavailable", reason, 3);
    let thread = text(&gone, "thread_id");
    record_in(&scene, "archived_sessions", thread, &scene.work());
    let refused = go_on(&mut sidecar, run, "x", json!({}));
    check(&mut sidecar, &refused, "session_unavailable", "archived", 3);
    let refused = resume(&mut sidecar, thread, &json!({}));
    check(&mut sidecar, &refused, "session_unavailable", "archived", 3);
}

#[test]
fn a_session_that_is_none() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let long = "0".repeat(36);
    for session in ["", "my-thread", "--last", "../../etc", long.as_str()] {
        let refused = resume(&mut sidecar, session, &json!({}));
        check(
            &mut sidecar,
            &refused,
            "invalid_argument",
            "a UUID such as",
            0,
        );
    }
    let refused = resume(&mut sidecar, STRANGER, &json!({}));
    check(
        &mut sidecar,
        &refused,
        "session_unavailable",
        "no record",
        0,
    );
    // A damaged record is none.
    let day = scene.codex_home().join("sessions/2026/11/22");
    fs::create_dir_all(&day).unwrap();
    let file = day.join(format!("rollout-2026-11-22T10-00-00-{STRANGER}.jsonl"));
    fs::write(file, "{\"type\":\"session_meta\",\"payload\":{").unwrap();
    let refused = resume(&mut sidecar, STRANGER, &json!({}));
    check(
        &mut sidecar,
        &refused,
        "session_unavailable",
        "no record",
        0,
    );
    record(&scene, STRANGER, &scene.work());
    assert!(!resume(&mut sidecar, STRANGER, &json!({})).is_error);
}

#[test]
fn a_looser_sandbox() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let read_only = ended_run(&mut sidecar, &scene, json!({"sandbox": "read-only"}));
    let offline = json!({"sandbox": "workspace-write", "workspace": "in_place"});
    let offline = ended_run(&mut sidecar, &scene, offline);
    let looser = [
        (
            &read_only,
            json!({"sandbox": "workspace-write"}),
            "a read-only sandbox",
        ),
        (&read_only, json!({"network": true}), "no network"),
        (&offline, json!({"network": true}), "no network"),
    ];
    for (run, more, reason) in &looser {
        let refused = go_on(&mut sidecar, text(run, "run_id"), "x", more.clone());
        check(&mut sidecar, &refused, "looser_sandbox", reason, 2);
        // By the name of the session it is the same.
        let refused = resume(&mut sidecar, text(run, "thread_id"), more);
        check(&mut sidecar, &refused, "looser_sandbox", reason, 2);
    }
    // A run that was allowed before the person lowered the ceiling.
    scene.write_config("[ceilings]\nsandbox = \"read-only\"\n");
    let run = text(&offline, "run_id");
    let refused = go_on(&mut sidecar, run, "x", json!({}));
    check(
        &mut sidecar,
        &refused,
        "above_ceiling",
        "workspace-write",
        2,
    );
    let tighter = go_on(&mut sidecar, run, "x", json!({"sandbox": "read-only"}));
    assert!(!tighter.is_error, "{}", tighter.content);
    // A stranger's session is under the ceiling as well.
    record(&scene, STRANGER, &scene.work());
    let refused = resume(
        &mut sidecar,
        STRANGER,
        &json!({"sandbox": "workspace-write"}),
    );
    check(
        &mut sidecar,
        &refused,
        "above_ceiling",
        "workspace-write",
        3,
    );
}

#[test]
fn another_folder() {
    let mut scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let shop = scene.folder("shop");
    let run = ended_run(&mut sidecar, &scene, json!({"working_dir": shop}));
    let (id, thread) = (text(&run, "run_id"), text(&run, "thread_id"));
    let there = json!({"working_dir": scene.work()});
    let refused = resume(&mut sidecar, thread, &there);
    check(
        &mut sidecar,
        &refused,
        "invalid_argument",
        "can only be gone on with there",
        1,
    );
    let refused = go_on(&mut sidecar, id, "x", there);
    check(
        &mut sidecar,
        &refused,
        "invalid_argument",
        "`working_dir` is not a parameter",
        1,
    );
    let here = resume(&mut sidecar, thread, &json!({"working_dir": shop}));
    let here = sidecar.wait_for_end(here.text_at("/run_id"), LIMIT);
    assert_eq!(here["working_dir"], run["working_dir"]);
    assert_eq!(
        (&here["kind"], &here["continues"]),
        (&json!("resume"), &json!(id))
    );

    // The folder is another one by now, then it is gone, then it is no longer allowed.
    let elsewhere = scene.folder("elsewhere");
    fs::rename(&shop, scene.work().join("old")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &shop).unwrap();
    let refused = go_on(&mut sidecar, id, "x", json!({}));
    check(&mut sidecar, &refused, "folder_changed", "leads to", 2);
    fs::remove_file(&shop).unwrap();
    let refused = go_on(&mut sidecar, id, "x", json!({}));
    check(&mut sidecar, &refused, "folder_unusable", "shop", 2);
    fs::rename(scene.work().join("old"), &shop).unwrap();
    scene.set(
        "CODEX_CLI_MCP_ALLOWED_ROOTS",
        &elsewhere.display().to_string(),
    );
    let mut sidecar = scene.sidecar();
    let refused = go_on(&mut sidecar, id, "x", json!({}));
    check(&mut sidecar, &refused, "outside_roots", "shop", 2);
    // So is a stranger's session from outside.
    record(&scene, STRANGER, &scene.work());
    let refused = resume(&mut sidecar, STRANGER, &json!({}));
    check(&mut sidecar, &refused, "outside_roots", "work", 2);
}

#[test]
fn a_folder_whose_name_was_not_kept_exactly() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let secret = format!("sk-proj-{}", "Ab1".repeat(16));
    let folder = scene.folder(&secret);
    let run = ended_run(&mut sidecar, &scene, json!({"working_dir": folder}));
    assert!(!run.to_string().contains(&secret), "{run}");
    let refused = go_on(&mut sidecar, text(&run, "run_id"), "x", json!({}));
    check(
        &mut sidecar,
        &refused,
        "session_unavailable",
        "not kept exactly",
        1,
    );
}

#[test]
fn a_run_of_a_run() {
    let mut scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let run = ended_run(&mut sidecar, &scene, json!({}));
    scene.set("CODEX_BRIDGE_RUN", text(&run, "run_id"));
    let mut below = scene.sidecar();
    let refused = go_on(&mut below, text(&run, "run_id"), "x", json!({}));
    check(&mut sidecar, &refused, "nested", "must not start runs", 1);
    let refused = resume(&mut below, text(&run, "thread_id"), &json!({}));
    check(&mut sidecar, &refused, "nested", "must not start runs", 1);
}
