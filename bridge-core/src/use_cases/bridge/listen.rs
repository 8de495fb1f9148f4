//! For those who listen for hours: told when something may have changed, and marks to see what it was.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::adapters::store::{ListPulse, Pulse, Store, Vigil};
use crate::domain::id::RunId;
use crate::use_cases::bridge::{Bridge, unknown};
use crate::use_cases::error::Error;

/// How long to leave a database alone that can't be opened. Nothing tells when it can.
const RETRY: Duration = Duration::from_secs(30);

/// Waits for changes of anything that the bridge knows. Costs nothing while nothing happens.
pub struct Listener {
    bridge: Bridge,
    stored: Option<Vigil>,
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
            tokio::select! {
                () = sleep(RETRY) => {}
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

async fn changed(vigil: &mut Option<Vigil>, made: &mut watch::Receiver<bool>) {
    match vigil {
        Some(vigil) => vigil.changed().await,
        // The sender lives as long as the bridge.
        None => drop(made.changed().await),
    }
}
