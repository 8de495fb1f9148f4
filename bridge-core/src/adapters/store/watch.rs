//! Waits for changes of the database, by this process or another.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use crate::adapters::store::Store;
use crate::adapters::store::worker::{Order, Shared};

/// Waits for changes. While nobody waits, nobody looks.
#[derive(Debug)]
pub struct Watch {
    store: Store,
    seen: watch::Receiver<u64>,
}

impl Store {
    /// Starts to watch: what changes from now on is seen.
    pub fn watch(&self) -> Watch {
        Watch {
            store: self.clone(),
            seen: self.inner.shared.version.subscribe(),
        }
    }
}

impl Watch {
    /// Returns when something changed since the last time, or since the watch began. May return without need;
    /// never stays silent. Can be dropped while it waits.
    pub async fn changed(&mut self) {
        let inner = &self.store.inner;
        let _waiting = Waiting::new(&inner.shared);
        if let Some(reader) = &inner.reader {
            reader.send(Order::Look);
        }
        // The sender lives as long as the store.
        self.seen.changed().await.ok();
    }
}

struct Waiting(Arc<Shared>);

impl Waiting {
    fn new(shared: &Arc<Shared>) -> Waiting {
        shared.watchers.fetch_add(1, Ordering::AcqRel);
        Waiting(Arc::clone(shared))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::adapters::store::testing::{ROOMY, block_on, open, run};

    async fn sees_a_write(watched: &Store, written: &Store) -> Duration {
        let mut watch = watched.watch();
        // What was already there is seen first.
        let quiet = Duration::from_millis(100);
        while tokio::time::timeout(quiet, watch.changed()).await.is_ok() {}
        let waits = tokio::spawn(async move {
            watch.changed().await;
            Instant::now()
        });
        tokio::task::yield_now().await;
        let id = written.counts().await.unwrap().queued + 1;
        let start = Instant::now();
        written
            .insert_run(run(id), ROOMY, "f".into())
            .await
            .unwrap();
        let seen = tokio::time::timeout(Duration::from_secs(5), waits).await;
        seen.unwrap().unwrap().duration_since(start)
    }

    #[test]
    fn a_write_of_this_process_or_another_wakes_who_waits() {
        let dir = tempfile::tempdir().unwrap();
        block_on(async {
            let (here, there) = (open(dir.path()), open(dir.path()));
            sees_a_write(&here, &here).await;
            // 25 ms on a quiet machine; the benchmark holds it to that.
            assert!(sees_a_write(&here, &there).await < Duration::from_secs(1));
            let memory = Store::in_memory().unwrap();
            sees_a_write(&memory, &memory).await;
        });
    }
}
