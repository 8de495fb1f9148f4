//! An entry's life: installed, moved, wiped, taken out, undone, removed.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use crate::adapters::clients::tests::{MOVED, PROGRAM, Scene, TEXT};
use crate::adapters::clients::{KEPT, SiteError, Standing, Wish};

#[test]
fn an_uninstall_restores_every_byte() {
    // None of these could be told from the text alone.
    for text in [
        "",
        "\n\n",
        "{ }",
        "{\n}",
        "{\"mcpServers\": null}",
        "\u{feff}{\r\n}\r\n",
        TEXT,
    ] {
        let scene = Scene::with(text);
        scene.install();
        assert_eq!(scene.program().as_deref(), Some(PROGRAM));
        assert!(scene.install().is_none(), "again: nothing changes");
        scene
            .act(Wish::Install { program: MOVED })
            .unwrap()
            .unwrap();
        scene.act(Wish::Remove).unwrap().unwrap();
        assert_eq!(scene.text(), text);
        assert_eq!(scene.site().standing().unwrap(), Standing::Absent);
        assert_eq!(scene.site().receipt(), None);
        assert_eq!(scene.act(Wish::Remove).unwrap(), None);
        assert_eq!(scene.beside(), Vec::<String>::new());
    }
}

#[test]
fn a_file_that_we_made_goes_again_unless_others_wrote_into_it() {
    let scene = Scene::new();
    scene.install();
    assert_eq!(fs::metadata(scene.file()).unwrap().mode() & 0o777, 0o600);
    scene.act(Wish::Remove).unwrap().unwrap();
    assert!(!scene.file().exists());

    scene.install();
    let theirs = scene.text().replacen('{', "{\n  \"theirs\": 1,", 1);
    scene.write(&theirs);
    scene.act(Wish::Remove).unwrap().unwrap();
    assert_eq!(scene.text(), "{\n  \"theirs\": 1\n}\n");
}

#[test]
fn what_others_changed_meanwhile_stays_when_we_go() {
    let scene = Scene::with(TEXT);
    scene.install();
    scene.write(&scene.text().replace("\"a\"", "\"b\""));
    scene
        .act(Wish::Install { program: MOVED })
        .unwrap()
        .unwrap();
    scene.act(Wish::Remove).unwrap().unwrap();
    assert_eq!(scene.text(), TEXT.replace("\"a\"", "\"b\""));
}

#[test]
fn a_wipe_is_told_from_a_removal_by_the_person() {
    let scene = Scene::with(TEXT);
    assert_eq!(scene.site().standing().unwrap(), Standing::Absent);
    scene.install();
    let installed = scene.text();
    scene.write("{\n  \"preferences\": {}\n}\n");
    assert_eq!(scene.site().standing().unwrap(), Standing::Wiped);
    fs::remove_file(scene.file()).unwrap();
    assert_eq!(scene.site().standing().unwrap(), Standing::Wiped);
    scene.write(TEXT);
    assert_eq!(scene.site().standing().unwrap(), Standing::TakenOut);
    scene.install();
    assert_eq!(scene.text(), installed);
}

#[test]
fn changes_are_undone_and_undone_again() {
    let scene = Scene::with(TEXT);
    let undo = || scene.act(Wish::Undo);
    assert!(matches!(undo(), Err(SiteError::NothingToUndo { .. })));
    scene.install();
    let installed = scene.text();
    undo().unwrap().unwrap();
    assert_eq!(scene.text(), TEXT);
    assert_eq!(scene.site().standing().unwrap(), Standing::Absent);
    undo().unwrap().unwrap();
    assert_eq!(scene.text(), installed);
    scene.act(Wish::Remove).unwrap().unwrap();
    assert_eq!(scene.text(), TEXT);
    scene.write("{}");
    assert!(matches!(undo(), Err(SiteError::ChangedSince { .. })));
    assert_eq!(scene.text(), "{}");

    let scene = Scene::new();
    scene.install();
    scene.act(Wish::Undo).unwrap().unwrap();
    assert!(!scene.file().exists());
}

#[test]
fn the_last_ten_states_are_kept_for_us_alone_and_can_be_restored() {
    let scene = Scene::with("{}");
    for n in 0..15 {
        let program = format!("/{n}/codex-bridge-mcp");
        scene
            .act(Wish::Install { program: &program })
            .unwrap()
            .unwrap();
    }
    let backups = scene.site().backups();
    assert_eq!(backups.len(), KEPT);
    assert!(backups.windows(2).all(|pair| pair[0].at > pair[1].at));
    let folder = scene.site().backups_folder().to_owned();
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().mode() & 0o077, 0);
    }
    let oldest = &backups.last().unwrap().id;
    scene
        .act(Wish::Restore { backup: oldest })
        .unwrap()
        .unwrap();
    assert_eq!(scene.program().as_deref(), Some("/4/codex-bridge-mcp"));
    let unknown = scene.act(Wish::Restore {
        backup: "../../client/config.json",
    });
    assert!(matches!(unknown, Err(SiteError::NothingToUndo { .. })));
}

#[test]
fn symlinks_rights_and_attributes_stay() {
    let scene = Scene::new();
    let real = scene.top.join("dotfiles/claude.json");
    fs::create_dir(scene.top.join("dotfiles")).unwrap();
    fs::write(&real, TEXT).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../dotfiles/claude.json", scene.top.join("client/link")).unwrap();
    symlink("link", scene.file()).unwrap();
    scene.install();
    assert!(fs::symlink_metadata(scene.file()).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains(PROGRAM));
    assert_eq!(fs::metadata(&real).unwrap().mode() & 0o7777, 0o640);
    scene.act(Wish::Remove).unwrap().unwrap();
    assert_eq!(fs::read_to_string(&real).unwrap(), TEXT);
    assert_eq!(scene.beside(), ["link"]);
}

#[test]
fn a_plan_touches_nothing() {
    let scene = Scene::with(TEXT);
    let change = scene
        .site()
        .plan(Wish::Install { program: PROGRAM })
        .unwrap()
        .unwrap();
    assert_eq!(change.before.as_deref(), Some(TEXT));
    assert!(change.after.unwrap().contains(PROGRAM));
    assert_eq!(scene.text(), TEXT);
    assert!(!scene.top.join("state").exists());
}

#[test]
fn another_entry_is_switched_off_and_back_on_by_undoing() {
    let scene = Scene::with(TEXT);
    scene.install();
    scene.act(Wish::SwitchOff { name: "a" }).unwrap().unwrap();
    assert!(!scene.text().contains("\"a\""));
    assert_eq!(scene.program().as_deref(), Some(PROGRAM));
    scene.act(Wish::Undo).unwrap().unwrap();
    scene.act(Wish::Remove).unwrap().unwrap();
    assert_eq!(scene.text(), TEXT);
}

#[test]
fn what_was_switched_off_does_not_come_back_when_we_go() {
    let scene = Scene::with(TEXT);
    scene.install();
    scene.act(Wish::SwitchOff { name: "a" }).unwrap().unwrap();
    scene.act(Wish::Remove).unwrap().unwrap();
    assert_eq!(scene.text(), "{\n  \"mcpServers\": {}\n}\n");
}
