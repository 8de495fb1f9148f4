//! Waits for news of a run. Whoever waits also notices when its supervisor dies.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::adapters::store::Store;
use crate::domain::id::RunId;
use crate::domain::run::Run;
use crate::use_cases::bridge::{Bridge, EventsWanted, Updates, unknown};
use crate::use_cases::error::Error;

/// How often one who waits looks whether the supervisor still lives.
const LIVENESS: Duration = Duration::from_secs(1);

impl Bridge {
    pub(super) async fn wait_for_end(&self, id: &RunId, limit: Duration) -> Result<Run, Error> {
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
            if run.state.is_final() || Instant::now() >= deadline {
                return self.settled(run).await;
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
            if !page.events.is_empty() || page.is_final || Instant::now() >= deadline {
                // Read after the events: the run is never older than what is told of it.
                let run = self.run(id).await?;
                // If it ended in between, the events of its end are still to come.
                let more = page.has_more || (run.state.is_final() && !page.is_final);
                return Ok(Updates {
                    run,
                    events: page.events,
                    next_cursor: page.next_cursor,
                    more,
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
