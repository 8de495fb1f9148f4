//! What was asked for is compared with what Codex recorded of the run.

use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::runs::{LIMIT, of_kind, success, whole_run, with_each_version};
use crate::turns;

const THREAD: &str = "01a2039c-86d9-7af2-be83-ad2ae37a3592";

/// The checks of a run, in their order: model, effort, sandbox, network, folder.
fn checks(run: &Value) -> String {
    let names = ["model", "effort", "sandbox", "network", "working_dir"];
    let words = names.map(|name| run["checks"][name].as_str().expect("a check"));
    words.join(" ")
}

/// What the bridge said of differences while the run went on.
fn told(sidecar: &mut Sidecar, run: &str) -> Vec<String> {
    let events = sidecar.all_events(run);
    of_kind(&events, "notice")
        .into_iter()
        .filter(|notice| notice["about"] == "differs")
        .map(|notice| notice["text"].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn what_codex_did_as_it_was_asked_to_is_confirmed() {
    with_each_version(|scene, sidecar, _| {
        scene.write_config("[ceilings]\nnetwork = true\n");
        let all = json!({
            "model": "gpt-5.5", "effort": "high", "sandbox": "workspace-write", "network": true,
            "workspace": "in_place",
        });
        let (run, ended) = success(sidecar, scene, "MOCK:answer", all);
        assert_eq!(
            checks(&ended),
            "confirmed confirmed confirmed confirmed confirmed"
        );
        assert_eq!(ended["applied"]["working_dir"], json!(scene.work()));
        assert_eq!(told(sidecar, &run), [""; 0]);

        // Codex records no effort where it leaves that to the model.
        let (_, ended) = success(sidecar, scene, "MOCK:answer", json!({}));
        assert_eq!(
            checks(&ended),
            "confirmed unconfirmed confirmed confirmed confirmed"
        );
    });
}

#[test]
fn of_a_run_that_leaves_no_record_nothing_is_confirmed() {
    with_each_version(|scene, sidecar, _| {
        let asked = json!({"persist": false, "model": "gpt-5.5"});
        let (_, ended) = success(sidecar, scene, "MOCK:answer", asked);
        assert_eq!(
            checks(&ended),
            "unconfirmed unconfirmed unconfirmed unconfirmed unconfirmed"
        );
    });
}

#[test]
fn what_an_administrator_forces_upon_codex_is_seen() {
    for version in VERSIONS {
        let scene = Scene::new(&Codex::Real(version));
        let forced = "model_reasoning_effort = \"low\"\n";
        let Some(mut sidecar) = scene.managed_sidecar(forced) else {
            eprintln!("skipped: this system does not let us make a folder /etc of our own");
            return;
        };
        let asked = json!({"effort": "high"});
        let (run, ended) = success(&mut sidecar, &scene, "MOCK:answer", asked);
        let expected = "confirmed differs confirmed confirmed confirmed";
        assert_eq!(checks(&ended), expected, "{version}");
        assert_eq!(ended["applied"]["effort"], "low");
        let sentence = "Codex did otherwise than it was asked to: the effort was `low`, not `high`";
        assert_eq!(told(&mut sidecar, &run), [sentence]);
    }
}

#[test]
fn a_run_that_was_given_more_freedom_is_no_success() {
    for version in VERSIONS {
        let scene = Scene::new(&Codex::Real(version));
        let forced = "[sandbox_workspace_write]\nnetwork_access = true\n";
        let Some(mut sidecar) = scene.managed_sidecar(forced) else {
            eprintln!("skipped: this system does not let us make a folder /etc of our own");
            return;
        };
        let port = scene.model().port();
        let prompt = format!("MOCK:shell exec 3<>/dev/tcp/127.0.0.1/{port} && echo reached");
        let asked = json!({"sandbox": "workspace-write", "workspace": "in_place"});
        let (run, ended) = whole_run(&mut sidecar, &scene, &prompt, asked);
        assert_eq!(ended["state"], "failed", "{version}: {ended}");
        assert_eq!(ended["error"]["code"], "applied_differs");
        let expected = "confirmed unconfirmed confirmed differs confirmed";
        assert_eq!(checks(&ended), expected, "{version}");
        let what = "the network was open, not closed";
        let message = ended["error"]["message"].as_str().expect("a message");
        assert!(message.contains(what), "{message}");
        // What it said is there all the same, and proves that it is no false alarm.
        assert!(
            ended["message"]
                .as_str()
                .is_some_and(|said| said.contains("reached"))
        );
        let sentence = format!("Codex did otherwise than it was asked to: {what}");
        assert_eq!(told(&mut sidecar, &run), [sentence]);
        let shown = scene.cli(&["show", &run]).output().expect("it is shown");
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(shown.contains(&format!("! {what}")), "{shown}");
        assert!(shown.contains("(applied_differs)"), "{shown}");
    }
}

/// A run of the stand-in, of which this line is Codex's record.
fn recorded(context: &Value, steps: &str) -> (Value, Vec<String>) {
    let scene = Scene::new(&Codex::Fake);
    let day = scene.codex_home().join("sessions/2026/11/22");
    std::fs::create_dir_all(&day).expect("a folder");
    let line = json!({
        "timestamp": "2026-11-22T14:15:21.507Z", "type": "turn_context", "payload": context,
    });
    let record = day.join(format!("rollout-2026-11-22T14-15-24-{THREAD}.jsonl"));
    std::fs::write(record, format!("{line}\n")).expect("the record");
    let mut sidecar = scene.sidecar();
    let prompt = format!("FAKE: thread {THREAD}\nFAKE: turn\nFAKE: message Done.\n{steps}");
    let (run, ended) = whole_run(&mut sidecar, &scene, &prompt, json!({"model": "gpt-6-sol"}));
    let told = told(&mut sidecar, &run);
    (ended, told)
}

#[test]
fn a_run_without_a_sandbox_is_no_success_and_a_failed_one_keeps_its_reason() {
    let context = json!({
        "model": "gpt-6-luna", "cwd": "/elsewhere", "sandbox_policy": {"type": "danger-full-access"},
    });
    let (ended, notices) = recorded(&context, "FAKE: complete");
    assert_eq!(ended["error"]["code"], "applied_differs", "{ended}");
    assert_eq!(
        checks(&ended),
        "differs unconfirmed differs differs differs"
    );
    assert_eq!(notices.len(), 1, "{notices:?}");
    for what in ["gpt-6-luna", "danger-full-access", "open", "/elsewhere"] {
        assert!(notices[0].contains(what), "{notices:?}");
    }

    let (ended, notices) = recorded(&context, "FAKE: fail Quota exceeded.");
    assert_eq!(ended["error"]["code"], "usage_limit", "{ended}");
    assert_eq!(notices.len(), 1, "{notices:?}");
}

#[test]
fn a_sandbox_of_a_new_name_differs_and_fails_nothing() {
    let context = json!({"sandbox_policy": {"type": "jail"}});
    let (ended, notices) = recorded(&context, "FAKE: complete");
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(ended["checks"]["sandbox"], "differs");
    assert_eq!(
        notices,
        ["Codex did otherwise than it was asked to: the sandbox was `jail`, not `read-only`"]
    );
}

#[test]
fn a_next_turn_is_compared_with_what_was_asked_for_itself() {
    with_each_version(|scene, sidecar, _| {
        let first = json!({
            "model": "gpt-5.5", "effort": "high", "sandbox": "workspace-write",
            "workspace": "in_place",
        });
        let (run, _) = success(sidecar, scene, "MOCK:answer", first);
        let next = json!({
            "run_id": run, "prompt": "MOCK:answer", "model": "gpt-5.4", "effort": "low",
            "sandbox": "read-only",
        });
        let started = sidecar.call("codex_continue_run", next).ok();
        let ended = sidecar.wait_for_end(started["run_id"].as_str().expect("an id"), LIMIT);
        assert_eq!(
            checks(&ended),
            "confirmed confirmed confirmed confirmed confirmed"
        );
        let applied = &ended["applied"];
        assert_eq!(applied["model"], "gpt-5.4", "{applied}");
        assert_eq!(applied["sandbox"], "read-only", "{applied}");
    });
}

#[test]
fn the_turn_before_is_not_taken_for_the_next_one() {
    let scene = Scene::new(&Codex::Fake);
    turns::record(&scene, THREAD, &scene.work());
    let mut sidecar = scene.sidecar();
    let prompt = format!("FAKE: thread {THREAD}\nFAKE: turn\nFAKE: message Done.\nFAKE: complete");
    let (run, ended) = success(&mut sidecar, &scene, &prompt, json!({}));
    assert_eq!(ended["checks"]["working_dir"], "confirmed", "{ended}");
    // The stand-in writes no record of the next turn.
    let next = json!({"run_id": run, "prompt": "Go on."});
    let started = sidecar.call("codex_continue_run", next).ok();
    let ended = sidecar.wait_for_end(started["run_id"].as_str().expect("an id"), LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(
        checks(&ended),
        "unconfirmed unconfirmed unconfirmed unconfirmed unconfirmed"
    );
}
