//! A run's difference, page by page.

use crate::adapters::git::apply::{self, ApplyError};
use crate::adapters::git::diff::Between;
use crate::adapters::git::objects::Objects;
use crate::adapters::git::shadow::{Shadow, Shadows};
use crate::domain::changes::{Change, ChangeSet, ChangedFile, Changes, LeftOuts};
use crate::domain::id::{Persistence, RunId};
use crate::domain::run::Run;
use crate::domain::scrub::Scrubber;
use crate::domain::task::Sandbox;
use crate::use_cases::bridge::changes::place;
use crate::use_cases::bridge::{
    Bridge, ChangesPage, ChangesWanted, ConflictText, FilePatch, LeftOutText, Obstacles, cursor,
};
use crate::use_cases::error::Error;
use crate::use_cases::settings::Settings;
use crate::use_cases::workspace::{self, WorkspaceError, Workspaces};

/// The longest patch of one file that is shown, in bytes.
const LONGEST_PATCH: usize = 4 * 1024 * 1024;
/// The most files of one page.
const FILES_OF_A_PAGE: usize = 5_000;

/// A run's difference, and where it can be read from.
pub(super) struct Difference {
    pub(super) shadow: Shadow,
    pub(super) changes: ChangeSet,
}

impl Bridge {
    /// What a run changed: a part of the whole, as patches.
    pub async fn changes(&self, id: &RunId, wanted: ChangesWanted) -> Result<ChangesPage, Error> {
        let run = self.run(id).await?;
        let settings = self.settings()?;
        let difference = self.difference(&settings, &run).await?;
        let changes = &difference.changes;
        if let Some(asked) = &wanted.diff_hash
            && asked != changes.hash.as_str()
        {
            return Err(diff_changed(&run, asked, changes).into());
        }
        let obstacles = match wanted.check && difference.shadow.is_worktree() {
            true => Some(self.obstacles(&settings, &run, &difference).await?),
            false => None,
        };
        let head = self.head(&settings, &difference.shadow).await;
        let reader = Reader {
            objects: difference.shadow.objects(),
            changes,
            scrubber: &settings.scrubber,
        };
        let (files, next) = match &wanted.path {
            Some(path) => reader.one(&run, path, &wanted).await?,
            None => reader.page(&wanted).await?,
        };
        let left_out = &changes.left_out;
        let listed = left_out.listed.iter().take(LeftOutText::MOST);
        let unlisted = left_out.listed.len().saturating_sub(LeftOutText::MOST) as u64;
        Ok(ChangesPage {
            run: run.id,
            workspace: run.workspace,
            hash: changes.hash.clone(),
            head,
            total_files: changes.files.len() as u64,
            lines: workspace::lines(changes),
            files,
            next,
            left_out: listed
                .map(|one| LeftOutText {
                    path: settings.scrubber.scrub(&String::from_utf8_lossy(&one.path)),
                    why: one.why.as_str(),
                })
                .collect(),
            left_out_more: left_out.more + unlisted,
            obstacles,
        })
    }

    /// Finds out what a run changed, or why that can't be told.
    pub(super) async fn difference(
        &self,
        settings: &Settings,
        run: &Run,
    ) -> Result<Difference, Error> {
        let unknown = |why: &str| WorkspaceError::NoChanges {
            run: run.id.clone(),
            why: why.to_owned(),
        };
        if run.id.persistence() == Persistence::Ephemeral {
            return Err(unknown("it leaves nothing on the disk to compare with").into());
        }
        if let Some(fate) = &run.workspace.fate {
            return Err(gone(run, fate.as_str()).into());
        }
        if let Some(Changes::Unknown(why)) = &run.changes {
            return Err(unknown(why.as_str()).into());
        }
        let git = workspace::git(self.host()).await?;
        let places = Workspaces::in_state(&settings.config.state_dir);
        let store = self.store().await?;
        let owner = workspace::owner(&store, &places, &run.id).await?;
        let Some(owner) = owner else {
            let why = match run.requested.sandbox {
                Sandbox::ReadOnly => "it may only read",
                Sandbox::WorkspaceWrite if run.state.is_final() => "no trace of it was kept",
                Sandbox::WorkspaceWrite => "it has not begun to work yet",
            };
            return Err(unknown(why).into());
        };
        let shadow = Shadows::new(&git, places.state())
            .open(&owner)
            .map_err(WorkspaceError::from)?;
        // What was done in the folder after the run is not the run's.
        let changes = match &run.changes {
            Some(Changes::Known(summary)) if !shadow.is_worktree() => {
                let between = Between {
                    before: shadow.base_tree(),
                    after: &summary.after,
                };
                let objects = shadow.objects();
                let known = objects.changes(between, LeftOuts::default()).await;
                known.map_err(WorkspaceError::from)?
            }
            Some(_) | None => workspace::changes_now(&shadow).await?.1,
        };
        Ok(Difference { shadow, changes })
    }

    /// Whether something is hidden where the changes are shown, as far as one look at them tells.
    pub(super) async fn hides(&self, settings: &Settings, difference: &Difference) -> bool {
        let reader = Reader {
            objects: difference.shadow.objects(),
            changes: &difference.changes,
            scrubber: &settings.scrubber,
        };
        let wanted = ChangesWanted {
            bytes: LONGEST_PATCH,
            ..ChangesWanted::default()
        };
        let looked = reader.page(&wanted).await;
        looked.is_ok_and(|(files, _)| files.iter().any(|file| file.hidden))
    }

