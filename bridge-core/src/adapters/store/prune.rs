//! Removes the oldest history.

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::events::{LAST_SEQ, row_id};
use crate::adapters::store::outcome::Outcomes;
use crate::adapters::store::run_rows::run_id;
use crate::adapters::store::words::{signed, unsigned};
use crate::domain::bounds::HistoryBounds;
use crate::domain::id::RunId;
use crate::domain::run::Timestamp;

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The runs.
    pub runs: Vec<RunId>,
    /// Bytes of their events and texts.
    pub bytes: u64,
}

/// Runs that go in one transaction: few, so that nobody waits long for his turn to write.
const AT_ONCE: usize = 4;

/// Pages that are given back in one transaction.
const PAGES: i64 = 512;

impl Store {
    /// Removes ended runs, oldest first, until the history is within its bounds. Live runs stay, and so do those
    /// in `keep`.
    pub async fn prune(
        &self,
        bounds: HistoryBounds,
        now: Timestamp,
        keep: &[RunId],
    ) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        let keep: Arc<HashSet<String>> = Arc::new(keep.iter().map(ToString::to_string).collect());
        loop {
            let kept = Arc::clone(&keep);
            let look = move |conn: &Connection| Ok(!oldest(conn, bounds, now, &kept)?.is_empty());
            if !self.read("look for old runs", look).await? {
                break;
            }
            let outcomes = self.outcomes();
            let kept = Arc::clone(&keep);
            let removed = self
                .write("remove old runs", move |tx| {
                    let runs = oldest(tx, bounds, now, &kept)?;
                    remove(tx, outcomes.as_ref(), &runs)
                })
                .await?;
            if removed.runs.is_empty() {
                break;
            }
            pruned.runs.extend(removed.runs);
            pruned.bytes += removed.bytes;
        }
        if !pruned.runs.is_empty() {
            self.give_back().await?;
        }
        Ok(pruned)
    }

    /// Makes the file smaller by the pages that are free.
    async fn give_back(&self) -> Result<(), StoreError> {
        loop {
            let free = |tx: &Connection| {
                let free: i64 = tx.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
                let mut vacuum = tx.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
                let mut rows = vacuum.query([])?;
                while rows.next()?.is_some() {}
                Ok(free)
            };
            if self.write("shrink the database", free).await? <= PAGES {
                return Ok(());
            }
        }
    }
}

struct Old {
    n: i64,
    id: String,
    bytes: i64,
}

/// The runs that have to go next.
fn oldest(
    conn: &Connection,
    bounds: HistoryBounds,
    now: Timestamp,
    keep: &HashSet<String>,
) -> Result<Vec<Old>, Fault> {
    let (mut runs, mut bytes): (i64, i64) = conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(bytes + text_bytes), 0) FROM runs WHERE is_final = 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let age = i64::try_from(bounds.age.as_millis()).unwrap_or(i64::MAX);
    let since = now.0.saturating_sub(age);
    let mut statement = conn.prepare_cached(
        "SELECT n, id, bytes + text_bytes, coalesce(ended, created) FROM runs
         WHERE is_final = 1 ORDER BY ended, n LIMIT ?1",
    )?;
    let mut rows = statement.query([signed((AT_ONCE + keep.len()) as u64)])?;
    let mut old = Vec::new();
    while let Some(row) = rows.next()? {
        let run = Old {
            n: row.get(0)?,
            id: row.get(1)?,
            bytes: row.get(2)?,
        };
        let ended: i64 = row.get(3)?;
        let fits = runs <= i64::from(bounds.runs) && bytes <= signed(bounds.bytes);
        if fits && ended >= since {
            break;
        }
        if keep.contains(&run.id) {
            continue;
        }
        runs -= 1;
        bytes -= run.bytes;
        old.push(run);
        if old.len() == AT_ONCE {
            break;
        }
    }
    Ok(old)
}

