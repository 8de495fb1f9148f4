//! Makes a run's workspace, and says at its end what was changed there.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::timeout;

use crate::adapters::config::Config;
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::Repository;
use crate::adapters::git::shadow::{Carry, Created, Shadow, Shadows};
use crate::adapters::store::Store;
use crate::domain::changes::Changes;
use crate::domain::id::{Persistence, RunId};
use crate::domain::policy::WorkDir;
use crate::domain::run::{Workspace, WorkspaceMode};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::task::{Sandbox, WorkspaceWish};
use crate::platform::lock::FileLock;
use crate::platform::open_dir::{self, OpenDir};
use crate::use_cases::error::chain;
use crate::use_cases::host::Host;
use crate::use_cases::settings::Settings;
use crate::use_cases::workspace::tell::{changes_now, summary};
use crate::use_cases::workspace::{self, WorkspaceError, Workspaces, git, person};

/// How long it may take to find out what a run changed. Its end waits for that.
const TELLING: Duration = Duration::from_secs(120);

/// What kind of workspace a run is to have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) run: &'a RunId,
    pub(crate) wish: &'a WorkspaceWish,
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: &'a WorkDir,
}

/// A run's workspace while the run lives in it.
#[derive(Debug)]
pub(crate) struct Workplace {
    /// What the record says of it.
    pub(crate) record: Workspace,
    /// Where Codex is started.
    pub(crate) path: PathBuf,
    /// What the person should know of it.
    pub(crate) notes: Vec<Scrubbed>,
    trace: Trace,
    /// Nobody else works in a copy, or ends it, as long as this is held.
    lock: Option<FileLock>,
}

/// How it is known what was changed.
#[derive(Debug)]
enum Trace {
    /// By what was there before.
    Shadow(Box<Shadow>),
    /// Nothing can be changed.
    ReadOnly,
    /// It is not.
    None(String),
}

impl Workplace {
    /// Makes the workspace, or says why there can be none.
    pub(crate) async fn open(
        host: &Host,
        settings: &Settings,
        store: &Store,
        plan: Plan<'_>,
    ) -> Result<Workplace, WorkspaceError> {
        let places = Workspaces::in_state(&settings.config.state_dir);
        let opening = Opening {
            host,
            settings,
            store,
            plan,
            places,
        };
        match plan.wish {
            WorkspaceWish::InPlace => Ok(opening.in_place(None).await),
            WorkspaceWish::Of { run } => opening.again(run).await,
            WorkspaceWish::Worktree {
                by_name,
                carry_changes,
            } => match opening.copy(*carry_changes).await {
                Ok(workplace) => Ok(workplace),
                Err(error) if *by_name => Err(impossible(error)),
                Err(error) if !error.is_about_repository() => Err(error),
                Err(error) => Ok(opening.in_place(Some(error)).await),
            },
        }
    }

    /// Lets others in: the run will not touch it any more.
    pub(crate) fn leave(&mut self) {
        self.lock = None;
    }

    /// Says what was changed. To be asked when nothing of the run is alive any more.
    pub(crate) async fn changes(&self, scrubber: &Scrubber) -> Option<Changes> {
        let shadow = match &self.trace {
            Trace::Shadow(shadow) => shadow,
            Trace::ReadOnly => return None,
            Trace::None(why) => return Some(Changes::Unknown(scrubber.scrub(why))),
        };
        let telling = async {
            let (_, changes) = changes_now(shadow).await?;
            let before = match shadow.is_worktree() {
                true => 0,
                false => shadow.changes_before().await?.files.len(),
            };
            Ok::<_, WorkspaceError>(summary(&changes, before as u64, scrubber))
        };
        let why = match timeout(TELLING, telling).await {
            Ok(Ok(summary)) => return Some(Changes::Known(summary)),
            Ok(Err(error)) => chain(&error),
            Err(_) => format!("git did not tell within {} s", TELLING.as_secs()),
        };
        Some(Changes::Unknown(scrubber.scrub(&why)))
    }
}

/// Looks whether the repository of a folder can be copied: that is said before a run is made.
pub(crate) async fn can_copy(
    host: &Host,
    config: &Config,
    folder: &WorkDir,
) -> Result<(), WorkspaceError> {
    let look = async {
        let git = git(host).await?;
        let repository = repository(host, config, &git, folder).await?;
        match repository.head.commit() {
            Some(_) => Ok(()),
            None => Err(WorkspaceError::Unborn {
                toplevel: repository.toplevel,
            }),
        }
    };
    look.await.map_err(impossible)
}

/// What is wrong with the repository is why there is no worktree; what is wrong with the disk is told as it is.
fn impossible(error: WorkspaceError) -> WorkspaceError {
    match error.is_about_repository() {
        true => WorkspaceError::Impossible {
            source: Box::new(error),
        },
        false => error,
    }
}

/// What the person should know of a copy that was made.
fn notes(created: &Created, scrubber: &Scrubber) -> Vec<Scrubbed> {
    let mut notes: Vec<_> = created
        .notes
        .iter()
        .map(|note| scrubber.scrub(&note.sentence()))
        .collect();
    let left_out = created.left_out.listed.len() as u64 + created.left_out.more;
    if left_out > 0 {
        let names: Vec<_> = created
            .left_out
            .listed
            .iter()
            .take(5)
            .map(|one| {
                let path = String::from_utf8_lossy(&one.path);
                format!("{path} ({})", one.why.as_str())
            })
            .collect();
        let sentence = format!(
            "Of the uncommitted files, {left_out} were not taken along, such as {}.",
            names.join(", ")
        );
        notes.push(scrubber.scrub(&sentence));
    }
    notes
}

