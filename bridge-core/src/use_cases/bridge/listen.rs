//! For those who listen for hours: told when something may have changed, and marks to see what it was.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use tokio::sync::watch;

use crate::adapters::store::{ListPulse, Pulse, Store, Vigil};
use crate::domain::id::RunId;
use crate::use_cases::bridge::{Bridge, unknown};
use crate::use_cases::error::Error;

/// Waits for changes of anything that the bridge knows. Costs nothing while nothing happens.
pub struct Listener {
    bridge: Bridge,
    stored: Option<Vigil>,
    /// Says when anybody in this process has opened the database.
    stored_open: watch::Receiver<bool>,
    ephemeral: Option<Vigil>,
    /// Says when the first run is started that lives only in this process.
    ephemeral_made: watch::Receiver<bool>,
}

impl Bridge {
    /// Starts to listen: what changes from now on is noticed.
    pub async fn listener(&self) -> Listener {
        let mut listener = Listener {
            bridge: self.clone(),
            stored: None,
            stored_open: self.inner.stored_open.subscribe(),
            ephemeral: None,
            ephemeral_made: self.inner.ephemeral_made.subscribe(),
        };
        listener.stored = listener.store().await.map(|store| store.vigil());
        listener.ephemeral = self.known_ephemeral_store().map(|store| store.vigil());
        listener
    }

    /// The marks of one run.
    pub async fn pulse(&self, id: &RunId) -> Result<Pulse, Error> {
        let store = self.store_of(id).await?;
        store.pulse(id).await.map_err(unknown)
    }

    /// The marks of the first `rows` runs of a list, and of which are its first `newest`.
    pub async fn list_pulse(&self, newest: usize, rows: usize) -> Result<ListPulse, Error> {
        let stored = self.store().await?.list_pulse(newest, rows).await?;
        let Some(store) = self.known_ephemeral_store() else {
            return Ok(stored);
        };
        let ephemeral = store.list_pulse(newest, rows).await?;
        let both = |mark: fn(&ListPulse) -> u64| {
            let mut hasher = DefaultHasher::new();
            (mark(&ephemeral), mark(&stored)).hash(&mut hasher);
            hasher.finish()
        };
        Ok(ListPulse {
            newest: both(|pulse| pulse.newest),
            rows: both(|pulse| pulse.rows),
            live: both(|pulse| pulse.live),
            is_live: ephemeral.is_live || stored.is_live,
        })
    }

    /// Looks whether the supervisors of live runs live. Nobody else tells of the end of one that was killed.
    pub async fn look_after_live_runs(&self) -> Result<(), Error> {
        let store = self.store().await?;
        Ok(self.reaper()?.sweep(&store).await?)
    }
}

impl Listener {
    /// Returns when something may have changed since the last time, or since it began. May return without need;
    /// never stays silent. Can be dropped while it waits.
    pub async fn changed(&mut self) {
        if self.ephemeral.is_none()
            && let Some(store) = self.bridge.known_ephemeral_store()
        {
            self.ephemeral = Some(store.vigil());
            return;
        }
        if self.stored.is_none() {
            // It is not tried again by a clock, nor because files changed, which trying does by itself. Whoever needs
            // the database next tries.
            tokio::select! {
                () = opened(&mut self.stored_open) => {}
                () = changed(&mut self.ephemeral, &mut self.ephemeral_made) => return,
            }
            self.stored = self.store().await.map(|store| store.vigil());
            return;
        }
        let Some(stored) = &mut self.stored else {
            return;
        };
        tokio::select! {
            () = stored.changed() => {}
            () = changed(&mut self.ephemeral, &mut self.ephemeral_made) => {}
        }
    }

    async fn store(&self) -> Option<Store> {
        let opened = self.bridge.store().await;
        opened
            .inspect_err(|error| tracing::warn!(%error, "there is no database to listen to"))
            .ok()
    }
}

/// Returns when the database has been opened; one that was opened before counts.
async fn opened(open: &mut watch::Receiver<bool>) {
    // The sender lives as long as the bridge.
    drop(open.wait_for(|open| *open).await);
}

async fn changed(vigil: &mut Option<Vigil>, made: &mut watch::Receiver<bool>) {
    match vigil {
        Some(vigil) => vigil.changed().await,
        // The sender lives as long as the bridge.
        None => drop(made.changed().await),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::domain::run::Timestamp;
    use crate::use_cases::bridge::RunQuery;
    use crate::use_cases::host::Host;

    const LIMIT: Duration = Duration::from_secs(10);
    const QUIET: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn a_database_that_could_not_be_opened_is_heard_once_somebody_could() {
        let folder = tempfile::tempdir().unwrap();
        let state_dir = folder.path().join("state");
        // What is no folder can't have a database.
        std::fs::write(&state_dir, "").unwrap();
        let bridge = Bridge::new(Host {
            env: std::collections::BTreeMap::new(),
            home: folder.path().join("home"),
            config_dir: folder.path().join("config"),
            state_dir: state_dir.clone(),
            sidecar: folder.path().join("codex-bridge-mcp"),
            now: || Timestamp(1_795_000_000_000),
            random: || 7,
        });
        let mut listener = bridge.listener().await;
        assert!(timeout(QUIET, listener.changed()).await.is_err());
        std::fs::remove_file(&state_dir).unwrap();
        assert!(timeout(QUIET, listener.changed()).await.is_err());
        bridge.list_runs(RunQuery::default()).await.unwrap();
        assert!(timeout(LIMIT, listener.changed()).await.is_ok());
        assert!(listener.stored.is_some());
    }
}
