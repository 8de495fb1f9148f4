//! How Codex is driven: by its app-server where that is wanted and can be had, and otherwise by `codex exec`, which the
//! run says.

use codex_bridge_tests::scene::{Codex, NEWEST, Scene, VERSIONS, real_codex, write_program};
use serde_json::{Value, json};

use crate::runs::{LIMIT, of_kind};

/// A world in which an app-server is wanted.
fn scene(version: &'static str) -> Scene {
    let mut scene = Scene::new(&Codex::Real(version));
    scene.set("CODEX_BRIDGE_BACKEND", "app-server");
    scene
}

/// The same with a Codex whose app-server does this in place of its work.
fn broken(version: &'static str, does: &str) -> Scene {
    let mut scene = scene(version);
    let codex = scene.path().join("broken-codex");
    let real = real_codex(version);
    let text = format!(
        "#!/bin/sh\n[ \"$1 $2\" = \"app-server -c\" ] && {{ {does}; }}\nexec \"{}\" \"$@\"\n",
        real.display()
    );
    write_program(&codex, &text);
    scene.set("CODEX_BIN", &codex.display().to_string());
    scene
}

/// A whole run that has to succeed, and what the bridge decided for it.
fn decided(scene: &Scene, prompt: &str, more: Value) -> (Value, Vec<String>) {
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run_with(scene, prompt, more);
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    let events = sidecar.all_events(&run);
    let notices = of_kind(&events, "notice");
    let decided = notices.iter().filter(|notice| notice["about"] == "decided");
    let sentences = decided.map(|notice| notice["text"].as_str().expect("a text").to_owned());
    (ended, sentences.collect())
}

#[test]
fn an_app_server_does_the_work_where_it_is_wanted() {
    for version in VERSIONS {
        let scene = scene(version);
        let (ended, decided) = decided(&scene, "MOCK:answer Four.", json!({}));
        assert_eq!(decided, [""; 0], "{version}");
        assert_eq!(ended["message"], "Four.");
        // Codex's own records say who spoke to it.
        let records = std::fs::read_dir(scene.codex_home().join("sessions")).expect("sessions");
        let mut folders: Vec<_> = records.flatten().map(|entry| entry.path()).collect();
        let mut text = String::new();
        while let Some(path) = folders.pop() {
            if path.is_dir() {
                let inside = std::fs::read_dir(path).expect("a folder");
                folders.extend(inside.flatten().map(|entry| entry.path()));
            } else {
                text.push_str(&std::fs::read_to_string(path).expect("a record"));
            }
        }
        assert!(
            text.contains("\"originator\":\"codex_bridge\""),
            "{version}"
        );
    }
}

#[test]
fn exec_takes_over_where_no_app_server_begins() {
    let took_over = ["`codex app-server` did not begin; `codex exec` takes over"];
    for version in VERSIONS {
        let scene = broken(version, "echo no >&2; exit 1");
        let (ended, decided) = decided(&scene, "MOCK:answer Four.", json!({}));
        assert_eq!(decided, took_over, "{version}");
        assert_eq!(ended["message"], "Four.");
    }
    for does in [
        "echo '{\"id\":1,\"error\":{\"code\":-32600,\"message\":\"no\"}}'; cat >/dev/null; exit 0",
        "echo not JSON; exit 0",
        "cat >/dev/null & exec sleep 1000",
    ] {
        let scene = broken(NEWEST, does);
        let (_, decided) = decided(&scene, "MOCK:answer", json!({}));
        assert_eq!(decided, took_over, "{does}");
    }
}

#[test]
fn exec_does_what_an_app_server_cant() {
    let mut scene = scene(NEWEST);
    let (_, why) = decided(&scene, "MOCK:answer", json!({"persist": false}));
    assert_eq!(
        why,
        ["`codex app-server` leaves traces on the disk, so `codex exec` drives this run"]
    );
    scene.set("CODEX_API_KEY", "wombat-lantern-harvest-49");
    let (_, why) = decided(&scene, "MOCK:answer", json!({}));
    assert_eq!(
        why,
        ["`codex app-server` takes no API key, so `codex exec` drives this run"]
    );
}
