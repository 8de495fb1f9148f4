//! Looks at the repository: which files a review is about, and what is in them. The person's repository is only read.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use tempfile::TempDir;

use crate::adapters::git::conventions::PersonHome;
use crate::adapters::git::diff::Between;
use crate::adapters::git::objects::{Front, Objects};
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::{Head, Repository};
use crate::adapters::git::revision::RevisionError;
use crate::adapters::git::shadow::{Created, Shadows};
use crate::domain::changes::{
    Change as FileChange, ChangeSet, ChangedFile, Entry, FileMode, LeftOutWhy, LeftOuts, ObjectId,
    RepoPath,
};
use crate::domain::id::{Persistence, RunId};
use crate::domain::review::Size;
use crate::domain::task::{ReviewTarget, Revision};
use crate::platform::open_dir::{self, OpenDir};
use crate::use_cases::host::Host;
use crate::use_cases::review::{
    Change, ChangedText, Existing, ExistingByPath, ReviewError, TargetWish, named,
};
use crate::use_cases::settings::Settings;

/// The largest file in which lines are counted, in bytes.
const LARGEST: usize = 16 << 20;
/// How long a line is taken to be where only their number is known, in bytes.
const LINE: u64 = 60;
/// The most branches that are looked through for one that may have been meant.
const BRANCHES: usize = 200;

/// The state of the files that was reviewed.
pub(crate) struct ReviewedState {
    objects: Objects,
    tree: ObjectId,
    /// Holds what was written to look at it.
    _folder: TempDir,
}

/// A repository, and the git to look at it with.
pub(super) struct Here {
    git: Git,
    pub(super) repository: Repository,
}

/// Two states of the files, and what lies between.
struct Compared {
    objects: Objects,
    set: ChangeSet,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
    /// The files that git keeps track of, where others may be among those that changed.
    tracked: Option<BTreeSet<Vec<u8>>>,
}

/// Finds the commits that a request names.
pub(super) async fn resolve(
    host: &Host,
    settings: &Settings,
    folder: &OpenDir,
    wish: TargetWish,
) -> Result<ReviewTarget, ReviewError> {
    let here = here(host, settings, folder).await?;
    match wish {
        TargetWish::Uncommitted => Ok(ReviewTarget::Uncommitted),
        TargetWish::Branch { base } => {
            let own = here.revision("base", &base).await?;
            // What others have brought into it meanwhile counts, too: so does Codex see it.
            let ahead = here.repository.upstream_ahead(&here.git, &base, &own);
            let commit = ahead.await?.unwrap_or(own);
            let base = Revision { name: base, commit };
            Ok(ReviewTarget::Branch { base })
        }
        TargetWish::Commit { commit: name } => {
            let commit = here.revision("commit", &name).await?;
            let commit = Revision { name, commit };
            Ok(ReviewTarget::Commit { commit })
        }
    }
}

/// Finds out what is to be reviewed.
pub(super) async fn look(
    host: &Host,
    settings: &Settings,
    folder: &OpenDir,
    target: &ReviewTarget,
) -> Result<(Change, ReviewedState), ReviewError> {
    let here = here(host, settings, folder).await?;
    let place = temporary()?;
    let wish = TargetWish::of(target);
    let compared = match target {
        ReviewTarget::Uncommitted => here.uncommitted(&place).await?,
        ReviewTarget::Branch { base } => here.branch(&place, base).await?,
        ReviewTarget::Commit { commit } => here.commit(&place, &commit.commit).await?,
    };
    let files = compared.files().await?;
    if files.is_empty() {
        let why = here.why_nothing(&wish);
        return Err(ReviewError::Nothing { why });
    }
    let change = Change {
        what: wish.in_words(),
        top: here.repository.toplevel,
        prefix: here.repository.prefix,
        before: compared.before,
        after: compared.after,
        filters: here.repository.conventions.filters,
        files,
    };
    let state = ReviewedState {
        objects: compared.objects,
        tree: compared.set.after,
        _folder: place,
    };
    Ok((change, state))
}

/// A folder for what has to be written to look at a repository.
pub(super) fn temporary() -> Result<TempDir, ReviewError> {
    tempfile::Builder::new()
        .prefix("codex-bridge-review-")
        .tempdir()
        .map_err(ReviewError::Temporary)
}

/// Opens the repository of a folder, all parts of which have to be allowed.
pub(super) async fn here(
    host: &Host,
    settings: &Settings,
    folder: &OpenDir,
) -> Result<Here, ReviewError> {
    let path = host.var("PATH").unwrap_or_default();
    let git = Git::find(path).await.map_err(ReviewError::NoGit)?;
    let person = PersonHome {
        home: host.home.clone(),
        xdg_config_home: host.var("XDG_CONFIG_HOME").map(PathBuf::from),
    };
    let repository = Repository::inspect(&git, folder, &person)
        .await
        .map_err(ReviewError::Repository)?;
    // A `.git` file or a link may lead to a repository that nobody allowed.
    for part in [
        &repository.toplevel,
        &repository.git_dir,
        &repository.common_dir,
    ] {
        let admitted = settings.config.roots.admit(part, open_dir::resolve);
        admitted.map_err(|_| ReviewError::Outside { path: part.clone() })?;
    }
    Ok(Here { git, repository })
}

