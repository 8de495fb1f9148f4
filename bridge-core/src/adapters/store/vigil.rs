//! Waits for changes of the database for hours: sleeps until a file is written, and never looks in between.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::adapters::store::Store;
use crate::platform::write_watch::WriteWatch;

/// How long after a write to look again. SQLite writes its log first, and then says in shared memory that the log
/// counts. Of the second nobody is told; it follows at once, or after a sync on a slow disk.
const ECHOES: [Duration; 3] = [
    Duration::from_millis(50),
    Duration::from_millis(300),
    Duration::from_secs(3),
];
/// How often to look where files can't be watched: there are too many watches, or the folder is gone.
const BLIND_LOOK: Duration = Duration::from_secs(2);

/// Waits for changes. Unlike a [`Watch`](crate::adapters::store::Watch) it notices them without looking again and
/// again, and so costs nothing while nothing happens.
#[derive(Debug)]
pub struct Vigil {
    store: Store,
    /// What this process changed; in memory that is all there is.
    seen: watch::Receiver<u64>,
    files: Option<WriteWatch>,
    /// When the last write was noticed, and how often it was looked again since.
    written: Instant,
    echo: usize,
}

impl Store {
    /// Starts to watch: what changes from now on is seen. Must be called inside a tokio runtime.
    pub fn vigil(&self) -> Vigil {
        let mut vigil = Vigil {
            store: self.clone(),
            seen: self.inner.shared.version.subscribe(),
            files: None,
            written: Instant::now(),
            echo: ECHOES.len(),
        };
        vigil.open();
        vigil
    }
}

impl Vigil {
    /// Returns when something may have changed since the last time, or since the vigil began. May return without
    /// need; never stays silent. Can be dropped while it waits.
    pub async fn changed(&mut self) {
        if self.store.inner.place.is_none() {
            // The sender lives as long as the store.
            self.seen.changed().await.ok();
            return;
        }
        if self.files.is_none() {
            sleep(BLIND_LOOK).await;
            self.open();
            return;
        }
        let Some(files) = &mut self.files else { return };
        let echo = ECHOES.get(self.echo).map(|after| self.written + *after);
        tokio::select! {
            written = files.written() => {
                self.written = Instant::now();
                self.echo = 0;
                if written.is_err() {
                    self.files = None;
                }
            }
            () = sleep_until(echo.unwrap_or(self.written)), if echo.is_some() => self.echo += 1,
        }
    }

    fn open(&mut self) {
        let Some(place) = &self.store.inner.place else {
            return;
        };
        match WriteWatch::new(place.folder(), place.log_name()) {
            Ok(files) => self.files = Some(files),
            Err(error) => tracing::warn!(%error, "the database can't be watched"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{ROOMY, block_on, open, run};

    const LIMIT: Duration = Duration::from_secs(10);

    /// Until nothing is left of what was written before.
    async fn settle(vigil: &mut Vigil) {
        let longest = ECHOES[ECHOES.len() - 1] + Duration::from_millis(500);
        while tokio::time::timeout(longest, vigil.changed()).await.is_ok() {}
    }

    async fn sees_a_write(vigil: &mut Vigil, written: &Store, n: u64) {
        let insert = written.insert_run(run(n), ROOMY, "f".into());
        let (inserted, seen) = tokio::join!(insert, tokio::time::timeout(LIMIT, vigil.changed()));
        inserted.unwrap();
        seen.unwrap();
    }

    #[test]
    fn a_write_of_this_process_or_another_ends_the_wait() {
        let dir = tempfile::tempdir().unwrap();
        block_on(async {
            let (here, there) = (open(dir.path()), open(dir.path()));
            let mut vigil = here.vigil();
            settle(&mut vigil).await;
            sees_a_write(&mut vigil, &there, 1).await;
            settle(&mut vigil).await;
            sees_a_write(&mut vigil, &here, 2).await;
            let memory = Store::in_memory().unwrap();
            let mut vigil = memory.vigil();
            sees_a_write(&mut vigil, &memory, 1).await;
        });
    }

    #[test]
    fn a_write_echoes_and_then_it_is_quiet() {
        let dir = tempfile::tempdir().unwrap();
        block_on(async {
            let (here, there) = (open(dir.path()), open(dir.path()));
            // All connections are open.
            for store in [&here, &there] {
                store.counts().await.unwrap();
            }
            let mut vigil = here.vigil();
            settle(&mut vigil).await;
            sees_a_write(&mut vigil, &there, 1).await;
            let mut looks = 0;
            let quiet = ECHOES[ECHOES.len() - 1] + Duration::from_secs(1);
            while tokio::time::timeout(quiet, vigil.changed()).await.is_ok() {
                looks += 1;
                here.counts().await.unwrap();
            }
            assert!((3..=20).contains(&looks), "{looks}");
        });
    }
}
