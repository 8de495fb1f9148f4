//! An apply between its journal and its end. Dropped half-way, it undoes itself.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;

use crate::adapters::git::apply::decide::{Deed, Old, Plan};
use crate::adapters::git::apply::error::ApplyError;
use crate::adapters::git::apply::ground::{Fault, Ground};
use crate::adapters::git::apply::journal::{Bytes, Journal, Journals, Phase};
use crate::adapters::git::apply::recover::{complete, roll_back};
use crate::adapters::git::apply::staging::{self, Place, Sources};
use crate::adapters::git::apply::turn::Turn;
use crate::adapters::git::apply::{Hook, Order};
use crate::domain::changes::RepoPath;
use crate::domain::conflict::{Conflict, ConflictReason};
use crate::platform::tree_edit::{Folder, Renames};

/// What is to be done, and with what.
pub(super) struct Work {
    pub(super) order: Arc<Order>,
    pub(super) journals: Journals,
    pub(super) plan: Plan,
    pub(super) sources: Sources,
    pub(super) renames: Renames,
    pub(super) hook: Hook,
    pub(super) _turn: Arc<Turn>,
}

/// An apply that has a journal.
pub(super) struct Underway {
    work: Work,
    journal: Journal,
    ground: Ground,
    is_over: bool,
}

impl Underway {
    /// Makes the new files in a staging folder and writes the journal. The person's folder stays as it is.
    pub(super) fn begin(work: Work) -> Result<Underway, ApplyError> {
        let folder = work.order.folder();
        let about = |error| ApplyError::of_io("look at", folder, error);
        let root = Folder::open(folder).map_err(about)?;
        let top = root.look_at_itself().map_err(about)?;
        let (mut journal, staging) = work.open_staging(top.stamp.ino, top.dev)?;
        let filled = work
            .step("staging")
            .and_then(|()| {
                let place = journal.staging_path();
                staging::fill(&staging, &place, &work.plan, &work.sources)
            })
            .and_then(|ops| {
                journal.ops = ops;
                work.step("staged")?;
                work.write(&journal)
            });
        let ground = Ground {
            root,
            staging,
            renames: work.renames,
        };
        let mut underway = Underway {
            work,
            journal,
            ground,
            is_over: false,
        };
        match filled {
            Ok(()) => Ok(underway),
            Err(error) => Err(underway.fail(error)),
        }
    }

