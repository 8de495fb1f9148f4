//! The renames between the staging folder and the person's folder: each is made, checked, and can be undone by looking
//! at what is where. So it is undone in the same way right away and by whoever comes after a crash.

use std::io;

use crate::adapters::git::apply::decide::Old;
use crate::adapters::git::apply::journal::{Journal, Op};
use crate::adapters::git::apply::survey::print_of;
use crate::adapters::git::apply::wish::{folders_of, names_of, split};
use crate::domain::conflict::ConflictReason;
use crate::platform::tree_edit::{Barrier, Folder, Kind, Renames, Seen, Spot, Stamp};

/// Above this number of renames the whole file system is synced at once, where it can be.
const MANY: usize = 32;

/// The two folders.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) root: Folder,
    pub(super) staging: Folder,
    pub(super) renames: Renames,
}

/// Why a rename was not made, or not taken as made.
#[derive(Debug)]
pub(super) enum Fault {
    /// The person was faster.
    Conflict(ConflictReason),
    /// The system refuses.
    Io(io::Error),
}

/// What undoing came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undone {
    /// All is as before.
    Done,
    /// What was put in place was changed meanwhile, and stays. What was there before is in this slot, if anything was.
    Left(Option<String>),
}

/// The name of a slot: for what is to come, or what was there before, or what goes one way and then the other.
pub(super) fn slot_of(number: usize) -> String {
    number.to_string()
}

/// The second slot, for file systems that can't swap.
fn aside_of(number: usize) -> String {
    format!("{number}.old")
}

