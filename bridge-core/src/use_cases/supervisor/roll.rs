//! Who belongs to a run, written down for whoever finds its supervisor dead.

use std::future::Future;
use std::pin::Pin;

use crate::adapters::store::{Store, StoreError};
use crate::domain::id::RunId;
use crate::domain::run::RecordedProcess;
use crate::platform::process_table::ProcessId;

type Writing = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// The processes of a run, as far as the store knows them. Nobody waits for its writing: a database that is held by
/// somebody else must not hold up a limit or a cancel.
pub(super) struct Roll {
    store: Store,
    run: RunId,
    recorded: Vec<ProcessId>,
    writing: Option<Writing>,
}

impl Roll {
    pub(super) fn new(store: Store, run: RunId) -> Roll {
        Roll {
            store,
            run,
            recorded: Vec::new(),
            writing: None,
        }
    }

    /// Begins to write these down, unless they are or something is being written: they are told again at the next look.
    pub(super) fn note(&mut self, known: &[ProcessId]) {
        if self.writing.is_some() || self.recorded == known {
            return;
        }
        self.recorded = known.to_vec();
        let rows: Vec<_> = known.iter().map(row).collect();
        let (store, run) = (self.store.clone(), self.run.clone());
        self.writing = Some(Box::pin(async move {
            store.record_processes(&run, &rows).await
        }));
    }

    /// Writes. Waits for ever when there is nothing to write.
    pub(super) async fn step(&mut self) {
        let Some(writing) = &mut self.writing else {
            return std::future::pending().await;
        };
        let result = writing.await;
        self.writing = None;
        if let Err(error) = result {
            tracing::warn!(run = %self.run, %error, "can't record processes");
            self.recorded.clear();
        }
    }
}

fn row(id: &ProcessId) -> RecordedProcess {
    RecordedProcess {
        pid: i32::try_from(id.pid).unwrap_or_default(),
        started: id.started.to_string(),
    }
}
