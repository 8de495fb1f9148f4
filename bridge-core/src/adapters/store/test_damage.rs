//! What becomes of a database that is damaged: in every way, finished runs are there afterwards.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite::Connection;

use crate::adapters::store::testing::{
    NOW, ROOMY, block_on, ending, full_run, id, message, open, options, run, scrubbed,
};
use crate::adapters::store::{AuditEntry, Counts, Store, StoreError};
use crate::domain::error::ErrorCode;
use crate::domain::run::{Progress, Run, Timestamp};
use crate::domain::state::{Outcome, RunState};

const FINISHED: u64 = 20;

fn succeeded(run: &Run) -> bool {
    run.state == RunState::Ended(Outcome::Succeeded)
}

/// 20 finished runs with a prompt and events, and a live one.
fn fill(dir: &Path) {
    block_on(async {
        let store = open(dir);
        for n in 1..=FINISHED + 1 {
            let mut run = run(n);
            run.prompt = scrubbed(&format!("prompt {n} {}", "p".repeat(3000)));
            store.insert_run(run, ROOMY, "f".into()).await.unwrap();
            let events = (0..20).map(|_| message(&"e".repeat(300))).collect();
            let progress = Progress::default();
            store.append(&id(n), events, progress).await.unwrap();
            if n <= FINISHED {
                store.append(&id(n), vec![], ending()).await.unwrap();
            }
        }
        store.close().await;
    });
}

/// The database is whole and takes new runs, and all finished runs are in it.
fn check_whole(store: &Store) -> Counts {
    block_on(async {
        for n in 1..=FINISHED {
            let run = store.get_run(&id(n)).await.unwrap();
            assert!(succeeded(&run), "{n}: {:?}", run.state);
            assert_eq!(run.message.unwrap().text, scrubbed("All done."));
            assert!(run.prompt.as_str().starts_with(&format!("prompt {n} ")));
            let page = store.events(&id(n), 0, 1000, 1 << 20).await.unwrap();
            assert_eq!(page.events.len() as u64, run.recorded.events);
            let kept = run.recorded.events + run.recorded.left_out;
            assert!(kept >= 20, "{:?}", run.recorded);
        }
        let new = store.insert_run(run(99), ROOMY, "f".into()).await;
        new.unwrap();
        assert_eq!(store.check().await.unwrap().faults, Vec::<String>::new());
        store.counts().await.unwrap()
    })
}

fn check(what: &str, damage: impl FnOnce(&Path), set_aside: bool) {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    damage(&dir.path().join("bridge.db"));
    let store = open(dir.path());
    let counts = check_whole(&store);
    assert!(counts.ended >= FINISHED, "{what}: {counts:?}");
    let recovery = block_on(store.recovery()).unwrap();
    assert_eq!(recovery.is_some(), set_aside, "{what}: {recovery:?}");
    if let Some(recovery) = recovery {
        assert!(recovery.moved_to.join("bridge.db").exists(), "{what}");
        assert!(recovery.runs >= FINISHED, "{what}: {recovery:?}");
    }
    drop(store);
    // The next start finds it as it was left, and remembers.
    let store = open(dir.path());
    let again = block_on(store.recovery()).unwrap();
    assert_eq!(again.is_some(), set_aside, "{what}");
    assert_eq!(damaged_folders(dir.path()), usize::from(set_aside));
}

fn damaged_folders(dir: &Path) -> usize {
    let names = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("damaged-"))
        .count()
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn overwrite(bytes: &mut [u8], from: usize, count: usize) {
    let end = from.saturating_add(count).min(bytes.len());
    for (i, byte) in bytes[from.min(end)..end].iter_mut().enumerate() {
        *byte = (i * 31 + 7) as u8;
    }
}

#[test]
fn finished_runs_survive_any_damage_to_the_main_file() {
    check("empty", |db| fs::write(db, "").unwrap(), true);
    check("text", |db| fs::write(db, "hello\n").unwrap(), true);
    check(
        "noise",
        |db| edit(db, |b| overwrite(b, 0, usize::MAX)),
        true,
    );
    check("header", |db| edit(db, |b| overwrite(b, 0, 64)), true);
    check("schema", |db| edit(db, |b| overwrite(b, 100, 3000)), true);
    check("gone", |db| fs::remove_file(db).unwrap(), false);
    let foreign = |db: &Path| {
        fs::remove_file(db).unwrap();
        let conn = Connection::open(db).unwrap();
        conn.execute_batch("CREATE TABLE t (x)").unwrap();
    };
    check("another program's", foreign, true);
}

