//! What may happen to the database from outside.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use codex_bridge_tests::processes::wait_until;
use codex_bridge_tests::scene::Scene;
use rusqlite::Connection;
use serde_json::json;

use super::{LONG, assert_numbered, ending, fake, prompt, texts};

fn database(scene: &Scene) -> PathBuf {
    scene.state().join("bridge.db")
}

/// Keeps everybody else from writing until it is dropped.
struct Held(Connection);

fn hold(scene: &Scene) -> Held {
    let conn = Connection::open(database(scene)).expect("the database");
    conn.busy_timeout(Duration::from_secs(30))
        .expect("a timeout");
    conn.execute_batch("BEGIN IMMEDIATE")
        .expect("the write lock");
    Held(conn)
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.execute_batch("ROLLBACK").expect("the lock is ours");
    }
}

#[test]
fn a_database_that_is_locked_for_10_s_loses_nothing() {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let steps = [
        "thread",
        "turn",
        "message ready",
        "wait-for locked",
        "events 2600",
        "message the last one",
        "complete",
        "write leaving now",
    ];
    let run = sidecar.start_run(&scene, &prompt(&steps));
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "ready");
    let held = hold(&scene);
    let since = Instant::now();
    fs::write(scene.work().join("locked"), "").expect("the folder is writable");
    wait_until(LONG, "Codex leaves", || {
        scene.work().join("leaving").exists()
    });
    // Reading needs no lock; a new run is refused in time, and the reason is said.
    let asked = Instant::now();
    assert_eq!(sidecar.get_run(&run)["is_final"], json!(false));
    assert!(asked.elapsed() < Duration::from_secs(1));
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "store_locked", "{}", refused.content);
    wait_until(LONG, "10 s are over", || {
        since.elapsed() > Duration::from_secs(10)
    });
    drop(held);

    let end = sidecar.wait_for_end(&run, LONG);
    assert_eq!(ending(&end), ("succeeded", None));
    assert_eq!(end["message"], "the last one");
    let events = sidecar.all_events(&run);
    assert_numbered(&events);
    assert_eq!(texts(&events, "message").len(), 2602);
    assert_eq!(end["events"]["left_out"], 0);
}

#[test]
fn a_time_limit_holds_also_while_the_database_is_locked() {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let steps = ["thread", "turn", "spawn plain 600", "message ready", "hang"];
    let more = json!({"timeout_s": 2});
    let run = sidecar.start_run_with(&scene, &prompt(&steps), more);
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "ready");
    let held = hold(&scene);
    let begin = Instant::now();
    let pids = fs::read_to_string(scene.work().join("pids")).expect("it is there");
    let left: u32 = pids.trim().parse().expect("a number");
    codex_bridge_tests::processes::wait_until_gone(left, LONG);
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
    drop(held);
    assert_eq!(sidecar.wait_for_end(&run, LONG)["state"], "timed_out");
}

/// A scene in which two runs have succeeded and nobody is there any more; gives their ids, the older one first.
fn with_history() -> (Scene, [String; 2]) {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let runs = ["one", "two"].map(|word| {
        let steps = [
            "thread",
            "turn",
            "events 50 200",
            &format!("message {word}"),
            "complete",
        ];
        let run = sidecar.start_run(&scene, &prompt(&steps));
        let end = sidecar.wait_for_end(&run, LONG);
        assert_eq!(ending(&end), ("succeeded", None));
        run
    });
    for run in &runs {
        // The last process that has the database open is gone.
        wait_until(LONG, "the supervisor ends", || {
            codex_bridge_tests::processes::supervisor_of(run).is_none()
        });
    }
    assert_eq!(sidecar.close(Duration::from_secs(5)), Some(0));
    (scene, runs)
}

/// After this damage, finished runs are all there and a new one succeeds.
fn check_damage(damage: impl FnOnce(&Scene)) {
    let (scene, runs) = with_history();
    damage(&scene);
    let mut sidecar = scene.sidecar();
    for (run, word) in runs.iter().zip(["one", "two"]) {
        let run = sidecar.get_run(run);
        assert_eq!(ending(&run), ("succeeded", None));
        assert_eq!(run["message"], word);
    }
    let run = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&run, LONG)),
        ("succeeded", None)
    );
    let runs = sidecar.call("codex_list_runs", json!({})).ok();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(3));
    // The damaged files are kept, and the person is told.
    let aside = fs::read_dir(scene.state()).expect("the folder").flatten();
    let aside = aside.filter(|entry| entry.file_name().to_string_lossy().starts_with("damaged-"));
    assert_eq!(aside.count(), 1);
    let report = sidecar.call("codex_doctor", json!({}));
    assert!(report.text.contains("damaged"), "{}", report.text);
}

#[test]
fn finished_runs_survive_an_empty_database() {
    check_damage(|scene| fs::write(database(scene), "").expect("it is writable"));
}

#[test]
fn finished_runs_survive_a_text_in_place_of_the_database() {
    check_damage(|scene| {
        fs::write(database(scene), "hello\n".repeat(5000)).expect("it is writable");
    });
}

#[test]
fn finished_runs_survive_flipped_bytes() {
    check_damage(|scene| {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(database(scene))
            .expect("it is there");
        let size = file.metadata().expect("a size").len();
        // All but the first page, which alone would make it another kind of file.
        for at in (4096..size).step_by(64) {
            let mut byte = [0];
            file.seek(SeekFrom::Start(at)).expect("within the file");
            file.read_exact(&mut byte).expect("within the file");
            file.seek(SeekFrom::Start(at)).expect("within the file");
            file.write_all(&[!byte[0]]).expect("within the file");
        }
    });
}

#[test]
fn finished_runs_survive_a_database_that_was_cut() {
    check_damage(|scene| {
        let file = OpenOptions::new().write(true).open(database(scene));
        file.and_then(|file| file.set_len(10_000))
            .expect("it is writable");
    });
}

#[test]
fn a_newer_database_is_refused_and_not_touched() {
    let (scene, runs) = with_history();
    let conn = Connection::open(database(&scene)).expect("the database");
    conn.execute_batch("PRAGMA user_version = 4711")
        .expect("it is writable");
    conn.close().expect("it closes");
    let before = fs::read(database(&scene)).expect("it is there");

    let mut sidecar = scene.sidecar();
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "store_newer");
    assert!(refused.text_at("/message").contains("4711"));
    assert!(refused.text_at("/hint").contains("restart"));
    let read = sidecar.call("codex_get_run", json!({"run_id": runs[0]}));
    assert_eq!(read.code(), "store_newer");
    assert_eq!(sidecar.close(Duration::from_secs(5)), Some(0));
    assert_eq!(fs::read(database(&scene)).expect("it is there"), before);
}

#[test]
fn two_sidecars_with_many_events_lose_and_double_none() {
    let scene = fake();
    let mut sidecars = [scene.sidecar(), scene.sidecar()];
    let steps = ["thread", "turn", "events 4900", "complete"];
    let mut runs = Vec::new();
    for sidecar in &mut sidecars {
        for _ in 0..2 {
            runs.push(sidecar.start_run(&scene, &prompt(&steps)));
        }
    }
    for (index, run) in runs.iter().enumerate() {
        // Each is read by the sidecar that did not start it.
        let reader = &mut sidecars[(index + 2) % 4 / 2];
        let end = reader.wait_for_end(run, LONG);
        assert_eq!(ending(&end), ("succeeded", None));
        assert_eq!(end["events"]["left_out"], 0);
        let events = reader.all_events(run);
        assert_numbered(&events);
        assert_eq!(texts(&events, "message").len(), 4900);
    }
}
