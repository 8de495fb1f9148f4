//! A thread's connection over time: opened again when the database was replaced, rebuilt when it turns out damaged.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::adapters::store::connection::{self, Link};
use crate::adapters::store::error::{Fault, StoreError, busy, classify};
use crate::adapters::store::place::Place;
use crate::adapters::store::recover;

/// A connection that stays the right one.
#[derive(Debug)]
pub(super) struct Session {
    home: Home,
}

#[derive(Debug)]
enum Home {
    Memory(Connection),
    Disk { place: Place, link: Option<Link> },
}

impl Session {
    pub(super) fn in_memory(conn: Connection) -> Session {
        Session {
            home: Home::Memory(conn),
        }
    }

    pub(super) fn on_disk(place: Place, link: Option<Link>) -> Session {
        Session {
            home: Home::Disk { place, link },
        }
    }

    /// The database, for errors.
    pub(super) fn path(&self) -> PathBuf {
        match &self.home {
            Home::Memory(_) => PathBuf::from(":memory:"),
            Home::Disk { place, .. } => place.db().to_owned(),
        }
    }

    /// Works with the connection. `work` is run again if the database was replaced, or had to be rebuilt.
    ///
    /// It is given a way to ask whether the connection is still to the file that bears the database's name.
    pub(super) fn with<T>(
        &mut self,
        doing: &'static str,
        work: impl FnMut(&Connection, &dyn Fn() -> bool) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let result = self.attempt(doing, work);
        // What could only be read may be writable again; SQLite finds out when no connection of the process is left.
        if let Home::Disk { place, link } = &mut self.home
            && link.as_ref().is_some_and(|link| link.is_stale(place))
        {
            *link = None;
        }
        result
    }

    fn attempt<T>(
        &mut self,
        doing: &'static str,
        mut work: impl FnMut(&Connection, &dyn Fn() -> bool) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        const TRIES: u32 = 4;
        let (place, link) = match &mut self.home {
            Home::Memory(conn) => {
                return work(conn, &|| true).map_err(|fault| told(doing, ":memory:", fault));
            }
            Home::Disk { place, link } => (place, link),
        };
        let mut tries = 0;
        loop {
            tries += 1;
            if link.as_ref().is_some_and(|link| link.is_stale(place)) {
                *link = None;
            }
            let open = match link.take() {
                Some(open) => open,
                None => connection::open(place)?,
            };
            let open = link.insert(open);
            let file = open.file;
            let fault = match work(&open.conn, &|| place.file() == file) {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            if let Fault::Moved = fault
                && tries < TRIES
            {
                *link = None;
                continue;
            }
            let error = told(doing, place.db(), fault);
            if !matches!(error, StoreError::Damaged { .. }) || tries >= TRIES {
                return Err(error);
            }
            tracing::error!(%error, "the database is damaged");
            // Its locks would stand in the way of whoever copies it.
            *link = None;
            recover::replace(place, file)?;
        }
    }
}

/// A fault as it is told to whoever asked.
pub(super) fn told(doing: &'static str, path: impl AsRef<Path>, fault: Fault) -> StoreError {
    match fault {
        Fault::Refused(error) => error,
        Fault::Sql(error) => classify(doing, path.as_ref(), error),
        // Replaced again and again, faster than we can follow.
        Fault::Moved => busy(doing, path.as_ref()),
    }
}