    /// Makes all renames.
    pub(super) fn carry_out(mut self) -> Result<Underway, ApplyError> {
        match self.rename_all() {
            Ok(()) => Ok(self),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Marks that all is done, and tidies up. After the mark nothing is an error: the next recovery tidies up.
    pub(super) fn commit(mut self) -> Result<(), ApplyError> {
        let (work, journal) = (&self.work, &self.journal);
        let marked = work.step("marking").and_then(|()| {
            let run = &work.order.run;
            let path = work.journals.path(run, Phase::Committed);
            let marked = work.journals.commit(run);
            marked.map_err(|error| ApplyError::of_io("write", &path, error))
        });
        if let Err(error) = marked {
            return Err(self.fail(error));
        }
        self.is_over = true;
        let tidied = work.step("marked").and_then(|()| {
            complete(Some(&self.ground), journal);
            work.step("folders removed")?;
            self.clear()?;
            work.step("cleared")?;
            self.forget()
        });
        if let Err(error) = tidied {
            tracing::warn!(%error, run = %work.order.run, "what an apply needed is still there");
        }
        Ok(())
    }

    fn rename_all(&self) -> Result<(), ApplyError> {
        let work = &self.work;
        work.step("begin")?;
        for (number, (op, step)) in self.journal.ops.iter().zip(&work.plan.steps).enumerate() {
            let half_way = || (work.hook)("half-way");
            let done = self
                .ground
                .carry_out(number, op, old_of(&step.deed), &half_way);
            done.map_err(|fault| work.explain(&step.path, fault))?;
            work.step("renamed")?;
        }
        for (number, step) in work.plan.steps.iter().enumerate() {
            if let Some(old) = old_of(&step.deed) {
                let checked = self.ground.verify_again(number, old);
                checked.map_err(|fault| work.explain(&step.path, fault))?;
            }
        }
        let folder = work.order.folder();
        self.ground
            .sync(&self.journal)
            .map_err(|error| ApplyError::of_io("write", folder, error))?;
        work.step("synced")
    }

    /// Undoes all. What is told is why it failed, unless there is worse to tell.
    fn fail(&mut self, error: ApplyError) -> ApplyError {
        self.is_over = true;
        let folder = self.work.order.folder();
        let stuck = |source| ApplyError::Stuck {
            source: Box::new(source),
        };
        let rolled_back = roll_back(&self.ground, &self.journal)
            .map_err(|error| ApplyError::of_io("put back", folder, error));
        let left = match rolled_back {
            Ok(left) => left,
            Err(error) => return stuck(error),
        };
        if let Err(error) = self.forget() {
            return stuck(error);
        }
        if left.is_empty() {
            return error;
        }
        let source = Box::new(error);
        ApplyError::LeftBehind { left, source }
    }

    fn clear(&self) -> Result<(), ApplyError> {
        let place = self.journal.staging_path();
        staging::clear(&self.journal, &[])
            .map_err(|error| ApplyError::of_io("remove", &place, error))
    }

    fn forget(&self) -> Result<(), ApplyError> {
        let run = &self.work.order.run;
        let path = self.work.journals.path(run, Phase::Open);
        let forgotten = self.work.journals.forget(run);
        forgotten.map_err(|error| ApplyError::of_io("remove", &path, error))
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if !self.is_over {
            let given_up = ApplyError::Io {
                operation: "go on with",
                path: self.work.order.folder().to_path_buf(),
                source: ErrorKind::Interrupted.into(),
            };
            if let error @ (ApplyError::Stuck { .. } | ApplyError::LeftBehind { .. }) =
                self.fail(given_up)
            {
                tracing::error!(%error, run = %self.work.order.run, "an apply was given up");
            }
        }
    }
}

impl Work {
    /// Makes the staging folder, in the best place that takes one. The journal knows it before it is there.
    fn open_staging(&self, folder_ino: u64, dev: u64) -> Result<(Journal, Folder), ApplyError> {
        let order = &self.order;
        let mut refused = None;
        for place in staging::places(
            &order.repository.git_dir,
            order.folder(),
            order.run.as_str(),
        ) {
            if !place.is_on(dev).unwrap_or(false) {
                continue;
            }
            match self.open_staging_at(place, folder_ino) {
                Ok(opened) => return Ok(opened),
                Err(error @ ApplyError::DiskFull { .. }) => return Err(error),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.unwrap_or_else(|| ApplyError::Io {
            operation: "find a place for new files beside",
            path: order.folder().to_path_buf(),
            source: ErrorKind::CrossesDevices.into(),
        }))
    }

    fn open_staging_at(
        &self,
        place: Place,
        folder_ino: u64,
    ) -> Result<(Journal, Folder), ApplyError> {
        let place = place.unused()?;
        let journal = Journal {
            folder: Bytes::of_path(self.order.folder()),
            folder_ino,
            base: Bytes::of_path(&place.base),
            staging: place.names.iter().map(|name| Bytes::of(name)).collect(),
            ops: Vec::new(),
        };
        let made = self.write(&journal).and_then(|()| {
            self.step("journal begun")?;
            place.make()
        });
        match made {
            Ok(folder) => Ok((journal, folder)),
            Err(error) => {
                staging::clear(&journal, &[]).ok();
                self.journals.forget(&self.order.run).ok();
                Err(error)
            }
        }
    }

    fn write(&self, journal: &Journal) -> Result<(), ApplyError> {
        let path = self.journals.path(&self.order.run, Phase::Open);
        let written = self.journals.write(&self.order.run, journal);
        written.map_err(|error| ApplyError::of_io("write", &path, error))
    }

    fn step(&self, name: &str) -> Result<(), ApplyError> {
        (self.hook)(name).map_err(|error| ApplyError::of_io("go on with", &PathBuf::new(), error))
    }

    /// Says which file a rename failed at.
    fn explain(&self, path: &[u8], fault: Fault) -> ApplyError {
        let in_folder = self.order.folder().join(Bytes::of(path).to_path());
        let fault = match fault {
            // A part of the same disk that is mounted here a second time.
            Fault::Io(error) if error.kind() == ErrorKind::CrossesDevices => {
                Fault::Conflict(ConflictReason::OtherFileSystem)
            }
            other => other,
        };
        match (fault, RepoPath::new(path.to_vec())) {
            (Fault::Conflict(reason), Ok(path)) => ApplyError::Conflicts {
                conflicts: vec![Conflict {
                    path,
                    reason,
                    hunks: Vec::new(),
                }],
            },
            (Fault::Io(error), _) => ApplyError::of_io("change", &in_folder, error),
            (Fault::Conflict(_), Err(error)) => {
                ApplyError::of_io("change", &in_folder, io::Error::other(error))
            }
        }
    }
}

fn old_of(deed: &Deed) -> Option<&Old> {
    match deed {
        Deed::Remove { old } | Deed::Replace { old, .. } => Some(old),
        Deed::MakeFolder { .. } | Deed::Add { .. } => None,
    }
}
