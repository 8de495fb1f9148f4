//! The window: what it shows of runs, and that it comes and goes.

use codex_bridge_tests::desk::{App, Desk, LIMIT, Tray};
use codex_bridge_tests::processes;
use codex_bridge_tests::repo::Repo;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene};
use serde_json::json;

use crate::{go_on, picture, start_waiting, wait_dead};

/// A run in the list, by its title.
fn row(title: &str) -> String {
    format!("//*[@role='listbox']//*[contains(@class, 'title') and .='{title}']")
}

/// How many windows the app has, by the processes that draw them.
fn web_views(app: &App) -> usize {
    let all = processes::below(app.pid()).into_iter();
    all.filter(|pid| processes::program_of(*pid).starts_with("WebKitWebProc"))
        .count()
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_live_run_is_watched_until_its_end() {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let (_, page) = desk.driven_app("Open Codex Bridge…");
    page.wait_for_text("No runs yet");
    let mut sidecar = scene.sidecar();
    let run = start_waiting(&mut sidecar, &scene, "Watch me");
    page.click(&row("Watch me"));
    page.find("//ol//li[contains(., 'begun')]");
    page.find("//h1[.='Watch me']");
    page.find("//button[normalize-space(.)='Cancel run']");
    picture(&desk, "live-run");
    go_on(&scene);
    page.find("//article[@aria-label='Answer']");
    page.wait_without("//button[normalize-space(.)='Cancel run']");
    let end = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(end["state"], "succeeded");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_run_is_cancelled_after_a_question() {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let (_, page) = desk.driven_app("Open Codex Bridge…");
    let mut sidecar = scene.sidecar();
    let run = start_waiting(&mut sidecar, &scene, "Stop me");
    page.click(&row("Stop me"));
    page.press("Cancel run");
    page.click("//dialog//button[normalize-space(.)='Cancel run']");
    page.wait_for_text("Cancelled by you");
    wait_dead(&run);
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn changes_are_looked_at_and_applied() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let repo = Repo::with(&scene.folder("shop"), &[("cart.rs", "one\n")]);
    let desk = Desk::new(&scene);
    let (_, page) = desk.driven_app("Open Codex Bridge…");
    let mut sidecar = scene.sidecar();
    let more = json!({"working_dir": repo.dir(), "sandbox": "workspace-write"});
    let prompt = "Two carts\nMOCK:update cart.rs one two";
    let run = sidecar.start_run_with(&scene, prompt, more);
    let end = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(end["workspace"]["mode"], "worktree", "{end}");
    assert_eq!(repo.read("cart.rs"), "one\n");

    page.click(&row("Two carts"));
    page.click("//*[@role='tab' and contains(., 'Changes')]");
    page.wait_for_text("Ready to apply");
    page.wait_for_text("cart.rs");
    picture(&desk, "changes");
    page.press("Apply");
    page.click("//dialog//button[normalize-space(.)='Apply']");
    page.wait_for_text("1 file changed in your folder");
    assert_eq!(repo.read("cart.rs"), "two\n");
    assert_eq!(repo.status(), [" M cart.rs"]);
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_search_leaves_what_matches() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let mut sidecar = scene.sidecar();
    for title in ["Paint the shed", "Mend the roof"] {
        let run = sidecar.start_run(&scene, &format!("{title}\nMOCK:answer done"));
        sidecar.wait_for_end(&run, LIMIT);
    }
    let desk = Desk::new(&scene);
    let (_, page) = desk.driven_app("Open Codex Bridge…");
    page.find(&row("Paint the shed"));
    page.find(&row("Mend the roof"));
    page.type_into("//input[@type='search']", "roof");
    page.wait_without(&row("Paint the shed"));
    page.find(&row("Mend the roof"));
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn closed_it_is_gone_and_opened_it_is_there_again() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let app = desk.app();
    let tray = Tray::wait(&desk);
    let web_views = || web_views(&app);
    assert_eq!(web_views(), 0);
    for _ in 0..2 {
        tray.click("Open Codex Bridge…");
        let window = desk.dialog("Codex Bridge");
        processes::wait_until(LIMIT, "it has a page", || web_views() == 1);
        window.keys(&["alt+F4"]);
        window.wait_gone();
        processes::wait_until(LIMIT, "the page is gone", || web_views() == 0);
    }
    assert!(processes::is_running(app.pid()));
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_second_one_shows_the_first_where_its_link_leads() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let (tray, page) = desk.driven_app("Open Codex Bridge…");
    page.find("//h1[.='Runs']");
    let mut second = desk.app_with(&["codex-bridge://settings"]);
    assert_eq!(second.wait_exit(LIMIT), Some(0));
    page.find("//h1[.='Settings']");
    // A link never does more than to show something.
    let mut third = desk.app_with(&["codex-bridge://quit"]);
    assert_eq!(third.wait_exit(LIMIT), Some(0));
    tray.wait_for("All is well.");
    page.find("//h1[.='Settings']");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_second_one_brings_the_window_to_the_front() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let mut app = desk.app();
    let tray = Tray::wait(&desk);
    tray.click("Open Codex Bridge…");
    let window = desk.dialog("Codex Bridge");
    window.minimize();
    processes::wait_until(LIMIT, "the window is out of sight", || {
        desk.windows("Codex Bridge").is_empty()
    });
    let mut second = desk.app();
    assert_eq!(second.wait_exit(LIMIT), Some(0));
    processes::wait_until(LIMIT, "the window has the keyboard", || {
        desk.focused() == "Codex Bridge"
    });
    processes::wait_until(LIMIT, "there is one window", || web_views(&app) == 1);
    assert!(app.is_running());
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn started_with_a_link_it_opens_where_that_leads() {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let app = desk.app_with(&["codex-bridge://setup"]);
    desk.dialog("Codex Bridge");
    processes::wait_until(LIMIT, "there is one window", || web_views(&app) == 1);
    Tray::wait(&desk).wait_for("All is well.");
}