impl Here {
    async fn revision(&self, parameter: &'static str, name: &str) -> Result<ObjectId, ReviewError> {
        let source = match self.repository.revision(&self.git, name).await {
            Ok(id) => return Ok(id),
            Err(source) => source,
        };
        if let Head::Unborn { branch } = &self.repository.head {
            let branch = branch.clone();
            return Err(ReviewError::NoCommit { branch });
        }
        let alike = match source {
            RevisionError::Unknown { .. } => self.alike(name).await,
            RevisionError::NotAName { .. } | RevisionError::Git(_) => Vec::new(),
        };
        Err(ReviewError::Revision {
            parameter,
            source,
            alike,
        })
    }

    /// Branches that may have been meant: the same name in another case or of a remote.
    async fn alike(&self, name: &str) -> Vec<String> {
        let branches = self.repository.branches(&self.git, BRANCHES).await;
        let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let mut alike: Vec<String> = branches
            .unwrap_or_default()
            .into_iter()
            .filter(|branch| last(&branch.name) == last(name))
            .map(|branch| named(&branch.name))
            .collect();
        alike.truncate(5);
        alike
    }

    fn head(&self) -> Result<&ObjectId, ReviewError> {
        match &self.repository.head {
            Head::Commit { id, .. } => Ok(id),
            Head::Unborn { branch } => {
                let branch = branch.clone();
                Err(ReviewError::NoCommit { branch })
            }
        }
    }

    /// Takes down the files as they lie in the folder.
    async fn files(&self, place: &TempDir) -> Result<Created, ReviewError> {
        // Nobody looks for it: it goes with the temporary folder.
        let name = RunId::new(Persistence::Ephemeral, 0, 0);
        let shadows = Shadows::new(&self.git, place.path());
        Ok(shadows.in_place(&name, &self.repository).await?)
    }

    async fn uncommitted(&self, place: &TempDir) -> Result<Compared, ReviewError> {
        let Created {
            shadow, left_out, ..
        } = self.files(place).await?;
        let set = ChangeSet {
            left_out,
            ..shadow.changes_before().await?
        };
        Ok(Compared {
            objects: shadow.objects(),
            set,
            before: shadow.base_commit().cloned(),
            after: None,
            tracked: Some(self.repository.tracked(&self.git).await?),
        })
    }

    /// What is there now and was not in the commit that both branches have in common: as Codex has it, with changes
    /// that are not committed yet, and without untracked files.
    async fn branch(&self, place: &TempDir, base: &Revision) -> Result<Compared, ReviewError> {
        let head = self.head()?;
        let Created {
            shadow, left_out, ..
        } = self.files(place).await?;
        let objects = shadow.objects();
        let Some(before) = objects.merge_base(head, &base.commit).await? else {
            let base = base.name.clone();
            return Err(ReviewError::NoMergeBase { base });
        };
        let between = Between {
            before: &before,
            after: shadow.base_tree(),
        };
        let mut set = objects.changes(between, left_out).await?;
        let tracked = self.repository.tracked(&self.git).await?;
        set.files.retain(|file| match &file.change {
            FileChange::Added { .. } => tracked.contains(file.path.as_bytes()),
            FileChange::Deleted { .. }
            | FileChange::Modified { .. }
            | FileChange::Renamed { .. } => true,
        });
        set.left_out
            .listed
            .retain(|left| tracked.contains(&left.path));
        Ok(Compared {
            objects,
            set,
            before: Some(before),
            after: None,
            tracked: None,
        })
    }

    async fn commit(&self, place: &TempDir, commit: &ObjectId) -> Result<Compared, ReviewError> {
        let objects = self.objects(place)?;
        let parent = objects.parent(commit).await?;
        let nothing = objects.empty_tree().await?;
        let between = Between {
            before: parent.as_ref().unwrap_or(&nothing),
            after: commit,
        };
        let set = objects.changes(between, LeftOuts::default()).await?;
        Ok(Compared {
            objects,
            set,
            before: parent,
            after: Some(commit.clone()),
            tracked: None,
        })
    }

    /// The repository's objects, to be read alone.
    pub(super) fn objects(&self, place: &TempDir) -> Result<Objects, ReviewError> {
        let front = Front {
            folder: &place.path().join("front"),
            objects: &self.repository.object_dir(),
            common_dir: &self.repository.common_dir,
            format: self.repository.conventions.format,
        };
        Objects::lay_out(&self.git, &front).map_err(ReviewError::Temporary)
    }

