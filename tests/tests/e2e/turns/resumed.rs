//! Sessions that were made outside the bridge are found and gone on with.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use codex_bridge_tests::scene::{Codex, Scene, real_codex};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::turns::{LIMIT, VERSIONS, last_request, record, record_in, text};

/// A session that somebody makes with Codex itself.
fn made_outside(scene: &Scene, version: &str, folder: &Path, prompt: &str) -> String {
    let mut child = Command::new(real_codex(version))
        .args(["exec", "--json", "--skip-git-repo-check", "-"])
        .env_clear()
        .envs(scene.env())
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(prompt.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    text(&first, "thread_id").to_owned()
}

fn sessions(sidecar: &mut Sidecar, more: Value) -> Value {
    let mut arguments = json!({"source": "codex"});
    if let Value::Object(more) = more {
        for (key, value) in more {
            arguments[key] = value;
        }
    }
    let page = sidecar.call("codex_list_runs", arguments).ok();
    assert_eq!(page["runs"], json!([]));
    page
}

#[test]
fn a_session_of_each_version_is_found_and_gone_on_with() {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = scene.sidecar();
        let folder = scene.folder("shop");
        let prompt = "MOCK:answer Said outside.\nMore.";
        let session = made_outside(&scene, version, &folder, prompt);

        let page = sessions(&mut sidecar, json!({}));
        let [found] = page["sessions"].as_array().unwrap().as_slice() else {
            panic!("not one session: {page}");
        };
        assert_eq!(found["session_id"], session.as_str());
        assert_eq!(found["title"], "MOCK:answer Said outside.");
        assert_eq!(found["working_dir"], json!(folder));
        assert_eq!(found["codex_version"], version);
        assert_eq!(found["source"], "exec");
        assert_eq!(
            (&found["archived"], &found["run_id"]),
            (&json!(false), &Value::Null)
        );
        assert_eq!(page["skipped"], 0);

        let arguments = json!({"session_id": session.to_uppercase(), "working_dir": folder, "wait_s": 40,
            "prompt": "MOCK:shell echo here > mark", "sandbox": "workspace-write"});
        let started = sidecar.call("codex_resume_session", arguments).ok();
        let ended = sidecar.wait_for_end(text(&started, "run_id"), LIMIT);
        assert_eq!(ended["state"], "succeeded", "{ended}");
        assert_eq!(ended["kind"], "resume");
        assert_eq!(ended["thread_id"], session.as_str());
        assert_eq!(ended["continues"], Value::Null);
        assert_eq!(ended["applied"]["sandbox"], "workspace-write");
        assert!(folder.join("mark").exists());
        assert!(last_request(&scene).contains("Said outside."));
        let page = sessions(&mut sidecar, json!({}));
        assert_eq!(page["sessions"][0]["run_id"], ended["run_id"], "{page}");

        // From now on it is a run like any other.
        let arguments = json!({"run_id": ended["run_id"], "prompt": "MOCK:answer Third."});
        let started = sidecar.call("codex_continue_run", arguments).ok();
        let third = sidecar.wait_for_end(text(&started, "run_id"), LIMIT);
        assert_eq!(
            (&third["state"], &third["thread_id"]),
            (&json!("succeeded"), &json!(session))
        );
    }
}

#[test]
fn sessions_are_listed_in_pages_that_fit_and_nothing_is_changed() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let thread = |number: u32| format!("01a20439-0000-7000-8000-{number:012}");
    let long = scene.work().join("a-long-name/".repeat(300));
    for number in 0..150 {
        let day = "sessions/2026/11/22";
        let folder = if number % 2 == 0 {
            long.clone()
        } else {
            scene.work()
        };
        record_in(&scene, day, &thread(number), &folder);
    }
    record_in(&scene, "archived_sessions", &thread(150), &scene.work());
    std::fs::write(scene.codex_home().join("sessions/2026/11/22/notes"), "").unwrap();
    let before = snapshot(&scene.codex_home());
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = sessions(&mut sidecar, json!({"limit": 100, "cursor": cursor}));
        assert!(page.to_string().len() < 20_000);
        let found = page["sessions"].as_array().unwrap();
        seen.extend(
            found
                .iter()
                .map(|session| text(session, "session_id").to_owned()),
        );
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    let expected: Vec<_> = (0..=150).rev().map(thread).collect();
    assert_eq!(seen, expected);
    let page = sessions(&mut sidecar, json!({"folder": long, "limit": 3}));
    assert_eq!(page["sessions"].as_array().unwrap().len(), 3);
    assert_eq!(page["skipped"], 1);
    assert_eq!(snapshot(&scene.codex_home()), before);

    let refused = sidecar.call(
        "codex_list_runs",
        json!({"source": "codex", "states": ["lost"]}),
    );
    assert_eq!(refused.code(), "invalid_argument");
    record(&scene, &thread(151), &scene.work());
    let page = sessions(&mut sidecar, json!({"text": "BEG", "limit": 1}));
    assert_eq!(page["sessions"][0]["session_id"], thread(151));
}

/// All files below a folder, with their contents and times.
fn snapshot(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(snapshot(&path));
        } else {
            let modified = entry.metadata().unwrap().modified().unwrap();
            found.push((path.clone(), std::fs::read(&path).unwrap(), modified));
        }
    }
    found.sort();
    found
}
