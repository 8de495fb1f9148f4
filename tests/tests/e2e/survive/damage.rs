//! Everything is killed and the write-ahead log destroyed: what has ended is all there.

use std::fs;
use std::path::{Path, PathBuf};

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::fake_turn;
use serde_json::{Value, json};

use crate::survive::{LIMIT, supervisor_of, waiting_run};

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
    check("half of it", |wal| {
        let bytes = fs::read(wal).unwrap();
        fs::write(wal, &bytes[..bytes.len() / 2]).unwrap();
    });
    check("empty", |wal| fs::write(wal, "").unwrap());
    check("deleted", |wal| fs::remove_file(wal).unwrap());
}

#[test]
fn finished_runs_survive_a_flipped_bit_anywhere_in_the_log() {
    let (mut scene, finished) = killed_with_a_log();
    let (state, wal) = (scene.state(), log_of(&scene));
    let places = 24;
    for place in 0..places {
        let copy = scene.path().join(format!("state-{place}"));
        copy_folder(&state, &copy);
        let wal = copy.join(wal.file_name().unwrap());
        let mut bytes = fs::read(&wal).unwrap();
        let at = bytes.len() * place / places;
        bytes[at] ^= 0x10;
        fs::write(&wal, bytes).unwrap();
        scene.set("CODEX_CLI_MCP_STATE_DIR", &copy.display().to_string());
        are_there(&scene, &finished, &format!("a flipped bit in byte {at}"));
    }
}

fn check(how: &str, damage: impl Fn(&Path)) {
    let (scene, finished) = killed_with_a_log();
    damage(&log_of(&scene));
    are_there(&scene, &finished, how);
    // And it works on.
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, &fake_turn(&[]));
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{how}");
}

/// A world in which everything was killed, with a log that was not tidied away, and the runs that had ended.
fn killed_with_a_log() -> (Scene, Vec<Value>) {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let finished: Vec<_> = (0..4)
        .map(|n| {
            let run = sidecar.start_run(&scene, &fake_turn(&[&format!("message number {n}")]));
            let ended = sidecar.wait_for_end(&run, LIMIT);
            // Whoever closes a database in order tidies its log away, and what is damaged below a process that
            // lives is another story.
            processes::wait_until(LIMIT, "the supervisor ends", || {
                processes::supervisor_of(&run).is_none()
            });
            ended
        })
        .collect();
    let live = waiting_run(&mut sidecar, &scene);
    sidecar.kill();
    // The supervisor first: it would note the end of its Codex.
    let mut doomed = vec![supervisor_of(&live)];
    doomed.extend(processes::of_run(&live));
    for pid in doomed {
        processes::kill(pid);
        processes::wait_until_gone(pid, LIMIT);
    }
    let length = fs::metadata(log_of(&scene)).unwrap().len();
    assert!(length > 0, "there is no log to damage");
    (scene, finished)
}

/// All that had ended is there as it was, and nothing seems to be under way.
fn are_there(scene: &Scene, finished: &[Value], how: &str) {
    let mut sidecar = scene.sidecar();
    let listed = sidecar.call("codex_list_runs", json!({})).ok();
    let listed = listed["runs"].as_array().unwrap();
    for before in finished {
        let run = before["run_id"].as_str().unwrap();
        assert!(
            listed.iter().any(|listed| listed["run_id"] == run),
            "{how}: {run} is not listed in {listed:?}"
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
            assert_eq!(after[field], before[field], "{how}: {field} of {after}");
        }
    }
    let live = listed.iter().find(|run| run["is_final"] == false);
    assert_eq!(live, None, "{how}");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    let mode = fs::metadata(from).unwrap().permissions();
    fs::set_permissions(to, mode).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap();
        }
    }
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
