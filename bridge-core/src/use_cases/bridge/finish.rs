//! Ends a run's worktree: its changes go into the folder, become a branch, or go.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use crate::adapters::git::apply::{self, Applied};
use crate::adapters::git::publish::{self, BranchName, Publication};
use crate::adapters::git::repository::Repository;
use crate::adapters::git::shadow::{Shadow, Shadows};
use crate::adapters::store::AuditEntry;
use crate::domain::changes::ObjectId;
use crate::domain::id::RunId;
use crate::domain::run::{Caller, Fate, Run, WorkspaceMode};
use crate::domain::scrub::Scrubbed;
use crate::platform::lock::FileLock;
use crate::platform::open_dir;
use crate::use_cases::bridge::diff::{Difference, diff_changed, gone};
use crate::use_cases::bridge::{Bridge, FinishAction, Finished, admit};
use crate::use_cases::error::Error;
use crate::use_cases::nested;
use crate::use_cases::settings::Settings;
use crate::use_cases::workspace::{self, WorkspaceError, Workspaces};

/// How long somebody else may have a copy before it counts as in use.
const LOCK_LIMIT: Duration = Duration::from_secs(3);
/// How often that is looked at.
const LOCK_LOOK: Duration = Duration::from_millis(20);

impl Bridge {
    /// Ends the worktree of a run. After an error everything is as it was.
    pub async fn finish_run(
        &self,
        caller: Caller,
        id: &RunId,
        action: FinishAction,
    ) -> Result<Finished, Error> {
        let settings = self.settings()?;
        let result = self.finish(&settings, id, &action).await;
        self.audit_finish(&settings, caller, id, &action, &result)
            .await;
        result
    }

    async fn finish(
        &self,
        settings: &Settings,
        id: &RunId,
        action: &FinishAction,
    ) -> Result<Finished, Error> {
        let run = self.run(id).await?;
        if !run.state.is_final() {
            return Err(WorkspaceError::NotEnded { run: run.id }.into());
        }
        if let Some(fate) = &run.workspace.fate {
            return Err(gone(&run, fate.as_str()).into());
        }
        if run.workspace.mode == WorkspaceMode::InPlace {
            let why = "it worked in the folder itself".to_owned();
            return Err(WorkspaceError::NoWorktree { run: run.id, why }.into());
        }
        let store = self.store().await?;
        nested::refuse(self.host(), Some(&store)).await?;
        let places = Workspaces::in_state(&settings.config.state_dir);
        let Some(owner) = workspace::owner(&store, &places, id).await? else {
            let why = "its copy of the repository is gone".to_owned();
            return Err(WorkspaceError::NoWorktree { run: run.id, why }.into());
        };
        let lock_path = places.lock(&owner);
        let _lock = take(&lock_path, &owner).await?;
        let difference = self.difference(settings, &run).await?;
        let done = self.act(settings, &run, &difference, action).await?;
        // The copies of one thread are one copy.
        let mut next = Some(id.clone());
        while let Some(of) = next {
            store.set_fate(&of, done.fate.clone()).await?;
            next = match of == owner {
                true => None,
                false => store.get_run(&of).await?.continues,
            };
        }
        let mut notes = done.notes;
        let git = workspace::git(self.host()).await?;
        if let Err(error) = Shadows::new(&git, places.state()).remove(&owner).await {
            tracing::warn!(run = %owner, %error, "a finished worktree stays for now");
            notes.push(Scrubbed::literal(
                "The copy could not be removed yet; that is tried again later.",
            ));
        }
        if let Err(error) = std::fs::remove_file(&lock_path) {
            tracing::debug!(run = %owner, %error, "the lock's file stays");
        }
        Ok(Finished {
            run: self.run(id).await?,
            changed: done.applied.map_or(0, |applied| applied.files as u64),
            already_there: done.applied.map_or(0, |applied| applied.already as u64),
            branch: done.branch,
            hidden: done.hidden,
            notes,
        })
    }

    async fn act(
        &self,
        settings: &Settings,
        run: &Run,
        difference: &Difference,
        action: &FinishAction,
    ) -> Result<Done, Error> {
        let asked = match action {
            FinishAction::Apply { diff_hash } => Some(diff_hash),
            FinishAction::Branch { diff_hash, .. } => diff_hash.as_ref(),
            FinishAction::Discard => None,
        };
        if let Some(asked) = asked
            && asked != difference.changes.hash.as_str()
        {
            return Err(diff_changed(run, asked, &difference.changes).into());
        }
        let mut done = Done {
            fate: Fate::Discarded,
            applied: None,
            branch: None,
            hidden: false,
            notes: Vec::new(),
        };
        match action {
            FinishAction::Apply { .. } => {
                let order = self.apply_order(settings, run, difference).await?;
                let applied = apply::apply(order).await;
                done.applied = Some(applied.map_err(WorkspaceError::Apply)?);
                done.fate = Fate::Applied;
            }
            FinishAction::Branch { name, message, .. } => {
                let wish = BranchWish {
                    name: name.as_deref(),
                    message: message.as_deref(),
                };
                let (branch, commit) = self.publish(settings, run, difference, wish).await?;
                let name = settings.scrubber.scrub(branch.as_str());
                done.branch = Some((name.clone(), commit));
                done.fate = Fate::Branched { branch: name };
            }
            FinishAction::Discard => return Ok(done),
        }
        done.hidden = self.hides(settings, difference).await;
        Ok(done)
    }

