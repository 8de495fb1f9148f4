//! Where a run works: the person's folder, or a copy of their repository; and what it changed there.

mod error;
mod open;
mod retire;
mod tell;

pub use error::WorkspaceError;
pub(crate) use open::{Plan, Workplace, can_copy, repository};
pub(crate) use retire::{keeping, retire};
pub(crate) use tell::{changes_now, lines};

use std::path::{Path, PathBuf};

use crate::adapters::git::apply::recover;
use crate::adapters::git::conventions::PersonHome;
use crate::adapters::git::program::Git;
use crate::adapters::store::{Store, StoreError};
use crate::domain::id::RunId;
use crate::domain::run::WorkspaceMode;
use crate::use_cases::host::Host;

/// The folders of all workspaces, in the state folder.
#[derive(Clone, Debug)]
pub(crate) struct Workspaces {
    state: PathBuf,
}

impl Workspaces {
    pub(crate) fn in_state(state: &Path) -> Workspaces {
        Workspaces {
            state: state.to_owned(),
        }
    }

    /// The state folder.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// Whether there is any workspace at all.
    pub(crate) fn any(&self) -> bool {
        self.state.join("worktrees").is_dir()
    }

    /// Whether the run has a folder of its own among the workspaces.
    pub(crate) fn has(&self, run: &RunId) -> bool {
        self.state.join("worktrees").join(run.as_str()).is_dir()
    }

    /// Held by whoever works in a run's copy or ends it.
    pub(crate) fn lock(&self, run: &RunId) -> PathBuf {
        self.state.join("locks").join(format!("{run}.worktree"))
    }

    /// What changes are being brought into folders at this moment.
    pub(crate) fn journals(&self) -> PathBuf {
        self.state.join("applies")
    }

    /// The changes of copies that were removed after their time.
    pub(crate) fn patch(&self, run: &RunId) -> PathBuf {
        self.state.join("patches").join(format!("{run}.patch"))
    }
}

/// Ends what whoever brought changes into a folder left half done when it died. Blocks the thread.
pub(crate) fn put_right(state: &Path) {
    let journals = Workspaces::in_state(state).journals();
    if !journals.is_dir() {
        return;
    }
    match recover(&journals) {
        Ok(recovery) => {
            for ended in recovery.ended {
                let folder = ended.folder.display();
                tracing::warn!(run = %ended.run, %folder, ending = ?ended.ending, "put a folder right after an apply that died");
            }
            for (run, error) in recovery.stuck {
                tracing::error!(%run, %error, "an apply that died can't be put right yet");
            }
        }
        Err(error) => tracing::error!(%error, "can't look for applies that died"),
    }
}

/// The run that a run's workspace was made for: itself, or one before it whose copy it works in.
pub(crate) async fn owner(
    store: &Store,
    places: &Workspaces,
    run: &RunId,
) -> Result<Option<RunId>, StoreError> {
    let mut next = Some(run.clone());
    while let Some(run) = next {
        if places.has(&run) {
            return Ok(Some(run));
        }
        let run = store.get_run(&run).await?;
        // Who works in the folder itself has no part in what another run did there.
        next = match run.workspace.mode {
            WorkspaceMode::Worktree => run.continues,
            WorkspaceMode::InPlace => None,
        };
    }
    Ok(None)
}

/// The git of this machine, with nothing of the person's configuration.
pub(crate) async fn git(host: &Host) -> Result<Git, WorkspaceError> {
    let path = host.var("PATH").unwrap_or_default();
    Git::find(path).await.map_err(WorkspaceError::NoGit)
}

/// Where git finds the person's own settings, of which some are followed.
pub(crate) fn person(host: &Host) -> PersonHome {
    PersonHome {
        home: host.home.clone(),
        xdg_config_home: host.var("XDG_CONFIG_HOME").map(PathBuf::from),
    }
}
