//! From an account in which nothing is set up to a finished self-test, by clicking alone.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use codex_bridge_tests::desk::Desk;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene, VERSIONS, real_codex};
use serde_json::json;

use crate::picture;

/// Nothing is set by the environment; an older Codex is found first, and the newest one, too.
fn fresh() -> (Scene, [PathBuf; 2]) {
    let mut scene = Scene::new(&Codex::Real(NEWEST));
    scene.unset("CODEX_CLI_MCP_ALLOWED_ROOTS");
    scene.unset("CODEX_BIN");
    let home = scene.path().join("home");
    let places = [home.join(".local/bin/codex"), home.join(".volta/bin/codex")];
    for (place, version) in places.iter().zip([VERSIONS[1], NEWEST]) {
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        symlink(real_codex(version), place).unwrap();
    }
    (scene, places)
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_newcomer_gets_to_a_finished_self_test_by_clicking_alone() {
    let (scene, [_, newest]) = fresh();
    let projects = scene.path().join("home/projects");
    std::fs::create_dir(&projects).unwrap();
    let desk = Desk::new(&scene);
    picture(&desk, "first-0-desk");
    // The first line of the menu says what is missing and leads to where it is mended.
    let (tray, page) = desk.driven_app("No folder is allowed yet");
    page.find("//h1[.='Setup']");
    let menu = desk.open_menu(&tray);
    picture(&desk, "first-1-menu");
    menu.close();
    page.wait_for_text("Codex 0.140.0");
    picture(&desk, "first-2-setup");

    // Another Codex.
    let other = "//li[contains(., 'Codex 0.169.0')]";
    page.click(&format!("{other}//button[contains(., 'Use this one')]"));
    page.find(&format!("{other}[contains(., 'In use')]"));
    let config = || std::fs::read_to_string(scene.config()).unwrap();
    assert!(
        config().contains(&newest.display().to_string()),
        "{}",
        config()
    );

    // A folder, by the system's own dialog.
    page.press("Add folder…");
    let dialog = desk.dialog("Choose a folder to allow");
    picture(&desk, "first-3-chooser");
    // It begins at home.
    dialog.choose_first();
    let root = "//section[@id='roots']//li";
    page.find(root);
    page.click("//a[@href='#roots']");
    picture(&desk, "first-4-folder");
    let work = projects.display().to_string();
    assert!(config().contains(&work), "{}", config());
    tray.wait_without("No folder is allowed");

    // The proof.
    page.click("//a[@href='#test']");
    page.press("Run self-test");
    page.wait_for_text("Testing…");
    page.wait_for_text("Passed in");
    page.click("//a[@href='#test']");
    picture(&desk, "first-5-self-test");
    tray.wait_for("All is well.");

    // The client sees the same without being started anew.
    let mut sidecar = scene.sidecar();
    let there = json!({"working_dir": projects});
    let run = sidecar.start_run_with(&scene, "Now\nMOCK:answer it works", there);
    let end = sidecar.wait_for_end(&run, codex_bridge_tests::desk::LIMIT);
    assert_eq!(end["state"], "succeeded");
    assert_eq!(end["codex"]["version"], NEWEST);
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_key_goes_to_the_keychain_and_is_read_back_by_another_program() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let desk = Desk::new(&scene);
    let (_, page) = desk.driven_app("Open Codex Bridge…");
    page.go("Settings");
    let key = "sk-proj-0123456789abcdefghijklmnopqrstuv";
    page.type_into("//input[@placeholder='New key']", key);
    page.press("Store key");
    page.wait_for_text("A key is stored.");
    assert_eq!(page.value_of("//input[@placeholder='New key']"), "");
    let read = "lookup service codex-bridge username codex-api-key";
    let words: Vec<&str> = read.split(' ').collect();
    assert_eq!(desk.run("secret-tool", &words), key);
    let config = std::fs::read_to_string(scene.config()).unwrap();
    assert!(!config.contains(key));

    page.press("Remove key");
    page.wait_for_text("No key is stored.");
    let gone = desk.command("secret-tool").args(words).output().unwrap();
    assert_eq!(gone.stdout, b"");
}
