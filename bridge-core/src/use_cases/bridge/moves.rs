//! What became of each run since one last looked, also of those that came and went in between.

use std::collections::HashMap;

use crate::adapters::store::Store;
use crate::domain::id::RunId;
use crate::domain::run::RunSummary;
use crate::domain::state::RunState;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::error::Error;

/// Sees every run that is made or changes its state from now on, however many they are.
pub struct Moves {
    bridge: Bridge,
    /// Nothing before the database was first read: what is in it then is no news.
    stored: Option<Seen>,
    ephemeral: Seen,
}

/// What was seen in one store.
#[derive(Debug, Default)]
struct Seen {
    last: u64,
    open: HashMap<RunId, RunState>,
}

impl Bridge {
    /// Begins to look.
    pub async fn moves(&self) -> Moves {
        let mut moves = Moves {
            bridge: self.clone(),
            stored: None,
            ephemeral: Seen::default(),
        };
        if let Err(error) = moves.next().await {
            tracing::debug!(%error, "the first look comes later");
        }
        moves
    }
}

impl Moves {
    /// The runs that are new or stand elsewhere than when one last looked, oldest first.
    pub async fn next(&mut self) -> Result<Vec<RunSummary>, Error> {
        let mut moved = Vec::new();
        if let Some(store) = self.bridge.known_ephemeral_store() {
            moved = self.ephemeral.look(&store).await?;
        }
        let store = self.bridge.store().await?;
        match &mut self.stored {
            Some(seen) => moved.extend(seen.look(&store).await?),
            None => {
                let mut seen = Seen::default();
                seen.take(store.moved(None, &[]).await?, stands);
                self.stored = Some(seen);
            }
        }
        Ok(moved)
    }
}

impl Seen {
    async fn look(&mut self, store: &Store) -> Result<Vec<RunSummary>, Error> {
        let open: Vec<RunId> = self.open.keys().cloned().collect();
        Ok(self.take(store.moved(Some(self.last), &open).await?, stands))
    }

    /// Takes over what is there now; says what of it is new.
    fn take<T>(&mut self, rows: Vec<(u64, T)>, stands: fn(&T) -> (&RunId, RunState)) -> Vec<T> {
        let before = std::mem::take(&mut self.open);
        let mut moved = Vec::new();
        for (n, run) in rows {
            let (id, state) = stands(&run);
            self.last = self.last.max(n);
            if !state.is_final() {
                self.open.insert(id.clone(), state);
            }
            if before.get(id) != Some(&state) {
                moved.push(run);
            }
        }
        moved
    }
}

fn stands(run: &RunSummary) -> (&RunId, RunState) {
    (&run.id, run.state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Persistence;
    use crate::domain::state::Outcome;

    const DONE: RunState = RunState::Ended(Outcome::Succeeded);

    type Row = (u64, (RunId, RunState));

    fn run(n: u64, state: RunState) -> Row {
        (n, (RunId::new(Persistence::Stored, n, n), state))
    }

    fn look(seen: &mut Seen, rows: Vec<Row>) -> Vec<RunState> {
        let moved = seen.take(rows, |(id, state)| (id, *state));
        moved.into_iter().map(|(_, state)| state).collect()
    }

    #[test]
    fn each_change_of_state_is_told_once() {
        let (runs, waits) = (RunState::Running, RunState::WaitingForAnswer);
        let mut seen = Seen::default();
        assert_eq!(look(&mut seen, vec![run(1, runs)]), [runs]);
        assert_eq!(look(&mut seen, vec![run(1, runs)]), []);
        let both = vec![run(1, waits), run(2, DONE)];
        assert_eq!(look(&mut seen, both), [waits, DONE]);
        assert_eq!(look(&mut seen, vec![run(1, DONE)]), [DONE]);
        assert_eq!((seen.last, seen.open.len()), (2, 0));
    }

    #[test]
    fn however_many_end_between_two_looks_none_is_missed() {
        let mut seen = Seen::default();
        look(
            &mut seen,
            (1..=50).map(|n| run(n, RunState::Running)).collect(),
        );
        // Ten of them were made and ended since.
        let all = (1..=60).map(|n| run(n, DONE)).collect();
        assert_eq!(look(&mut seen, all).len(), 60);
    }
}
