//! Notifications.

use codex_bridge_tests::desk::{Desk, LIMIT, Notice, Tray};
use codex_bridge_tests::scene::{Codex, NEWEST, Scene};

/// A run that succeeds and one that fails, one after the other.
const PROMPTS: [&str; 2] = ["Do it\nMOCK:answer done", "Break it\nMOCK:http 400"];

fn run_both(scene: &Scene) {
    let mut sidecar = scene.sidecar();
    for prompt in PROMPTS {
        let run = sidecar.start_run(scene, prompt);
        sidecar.wait_for_end(&run, LIMIT);
    }
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn the_end_of_a_run_is_told_with_its_title() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let _app = desk.app();
    Tray::wait(&desk).wait_for("All is well.");
    run_both(&scene);
    let done = desk.notices().next();
    let expected = Notice {
        app: "Codex Bridge".to_owned(),
        title: "Codex is done".to_owned(),
        body: "Do it".to_owned(),
    };
    assert_eq!(done, expected);
    let failed = desk.notices().next();
    assert_eq!(failed.title, "Codex did not succeed");
    // The reason stands below.
    let (title, reason) = failed.body.split_once('\n').unwrap();
    assert_eq!(title, "Break it");
    assert!(!reason.is_empty());
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_kind_that_is_switched_off_is_not_told() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    scene.write_config("[app]\nnotify_done = false\n");
    let desk = Desk::new(&scene);
    let _app = desk.app();
    Tray::wait(&desk).wait_for("All is well.");
    run_both(&scene);
    // So the first that is told is the second.
    let first = desk.notices().next();
    assert_eq!(first.title, "Codex did not succeed");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn nothing_is_told_of_what_the_person_looks_at() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let _app = desk.app();
    let tray = Tray::wait(&desk);
    tray.wait_for("All is well.");
    tray.click("Open Codex Bridge…");
    let window = desk.dialog("Codex Bridge");
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, "Seen\nMOCK:answer done");
    sidecar.wait_for_end(&run, LIMIT);
    tray.wait_for("✓  Seen");
    window.keys(&["alt+F4"]);
    window.wait_gone();
    let run = sidecar.start_run(&scene, "Not seen\nMOCK:answer done");
    sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(desk.notices().next().body, "Not seen");
}
