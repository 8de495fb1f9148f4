//! Ends what appliers left that died: undoes it, or tidies up where all was done.

use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::git::apply::error::{ApplyError, LeftBehind};
use crate::adapters::git::apply::ground::{Ground, Undone};
use crate::adapters::git::apply::journal::{Journal, Journals, Phase};
use crate::adapters::git::apply::staging;
use crate::adapters::git::apply::turn::{Held, Turn};
use crate::domain::changes::RepoPath;
use crate::domain::id::RunId;
use crate::platform::tree_edit::{Folder, Renames};

/// What was found of appliers that died.
#[derive(Debug, Default)]
pub struct Recovery {
    /// Those that were ended.
    pub ended: Vec<Recovered>,
    /// Those that could not be ended now: the folder is away, or can't be written.
    pub stuck: Vec<(RunId, ApplyError)>,
}

/// An apply that was ended after its applier had died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Whose changes.
    pub run: RunId,
    /// The person's folder.
    pub folder: PathBuf,
    /// How it ended.
    pub ending: Ending,
}

/// How an apply was ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The folder is as before.
    RolledBack,
    /// All changes are in the folder.
    Completed,
    /// The folder is as before, except where the person has changed since what had been put there.
    LeftBehind(Vec<LeftBehind>),
}

/// Ends all applies whose appliers died. Those that are going on are left alone. Blocks the thread.
///
/// # Errors
/// Only if the folder of the journals can't be read; what is wrong with one apply is in the answer.
pub fn recover(journals: &Path) -> io::Result<Recovery> {
    let journals = Journals::new(journals.to_path_buf());
    let mut recovery = Recovery::default();
    for run in journals.runs()? {
        match recover_one(&journals, &run) {
            Ok(ended) => recovery.ended.extend(ended),
            Err(error) => recovery.stuck.push((run, error)),
        }
    }
    Ok(recovery)
}

fn recover_one(journals: &Journals, run: &RunId) -> Result<Option<Recovered>, ApplyError> {
    let Some(held) = Held::try_take(journals.lock(run))? else {
        return Ok(None);
    };
    let journal = read(journals, run)?;
    let folder = match &journal {
        Some((journal, _)) => {
            let path = journals.lock_of_folder(journal.folder_ino);
            match Held::try_take(path)? {
                // Whoever works in that folder has looked after this before.
                None => return Ok(None),
                folder => folder,
            }
        }
        None => None,
    };
    let recovered = recover_held(journals, run);
    if let Some(folder) = folder {
        folder.end();
    }
    let recovered = recovered?;
    held.end();
    Ok(recovered)
}

/// Ends what dead appliers left of this run and of others in the same folder, for somebody whose turn it is there.
pub(super) fn recover_before(
    journals: &Journals,
    run: &RunId,
    turn: &Turn,
) -> Result<(), ApplyError> {
    let list = journals.runs();
    let list = list.map_err(|error| about_journal(journals, run, error))?;
    for other in list.iter().filter(|other| *other != run) {
        let Some(held) = Held::try_take(journals.lock(other))? else {
            continue;
        };
        let is_here = |(journal, _): (Journal, Phase)| journal.folder_ino == turn.folder_ino;
        if read(journals, other)?.is_some_and(is_here) {
            recover_held(journals, other)?;
            held.end();
        }
    }
    recover_held(journals, run)?;
    Ok(())
}

/// Ends what is left of an apply, for somebody who holds its lock.
fn recover_held(journals: &Journals, run: &RunId) -> Result<Option<Recovered>, ApplyError> {
    let about_journal = |error| about_journal(journals, run, error);
    let Some((journal, phase)) = read(journals, run)? else {
        journals.forget(run).map_err(about_journal)?;
        return Ok(None);
    };
    let folder = journal.folder();
    let about = |error| ApplyError::of_io("put back", &folder, error);
    let root = Folder::open(&folder).map_err(about)?;
    if root.look_at_itself().map_err(about)?.stamp.ino != journal.folder_ino {
        let moved = io::Error::new(io::ErrorKind::NotFound, "another folder is there now");
        return Err(about(moved));
    }
    let staging = journal.open_staging().map_err(about)?;
    let ground = staging.map(|staging| Ground {
        root,
        staging,
        renames: Renames::Best,
    });
    let ending = match (phase, ground) {
        (Phase::Committed, ground) => {
            complete(ground.as_ref(), &journal);
            Ending::Completed
        }
        // Before the staging folder was made, or after it was removed, nothing is left to be put back.
        (Phase::Open, None) => Ending::RolledBack,
        (Phase::Open, Some(ground)) => {
            let left = roll_back(&ground, &journal).map_err(about)?;
            match left.is_empty() {
                true => Ending::RolledBack,
                false => Ending::LeftBehind(left),
            }
        }
    };
    if ending == Ending::Completed || ending == Ending::RolledBack {
        staging::clear(&journal, &[]).map_err(about)?;
    }
    journals.forget(run).map_err(about_journal)?;
    let run = run.clone();
    Ok(Some(Recovered {
        run,
        folder,
        ending,
    }))
}

fn read(journals: &Journals, run: &RunId) -> Result<Option<(Journal, Phase)>, ApplyError> {
    let read = journals.read(run);
    read.map_err(|error| about_journal(journals, run, error))
}

fn about_journal(journals: &Journals, run: &RunId, error: io::Error) -> ApplyError {
    ApplyError::of_io(
        "work on the journal",
        &journals.path(run, Phase::Open),
        error,
    )
}

/// Undoes all ops, the last one first, and clears the staging folder of all but what could not be put back.
pub(super) fn roll_back(ground: &Ground, journal: &Journal) -> io::Result<Vec<LeftBehind>> {
    let mut left = Vec::new();
    let mut kept = Vec::new();
    for (number, op) in journal.ops.iter().enumerate().rev() {
        if let Undone::Left(slot) = ground.undo(number, op)? {
            let path = RepoPath::new(op.path.as_slice().to_vec());
            left.extend(path.ok().map(|path| LeftBehind {
                path,
                kept: slot.as_ref().map(|slot| journal.staging_path().join(slot)),
            }));
            kept.extend(slot);
        }
    }
    ground.sync(journal)?;
    staging::clear(journal, &kept)?;
    Ok(left)
}

/// Tidies up after the last rename.
pub(super) fn complete(ground: Option<&Ground>, journal: &Journal) {
    if let Some(ground) = ground {
        ground.remove_emptied(journal);
    }
}
