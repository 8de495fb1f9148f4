//! Brings a worktree's changes into the person's folder: all of them or none, byte for byte, and nothing else. The
//! index and what git keeps are not touched.
//!
//! All is looked at first. Then all new files are made in a staging folder, and a journal is written. Then each path
//! takes one rename, which never replaces anything that was not looked at. Whatever fails, or dies, is undone by the
//! journal; `recover` does so for appliers that died.

mod contents;
mod decide;
mod error;
mod ground;
mod hunks;
mod journal;
mod recover;
mod staging;
mod survey;
#[cfg(test)]
mod tests;
mod turn;
mod underway;
mod wish;

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapters::git::apply::contents::{Asked, Lens, Side};
use crate::adapters::git::apply::decide::{Findings, Plan, decide};
use crate::adapters::git::apply::hunks::{MAX_TEXT, Texts, hunks};
use crate::adapters::git::apply::journal::Journals;
use crate::adapters::git::apply::staging::Sources;
use crate::adapters::git::apply::survey::{Sight, survey};
use crate::adapters::git::apply::turn::Turn;
use crate::adapters::git::apply::underway::{Underway, Work};
use crate::adapters::git::apply::wish::{Wishes, names_of, split};
use crate::adapters::git::command::GitError;
use crate::adapters::git::repository::Repository;
use crate::adapters::git::shadow::Shadow;
use crate::domain::changes::{ChangeSet, Entry, FileMode, ObjectId, RepoPath};
use crate::domain::conflict::{Conflict, ConflictReason};
use crate::domain::id::RunId;
use crate::domain::run::Timestamp;
use crate::platform::private_dir::PrivateDir;
use crate::platform::tree_edit::{Folder, Kind, Renames};

pub use crate::adapters::git::apply::error::{ApplyError, LeftBehind};
pub use crate::adapters::git::apply::recover::{Ending, Recovered, Recovery, recover};

/// The most files whose conflicts are told by hunk.
const MAX_TOLD_BY_HUNK: usize = 20;

/// What is to be brought where.
#[derive(Clone, Debug)]
pub struct Order {
    /// Whose changes.
    pub run: RunId,
    /// The changes, from the tree that its worktree began with.
    pub changes: ChangeSet,
    /// The private repository of the run with the worktree, which nobody writes to any more.
    pub shadow: Shadow,
    /// The person's repository, looked at just now.
    pub repository: Repository,
    /// The commit that it has to be at; nothing for one without any.
    pub head: Option<ObjectId>,
    /// The folder of the journals, in the state folder.
    pub journals: PathBuf,
    /// The time by the wall clock.
    pub now: Timestamp,
}

impl Order {
    fn folder(&self) -> &Path {
        &self.repository.toplevel
    }
}

/// What was brought into the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// How many files were changed, added or removed; a renamed one counts twice.
    pub files: usize,
    /// How many were as wished already.
    pub already: usize,
}

/// What a test may do between two steps: fail, or never come back.
type Hook = Arc<dyn Fn(&str) -> io::Result<()> + Send + Sync>;

/// Applies, or leaves all as it was and says why.
///
/// # Errors
/// See [`ApplyError`]: after all of them but two, the folder is untouched.
pub async fn apply(order: Order) -> Result<Applied, ApplyError> {
    apply_with(order, Renames::Best, Arc::new(|_| Ok(()))).await
}

/// Looks whether it could be applied at this moment. Changes nothing.
///
/// # Errors
/// Says what is in the way.
pub async fn check(order: Order) -> Result<(), ApplyError> {
    PrivateDir::ensure(&order.journals)?;
    let about = |error| ApplyError::of_io("make a folder in", &order.journals, error);
    let scratch = tempfile::Builder::new()
        .prefix(".check-")
        .tempdir_in(&order.journals)
        .map_err(about)?;
    let lens = Lens {
        shadow: order.shadow.clone(),
        scratch: scratch.path().to_owned(),
    };
    look(&lens, &Arc::new(order)).await.map(drop)
}

async fn apply_with(order: Order, renames: Renames, hook: Hook) -> Result<Applied, ApplyError> {
    PrivateDir::ensure(&order.journals)?;
    let journals = Journals::new(order.journals.clone());
    let turn = Turn::take(&journals, &order.run, order.folder()).await?;
    // Whatever goes on on another thread holds it, too, should this one give up.
    let turn = Arc::new(turn);
    let work = apply_in_turn(Arc::new(order), journals, turn.clone(), renames, hook);
    let done = work.await;
    if !matches!(done, Err(ApplyError::Stuck { .. })) {
        turn.end();
    }
    done
}

