//! Codex asks before it leaves the sandbox, and somebody answers.

use codex_bridge_tests::scene::{Codex, NEWEST, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::runs::{LIMIT, of_kind};

/// What the model wants to do outside the sandbox. It tells that it was done.
const COMMAND: &str = "touch asked-for && echo did-it";
const PROMPT: &str = "MOCK:escalate touch asked-for && echo did-it";

/// A world whose person lets these answer, for so many seconds.
fn scene(version: &'static str, approvals: &str, seconds: u32) -> Scene {
    let mut scene = Scene::new(&Codex::Real(version));
    // Where nobody has a wish: only an app-server asks.
    scene.unset("CODEX_BRIDGE_BACKEND");
    scene.write_config(&format!(
        "[ceilings]\napprovals = \"{approvals}\"\n[limits]\nanswer_seconds = {seconds}\n"
    ));
    scene
}

/// A run that asks and waits.
fn asking(scene: &Scene, sidecar: &mut Sidecar) -> String {
    let run = sidecar.start_run(scene, PROMPT);
    wait_for_question(sidecar, &run);
    run
}

fn wait_for_question(sidecar: &mut Sidecar, run: &str) {
    let asks = |event: &Value| event["kind"] == "state" && event["state"] == "waiting";
    sidecar.wait_for_event(run, LIMIT, asks);
}

fn answer(scene: &Scene, run: &str, how: &str) -> String {
    let output = scene.cli(&["answer", run, how]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn notices<'a>(events: &'a [Value], about: &str) -> Vec<&'a str> {
    let all = events.iter().filter(|event| event["about"] == about);
    all.map(|event| event["text"].as_str().unwrap()).collect()
}

fn is_done(scene: &Scene) -> bool {
    scene.work().join("asked-for").exists()
}

#[test]
fn the_person_allows_what_codex_asks_for() {
    for version in VERSIONS {
        let scene = scene(version, "person", 600);
        let mut sidecar = scene.sidecar();
        let run = asking(&scene, &mut sidecar);
        let waiting = sidecar.get_run(&run);
        assert_eq!(waiting["state"], "waiting", "{version}: {waiting}");
        assert_eq!(waiting["driver"], "app_server");
        let question = &waiting["question"];
        assert_eq!(question["number"], 1);
        assert_eq!(question["kind"], "command");
        assert_eq!(question["sandbox"], "read-only");
        let subject = question["subject"].as_str().unwrap();
        assert!(subject.contains(COMMAND), "{version}: {subject}");
        assert!(
            question["reason"]
                .as_str()
                .unwrap()
                .contains("outside the sandbox")
        );
        let folder = question["folder"].as_str().unwrap();
        assert_eq!(std::path::Path::new(folder), scene.work(), "{version}");
        assert!(!is_done(&scene), "{version}");

        answer(&scene, &run, "allow");
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{version}: {ended}");
        assert_eq!(ended["question"], Value::Null);
        assert!(
            ended["message"].as_str().unwrap().contains("did-it"),
            "{version}"
        );
        assert!(is_done(&scene), "{version}");
        let events = sidecar.all_events(&run);
        let states: Vec<_> = (of_kind(&events, "state").iter())
            .map(|event| event["state"].as_str().unwrap().to_owned())
            .collect();
        let expected = ["starting", "running", "waiting", "running", "succeeded"];
        assert_eq!(states, expected, "{version}");
        assert!(notices(&events, "answered")[0].starts_with("the person allowed it: "));
        let log = scene.cli(&["audit", "--json"]).output().unwrap();
        let log = String::from_utf8(log.stdout).unwrap();
        for entry in ["\"ask\"", "\"answer\"", "allow_once", "answer_run"] {
            assert!(log.contains(entry), "{version}: {entry}: {log}");
        }
    }
}

#[test]
fn a_patch_is_asked_for_too() {
    for version in VERSIONS {
        let scene = scene(version, "person", 600);
        let mut sidecar = scene.sidecar();
        let run = sidecar.start_run(&scene, "MOCK:patch asked-for hello");
        wait_for_question(&mut sidecar, &run);
        let waiting = sidecar.get_run(&run);
        assert_eq!(waiting["question"]["kind"], "file_change", "{version}");
        let files = waiting["question"]["subject"].as_str().unwrap();
        assert!(files.ends_with("asked-for"), "{version}: {files}");
        assert!(!is_done(&scene), "{version}");
        answer(&scene, &run, "allow");
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{version}: {ended}");
        assert!(is_done(&scene), "{version}");
    }
}

#[test]
fn what_is_declined_is_not_done_and_the_run_goes_on() {
    for version in VERSIONS {
        let scene = scene(version, "person", 600);
        let mut sidecar = scene.sidecar();
        let run = asking(&scene, &mut sidecar);
        answer(&scene, &run, "decline");
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{version}: {ended}");
        assert!(!is_done(&scene), "{version}");
        let events = sidecar.all_events(&run);
        assert!(notices(&events, "answered")[0].starts_with("the person declined it: "));
    }
}

#[test]
fn a_question_can_end_the_run() {
    for version in VERSIONS {
        let scene = scene(version, "person", 600);
        let mut sidecar = scene.sidecar();
        let run = asking(&scene, &mut sidecar);
        answer(&scene, &run, "stop");
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "cancelled", "{version}: {ended}");
        assert_eq!(ended["cancelled_by"], "person");
        assert_eq!(ended["question"], Value::Null);
        assert!(!is_done(&scene), "{version}");
        let log = scene.cli(&["audit", "--json"]).output().unwrap();
        let log = String::from_utf8(log.stdout).unwrap();
        assert!(log.contains("\"stop\""), "{version}: {log}");
    }
}

