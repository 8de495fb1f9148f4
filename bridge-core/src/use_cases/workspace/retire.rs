//! Which copies are kept, and how those go that nobody finished.

use std::time::Duration;

use crate::adapters::git::diff::Between;
use crate::adapters::git::program::Git;
use crate::adapters::git::shadow::{DiskUse, FoundKind, KeepError, Shadow, Shadows};
use crate::adapters::store::{AuditEntry, Store, StoreError};
use crate::domain::bounds::HistoryBounds;
use crate::domain::changes::Changes;
use crate::domain::id::RunId;
use crate::domain::run::{Fate, Run, Timestamp, WorkspaceMode};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::platform::lock::FileLock;
use crate::platform::private_dir::PrivateDir;
use crate::use_cases::error::chain;
use crate::use_cases::workspace::tell::changes_now;
use crate::use_cases::workspace::{WorkspaceError, Workspaces};

/// How long a copy stays in which nothing was changed: it can still be continued in.
const UNCHANGED: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest patch that is kept of a copy.
const LONGEST_PATCH: u64 = 1 << 30;

/// The copies that there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keeping {
    /// Runs whose copies hold changes that nobody took: they stay in the history.
    pub(crate) unfinished: Vec<RunId>,
    /// When the first of these goes.
    pub(crate) first_goes: Option<Timestamp>,
    /// How much room all copies take.
    pub(crate) disk: DiskUse,
}

/// What becomes of a copy now.
enum Verdict {
    Stays,
    /// Its run is not in the history any more, or it was finished.
    Goes,
    /// Nobody took its changes for too long.
    Expires(Box<Run>),
}

/// Looks which copies there are.
pub(crate) async fn keeping(
    git: &Git,
    store: &Store,
    places: &Workspaces,
    bounds: HistoryBounds,
) -> Result<Keeping, WorkspaceError> {
    let shadows = Shadows::new(git, places.state());
    let mut keeping = Keeping::default();
    for found in shadows.list()? {
        let used = shadows.disk_use(&found.run).await;
        keeping.disk.bytes += used.bytes;
        keeping.disk.files += used.files;
        let Ok(run) = store.get_run(&found.run).await else {
            continue;
        };
        if is_unfinished(&run) {
            let goes = run
                .times
                .ended
                .map(|ended| ended.after(bounds.worktree_age));
            keeping.first_goes = keeping.first_goes.into_iter().chain(goes).min();
            keeping.unfinished.push(run.id);
        }
    }
    Ok(keeping)
}

/// Removes copies whose time is over, and what was left of those that came to nothing. Changes that nobody took are
/// kept as a patch first. Answers with the runs that have to stay in the history.
pub(crate) async fn retire(
    git: &Git,
    store: &Store,
    places: &Workspaces,
    bounds: HistoryBounds,
    now: Timestamp,
) -> Result<Vec<RunId>, WorkspaceError> {
    let shadows = Shadows::new(git, places.state());
    let mut unfinished = Vec::new();
    for found in shadows.list()? {
        // Whoever makes, uses or removes it holds this.
        let lock_path = places.lock(&found.run);
        let Some(lock) = FileLock::try_acquire(&lock_path)? else {
            unfinished.push(found.run);
            continue;
        };
        let verdict = match found.kind {
            FoundKind::Whole => judge(store, &found.run, bounds, now).await?,
            FoundKind::Unfinished | FoundKind::Leaving => Verdict::Goes,
        };
        let gone = match verdict {
            Verdict::Stays => false,
            Verdict::Goes => true,
            Verdict::Expires(run) => expire(&shadows, store, places, &run, now).await?,
        };
        if gone {
            shadows.remove(&found.run).await?;
            if let Err(error) = std::fs::remove_file(&lock_path) {
                tracing::debug!(run = %found.run, %error, "the lock's file stays");
            }
        } else {
            unfinished.push(found.run);
        }
        drop(lock);
    }
    Ok(unfinished)
}

async fn judge(
    store: &Store,
    run: &RunId,
    bounds: HistoryBounds,
    now: Timestamp,
) -> Result<Verdict, WorkspaceError> {
    let run = match store.get_run(run).await {
        Ok(run) => run,
        Err(StoreError::UnknownRun(_)) => return Ok(Verdict::Goes),
        Err(error) => return Err(error.into()),
    };
    let Some(ended) = run.times.ended else {
        return Ok(Verdict::Stays);
    };
    if run.workspace.fate.is_some() {
        return Ok(Verdict::Goes);
    }
    // In the folder itself, only the difference is kept: as long as the run is in the history.
    if run.workspace.mode == WorkspaceMode::InPlace {
        return Ok(Verdict::Stays);
    }
    let stays = match is_unfinished(&run) {
        true => bounds.worktree_age,
        false => UNCHANGED.min(bounds.worktree_age),
    };
    Ok(match now.since(ended) > stays {
        true => Verdict::Expires(Box::new(run)),
        false => Verdict::Stays,
    })
}

/// Whether a run's copy holds changes that nobody took.
fn is_unfinished(run: &Run) -> bool {
    let changed = !matches!(&run.changes, Some(Changes::Known(summary)) if summary.files == 0);
    run.workspace.mode == WorkspaceMode::Worktree && run.workspace.fate.is_none() && changed
}

/// Keeps the changes as a patch and writes down that the copy is gone; says whether it may go.
async fn expire(
    shadows: &Shadows,
    store: &Store,
    places: &Workspaces,
    run: &Run,
    now: Timestamp,
) -> Result<bool, WorkspaceError> {
    let shadow = shadows.open(&run.id)?;
    let detail = match keep_patch(&shadow, places, &run.id).await {
        Ok(detail) => detail,
        // What can't be kept does not go.
        Err(error) => {
            let why = chain(&error);
            tracing::warn!(run = %run.id, why, "the changes of an old worktree can't be kept");
            return Ok(false);
        }
    };
    store.set_fate(&run.id, Fate::Expired).await?;
    let entry = AuditEntry {
        at: now,
        client: Scrubbed::literal("codex-bridge"),
        action: Scrubbed::literal("expire_worktree"),
        subject: Scrubber::builtin().scrub(run.id.as_str()),
        outcome: Scrubbed::literal("ok"),
        detail,
    };
    store.audit(entry).await?;
    Ok(true)
}

async fn keep_patch(
    shadow: &Shadow,
    places: &Workspaces,
    run: &RunId,
) -> Result<Scrubbed, WorkspaceError> {
    let (_, changes) = changes_now(shadow).await?;
    if changes.files.is_empty() {
        return Ok(Scrubbed::literal("nothing was changed in it"));
    }
    let path = places.patch(run);
    PrivateDir::ensure(&places.state().join("patches")).map_err(KeepError::from)?;
    let between = Between {
        before: &changes.before,
        after: &changes.after,
    };
    let objects = shadow.objects();
    objects.write_patch(between, &path, LONGEST_PATCH).await?;
    Ok(Scrubbed::literal("its changes are kept in `patches`"))
}
