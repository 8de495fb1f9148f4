//! How fast the store is. Run in release, alone: `cargo test --release -p bridge-core test_speed -- --ignored --nocapture`.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::adapters::store::testing::{ROOMY, block_on, ending, id, message, open, run};
use crate::adapters::store::{RunFilter, Store};
use crate::domain::run::Progress;

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{what}: p50 {:?}, p99 {:?}", at(50), at(99));
}

async fn fill(dir: &Path, runs: u64) {
    let store = open(dir);
    for n in 1..=runs {
        store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
        let events = vec![message(&"x".repeat(200)); 5];
        let progress = Progress::default();
        store.append(&id(n), events, progress).await.unwrap();
        store.append(&id(n), vec![], ending()).await.unwrap();
    }
}

async fn measure(what: &str, mut work: impl AsyncFnMut(u64)) {
    let mut times = Vec::new();
    for n in 0..1000 {
        let start = Instant::now();
        work(n).await;
        times.push(start.elapsed());
    }
    report(what, times);
}

#[test]
#[ignore = "measures"]
fn appending_events() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(dir.path());
        store.insert_run(run(1), ROOMY, "f".into()).await.unwrap();
        let batch = vec![message(&"x".repeat(100)); 1000];
        let start = Instant::now();
        for _ in 0..200 {
            let events = batch.clone();
            let added = store.append(&id(1), events, Progress::default()).await;
            added.unwrap();
        }
        let per_second = 200_000.0 / start.elapsed().as_secs_f64();
        println!("events in batches of 1,000: {per_second:.0}/s");
        measure("one event", async |_| {
            let one = vec![message("x")];
            let added = store.append(&id(1), one, Progress::default()).await;
            added.unwrap();
        })
        .await;
    });
}

#[test]
#[ignore = "measures"]
fn reading_with_ten_thousand_runs() {
    const RUNS: u64 = 10_000;
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let start = Instant::now();
        fill(dir.path(), RUNS).await;
        println!("a whole run: {:?}", start.elapsed() / RUNS as u32);
        let mut opened = Vec::new();
        for _ in 0..20 {
            let start = Instant::now();
            let store = open(dir.path());
            opened.push(start.elapsed());
            drop(store);
        }
        report("open", opened);
        let store = open(dir.path());
        lists(&store, RUNS).await;
    });
}

async fn lists(store: &Store, runs: u64) {
    measure("get_run", async |n| {
        store.get_run(&id(1 + n * 7919 % runs)).await.unwrap();
    })
    .await;
    let list = async |filter: RunFilter| {
        let filter = RunFilter {
            limit: 20,
            ..filter
        };
        store.list_runs(filter).await.unwrap();
    };
    let all = RunFilter::default;
    measure("list_runs", async |_| list(all()).await).await;
    let states = || vec!["running", "queued"];
    measure("list_runs, of live states", async |_| {
        let states = states();
        list(RunFilter { states, ..all() }).await;
    })
    .await;
    measure("list_runs, by folder", async |_| {
        let folder = Some("/w/repo".into());
        list(RunFilter { folder, ..all() }).await;
    })
    .await;
    measure("list_runs, by client and end", async |_| {
        let client = Some("claude-code".into());
        let states = vec!["succeeded"];
        let filter = RunFilter {
            client,
            states,
            ..all()
        };
        list(filter).await;
    })
    .await;
    measure("list_runs, by a text that none has", async |_| {
        let text = Some("nowhere".into());
        list(RunFilter { text, ..all() }).await;
    })
    .await;
    measure("live_runs", async |_| {
        store.live_runs().await.unwrap();
    })
    .await;
    measure("counts", async |_| {
        store.counts().await.unwrap();
    })
    .await;
}

#[test]
#[ignore = "measures"]
fn from_one_process_to_another() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let (here, there) = (open(dir.path()), open(dir.path()));
        here.insert_run(run(1), ROOMY, "f".into()).await.unwrap();
        for (what, writes) in [("same process", &here), ("across processes", &there)] {
            let mut times = Vec::new();
            for _ in 0..200 {
                let mut watch = here.watch();
                let mut cursor = here.get_run(&id(1)).await.unwrap().recorded.events;
                let wanted = cursor + 1;
                let one = vec![message("x")];
                let waits = async {
                    while cursor < wanted {
                        watch.changed().await;
                        let page = here.events(&id(1), cursor, 10, 10_000).await.unwrap();
                        cursor = page.next_cursor;
                    }
                };
                let start = Instant::now();
                let add = async {
                    tokio::time::sleep(Duration::from_millis(3)).await;
                    writes
                        .append(&id(1), one, Progress::default())
                        .await
                        .unwrap();
                };
                tokio::join!(waits, add);
                times.push(start.elapsed().saturating_sub(Duration::from_millis(3)));
            }
            report(what, times);
        }
    });
}