#[test]
fn a_run_that_asks_can_be_cancelled() {
    for version in VERSIONS {
        let scene = scene(version, "person", 600);
        let mut sidecar = scene.sidecar();
        let run = asking(&scene, &mut sidecar);
        let cancel = json!({"run_id": run});
        sidecar.call("codex_cancel_run", cancel).ok();
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "cancelled", "{version}: {ended}");
        assert_eq!(ended["question"], Value::Null);
        assert!(!is_done(&scene), "{version}");
        let events = sidecar.all_events(&run);
        let answered = notices(&events, "answered");
        assert_eq!(answered.len(), 1, "{version}");
        assert!(answered[0].starts_with("nobody answered before the end: "));
    }
}

#[test]
fn a_run_that_asks_is_not_silent() {
    let mut scene = Scene::new(&Codex::Real(NEWEST));
    scene.unset("CODEX_BRIDGE_BACKEND");
    scene.write_config(
        "[ceilings]\napprovals = \"person\"\n[limits]\nanswer_seconds = 5\nsilence_seconds = 3\n",
    );
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, PROMPT);
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
}

#[test]
fn what_nobody_answers_is_declined() {
    for version in VERSIONS {
        let scene = scene(version, "person", 1);
        let mut sidecar = scene.sidecar();
        let run = sidecar.start_run(&scene, PROMPT);
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{version}: {ended}");
        assert!(!is_done(&scene), "{version}");
        let events = sidecar.all_events(&run);
        assert!(notices(&events, "answered")[0].starts_with("nobody answered in time"));
    }
}

