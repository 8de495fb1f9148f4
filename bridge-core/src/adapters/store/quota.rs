//! What Codex told last of the account's limits. One note, for all runs.

use std::time::Duration;

use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use crate::adapters::store::Store;
use crate::adapters::store::error::StoreError;
use crate::domain::quota::{Quota, Window};
use crate::domain::run::Timestamp;

/// Under which key it is noted.
const QUOTA: &str = "quota";

#[derive(Serialize, Deserialize)]
struct QuotaDoc {
    at: i64,
    windows: Vec<WindowDoc>,
    #[serde(default)]
    refused: bool,
}

#[derive(Serialize, Deserialize)]
struct WindowDoc {
    used_percent: u8,
    length_s: Option<u64>,
    resets: Option<i64>,
}

impl Store {
    /// What was told last, if anything was.
    pub async fn quota(&self) -> Result<Option<Quota>, StoreError> {
        self.read("read the account's limits", |conn| {
            let text: Option<String> = conn
                .prepare_cached("SELECT value FROM notes WHERE key = ?1")?
                .query_row([QUOTA], |row| row.get(0))
                .optional()?;
            // One that an older or newer version wrote otherwise is told anew by the next run.
            let doc = text.and_then(|text| serde_json::from_str::<QuotaDoc>(&text).ok());
            Ok(doc.map(Quota::from))
        })
        .await
    }

    /// Notes what was told, in place of what was told before.
    pub async fn set_quota(&self, quota: &Quota) -> Result<(), StoreError> {
        let doc = serde_json::json!(QuotaDoc::from(quota)).to_string();
        let at = quota.at.0;
        self.write("note the account's limits", move |tx| {
            // Runs end in any order; the newest word counts.
            tx.prepare_cached(
                "INSERT INTO notes (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value
                 WHERE coalesce(json_extract(value, '$.at'), 0) <= ?3",
            )?
            .execute(params![QUOTA, doc, at])?;
            Ok(())
        })
        .await
    }
}

impl From<QuotaDoc> for Quota {
    fn from(doc: QuotaDoc) -> Quota {
        let window = |doc: WindowDoc| Window {
            used_percent: doc.used_percent,
            length: doc.length_s.map(Duration::from_secs),
            resets: doc.resets.map(Timestamp),
        };
        Quota {
            at: Timestamp(doc.at),
            windows: doc.windows.into_iter().map(window).collect(),
            refused: doc.refused,
        }
    }
}

impl From<&Quota> for QuotaDoc {
    fn from(quota: &Quota) -> QuotaDoc {
        let window = |window: &Window| WindowDoc {
            used_percent: window.used_percent,
            length_s: window.length.map(|length| length.as_secs()),
            resets: window.resets.map(|at| at.0),
        };
        QuotaDoc {
            at: quota.at.0,
            windows: quota.windows.iter().map(window).collect(),
            refused: quota.refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::block_on;

    #[test]
    fn the_newest_word_counts() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            assert_eq!(store.quota().await.unwrap(), None);
            let quota = |at| Quota {
                at: Timestamp(at),
                windows: vec![Window {
                    used_percent: 42,
                    length: Some(Duration::from_secs(18_000)),
                    resets: Some(Timestamp(at + 5)),
                }],
                refused: true,
            };
            for (told, expected) in [(10, 10), (20, 20), (15, 20)] {
                store.set_quota(&quota(told)).await.unwrap();
                assert_eq!(store.quota().await.unwrap(), Some(quota(expected)));
            }
        });
    }
}
