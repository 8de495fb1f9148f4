//! The audit log: who asked for what, and what came of it. Only added to, and bounded.

use rusqlite::params;

use crate::adapters::store::Store;
use crate::adapters::store::error::StoreError;
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

    /// At most `limit` entries, newest first; `before` is the `next` of the page before.
    pub async fn audit_log(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        self.read("read the audit log", move |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT n, at, client, action, subject, outcome, detail FROM audit
                 WHERE n < ?1 ORDER BY n DESC LIMIT ?2",
            )?;
            let rows = statement.query_map(
                [before.map_or(i64::MAX, signed), signed(limit as u64)],
                |row| {
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
                },
            )?;
            let rows: Vec<AuditRow> = rows.collect::<Result<_, _>>()?;
            let full = rows.len() == limit;
            let next = rows.last().map(|row| row.n).filter(|n| full && *n > 1);
            Ok(AuditPage { rows, next })
        })
        .await
    }
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

    #[test]
    fn it_is_read_newest_first_page_by_page() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            for n in 1..=3 {
                store.audit(entry(n)).await.unwrap();
            }
            let page = store.audit_log(None, 2).await.unwrap();
            let newest: Vec<_> = page.rows.iter().map(|row| row.entry.at.0 - NOW).collect();
            assert_eq!((newest, page.next), (vec![3, 2], Some(2)));
            let page = store.audit_log(page.next, 2).await.unwrap();
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
            let page = store.audit_log(None, 10).await.unwrap();
            assert_eq!(page.rows.len(), 1);
            assert_eq!(page.rows[0].entry, entry(2));
        });
    }
}
