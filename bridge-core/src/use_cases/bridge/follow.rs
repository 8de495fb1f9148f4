//! Waits for news of a run. Whoever waits also notices when its supervisor dies.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::adapters::store::Store;
use crate::domain::id::RunId;
use crate::domain::run::Run;
use crate::use_cases::bridge::{Bridge, EventsWanted, Glimpse, Updates, unknown};
use crate::use_cases::error::Error;

/// How often one who waits looks whether the supervisor still lives.
const LIVENESS: Duration = Duration::from_secs(1);

impl Bridge {
    pub(super) async fn wait_for_end(&self, id: &RunId, limit: Duration) -> Result<Run, Error> {
        Ok(self.wait_for_glimpse(id, limit, None).await?.run)
    }

    /// Waits for the end, and where `seen` is given for another text than this one that is being written.
    pub(super) async fn wait_for_glimpse(
        &self,
        id: &RunId,
        limit: Duration,
        seen: Option<u64>,
    ) -> Result<Glimpse, Error> {
        let deadline = Instant::now() + limit;
        let store = self.store_of(id).await?;
        let mut news = News::of(&store);
        loop {
            let run = store.get_run(id).await.map_err(unknown)?;
            let run = if news.is_quiet() {
                self.settled(run).await?
            } else {
                run
            };
            let is_news = run.state.is_final() || writes_else(&store, id, seen).await?;
            if is_news || Instant::now() >= deadline {
                let live = match seen {
                    Some(_) => store.live(id).await?,
                    None => None,
                };
                let run = self.settled(run).await?;
                return Ok(Glimpse { run, live });
            }
            news.next(deadline).await;
        }
    }

    pub(super) async fn wait_for_events(
        &self,
        id: &RunId,
        wanted: EventsWanted,
    ) -> Result<Updates, Error> {
        let deadline = Instant::now() + wanted.wait;
        let store = self.store_of(id).await?;
        let mut news = News::of(&store);
        loop {
            let page = store
                .events(id, wanted.after, wanted.count, wanted.bytes)
                .await
                .map_err(unknown)?;
            let is_news = !page.events.is_empty() || writes_else(&store, id, wanted.live).await?;
            if is_news || page.is_final || Instant::now() >= deadline {
                // Read after the events: what came whole is shown once.
                let live = match page.is_final {
                    true => None,
                    false => store.live(id).await?,
                };
                // Read after the events: the run is never older than what is told of it.
                let run = self.run(id).await?;
                // If it ended in between, the events of its end are still to come.
                let more = page.has_more || (run.state.is_final() && !page.is_final);
                return Ok(Updates {
                    run,
                    events: page.events,
                    next_cursor: page.next_cursor,
                    more,
                    live,
                });
            }
            if news.is_quiet() {
                let run = store.get_run(id).await.map_err(unknown)?;
                self.settled(run).await?;
            }
            news.next(deadline).await;
        }
    }
}

/// Whether another text is being written than the one that was seen.
async fn writes_else(store: &Store, id: &RunId, seen: Option<u64>) -> Result<bool, Error> {
    match seen {
        Some(seen) => Ok(store.live_seq(id).await? != seen),
        None => Ok(false),
    }
}

/// Changes of the store, and a look at the supervisor when there have been none for a while.
struct News {
    watch: crate::adapters::store::Watch,
    quiet: bool,
}

impl News {
    /// Begins with a quiet time: the first look asks for the supervisor, too.
    fn of(store: &Store) -> News {
        News {
            watch: store.watch(),
            quiet: true,
        }
    }

    fn is_quiet(&self) -> bool {
        self.quiet
    }

    async fn next(&mut self, deadline: Instant) {
        let look = deadline.min(Instant::now() + LIVENESS);
        self.quiet = timeout_at(look, self.watch.changed()).await.is_err();
    }
}