#[test]
fn a_client_answers_only_where_the_person_lets_it() {
    let only_me = scene(NEWEST, "person", 600);
    let mut sidecar = only_me.sidecar();
    let run = asking(&only_me, &mut sidecar);
    let allow = json!({"run_id": run, "answer": "allow_once"});
    let refused = sidecar.call("codex_steer_run", allow.clone());
    assert_eq!(refused.code(), "above_ceiling");
    assert_eq!(sidecar.get_run(&run)["state"], "waiting");
    let other = json!({"run_id": run, "answer": "decline", "question": 2});
    assert_eq!(
        sidecar.call("codex_steer_run", other).code(),
        "nothing_asked"
    );
    let decline = json!({"run_id": run, "answer": "decline", "question": 1});
    let declined = sidecar.call("codex_steer_run", decline).ok();
    assert_eq!(declined["question"], Value::Null);
    sidecar.wait_for_end(&run, LIMIT);
    let late = sidecar.call("codex_steer_run", allow);
    assert_eq!(late.code(), "nothing_asked");
    assert!(!is_done(&only_me));

    let both = scene(NEWEST, "client", 600);
    let mut sidecar = both.sidecar();
    let run = asking(&both, &mut sidecar);
    let allow = json!({"run_id": run, "answer": "allow_once"});
    sidecar.call("codex_steer_run", allow).ok();
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["state"], "succeeded");
    assert!(is_done(&both));
}

#[test]
fn a_question_outlives_who_started_the_run() {
    let scene = scene(NEWEST, "client", 600);
    let mut first = scene.sidecar();
    let run = asking(&scene, &mut first);
    first.kill();
    let mut second = scene.sidecar();
    assert_eq!(second.get_run(&run)["question"]["number"], 1);
    let allow = json!({"run_id": run, "answer": "allow_once"});
    second.call("codex_steer_run", allow).ok();
    assert_eq!(second.wait_for_end(&run, LIMIT)["state"], "succeeded");
    assert!(is_done(&scene));
}

#[test]
fn two_runs_ask_at_once() {
    let scene = scene(NEWEST, "person", 600);
    let mut sidecar = scene.sidecar();
    let runs = [(); 2].map(|()| sidecar.start_run(&scene, PROMPT));
    for run in &runs {
        wait_for_question(&mut sidecar, run);
    }
    answer(&scene, &runs[1], "decline");
    let declined = sidecar.wait_for_end(&runs[1], LIMIT);
    assert_eq!(declined["state"], "succeeded");
    assert_eq!(sidecar.get_run(&runs[0])["state"], "waiting");
    assert!(!is_done(&scene));
    answer(&scene, &runs[0], "allow");
    assert_eq!(sidecar.wait_for_end(&runs[0], LIMIT)["state"], "succeeded");
    assert!(is_done(&scene));
}

#[test]
fn what_is_allowed_for_a_run_is_asked_once() {
    let scene = scene(NEWEST, "person", 600);
    let mut sidecar = scene.sidecar();
    let run = asking(&scene, &mut sidecar);
    let again = json!({"run_id": run, "message": PROMPT});
    sidecar.call("codex_steer_run", again).ok();
    answer(&scene, &run, "allow-for-run");
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    let events = sidecar.all_events(&run);
    assert_eq!(notices(&events, "asked").len(), 1, "{events:?}");
    let answered = notices(&events, "answered");
    assert!(answered[0].starts_with("the person allowed it for this run: "));
    assert!(answered[1].starts_with("allowed for this run before: "));
}

#[test]
fn who_may_ask_nothing_does_not_ask() {
    // As it is without a word of the person's; with another client's name; where nothing may be written at all.
    for config in [
        "",
        "[ceilings]\napprovals = \"person\"\n[codex]\nasks = [\"another-client\"]\n",
        "[ceilings]\napprovals = \"person\"\nsandbox = \"read-only\"\n",
    ] {
        let mut scene = Scene::new(&Codex::Real(NEWEST));
        scene.set("CODEX_BRIDGE_BACKEND", "app-server");
        scene.write_config(config);
        let mut sidecar = scene.sidecar();
        let run = sidecar.start_run(&scene, PROMPT);
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{config}: {ended}");
        let events = sidecar.all_events(&run);
        assert_eq!(notices(&events, "asked"), [""; 0], "{config}");
        assert!(!is_done(&scene), "{config}");
    }
}
