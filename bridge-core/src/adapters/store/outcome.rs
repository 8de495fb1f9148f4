//! The file that each finished run leaves, from which its record can be made again.
//!
//! The file is written within the transaction that ends the run, before the commit: whoever holds the database's
//! write lock sees the file and the row together, or a file whose row never came to be.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError, file_error};
use crate::adapters::store::events;
use crate::adapters::store::place::{private_dir, write_whole};
use crate::adapters::store::record::RunDoc;
use crate::adapters::store::run_rows;
use crate::adapters::store::words::{signed, state_of};
use crate::domain::event::EventBody;
use crate::domain::id::RunId;
use crate::domain::run::Timestamp;
use crate::domain::state::RunState;

/// The folder of the outcome files.
#[derive(Clone, Debug)]
pub(super) struct Outcomes {
    dir: PathBuf,
}

/// A run as the store keeps it besides its events: enough to make its row again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Keepsake {
    /// Its number; with it, its events are found again.
    pub(super) n: i64,
    pub(super) fingerprint: String,
    /// The number of its last event.
    pub(super) last_seq: i64,
    pub(super) run: RunDoc,
}

impl Store {
    /// Takes over the outcomes of runs that the database lacks or still believes alive; says which.
    ///
    /// There are such runs after the database was damaged, locked or full when they ended.
    pub async fn adopt_outcomes(&self) -> Result<Vec<RunId>, StoreError> {
        let Some(outcomes) = self.outcomes() else {
            return Ok(Vec::new());
        };
        let looked_at = outcomes.clone();
        let candidates = self.read("look for outcomes", move |conn| looked_at.candidates(conn));
        let candidates = candidates.await?;
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        self.write("adopt outcomes", move |tx| outcomes.adopt(tx, &candidates))
            .await
    }

    pub(super) fn outcomes(&self) -> Option<Outcomes> {
        self.inner
            .place
            .as_ref()
            .map(|place| Outcomes::new(place.outcomes()))
    }
}

impl Outcomes {
    pub(super) fn new(dir: PathBuf) -> Outcomes {
        Outcomes { dir }
    }

    /// Writes the file of a run.
    pub(super) fn keep(&self, keepsake: &Keepsake) -> Result<(), StoreError> {
        private_dir(&self.dir)?;
        let path = self.path(&keepsake.run.id);
        serde_json::to_vec(keepsake)
            .map_err(io::Error::from)
            .and_then(|json| write_whole(&path, &json))
            .map_err(|error| file_error("write the outcome", &path, error))
    }

    /// Removes the file of a run that is being removed.
    pub(super) fn forget(&self, id: &str) -> Result<(), StoreError> {
        let path = self.path(id);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(file_error("remove the outcome", &path, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The runs that left a file, and whose rows do not say that they ended.
    pub(super) fn candidates(&self, conn: &Connection) -> Result<Vec<RunId>, Fault> {
        let mut files = self.files()?;
        if files.is_empty() {
            return Ok(files);
        }
        let mut statement = conn.prepare_cached("SELECT id FROM runs WHERE is_final = 1")?;
        let ended: HashSet<String> = statement
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        files.retain(|id| !ended.contains(id.as_str()));
        // Ids sort by time, so that runs that are added again come in order.
        files.sort();
        Ok(files)
    }

    /// Takes over these outcomes, in the caller's transaction.
    pub(super) fn adopt(&self, tx: &Connection, ids: &[RunId]) -> Result<Vec<RunId>, Fault> {
        let mut adopted = Vec::new();
        for id in ids {
            match self.adopt_one(tx, id) {
                Ok(true) => adopted.push(id.clone()),
                Ok(false) => {}
                // One unreadable file must not keep the others out.
                Err(Fault::Refused(error)) => tracing::error!(%error, "left out an outcome"),
                Err(fault) => return Err(fault),
            }
        }
        Ok(adopted)
    }

    fn adopt_one(&self, tx: &Connection, id: &RunId) -> Result<bool, Fault> {
        let path = self.path(id.as_str());
        let json = match fs::read(&path) {
            Ok(json) => json,
            // Pruned in the meantime.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(file_error("read the outcome", &path, error).into()),
        };
        let keepsake: Keepsake = run_rows::from_json(
            id.as_str(),
            "outcome",
            std::str::from_utf8(&json).unwrap_or_default(),
        )?;
        let state = state_of(&keepsake.run.state, keepsake.run.detail.as_deref());
        let Some(state) = state.filter(|state| state.is_final()) else {
            return Err(StoreError::Unreadable {
                of: id.to_string(),
                what: "state in its outcome".to_owned(),
            }
            .into());
        };
        if keepsake.run.id != id.as_str() {
            return Ok(false);
        }
        match run_rows::head(tx, id) {
            Ok(head) if head.state.is_final() => return Ok(false),
            Ok(head) => complete(tx, id, &head, &keepsake, state)?,
            Err(Fault::Refused(StoreError::UnknownRun(_))) => {
                run_rows::restore(tx, &keepsake)?;
            }
            Err(fault) => return Err(fault),
        }
        Ok(true)
    }

    fn files(&self) -> Result<Vec<RunId>, StoreError> {
        let wrap = |error| file_error("list the outcomes", &self.dir, error);
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(wrap)?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let path: PathBuf = entry.map_err(wrap)?.file_name().into();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
                && let Some(Ok(id)) = path.file_stem().and_then(|s| s.to_str()).map(RunId::parse)
            {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.dir.join(Path::new(id).with_extension("json"))
    }
}

/// Gives a row that is still alive the end that its supervisor could not write.
fn complete(
    tx: &Connection,
    id: &RunId,
    head: &run_rows::Head,
    keepsake: &Keepsake,
    state: RunState,
) -> Result<(), Fault> {
    tx.prepare_cached("DELETE FROM runs WHERE n = ?1")?
        .execute([head.n])?;
    let mut run = keepsake.run.clone();
    // What the row had is what there is; the file may know of events that never came in.
    run.events = signed(head.recorded.events);
    let n = run_rows::add(tx, &run, &keepsake.fingerprint, Some(head.n), head.last_seq)?;
    let at = Timestamp(run.ended.unwrap_or(run.created));
    let end = events::prepare(&[(at, EventBody::State(state))]);
    events::add(tx, id, n, head.last_seq, &end)?;
    run_rows::recount(tx, n)?;
    Ok(())
}
