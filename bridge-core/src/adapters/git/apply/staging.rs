//! The new files, made and on the disk before anything in the person's folder is touched.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::git::apply::decide::{Deed, Plan, Step};
use crate::adapters::git::apply::error::ApplyError;
use crate::adapters::git::apply::ground::slot_of;
use crate::adapters::git::apply::journal::{Bytes, Journal, Op};
use crate::adapters::git::apply::wish::{names_of, split};
use crate::domain::changes::{FileMode, RepoPath};
use crate::platform::tree_edit::{
    Barrier, Folder, Kind, Seen, set_group, set_rights, sync_file, sync_whole,
};

/// The folder in the repository's git folder that holds the staging folders.
const IN_GIT_DIR: &str = "codex-bridge";
/// Above this number of files the whole file system is synced at once, where it can be.
const MANY: usize = 32;

/// A place for a staging folder.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) base: PathBuf,
    pub(super) names: Vec<Vec<u8>>,
}

/// The worktree's files, as they were when git said what they hold.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) root: Folder,
    pub(super) path: PathBuf,
    pub(super) seen: HashMap<RepoPath, Seen>,
}

/// Where the staging folder could be, the best place first: in the git folder nobody sees it. It has to be on the file
/// system of the person's folder.
pub(super) fn places(git_dir: &Path, folder: &Path, run: &str) -> [Place; 2] {
    [
        Place {
            base: git_dir.to_path_buf(),
            names: vec![IN_GIT_DIR.into(), run.into()],
        },
        Place {
            base: folder.to_path_buf(),
            names: vec![format!(".codex-bridge-{run}").into_bytes()],
        },
    ]
}

impl Place {
    /// Takes a name that is free: what could not be put back once may still lie at the usual one.
    pub(super) fn unused(mut self) -> Result<Place, ApplyError> {
        let about = |error| ApplyError::of_io("look at", &self.base, error);
        let base = Folder::open(&self.base).map_err(about)?;
        let Some(last) = self.names.pop() else {
            return Ok(self);
        };
        let above = match base.walk(self.names.iter().map(Vec::as_slice)) {
            Ok(folder) => Some(folder),
            Err((_, Barrier::Missing)) => None,
            Err((_, Barrier::Refused(error))) => return Err(about(error)),
            Err((_, Barrier::Symlink | Barrier::NotAFolder)) => {
                return Err(about(io::ErrorKind::NotADirectory.into()));
            }
        };
        let mut name = last.clone();
        let mut number = 1;
        while let Some(above) = &above
            && above.look(&name).map_err(about)?.is_some()
        {
            number += 1;
            name = [&last[..], format!("-{number}").as_bytes()].concat();
        }
        self.names.push(name);
        Ok(self)
    }

    /// Whether it is on this file system.
    pub(super) fn is_on(&self, dev: u64) -> io::Result<bool> {
        let base = Folder::open(&self.base)?;
        let names = self.names.iter().map(Vec::as_slice);
        let above = match base.walk(names.take(self.names.len() - 1)) {
            Ok(folder) => folder,
            Err(_) => base,
        };
        Ok(above.look_at_itself()?.dev == dev)
    }

    /// Makes the folder.
    pub(super) fn make(&self) -> Result<Folder, ApplyError> {
        let path = self.path();
        let about = |error| ApplyError::of_io("make", &path, error);
        let mut folder = Folder::open(&self.base).map_err(about)?;
        let last = self.names.len() - 1;
        for (depth, name) in self.names.iter().enumerate() {
            folder = match folder.enter(name) {
                Ok(inner) if depth < last => inner,
                Ok(_) => return Err(about(io::ErrorKind::AlreadyExists.into())),
                Err(Barrier::Missing) => folder.make_folder(name, true).map_err(about)?,
                Err(Barrier::Refused(error)) => return Err(about(error)),
                Err(Barrier::Symlink | Barrier::NotAFolder) => {
                    return Err(about(io::ErrorKind::NotADirectory.into()));
                }
            };
        }
        Ok(folder)
    }

    pub(super) fn path(&self) -> PathBuf {
        let names = self.names.iter().map(|name| Bytes::of(name).to_path());
        names.fold(self.base.clone(), |path, name| path.join(name))
    }
}

/// Removes a staging folder with all that is in it, but the slots that are to be kept.
pub(super) fn clear(journal: &Journal, kept: &[String]) -> io::Result<()> {
    if let Some(staging) = journal.open_staging()? {
        for name in staging.names()? {
            if !kept.iter().any(|slot| slot.as_bytes() == name) {
                staging.remove_all(&name)?;
            }
        }
    }
    if !kept.is_empty() {
        return Ok(());
    }
    let base = Folder::open(&journal.base.to_path())?;
    let names: Vec<&[u8]> = journal.staging.iter().map(Bytes::as_slice).collect();
    for depth in (0..names.len()).rev() {
        if let Ok(above) = base.walk(names[..depth].iter().copied()) {
            match above.remove_folder(names[depth]) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                // Another apply has its place beside this one.
                Err(_) if depth + 1 < names.len() => {}
                removed => removed?,
            }
        }
    }
    Ok(())
}

