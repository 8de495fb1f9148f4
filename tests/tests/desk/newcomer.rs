//! From an account in which nothing is set up to a finished self-test, by clicking alone.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use codex_bridge_tests::desk::{Area, Desk, LIMIT, Tray, colours};
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene, VERSIONS, real_codex};
use serde_json::json;

use crate::{picture, picture_of, wants_pictures};

/// Where the panel has the icon.
const ICON: Area = Area {
    x: 1252,
    y: 3,
    width: 26,
    height: 24,
};

/// An account in which nothing is set up.
struct Fresh {
    scene: Scene,
    /// An older Codex, which is found first, and the newest one.
    codex: [PathBuf; 2],
    projects: PathBuf,
}

/// Nothing is set by the environment. For pictures that everybody can see the home folder is another one.
fn fresh() -> Fresh {
    let mut scene = Scene::new(&Codex::Real(NEWEST));
    scene.unset("CODEX_CLI_MCP_ALLOWED_ROOTS");
    scene.unset("CODEX_BIN");
    if let Ok(home) = std::env::var("CODEX_BRIDGE_PICTURES_HOME") {
        let config = format!("{home}/.config/codex-bridge/config.toml");
        scene.set("CODEX_BRIDGE_CONFIG", &config);
        scene.set(
            "CODEX_CLI_MCP_STATE_DIR",
            &format!("{home}/.local/state/codex-bridge"),
        );
        scene.set("HOME", &home);
    }
    let home = PathBuf::from(&scene.env()["HOME"]);
    let codex = [home.join(".local/bin/codex"), home.join(".volta/bin/codex")];
    for (place, version) in codex.iter().zip([VERSIONS[1], NEWEST]) {
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        // Where pictures are taken its package lies at home, too.
        let package = home.join(format!(
            ".local/lib/codex-{version}/node_modules/.bin/codex"
        ));
        let program = if package.exists() {
            package
        } else {
            real_codex(version)
        };
        symlink(program, place).unwrap();
    }
    let projects = home.join("projects");
    std::fs::create_dir(&projects).unwrap();
    Fresh {
        scene,
        codex,
        projects,
    }
}

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn a_newcomer_gets_to_a_finished_self_test_by_clicking_alone() {
    let Fresh {
        scene,
        codex: [_, newest],
        projects,
    } = fresh();
    let desk = Desk::new(&scene);
    if wants_pictures() {
        let mut app = desk.app();
        Tray::wait(&desk).wait_for("No folder is allowed yet");
        let icon = || desk.points(ICON);
        processes::wait_until(LIMIT, "the icon is drawn", || colours(&icon()) > 8);
        let corner = Area {
            x: 1080,
            y: 0,
            width: 200,
            height: 60,
        };
        picture_of(&desk, "1-icon", Some(corner));
        assert_eq!(app.terminate(LIMIT), Some(0));
        processes::wait_until(LIMIT, "the icon is gone", || Tray::find(&desk).is_none());
    }
    // The first line of the menu says what is missing and leads to where it is mended.
    let (tray, page) = desk.driven_app("No folder is allowed yet");
    page.find("//h1[.='Setup']");
    page.wait_for_text("Codex 0.140.0");
    page.wait_drawn();
    let menu = desk.open_menu(&tray);
    picture(&desk, "2-menu");
    menu.close();
    picture(&desk, "3-setup");

    // Another Codex.
    let other = "//li[contains(., 'Codex 0.169.0')]";
    page.click(&format!("{other}//button[contains(., 'Use this one')]"));
    page.find(&format!("{other}[contains(., 'In use')]"));
    let file = &scene.env()["CODEX_BRIDGE_CONFIG"];
    let config = || std::fs::read_to_string(file).unwrap();
    assert!(
        config().contains(&newest.display().to_string()),
        "{}",
        config()
    );

    // A folder, by the system's own dialog.
    page.press("Add folder…");
    let dialog = desk.dialog("Choose a folder to allow");
    picture(&desk, "4-folder");
    // It begins at home.
    dialog.choose_first();
    let root = "//section[@id='roots']//li";
    page.find(root);
    page.click("//a[@href='#roots']");
    page.wait_drawn();
    picture(&desk, "5-allowed");
    let work = projects.display().to_string();
    assert!(config().contains(&work), "{}", config());
    tray.wait_without("No folder is allowed");

    // The proof.
    page.click("//a[@href='#test']");
    page.press("Run self-test");
    page.wait_for_text("Testing…");
    page.find("//section[@id='test']//li[4]");
    page.click("//a[@href='#test']");
    page.wait_drawn();
    picture(&desk, "6-self-test");
    page.wait_for_text("Passed in");
    page.click("//a[@href='#test']");
    page.wait_drawn();
    picture(&desk, "7-passed");
    tray.wait_for("All is well.");

    // The client sees the same without being started anew.
    let mut sidecar = scene.sidecar();
    let there = json!({"working_dir": projects});
    let run = sidecar.start_run_with(&scene, "Now\nMOCK:answer it works", there);
    let end = sidecar.wait_for_end(&run, LIMIT);
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
