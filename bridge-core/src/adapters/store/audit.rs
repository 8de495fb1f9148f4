//! The audit log: who asked for what, and what came of it. Only added to, and bounded.

use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};

use crate::adapters::store::Store;
use crate::adapters::store::error::StoreError;
use crate::adapters::store::list::like;
use crate::adapters::store::words::{signed, unsigned};
use crate::domain::run::Timestamp;
use crate::domain::scrub::Scrubbed;

/// Something that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who asked.
    pub client: Scrubbed,
    /// For what, such as `run_task`.
    pub action: Scrubbed,
    /// What it was about: a run, a folder.
    pub subject: Scrubbed,
    /// `ok`, or the code of the refusal.
    pub outcome: Scrubbed,
    /// What else is worth knowing.
    pub detail: Scrubbed,
}

/// An entry in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub n: u64,
    /// The entry.
    pub entry: AuditEntry,
}

/// Which entries to read. What is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Asked for by the client of this name.
    pub client: Option<String>,
    /// For this.
    pub action: Option<String>,
    /// With this text anywhere, whatever its case (in ASCII).
    pub text: Option<String>,
    /// The `next` of the page before.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// What the log can be filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditWords {
    /// All clients that asked for something, by name.
    pub clients: Vec<Scrubbed>,
    /// All that was asked for, by name.
    pub actions: Vec<Scrubbed>,
}

/// Entries, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub rows: Vec<AuditRow>,
    /// The cursor of the next page, if there is one.
    pub next: Option<u64>,
}

/// Entries that are kept.
const MOST: i64 = 20_000;

impl Store {
    /// Adds an entry; the oldest go when there are too many.
    pub async fn audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.write("write the audit log", move |tx| {
            tx.prepare_cached(
                "INSERT INTO audit (at, client, action, subject, outcome, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                entry.at.0,
                entry.client.as_str(),
                entry.action.as_str(),
                entry.subject.as_str(),
                entry.outcome.as_str(),
                entry.detail.as_str(),
            ])?;
            let oldest = tx.last_insert_rowid() - MOST;
            tx.prepare_cached("DELETE FROM audit WHERE n <= ?1")?
                .execute([oldest])?;
            Ok(())
        })
        .await
    }

    /// Entries that pass a filter, newest first.
    pub async fn audit_log(&self, filter: AuditFilter) -> Result<AuditPage, StoreError> {
        self.read("read the audit log", move |conn| {
            let (sql, values) = query(&filter);
            let mut statement = conn.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(values), row)?;
            let mut rows: Vec<AuditRow> = rows.collect::<Result<_, _>>()?;
            let more = rows.len() > filter.limit;
            rows.truncate(filter.limit);
            let next = rows.last().map(|row| row.n).filter(|_| more);
            Ok(AuditPage { rows, next })
        })
        .await
    }

    /// What the log can be filtered by.
    pub async fn audit_words(&self) -> Result<AuditWords, StoreError> {
        self.read("look through the audit log", |conn| {
            let words = |sql: &str| -> rusqlite::Result<Vec<Scrubbed>> {
                let mut statement = conn.prepare_cached(sql)?;
                let words = statement.query_map([], |row| row.get(0).map(Scrubbed::from_store))?;
                words.collect()
            };
            Ok(AuditWords {
                clients: words("SELECT DISTINCT client FROM audit ORDER BY 1 LIMIT 100")?,
                actions: words("SELECT DISTINCT action FROM audit ORDER BY 1 LIMIT 100")?,
            })
        })
        .await
    }
}

fn query(filter: &AuditFilter) -> (String, Vec<Value>) {
    let mut sql =
        "SELECT n, at, client, action, subject, outcome, detail FROM audit WHERE n < ?".to_owned();
    let before = filter.before.map_or(i64::MAX, signed);
    let mut values: Vec<Value> = vec![before.into()];
    if let Some(client) = &filter.client {
        sql.push_str(" AND client = ?");
        values.push(client.clone().into());
    }
    if let Some(action) = &filter.action {
        sql.push_str(" AND action = ?");
        values.push(action.clone().into());
    }
    if let Some(text) = &filter.text {
        let columns = ["client", "action", "subject", "outcome", "detail"];
        let any = columns.map(|column| format!("{column} LIKE ? ESCAPE '\\'"));
        sql.push_str(&format!(" AND ({})", any.join(" OR ")));
        values.extend(columns.map(|_| Value::from(like(text))));
    }
    sql.push_str(" ORDER BY n DESC LIMIT ?");
    values.push(signed(filter.limit as u64).saturating_add(1).into());
    (sql, values)
}

