//! Folders that become something else between the check and the spawn.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::paths::{LIMIT, scene};
use crate::traces::assert_is_useful;

#[test]
fn a_folder_that_is_swapped_for_a_symlink_while_runs_start_never_takes_one_outside() {
    const RUNS: usize = 240;
    let (scene, outside) = scene();
    scene.write_config("[limits]\nrunning = 16\nqueued = 1000\n");
    let work = scene.work();
    let (here, aside, link) = (work.join("flip"), work.join("aside"), work.join("link"));
    fs::create_dir(&here).unwrap();
    symlink(&outside, &link).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let flipper = std::thread::spawn({
        let stop = stop.clone();
        move || {
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&here, &aside).unwrap();
                fs::rename(&link, &here).unwrap();
                fs::rename(&here, &link).unwrap();
                fs::rename(&aside, &here).unwrap();
            }
        }
    });
    let mut sidecar = scene.sidecar();
    let (mut inside, mut refused) = (0, 0);
    let mut pending: Vec<u64> = Vec::new();
    for number in 0..RUNS {
        let arguments = json!({
            "prompt": "FAKE: thread\nFAKE: cwd\nFAKE: complete",
            "working_dir": work.join("flip"), "persist": number % 2 == 0, "wait_s": 45,
        });
        pending.push(sidecar.begin_call("codex_run_task", arguments));
        if pending.len() == 12 || number + 1 == RUNS {
            for call in pending.drain(..) {
                let answer = sidecar.finish_call(call);
                match judged(&answer.content, &work) {
                    true => inside += 1,
                    false => refused += 1,
                }
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    flipper.join().unwrap();
    println!("{inside} runs inside, {refused} refused");
    assert!(
        inside > 0 && refused > 0,
        "{inside} inside, {refused} refused: nothing was put to the test"
    );
}

/// Whether a run worked below the root; otherwise it has to have been refused for its folder.
fn judged(content: &Value, work: &Path) -> bool {
    if let Some(message) = content["message"]
        .as_str()
        .filter(|_| content["run_id"].is_string())
    {
        assert!(
            Path::new(message).starts_with(work),
            "a run was outside: {content}"
        );
        return true;
    }
    let code = content["error"]["code"]
        .as_str()
        .or_else(|| content["code"].as_str());
    let known = ["outside_roots", "folder_unusable", "folder_changed"];
    assert!(code.is_some_and(|code| known.contains(&code)), "{content}");
    false
}

#[test]
fn a_folder_that_is_swapped_while_its_run_waits_in_the_queue_is_noticed() {
    let (scene, outside) = scene();
    scene.write_config("[limits]\nrunning = 1\n");
    let work = scene.work();
    let mut sidecar = scene.sidecar();
    let first = sidecar.start_run(&scene, "FAKE: thread\nFAKE: wait-for go\nFAKE: complete");
    let mut check = |name: &str, change: &dyn Fn(&Path), codes: &[&str]| -> (String, Vec<String>) {
        let folder = work.join(name);
        fs::create_dir(&folder).unwrap();
        let more = json!({"working_dir": folder});
        let run = sidecar.start_run_with(&scene, "FAKE: thread\nFAKE: cwd\nFAKE: complete", more);
        assert_eq!(sidecar.get_run(&run)["state"], "queued");
        fs::remove_dir(&folder).unwrap();
        change(&folder);
        (run, codes.iter().map(ToString::to_string).collect())
    };
    let waiting = [
        check("gone", &|_| {}, &["folder_changed"]),
        check(
            "out",
            &|folder| symlink(&outside, folder).unwrap(),
            &["folder_changed", "outside_roots"],
        ),
        check(
            "in",
            &|folder| symlink(work.join("inner"), folder).unwrap(),
            &["folder_changed"],
        ),
        check(
            "file-now",
            &|folder| fs::write(folder, "").unwrap(),
            &["folder_changed"],
        ),
    ];
    fs::write(work.join("go"), "").unwrap();
    sidecar.wait_for_end(&first, LIMIT);
    for (run, codes) in waiting {
        let run = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(run["state"], "failed", "{run}");
        let code = run["error"]["code"].as_str().unwrap().to_owned();
        assert!(codes.contains(&code), "{run}");
        assert_is_useful(&run["error"], "`/", "a swapped folder");
    }
}

#[test]
fn a_root_that_is_taken_away_while_a_run_waits_takes_its_right_away() {
    let (mut scene, _) = scene();
    scene.unset("CODEX_CLI_MCP_ALLOWED_ROOTS");
    let work = scene.work().display().to_string();
    let config = |roots: &str| format!("allowed_roots = [{roots}]\n[limits]\nrunning = 1\n");
    scene.write_config(&config(&format!("\"{work}\", \"{work}/inner\"")));
    let mut sidecar = scene.sidecar();
    let inner = json!({"working_dir": scene.work().join("inner")});
    let first = "FAKE: thread\nFAKE: wait-for go\nFAKE: complete";
    let first = sidecar.start_run_with(&scene, first, inner);
    let second = sidecar.start_run(&scene, "FAKE: cwd");
    assert_eq!(sidecar.get_run(&second)["state"], "queued");
    scene.write_config(&config(&format!("\"{work}/inner\"")));
    fs::write(scene.work().join("inner/go"), "").unwrap();
    sidecar.wait_for_end(&first, LIMIT);
    let run = sidecar.wait_for_end(&second, LIMIT);
    assert_eq!(run["error"]["code"], "outside_roots", "{run}");
}
