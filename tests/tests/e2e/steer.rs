//! Something is said to the model while it works.

use codex_bridge_tests::scene::{Codex, NEWEST, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::runs::{LIMIT, of_kind};

const KEY: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

/// A world in which an app-server drives Codex.
fn scene(version: &'static str) -> Scene {
    let mut scene = Scene::new(&Codex::Real(version));
    scene.set("CODEX_BRIDGE_BACKEND", "app-server");
    scene
}

/// A run whose command is under way until the file `go` is there.
fn held(scene: &Scene, sidecar: &mut Sidecar) -> String {
    let prompt = "MOCK:shell until [ -e go ]; do sleep 0.05; done; echo went";
    let run = sidecar.start_run(scene, prompt);
    let began = |event: &Value| event["kind"] == "command";
    sidecar.wait_for_event(&run, LIMIT, began);
    run
}

fn let_go(scene: &Scene) {
    std::fs::write(scene.work().join("go"), "").unwrap();
}

fn steer(sidecar: &mut Sidecar, run: &str, message: &str) -> Value {
    let arguments = json!({"run_id": run, "message": message});
    sidecar.call("codex_steer_run", arguments).ok()
}

fn notices<'a>(events: &'a [Value], about: &str) -> Vec<&'a str> {
    let all = events.iter().filter(|event| event["about"] == about);
    all.map(|event| event["text"].as_str().unwrap()).collect()
}

#[test]
fn the_model_is_told_in_the_same_turn() {
    for version in VERSIONS {
        let scene = scene(version);
        let mut sidecar = scene.sidecar();
        let run = held(&scene, &mut sidecar);
        assert_eq!(sidecar.get_run(&run)["driver"], "app_server");

        let told = steer(&mut sidecar, &run, "MOCK:answer As you wish.");
        assert_eq!(told["told"], "yes", "{version}: {told}");
        assert_eq!(told["hidden"], false);
        let_go(&scene);
        let ended = sidecar.wait_for_end(&run, LIMIT);

        assert_eq!(ended["state"], "succeeded", "{version}: {ended}");
        assert_eq!(ended["message"], "As you wish.", "{version}");
        let events = sidecar.all_events(&run);
        assert_eq!(of_kind(&events, "turn_started").len(), 1, "{version}");
        let said = "the client said to the model: MOCK:answer As you wish.";
        assert_eq!(notices(&events, "steered"), [said], "{version}");
    }
}

#[test]
fn the_model_is_not_told_a_secret() {
    let scene = scene(NEWEST);
    let mut sidecar = scene.sidecar();
    let run = held(&scene, &mut sidecar);
    let told = steer(&mut sidecar, &run, &format!("use {KEY} for it"));
    assert_eq!(
        (&told["told"], &told["hidden"]),
        (&json!("yes"), &json!(true))
    );
    let_go(&scene);
    sidecar.wait_for_end(&run, LIMIT);
    let asked: Vec<_> = (scene.model().requests().iter())
        .map(|request| request.body.to_string())
        .collect();
    assert!(asked.iter().any(|body| body.contains("use [redacted:")));
    assert!(asked.iter().all(|body| !body.contains(KEY)));
}

/// The code and the message of a refusal.
fn refused(sidecar: &mut Sidecar, run: &str, message: &str) -> (String, String) {
    let arguments = json!({"run_id": run, "message": message});
    let answer = sidecar.call("codex_steer_run", arguments);
    (
        answer.code().to_owned(),
        answer.text_at("/message").to_owned(),
    )
}

#[test]
fn a_run_that_cant_be_spoken_to_says_why_and_what_to_do() {
    let mut scene = scene(NEWEST);
    let mut sidecar = scene.sidecar();
    let (code, _) = refused(&mut sidecar, "run_00000000000000000z", "hello");
    assert_eq!(code, "unknown_run");
    let run = sidecar.start_run(&scene, "MOCK:answer Four.");
    sidecar.wait_for_end(&run, LIMIT);
    let (code, why) = refused(&mut sidecar, &run, "hello");
    assert_eq!(code, "not_steerable");
    assert!(why.ends_with("it has ended"), "{why}");
    let (code, _) = refused(&mut sidecar, &run, " \n");
    assert_eq!(code, "invalid_argument");

    scene.set("CODEX_BRIDGE_BACKEND", "exec");
    let mut sidecar = scene.sidecar();
    let run = held(&scene, &mut sidecar);
    let (code, why) = refused(&mut sidecar, &run, "hello");
    assert_eq!(code, "not_steerable");
    assert!(why.contains("`codex exec` drives it"), "{why}");
    let_go(&scene);
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["driver"], "exec");
}

#[test]
fn the_person_can_do_it_on_the_command_line() {
    let scene = scene(NEWEST);
    let mut sidecar = scene.sidecar();
    let run = held(&scene, &mut sidecar);
    let output = scene.cli(&["steer", &run, "MOCK:answer", "Fine."]).output();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("the model is told"),
        "{output:?}"
    );
    let_go(&scene);
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["message"], "Fine.");
    let events = sidecar.all_events(&run);
    assert!(notices(&events, "steered")[0].starts_with("the person said"));
    let log = scene.cli(&["audit", "--json"]).output().unwrap();
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    assert!(log.contains("steer_run"), "{log}");
}