fn row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    let text = |column| row.get(column).map(Scrubbed::from_store);
    Ok(AuditRow {
        n: unsigned(row.get(0)?),
        entry: AuditEntry {
            at: Timestamp(row.get(1)?),
            client: text(2)?,
            action: text(3)?,
            subject: text(4)?,
            outcome: text(5)?,
            detail: text(6)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{NOW, block_on, scrubbed};

    fn entry(n: i64) -> AuditEntry {
        AuditEntry {
            at: Timestamp(NOW + n),
            client: scrubbed("claude-code"),
            action: scrubbed("run_task"),
            subject: scrubbed("/w/repo"),
            outcome: scrubbed("ok"),
            detail: scrubbed(""),
        }
    }

    fn from(before: Option<u64>, limit: usize) -> AuditFilter {
        AuditFilter {
            before,
            limit,
            ..AuditFilter::default()
        }
    }

    #[test]
    fn a_filter_lets_through_what_fits() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            let odd = AuditEntry {
                client: scrubbed("opencode"),
                action: scrubbed("cancel_run"),
                detail: scrubbed("100% of it_all"),
                ..entry(2)
            };
            for entry in [entry(1), odd, entry(3)] {
                store.audit(entry).await.unwrap();
            }
            let check = async |filter: AuditFilter, expected: &[u64]| {
                let page = store.audit_log(filter.clone()).await.unwrap();
                let found: Vec<u64> = page.rows.iter().map(|row| row.n).collect();
                assert_eq!(found, expected, "{filter:?}");
            };
            let all = || from(None, 10);
            let text = |text: &str| Some(text.to_owned());
            check(all(), &[3, 2, 1]).await;
            let client = text("opencode");
            check(AuditFilter { client, ..all() }, &[2]).await;
            let action = text("run_task");
            check(AuditFilter { action, ..all() }, &[3, 1]).await;
            for (asked, found) in [
                ("0% OF it_", &[2][..]),
                ("i_all", &[]),
                ("/W/REPO", &[3, 2, 1]),
            ] {
                let text = text(asked);
                check(AuditFilter { text, ..all() }, found).await;
            }
            // The page after one that is filled to its end is not offered.
            let client = text("claude-code");
            let filter = AuditFilter {
                client,
                ..from(None, 2)
            };
            assert_eq!(store.audit_log(filter).await.unwrap().next, None);
            let words = store.audit_words().await.unwrap();
            assert_eq!(
                words.clients,
                [scrubbed("claude-code"), scrubbed("opencode")]
            );
            assert_eq!(
                words.actions,
                [scrubbed("cancel_run"), scrubbed("run_task")]
            );
        });
    }

    #[test]
    fn it_is_read_newest_first_page_by_page() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            for n in 1..=3 {
                store.audit(entry(n)).await.unwrap();
            }
            let page = store.audit_log(from(None, 2)).await.unwrap();
            let newest: Vec<_> = page.rows.iter().map(|row| row.entry.at.0 - NOW).collect();
            assert_eq!((newest, page.next), (vec![3, 2], Some(2)));
            let page = store.audit_log(from(page.next, 2)).await.unwrap();
            assert_eq!(page.rows[0].entry, entry(1));
            assert_eq!((page.rows.len(), page.next), (1, None));
        });
    }

    #[test]
    fn the_oldest_entries_go_when_there_are_too_many() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            store.audit(entry(1)).await.unwrap();
            let jump = |tx: &rusqlite::Connection| {
                tx.execute(
                    "UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'audit'",
                    [MOST],
                )?;
                Ok(())
            };
            store.write("skip numbers", jump).await.unwrap();
            store.audit(entry(2)).await.unwrap();
            let page = store.audit_log(from(None, 10)).await.unwrap();
            assert_eq!(page.rows.len(), 1);
            assert_eq!(page.rows[0].entry, entry(2));
        });
    }
}
