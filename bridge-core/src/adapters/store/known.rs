//! What this process knows of the runs that it gave their turn: enough to keep a run when the database does not.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::adapters::store::Store;
use crate::adapters::store::error::StoreError;
use crate::adapters::store::outcome::Keepsake;
use crate::adapters::store::record::{MessageDoc, RunDoc};
use crate::adapters::store::review_doc::ReviewDoc;
use crate::adapters::store::run_rows;
use crate::adapters::store::runs::Added;
use crate::adapters::store::words::{signed, state_of, state_words};
use crate::domain::id::RunId;
use crate::domain::run::Progress;
use crate::domain::scrub::Scrubbed;
use crate::domain::state::RunState;

/// The runs, as they were last written.
#[derive(Debug, Default)]
pub(super) struct Known {
    runs: Mutex<HashMap<RunId, Keepsake>>,
}

impl Known {
    pub(super) fn add(&self, id: RunId, keepsake: Keepsake) {
        self.runs().insert(id, keepsake);
    }

    pub(super) fn get(&self, id: &RunId) -> Option<Keepsake> {
        self.runs().get(id).cloned()
    }

    /// The number of the last event that was answered for.
    pub(super) fn last_seq(&self, id: &RunId) -> i64 {
        self.runs().get(id).map_or(0, |keepsake| keepsake.last_seq)
    }

    /// Drops a run that is none of ours any more.
    pub(super) fn forget(&self, id: &RunId) {
        self.runs().remove(id);
    }

    /// Follows what was written. A run that has ended need not be known any more.
    pub(super) fn follow(&self, id: &RunId, progress: &Progress, added: Added) {
        let mut runs = self.runs();
        if progress.state.is_some_and(RunState::is_final) {
            runs.remove(id);
        } else if let Some(keepsake) = runs.get_mut(id) {
            advance(&mut keepsake.run, progress);
            keepsake.last_seq = added.last_seq;
            keepsake.run.events = signed(added.recorded.events);
            keepsake.run.bytes = signed(added.recorded.bytes);
            keepsake.run.left_out = signed(added.recorded.left_out);
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, Keepsake>> {
        // A map is whole after any of its operations.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Adds a run's row again that went with a damaged database, if this process knows the run.
    pub(super) async fn restore(&self, id: &RunId) -> Result<bool, StoreError> {
        let Some(keepsake) = self.inner.known.get(id) else {
            return Ok(false);
        };
        self.write("restore a run", move |tx| {
            run_rows::restore(tx, &keepsake)?;
            Ok(true)
        })
        .await
    }

    /// Writes the outcome file of a run whose end the database did not take.
    pub(super) async fn keep_outcome_without_database(&self, id: &RunId, progress: &Progress) {
        let Some(outcomes) = self.outcomes() else {
            return;
        };
        let keepsake = match self.inner.known.get(id) {
            Some(keepsake) => Ok(keepsake),
            None => {
                let id = id.clone();
                self.read("read a run", move |conn| run_rows::keepsake(conn, &id))
                    .await
            }
        };
        let kept = keepsake.and_then(|mut keepsake| {
            advance(&mut keepsake.run, progress);
            outcomes.keep(&keepsake)
        });
        if let Err(error) = kept {
            tracing::error!(run = %id, %error, "the end of a run could not be kept");
        }
    }
}

/// Changes a record as [`run_rows::update`] changes the row.
fn advance(doc: &mut RunDoc, progress: &Progress) {
    let text = |text: &Scrubbed| text.as_str().to_owned();
    if let Some(state) = progress.state {
        let (word, detail) = state_words(state);
        doc.state = word.to_owned();
        doc.detail = detail.map(str::to_owned);
    }
    doc.started = progress.started.map(|at| at.0).or(doc.started);
    doc.ended = progress.ended.map(|at| at.0).or(doc.ended);
    if let Some(activity) = &progress.activity {
        doc.activity = Some(text(activity));
    }
    if state_of(&doc.state, doc.detail.as_deref()).is_some_and(RunState::is_final) {
        doc.activity = None;
    }
    if let Some(message) = &progress.message {
        doc.message = Some(MessageDoc::of(message));
    }
    if let Some(review) = &progress.review {
        doc.review = Some(ReviewDoc::of(review));
    }
    if let Some(left_out) = progress.left_out {
        doc.left_out = signed(left_out);
    }
    doc.found.take(progress);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{
        ROOMY, block_on, ending, failure, full_run, id, run, scrubbed,
    };
    use crate::domain::question::QuestionChange;
    use crate::domain::run::Timestamp;

    #[test]
    fn a_record_advances_as_its_row_does() {
        let full = full_run(2);
        let middle = Progress {
            state: Some(RunState::Running),
            started: Some(Timestamp(5)),
            thread: full.thread,
            codex: full.codex,
            driver: full.driver,
            question: full.question.map(QuestionChange::Asked),
            applied: Some(full.applied),
            activity: Some(scrubbed("thinks")),
            usage: full.usage,
            failure: Some(failure()),
            exit: full.exit,
            left_out: Some(3),
            ..Progress::default()
        };
        block_on(async {
            let store = Store::in_memory().unwrap();
            store.insert_run(run(1), ROOMY, "f".into()).await.unwrap();
            let mut doc = RunDoc::of(&store.get_run(&id(1)).await.unwrap());
            for progress in [middle, Progress::default(), ending()] {
                advance(&mut doc, &progress);
                store.append(&id(1), vec![], progress).await.unwrap();
                let row = store.get_run(&id(1)).await.unwrap();
                assert_eq!(doc.clone().into_run().unwrap(), row);
            }
        });
    }
}
