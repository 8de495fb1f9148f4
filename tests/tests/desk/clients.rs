//! Claude Desktop gets the bridge from the app: by one click where it does not run, quit and started again where it does,
//! later where the person wants that; and what it loses is noticed. A stand-in plays its part.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use codex_bridge_tests::desk::{App, Desk, LIMIT, Page, Tray};
use codex_bridge_tests::processes::{self, wait_until};
use codex_bridge_tests::scene::{Codex, NEWEST, Scene, program};
use rustix::process::Signal;
use serde_json::Value;

use crate::picture;

const OTHERS: &str = r#"{"mcpServers": {"files": {"command": "/nonexistent/files"}}}"#;

/// An account with Claude Desktop, which was never started.
fn account() -> Scene {
    let mut scene = Scene::new(&Codex::Real(NEWEST));
    let bin = scene.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::fs::copy(program("desktop-client"), bin.join("claude-desktop")).unwrap();
    let path = format!("{}:{}", bin.display(), scene.env()["PATH"]);
    scene.set("PATH", &path);
    scene
}

fn claude(scene: &Scene) -> PathBuf {
    scene.path().join("bin/claude-desktop")
}

fn settings(scene: &Scene) -> PathBuf {
    let of_desk = scene.path().join("xdg/config");
    let config = match of_desk.is_dir() {
        true => of_desk,
        false => PathBuf::from(&scene.env()["HOME"]).join(".config"),
    };
    config.join("Claude/claude_desktop_config.json")
}

