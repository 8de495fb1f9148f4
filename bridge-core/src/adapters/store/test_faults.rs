//! What happens when the database can't be written or opened, and when jobs meet in one transaction.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::adapters::store::testing::{
    NOW, ROOMY, block_on, ending, failure, id, message, open, options, run,
};
use crate::adapters::store::{OpenOptions, Store, StoreError};
use crate::domain::error::ErrorCode;
use crate::domain::run::{Progress, Timestamp};
use crate::domain::state::{Outcome, RunState};

fn impatient(dir: &Path) -> Store {
    let options = OpenOptions {
        busy_timeout: Duration::from_millis(50),
        ..options()
    };
    Store::open(dir, options).unwrap()
}

async fn start(store: &Store, n: u64) {
    store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
    store.claim_turn(&id(n), 100).await.unwrap();
}

async fn state(store: &Store, n: u64) -> RunState {
    store.get_run(&id(n)).await.unwrap().state
}

const SUCCEEDED: RunState = RunState::Ended(Outcome::Succeeded);

#[test]
fn while_another_process_writes_too_long_reading_goes_on_and_no_end_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = impatient(dir.path());
    block_on(async {
        for n in [1, 2] {
            start(&store, n).await;
        }
        let other = Connection::open(dir.path().join("bridge.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = store.append(&id(1), vec![], ending()).await.unwrap_err();
        assert!(matches!(error, StoreError::Locked { .. }), "{error}");
        assert_eq!(error.code(), ErrorCode::StoreLocked);
        assert_eq!(state(&store, 1).await, RunState::Starting);
        // Another one who opens it meanwhile is not held up for long, and sees what there is.
        assert_eq!(state(&impatient(dir.path()), 1).await, RunState::Starting);
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(store.adopt_outcomes().await.unwrap(), [id(1)]);
        assert_eq!(state(&store, 1).await, SUCCEEDED);
        assert_eq!(store.adopt_outcomes().await.unwrap(), []);
        let page = store.events(&id(1), 0, 10, 10_000).await.unwrap();
        assert_eq!((page.events.len(), page.is_final), (1, true));
        store.append(&id(2), vec![], ending()).await.unwrap();
    });
}

#[test]
fn a_full_disk_stops_writing_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let limit = |pages: i64| {
        store.write("limit the size", move |conn| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            Ok(conn.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
        })
    };
    block_on(async {
        start(&store, 1).await;
        limit(1).await.unwrap();
        let large = || vec![message(&"x".repeat(1 << 20))];
        let error = store.append(&id(1), large(), Progress::default()).await;
        let error = error.unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
        assert_eq!(error.code(), ErrorCode::StoreFull);
        assert_eq!(store.events(&id(1), 0, 10, 1).await.unwrap().events, []);
        // Its end does not get in either, but into its file.
        let error = store.append(&id(1), large(), ending()).await.unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
        assert_eq!(state(&store, 1).await, RunState::Starting);
        limit(1 << 30).await.unwrap();
        assert_eq!(store.adopt_outcomes().await.unwrap(), [id(1)]);
        assert_eq!(state(&store, 1).await, SUCCEEDED);
        start(&store, 2).await;
        let added = store.append(&id(2), large(), Progress::default()).await;
        assert_eq!(added.unwrap().events, 1);
    });
}

/// In a thread of its own that, for `root`, belongs to nobody: to root nothing is forbidden.
#[cfg(target_os = "linux")]
fn as_nobody(check: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if rustix::process::getuid().is_root() {
                rustix::thread::set_thread_uid(rustix::fs::Uid::from_raw(65_534)).unwrap();
            }
            check();
        });
        thread.join().unwrap();
    });
}

#[cfg(not(target_os = "linux"))]
fn as_nobody(check: impl FnOnce() + Send) {
    check();
}

