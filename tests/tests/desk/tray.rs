//! The icon and its menu.

use codex_bridge_tests::desk::{Desk, LIMIT, Tray};
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene};

use crate::{go_on, picture, start_waiting, wait_dead};

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_run_shows_up_grows_and_is_cancelled_with_the_mouse() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let _app = desk.app();
    let tray = Tray::wait(&desk);
    tray.wait_for("All is well.");
    let idle = tray.picture();
    assert_eq!(tray.count(), "");

    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, "Watch me\nMOCK:slow 3000 0.1");
    tray.wait_for("▶  Watch me  ·  work  ·  tester");
    // What it does this second, after `starting`.
    tray.wait_for("thinking");
    assert!(!processes::of_run(&run).is_empty());
    assert_eq!(tray.count(), "1");
    assert_ne!(tray.picture(), idle);

    let menu = desk.open_menu(&tray);
    picture(&desk, "tray-menu");
    menu.click("Cancel “Watch me”");
    let end = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(end["state"], "cancelled");
    assert_eq!(end["cancelled_by"], "person");
    wait_dead(&run);
    tray.wait_for("–  Watch me");
    tray.wait_without("Cancel");
    assert_eq!(tray.count(), "");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_pause_keeps_new_runs_in_the_queue() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let _app = desk.app();
    let tray = Tray::wait(&desk);
    tray.click("Pause new runs");
    tray.wait_for("New runs are paused.");
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, "Later\nMOCK:answer here");
    tray.wait_for("1 waiting for their turn");
    tray.click("Resume new runs");
    let end = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(end["state"], "succeeded");
    tray.wait_for("✓  Later");
    tray.wait_for("All is well.");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn two_accounts_do_not_see_each_others_runs() {
    let both = [Scene::new(&Codex::Fake), Scene::new(&Codex::Fake)];
    let desks = both.each_ref().map(Desk::new);
    let _apps = desks.each_ref().map(Desk::app);
    let [first, second] = desks.each_ref().map(Tray::wait);
    let mut sidecars = both.each_ref().map(Scene::sidecar);
    let runs = [
        start_waiting(&mut sidecars[0], &both[0], "Mine"),
        start_waiting(&mut sidecars[1], &both[1], "Theirs"),
    ];
    first.wait_for("▶  Mine");
    second.wait_for("▶  Theirs");
    assert_eq!(first.count(), "1");
    assert_eq!(second.count(), "1");
    // To the other account the run does not exist.
    let (mine, theirs) = sidecars.split_at_mut(1);
    let asked = theirs[0].call("codex_cancel_run", serde_json::json!({"run_id": runs[0]}));
    assert_eq!(asked.code(), "unknown_run");
    go_on(&both[0]);
    let end = mine[0].wait_for_end(&runs[0], LIMIT);
    assert_eq!(end["state"], "succeeded");
    first.wait_for("✓  Mine");
    assert!(!processes::of_run(&runs[1]).is_empty());
    second.wait_for("▶  Theirs");
    second.click("Cancel “Theirs”");
    wait_dead(&runs[1]);
}
