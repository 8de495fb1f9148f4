//! The state folder, its disk and its database, and the queue.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use codex_bridge_tests::disk::SmallDisk;
use codex_bridge_tests::script::fake_turn;
use rusqlite::Connection;

use super::{Patient, chmod, give_away};

const LIMIT: Duration = Duration::from_secs(60);

/// A set-up whose state folder is this one.
fn with_state(place: impl Fn(&Path) -> std::path::PathBuf) -> Patient {
    let mut patient = Patient::healthy();
    let state = place(patient.scene.path()).display().to_string();
    patient.scene.set("CODEX_CLI_MCP_STATE_DIR", &state);
    patient
}

/// A set-up with a database, and the way to it.
fn with_database() -> (Patient, std::path::PathBuf) {
    let patient = Patient::healthy();
    patient.is_well();
    let file = patient.scene.state().join("bridge.db");
    (patient, file)
}

#[test]
fn a_state_folder_that_is_a_symlink_is_named() {
    let patient = with_state(|scene| {
        symlink("state", scene.join("link")).unwrap();
        scene.join("link")
    });
    patient.names("state_symlink", "name the real one");
}

#[test]
fn a_state_folder_that_is_a_file_is_named() {
    let patient = with_state(|scene| {
        fs::write(scene.join("file"), "").unwrap();
        scene.join("file")
    });
    patient.names("state_no_folder", "Move away what lies there");
}

#[test]
fn a_state_folder_that_can_not_be_made_is_named() {
    let patient = with_state(|scene| {
        fs::write(scene.join("file"), "").unwrap();
        scene.join("file/state")
    });
    patient.names("state_unwritable", "Make it writable");
}

#[test]
fn a_state_folder_of_somebody_else_is_named() {
    let patient = Patient::healthy();
    if give_away(&patient.scene.state()) {
        patient.names("state_foreign", "folder of your own");
    }
}

#[test]
fn a_state_folder_that_everybody_can_write_to_is_closed() {
    let patient = Patient::healthy();
    chmod(&patient.scene.state(), 0o777);
    patient.finds("state_open", "chmod 700");
    patient.mends("state_open");
}

#[test]
fn a_folder_above_that_everybody_can_write_to_is_named_and_left() {
    let patient = with_state(|scene| {
        fs::create_dir_all(scene.join("open/state")).unwrap();
        chmod(&scene.join("open/state"), 0o700);
        chmod(&scene.join("open"), 0o777);
        scene.join("open/state")
    });
    patient.names("state_exposed", "chmod go-w");
}

#[test]
fn a_state_folder_that_a_cloud_keeps_in_step_is_named() {
    let patient = with_state(|scene| scene.join("Dropbox/state"));
    patient.names("state_shared", "a folder on a local disk");
}

#[test]
fn a_file_of_ours_that_is_open_to_others_is_closed() {
    let (patient, database) = with_database();
    chmod(&database, 0o644);
    patient.finds("state_file_open", "chmod 600");
    patient.mends("state_file_open");
}

#[test]
fn a_disk_that_is_nearly_full_is_told_from_one_that_is_full() {
    let patient = Patient::healthy();
    let Some(disk) = SmallDisk::mount(&patient.scene.state(), "30m") else {
        eprintln!("skipped: to mount a disk takes root");
        return;
    };
    patient.names("disk_low", "Free some space");
    disk.fill();
    let ills = patient.ills();
    assert!(ills.iter().all(|ill| ill["id"] == "disk_full"), "{ills:#?}");
    let found = ills.first().unwrap();
    assert!(
        found["remedy"].as_str().unwrap().contains("ree some space"),
        "{found:#}"
    );
    disk.free();
    patient.names("disk_low", "Free some space");
}

#[test]
fn a_database_of_a_newer_bridge_is_named_and_left() {
    let (patient, database) = with_database();
    let db = Connection::open(&database).unwrap();
    db.pragma_update(None, "user_version", 999).unwrap();
    drop(db);
    patient.names("store_newer", "restart your MCP clients");
    let db = Connection::open(&database).unwrap();
    let version: i64 = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 999);
}

#[test]
fn a_database_that_is_held_is_named() {
    let (patient, database) = with_database();
    let db = Connection::open(&database).unwrap();
    db.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
        .unwrap();
    patient.names("store_locked", "Try again in a moment");
    db.execute_batch("ROLLBACK").unwrap();
    drop(db);
    patient.is_well();
}

#[test]
fn a_database_that_was_damaged_and_rebuilt_is_named_until_what_was_set_aside_is_gone() {
    let (patient, database) = with_database();
    fs::write(&database, "this was a database once ".repeat(400)).unwrap();
    chmod(&database, 0o600);
    let found = patient.finds("store_recovered", "Delete that folder");
    patient.leaves("store_recovered");
    let what = found["what"].as_str().unwrap();
    let moved = what.split('`').nth(1).unwrap();
    assert!(Path::new(moved).exists(), "{what}");
    fs::remove_dir_all(moved).unwrap();
    patient.is_well();
}

#[test]
fn a_queue_that_is_full_is_named() {
    let patient = Patient::healthy();
    patient.configure("[limits]\nrunning = 1\nqueued = 1\n");
    let mut sidecar = patient.scene.sidecar();
    let first = sidecar.start_run(
        &patient.scene,
        &fake_turn(&["message ready", "wait-for go"]),
    );
    sidecar.wait_for_event(&first, LIMIT, |event| event["text"] == "ready");
    patient.is_well();
    let second = sidecar.start_run(&patient.scene, &fake_turn(&[]));
    patient.finds("queue_full", "Wait until a run ends");
    std::fs::write(patient.scene.work().join("go"), "").unwrap();
    sidecar.wait_for_end(&first, LIMIT);
    sidecar.wait_for_end(&second, LIMIT);
    patient.is_well();
}
