//! Names that somebody who fills in a request may want: folders, models, efforts, branches.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::adapters::config::Config;
use crate::adapters::store::Habits;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::task::Effort;
use crate::platform::open_dir;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::workspace::{self, WorkspaceError};

/// The most branches that are suggested, and as many of remotes.
const BRANCHES: usize = 200;

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

    /// Models that may be asked for.
    pub(crate) async fn known_models(&self) -> Vec<Scrubbed> {
        let Ok(settings) = self.settings() else {
            return Vec::new();
        };
        let ceilings = &settings.config.ceilings.models;
        if !ceilings.is_empty() {
            let scrub = |name: &str| settings.scrubber.scrub(name);
            return ceilings.iter().map(|name| scrub(name.as_str())).collect();
        }
        // What the person uses comes first, then what Codex offers besides.
        let mut names = self.habits().await.models;
        if let Ok(catalogue) = self.models().await {
            let offered = catalogue.listed().map(|model| model.name.as_str());
            names.extend(offered.map(|name| settings.scrubber.scrub(name)));
        }
        distinct(names)
    }

    /// Efforts that may be asked for.
    pub(crate) async fn known_efforts(&self) -> Vec<Scrubbed> {
        let ceiling = match self.settings() {
            Ok(settings) => settings.config.ceilings.effort,
            Err(_) => return Vec::new(),
        };
        let mut efforts = self.habits().await.efforts;
        if let Ok(catalogue) = self.models().await {
            let offered = catalogue.listed().flat_map(|model| &model.efforts);
            efforts.extend(offered.map(|effort| Scrubber::builtin().scrub(effort.as_str())));
        }
        let mut efforts = distinct(efforts);
        efforts.retain(|name| match (&ceiling, Effort::parse(name.as_str())) {
            (Some(ceiling), Ok(effort)) => effort.is_within(ceiling),
            (None, Ok(_)) => true,
            (_, Err(_)) => false,
        });
        efforts
    }

    /// Branches of the repository that a folder is in; none where a run may not work.
    pub(crate) async fn known_branches(&self, folder: &Path) -> Vec<Scrubbed> {
        let Ok(settings) = self.settings() else {
            return Vec::new();
        };
        let Ok(admitted) = settings.config.roots.admit(folder, open_dir::resolve) else {
            return Vec::new();
        };
        let looked = async {
            let git = workspace::git(self.host()).await?;
            let repository =
                workspace::repository(self.host(), &settings.config, &git, &admitted).await?;
            let branches = repository.branches(&git, BRANCHES).await;
            branches.map_err(|error| WorkspaceError::Repository(error.into()))
        };
        match looked.await {
            Ok(branches) => {
                let names = branches.iter().map(|branch| branch.name.as_str());
                names.map(|name| settings.scrubber.scrub(name)).collect()
            }
            Err(error) => {
                tracing::debug!(%error, "no branches can be suggested");
                Vec::new()
            }
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

/// The first of each name.
fn distinct(mut names: Vec<Scrubbed>) -> Vec<Scrubbed> {
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn is_admitted(folder: &Path, config: &Config) -> bool {
    config.roots.admit(folder, open_dir::resolve).is_ok()
}
