//! What a run says of its workspace, and what it does for the history when it is over.

use crate::domain::event::Notice;
use crate::domain::scrub::Scrubbed;
use crate::use_cases::supervisor::ledger::Ledger;
use crate::use_cases::supervisor::life::Life;
use crate::use_cases::workspace::{self, Workplace, WorkspaceError, Workspaces};

impl Life {
    /// Writes down where Codex works, and what the person should know of that.
    pub(super) fn tell_workspace(&self, ledger: &mut Ledger, workplace: &Workplace) {
        let at = self.clock.now();
        if let Some(why) = &workplace.record.fell_back {
            let sentence = format!("The work is done in the folder itself: {why}.");
            ledger.notice(at, Notice::Decided, &sentence);
        }
        for note in &workplace.notes {
            ledger.notice(at, Notice::Decided, Scrubbed::as_str(note));
        }
        ledger.progress().workspace = Some(workplace.record.clone());
    }

    /// Removes what is too old: copies that nobody finished, then runs. What fails is tried again by the next run.
    pub(super) async fn tidy_up(&self) {
        let history = self.settings.config.history;
        let now = (self.host.now)();
        let places = Workspaces::in_state(&self.settings.config.state_dir);
        // Runs whose copies hold changes that nobody took stay, so that these can be found.
        let retired = async {
            let git = workspace::git(&self.host).await?;
            workspace::retire(&git, &self.store, &places, history, now).await
        };
        let keep = match places.any() {
            true => retired.await,
            false => Ok::<_, WorkspaceError>(Vec::new()),
        };
        let keep = match keep {
            Ok(keep) => keep,
            Err(error) => {
                tracing::warn!(%error, "could not look at old worktrees, so no history is removed");
                return;
            }
        };
        if let Err(error) = self.store.prune(history, now, &keep).await {
            tracing::warn!(%error, "could not prune history");
        }
    }
}
