//! Several processes at once on one database. A test starts its own program again as the other processes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::adapters::store::testing::{ROOMY, block_on, ending, id, message, open, run};
use crate::adapters::store::{RunFilter, Turn};
use crate::domain::run::Progress;
use crate::domain::state::{Outcome, RunState};

const DIR: &str = "STORE_TEST_DIR";
const NUMBER: &str = "STORE_TEST_NUMBER";

fn child(role: &str, dir: &Path, n: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg(format!("adapters::store::test_processes::{role}"))
        .env(DIR, dir)
        .env(NUMBER, n.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child was given; nothing in the test run itself, in which its role is an empty test.
fn given() -> Option<(std::path::PathBuf, u64)> {
    let dir = std::env::var_os(DIR)?.into();
    let n = std::env::var(NUMBER).ok()?.parse().ok()?;
    Some((dir, n))
}

#[test]
fn role_appends_ten_thousand() {
    let Some((dir, n)) = given() else { return };
    block_on(async {
        let store = open(&dir);
        store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
        assert_eq!(store.claim_turn(&id(n), 100).await.unwrap(), Turn::Granted);
        for batch in 0..1000 {
            let events = (0..10).map(|i| message(&format!("{}", batch * 10 + i)));
            let recorded = store
                .append(&id(n), events.collect(), Progress::default())
                .await
                .unwrap();
            assert_eq!(recorded.events, (batch + 1) * 10);
        }
        store.append(&id(n), vec![], ending()).await.unwrap();
    });
}

#[test]
fn four_processes_lose_and_double_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (1..=4)
        .map(|n| child("role_appends_ten_thousand", dir.path(), n))
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}");
    }
    block_on(async {
        let store = open(dir.path());
        for n in 1..=4 {
            let page = store.events(&id(n), 0, 20_000, 1 << 30).await.unwrap();
            let seqs: Vec<u64> = page.events.iter().map(|event| event.seq).collect();
            assert_eq!(seqs, (1..=10_000).collect::<Vec<_>>());
            let run = store.get_run(&id(n)).await.unwrap();
            assert_eq!(run.state, RunState::Ended(Outcome::Succeeded));
        }
        assert_eq!(store.check().await.unwrap().faults, Vec::<String>::new());
    });
}

#[test]
fn role_appends_and_tells() {
    let Some((dir, n)) = given() else { return };
    block_on(async {
        let store = open(&dir);
        store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
        for _ in 0..1_000_000 {
            let three = vec![message("a"), message("b"), message("c")];
            let added = store.append(&id(n), three, Progress::default()).await;
            println!("\ntold {}", added.unwrap().events);
        }
    });
}

#[test]
fn what_was_answered_survives_the_end_of_its_process() {
    let dir = tempfile::tempdir().unwrap();
    for n in 1..=10 {
        let mut child = child("role_appends_and_tells", dir.path(), n);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines.map_while(Result::ok).filter_map(|line| {
            let number = line.strip_prefix("told ")?;
            number.parse::<u64>().ok()
        });
        let mut last = 0;
        let mut kill_after = Some(n * 30);
        for count in told {
            last = count;
            if kill_after.is_some_and(|after| count >= after) {
                kill_after = None;
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        block_on(async {
            let store = open(dir.path());
            let run = store.get_run(&id(n)).await.unwrap();
            assert!(run.recorded.events >= last, "{last} {:?}", run.recorded);
            let page = store.events(&id(n), 0, 100_000, 1 << 30).await.unwrap();
            assert_eq!(page.next_cursor, run.recorded.events);
            assert_eq!(page.events.len() as u64, run.recorded.events);
            assert_eq!(store.check().await.unwrap().faults, Vec::<String>::new());
            assert_eq!(store.recovery().await.unwrap(), None);
        });
    }
}

#[test]
fn role_goes_on_whatever_happens() {
    let Some((dir, n)) = given() else { return };
    block_on(async {
        let store = open(&dir);
        store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
        store.claim_turn(&id(n), 100).await.unwrap();
        for _ in 0..1000 {
            let three = vec![message(&"a".repeat(500)), message("b"), message("c")];
            let added = store.append(&id(n), three, Progress::default()).await;
            println!("\ntold {}", added.unwrap().events);
        }
        store.append(&id(n), vec![], ending()).await.unwrap();
    });
}

#[test]
fn supervisors_go_on_while_the_database_is_damaged_and_mended() {
    let dir = tempfile::tempdir().unwrap();
    let mut children: Vec<Child> = (1..=3)
        .map(|n| child("role_goes_on_whatever_happens", dir.path(), n))
        .collect();
    let mut lines = BufReader::new(children[0].stdout.take().unwrap()).lines();
    let half_way = |line: &String| line == "told 900";
    assert!((lines.by_ref().map_while(Result::ok)).any(|line| half_way(&line)));
    let dd = Command::new("dd")
        .args(["if=/dev/zero", "bs=4096", "count=40", "conv=notrunc"])
        .arg(format!("of={}", dir.path().join("bridge.db").display()))
        .stderr(Stdio::null())
        .status();
    assert!(dd.unwrap().success());
    drop(open(dir.path()));
    let rest = lines.map_while(Result::ok).count();
    assert!(rest > 0);
    for child in children {
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}");
    }
    block_on(async {
        let store = open(dir.path());
        for n in 1..=3 {
            let run = store.get_run(&id(n)).await.unwrap();
            assert_eq!(run.state, RunState::Ended(Outcome::Succeeded));
            let page = store.events(&id(n), 0, 20_000, 1 << 30).await.unwrap();
            // Events may go with a page; none comes twice, and no number is given twice.
            let all = run.recorded.events + run.recorded.left_out;
            assert!(
                page.next_cursor <= 3000 && all <= 3000,
                "{:?}",
                run.recorded
            );
            assert_eq!(page.events.len() as u64, run.recorded.events);
        }
        assert_eq!(store.check().await.unwrap().faults, Vec::<String>::new());
    });
}

#[test]
fn role_opens_for_the_first_time() {
    let Some((dir, n)) = given() else { return };
    let store = open(&dir);
    block_on(store.insert_run(run(n), ROOMY, "f".into())).unwrap();
}

#[test]
fn many_make_the_database_at_once_and_share_one() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (1..=8)
        .map(|n| child("role_opens_for_the_first_time", dir.path(), n))
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let filter = RunFilter {
        limit: 100,
        ..RunFilter::default()
    };
    let runs = block_on(open(dir.path()).list_runs(filter)).unwrap().runs;
    assert_eq!(runs.len(), 8);
}

#[test]
fn a_change_by_another_process_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    block_on(async {
        let mut watch = store.watch();
        let quiet = Duration::from_millis(100);
        while tokio::time::timeout(quiet, watch.changed()).await.is_ok() {}
        let mut child = child("role_opens_for_the_first_time", dir.path(), 1);
        tokio::time::timeout(Duration::from_secs(20), watch.changed())
            .await
            .unwrap();
        assert!(store.get_run(&id(1)).await.is_ok());
        child.wait().unwrap();
    });
}