    fn why_nothing(&self, wish: &TargetWish) -> String {
        let top = self.repository.toplevel.display();
        match wish {
            TargetWish::Uncommitted => format!("nothing in `{top}` is uncommitted"),
            TargetWish::Branch { base } => {
                format!("what is checked out has no changes since {}", named(base))
            }
            TargetWish::Commit { commit } => {
                format!("the commit {} changes no files", named(commit))
            }
        }
    }
}

impl Compared {
    /// The files that changed, with the sizes of their differences.
    async fn files(&self) -> Result<Vec<ChangedText>, ReviewError> {
        let entries = self.set.files.iter().flat_map(entries);
        let sizes = self.objects.sizes(entries.map(|entry| &entry.id)).await?;
        let size_of = |entry: &Entry| sizes.get(&entry.id).copied().unwrap_or(0);
        let mut files: Vec<ChangedText> = self
            .set
            .files
            .iter()
            .map(|file| ChangedText {
                path: file.path.clone(),
                change: self.word(file),
                lines: file.lines,
                size: size(file, size_of),
            })
            .collect();
        // What was too large to be looked at is a part of the change all the same.
        for left in &self.set.left_out.listed {
            let is_file = matches!(left.why, LeftOutWhy::TooLarge | LeftOutWhy::Unreadable);
            let path = RepoPath::new(left.path.clone());
            if let (true, Ok(path)) = (is_file, path)
                && !files.iter().any(|file| file.path == path)
            {
                files.push(ChangedText {
                    path,
                    change: "too large",
                    lines: None,
                    size: Size::Text(u64::MAX),
                });
            }
        }
        Ok(files)
    }

    fn word(&self, file: &ChangedFile) -> &'static str {
        let is_tracked = |tracked: &BTreeSet<_>| tracked.contains(file.path.as_bytes());
        match &file.change {
            FileChange::Added { .. } if !self.tracked.as_ref().is_none_or(is_tracked) => {
                "untracked"
            }
            change => change.as_str(),
        }
    }
}

/// About how much there is to read.
fn size(file: &ChangedFile, size_of: impl Fn(&Entry) -> u64) -> Size {
    let is_text = |entry: &&Entry| matches!(entry.mode, FileMode::Regular | FileMode::Executable);
    let Some(lines) = file
        .lines
        .filter(|_| entries(file).all(|entry| is_text(&entry)))
    else {
        return Size::Binary;
    };
    let whole: u64 = entries(file).map(size_of).sum();
    match &file.change {
        FileChange::Added { .. } => Size::Text(whole),
        // That it is gone is what there is to know.
        FileChange::Deleted { .. } => Size::Text(LINE),
        FileChange::Modified { .. } | FileChange::Renamed { .. } => {
            let changed = (lines.added + lines.removed).saturating_mul(LINE);
            Size::Text(changed.min(whole))
        }
    }
}

fn entries(file: &ChangedFile) -> impl Iterator<Item = &Entry> {
    let (before, after) = match &file.change {
        FileChange::Added { after } => (None, Some(after)),
        FileChange::Deleted { before } => (Some(before), None),
        FileChange::Modified { before, after } | FileChange::Renamed { before, after, .. } => {
            (Some(before), Some(after))
        }
    };
    before.into_iter().chain(after)
}

impl ReviewedState {
    /// What is at these paths.
    pub(crate) async fn look_up(&self, paths: BTreeSet<RepoPath>) -> ExistingByPath {
        let paths: Vec<RepoPath> = paths.into_iter().collect();
        let entries = match self.objects.entries(&self.tree, &paths).await {
            Ok(entries) => entries,
            Err(error) => {
                tracing::warn!(%error, "can't look for the places of findings");
                HashMap::new()
            }
        };
        let mut existing = ExistingByPath::new();
        for (path, entry) in entries {
            existing.insert(path, self.existing(&entry).await);
        }
        existing
    }

    async fn existing(&self, entry: &Entry) -> Existing {
        match entry.mode {
            FileMode::Regular | FileMode::Executable => {}
            FileMode::Symlink | FileMode::Submodule => return Existing::NoText,
        }
        match self.objects.content(&entry.id, LARGEST).await {
            Ok(Some(content)) if !content.contains(&0) => Existing::File {
                lines: lines(&content),
            },
            Ok(Some(_) | None) => Existing::NoText,
            Err(error) => {
                tracing::warn!(%error, "can't look at the place of a finding");
                Existing::NoText
            }
        }
    }
}

/// How many lines a text has; one without an end counts.
fn lines(content: &[u8]) -> u32 {
    let ends = content.iter().filter(|byte| **byte == b'\n').count();
    let open = usize::from(content.last().is_some_and(|byte| *byte != b'\n'));
    u32::try_from(ends + open).unwrap_or(u32::MAX)
}