/// Makes all that is to come in its slots, and says what the renames will be.
pub(super) fn fill(
    staging: &Folder,
    place: &Path,
    plan: &Plan,
    sources: &Sources,
) -> Result<Vec<Op>, ApplyError> {
    let mut ops = Vec::with_capacity(plan.steps.len());
    let mut last = None;
    let is_many = plan.steps.len() > MANY;
    for (number, step) in plan.steps.iter().enumerate() {
        let slot = slot_of(number);
        let about = |error| ApplyError::of_io("write", &place.join(&slot), error);
        let mut file = None;
        let old = match &step.deed {
            Deed::Remove { old } => Some(old.seen.stamp),
            Deed::MakeFolder { group } => {
                let folder = staging.make_folder(slot.as_bytes(), false);
                let folder = folder.map_err(about)?;
                if let Some(group) = group {
                    // Where we are not in that group, the folder stays in ours.
                    folder.share_with(*group).ok();
                }
                None
            }
            Deed::Add { mode, group } => {
                file = sources.copy(step, *mode, staging, &slot, place)?;
                if let (Some(file), Some(group)) = (&file, group) {
                    set_group(file, *group).ok();
                }
                None
            }
            Deed::Replace { old, before, mode } => {
                file = sources.copy(step, *mode, staging, &slot, place)?;
                if let Some(file) = &file
                    && old.seen.kind() == Kind::File
                {
                    set_group(file, old.seen.gid).ok();
                    let rights = rights(old.seen.stamp.mode, *before, *mode);
                    set_rights(file, rights).map_err(about)?;
                }
                Some(old.seen.stamp)
            }
        };
        if let (Some(file), false) = (&file, is_many) {
            sync_file(file).map_err(about)?;
        }
        last = file.or(last);
        let new = match &step.deed {
            Deed::Remove { .. } => None,
            Deed::MakeFolder { .. } | Deed::Add { .. } | Deed::Replace { .. } => {
                let seen = staging.look(slot.as_bytes()).map_err(about)?;
                Some(seen.ok_or_else(|| about(io::ErrorKind::NotFound.into()))?)
            }
        };
        ops.push(Op {
            path: Bytes::of(&step.path),
            old,
            new: new.map(|seen| seen.stamp),
        });
    }
    sync(staging, &ops, is_many, last.as_ref())
        .map_err(|error| ApplyError::of_io("write", place, error))?;
    Ok(ops)
}

fn sync(staging: &Folder, ops: &[Op], is_many: bool, last: Option<&File>) -> io::Result<()> {
    if is_many && !staging.sync_file_system()? {
        let is_file = |op: &&(usize, &Op)| op.1.new.is_some_and(|new| new.kind() == Kind::File);
        let numbered: Vec<(usize, &Op)> = ops.iter().enumerate().collect();
        for (number, _) in numbered.iter().filter(is_file) {
            sync_file(&staging.read_file(slot_of(*number).as_bytes())?)?;
        }
    }
    staging.sync()?;
    last.map_or(Ok(()), sync_whole)
}

impl Sources {
    /// Copies a file or a symlink of the worktree, byte for byte; returns the copy, if it is a file.
    fn copy(
        &self,
        step: &Step,
        mode: FileMode,
        staging: &Folder,
        slot: &str,
        place: &Path,
    ) -> Result<Option<File>, ApplyError> {
        let path = RepoPath::new(step.path.clone()).ok();
        let known = path.as_ref().and_then(|path| self.seen.get(path));
        let (Some(path), Some(known)) = (&path, known) else {
            return Err(self.gone(step));
        };
        let (above, name) = split(&step.path);
        let from = Bytes::of(&step.path).to_path();
        let reading = |error| ApplyError::of_io("read", &self.path.join(&from), error);
        let writing = |error| ApplyError::of_io("write", &place.join(slot), error);
        let changed = || ApplyError::WorktreeChanged { path: path.clone() };
        let is_known = |seen: Seen| seen.stamp.is_same(known.stamp);

        let folder = self.root.walk(names_of(above)).map_err(|_| changed())?;
        if known.kind() == Kind::Symlink {
            let target = folder.read_link(name).map_err(reading)?;
            if !folder.look(name).map_err(reading)?.is_some_and(is_known) {
                return Err(changed());
            }
            staging
                .make_link(slot.as_bytes(), &target)
                .map_err(writing)?;
            return Ok(None);
        }
        let mut source = folder.read_file(name).map_err(reading)?;
        let is_executable = mode == FileMode::Executable;
        let mut copy = staging
            .make_file(slot.as_bytes(), is_executable)
            .map_err(writing)?;
        io::copy(&mut source, &mut copy).map_err(writing)?;
        if !is_known(Seen::of_file(&source).map_err(reading)?) {
            return Err(changed());
        }
        Ok(Some(copy))
    }

    fn gone(&self, step: &Step) -> ApplyError {
        let path = self.path.join(Bytes::of(&step.path).to_path());
        ApplyError::of_io("find", &path, io::ErrorKind::NotFound.into())
    }
}

/// The person's own rights on a file stay; only what git keeps of them follows the change.
fn rights(old: u32, before: FileMode, after: FileMode) -> u32 {
    let old = old & 0o777;
    match (before, after) {
        (before, after) if before == after => old,
        (_, FileMode::Executable) => old | (old & 0o444) >> 2,
        (_, FileMode::Regular | FileMode::Symlink | FileMode::Submodule) => old & !0o111,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_could_read_a_file_can_execute_it_when_it_becomes_a_program() {
        let check = |old, before, after, expected: u32| {
            assert_eq!(rights(old, before, after), expected);
        };
        use FileMode::{Executable, Regular};
        check(0o100_640, Regular, Executable, 0o750);
        check(0o100_600, Regular, Regular, 0o600);
        check(0o100_755, Executable, Regular, 0o644);
        check(0o100_711, Executable, Executable, 0o711);
    }
}
