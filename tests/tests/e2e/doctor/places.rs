//! Allowed folders, git, and who stands at the app's socket.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;

use super::{Patient, chmod, give_away};

/// A set-up in which this is allowed besides the folder that is well.
fn also_allowed(root: impl Fn(&Path) -> std::path::PathBuf) -> Patient {
    let patient = Patient::healthy();
    let root = root(patient.scene.path());
    patient.configure_roots(&[&patient.scene.work(), &root], "");
    patient
}

#[test]
fn without_an_allowed_folder_nothing_runs() {
    let patient = Patient::healthy();
    patient.scene.write_config("");
    let found = patient.finds("roots_none", "roots add");
    assert_eq!(found["level"], "fault");
    patient.leaves("roots_none");
}

#[test]
fn a_folder_that_is_gone_is_taken_off_the_list_when_that_is_asked_for() {
    let patient = also_allowed(|scene| scene.join("gone"));
    patient.finds("root_missing", "take it off the list");
    patient.mends_asked("root_missing");
    let config = fs::read_to_string(patient.scene.config()).unwrap();
    let work = patient.scene.work().display().to_string();
    assert!(
        config.contains(&work) && !config.contains("/gone"),
        "{config}"
    );
}

#[test]
fn a_file_among_the_folders_is_taken_off_when_that_is_asked_for() {
    let patient = also_allowed(|scene| {
        fs::write(scene.join("note"), "").unwrap();
        scene.join("note")
    });
    patient.finds("root_no_folder", "Allow the folder that the file lies in");
    patient.mends_asked("root_no_folder");
}

#[test]
fn a_folder_that_leads_nowhere_is_taken_off_when_that_is_asked_for() {
    let patient = also_allowed(|scene| {
        symlink("loop", scene.join("loop")).unwrap();
        scene.join("loop")
    });
    patient.finds("root_unusable", "take it off the list");
    patient.mends_asked("root_unusable");
}

#[test]
fn a_folder_that_may_not_be_read_is_named_and_left() {
    let mut patient = also_allowed(|scene| {
        let folder = scene.join("secret");
        fs::create_dir(&folder).unwrap();
        chmod(&folder, 0);
        folder
    });
    patient.bound = true;
    patient.names("root_unreadable", "readable for you");
    chmod(&patient.scene.path().join("secret"), 0o700);
}

#[test]
fn a_folder_that_holds_more_than_work_is_named_and_left() {
    let patient = also_allowed(|_| "/".into());
    patient.names("root_too_broad", "roots add --force");
}

#[test]
fn a_git_that_can_not_be_used_is_named() {
    let patient = Patient::healthy();
    let git = patient.scene.path().join("search/git");
    fs::remove_file(&git).unwrap();
    patient.names("git_missing", "Install git");
    patient.on_path("git", "#!/bin/sh\necho git version 1.8.3\n");
    patient.names("git_too_old", "newer git");
    patient.on_path(
        "git",
        "#!/bin/sh\necho xcrun: error: invalid active developer path >&2\nexit 1\n",
    );
    patient.names("git_unusable", "xcode-select --install");
}

#[test]
fn a_repository_of_somebody_else_is_named_until_it_is_called_safe() {
    let patient = Patient::healthy();
    let repo = patient.scene.folder("theirs");
    fs::create_dir(repo.join(".git")).unwrap();
    if !give_away(&repo.join(".git")) {
        return;
    }
    let found = patient.finds("git_ownership", "safe.directory");
    let command = found["action"]["command"].as_str().unwrap();
    assert!(command.contains(&repo.display().to_string()), "{command}");
    assert_eq!(found["action"]["mends"], "by_hand");
    patient.leaves("git_ownership");
    let safe = format!("[safe]\n\tdirectory = {}\n", repo.display());
    patient.plant(".gitconfig", &safe);
    patient.is_well();
}

#[test]
fn a_socket_that_a_killed_app_left_is_removed() {
    let patient = Patient::healthy();
    let mut host = patient.scene.cli(&["host"]);
    let mut host = host.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(host.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
    patient.is_well();
    host.kill().unwrap();
    host.wait().unwrap();
    patient.finds("socket_stale", "remove the socket");
    patient.mends("socket_stale");
    assert!(!patient.scene.state().join("app/socket").exists());
}

/// Who listens at the app's socket, for as long as the returned thread lives: it greets each guest with this.
fn listens(patient: &Patient, greeting: &'static str) {
    let folder = patient.scene.state().join("app");
    fs::create_dir(&folder).unwrap();
    chmod(&folder, 0o700);
    let listener = UnixListener::bind(folder.join("socket")).unwrap();
    std::thread::spawn(move || {
        let mut guests = Vec::new();
        while let Ok((mut guest, _)) = listener.accept() {
            if guest.write_all(greeting.as_bytes()).is_err() {
                return;
            }
            guests.push(guest);
        }
    });
}

#[test]
fn an_app_that_does_not_greet_is_named_and_its_socket_left() {
    let patient = Patient::healthy();
    listens(&patient, "");
    patient.names("app_silent", "Quit Codex Bridge and open it again");
    assert!(patient.scene.state().join("app/socket").exists());
}

#[test]
fn an_app_of_another_version_is_named() {
    let patient = Patient::healthy();
    listens(&patient, "{\"protocol\":999,\"mark\":\"m\"}\n");
    patient.names("app_other_version", "so that both are of one version");
}
