//! A run is gone on with after any end, and the model is sent what came before.

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::unique_sleep;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::turns::{LIMIT, VERSIONS, last_request, next_turn, text};

fn with_each_version(check: impl Fn(&Scene, &mut Sidecar, &str)) {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = scene.sidecar();
        check(&scene, &mut sidecar, version);
    }
}

fn write_in_place() -> Value {
    json!({"sandbox": "workspace-write", "workspace": "in_place"})
}

#[test]
fn after_a_success_in_the_same_thread_and_folder() {
    with_each_version(|scene, sidecar, _| {
        let folder = scene.folder("shop");
        let more = json!({"working_dir": folder, "sandbox": "workspace-write", "workspace": "in_place",
                          "model": "gpt-5.5", "effort": "high", "timeout_s": 77});
        let first = sidecar.start_run_with(scene, "MOCK:answer The first answer.", more);
        let first = sidecar.wait_for_end(&first, LIMIT);
        assert_eq!(first["state"], "succeeded", "{first}");

        let second = next_turn(sidecar, &first, "MOCK:shell pwd > here", json!({}));
        assert_eq!(second["kind"], "continue");
        assert_eq!(second["title"], "MOCK:shell pwd > here");
        assert!(last_request(scene).contains("The first answer."));
        let here = std::fs::read_to_string(folder.join("here")).unwrap();
        assert_eq!(here.trim(), folder.to_str().unwrap());
        // What was not said is as before, and Codex took it.
        assert_eq!(second["requested"], first["requested"]);
        for field in ["model", "effort", "sandbox", "network", "folder"] {
            assert_eq!(second["applied"][field], first["applied"][field], "{field}");
        }
        assert_eq!(second["applied"]["effort"], "high");

        // Tighter is allowed, and the run after that one is no looser than it.
        let third = next_turn(
            sidecar,
            &second,
            "MOCK:shell touch there",
            json!({"sandbox": "read-only", "effort": "low"}),
        );
        assert_eq!(third["applied"]["sandbox"], "read-only");
        assert_eq!(third["applied"]["effort"], "low");
        assert!(!folder.join("there").exists());
        let request = last_request(scene);
        assert!(request.contains("The first answer.") && request.contains("pwd > here"));
    });
}