/// The folder's repository. All of it has to lie below allowed roots: a `.git` file may lead anywhere.
pub(crate) async fn repository(
    host: &Host,
    config: &Config,
    git: &Git,
    folder: &WorkDir,
) -> Result<Repository, WorkspaceError> {
    let dir = OpenDir::open(folder.path()).map_err(WorkspaceError::Folder)?;
    let repository = Repository::inspect(git, &dir, &person(host)).await?;
    let parts = [
        &repository.toplevel,
        &repository.git_dir,
        &repository.common_dir,
    ];
    for part in parts {
        if config.roots.admit(part, open_dir::resolve).is_err() {
            return Err(WorkspaceError::OutsideRoots { part: part.clone() });
        }
    }
    Ok(repository)
}

struct Opening<'a> {
    host: &'a Host,
    settings: &'a Settings,
    store: &'a Store,
    plan: Plan<'a>,
    places: Workspaces,
}

impl Opening<'_> {
    /// The folder itself; `instead` says of what.
    async fn in_place(&self, instead: Option<WorkspaceError>) -> Workplace {
        let scrubber = &self.settings.scrubber;
        let folder = self.plan.folder;
        let trace = if self.plan.sandbox == Sandbox::ReadOnly {
            Trace::ReadOnly
        } else if self.plan.run.persistence() == Persistence::Ephemeral {
            Trace::None(
                "a run that leaves nothing on the disk leaves nothing to compare with".into(),
            )
        } else {
            match self.watch().await {
                Ok(shadow) => Trace::Shadow(Box::new(shadow)),
                Err(error) => Trace::None(chain(&error)),
            }
        };
        let shown = scrubber.scrub(&folder.path().to_string_lossy());
        Workplace {
            record: Workspace {
                mode: WorkspaceMode::InPlace,
                path: shown.clone(),
                folder: shown,
                base_commit: self.base(&trace),
                carried: false,
                fell_back: instead.map(|error| scrubber.scrub(&chain(&error))),
                fate: None,
            },
            path: folder.path().to_owned(),
            notes: Vec::new(),
            trace,
            lock: None,
        }
    }

    /// Takes down what is in the folder now.
    async fn watch(&self) -> Result<Shadow, WorkspaceError> {
        let git = git(self.host).await?;
        let config = &self.settings.config;
        let repository = repository(self.host, config, &git, self.plan.folder).await?;
        let shadows = Shadows::new(&git, self.places.state());
        Ok(shadows.in_place(self.plan.run, &repository).await?.shadow)
    }

    /// A copy of the repository.
    async fn copy(&self, carry: bool) -> Result<Workplace, WorkspaceError> {
        let scrubber = &self.settings.scrubber;
        let git = git(self.host).await?;
        let config = &self.settings.config;
        let repository = repository(self.host, config, &git, self.plan.folder).await?;
        let lock = self.lock(self.plan.run)?;
        let shadows = Shadows::new(&git, self.places.state());
        let wanted = match carry {
            true => Carry::Uncommitted,
            false => Carry::Nothing,
        };
        let created = shadows.worktree(self.plan.run, &repository, wanted).await?;
        let notes = notes(&created, scrubber);
        Ok(self.of_shadow(created.shadow, carry, notes, lock))
    }

    /// The copy of an earlier run.
    async fn again(&self, run: &RunId) -> Result<Workplace, WorkspaceError> {
        let git = git(self.host).await?;
        let shadows = Shadows::new(&git, self.places.state());
        let gone = || WorkspaceError::NoWorktree {
            run: run.clone(),
            why: "its copy of the repository is gone".into(),
        };
        let owner = workspace::owner(self.store, &self.places, run).await?;
        let owner = owner.ok_or_else(gone)?;
        let lock = self.lock(&owner)?;
        let shadow = shadows.open(&owner)?;
        if !shadow.is_worktree() {
            return Err(gone());
        }
        let carried = shadow.base_tree() != shadow.head_tree();
        Ok(self.of_shadow(shadow, carried, Vec::new(), lock))
    }

    fn of_shadow(
        &self,
        shadow: Shadow,
        carried: bool,
        notes: Vec<Scrubbed>,
        lock: FileLock,
    ) -> Workplace {
        let scrubber = &self.settings.scrubber;
        let path = shadow.work_dir();
        let trace = Trace::Shadow(Box::new(shadow));
        Workplace {
            record: Workspace {
                mode: WorkspaceMode::Worktree,
                folder: scrubber.scrub(&self.plan.folder.path().to_string_lossy()),
                path: scrubber.scrub(&path.to_string_lossy()),
                base_commit: self.base(&trace),
                carried,
                fell_back: None,
                fate: None,
            },
            path,
            notes,
            trace,
            lock: Some(lock),
        }
    }

    fn base(&self, trace: &Trace) -> Option<Scrubbed> {
        let Trace::Shadow(shadow) = trace else {
            return None;
        };
        let commit = shadow.base_commit()?;
        Some(self.settings.scrubber.scrub(commit.as_str()))
    }

    fn lock(&self, owner: &RunId) -> Result<FileLock, WorkspaceError> {
        FileLock::try_acquire(&self.places.lock(owner))?
            .ok_or_else(|| WorkspaceError::Busy { run: owner.clone() })
    }
}
