//! Runs that leave nothing on the disk, and end with their sidecar.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use codex_bridge_tests::script::{fake, fake_turn, unique_sleep};
use codex_bridge_tests::sidecar::Sidecar;
use rustix::process::Signal;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);
/// A cancel's promise, and so that of an end that cancels.
const PROMISE: Duration = Duration::from_secs(5);

fn ephemeral() -> Value {
    json!({"persist": false})
}

#[test]
fn nothing_of_it_is_on_the_disk() {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = scene.sidecar();
        // Says that the search finds what is there.
        let kept = sidecar.start_run(&scene, "MOCK:answer zebra-kept");
        sidecar.wait_for_end(&kept, LIMIT);

        let prompt = "This is about the okapi-asked.\nMOCK:shell echo okapi-printed";
        let run = sidecar.start_run_with(&scene, prompt, ephemeral());
        assert!(run.starts_with("tmp_"), "{run}");
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{ended}");
        assert_eq!(ended["requested"]["persist"], false);
        let message = ended["message"].as_str().unwrap();
        assert!(
            message.lines().any(|line| line == "okapi-printed"),
            "{message}"
        );
        assert_eq!(files_with(&scene.state(), "okapi"), Vec::<String>::new());
        assert_eq!(
            files_with(&scene.codex_home(), "okapi"),
            Vec::<String>::new()
        );
        assert_eq!(files_with(&scene.state(), &run), Vec::<String>::new());
        assert_ne!(
            files_with(&scene.state(), "zebra-kept"),
            Vec::<String>::new()
        );
        assert_ne!(
            files_with(&scene.codex_home(), "zebra-kept"),
            Vec::<String>::new()
        );

        let listed = sidecar.call("codex_list_runs", json!({})).ok();
        let ids: Vec<_> = listed["runs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| &r["run_id"])
            .collect();
        assert_eq!(ids, [&json!(run), &json!(kept)]);
        let mut other = scene.sidecar();
        let unknown = other.call("codex_get_run", json!({"run_id": run}));
        assert_eq!(unknown.code(), "unknown_run");
    }
}

/// The files below a folder that have these bytes in them.
fn files_with(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(files_with(&path, needle));
            continue;
        }
        let bytes = fs::read(&path).unwrap_or_default();
        if bytes
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn it_ends_with_its_sidecar_and_so_do_its_commands() {
    for version in VERSIONS {
        let scene = Scene::new(&Codex::Real(version));
        for how in ["end of input", "SIGTERM"] {
            eprintln!("with Codex {version}, {how}");
            let mut sidecar = scene.sidecar();
            let seconds = unique_sleep();
            let prompt = format!("MOCK:shell (setsid sleep {seconds} &); sleep {seconds}");
            let run = sidecar.start_run_with(&scene, &prompt, ephemeral());
            let commands = || {
                let mut pids = processes::with_argument(&seconds);
                pids.retain(|pid| processes::program_of(*pid) == "sleep");
                pids
            };
            processes::wait_until(LIMIT, "both commands run", || commands().len() == 2);
            let doomed = processes::of_run(&run);
            end(sidecar, how, PROMISE);
            assert!(!doomed.into_iter().any(processes::is_running), "{how}");
            assert_eq!(processes::with_argument(&seconds), Vec::<u32>::new());
        }
    }
}

fn end(mut sidecar: Sidecar, how: &str, limit: Duration) {
    let begin = Instant::now();
    if how == "SIGTERM" {
        processes::signal(sidecar.pid(), Signal::TERM);
        sidecar.wait_exit(LIMIT);
    } else {
        sidecar.close(LIMIT);
    }
    assert!(begin.elapsed() <= limit, "{how}: {:?}", begin.elapsed());
}

#[test]
fn even_what_does_not_want_to_go_ends_with_its_sidecar() {
    for how in ["end of input", "SIGTERM"] {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar();
        let steps = [
            "thread",
            "turn",
            "ignore-signals",
            "spawn stubborn 1000",
            "spawn double-fork 1000",
            "message ready",
            "hang",
        ];
        let run = sidecar.start_run_with(&scene, &fake(&steps), ephemeral());
        sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
        let noted = fs::read_to_string(scene.work().join("pids")).unwrap();
        let mut doomed: Vec<u32> = noted.lines().map(|pid| pid.parse().unwrap()).collect();
        doomed.extend(processes::of_run(&run));
        end(sidecar, how, PROMISE + Duration::from_secs(1));
        let alive: Vec<_> = doomed
            .into_iter()
            .filter(|pid| processes::is_running(*pid))
            .collect();
        assert_eq!(alive, Vec::<u32>::new(), "{how}");
    }
}

#[test]
fn it_is_followed_cancelled_and_repeated_like_any_other() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let prompt = fake_turn(&["message ready", "spawn double-fork 1000", "wait-for go"]);
    let asked = json!({"persist": false, "request_id": "r-1"});
    let run = sidecar.start_run_with(&scene, &prompt, asked.clone());
    let again = sidecar.start_run_with(&scene, &prompt, asked);
    assert_eq!(run, again);
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "ready");
    assert_eq!(sidecar.get_run(&run)["state"], "running");
    processes::wait_until(LIMIT, "the leftover is there", || {
        scene.work().join("pids").exists()
    });
    let doomed = processes::of_run(&run);
    let begin = Instant::now();
    let cancelled = sidecar
        .call("codex_cancel_run", json!({"run_id": run}))
        .ok();
    assert!(begin.elapsed() <= PROMISE, "{:?}", begin.elapsed());
    assert_eq!(cancelled["state"], "cancelled");
    let alive: Vec<_> = doomed
        .into_iter()
        .filter(|pid| processes::is_running(*pid))
        .collect();
    assert_eq!(alive, Vec::<u32>::new());
    let events = sidecar.all_events(&run);
    let numbers: Vec<_> = events.iter().filter_map(|e| e["seq"].as_u64()).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    assert_eq!(events.last().unwrap()["state"], "cancelled");
}
