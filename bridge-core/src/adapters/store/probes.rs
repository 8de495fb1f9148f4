//! A small memory of what was found out about a Codex binary.

use rusqlite::OptionalExtension;

use crate::adapters::store::Store;
use crate::adapters::store::error::StoreError;
use crate::domain::scrub::Scrubbed;

/// Findings that are kept.
const MOST: i64 = 64;

impl Store {
    /// What was remembered under a key.
    pub async fn cached_probe(&self, key: &str) -> Result<Option<Scrubbed>, StoreError> {
        let key = key.to_owned();
        self.read("read a probe", move |conn| {
            let value = conn
                .prepare_cached("SELECT value FROM probes WHERE key = ?1")?
                .query_row([&key], |row| row.get(0))
                .optional()?;
            Ok(value.map(Scrubbed::from_store))
        })
        .await
    }

    /// Remembers something under a key, instead of what was there.
    pub async fn remember_probe(&self, key: &str, value: Scrubbed) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.write("remember a probe", move |tx| {
            tx.prepare_cached("INSERT OR REPLACE INTO probes (key, value) VALUES (?1, ?2)")?
                .execute([key.as_str(), value.as_str()])?;
            let oldest = tx.last_insert_rowid() - MOST;
            tx.prepare_cached("DELETE FROM probes WHERE n <= ?1")?
                .execute([oldest])?;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{block_on, scrubbed};

    #[test]
    fn the_last_value_counts_and_the_oldest_keys_go() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            let remember = async |key: &str, value: &str| {
                store.remember_probe(key, scrubbed(value)).await.unwrap();
            };
            remember("a", "1").await;
            remember("b", "1").await;
            remember("b", "2").await;
            assert_eq!(store.cached_probe("b").await.unwrap(), Some(scrubbed("2")));
            for n in 0..MOST {
                remember(&n.to_string(), "x").await;
            }
            assert_eq!(store.cached_probe("a").await.unwrap(), None);
            assert_eq!(store.cached_probe("63").await.unwrap(), Some(scrubbed("x")));
        });
    }
}
