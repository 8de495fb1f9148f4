//! A run that writes, asks and is told something, as the person has it.

use codex_bridge_tests::desk::{Desk, LIMIT, Tray};
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene};

use crate::picture;

/// A world in which the person is asked.
fn scene() -> Scene {
    let mut scene = Scene::new(&Codex::Real(NEWEST));
    scene.set("CODEX_BRIDGE_BACKEND", "app-server");
    scene.write_config("[ceilings]\napprovals = \"person\"\n");
    scene
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_run_streams_is_told_something_asks_and_is_answered_by_a_click() {
    let scene = scene();
    let desk = Desk::new(&scene);
    let (tray, page) = desk.driven_app("Open Codex Bridge…");
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, "Sort the list\nMOCK:slow 30 0.2");
    page.click("//*[@role='listbox']//*[.='Sort the list']");

    // What the model writes is there before it is whole.
    page.find("//*[@aria-busy='true' and contains(., 'tick 2')]");
    picture(&desk, "live-1-writing");
    page.press("Say something");
    let said = "MOCK:escalate touch asked-for && echo did-it";
    page.type_into("//textarea", said);
    page.press("Send");
    page.wait_for_text("The model is told");

    page.wait_for_text("Codex asks to run this outside the sandbox");
    assert_eq!(sidecar.get_run(&run)["state"], "waiting");
    tray.wait_for("Needs you");
    picture(&desk, "live-2-asks");
    page.press("Allow once");
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert!(scene.work().join("asked-for").exists());
    page.find("//article[@aria-label='Answer' and contains(., 'did-it')]");
    picture(&desk, "live-3-answered");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_question_outlives_the_app_and_is_told() {
    let scene = scene();
    let desk = Desk::new(&scene);
    let mut app = desk.app();
    Tray::wait(&desk).wait_for("All is well.");
    let mut sidecar = scene.sidecar();
    let prompt = "Tidy up\nMOCK:escalate touch asked-for && echo did-it";
    let run = sidecar.start_run(&scene, prompt);
    let notice = desk.notices().next();
    assert_eq!(notice.title, "Codex needs your answer");
    let (title, asked) = notice.body.split_once('\n').unwrap();
    assert_eq!(title, "Tidy up");
    assert!(asked.contains("touch asked-for"), "{asked}");
    app.kill();
    processes::wait_until(LIMIT, "the icon is gone", || Tray::find(&desk).is_none());
    assert_eq!(sidecar.get_run(&run)["state"], "waiting");

    let (tray, page) = desk.driven_app("Open Codex Bridge…");
    tray.wait_for("Needs you");
    page.click("//*[@role='listbox']//*[.='Tidy up']");
    page.press("Decline");
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert!(!scene.work().join("asked-for").exists());
}