async fn apply_in_turn(
    order: Arc<Order>,
    journals: Journals,
    turn: Arc<Turn>,
    renames: Renames,
    hook: Hook,
) -> Result<Applied, ApplyError> {
    // What earlier appliers left that died.
    let (earlier, run, held) = (journals.clone(), order.run.clone(), turn.clone());
    blocking(move || recover::recover_before(&earlier, &run, &held)).await?;
    let scratch = journals.scratch(&order.run);
    fs::create_dir(&scratch)
        .map_err(|error| ApplyError::of_io("make the folder", &scratch, error))?;
    let lens = Lens {
        shadow: order.shadow.clone(),
        scratch: scratch.clone(),
    };
    let looked = look(&lens, &order).await;
    fs::remove_dir_all(&scratch)
        .map_err(|error| ApplyError::of_io("remove the folder", &scratch, error))?;
    let (plan, sources) = looked?;
    let applied = Applied {
        files: plan.files(),
        already: plan.already,
    };
    if plan.steps.is_empty() {
        return Ok(applied);
    }

    let work = Work {
        order: order.clone(),
        journals,
        plan,
        sources,
        renames,
        hook,
        _turn: turn,
    };
    let mut underway = blocking(move || Underway::begin(work)).await?;
    check_head(&order).await?;
    underway = blocking(move || underway.carry_out()).await?;
    check_head(&order).await?;
    blocking(move || underway.commit()).await?;
    Ok(applied)
}

/// Looks at both sides and decides what is to be done. Writes nothing but to the scratch folder.
async fn look(lens: &Lens, order: &Arc<Order>) -> Result<(Plan, Sources), ApplyError> {
    check_head(order).await?;
    let wishes = Arc::new(Wishes::of(&order.changes));
    let (theirs, ours) = (wishes.clone(), wishes.clone());
    let (seen_order, from) = (order.clone(), order.clone());
    let (sights, folds_case) = blocking(move || see(&seen_order, &theirs)).await?;
    let entries = entries(lens, order, &decide::asked(&wishes, &sights)).await?;
    let outside_sparse = match order.repository.conventions.sparse {
        true => lens.outside_sparse(wishes.paths()).await,
        false => BTreeSet::new(),
    };
    let decided = decide(&Findings {
        wishes: &wishes,
        sights: &sights,
        entries: &entries,
        outside_sparse: &outside_sparse,
        folds_case,
    });
    let plan = match decided {
        Ok(plan) => plan,
        Err(mut conflicts) => {
            tell_hunks(lens, order, &wishes, &mut conflicts).await;
            return Err(ApplyError::Conflicts { conflicts });
        }
    };

    let sources = blocking(move || find_sources(&from, &ours)).await?;
    let wanted: Vec<Asked<'_>> = wishes
        .iter()
        .filter(|wish| sources.seen.contains_key(&wish.path))
        .map(|wish| Asked {
            path: &wish.path,
            before: wish.before.as_ref(),
        })
        .collect();
    let side = Side {
        folder: &order.shadow.files(),
        name: "worktree",
    };
    let entries = lens.entries(side, &wanted).await;
    let entries = entries.map_err(of_git(&lens.scratch))?;
    for wish in wishes.iter().filter(|wish| wish.after.is_some()) {
        if entries.get(&wish.path) != wish.after.as_ref() {
            let path = wish.path.clone();
            return Err(ApplyError::WorktreeChanged { path });
        }
    }
    Ok((plan, sources))
}

