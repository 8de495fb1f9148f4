//! Files that can't or must not be changed: they stay, and the reason is the right one.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, SystemTime};

use crate::adapters::clients::tests::{PROGRAM, Scene, TEXT, random};
use crate::adapters::clients::{Doing, Wish};
use crate::domain::run::Timestamp;

fn refused(scene: &Scene) -> String {
    let error = scene.act(Wish::Install { program: PROGRAM }).unwrap_err();
    let text = error
        .to_string()
        .replace(&scene.top.display().to_string(), "");
    assert!(
        !scene.top.join("state").exists(),
        "nothing is made for what is refused"
    );
    text
}

#[test]
fn links_that_lead_nowhere_or_in_a_circle_are_refused() {
    let scene = Scene::new();
    symlink("nowhere", scene.file()).unwrap();
    assert_eq!(
        refused(&scene),
        "`/client/config.json` is a symlink that leads nowhere"
    );
    fs::remove_file(scene.file()).unwrap();
    symlink("config.json", scene.file()).unwrap();
    assert_eq!(
        refused(&scene),
        "`/client/config.json` is a symlink that leads in a circle"
    );
    fs::remove_file(scene.file()).unwrap();
    fs::remove_dir(scene.top.join("client")).unwrap();
    symlink("gone", scene.top.join("client")).unwrap();
    assert_eq!(refused(&scene), "`/client` is a symlink that leads nowhere");
}

#[test]
fn what_is_no_file_is_refused() {
    let scene = Scene::new();
    fs::create_dir(scene.file()).unwrap();
    assert_eq!(refused(&scene), "`/client/config.json` is not a plain file");
    assert!(scene.file().is_dir());
}

#[test]
fn what_is_read_only_is_meant_to_be() {
    let scene = Scene::with(TEXT);
    fs::set_permissions(scene.file(), fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(refused(&scene), "`/client/config.json` is read-only");
    assert_eq!(scene.text(), TEXT);
}

#[test]
fn what_can_not_be_read_is_refused_with_its_line() {
    let scene = Scene::with("{\n  // mine\n}\n");
    assert_eq!(
        refused(&scene),
        "`/client/config.json`, line 2: a comment, which this client does not understand"
    );
    fs::write(scene.file(), b"{\n\n\"a\": \"\xff\"}").unwrap();
    assert_eq!(
        refused(&scene),
        "`/client/config.json` is not UTF-8 (line 3)"
    );
    let utf16: Vec<u8> = "\u{feff}{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(scene.file(), &utf16).unwrap();
    assert_eq!(
        refused(&scene),
        "`/client/config.json` is not UTF-8 (line 1)"
    );
    assert_eq!(fs::read(scene.file()).unwrap(), utf16);
}

#[test]
fn an_entry_of_somebody_else_is_neither_changed_nor_removed() {
    let text = "{\"mcpServers\": {\"codex-bridge\": {\"command\": \"npx\"}}}";
    let scene = Scene::with(text);
    let reason = "`/client/config.json`, line 1: there is another server with the name `codex-bridge`, which starts `npx`";
    assert_eq!(refused(&scene), reason);
    assert!(scene.act(Wish::Remove).is_err());
    assert!(scene.site().standing().is_err());
    assert_eq!(scene.text(), text);
}

#[test]
fn the_lock_of_a_client_is_respected_and_one_that_died_is_not_waited_for() {
    let scene = Scene::with("{}");
    let lock = scene.top.join("client/config.json.lock");
    let site = scene.site_of("claude-code");
    let install = || {
        let doing = Doing {
            wish: Wish::Install { program: PROGRAM },
            now: Timestamp(1),
            random,
        };
        site.carry_out(&doing)
    };
    fs::create_dir(&lock).unwrap();
    std::thread::scope(|scope| {
        let install = scope.spawn(install);
        // It waits; what it then finds is what the owner of the lock has left.
        while !scene.top.join("state/clients").exists() {
            std::thread::yield_now();
        }
        scene.write("{\"theirs\": 1}");
        fs::remove_dir(&lock).unwrap();
        install.join().unwrap().unwrap().unwrap();
    });
    assert!(scene.text().starts_with("{\"theirs\": 1,"));
    assert!(!lock.exists());

    scene.write("{}");
    fs::create_dir(&lock).unwrap();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    fs::File::open(&lock).unwrap().set_modified(old).unwrap();
    install().unwrap().unwrap();
    assert!(!lock.exists());
}