/// Whether it is noticed depends on what is hit; what is finished is there in any case.
#[test]
fn finished_runs_survive_a_bad_page_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    let pages = fs::metadata(dir.path().join("bridge.db")).unwrap().len() / 4096;
    let (mut tried, mut live_kept) = (0, 0);
    for page in (1..pages).step_by(3) {
        let copy = tempfile::tempdir().unwrap();
        copy_dir(dir.path(), copy.path());
        let db = copy.path().join("bridge.db");
        edit(&db, |b| overwrite(b, page as usize * 4096, 4096));
        let store = open(copy.path());
        block_on(async {
            for n in 1..=FINISHED {
                // Twice: reading may be what finds the damage.
                store.events(&id(n), 0, 1000, 1 << 20).await.ok();
                let run = store.get_run(&id(n)).await.unwrap();
                assert!(succeeded(&run), "page {page}, run {n}: {:?}", run.state);
            }
            store.list_runs(Default::default()).await.unwrap();
            store.insert_run(run(99), ROOMY, "f".into()).await.unwrap();
            let more = vec![message("more")];
            let added = store.append(&id(99), more, Progress::default()).await;
            assert_eq!(added.unwrap().events, 1, "page {page}");
            tried += 1;
            live_kept += usize::from(store.get_run(&id(FINISHED + 1)).await.is_ok());
        });
    }
    // A live run has no file of its own yet, so it goes with the page that its row is on, but with no other.
    assert!(live_kept * 10 >= tried * 8, "{live_kept} of {tried}");
}

fn copy_dir(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The state folder as it is when all processes are killed at once: the log is not in the main file yet.
fn killed(dir: &Path) -> tempfile::TempDir {
    let store = open(dir);
    block_on(async {
        let noted = AuditEntry {
            at: Timestamp(NOW),
            client: scrubbed("c"),
            action: scrubbed("a"),
            subject: scrubbed("s"),
            outcome: scrubbed("o"),
            detail: scrubbed("d"),
        };
        store.audit(noted).await.unwrap();
        // A reader in the middle keeps the log from being moved.
        let reader = Connection::open(dir.join("bridge.db")).unwrap();
        reader
            .execute_batch("BEGIN; SELECT count(*) FROM runs")
            .ok();
        let count = "SELECT count(*) FROM runs";
        let _: i64 = reader.query_row(count, [], |row| row.get(0)).unwrap();
        let last = FINISHED + 1;
        store.append(&id(last), vec![], ending()).await.unwrap();
        let copy = tempfile::tempdir().unwrap();
        // Not read in this process: to close the file would drop SQLite's locks on it.
        let cp = Command::new("cp")
            .arg("-R")
            .arg(dir.join("."))
            .arg(copy.path())
            .status();
        assert!(cp.unwrap().success());
        copy
    })
}

#[test]
fn finished_runs_survive_any_damage_to_the_log() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    let log = |copy: &tempfile::TempDir| copy.path().join("bridge.db-wal");
    let check = |what: &str, damage: &dyn Fn(&Path)| {
        let source = tempfile::tempdir().unwrap();
        copy_dir(dir.path(), source.path());
        let copy = killed(source.path());
        assert!(fs::metadata(log(&copy)).unwrap().len() > 0, "{what}");
        damage(&log(&copy));
        let store = open(copy.path());
        check_whole(&store);
        let last = block_on(store.get_run(&id(FINISHED + 1))).unwrap();
        assert!(succeeded(&last), "{what}: {:?}", last.state);
    };
    check("intact", &|_| {});
    check("deleted", &|wal| fs::remove_file(wal).unwrap());
    check("cut", &|wal| edit(wal, |b| b.truncate(b.len() / 2)));
    check("empty", &|wal| fs::write(wal, "").unwrap());
    check("text", &|wal| fs::write(wal, "hello").unwrap());
    check("noise", &|wal| edit(wal, |b| overwrite(b, 0, usize::MAX)));
    check("frames", &|wal| edit(wal, |b| overwrite(b, 32, usize::MAX)));
}