/// What git keeps of the files in the person's folder.
async fn entries(
    lens: &Lens,
    order: &Order,
    asked: &[Asked<'_>],
) -> Result<HashMap<RepoPath, Entry>, ApplyError> {
    let side = Side {
        folder: order.folder(),
        name: "folder",
    };
    let entries = lens.entries(side, asked).await;
    let mut entries = entries.map_err(of_git(&lens.scratch))?;
    let differs = |one: &&Asked<'_>| one.before.is_some() && entries.get(one.path) != one.before;
    let differing: Vec<Asked<'_>> = asked.iter().filter(differs).copied().collect();
    let index = order.repository.git_dir.join("index");
    match lens.unchanged(side, &index, &differing).await {
        Ok(unchanged) => entries.extend(unchanged),
        // An index of another kind than this git reads; then the content alone counts.
        Err(error) => tracing::debug!(%error, "the person's index says nothing"),
    }
    Ok(entries)
}

/// Looks at the person's folder, and whether case counts in it.
fn see(order: &Order, wishes: &Wishes) -> Result<(Vec<Sight>, bool), ApplyError> {
    let about = |error| ApplyError::of_io("look at", order.folder(), error);
    let root = Folder::open(order.folder()).map_err(about)?;
    let now = order.now.0.div_euclid(1000);
    let sights = survey(&root, wishes, now).map_err(about)?;
    let (small, large) = (root.look(b".git"), root.look(b".GIT"));
    let folds_case = match (small.map_err(about)?, large.map_err(about)?) {
        (Some(small), Some(large)) => small.stamp.ino == large.stamp.ino,
        (None | Some(_), None) | (None, Some(_)) => false,
    };
    Ok((sights, folds_case))
}

/// Looks at the files of the worktree that are to come.
fn find_sources(order: &Order, wishes: &Wishes) -> Result<Sources, ApplyError> {
    let about = |error| ApplyError::of_io("look at", &order.shadow.files(), error);
    let root = Folder::open(&order.shadow.files()).map_err(about)?;
    let mut seen = HashMap::new();
    for wish in wishes.iter().filter(|wish| wish.after.is_some()) {
        let (above, name) = split(wish.path.as_bytes());
        let found = match root.walk(names_of(above)) {
            Ok(folder) => folder.look(name).map_err(about)?,
            Err(_) => None,
        };
        let found = found.filter(|seen| matches!(seen.kind(), Kind::File | Kind::Symlink));
        seen.extend(found.map(|found| (wish.path.clone(), found)));
    }
    Ok(Sources {
        root,
        path: order.shadow.files(),
        seen,
    })
}

/// Makes sure that the folder is at the commit that the request was bound to.
async fn check_head(order: &Order) -> Result<(), ApplyError> {
    let words = ["--verify", "--quiet", "--end-of-options", "HEAD^{commit}"];
    let call = order.shadow.call("rev-parse").args(words);
    let call = call.git_dir(&order.repository.git_dir);
    let answer = call.ask_at(order.folder()).await?;
    let found = ObjectId::parse(String::from_utf8_lossy(&answer.stdout).trim());
    if !answer.status.success() && !answer.stderr.is_empty() {
        return Err(ApplyError::Git(GitError::Failed {
            command: "rev-parse".into(),
            status: answer.status,
            said: answer.stderr,
        }));
    }
    if found == order.head {
        Ok(())
    } else {
        let expected = order.head.clone();
        Err(ApplyError::HeadMoved { expected, found })
    }
}

/// Says by hunk what fits and what doesn't, for the first files whose text the person has changed. What can't be read
/// stays a conflict of the whole file.
async fn tell_hunks(lens: &Lens, order: &Order, wishes: &Wishes, conflicts: &mut [Conflict]) {
    let is_told = |conflict: &&mut Conflict| conflict.reason == ConflictReason::ChangedMeanwhile;
    for conflict in conflicts.iter_mut().filter(is_told).take(MAX_TOLD_BY_HUNK) {
        let Some(wish) = wishes.get(conflict.path.as_bytes()) else {
            continue;
        };
        let (Some(before), Some(after)) = (&wish.before, &wish.after) else {
            continue;
        };
        let are_files = [before, after]
            .iter()
            .all(|entry| entry.mode != FileMode::Symlink);
        let now = read_text(order.folder(), &conflict.path);
        let before = lens.blob(&before.id, MAX_TEXT).await;
        let after = lens.blob(&after.id, MAX_TEXT).await;
        if let (true, Some(mut now), Ok(before), Ok(after)) = (are_files, now, before, after) {
            if !before.windows(2).any(|pair| pair == b"\r\n") {
                // Line ends that git converts are no changes.
                now = without_returns(&now);
            }
            conflict.hunks = hunks(&Texts {
                before: &before,
                after: &after,
                now: &now,
            });
        }
    }
}

fn read_text(folder: &Path, path: &RepoPath) -> Option<Vec<u8>> {
    use std::io::Read;

    let (above, name) = split(path.as_bytes());
    let folder = Folder::open(folder).ok()?.walk(names_of(above)).ok()?;
    let mut text = Vec::new();
    let file = folder.read_file(name).ok()?;
    file.take(MAX_TEXT as u64 + 1).read_to_end(&mut text).ok()?;
    Some(text)
}

fn without_returns(text: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len());
    for (at, byte) in text.iter().enumerate() {
        if !(*byte == b'\r' && text.get(at + 1) == Some(&b'\n')) {
            lines.push(*byte);
        }
    }
    lines
}

fn of_git(place: &Path) -> impl Fn(GitError) -> ApplyError {
    move |error| {
        if error.is_disk_full() {
            ApplyError::DiskFull {
                place: place.to_path_buf(),
                source: io::ErrorKind::StorageFull.into(),
            }
        } else {
            ApplyError::Git(error)
        }
    }
}

/// Does what blocks on a thread where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApplyError> + Send + 'static,
) -> Result<T, ApplyError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(ApplyError::Io {
            operation: "work on",
            path: PathBuf::new(),
            source: io::Error::other(error),
        }),
    }
}
