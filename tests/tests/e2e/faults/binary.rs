//! What can be wrong with the file that should be Codex.

use std::path::{Path, PathBuf};

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene, program, write_program};
use serde_json::json;

use super::{LONG, ending, fake, prompt};

/// A start with this file as Codex is refused with this reason, and leaves nothing behind.
fn check(make: impl FnOnce(&Path), reason: &str) {
    let mut scene = Scene::new(&Codex::Missing);
    let file = scene.path().join("my-codex");
    make(&file);
    scene.set("CODEX_BIN", &file.display().to_string());
    let mut sidecar = scene.sidecar();
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let answer = sidecar.call("codex_run_task", arguments);
    assert_eq!(answer.code(), "codex_unusable");
    let message = answer.text_at("/message");
    assert!(message.contains(&file.display().to_string()), "{message}");
    assert!(message.contains(reason), "{message}");
    assert!(answer.text_at("/hint").contains("CODEX_BIN"));
    let runs = sidecar.call("codex_list_runs", json!({})).ok();
    assert_eq!(runs["runs"], json!([]));
}

#[test]
fn a_missing_codex_is_said_to_be_missing() {
    check(|_| {}, "it does not exist");
}

#[test]
fn a_codex_that_may_not_be_executed_is_said_so() {
    check(
        |file| std::fs::write(file, "#!/bin/sh\n").expect("the scene is writable"),
        "it may not be executed",
    );
}

#[test]
fn a_folder_in_place_of_codex_is_said_so() {
    check(
        |file| std::fs::create_dir(file).expect("the scene is writable"),
        "it is a folder",
    );
}

#[test]
fn a_codex_for_another_machine_is_said_so() {
    check(
        |file| {
            // The machine field of an ELF header; 0x5a is none of those in use.
            let mut bytes = std::fs::read(program("fake-codex")).expect("it is built");
            bytes.truncate(4096);
            bytes[18] = 0x5a;
            write_program(file, "");
            std::fs::write(file, bytes).expect("the scene is writable");
        },
        "it is no program for this machine",
    );
}

#[test]
fn a_missing_interpreter_is_named() {
    check(
        |file| write_program(file, "#!/no/such/node\nmain();\n"),
        "it needs `/no/such/node`, which is missing",
    );
}

#[test]
fn an_empty_codex_is_said_to_be_no_program() {
    check(
        |file| write_program(file, ""),
        "it is no program for this machine",
    );
}

#[test]
fn another_program_of_that_name_is_said_so() {
    check(
        |file| write_program(file, "#!/bin/sh\necho hello\n"),
        "it does not answer `--version` as Codex does",
    );
}

/// A run that was admitted with this binary and waits in the queue while `spoil` does something to it.
fn queued_while(spoil: impl FnOnce(&Path)) -> (Scene, serde_json::Value) {
    let mut scene = fake();
    scene.write_config("[limits]\nrunning = 1\n");
    let copy: PathBuf = scene.path().join("my-codex");
    std::fs::copy(program("fake-codex"), &copy).expect("a copy");
    scene.set("CODEX_BIN", &copy.display().to_string());
    let mut sidecar = scene.sidecar();
    let first = ["thread", "turn", "message ready", "wait-for go", "complete"];
    let first = sidecar.start_run(&scene, &prompt(&first));
    sidecar.wait_for_event(&first, LONG, |event| event["text"] == "ready");
    let second = sidecar.start_run(&scene, "do it");
    assert_eq!(sidecar.get_run(&second)["state"], "queued");
    spoil(&copy);
    std::fs::write(scene.work().join("go"), "").expect("the folder is writable");
    let end = sidecar.wait_for_end(&second, LONG);
    assert_eq!(ending(&sidecar.get_run(&first)), ("succeeded", None));
    assert_eq!(processes::of_run(&second), Vec::<u32>::new());
    (scene, end)
}

#[test]
fn a_codex_that_vanishes_between_check_and_start_fails_the_run() {
    let (_scene, end) = queued_while(|file| std::fs::remove_file(file).expect("it is there"));
    assert_eq!(ending(&end), ("failed", Some("codex_unusable")));
    let message = end["error"]["message"].as_str().expect("a message");
    assert!(message.contains("it does not exist"), "{message}");
}

#[test]
fn a_codex_that_is_replaced_by_a_broken_one_fails_the_run() {
    let (_scene, end) = queued_while(|file| {
        std::fs::remove_file(file).expect("it is there");
        write_program(file, "#!/no/such/node\n");
    });
    assert_eq!(ending(&end), ("failed", Some("codex_unusable")));
    let message = end["error"]["message"].as_str().expect("a message");
    assert!(message.contains("`/no/such/node`"), "{message}");
}
