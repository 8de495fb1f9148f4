//! All runs at a glance, and the pause that keeps new ones in the queue.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::list;
use crate::adapters::store::words::signed;
use crate::domain::id::RunId;
use crate::domain::run::RunSummary;
use crate::domain::state::RunState;

/// Under which key it is noted that new runs wait.
const PAUSED: &str = "paused";
/// More live runs than this are not shown one by one; there are never so many.
const MOST: usize = 200;

/// How all runs stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Whether new runs stay in the queue.
    pub paused: bool,
    /// Runs under way, newest first, without those that wait for their turn.
    pub live: Vec<RunSummary>,
    /// How many runs wait for their turn.
    pub queued: u32,
    /// The runs that ended last, newest first.
    pub recent: Vec<RunSummary>,
}

impl Store {
    /// How all runs stand, with the `recent` runs that ended last.
    pub async fn glance(&self, recent: usize) -> Result<Glance, StoreError> {
        self.read("look at the runs", move |conn| {
            let mut live = list::chosen(conn, "is_final = 0 ORDER BY n DESC", MOST)?;
            live.retain(|run| run.state != RunState::Queued);
            let queued = conn
                .prepare_cached(
                    "SELECT count(*) FROM runs WHERE is_final = 0 AND state = 'queued'",
                )?
                .query_row([], |row| row.get(0))?;
            Ok(Glance {
                paused: is_paused(conn)?,
                live,
                queued,
                recent: list::chosen(conn, "is_final = 1 ORDER BY ended DESC, n DESC", recent)?,
            })
        })
        .await
    }

    /// The runs that were made after the one of number `last`, and those of `open` as they are now, oldest first; without
    /// a `last` those under way and the newest. Numbers grow with each run.
    pub async fn moved(
        &self,
        last: Option<u64>,
        open: &[RunId],
    ) -> Result<Vec<(u64, RunSummary)>, StoreError> {
        let open: Vec<String> = open.iter().map(ToString::to_string).collect();
        self.read("look what moved", move |conn| match last {
            None => list::numbered(
                conn,
                "is_final = 0 OR n = (SELECT max(n) FROM runs) ORDER BY n",
                [],
            ),
            Some(last) => list::numbered(
                conn,
                "n > ?1 OR id IN (SELECT value FROM json_each(?2)) ORDER BY n",
                params![signed(last), serde_json::json!(open).to_string()],
            ),
        })
        .await
    }

    /// Whether new runs stay in the queue.
    pub async fn is_paused(&self) -> Result<bool, StoreError> {
        self.read("look whether runs wait", is_paused).await
    }

    /// Keeps new runs in the queue, or lets them go on; says whether that changed anything. Outlives all processes.
    pub async fn set_paused(&self, paused: bool) -> Result<bool, StoreError> {
        self.write("pause new runs", move |tx| {
            if is_paused(tx)? == paused {
                return Ok(false);
            }
            let sql = match paused {
                true => "INSERT INTO notes (key, value) VALUES (?1, 'true')",
                false => "DELETE FROM notes WHERE key = ?1",
            };
            tx.prepare_cached(sql)?.execute([PAUSED])?;
            Ok(true)
        })
        .await
    }
}

/// Whether new runs stay in the queue.
pub(super) fn is_paused(conn: &Connection) -> Result<bool, Fault> {
    let found: Option<i64> = conn
        .prepare_cached("SELECT 1 FROM notes WHERE key = ?1")?
        .query_row([PAUSED], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::Turn;
    use crate::adapters::store::testing::{ROOMY, block_on, ending, id, open, run};

    fn ids(runs: &[RunSummary]) -> Vec<String> {
        runs.iter().map(|run| run.id.to_string()).collect()
    }

    #[test]
    fn a_glance_tells_what_runs_what_waits_and_what_ended_last() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            for n in 1..=5 {
                store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
            }
            for n in [1, 2, 3] {
                store.claim_turn(&id(n), 9).await.unwrap();
            }
            store.append(&id(2), vec![], ending()).await.unwrap();
            let glance = store.glance(5).await.unwrap();
            assert_eq!(ids(&glance.live), [id(3).to_string(), id(1).to_string()]);
            assert_eq!(glance.queued, 2);
            assert_eq!(ids(&glance.recent), [id(2).to_string()]);
            assert!(!glance.paused);
        });
    }

    #[test]
    fn what_moved_is_what_is_new_and_what_was_under_way() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            for n in 1..=3 {
                store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
            }
            store.append(&id(1), vec![], ending()).await.unwrap();
            store.append(&id(3), vec![], ending()).await.unwrap();
            let seen = async |last, open: &[RunId]| -> Vec<u64> {
                let moved = store.moved(last, open).await.unwrap();
                moved.iter().map(|(n, _)| *n).collect()
            };
            assert_eq!(seen(None, &[]).await, [2, 3]);
            assert_eq!(seen(Some(3), &[]).await, [0; 0]);
            assert_eq!(seen(Some(3), &[id(2)]).await, [2]);
            assert_eq!(seen(Some(1), &[id(1)]).await, [1, 2, 3]);
        });
    }

    #[test]
    fn a_pause_keeps_new_runs_in_the_queue_and_outlives_the_store() {
        let dir = tempfile::tempdir().unwrap();
        block_on(async {
            let store = open(dir.path());
            store.insert_run(run(1), ROOMY, "f".into()).await.unwrap();
            let before = store.list_pulse(1, 1).await.unwrap();
            assert!(store.set_paused(true).await.unwrap());
            assert!(!store.set_paused(true).await.unwrap());
            assert_ne!(store.list_pulse(1, 1).await.unwrap().live, before.live);
            let turn = store.claim_turn(&id(1), 9).await.unwrap();
            assert_eq!(turn, Turn::Wait { ahead: 0 });
            drop(store);
            let store = open(dir.path());
            assert!(store.is_paused().await.unwrap());
            assert!(store.set_paused(false).await.unwrap());
            assert_eq!(store.list_pulse(1, 1).await.unwrap().live, before.live);
            let turn = store.claim_turn(&id(1), 9).await.unwrap();
            assert_eq!(turn, Turn::Granted);
        });
    }
}