#[test]
fn what_can_only_be_read_is_read() {
    as_nobody(|| {
        let dir = tempfile::tempdir().unwrap();
        let state_dir = dir.path().join("state");
        let db = state_dir.join("bridge.db");
        let store = open(&state_dir);
        block_on(start(&store, 1));
        drop(store);
        let check = |what: &str| {
            let store = open(&state_dir);
            assert_eq!(block_on(state(&store, 1)), RunState::Starting, "{what}");
            let error = block_on(store.insert_run(run(2), ROOMY, "f".into()));
            let error = error.unwrap_err();
            assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
            assert_eq!(error.code(), ErrorCode::StoreUnavailable);
        };
        fs::set_permissions(&db, Permissions::from_mode(0o400)).unwrap();
        check("file");
        fs::set_permissions(&state_dir, Permissions::from_mode(0o500)).unwrap();
        check("folder and file");
        fs::set_permissions(&db, Permissions::from_mode(0o600)).unwrap();
        check("folder");
        fs::set_permissions(&state_dir, Permissions::from_mode(0o700)).unwrap();
    });
}

#[test]
fn a_place_that_can_be_no_database_says_so_at_once() {
    as_nobody(|| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Store::open(&file, options()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::StoreUnavailable, "{error}");
        let error = Store::open(&file.join("state"), options()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::StoreUnavailable, "{error}");
        fs::create_dir_all(dir.path().join("state/bridge.db")).unwrap();
        let error = Store::open(&dir.path().join("state"), options()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::StoreUnavailable, "{error}");
        let closed = dir.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, Permissions::from_mode(0o500)).unwrap();
        let error = Store::open(&closed, options()).unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    });
}

#[test]
fn a_database_of_an_older_format_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let conn = Connection::open(dir.path().join("bridge.db")).unwrap();
    conn.pragma_update(None, "journal_mode", "wal").unwrap();
    conn.pragma_update(None, "application_id", 0x4378_4272)
        .unwrap();
    drop(conn);
    let store = open(dir.path());
    block_on(start(&store, 1));
    assert_eq!(block_on(store.recovery()).unwrap(), None);
}

#[test]
fn one_job_that_fails_takes_no_other_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = impatient(dir.path());
    block_on(async {
        for n in [1, 2] {
            start(&store, n).await;
        }
        store.append(&id(2), vec![], ending()).await.unwrap();
        let broken = store.write("break", |tx| {
            tx.execute_batch(
                "INSERT INTO notes VALUES ('half', '1'); INSERT INTO nowhere VALUES (1)",
            )?;
            Ok(())
        });
        let (one, two) = (id(1), id(2));
        let good = || store.append(&one, vec![message("x")], Progress::default());
        let late = store.append(&two, vec![message("x")], Progress::default());
        let (a, b, c, d) = tokio::join!(good(), broken, late, good());
        assert!(matches!(b, Err(StoreError::Unavailable { .. })), "{b:?}");
        assert!(matches!(c, Err(StoreError::RunEnded(_))), "{c:?}");
        assert_eq!((a.unwrap().events, d.unwrap().events), (1, 2));
        let half = store.read("look", |conn| {
            Ok(conn.query_row("SELECT count(*) FROM notes", [], |row| row.get::<_, i64>(0))?)
        });
        assert_eq!(half.await.unwrap(), 0);
    });
}

#[test]
fn what_was_sent_is_written_when_the_store_goes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    block_on(async {
        start(&store, 1).await;
        let one = id(1);
        let add = store.append(&one, vec![message("x")], Progress::default());
        // Sent, and nobody waits for the answer.
        let mut add = Box::pin(add);
        let soon = std::future::ready(());
        tokio::select! { biased; _ = &mut add => {}, () = soon => {} }
    });
    drop(store);
    let run = block_on(open(dir.path()).get_run(&id(1))).unwrap();
    assert_eq!(run.recorded.events, 1);
}

#[test]
fn a_run_that_left_its_outcome_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = impatient(dir.path());
    block_on(async {
        start(&store, 1).await;
        let other = Connection::open(dir.path().join("bridge.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let end = store.append(&id(1), vec![], ending()).await;
        assert!(matches!(end, Err(StoreError::Locked { .. })), "{end:?}");
        other.execute_batch("ROLLBACK").unwrap();
        let lost = store.mark_lost(&id(1), Timestamp(NOW), failure()).await;
        assert!(!lost.unwrap());
        assert_eq!(state(&store, 1).await, SUCCEEDED);
    });
}
