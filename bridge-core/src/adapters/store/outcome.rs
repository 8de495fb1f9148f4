//! The file that a finished run leaves, from which its record can be made again.

use std::path::PathBuf;

use rusqlite::Connection;

use crate::adapters::store::Store;
use crate::adapters::store::error::StoreError;
use crate::domain::id::RunId;
use crate::domain::run::Progress;

/// The folder of the outcome files.
#[derive(Clone, Debug)]
pub(super) struct Outcomes {
    dir: PathBuf,
}

impl Store {
    pub(super) fn outcomes(&self) -> Option<Outcomes> {
        let place = self.inner.place.as_ref()?;
        Some(Outcomes {
            dir: place.outcomes(),
        })
    }

    /// Takes over the outcomes of runs that the database lacks or still believes alive.
    pub async fn adopt_outcomes(&self) -> Result<Vec<RunId>, StoreError> {
        Ok(Vec::new())
    }

    pub(super) async fn keep_outcome_without_database(&self, _id: &RunId, _progress: &Progress) {}
}

impl Outcomes {
    /// Writes the file of a run that ends in this transaction.
    pub(super) fn keep(&self, _tx: &Connection, _id: &RunId) {}
}
