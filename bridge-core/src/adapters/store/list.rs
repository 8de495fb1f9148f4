//! Lists of runs: filtered, newest first, page by page, without the long texts.

use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, params_from_iter};

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::record::{self, AskedDoc, FoundDoc};
use crate::adapters::store::run_rows::{from_json, run_id};
use crate::adapters::store::words::{kind_of, signed, state_of, unsigned};
use crate::domain::id::RunId;
use crate::domain::run::{Recorded, RunKind, RunSummary, Times, Timestamp};
use crate::domain::scrub::Scrubbed;

/// Which runs to list. What is empty or `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// In one of these states, by their names on the wire.
    pub states: Vec<&'static str>,
    /// Asked for in this folder or one below it.
    pub folder: Option<String>,
    /// Asked for by the client of this name.
    pub client: Option<String>,
    /// With this text in the title or the prompt, whatever its case (in ASCII).
    pub text: Option<String>,
    /// For this.
    pub kind: Option<RunKind>,
    /// The `next` of the page before.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// Runs, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The runs.
    pub runs: Vec<RunSummary>,
    /// The cursor of the next page, if there is one.
    pub next: Option<u64>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Runs that are under way.
    pub running: u64,
    /// Runs that wait for their turn.
    pub queued: u64,
    /// Runs that have ended.
    pub ended: u64,
    /// Bytes of the database.
    pub bytes: u64,
}

impl Store {
    /// Runs that pass a filter, newest first.
    pub async fn list_runs(&self, filter: RunFilter) -> Result<Page, StoreError> {
        self.read("list runs", move |conn| list(conn, &filter))
            .await
    }

    /// Up to ten runs whose ids begin or end so, newest first. Ids sort by time, so that those of one day begin alike
    /// and differ at their ends.
    pub async fn find_runs(&self, part: &str) -> Result<Vec<RunId>, StoreError> {
        let part = part.to_owned();
        self.read("find a run", move |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id FROM runs
                 WHERE (id >= ?1 AND id < ?1 || '~') OR substr(id, -length(?1)) = ?1
                 ORDER BY id DESC LIMIT 10",
            )?;
            let mut rows = statement.query([&part])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(run_id(&row.get::<_, String>(0)?)?);
            }
            Ok(found)
        })
        .await
    }

    /// How much there is.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.read("count the runs", |conn| {
            let (running, queued): (i64, i64) = conn
                .prepare_cached(
                    "SELECT count(*) FILTER (WHERE state <> 'queued'), count(*) FILTER (WHERE state = 'queued')
                     FROM runs WHERE is_final = 0",
                )?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let number = |sql: &str| -> rusqlite::Result<i64> {
                conn.prepare_cached(sql)?.query_row([], |row| row.get(0))
            };
            let ended = number("SELECT count(*) FROM runs WHERE is_final = 1")?;
            let bytes = number("PRAGMA page_count")? * number("PRAGMA page_size")?;
            Ok(Counts {
                running: unsigned(running),
                queued: unsigned(queued),
                ended: unsigned(ended),
                bytes: unsigned(bytes),
            })
        })
        .await
    }
}

fn list(conn: &Connection, filter: &RunFilter) -> Result<Page, Fault> {
    let (sql, values) = query(filter);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut page = Page {
        runs: Vec::new(),
        next: None,
    };
    let mut seen = 0;
    let mut last = 0;
    while let Some(row) = rows.next()? {
        if seen == filter.limit {
            page.next = Some(unsigned(last));
            break;
        }
        seen += 1;
        last = row.get(0)?;
        page.runs.extend(readable(row)?);
    }
    Ok(page)
}