#[test]
fn many_discover_the_damage_at_once_and_one_mends_it() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    edit(&dir.path().join("bridge.db"), |b| overwrite(b, 0, 3000));
    let stores: Vec<Store> = std::thread::scope(|scope| {
        let open = || scope.spawn(|| open(dir.path()));
        let threads: Vec<_> = std::iter::repeat_with(open).take(8).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    check_whole(&stores[0]);
    assert_eq!(damaged_folders(dir.path()), 1);
    for store in &stores {
        let runs = block_on(store.counts()).unwrap();
        assert_eq!(runs.ended, FINISHED);
    }
}

#[test]
fn a_rebuild_that_broke_off_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    let path = |name: &str| dir.path().join(name);
    // Before the old files were moved: what was half made is made again.
    fs::write(path("bridge.db.new"), "half").unwrap();
    fs::write(path("bridge.db.new-wal"), "half").unwrap();
    edit(&path("bridge.db"), |b| overwrite(b, 0, 100));
    drop(open(dir.path()));
    assert_eq!(damaged_folders(dir.path()), 1);
    // After the main file was moved, and before the log was, and before the new one had its name.
    fs::rename(path("bridge.db"), path("bridge.db.ready")).unwrap();
    fs::write(path("bridge.db-wal"), "stale").unwrap();
    let store = open(dir.path());
    check_whole(&store);
    assert!(block_on(store.recovery()).unwrap().is_some());
    assert_eq!(damaged_folders(dir.path()), 2);
}

#[test]
fn who_has_the_old_file_open_goes_over_to_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    let old = open(dir.path());
    let live = id(FINISHED + 1);
    block_on(old.claim_turn(&live, 4)).unwrap();
    // By another process: to close the file in this one would drop SQLite's locks on it.
    let db = dir.path().join("bridge.db");
    let dd = Command::new("dd")
        .args(["if=/dev/zero", "bs=3000", "count=1", "conv=notrunc"])
        .arg(format!("of={}", db.display()))
        .stderr(Stdio::null())
        .status();
    assert!(dd.unwrap().success());
    let new = open(dir.path());
    check_whole(&new);
    block_on(async {
        let added = old.append(&live, vec![message("on")], Progress::default());
        assert!(added.await.unwrap().events > 0);
        assert_eq!(
            new.get_run(&live).await.unwrap(),
            old.get_run(&live).await.unwrap()
        );
        old.close().await;
        // The old connections are closed; what they would clean up is not theirs any more.
        let added = new.append(&live, vec![], ending()).await;
        added.unwrap();
    });
    drop(new);
    assert!(succeeded(
        &block_on(open(dir.path()).get_run(&id(FINISHED + 1))).unwrap()
    ));
}

#[test]
fn a_run_whose_row_was_lost_under_its_supervisor_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    block_on(async {
        let live = Run {
            state: RunState::Queued,
            failure: None,
            ..full_run(1)
        };
        store.insert_run(live, ROOMY, "f".into()).await.unwrap();
        store.claim_turn(&id(1), 4).await.unwrap();
        let three = || vec![message("a"), message("b"), message("c")];
        let added = store.append(&id(1), three(), Progress::default()).await;
        added.unwrap();
        for name in ["bridge.db", "bridge.db-wal", "bridge.db-shm"] {
            fs::remove_file(dir.path().join(name)).unwrap();
        }
        store.append(&id(1), three(), ending()).await.unwrap();
        let run = store.get_run(&id(1)).await.unwrap();
        assert!(succeeded(&run));
        assert_eq!(run.prompt, scrubbed("Do it."));
        let page = store.events(&id(1), 3, 10, 10_000).await.unwrap();
        assert_eq!(page.events[0].seq, 4);
    });
}

#[test]
fn a_newer_database_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    let db = dir.path().join("bridge.db");
    let conn = Connection::open(&db).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let before = fs::read(&db).unwrap();
    let error = Store::open(dir.path(), options()).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found: 99, .. }),
        "{error}"
    );
    assert_eq!(error.code(), ErrorCode::StoreNewer);
    assert!(fs::read(&db).unwrap() == before, "the file changed");
    assert_eq!(damaged_folders(dir.path()), 0);
}

#[test]
fn a_database_that_becomes_newer_under_us_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let conn = Connection::open(dir.path().join("bridge.db")).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    let error = block_on(store.insert_run(run(1), ROOMY, "f".into())).unwrap_err();
    assert!(matches!(error, StoreError::Newer { .. }), "{error}");
}

#[test]
fn what_is_there_is_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("a/state");
    fill(&state);
    let _store = open(&state);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    for entry in fs::read_dir(&state).unwrap() {
        let path = entry.unwrap().path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}
