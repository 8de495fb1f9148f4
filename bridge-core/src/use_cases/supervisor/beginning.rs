//! A run's way to its Codex process: the queue, then the preparation. Both can be stopped at any moment.

use std::pin::pin;
use std::time::Duration;

use crate::adapters::secrets::Secret;
use crate::adapters::store::{StoreError, ToSupervisor, Turn};
use crate::domain::error::Failure;
use crate::domain::event::EventBody;
use crate::domain::state::{RunState, Signal, StopReason};
use crate::platform::family::Family;
use crate::platform::ladder::{self, Rungs};
use crate::platform::spawn::Launch;
use crate::use_cases::supervisor::launch::{self, Ready};
use crate::use_cases::supervisor::ledger::Ledger;
use crate::use_cases::supervisor::life::{Life, TICK, step};

/// How often one who waits in the queue looks whether its turn has come.
const QUEUE_LOOK: Duration = Duration::from_millis(150);

/// Why the preparation came to nothing.
pub(super) enum Unprepared {
    Failed(Failure),
    Stop(StopReason),
}

impl Life {
    /// Waits in the queue. `false` says that the run has ended there.
    pub(super) async fn turn_came(&self) -> Result<bool, StoreError> {
        let mut looks = 0_u32;
        let mut said = None;
        loop {
            if let Some(why) = self.stop_asked().await {
                let ledger = Ledger::new(self.settings.config.run, self.settings.scrubber.clone());
                self.end(ledger, RunState::Ended(why.outcome())).await?;
                return Ok(false);
            }
            let most = self.settings.config.queue.running;
            let turn = match self.has_to_wait(&mut said).await {
                Ok(true) => Ok(Turn::Wait { ahead: 0 }),
                Ok(false) => self.store.claim_turn(self.run(), most).await,
                Err(error) => Err(error),
            };
            match turn {
                Ok(Turn::Granted) => return Ok(true),
                Ok(Turn::NotQueued(_)) => return Ok(false),
                Ok(Turn::Wait { .. }) => {}
                Err(StoreError::RunEnded(_)) => return Ok(false),
                Err(error @ (StoreError::UnknownRun(_) | StoreError::Newer { .. })) => {
                    return Err(error);
                }
                Err(error) => tracing::warn!(run = %self.run(), %error, "can't ask for a turn"),
            }
            // Nobody waits for a dead one.
            if looks.is_multiple_of(8)
                && let Some(reaper) = &self.reaper
                && let Err(error) = reaper.sweep(&self.store).await
            {
                tracing::warn!(run = %self.run(), %error, "can't look for dead runs");
            }
            looks += 1;
            tokio::time::sleep(QUEUE_LOOK).await;
        }
    }

    /// Why the run is to be stopped, if somebody has asked for it since the last time. To be awaited to its end:
    /// each message is given once.
    pub(super) async fn stop_asked(&self) -> Option<StopReason> {
        let messages = self.messages().await;
        messages.into_iter().find_map(|message| match message {
            ToSupervisor::Cancel { by } => Some(StopReason::Cancelled(by)),
            // Nobody says anything to a run that has not begun: its record tells that it can't be done.
            ToSupervisor::Steer { .. } | ToSupervisor::Answer { .. } => None,
        })
    }

    /// What was said to this supervisor since it last asked. To be awaited to its end: each message is given once.
    pub(super) async fn messages(&self) -> Vec<ToSupervisor> {
        match self.store.take_messages(self.run()).await {
            Ok(messages) => messages,
            Err(error) => {
                tracing::warn!(run = %self.run(), %error, "can't read messages");
                Vec::new()
            }
        }
    }

    /// Finds out how to start Codex, unless the run is stopped meanwhile: a Codex that is slow to tell its version
    /// keeps nobody from cancelling.
    pub(super) async fn prepared(
        &self,
        key: Option<&Secret>,
    ) -> Result<(Ready, Launch), Unprepared> {
        let for_codex = launch::For {
            host: &self.host,
            settings: &self.settings,
            store: &self.store,
            key,
        };
        let preparing = launch::prepare(for_codex, &self.order);
        let mut preparing = pin!(preparing);
        loop {
            tokio::select! {
                prepared = &mut preparing => return prepared.map_err(Unprepared::Failed),
                () = tokio::time::sleep(TICK) => {}
            }
            if let Some(why) = self.stop_asked().await {
                return Err(Unprepared::Stop(why));
            }
        }
    }

    /// Ends a run that was stopped before it came to a Codex process; one may have been asked about itself.
    pub(super) async fn stop_early(
        &self,
        mut ledger: Ledger,
        state: RunState,
        why: StopReason,
    ) -> Result<(), StoreError> {
        let state = step(state, Signal::StopAsked(why));
        ledger.push(self.clock.now(), EventBody::State(state));
        let mut family = Family::from_known(self.marker(), Vec::new());
        let stopped =
            ladder::stop(&mut family, std::future::pending::<()>(), Rungs::default()).await;
        if !stopped.survivors.is_empty() {
            tracing::error!(run = %self.run(), ?stopped.survivors, "could not be ended");
        }
        self.end(ledger, step(state, Signal::Finished)).await
    }

    /// Ends a run that never came to a Codex process.
    pub(super) async fn end_early(
        &self,
        mut ledger: Ledger,
        state: RunState,
        failure: Failure,
    ) -> Result<(), StoreError> {
        let state = step(state, Signal::Failed(failure.code));
        ledger.progress().failure = Some(failure);
        self.end(ledger, state).await
    }
}