impl Ground {
    /// Makes the rename of one op. On a fault it may have happened, and is to be undone.
    pub(super) fn carry_out(
        &self,
        number: usize,
        op: &Op,
        old: Option<&Old>,
        half_way: &dyn Fn() -> io::Result<()>,
    ) -> Result<(), Fault> {
        let (folder, slot, aside) = (self.parent(op)?, slot_of(number), aside_of(number));
        let target = folder.spot(split(op.path.as_slice()).1);
        let slot = self.staging.spot(slot.as_bytes());
        let aside = self.staging.spot(aside.as_bytes());
        match (op.new, old) {
            (None, None) => Ok(()),
            (None, Some(old)) => {
                check(&target, old)?;
                target.move_to(&slot, self.renames)?;
                half_way()?;
                verify(&slot, old)
            }
            (Some(new), None) => match slot.move_to(&target, self.renames) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    // Where case does not count, or just now, somebody may have made the same folder.
                    let there = target.look()?.map(Seen::kind);
                    if new.kind() == Kind::Folder && there == Some(Kind::Folder) {
                        Ok(())
                    } else {
                        Err(Fault::Conflict(ConflictReason::Exists))
                    }
                }
                moved => Ok(moved?),
            },
            (Some(_), Some(old)) => {
                check(&target, old)?;
                if slot.swap_with(&target, self.renames)? {
                    half_way()?;
                    return verify(&slot, old);
                }
                target.move_to(&aside, self.renames)?;
                half_way()?;
                verify(&aside, old)?;
                match slot.move_to(&target, self.renames) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        Err(Fault::Conflict(ConflictReason::ChangedMeanwhile))
                    }
                    moved => Ok(moved?),
                }
            }
        }
    }

    /// Looks once more at what was taken away: a program may have had it open, and written to it.
    pub(super) fn verify_again(&self, number: usize, old: &Old) -> Result<(), Fault> {
        let aside = aside_of(number);
        if self.staging.look(aside.as_bytes())?.is_some() {
            return verify(&self.staging.spot(aside.as_bytes()), old);
        }
        verify(&self.staging.spot(slot_of(number).as_bytes()), old)
    }

    /// Undoes an op, however far it came.
    pub(super) fn undo(&self, number: usize, op: &Op) -> io::Result<Undone> {
        let (slot_name, aside_name) = (slot_of(number), aside_of(number));
        let slot = self.staging.spot(slot_name.as_bytes());
        let aside = self.staging.spot(aside_name.as_bytes());
        let folder = match self.parent(op) {
            Ok(folder) => folder,
            Err(Fault::Io(error)) => return Err(error),
            // The person took the whole folder away.
            Err(Fault::Conflict(_)) => {
                return Ok(
                    match (
                        self.holds_old(&aside, None)?,
                        self.holds_old(&slot, op.new)?,
                    ) {
                        (true, _) => Undone::Left(Some(aside_name)),
                        (_, true) => Undone::Left(Some(slot_name)),
                        (false, false) => Undone::Done,
                    },
                );
            }
        };
        let target = folder.spot(split(op.path.as_slice()).1);
        match (op.old, op.new) {
            (None, None) => Ok(Undone::Done),
            (Some(_), None) => self.put_back(&slot, &target, slot_name.clone()),
            (None, Some(new)) => self.take_out(&target, &slot, new),
            (Some(_), Some(new)) => {
                if self.holds_old(&aside, None)? {
                    return match target.look()? {
                        Some(seen) if !seen.stamp.is_same(new) => {
                            Ok(Undone::Left(Some(aside_name.clone())))
                        }
                        Some(_) => match self.take_out(&target, &slot, new)? {
                            Undone::Done => self.put_back(&aside, &target, aside_name.clone()),
                            Undone::Left(_) => Ok(Undone::Left(Some(aside_name.clone()))),
                        },
                        None => self.put_back(&aside, &target, aside_name.clone()),
                    };
                }
                if !self.holds_old(&slot, Some(new))? {
                    // Not made yet; or the staging folder was emptied by somebody.
                    let there = target.look()?;
                    let is_made = there.is_some_and(|seen| seen.stamp.is_same(new));
                    return Ok(if is_made {
                        Undone::Left(None)
                    } else {
                        Undone::Done
                    });
                }
                match target.look()? {
                    None => self.put_back(&slot, &target, slot_name.clone()),
                    Some(seen) if seen.stamp.is_same(new) => {
                        slot.swap_with(&target, self.renames)?;
                        Ok(Undone::Done)
                    }
                    Some(_) => Ok(Undone::Left(Some(slot_name.clone()))),
                }
            }
        }
    }

    /// Removes the folders that the ops have emptied. What can't be removed stays, as with git.
    pub(super) fn remove_emptied(&self, journal: &Journal) {
        let is_file = |stamp: &Stamp| stamp.kind() != Kind::Folder;
        let mut folders: Vec<&[u8]> = journal
            .ops
            .iter()
            .filter(|op| op.new.is_none() && op.old.as_ref().is_some_and(is_file))
            .flat_map(|op| folders_of(op.path.as_slice()))
            .collect();
        folders.sort_unstable();
        folders.dedup();
        // The deepest first: a folder sorts before what is in it.
        for folder in folders.into_iter().rev() {
            let (above, name) = split(folder);
            if let Ok(above) = self.root.walk(names_of(above)) {
                above.remove_folder(name).ok();
            }
        }
    }

    /// Waits until all that was renamed is on the disk.
    pub(super) fn sync(&self, journal: &Journal) -> io::Result<()> {
        if journal.ops.len() > MANY && self.root.sync_file_system()? {
            return Ok(());
        }
        let mut folders: Vec<&[u8]> = journal
            .ops
            .iter()
            .map(|op| split(op.path.as_slice()).0)
            .collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            // One that is gone needs no syncing.
            if let Ok(folder) = self.root.walk(names_of(folder)) {
                folder.sync()?;
            }
        }
        self.staging.sync()
    }

    fn parent(&self, op: &Op) -> Result<Folder, Fault> {
        let names = names_of(split(op.path.as_slice()).0);
        self.root.walk(names).map_err(|(_, barrier)| match barrier {
            Barrier::Missing => Fault::Conflict(ConflictReason::Missing),
            Barrier::Symlink => Fault::Conflict(ConflictReason::SymlinkedParent),
            Barrier::NotAFolder => Fault::Conflict(ConflictReason::ParentIsFile),
            Barrier::Refused(error) => Fault::Io(error),
        })
    }

    /// Whether a slot holds what came out of the person's folder, and not what was to go there.
    fn holds_old(&self, slot: &Spot<'_>, new: Option<Stamp>) -> io::Result<bool> {
        let is_new = |stamp: Stamp| new.is_some_and(|new| stamp.is_same(new));
        Ok(slot.look()?.is_some_and(|seen| !is_new(seen.stamp)))
    }

    /// Whatever is in the slot came from the target, also if it is not what was expected there.
    fn put_back(&self, slot: &Spot<'_>, target: &Spot<'_>, name: String) -> io::Result<Undone> {
        let Some(seen) = slot.look()? else {
            return Ok(Undone::Done);
        };
        match slot.move_to(target, self.renames) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let there = target.look()?;
                if there.is_some_and(|there| there.stamp.is_same(seen.stamp)) {
                    // A move by links that had come half-way.
                    slot.folder.remove_all(slot.name)?;
                    Ok(Undone::Done)
                } else {
                    Ok(Undone::Left(Some(name)))
                }
            }
            moved => moved.map(|()| Undone::Done),
        }
    }

    /// Takes away what was put at the target, if it still is that.
    fn take_out(&self, target: &Spot<'_>, slot: &Spot<'_>, new: Stamp) -> io::Result<Undone> {
        let is_new = target.look()?.is_some_and(|seen| seen.stamp.is_same(new));
        let is_in_slot = slot.look()?.is_some();
        match (is_new, is_in_slot) {
            (false, true) => Ok(Undone::Done),
            (false, false) if target.look()?.is_none() => Ok(Undone::Done),
            (false, false) => Ok(Undone::Left(None)),
            (true, _) if new.kind() == Kind::Folder => {
                match target.folder.remove_folder(target.name) {
                    Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                        Ok(Undone::Left(None))
                    }
                    removed => removed.map(|()| Undone::Done),
                }
            }
            // A move by links that had come half-way.
            (true, true) => target
                .folder
                .remove_file(target.name)
                .map(|()| Undone::Done),
            (true, false) => {
                target.move_to(slot, self.renames)?;
                if slot.look()?.is_some_and(|seen| seen.stamp.is_same(new)) {
                    return Ok(Undone::Done);
                }
                // Changed in this very moment.
                slot.move_to(target, self.renames)?;
                Ok(Undone::Left(None))
            }
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

fn check(target: &Spot<'_>, old: &Old) -> Result<(), Fault> {
    match target.look()? {
        Some(seen) if seen.stamp.is_same(old.seen.stamp) => Ok(()),
        Some(_) => Err(Fault::Conflict(ConflictReason::ChangedMeanwhile)),
        None => Err(Fault::Conflict(ConflictReason::Missing)),
    }
}

/// Whether what was taken away is what had been looked at.
fn verify(slot: &Spot<'_>, old: &Old) -> Result<(), Fault> {
    check(slot, old)?;
    if old.seen.kind() == Kind::Folder && !holds_folders_only(slot.folder, slot.name)? {
        return Err(Fault::Conflict(ConflictReason::IsFolder));
    }
    if let Some(print) = old.print
        && print_of(slot.folder.read_file(slot.name)?)? != print
    {
        return Err(Fault::Conflict(ConflictReason::ChangedMeanwhile));
    }
    Ok(())
}

fn holds_folders_only(folder: &Folder, name: &[u8]) -> io::Result<bool> {
    let folder = match folder.enter(name) {
        Ok(folder) => folder,
        Err(Barrier::Refused(error)) => return Err(error),
        Err(Barrier::Missing | Barrier::Symlink | Barrier::NotAFolder) => return Ok(false),
    };
    for name in folder.names()? {
        if !holds_folders_only(&folder, &name)? {
            return Ok(false);
        }
    }
    Ok(true)
}
