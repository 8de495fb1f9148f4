//! The app as a person has it: on a display, with a tray, a keyring, notifications, a mouse and keys.
//!
//! All tests are ignored unless `scripts/test-desk` asks for them: it installs what they need and builds the app with its
//! pages inside.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod clients;
mod commands;
mod newcomer;
mod notices;
mod questions;
mod quit;
mod survive;
mod tray;
mod window;

use std::path::Path;

use codex_bridge_tests::desk::{Area, Desk, LIMIT};
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::script::fake_turn;
use codex_bridge_tests::sidecar::Sidecar;

/// Starts a run by a client that says `begun` and then waits until [`go_on`]. For it the scene has to have the stand-in.
fn start_waiting(sidecar: &mut Sidecar, scene: &Scene, title: &str) -> String {
    let steps = fake_turn(&["message begun", "wait-for go"]);
    let run = sidecar.start_run(scene, &format!("{title}\n{steps}"));
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "begun");
    run
}

/// Lets all such runs come to their end.
fn go_on(scene: &Scene) {
    std::fs::write(scene.work().join("go"), "").unwrap();
}

/// Waits until nothing is left of a run.
fn wait_dead(run: &str) {
    processes::wait_until(LIMIT, "all of the run is dead", || {
        processes::of_run(run).is_empty()
    });
}

fn wants_pictures() -> bool {
    std::env::var_os("CODEX_BRIDGE_PICTURES").is_some()
}

/// Keeps a picture of the desk where somebody asks for pictures.
fn picture(desk: &Desk, name: &str) {
    picture_of(desk, name, None);
}

/// Keeps a picture of a part of it, or of all.
fn picture_of(desk: &Desk, name: &str, part: Option<Area>) {
    if let Some(folder) = std::env::var_os("CODEX_BRIDGE_PICTURES") {
        let theme = std::env::var("CODEX_BRIDGE_THEME").unwrap_or_else(|_| "light".to_owned());
        desk.picture(
            &Path::new(&folder).join(format!("{name}-{theme}.png")),
            part,
        );
    }
}