#[test]
fn with_a_schema_and_images() {
    with_each_version(|scene, sidecar, _| {
        let first = sidecar.start_run(scene, "MOCK:answer The first answer.");
        let first = sidecar.wait_for_end(&first, LIMIT);
        let image = scene.work().join("white point.png");
        std::fs::write(&image, PNG).unwrap();
        let schema = json!({"type": "object", "additionalProperties": false,
            "properties": {"verdict": {"type": "string"}}, "required": ["verdict"]});
        let more = json!({"output_schema": schema, "images": [image]});
        let prompt = r#"MOCK:json {"verdict": "good"}"#;
        let second = next_turn(sidecar, &first, prompt, more);
        assert_eq!(second["message"], r#"{"verdict": "good"}"#);
        let requests = scene.model().requests();
        assert_eq!(requests.last().unwrap().output_schema(), Some(&schema));
        assert!(last_request(scene).contains("data:image/png;base64,"));
    });
}

/// A run in the middle of a command, which has written a file, and the id of the run.
fn in_the_middle(scene: &Scene, sidecar: &mut Sidecar) -> (String, String) {
    let seconds = unique_sleep();
    let prompt = format!("MOCK:shell echo begun > begun; sleep {seconds}");
    let run = sidecar.start_run_with(scene, &prompt, write_in_place());
    processes::wait_until(LIMIT, "the command runs", || {
        scene.work().join("begun").exists()
            && processes::with_argument(&seconds)
                .into_iter()
                .any(|pid| processes::program_of(pid) == "sleep")
    });
    (run, seconds)
}

/// The run that ended goes on in its thread, and the model is told of the turn before.
fn goes_on(scene: &Scene, sidecar: &mut Sidecar, run: &str, seconds: &str, state: &str) {
    let ended = sidecar.wait_for_end(run, LIMIT);
    assert_eq!(ended["state"], state, "{ended}");
    assert_eq!(processes::with_argument(seconds), Vec::<u32>::new());
    let next = next_turn(sidecar, &ended, "MOCK:answer And so on.", json!({}));
    assert_eq!(next["message"], "And so on.");
    assert!(
        last_request(scene).contains(seconds),
        "the model does not know the turn before"
    );
}

#[test]
fn after_a_cancel() {
    with_each_version(|scene, sidecar, _| {
        let (run, seconds) = in_the_middle(scene, sidecar);
        sidecar
            .call("codex_cancel_run", json!({"run_id": run}))
            .ok();
        goes_on(scene, sidecar, &run, &seconds, "cancelled");
    });
}

#[test]
fn after_codex_was_killed() {
    with_each_version(|scene, sidecar, _| {
        let (run, seconds) = in_the_middle(scene, sidecar);
        let codex = processes::of_run(&run)
            .into_iter()
            .filter(|pid| processes::program_of(*pid) == "codex");
        for pid in codex {
            processes::kill(pid);
        }
        goes_on(scene, sidecar, &run, &seconds, "failed");
    });
}

#[test]
fn after_the_supervisor_was_killed() {
    with_each_version(|scene, sidecar, _| {
        let (run, seconds) = in_the_middle(scene, sidecar);
        processes::kill(processes::supervisor_of(&run).unwrap());
        goes_on(scene, sidecar, &run, &seconds, "lost");
    });
}

#[test]
fn after_everything_was_killed() {
    with_each_version(|scene, sidecar, _| {
        let (run, seconds) = in_the_middle(scene, sidecar);
        sidecar.kill();
        let supervisor = processes::supervisor_of(&run).unwrap();
        processes::kill(supervisor);
        for pid in processes::of_run(&run) {
            processes::kill(pid);
        }
        let mut sidecar = scene.sidecar();
        goes_on(scene, &mut sidecar, &run, &seconds, "lost");
    });
}

#[test]
fn after_a_sidecar_was_killed_the_run_is_gone_on_with_by_another() {
    with_each_version(|scene, sidecar, _| {
        let run = sidecar.start_run(scene, "MOCK:answer The first answer.");
        sidecar.kill();
        let mut sidecar = scene.sidecar();
        let ended = sidecar.wait_for_end(&run, LIMIT);
        next_turn(&mut sidecar, &ended, "MOCK:answer And so on.", json!({}));
        assert!(last_request(scene).contains("The first answer."));
    });
}

#[test]
fn after_the_supervisor_of_a_second_turn_was_killed() {
    with_each_version(|scene, sidecar, _| {
        let first = sidecar.start_run_with(scene, "MOCK:answer One.", write_in_place());
        let first = sidecar.wait_for_end(&first, LIMIT);
        let seconds = unique_sleep();
        let prompt = format!("MOCK:shell sleep {seconds}");
        let arguments = json!({"run_id": first["run_id"], "prompt": prompt});
        let second = sidecar.call("codex_continue_run", arguments).ok();
        let second = text(&second, "run_id").to_owned();
        processes::wait_until(LIMIT, "the command runs", || {
            processes::with_argument(&seconds)
                .into_iter()
                .any(|pid| processes::program_of(pid) == "sleep")
        });
        let supervisor = processes::supervisor_of(&second).unwrap();
        processes::kill(supervisor);
        processes::wait_until_gone(supervisor, LIMIT);
        // The first run is not the last one in its thread, whose dead one is still writing.
        let again = next_turn(sidecar, &first, "MOCK:answer Three.", json!({}));
        assert_eq!(sidecar.get_run(&second)["state"], "lost");
        assert_eq!(processes::with_argument(&seconds), Vec::<u32>::new());
        let request = last_request(scene);
        assert!(request.contains("One.") && request.contains(&seconds));
        assert_eq!(again["message"], "Three.");
    });
}

/// The smallest picture there is: one white point.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b,
    0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0x0f, 0x00, 0x01,
    0x01, 0x01, 0x00, 0xb1, 0x38, 0xf6, 0x14, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae,
    0x42, 0x60, 0x82,
];
