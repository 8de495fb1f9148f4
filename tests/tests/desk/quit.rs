//! The end of the app, with and without live runs.

use codex_bridge_tests::desk::{App, Desk, LIMIT, Tray};
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene};
use codex_bridge_tests::sidecar::Sidecar;

use crate::{go_on, picture, start_waiting, wait_dead};

struct Asked {
    scene: Scene,
    desk: Desk,
    app: App,
    sidecar: Sidecar,
    run: String,
}

/// Somebody quits while a run is live, and is asked.
fn asked() -> Asked {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let app = desk.app();
    let tray = Tray::wait(&desk);
    let mut sidecar = scene.sidecar();
    let run = start_waiting(&mut sidecar, &scene, "Long work");
    tray.wait_for("▶  Long work");
    tray.click("Quit");
    Asked {
        scene,
        desk,
        app,
        sidecar,
        run,
    }
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn nothing_runs_so_it_quits_at_once() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let mut app = desk.app();
    let tray = Tray::wait(&desk);
    tray.wait_for("All is well.");
    tray.click("Quit");
    assert_eq!(app.wait_exit(LIMIT), Some(0));
    processes::wait_until(LIMIT, "the icon is gone", || Tray::find(&desk).is_none());
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn runs_that_are_left_alone_go_on() {
    let mut asked = asked();
    let dialog = asked.desk.dialog("Quit Codex Bridge?");
    picture(&asked.desk, "quit");
    dialog.press(0, 3);
    assert_eq!(asked.app.wait_exit(LIMIT), Some(0));
    assert!(!processes::of_run(&asked.run).is_empty());
    go_on(&asked.scene);
    let end = asked.sidecar.wait_for_end(&asked.run, LIMIT);
    assert_eq!(end["state"], "succeeded");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn runs_are_cancelled_if_the_person_says_so() {
    let mut asked = asked();
    asked.desk.dialog("Quit Codex Bridge?").press(1, 3);
    assert_eq!(asked.app.wait_exit(LIMIT), Some(0));
    let end = asked.sidecar.wait_for_end(&asked.run, LIMIT);
    assert_eq!(end["state"], "cancelled");
    assert_eq!(end["cancelled_by"], "person");
    wait_dead(&asked.run);
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn who_stays_keeps_all_as_it_was() {
    let mut asked = asked();
    let dialog = asked.desk.dialog("Quit Codex Bridge?");
    dialog.press(2, 3);
    dialog.wait_gone();
    let tray = Tray::wait(&asked.desk);
    tray.wait_for("▶  Long work");
    // As a panel or a person closes the question: that is no answer either.
    tray.click("Quit");
    let dialog = asked.desk.dialog("Quit Codex Bridge?");
    dialog.keys(&["Escape"]);
    dialog.wait_gone();
    tray.wait_for("▶  Long work");
    assert!(asked.app.is_running());
    go_on(&asked.scene);
    let end = asked.sidecar.wait_for_end(&asked.run, LIMIT);
    assert_eq!(end["state"], "succeeded");
    tray.wait_for("✓  Long work");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn the_end_of_the_session_ends_the_app_and_no_run() {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let mut app = desk.app();
    let tray = Tray::wait(&desk);
    let mut sidecar = scene.sidecar();
    let run = start_waiting(&mut sidecar, &scene, "Long work");
    tray.wait_for("▶  Long work");
    assert_eq!(app.terminate(LIMIT), Some(0));
    go_on(&scene);
    let end = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(end["state"], "succeeded");
}