/// What stands in its file.
fn read(scene: &Scene) -> Value {
    let text = std::fs::read_to_string(settings(scene)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn entry(scene: &Scene) -> Value {
    read(scene)["mcpServers"]["codex-bridge"]["command"].clone()
}

fn own() -> Value {
    Value::from(program("codex-bridge-mcp").display().to_string())
}

/// Its processes.
fn running(scene: &Scene) -> Vec<u32> {
    let all = processes::with_argument(&claude(scene).display().to_string());
    let is_one = |pid: &u32| processes::program_of(*pid).starts_with("claude-desktop");
    all.into_iter().filter(is_one).collect()
}

/// Writes its file and starts it.
fn start(scene: &Scene, desk: &Desk, text: &str) -> Child {
    std::fs::create_dir_all(settings(scene).parent().unwrap()).unwrap();
    std::fs::write(settings(scene), text).unwrap();
    let child = desk.command(claude(scene)).stdin(Stdio::null()).spawn();
    let child = child.unwrap();
    wait_until(LIMIT, "it runs", || running(scene) == [child.id()]);
    child
}

fn open_clients(desk: &Desk) -> (Tray, Page) {
    let (tray, page) = desk.driven_app("Open Codex Bridge…");
    page.go("Setup");
    page.find("//li[contains(., 'Claude Desktop')]");
    page.click("//a[@href='#clients']");
    (tray, page)
}

fn install(page: &Page) {
    page.click("//button[@aria-label='Install: Claude Desktop']");
}

/// Fills the page with what the picture is of.
fn show_all(page: &Page) {
    page.run("document.querySelector('#clients details.below').open = true");
    page.run("document.querySelector('#clients').scrollIntoView()");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn one_click_installs_it_and_its_hello_is_shown() {
    let scene = account();
    let desk = Desk::new(&scene);
    let (_tray, page) = open_clients(&desk);
    show_all(&page);
    picture(&desk, "claude-desktop-1-before");
    install(&page);
    page.wait_for_text("Installed.");
    assert_eq!(entry(&scene), own());
    page.press("Start Claude Desktop");
    page.wait_for_text("Claude Desktop has connected.");
    page.find("//li[contains(., 'Claude Desktop')]//*[contains(., 's ago')]");
    assert_eq!(running(&scene).len(), 1);
    show_all(&page);
    picture(&desk, "claude-desktop-2-connected");

    // What to say next is one click away, and can be pasted.
    page.click("//button[starts-with(@aria-label, 'Copy: have Codex')]");
    page.go("Runs");
    page.click("//input[@type='search']");
    desk.dialog("Codex Bridge").keys(&["ctrl+v"]);
    wait_until(LIMIT, "it was pasted", || {
        page.value_of("//input[@type='search']") == "have Codex review my changes"
    });
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn one_that_runs_is_quit_and_started_again_and_what_it_loses_is_repaired() {
    let scene = account();
    let desk = Desk::new(&scene);
    let mut first = start(&scene, &desk, OTHERS);
    let (tray, page) = open_clients(&desk);
    install(&page);
    page.wait_for_text("Claude Desktop is running");
    show_all(&page);
    picture(&desk, "claude-desktop-3-running");
    page.press("Quit, install, start again");
    page.wait_for_text("was quit and started again");
    page.wait_for_text("Claude Desktop has connected.");
    assert!(first.wait().unwrap().success());
    assert_eq!(entry(&scene), own());

    // It writes its file without any servers.
    let again = running(&scene);
    processes::signal(again[0], Signal::HUP);
    tray.wait_for("Claude Desktop lost its servers.");
    page.wait_for_text("Claude Desktop lost its servers.");
    let notice = desk.notices().next();
    assert_eq!(notice.title, "Claude Desktop lost its servers");
    assert!(notice.body.contains("Setup can repair it"));
    show_all(&page);
    picture(&desk, "claude-desktop-4-lost");
    page.click("//button[@aria-label='Repair: Claude Desktop']");
    page.press("Quit, repair, start again");
    page.wait_for_text("Claude Desktop has connected.");
    tray.wait_without("lost its servers");
    assert_eq!(entry(&scene), own());

    // The others come back as they were.
    page.wait_for_text("It lost other servers, too: files.");
    page.press("Bring them back…");
    page.click("//dialog//button[normalize-space(.)='Restore']");
    page.press("Quit, restore, start again");
    page.wait_for_text("Restored.");
    assert_eq!(
        read(&scene)["mcpServers"]["files"]["command"],
        "/nonexistent/files"
    );
    assert_eq!(entry(&scene), own());
    page.wait_without("//*[contains(., 'It lost other servers')]");
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn what_waits_until_it_is_quit_survives_the_end_of_the_app() {
    let scene = account();
    let desk = Desk::new(&scene);
    let mut claude = start(&scene, &desk, OTHERS);
    {
        let (_tray, page) = open_clients(&desk);
        install(&page);
        page.press("When I quit it");
        page.wait_for_text("as soon as you quit Claude Desktop");
    }
    let app: App = desk.app();
    let tray = Tray::wait(&desk);
    assert_eq!(entry(&scene), Value::Null);
    processes::signal(claude.id(), Signal::TERM);
    claude.wait().unwrap();
    wait_until(LIMIT, "the entry is in", || entry(&scene) == own());
    assert_eq!(desk.notices().next().title, "The bridge’s entry is changed");
    assert!(running(&scene).is_empty());
    tray.wait_for("All is well.");
    drop(app);
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn what_the_person_takes_out_stays_out_and_what_was_lost_meanwhile_is_told_at_the_start() {
    let scene = account();
    let desk = Desk::new(&scene);
    std::fs::create_dir_all(settings(&scene).parent().unwrap()).unwrap();
    std::fs::write(settings(&scene), OTHERS).unwrap();
    let cli = |args: &[&str]| {
        let output = desk
            .command(program("codex-bridge-mcp"))
            .args(args)
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    cli(&["install", "claude-desktop"]);
    // Lost while the app did not run.
    std::fs::write(settings(&scene), "{}").unwrap();
    let _app = desk.app();
    let tray = Tray::wait(&desk);
    tray.wait_for("Claude Desktop lost its servers.");
    // Mended from outside: nothing is left to say.
    cli(&["repair", "claude-desktop"]);
    tray.wait_for("All is well.");
    // The person takes it out.
    std::fs::write(settings(&scene), OTHERS).unwrap();
    wait_until(LIMIT, "that is remembered", || {
        std::fs::write(settings(&scene), OTHERS).unwrap();
        let folders = std::fs::read_dir(scene.state().join("clients")).unwrap();
        folders.flatten().any(|folder| {
            let receipt = std::fs::read_to_string(folder.path().join("receipt.json"));
            receipt.is_ok_and(|text| text.contains("\"taken_out\": true"))
        })
    });
    std::fs::write(settings(&scene), "{}").unwrap();
    assert!(cli(&["clients"]).contains("taken out by you"));
    tray.wait_for("All is well.");
}