/// A row's run. One unreadable record must not hide the others.
fn readable(row: &Row<'_>) -> Result<Option<RunSummary>, Fault> {
    match summary(row) {
        Ok(run) => Ok(Some(run)),
        Err(Fault::Refused(error)) => {
            tracing::error!(%error, "left out a run");
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

/// What a summary is made from.
const SUMMARY: &str =
    "SELECT n, id, kind, state, detail, title, client, folder, created, started, ended, activity,
        asked, found, events, bytes, left_out
    FROM runs WHERE ";

/// At most `limit` runs for which a condition of ours holds, in its order.
pub(super) fn chosen(
    conn: &Connection,
    condition: &'static str,
    limit: usize,
) -> Result<Vec<RunSummary>, Fault> {
    let condition = format!("{condition} LIMIT ?1");
    let found = numbered(conn, &condition, [signed(limit as u64)])?;
    Ok(found.into_iter().map(|(_, run)| run).collect())
}

/// The runs for which a condition of ours holds, in its order, with their numbers.
pub(super) fn numbered(
    conn: &Connection,
    condition: &str,
    values: impl Params,
) -> Result<Vec<(u64, RunSummary)>, Fault> {
    let mut statement = conn.prepare_cached(&format!("{SUMMARY}{condition}"))?;
    let mut rows = statement.query(values)?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        let n = unsigned(row.get(0)?);
        runs.extend(readable(row)?.map(|run| (n, run)));
    }
    Ok(runs)
}

fn query(filter: &RunFilter) -> (String, Vec<Value>) {
    let mut sql = format!("{SUMMARY}true");
    let mut values: Vec<Value> = Vec::new();
    if let Some(before) = filter.before {
        sql.push_str(" AND n < ?");
        values.push(signed(before).into());
    }
    if !filter.states.is_empty() {
        let marks = vec!["?"; filter.states.len()].join(", ");
        sql.push_str(&format!(" AND state IN ({marks})"));
        let states = filter.states.iter().map(|state| (*state).to_owned());
        values.extend(states.map(Value::from));
    }
    if let Some(folder) = &filter.folder {
        // '0' is what comes after '/'. To go by the number and stop at the limit beats an index, which would have
        // to sort.
        sql.push_str(" AND (folder = ? OR (folder >= ? AND folder < ?))");
        let folder = folder.trim_end_matches('/');
        values.push(folder.to_owned().into());
        values.push(format!("{folder}/").into());
        values.push(format!("{folder}0").into());
    }
    if let Some(client) = &filter.client {
        sql.push_str(" AND client = ?");
        values.push(client.clone().into());
    }
    if let Some(kind) = filter.kind {
        sql.push_str(" AND kind = ?");
        values.push(kind.as_str().to_owned().into());
    }
    if let Some(text) = &filter.text {
        sql.push_str(
            " AND (title LIKE ? ESCAPE '\\' OR EXISTS
                (SELECT 1 FROM prompts WHERE run = n AND text LIKE ? ESCAPE '\\'))",
        );
        let pattern = like(text);
        values.push(pattern.clone().into());
        values.push(pattern.into());
    }
    sql.push_str(" ORDER BY n DESC LIMIT ?");
    values.push(signed(filter.limit as u64).saturating_add(1).into());
    (sql, values)
}

/// A pattern that finds a text anywhere, taken by the letter.
pub(super) fn like(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn summary(row: &Row<'_>) -> Result<RunSummary, Fault> {
    let id: String = row.get(1)?;
    let bad = |what: &str| StoreError::Unreadable {
        of: id.clone(),
        what: what.to_owned(),
    };
    let (kind, state, detail): (String, String, Option<String>) =
        (row.get(2)?, row.get(3)?, row.get(4)?);
    let (asked, found): (String, String) = (row.get(12)?, row.get(13)?);
    let asked: AskedDoc = from_json(&id, "asked", &asked)?;
    let found: FoundDoc = from_json(&id, "found", &found)?;
    Ok(RunSummary {
        id: run_id(&id)?,
        kind: kind_of(&kind).ok_or_else(|| bad("kind"))?,
        state: state_of(&state, detail.as_deref()).ok_or_else(|| bad("state"))?,
        title: Scrubbed::from_store(row.get(5)?),
        caller: asked.caller(row.get(6)?),
        workspace: (record::workspace(&asked, &found, row.get(7)?))
            .ok_or_else(|| bad("workspace"))?,
        continues: asked.continued().map_err(|()| bad("continued run"))?,
        times: Times {
            created: Timestamp(row.get(8)?),
            started: row.get::<_, Option<i64>>(9)?.map(Timestamp),
            ended: row.get::<_, Option<i64>>(10)?.map(Timestamp),
        },
        activity: row.get::<_, Option<String>>(11)?.map(Scrubbed::from_store),
        usage: found.usage(),
        failure: found.failure().map_err(|()| bad("failure"))?,
        recorded: Recorded {
            events: unsigned(row.get(14)?),
            bytes: unsigned(row.get(15)?),
            left_out: unsigned(row.get(16)?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{ROOMY, block_on, ending, full_run, id, run, scrubbed};

    fn with_runs(check: impl AsyncFnOnce(Store)) {
        block_on(async {
            let store = Store::in_memory().unwrap();
            let mut review = run(3);
            review.kind = RunKind::Review;
            review.title = scrubbed("100% of it_all");
            review.workspace.folder = scrubbed("/w/repo2/sub");
            let mut asks = run(4);
            asks.prompt = scrubbed("Mend the Parser, please.");
            asks.caller.client = scrubbed("opencode");
            for run in [run(1), full_run(2), review, asks] {
                store.insert_run(run, ROOMY, "f".into()).await.unwrap();
            }
            store.append(&id(1), vec![], ending()).await.unwrap();
            check(store).await;
        });
    }

    async fn check(store: &Store, filter: RunFilter, expected: &[u64]) {
        let filter = RunFilter {
            limit: 10,
            ..filter
        };
        let page = store.list_runs(filter.clone()).await.unwrap();
        let ids: Vec<_> = page.runs.into_iter().map(|run| run.id).collect();
        let expected: Vec<_> = expected.iter().map(|n| id(*n)).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }

    #[test]
    fn a_filter_lets_through_what_fits() {
        let all = RunFilter::default;
        let text = |text: &str| RunFilter {
            text: Some(text.into()),
            ..RunFilter::default()
        };
        let folder = |folder: &str| RunFilter {
            folder: Some(folder.into()),
            ..RunFilter::default()
        };
        with_runs(async |store| {
            check(&store, all(), &[4, 3, 2, 1]).await;
            let states = vec!["failed", "succeeded"];
            check(&store, RunFilter { states, ..all() }, &[2, 1]).await;
            let kind = Some(RunKind::Review);
            check(&store, RunFilter { kind, ..all() }, &[3]).await;
            let client = Some("opencode".into());
            check(&store, RunFilter { client, ..all() }, &[4]).await;
            check(&store, folder("/w/repo"), &[4, 2, 1]).await;
            check(&store, folder("/w/repo2/"), &[3]).await;
            check(&store, folder("/w"), &[4, 3, 2, 1]).await;
            check(&store, text("the parser"), &[4]).await;
            check(&store, text("0% OF it_"), &[3]).await;
            check(&store, text("i_all"), &[]).await;
            check(&store, text("'; DROP TABLE runs; --"), &[]).await;
        });
    }

    #[test]
    fn a_list_is_read_page_by_page() {
        with_runs(async |store| {
            let filter = RunFilter {
                limit: 3,
                ..RunFilter::default()
            };
            let first = store.list_runs(filter.clone()).await.unwrap();
            assert_eq!(first.runs.len(), 3);
            let before = first.next;
            let second = store.list_runs(RunFilter { before, ..filter }).await;
            let second = second.unwrap();
            assert_eq!((second.runs.len(), second.next), (1, None));
        });
    }

    #[test]
    fn a_run_is_found_by_how_its_id_begins_or_ends() {
        with_runs(async |store| {
            let text = id(4).to_string();
            let find = async |prefix: &str| store.find_runs(prefix).await.unwrap();
            assert_eq!(find(&text).await, [id(4)]);
            assert_eq!(find(&text[4..]).await, [id(4)]);
            assert_eq!(find("run_").await.len(), 4);
            assert_eq!(find("%").await, []);
        });
    }

    #[test]
    fn runs_are_counted_by_how_they_stand() {
        with_runs(async |store| {
            store.claim_turn(&id(3), 4).await.unwrap();
            let counts = store.counts().await.unwrap();
            assert_eq!((counts.running, counts.queued, counts.ended), (1, 1, 2));
        });
    }
}
