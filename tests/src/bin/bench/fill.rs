//! Fills a state folder with history, through the store itself.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bridge_core::adapters::store::{OpenOptions, Store};
use bridge_core::domain::bounds::QueueBounds;
use bridge_core::domain::id::{Persistence, RunId};
use bridge_core::domain::run::{
    Applied, Caller, Message, Recorded, Requested, Run, RunKind, Times, Timestamp, Usage,
    Workspace, WorkspaceMode,
};
use bridge_core::domain::scrub::Scrubber;
use bridge_core::domain::state::{Outcome, RunState};
use bridge_core::domain::task::Sandbox;
use codex_bridge_tests::scene::Scene;
use tokio::task::JoinSet;

/// How many writes are under way at once: the store puts them into one transaction.
const AT_ONCE: usize = 256;

/// Adds ended runs of everyday size and gives their names.
pub(crate) fn history(scene: &Scene, count: usize) -> Vec<RunId> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = OpenOptions {
            busy_timeout: OpenOptions::BUSY_TIMEOUT,
            clock: now,
        };
        let store = Store::open(&scene.state(), options).unwrap();
        let scrubber = Scrubber::builtin();
        let mut writes = JoinSet::new();
        let mut ids = Vec::new();
        for number in 0..count {
            let run = run(number, &scrubber);
            ids.push(run.id.clone());
            let store = store.clone();
            writes.spawn(async move {
                let written = store.insert_run(run, QueueBounds::DEFAULT, "bench".into());
                written.await.unwrap();
            });
            if writes.len() == AT_ONCE {
                while writes.join_next().await.is_some() {}
            }
        }
        writes.join_all().await;
        store.close().await;
        ids
    })
}

fn run(number: usize, scrubber: &Scrubber) -> Run {
    let number = number as u64;
    let at = Timestamp(now().0 - 1_000_000_000 + i64::try_from(number * 60_000).unwrap());
    let folder = scrubber.scrub(&format!("/work/project-{}", number % 7));
    Run {
        id: RunId::new(Persistence::Stored, at.0.unsigned_abs(), number),
        kind: RunKind::Task,
        state: RunState::Ended(Outcome::Succeeded),
        title: scrubber.scrub(&format!("Explain part {number} of the parser")),
        prompt: scrubber.scrub(&"Explain how the parser works. ".repeat(30)),
        caller: Caller {
            client: scrubber.scrub("bench"),
            version: None,
            session: None,
        },
        request_id: None,
        workspace: Workspace {
            mode: WorkspaceMode::InPlace,
            path: folder.clone(),
            folder,
            base_commit: None,
            fell_back: None,
            carried: false,
            fate: None,
        },
        requested: Requested {
            sandbox: Sandbox::ReadOnly,
            network: false,
            web_search: false,
            model: None,
            effort: None,
            timeout: Duration::from_secs(3600),
            persist: true,
            images: 0,
            output_schema: false,
        },
        applied: Applied::default(),
        continues: None,
        thread: None,
        codex: None,
        driver: None,
        question: None,
        times: Times {
            created: at,
            started: Some(at),
            ended: Some(Timestamp(at.0 + 30_000)),
        },
        activity: None,
        message: Some(Message {
            text: scrubber.scrub(&"It reads a token and calls the rule for it. ".repeat(80)),
            left_out: 0,
        }),
        usage: Some(Usage {
            input: 1200,
            cached_input: 1000,
            output: 34,
            reasoning: 12,
        }),
        changes: None,
        review: None,
        failure: None,
        exit: None,
        recorded: Recorded::default(),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}
