//! The database of runs, in which all processes of the bridge meet.
//!
//! Every process opens the same SQLite file and needs nobody's help for it. In each, one thread writes and one reads;
//! what is asked of them is answered asynchronously, in any runtime. Nothing that was answered is lost by the end
//! of a process, and a finished run not by the loss of the database either: it has a file of its own in `outcomes`.

mod audit;
mod connection;
mod error;
mod event_doc;
mod events;
#[cfg(fuzzing)]
pub mod fuzzing;
mod glance;
mod habits;
mod health;
mod known;
mod list;
mod live;
mod mail;
mod outcome;
mod place;
mod probes;
mod prune;
mod pulse;
mod question_doc;
mod quota;
mod reader;
mod record;
mod recover;
mod review_doc;
mod run_rows;
mod runs;
mod salvage;
mod schema;
mod session;
#[cfg(test)]
mod test_damage;
#[cfg(test)]
mod test_faults;
#[cfg(test)]
mod test_processes;
#[cfg(test)]
mod testing;
mod threads;
mod vigil;
mod watch;
mod words;
mod worker;
mod workspace_doc;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::adapters::store::error::{Fault, file_error};
use crate::adapters::store::known::Known;
use crate::adapters::store::outcome::Outcomes;
use crate::adapters::store::place::Place;
use crate::adapters::store::session::Session;
use crate::adapters::store::worker::{Care, Shared, Worker};
use crate::domain::run::Timestamp;

pub use crate::adapters::store::audit::{AuditEntry, AuditFilter, AuditPage, AuditRow, AuditWords};
pub use crate::adapters::store::error::{Cause, StoreError};
pub use crate::adapters::store::events::EventsPage;
pub use crate::adapters::store::glance::Glance;
pub use crate::adapters::store::habits::Habits;
pub use crate::adapters::store::health::Health;
pub use crate::adapters::store::list::{Counts, Page, RunFilter};
pub use crate::adapters::store::mail::ToSupervisor;
pub use crate::adapters::store::prune::Pruned;
pub use crate::adapters::store::pulse::{ListPulse, Pulse};
pub use crate::adapters::store::recover::Recovery;
pub use crate::adapters::store::runs::{Inserted, Turn};
pub use crate::adapters::store::vigil::Vigil;
pub use crate::adapters::store::watch::Watch;

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// How long to wait for another process that writes.
    pub busy_timeout: Duration,
    /// Tells the time, for what the store does by itself.
    pub clock: fn() -> Timestamp,
}

impl OpenOptions {
    /// How long we wait for another process where nothing else is said.
    pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
}

/// The database of runs. Clones are the same store; its threads end with the last one, when all is written.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Writes; in memory it reads as well, since there is but one connection.
    writer: Worker,
    reader: Option<Worker>,
    shared: Arc<Shared>,
    place: Option<Place>,
    known: Known,
}

impl Store {
    /// Opens the database of a state folder. Makes both where they are not there, and puts a damaged database right.
    pub fn open(dir: &Path, options: OpenOptions) -> Result<Store, StoreError> {
        let place = Place::new(dir, options);
        // What can't be opened is told now; the reader opens its own connection when it is needed.
        let link = connection::open(&place)?;
        let writing = Session::on_disk(place.clone(), Some(link));
        let reading = Session::on_disk(place.clone(), None);
        Store::start(writing, Some(reading), Some(place))
    }

    /// A store that touches no disk and ends with its last clone.
    pub fn in_memory() -> Result<Store, StoreError> {
        let conn = connection::open_in_memory()?;
        Store::start(Session::in_memory(conn), None, None)
    }

    fn start(
        writing: Session,
        reading: Option<Session>,
        place: Option<Place>,
    ) -> Result<Store, StoreError> {
        let path = writing.path();
        let wrap = |error| file_error("start a thread for", &path, error);
        let shared = Shared::new();
        // Nothing is read or written before the outcomes are in; to open the store need not wait for it.
        let (adopted, may_read) = std::sync::mpsc::channel::<()>();
        let writer = {
            let (shared, place) = (Arc::clone(&shared), place.clone());
            Worker::start("store-writer", move |inbox| {
                let mut session = writing;
                if let Some(place) = &place {
                    adopt(&mut session, place);
                }
                drop(adopted);
                if let Some(place) = &place {
                    place.make_reserve();
                }
                writer::write(session, inbox, &shared);
            })
            .map_err(wrap)?
        };
        let reader = match reading {
            Some(reading) => {
                let shared = Arc::clone(&shared);
                let start = Worker::start("store-reader", move |inbox| {
                    // Ends with an error when the other end is dropped, which is the signal.
                    may_read.recv().ok();
                    reader::read(reading, inbox, &shared);
                });
                Some(start.map_err(wrap)?)
            }
            None => None,
        };
        Ok(Store {
            inner: Arc::new(Inner {
                writer,
                reader,
                shared,
                place,
                known: Known::default(),
            }),
        })
    }

    /// Waits until all that was asked for is done. The threads end with the last clone.
    pub async fn close(self) {
        self.inner.writer.flush().await;
        if let Some(reader) = &self.inner.reader {
            reader.flush().await;
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let worker = self.inner.reader.as_ref().unwrap_or(&self.inner.writer);
        worker.call(doing, Care::Usual, work).await
    }

    async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.call(doing, Care::Usual, work).await
    }

    /// The same, and the answer comes when it is on the disk.
    async fn write_synced<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.call(doing, Care::Synced, work).await
    }
}

/// Takes over outcomes that the database does not know. There are some after a part of it was lost.
fn adopt(session: &mut Session, place: &Place) {
    let outcomes = Outcomes::new(place.outcomes());
    let missing = session.with("look for outcomes", |conn, _| outcomes.candidates(conn));
    let adopted = missing.and_then(|missing| {
        if missing.is_empty() {
            return Ok(missing);
        }
        // Who opens a store does not want to wait for whoever writes; there will be another time.
        let mut quick = Session::on_disk(place.impatient(), None);
        quick.with("adopt outcomes", |conn, _| {
            let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
            let adopted = outcomes.adopt(&tx, &missing)?;
            tx.commit()?;
            Ok(adopted)
        })
    });
    match adopted {
        Ok(adopted) if adopted.is_empty() => {}
        Ok(adopted) => tracing::warn!(runs = adopted.len(), "took over outcomes"),
        // The rest of the store is worth having without them.
        Err(error) => tracing::warn!(%error, "could not take over outcomes"),
    }
}
