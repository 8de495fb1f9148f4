//! The disk of the state folder is full, or can't be written at all.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use codex_bridge_tests::disk::SmallDisk;
use codex_bridge_tests::processes::wait_until;
use codex_bridge_tests::scene::Scene;
use serde_json::json;

use super::{LONG, assert_numbered, ending, fake, prompt, texts};

/// A scene whose state folder is a disk of its own, or a word about why there is none.
fn small(size: &str) -> Option<(Scene, SmallDisk)> {
    let scene = fake();
    let Some(disk) = SmallDisk::mount(&scene.state(), size) else {
        eprintln!("skipped: mounting a small disk takes root");
        return None;
    };
    Some((scene, disk))
}

#[test]
fn a_run_survives_a_full_disk() {
    let Some((scene, disk)) = small("8m") else {
        return;
    };
    let mut sidecar = scene.sidecar();
    let steps = [
        "thread",
        "turn",
        "message ready",
        "wait-for full",
        "events 1000 1k",
        "message the last one",
        "complete",
        "write leaving now",
    ];
    let run = sidecar.start_run(&scene, &prompt(&steps));
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "ready");
    disk.fill();
    fs::write(scene.work().join("full"), "").expect("the work folder is on another disk");
    wait_until(LONG, "Codex leaves", || {
        scene.work().join("leaving").exists()
    });
    // What is there can be read meanwhile; a new run is refused, and the reason is said.
    assert_eq!(sidecar.get_run(&run)["is_final"], json!(false));
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "store_full", "{}", refused.content);
    assert!(refused.text_at("/hint").contains("Free some space"));

    disk.free();
    let end = sidecar.wait_for_end(&run, LONG);
    assert_eq!(ending(&end), ("succeeded", None));
    assert_eq!(end["message"], "the last one");
    let events = sidecar.all_events(&run);
    assert_numbered(&events);
    assert_eq!(texts(&events, "message").len(), 1002);
    assert_eq!(end["events"]["left_out"], 0);

    // The store opens later, too, and works.
    let mut later = scene.sidecar();
    let run = later.start_run(&scene, "do it");
    assert_eq!(ending(&later.wait_for_end(&run, LONG)), ("succeeded", None));
}

#[test]
fn a_full_disk_at_the_first_start_is_said_and_mended_by_room() {
    let Some((scene, disk)) = small("1m") else {
        return;
    };
    disk.fill();
    let mut sidecar = scene.sidecar();
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "store_full", "{}", refused.content);
    disk.free();
    let run = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&run, LONG)),
        ("succeeded", None)
    );
}

#[test]
fn a_state_folder_that_is_a_file_is_said() {
    let scene = fake();
    fs::remove_dir(scene.state()).expect("it is empty");
    fs::write(scene.state(), "").expect("the scene is writable");
    let mut sidecar = scene.sidecar();
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "store_unavailable");
    let state = scene.state().display().to_string();
    assert!(refused.text_at("/message").contains(&state));
}

#[test]
fn a_read_only_state_folder_refuses_new_runs_and_shows_the_old_ones() {
    // Permissions mean nothing to root, a read-only file system does.
    let Some((scene, _disk)) = small("8m") else {
        return;
    };
    let mut sidecar = scene.sidecar();
    let old = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&old, LONG)),
        ("succeeded", None)
    );
    assert_eq!(sidecar.close(Duration::from_secs(5)), Some(0));
    let remount = |how: &str| {
        let mut command = std::process::Command::new("mount");
        command
            .args(["-o", &format!("remount,{how}")])
            .arg(scene.state());
        command.status().is_ok_and(|status| status.success())
    };
    wait_until(LONG, "nobody writes there any more", || remount("ro"));

    let mut sidecar = scene.sidecar();
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "store_unavailable", "{}", refused.content);
    let state = scene.state().display().to_string();
    assert!(
        refused.text_at("/message").contains(&state),
        "{}",
        refused.content
    );
    assert!(refused.text_at("/hint").contains("writable"));
    assert_eq!(ending(&sidecar.get_run(&old)), ("succeeded", None));

    assert!(remount("rw"));
    let run = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&run, LONG)),
        ("succeeded", None)
    );
}

#[test]
fn a_state_folder_that_others_can_write_is_refused_and_named() {
    let scene = fake();
    let open = fs::Permissions::from_mode(0o777);
    fs::set_permissions(scene.state(), open).expect("the folder is ours");
    let mut sidecar = scene.sidecar();
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "store_unavailable");
    let state = scene.state().display().to_string();
    let message = refused.text_at("/message");
    assert!(
        message.contains("others can write to") && message.contains(&state),
        "{message}"
    );
    assert_eq!(fs::read_dir(scene.state()).expect("it is there").count(), 0);
}
