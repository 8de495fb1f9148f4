//! Puts a damaged database right: makes a new one of all that can still be read, and sets the old one aside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::adapters::store::Store;
use crate::adapters::store::connection::{self, Found, Link, damaged, look};
use crate::adapters::store::error::{Fault, StoreError, file_error};
use crate::adapters::store::outcome::Outcomes;
use crate::adapters::store::place::{Lock, Place, private_dir};
use crate::adapters::store::run_rows::{self, from_json, to_json};
use crate::adapters::store::salvage;
use crate::adapters::store::session::told;
use crate::domain::policy::FileId;
use crate::domain::run::Timestamp;

/// That a damaged database was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// When.
    pub at: Timestamp,
    /// The folder that it lies in now.
    pub moved_to: PathBuf,
    /// How many runs could be saved.
    pub runs: u64,
}

#[derive(Serialize, Deserialize)]
struct RecoveryDoc {
    at: i64,
    moved_to: PathBuf,
    runs: u64,
}

impl Store {
    /// The last time that a damaged database had to be set aside, at this start or before, by any process.
    pub async fn recovery(&self) -> Result<Option<Recovery>, StoreError> {
        self.read("read the last recovery", |conn| {
            let json: Option<String> = conn
                .prepare_cached("SELECT value FROM notes WHERE key = 'recovery'")?
                .query_row([], |row| row.get(0))
                .optional()?;
            let Some(json) = json else { return Ok(None) };
            let doc: RecoveryDoc = from_json("the last recovery", "value", &json)?;
            Ok(Some(Recovery {
                at: Timestamp(doc.at),
                moved_to: doc.moved_to,
                runs: doc.runs,
            }))
        })
        .await
    }
}

/// The database, which has to be fit by now.
pub(super) fn fit(place: &Place) -> Result<Link, StoreError> {
    match look(place)? {
        Found::Fit(link) => Ok(link),
        Found::Damaged(error) => Err(error),
        Found::Nothing | Found::Older(_) => Err(damaged(place, "it is not what was just written")),
    }
}

/// Replaces the damaged file, unless somebody did so already.
pub(super) fn replace(place: &Place, file: Option<FileId>) -> Result<(), StoreError> {
    let lock = place.lock()?;
    if place.file() != file {
        return Ok(());
    }
    rebuild(place, &lock).map(drop)
}

/// Makes a new database of what can be read, and puts it in the old one's place. If it fails or the process dies
/// half way, the next one begins anew and nothing is lost: the old files are moved when the new one is whole.
pub(super) fn rebuild(place: &Place, _lock: &Lock) -> Result<Link, StoreError> {
    let aside = place.damaged();
    if place.db().exists() || !place.ready().exists() {
        // Kept open until the end: whoever still has the old file open then is not the last to close it, so that
        // SQLite leaves the files of that name alone.
        let old = salvage::open(place);
        connection::build(place, |new| {
            if let Some(old) = &old {
                salvage::copy(old, new);
            }
            let runs = fill_from_outcomes(place, new)?;
            remember(place, new, &aside, runs)
        })?;
        set_aside(place, &aside)?;
        connection::publish(place)?;
        drop(old);
    } else {
        // The one before us came as far as this.
        set_aside(place, &aside)?;
        connection::publish(place)?;
    }
    tracing::error!(aside = %aside.display(), "set a damaged database aside");
    fit(place)
}

/// Adds what the outcome files know, and makes the rows agree with each other; says how many runs there are.
pub(super) fn fill_from_outcomes(place: &Place, new: &Connection) -> Result<u64, StoreError> {
    let fill = || -> Result<u64, Fault> {
        let outcomes = Outcomes::new(place.outcomes());
        let candidates = outcomes.candidates(new)?;
        outcomes.adopt(new, &candidates)?;
        new.execute(
            "DELETE FROM events WHERE id >> 24 NOT IN (SELECT n FROM runs)",
            [],
        )?;
        let numbers: Vec<i64> = new
            .prepare("SELECT n FROM runs")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for n in &numbers {
            run_rows::recount(new, *n)?;
        }
        Ok(numbers.len() as u64)
    };
    fill().map_err(|fault| told(REBUILD, place.unborn(), fault))
}

const REBUILD: &str = "rebuild the database";

/// Leaves a note for everybody.
fn remember(place: &Place, new: &Connection, aside: &Path, runs: u64) -> Result<(), StoreError> {
    let doc = RecoveryDoc {
        at: (place.options.clock)().0,
        moved_to: aside.to_owned(),
        runs,
    };
    let sql = "INSERT OR REPLACE INTO notes (key, value) VALUES ('recovery', ?1)";
    new.execute(sql, [to_json("the recovery", &doc)?])
        .map(drop)
        .map_err(|error| told(REBUILD, place.unborn(), Fault::Sql(error)))
}

fn set_aside(place: &Place, aside: &Path) -> Result<(), StoreError> {
    if !place.trio().iter().any(|path| path.exists()) {
        return Ok(());
    }
    private_dir(aside)?;
    for path in place.trio() {
        let Some(name) = path.file_name() else {
            continue;
        };
        match fs::rename(&path, aside.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(file_error("set aside", &path, error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    place.forget_old_damage();
    Ok(())
}
