//! The life of a run in the store: asked for, given its turn, followed, ended.

use std::sync::Arc;

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::events::{self, Prepared};
use crate::adapters::store::glance;
use crate::adapters::store::record::RunDoc;
use crate::adapters::store::run_rows::{self, Head};
use crate::adapters::store::words::signed;
use crate::domain::bounds::{Clip, QueueBounds};
use crate::domain::error::Failure;
use crate::domain::event::{EventBody, Notice};
use crate::domain::id::RunId;
use crate::domain::run::{Fate, Progress, Recorded, Run, Timestamp};
use crate::domain::state::{Outcome, RunState};

/// What became of a request for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// The run is in the store.
    New,
    /// The same client asked for the same under the same request id before; this run came of it.
    Existing(Box<Run>),
    /// The same client asked for something else under the same request id; this run came of it.
    Conflict(RunId),
    /// As many runs wait as may wait.
    QueueFull {
        /// How many wait.
        waiting: u32,
        /// How many may.
        most: u32,
    },
}

/// Whether a run in the queue may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is `starting` from now on.
    Granted,
    /// It has to wait.
    Wait {
        /// How many wait before it.
        ahead: u32,
    },
    /// It is not in the queue.
    NotQueued(RunState),
}

/// What there is of a run's events after some were added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    pub(super) recorded: Recorded,
    pub(super) last_seq: i64,
}

impl Store {
    /// Adds a run, unless the same request came before or the queue is full. `fingerprint` stands for all
    /// parameters of the request.
    pub async fn insert_run(
        &self,
        run: Run,
        queue: QueueBounds,
        fingerprint: String,
    ) -> Result<Inserted, StoreError> {
        let doc = RunDoc::of(&run);
        self.write("add a run", move |tx| {
            if let Some(request_id) = &doc.request_id
                && let Some((id, known)) = run_rows::by_request(tx, &doc.client, request_id)?
            {
                return Ok(if known == fingerprint {
                    Inserted::Existing(Box::new(run_rows::get(tx, &id)?))
                } else {
                    Inserted::Conflict(id)
                });
            }
            let (running, waiting) = live_counts(tx)?;
            let most = queue.running.saturating_add(queue.queued);
            if !run_rows::is_final(&doc) && running.saturating_add(waiting) >= most {
                return Ok(Inserted::QueueFull {
                    waiting,
                    most: queue.queued,
                });
            }
            run_rows::add(tx, &doc, &fingerprint, None, doc.events)?;
            Ok(Inserted::New)
        })
        .await
    }

    /// Gives a run its turn if one is free, nobody who came before needs it, and new runs are not paused. The caller records the event.
    pub async fn claim_turn(&self, id: &RunId, running_most: u32) -> Result<Turn, StoreError> {
        let run = id.clone();
        let take = self.write("take a turn", move |tx| {
            let head = run_rows::head(tx, &run)?;
            if head.state != RunState::Queued {
                return Ok((Turn::NotQueued(head.state), None));
            }
            let (running, _) = live_counts(tx)?;
            let ahead: u32 = tx
                .prepare_cached(
                    "SELECT count(*) FROM runs WHERE is_final = 0 AND state = 'queued' AND n < ?1",
                )?
                .query_row([head.n], |row| row.get(0))?;
            if ahead >= running_most.saturating_sub(running) || glance::is_paused(tx)? {
                return Ok((Turn::Wait { ahead }, None));
            }
            let progress = Progress {
                state: Some(RunState::Starting),
                ..Progress::default()
            };
            run_rows::update(tx, &run, &head, &progress)?;
            Ok((Turn::Granted, Some(run_rows::keepsake(tx, &run)?)))
        });
        let (turn, keepsake) = take.await?;
        if let Some(keepsake) = keepsake
            && self.inner.place.is_some()
        {
            self.inner.known.add(id.clone(), keepsake);
        }
        Ok(turn)
    }

    /// Adds events to a run and changes its record. The next state is the caller's business, but nothing changes a
    /// run that has ended.
    ///
    /// A final state ends the run: it is on the disk when this returns, in the database and in a file of its own.
    /// On a full disk it takes the room that was set aside for this. If the database can't be written, the error says
    /// so, the file alone is there, and [`Store::adopt_outcomes`] does the rest later.
    pub async fn append(
        &self,
        id: &RunId,
        events: Vec<(Timestamp, EventBody)>,
        progress: Progress,
    ) -> Result<Recorded, StoreError> {
        let prepared: Arc<[Prepared]> = events::prepare(&events).into();
        let ends = progress.state.is_some_and(RunState::is_final);
        let mut added = self.try_append(id, &prepared, &progress).await;
        if matches!(added, Err(StoreError::UnknownRun(_))) && self.restore(id).await? {
            added = self.try_append(id, &prepared, &progress).await;
        }
        if ends
            && matches!(added, Err(StoreError::Full { .. }))
            && let Some(place) = &self.inner.place
            && place.release_reserve()
        {
            added = self.try_append(id, &prepared, &progress).await;
        }
        match &added {
            Ok(added) => self.inner.known.follow(id, &progress, *added),
            Err(StoreError::RunEnded(_) | StoreError::UnknownRun(_)) => self.inner.known.forget(id),
            Err(_) if ends => self.keep_outcome_without_database(id, &progress).await,
            Err(_) => {}
        }
        Ok(added?.recorded)
    }

