//! Everything is killed and the write-ahead log destroyed: what has ended is all there.

use std::fs;
use std::path::{Path, PathBuf};

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::{fake_turn, unique_sleep};
use serde_json::json;

use crate::survive::{LIMIT, waiting_run};

#[test]
fn finished_runs_survive_any_damage_to_the_log() {
    check("random bytes", |wal| {
        let length = fs::metadata(wal).unwrap().len();
        let mut seed = 0x9e37_79b9_u32;
        let noise = (0..length).map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        });
        fs::write(wal, noise.collect::<Vec<u8>>()).unwrap();
    });
    check("a flipped bit in the middle", |wal| {
        let mut bytes = fs::read(wal).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        fs::write(wal, bytes).unwrap();
    });
    check("half of it", |wal| {
        let bytes = fs::read(wal).unwrap();
        fs::write(wal, &bytes[..bytes.len() / 2]).unwrap();
    });
    check("empty", |wal| fs::write(wal, "").unwrap());
    check("deleted", |wal| fs::remove_file(wal).unwrap());
}

fn check(how: &str, damage: impl Fn(&Path)) {
    eprintln!("{how}");
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let finished: Vec<_> = (0..4)
        .map(|n| {
            let run = sidecar.start_run(&scene, &fake_turn(&[&format!("message number {n}")]));
            sidecar.wait_for_end(&run, LIMIT)
        })
        .collect();
    let live = waiting_run(&mut sidecar, &scene);
    // The sidecar goes first: who closes a database in order tidies its log away.
    sidecar.kill();
    for pid in processes::of_run(&live)
        .into_iter()
        .chain(processes::supervisor_of(&live))
    {
        processes::kill(pid);
        processes::wait_until_gone(pid, LIMIT);
    }
    let wal = log_of(&scene);
    assert!(
        fs::metadata(&wal).unwrap().len() > 0,
        "there is no log to damage"
    );
    damage(&wal);

    let mut sidecar = scene.sidecar();
    let listed = sidecar.call("codex_list_runs", json!({})).ok();
    for before in &finished {
        let run = before["run_id"].as_str().unwrap();
        assert!(
            listed["runs"]
                .as_array()
                .unwrap()
                .iter()
                .any(|listed| listed["run_id"] == run),
            "{how}: {run} is not listed in {listed}"
        );
        let after = sidecar.get_run(run);
        for field in [
            "state",
            "message",
            "usage",
            "title",
            "prompt",
            "ended_at",
            "thread_id",
        ] {
            assert_eq!(after[field], before[field], "{how}: {field}");
        }
    }
    let states: Vec<_> = listed["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["state"])
        .collect();
    assert!(!states.contains(&&json!("running")), "{how}: {states:?}");
    // And it works on.
    let prompt = fake_turn(&[&format!("message {}", unique_sleep())]);
    let run = sidecar.start_run(&scene, &prompt);
    assert_eq!(
        sidecar.wait_for_end(&run, LIMIT)["state"],
        "succeeded",
        "{how}"
    );
}

fn log_of(scene: &Scene) -> PathBuf {
    let entries = fs::read_dir(scene.state()).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    let log = paths.find(|path| {
        path.extension()
            .is_some_and(|end| end.to_string_lossy().ends_with("-wal"))
    });
    log.expect("a write-ahead log")
}
