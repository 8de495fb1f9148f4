//! Whether the database is sound, and how much room it takes.

use std::fs;

use crate::adapters::store::Store;
use crate::adapters::store::error::StoreError;

/// The state of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What is wrong with it, in SQLite's words; empty if it is sound.
    pub faults: Vec<String>,
    /// Bytes of the database and of all that belongs to it.
    pub bytes_on_disk: u64,
}

impl Store {
    /// Reads the whole database and says what is wrong with it. Takes a while if it is large.
    pub async fn check(&self) -> Result<Health, StoreError> {
        let bytes_on_disk = self.bytes_on_disk();
        let faults = self
            .read("check the database", |conn| {
                let mut statement = conn.prepare("PRAGMA quick_check(20)")?;
                let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
                let lines: Vec<String> = rows.collect::<Result<_, _>>()?;
                Ok(lines.into_iter().filter(|line| line != "ok").collect())
            })
            .await?;
        Ok(Health {
            faults,
            bytes_on_disk,
        })
    }

    fn bytes_on_disk(&self) -> u64 {
        let Some(place) = &self.inner.place else {
            return 0;
        };
        let outcomes = fs::read_dir(place.outcomes()).into_iter().flatten();
        let outcomes = outcomes.filter_map(|entry| Some(entry.ok()?.path()));
        let size = |path| fs::metadata(path).map_or(0, |meta| meta.len());
        place.trio().into_iter().chain(outcomes).map(size).sum()
    }
}
