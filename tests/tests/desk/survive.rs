//! What outlives the app, and what it must not touch.

use codex_bridge_tests::desk::{Desk, LIMIT, Tray};
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene};

use crate::{go_on, start_waiting};

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn killed_in_mid_run_and_started_again_it_shows_the_run_live() {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let mut app = desk.app();
    let tray = Tray::wait(&desk);
    let mut sidecar = scene.sidecar();
    let run = start_waiting(&mut sidecar, &scene, "Outlive me");
    tray.wait_for("▶  Outlive me");
    let supervisor = processes::supervisor_of(&run).unwrap();

    app.kill();
    processes::wait_until(LIMIT, "the icon is gone", || Tray::find(&desk).is_none());
    assert!(processes::is_running(supervisor));

    let _again = desk.app();
    let tray = Tray::wait(&desk);
    tray.wait_for("▶  Outlive me");
    go_on(&scene);
    tray.wait_for("✓  Outlive me");
    let end = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(end["state"], "succeeded");
    // This one was there when the run ended.
    let notice = desk.notices().next();
    assert_eq!(
        (notice.title.as_str(), notice.body.as_str()),
        ("Codex is done", "Outlive me")
    );
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_database_of_a_newer_version_is_explained_and_not_touched() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, "Old\nMOCK:answer here");
    sidecar.wait_for_end(&run, LIMIT);
    drop(sidecar);
    // Whoever closes the database may bring its log into the file.
    processes::wait_until(LIMIT, "nobody has the database open", || {
        processes::supervisor_of(&run).is_none()
    });
    let file = scene.state().join("bridge.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    database
        .pragma_update(None, "wal_checkpoint", "TRUNCATE")
        .unwrap();
    drop(database);
    let before = std::fs::read(&file).unwrap();

    let desk = Desk::new(&scene);
    let (tray, page) = desk.driven_app("Open Codex Bridge…");
    tray.wait_until("what is wrong", |entries| {
        let newer = |label: &str| label.contains("newer");
        entries
            .iter()
            .any(|entry| newer(&entry.label))
            .then_some(())
    });
    page.wait_for_text("newer");
    drop(page);
    assert!(std::fs::read(&file).unwrap() == before, "the file changed");
}