    /// What is to be brought where. The folder is admitted again, with the roots of this moment.
    pub(super) async fn apply_order(
        &self,
        settings: &Settings,
        run: &Run,
        difference: &Difference,
    ) -> Result<apply::Order, Error> {
        let shadow = &difference.shadow;
        let repository = self.repository_of(settings, shadow).await?;
        let places = Workspaces::in_state(&settings.config.state_dir);
        Ok(apply::Order {
            run: run.id.clone(),
            changes: difference.changes.clone(),
            shadow: shadow.clone(),
            repository,
            head: shadow.base_commit().cloned(),
            journals: places.journals(),
            now: (self.host().now)(),
        })
    }

    /// The person's repository that a copy was made of.
    async fn repository_of(
        &self,
        settings: &Settings,
        shadow: &Shadow,
    ) -> Result<Repository, Error> {
        let git = workspace::git(self.host()).await?;
        let roots = &settings.config.roots;
        let admitted = roots
            .admit(shadow.toplevel(), open_dir::resolve)
            .map_err(admit::refused("run_id"))?;
        Ok(workspace::repository(self.host(), &settings.config, &git, &admitted).await?)
    }

    /// The commit that the person's folder is at now.
    pub(super) async fn head(&self, settings: &Settings, shadow: &Shadow) -> Option<ObjectId> {
        let repository = self.repository_of(settings, shadow).await.ok()?;
        repository.head.commit().cloned()
    }
}

/// Takes the right to end a copy. Whoever looks after old copies has it for a moment; a run that works there, for long.
async fn take(path: &Path, owner: &RunId) -> Result<FileLock, WorkspaceError> {
    let begin = Instant::now();
    loop {
        if let Some(lock) = FileLock::try_acquire(path)? {
            return Ok(lock);
        }
        if begin.elapsed() > LOCK_LIMIT {
            return Err(WorkspaceError::Busy { run: owner.clone() });
        }
        tokio::time::sleep(LOCK_LOOK).await;
    }
}

/// What was done with the changes.
struct Done {
    fate: Fate,
    applied: Option<Applied>,
    branch: Option<(Scrubbed, ObjectId)>,
    hidden: bool,
    notes: Vec<Scrubbed>,
}

impl Bridge {
    async fn audit_finish(
        &self,
        settings: &Settings,
        caller: Caller,
        id: &RunId,
        action: &FinishAction,
        result: &Result<Finished, Error>,
    ) {
        let scrubber = &settings.scrubber;
        let (outcome, detail) = match result {
            Ok(finished) => {
                let folder = &finished.run.workspace.folder;
                ("ok", format!("{} for {folder}", action.as_str()))
            }
            Err(error) => (
                error.code().as_str(),
                format!("{}: {error}", action.as_str()),
            ),
        };
        let entry = AuditEntry {
            at: (self.host().now)(),
            client: caller.client,
            action: Scrubbed::literal("finish_run"),
            subject: scrubber.scrub(id.as_str()),
            outcome: Scrubbed::literal(outcome),
            detail: scrubber.scrub(&detail),
        };
        let written = match self.store().await {
            Ok(store) => store.audit(entry).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            tracing::warn!(%error, "could not write the audit log");
        }
    }
}

/// What a branch is to be like, as far as that was said.
struct BranchWish<'a> {
    name: Option<&'a str>,
    message: Option<&'a str>,
}

impl Bridge {
    async fn publish(
        &self,
        settings: &Settings,
        run: &Run,
        difference: &Difference,
        wish: BranchWish<'_>,
    ) -> Result<(BranchName, ObjectId), Error> {
        let git = workspace::git(self.host()).await?;
        let title = run.title.as_str();
        let branch = match wish.name {
            Some(name) => BranchName::parse(&git, name).await,
            None => Ok(BranchName::suggest(title, &run.id)),
        };
        let branch = branch.map_err(WorkspaceError::from)?;
        let repository = self.repository_of(settings, &difference.shadow).await?;
        let commit = publish::publish(&Publication {
            git: &git,
            shadow: &difference.shadow,
            repository: &repository,
            tree: &difference.changes.after,
            branch: &branch,
            message: wish.message.unwrap_or(title),
        })
        .await
        .map_err(WorkspaceError::from)?;
        Ok((branch, commit))
    }
}