fn remove(tx: &Connection, outcomes: Option<&Outcomes>, runs: &[Old]) -> Result<Pruned, Fault> {
    let mut pruned = Pruned::default();
    for run in runs {
        // The file first: a file without a row would be taken for a run that the database lost.
        if let Some(outcomes) = outcomes {
            outcomes.forget(&run.id)?;
        }
        tx.prepare_cached("DELETE FROM events WHERE id BETWEEN ?1 AND ?2")?
            .execute(params![row_id(run.n, 0), row_id(run.n, LAST_SEQ)])?;
        tx.prepare_cached("DELETE FROM runs WHERE n = ?1")?
            .execute([run.n])?;
        pruned.bytes += unsigned(run.bytes);
        match run_id(&run.id) {
            Ok(id) => pruned.runs.push(id),
            Err(error) => tracing::warn!(%error, "removed an unreadable run"),
        }
    }
    Ok(pruned)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::adapters::store::testing::{NOW, ROOMY, block_on, ending, id, message, open, run};
    use crate::domain::run::Progress;

    const ALL: HistoryBounds = HistoryBounds {
        runs: 1000,
        bytes: 1 << 40,
        age: Duration::from_secs(1 << 30),
        worktree_age: Duration::from_secs(1 << 30),
    };

    /// Runs 1 to 5, ended in this order, 1 s apart; run 6 lives.
    async fn fill(store: &Store) {
        for n in 1..=6 {
            store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
            let events = vec![message(&"x".repeat(100_000))];
            let added = store.append(&id(n), events, Progress::default()).await;
            added.unwrap();
            if n < 6 {
                let ended = Some(Timestamp(NOW + 1000 * signed(n)));
                let end = Progress { ended, ..ending() };
                store.append(&id(n), vec![], end).await.unwrap();
            }
        }
    }

    fn check(bounds: HistoryBounds, expected: &[u64]) {
        check_keeping(&[], bounds, expected);
    }

    fn check_keeping(keep: &[u64], bounds: HistoryBounds, expected: &[u64]) {
        let keep: Vec<_> = keep.iter().map(|n| id(*n)).collect();
        let dir = tempfile::tempdir().unwrap();
        block_on(async {
            let store = open(dir.path());
            fill(&store).await;
            let before = store.counts().await.unwrap().bytes;
            let now = Timestamp(NOW + 6000);
            let pruned = store.prune(bounds, now, &keep).await.unwrap();
            let expected: Vec<_> = expected.iter().map(|n| id(*n)).collect();
            assert_eq!(pruned.runs, expected);
            for gone in &pruned.runs {
                let error = store.get_run(gone).await.unwrap_err();
                assert!(matches!(error, StoreError::UnknownRun(_)), "{error}");
            }
            let shrunk = before - store.counts().await.unwrap().bytes;
            assert!(shrunk >= 90_000 * pruned.runs.len() as u64, "{shrunk}");
            assert_eq!(store.adopt_outcomes().await.unwrap(), []);
            assert_eq!(store.live_runs().await.unwrap().len(), 1);
        });
    }

    #[test]
    fn the_oldest_ended_runs_go_and_live_ones_stay() {
        check(ALL, &[]);
        check(HistoryBounds { runs: 3, ..ALL }, &[1, 2]);
        check(HistoryBounds { runs: 0, ..ALL }, &[1, 2, 3, 4, 5]);
        let bytes = 210_000;
        check(HistoryBounds { bytes, ..ALL }, &[1, 2, 3]);
        let age = Duration::from_secs(4);
        check(HistoryBounds { age, ..ALL }, &[1]);
    }

    #[test]
    fn what_is_to_be_kept_stays_and_holds_up_nobody() {
        check_keeping(&[1, 2], HistoryBounds { runs: 3, ..ALL }, &[3, 4]);
        check_keeping(&[1, 2, 3, 4, 5], HistoryBounds { runs: 0, ..ALL }, &[]);
    }
}