    async fn try_append(
        &self,
        id: &RunId,
        events: &Arc<[Prepared]>,
        progress: &Progress,
    ) -> Result<Added, StoreError> {
        let known = self.inner.known.last_seq(id);
        let (id, events, progress) = (id.clone(), Arc::clone(events), progress.clone());
        if !progress.state.is_some_and(RunState::is_final) {
            return self
                .write("record events", move |tx| {
                    let head = run_rows::live_head(tx, &id)?;
                    append(tx, &id, head.after(known), &events, &progress)
                })
                .await;
        }
        let outcomes = self.outcomes();
        self.write_synced("end a run", move |tx| {
            let head = run_rows::live_head(tx, &id)?;
            let added = append(tx, &id, head.after(known), &events, &progress)?;
            if let Some(outcomes) = &outcomes
                && let Err(error) = outcomes.keep(&run_rows::keepsake(tx, &id)?)
            {
                tracing::error!(run = %id, %error, "the run is in the database alone");
            }
            Ok(added)
        })
        .await
    }

    /// Marks a run as lost, unless it has ended or left its outcome; says whether it did.
    pub async fn mark_lost(
        &self,
        id: &RunId,
        at: Timestamp,
        failure: Failure,
    ) -> Result<bool, StoreError> {
        self.adopt_outcomes().await?;
        let lost = RunState::Ended(Outcome::Lost);
        let notice = EventBody::Notice {
            about: Notice::SupervisorDied,
            text: Clip::cut_before(failure.message.clone(), 0),
        };
        let progress = Progress {
            state: Some(lost),
            ended: Some(at),
            failure: Some(failure),
            ..Progress::default()
        };
        let events = vec![(at, notice), (at, EventBody::State(lost))];
        match self.append(id, events, progress).await {
            Ok(_) => Ok(true),
            Err(StoreError::RunEnded(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes down what became of a run's copy. The run itself has ended and stays as it is.
    pub async fn set_fate(&self, id: &RunId, fate: Fate) -> Result<(), StoreError> {
        let (id, outcomes) = (id.clone(), self.outcomes());
        self.write_synced("record what became of a worktree", move |tx| {
            run_rows::set_fate(tx, &id, &fate)?;
            if let Some(outcomes) = &outcomes {
                outcomes.keep(&run_rows::keepsake(tx, &id)?)?;
            }
            Ok(())
        })
        .await
    }

    /// A run, as a whole.
    pub async fn get_run(&self, id: &RunId) -> Result<Run, StoreError> {
        let id = id.clone();
        self.read("read a run", move |conn| run_rows::get(conn, &id))
            .await
    }

    /// All runs that have not ended, oldest first.
    pub async fn live_runs(&self) -> Result<Vec<Run>, StoreError> {
        self.read("read the live runs", run_rows::live).await
    }
}

/// How many runs are under way, and how many wait.
fn live_counts(tx: &rusqlite::Connection) -> Result<(u32, u32), Fault> {
    Ok(tx
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE state <> 'queued'), count(*) FILTER (WHERE state = 'queued')
             FROM runs WHERE is_final = 0",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Adds events and changes the record, in the caller's transaction.
fn append(
    tx: &rusqlite::Connection,
    id: &RunId,
    mut head: Head,
    events: &[Prepared],
    progress: &Progress,
) -> Result<Added, Fault> {
    events::add(tx, id, head.n, head.last_seq, events)?;
    head.last_seq += signed(events.len() as u64);
    head.recorded.events += events.len() as u64;
    head.recorded.bytes += events
        .iter()
        .map(|event| event.body.len() as u64)
        .sum::<u64>();
    if let Some(left_out) = progress.left_out {
        head.recorded.left_out = left_out.max(head.recorded.left_out);
    }
    run_rows::update(tx, id, &head, progress)?;
    Ok(Added {
        recorded: head.recorded,
        last_seq: head.last_seq,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{
        NOW, ROOMY, block_on, ending, failure, full_run, id, message, run, scrubbed,
    };
    use crate::domain::id::RequestId;
    use crate::domain::run::Usage;

    fn with_store(check: impl AsyncFnOnce(Store)) {
        block_on(async { check(Store::in_memory().unwrap()).await });
    }

    async fn insert(store: &Store, run: Run) -> Inserted {
        store.insert_run(run, ROOMY, "f".into()).await.unwrap()
    }

    #[test]
    fn a_run_reads_back_as_itself() {
        with_store(async |store| {
            for run in [run(1), full_run(2)] {
                assert_eq!(insert(&store, run.clone()).await, Inserted::New);
                assert_eq!(store.get_run(&run.id).await.unwrap(), run);
            }
        });
    }

    #[test]
    fn a_request_repeated_gives_the_first_run() {
        with_store(async |store| {
            let with_request = |n| Run {
                request_id: Some(RequestId::parse("r-1").unwrap()),
                ..run(n)
            };
            let add = async |run: Run, fingerprint: &str| {
                let added = store.insert_run(run, ROOMY, fingerprint.into()).await;
                added.unwrap()
            };
            assert_eq!(add(with_request(1), "a").await, Inserted::New);
            let first = Inserted::Existing(Box::new(with_request(1)));
            assert_eq!(add(with_request(2), "a").await, first);
            assert_eq!(add(with_request(3), "b").await, Inserted::Conflict(id(1)));
            let mut of_another = with_request(4);
            of_another.caller.client = scrubbed("opencode");
            assert_eq!(add(of_another, "b").await, Inserted::New);
        });
    }

    #[test]
    fn turns_come_in_order_and_the_queue_is_bounded() {
        with_store(async |store| {
            let queue = QueueBounds {
                running: 1,
                queued: 2,
            };
            let add = async |n| store.insert_run(run(n), queue, "f".into()).await.unwrap();
            let claim = async |n| store.claim_turn(&id(n), 1).await.unwrap();
            assert_eq!(add(1).await, Inserted::New);
            assert_eq!(add(2).await, Inserted::New);
            assert_eq!(claim(2).await, Turn::Wait { ahead: 1 });
            assert_eq!(claim(1).await, Turn::Granted);
            assert_eq!(claim(1).await, Turn::NotQueued(RunState::Starting));
            assert_eq!(add(3).await, Inserted::New);
            let full = Inserted::QueueFull {
                waiting: 2,
                most: 2,
            };
            assert_eq!(add(4).await, full);
            store.append(&id(1), vec![], ending()).await.unwrap();
            assert_eq!(claim(3).await, Turn::Wait { ahead: 1 });
            assert_eq!(claim(2).await, Turn::Granted);
            assert_eq!(claim(3).await, Turn::Wait { ahead: 0 });
        });
    }

    #[test]
    fn progress_changes_what_it_names_and_nothing_else() {
        with_store(async |store| {
            insert(&store, run(1)).await;
            let usage = Usage {
                input: 5,
                ..Usage::default()
            };
            let first = Progress {
                state: Some(RunState::Running),
                started: Some(Timestamp(NOW + 1)),
                activity: Some(scrubbed("thinks")),
                usage: Some(usage),
                ..Progress::default()
            };
            store.append(&id(1), vec![], first).await.unwrap();
            let second = Progress {
                left_out: Some(3),
                failure: Some(failure()),
                ..Progress::default()
            };
            let recorded = store.append(&id(1), vec![message("hi")], second).await;
            let run = store.get_run(&id(1)).await.unwrap();
            assert_eq!(run.recorded, recorded.unwrap());
            assert_eq!((run.recorded.events, run.recorded.left_out), (1, 3));
            assert_eq!(run.state, RunState::Running);
            assert_eq!(run.usage, Some(usage));
            assert_eq!(run.failure, Some(failure()));
            assert_eq!(run.activity, Some(scrubbed("thinks")));
        });
    }

    #[test]
    fn nothing_changes_a_run_that_has_ended() {
        with_store(async |store| {
            insert(&store, run(1)).await;
            store.append(&id(1), vec![], ending()).await.unwrap();
            let before = store.get_run(&id(1)).await.unwrap();
            let late = store.append(&id(1), vec![message("late")], ending()).await;
            assert!(matches!(late, Err(StoreError::RunEnded(_))), "{late:?}");
            let lost = store.mark_lost(&id(1), Timestamp(NOW), failure()).await;
            assert!(!lost.unwrap());
            assert_eq!(store.get_run(&id(1)).await.unwrap(), before);
        });
    }

    #[test]
    fn a_lost_run_says_why() {
        with_store(async |store| {
            insert(&store, run(1)).await;
            let lost = store.mark_lost(&id(1), Timestamp(NOW), failure()).await;
            assert!(lost.unwrap());
            let run = store.get_run(&id(1)).await.unwrap();
            assert_eq!(run.state, RunState::Ended(Outcome::Lost));
            assert_eq!(run.failure, Some(failure()));
            let page = store.events(&id(1), 0, 10, 10_000).await.unwrap();
            let last = page.events.last().map(|event| event.body.clone());
            assert_eq!(last, Some(EventBody::State(run.state)));
            assert!(page.is_final);
        });
    }

    #[test]
    fn an_unknown_run_is_told_as_such() {
        with_store(async |store| {
            let error = store.get_run(&id(9)).await.unwrap_err();
            assert!(matches!(error, StoreError::UnknownRun(_)), "{error}");
        });
    }
}
