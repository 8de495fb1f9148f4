//! Names that somebody who fills in a request may want: folders, models, efforts, branches.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

use crate::adapters::config::Config;
use crate::adapters::store::Habits;
use crate::domain::models::Catalogue;
use crate::domain::scrub::Scrubbed;
use crate::domain::task::{Effort, ModelName};
use crate::platform::open_dir;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::host::Host;
use crate::use_cases::workspace;

/// So long is waited for Codex to say which models it has: whoever types does not wait longer.
const MODELS_LIMIT: Duration = Duration::from_secs(3);
/// So many branches of each kind are looked at.
const MOST_BRANCHES: usize = 100;

impl Bridge {
    /// Folders in which a run may work: those of recent runs, the latest first, then the allowed roots.
    pub(crate) async fn known_folders(&self) -> Vec<Scrubbed> {
        let Ok(settings) = self.settings() else {
            return Vec::new();
        };
        let used = self.habits().await.folders;
        let admitted = tokio::task::spawn_blocking(move || {
            let used = used.iter().map(|folder| PathBuf::from(folder.as_str()));
            let roots = settings.config.roots.roots().to_vec();
            let mut folders: Vec<Scrubbed> = Vec::new();
            for folder in used.chain(roots) {
                // One with a secret in its name could not be told as it is.
                if is_admitted(&folder, &settings.config)
                    && let Some(text) = folder.to_str()
                    && let scrubbed = settings.scrubber.scrub(text)
                    && scrubbed.as_str() == text
                    && !folders.contains(&scrubbed)
                {
                    folders.push(scrubbed);
                }
            }
            folders
        });
        admitted.await.unwrap_or_default()
    }

    /// Models that may be asked for: those that Codex offers, else those of recent runs.
    pub(crate) async fn known_models(&self) -> Vec<Scrubbed> {
        let Ok(settings) = self.settings() else {
            return Vec::new();
        };
        let scrub = |name: &ModelName| settings.scrubber.scrub(name.as_str());
        let allowed = &settings.config.ceilings.models;
        if !allowed.is_empty() {
            return allowed.iter().map(scrub).collect();
        }
        match self.offered().await {
            Some(offered) => offered.listed().map(|model| scrub(&model.name)).collect(),
            None => self.habits().await.models,
        }
    }

    /// Efforts that may be asked for: those of a model, else those of all that Codex offers, else those of recent runs.
    pub(crate) async fn known_efforts(&self, model: Option<&str>) -> Vec<Scrubbed> {
        let Ok(settings) = self.settings() else {
            return Vec::new();
        };
        let used = match self.offered().await {
            Some(offered) => efforts(&offered, model),
            None => {
                let used = self.habits().await.efforts;
                let parse = |name: &Scrubbed| Effort::parse(name.as_str()).ok();
                used.iter().filter_map(parse).collect()
            }
        };
        let ceiling = settings.config.ceilings.effort.as_ref();
        used.iter()
            .filter(|effort| ceiling.is_none_or(|ceiling| effort.is_within(ceiling)))
            .map(|effort| settings.scrubber.scrub(effort.as_str()))
            .collect()
    }

    /// Branches of the repository that a folder is in, the latest first; none where a run may not work.
    pub(crate) async fn known_branches(&self, folder: &Path) -> Vec<Scrubbed> {
        let Ok(settings) = self.settings() else {
            return Vec::new();
        };
        match branches(self.host(), &settings.config, folder).await {
            Some(names) => {
                let scrubbed = names.iter().map(|name| settings.scrubber.scrub(name));
                scrubbed.collect()
            }
            None => Vec::new(),
        }
    }

    /// What Codex offers, if it says so soon.
    async fn offered(&self) -> Option<Catalogue> {
        match timeout(MODELS_LIMIT, self.models()).await {
            Ok(Ok(offered)) => Some(offered),
            Ok(Err(error)) => {
                tracing::debug!(%error, "Codex does not tell its models");
                None
            }
            Err(_) => None,
        }
    }

    /// Nothing where the database can't be read: these are only suggestions.
    async fn habits(&self) -> Habits {
        let habits = match self.store().await {
            Ok(store) => store.habits().await.map_err(Into::into),
            Err(error) => Err(error),
        };
        habits.unwrap_or_else(|error| {
            tracing::debug!(%error, "there is nothing to suggest");
            Habits::default()
        })
    }
}

async fn branches(host: &Host, config: &Config, folder: &Path) -> Option<Vec<String>> {
    let admitted = config.roots.admit(folder, open_dir::resolve).ok()?;
    let git = workspace::git(host).await.ok()?;
    let repository = workspace::repository(host, config, &git, &admitted)
        .await
        .ok()?;
    let found = repository.branches(&git, MOST_BRANCHES).await.ok()?;
    Some(found.into_iter().map(|branch| branch.name).collect())
}

/// The efforts of one model, or each of all of them once.
fn efforts(offered: &Catalogue, model: Option<&str>) -> Vec<Effort> {
    let named = model.and_then(|name| ModelName::parse(name).ok());
    if let Some(model) = named.and_then(|name| offered.find(&name)) {
        return model.efforts.clone();
    }
    let mut all: Vec<Effort> = Vec::new();
    for effort in offered.listed().flat_map(|model| &model.efforts) {
        if !all.contains(effort) {
            all.push(effort.clone());
        }
    }
    all
}

fn is_admitted(folder: &Path, config: &Config) -> bool {
    config.roots.admit(folder, open_dir::resolve).is_ok()
}