    async fn obstacles(
        &self,
        settings: &Settings,
        run: &Run,
        difference: &Difference,
    ) -> Result<Obstacles, Error> {
        let order = self.apply_order(settings, run, difference).await?;
        match apply::check(order).await {
            Ok(()) => Ok(Obstacles::default()),
            Err(ApplyError::HeadMoved { .. }) => Ok(Obstacles {
                head_moved: true,
                conflicts: Vec::new(),
            }),
            Err(ApplyError::Conflicts { conflicts }) => Ok(Obstacles {
                head_moved: false,
                conflicts: conflicts
                    .into_iter()
                    .map(|conflict| ConflictText {
                        path: settings.scrubber.scrub(&conflict.path.to_text()),
                        reason: conflict.reason,
                        hunks: conflict.hunks,
                    })
                    .collect(),
            }),
            Err(error) => Err(WorkspaceError::Apply(error).into()),
        }
    }
}

/// Says that a copy has come to its end.
pub(super) fn gone(run: &Run, fate: &str) -> WorkspaceError {
    WorkspaceError::NoWorktree {
        run: run.id.clone(),
        why: format!("its changes were {fate}"),
    }
}

/// Says that the changes are not those that were looked at.
pub(super) fn diff_changed(run: &Run, asked: &str, changes: &ChangeSet) -> WorkspaceError {
    WorkspaceError::DiffChanged {
        run: run.id.clone(),
        asked: asked.chars().take(64).collect(),
        now: changes.hash.to_string(),
    }
}

/// Reads patches out of the objects.
struct Reader<'a> {
    objects: Objects,
    changes: &'a ChangeSet,
    scrubber: &'a Scrubber,
}

impl Reader<'_> {
    /// Patches from a cursor on, and the cursor after them.
    async fn page(&self, wanted: &ChangesWanted) -> Result<(Vec<FilePatch>, Option<u64>), Error> {
        let (first, mut offset) = place(wanted.cursor);
        let mut files = Vec::new();
        let mut room = wanted.bytes;
        let all = self.changes.files.iter().enumerate();
        for (index, file) in all.skip(usize::try_from(first).unwrap_or(usize::MAX)) {
            let index = index as u64;
            if files.len() >= FILES_OF_A_PAGE || (wanted.bytes > 0 && room == 0) {
                return Ok((files, Some(cursor(index, 0))));
            }
            let mut patch = self.read(index, file, wanted.bytes > 0).await?;
            cut(&mut patch, std::mem::take(&mut offset), room.max(1));
            room = room.saturating_sub(patch.patch.len());
            let end = patch.offset + patch.patch.len() as u64;
            let goes_on = wanted.bytes > 0 && end < patch.patch_bytes;
            files.push(patch);
            if goes_on {
                return Ok((files, Some(cursor(index, end))));
            }
        }
        Ok((files, None))
    }

    /// The patch of one file, by its new or old name.
    async fn one(
        &self,
        run: &Run,
        path: &str,
        wanted: &ChangesWanted,
    ) -> Result<(Vec<FilePatch>, Option<u64>), Error> {
        let is_asked = |file: &ChangedFile| {
            let old = match &file.change {
                Change::Renamed { from, .. } => Some(from.to_text()),
                Change::Added { .. } | Change::Deleted { .. } | Change::Modified { .. } => None,
            };
            file.path.to_text() == path || old.as_deref() == Some(path)
        };
        let Some(at) = self.changes.files.iter().position(is_asked) else {
            let (run, path) = (run.id.clone(), path.to_owned());
            return Err(WorkspaceError::NoSuchFile { run, path }.into());
        };
        let (_, offset) = place(wanted.cursor);
        let index = at as u64;
        let mut patch = self.read(index, &self.changes.files[at], true).await?;
        cut(&mut patch, offset, wanted.bytes.max(1));
        let end = patch.offset + patch.patch.len() as u64;
        let next = (end < patch.patch_bytes).then(|| cursor(index, end));
        Ok((vec![patch], next))
    }

    async fn read(&self, index: u64, file: &ChangedFile, patch: bool) -> Result<FilePatch, Error> {
        let between = Between {
            before: &self.changes.before,
            after: &self.changes.after,
        };
        let (exact, beyond) = match patch {
            true => {
                let read = self.objects.patch(between, file, LONGEST_PATCH).await;
                let read = read.map_err(WorkspaceError::from)?;
                (read.text, read.cut)
            }
            false => (Vec::new(), false),
        };
        let exact = String::from_utf8_lossy(&exact);
        let shown = self.scrubber.scrub(&exact);
        let from = match &file.change {
            Change::Renamed { from, .. } => Some(self.scrubber.scrub(&from.to_text())),
            Change::Added { .. } | Change::Deleted { .. } | Change::Modified { .. } => None,
        };
        Ok(FilePatch {
            index,
            path: self.scrubber.scrub(&file.path.to_text()),
            from,
            change: file.change.clone(),
            lines: file.lines,
            hidden: patch && shown.as_str() != exact,
            offset: 0,
            patch_bytes: shown.len() as u64,
            patch: shown,
            cut: beyond,
        })
    }
}

/// Keeps a part of a patch: from `offset` on, at most `max` bytes, whole lines where that is possible.
fn cut(patch: &mut FilePatch, offset: u64, max: usize) {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    patch.offset = patch.patch.skip(offset) as u64;
    if patch.patch.truncate(max) > 0
        && let Some(line) = patch.patch.as_str().rfind('\n')
    {
        patch.patch.truncate(line + 1);
    }
}
