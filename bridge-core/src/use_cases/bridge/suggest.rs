//! Names that somebody who fills in a request may want: folders, models, efforts, branches.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

use crate::adapters::config::Config;
use crate::adapters::store::Habits;
use crate::domain::models::Catalogue;
use crate::domain::scrub::Scrubbed;
use crate::domain::task::Effort;
use crate::platform::open_dir;
use crate::use_cases::bridge::Bridge;

/// How long somebody who types waits for what Codex offers.
const OFFER_LIMIT: Duration = Duration::from_secs(2);

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

    /// Models that may be asked for: those of recent runs, then those that Codex offers.
    pub(crate) async fn known_models(&self) -> Vec<Scrubbed> {
        let Ok(settings) = self.settings() else {
            return Vec::new();
        };
        let ceilings = &settings.config.ceilings.models;
        if !ceilings.is_empty() {
            let scrub = |name: &str| settings.scrubber.scrub(name);
            return ceilings.iter().map(|name| scrub(name.as_str())).collect();
        }
        let mut models = self.habits().await.models;
        let offered = self.offered().await;
        let names = offered.listed().map(|model| model.name.as_str());
        add(&mut models, names.map(|name| settings.scrubber.scrub(name)));
        models
    }

    /// Efforts that may be asked for: those of recent runs, then those that a model takes.
    pub(crate) async fn known_efforts(&self) -> Vec<Scrubbed> {
        let Ok(settings) = self.settings() else {
            return Vec::new();
        };
        let ceiling = settings.config.ceilings.effort;
        let mut efforts = self.habits().await.efforts;
        let offered = self.offered().await;
        let taken = offered.listed().flat_map(|model| &model.efforts);
        add(
            &mut efforts,
            taken.map(|effort| settings.scrubber.scrub(effort.as_str())),
        );
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
        if !is_admitted(folder, &settings.config) {
            return Vec::new();
        }
        Vec::new()
    }

    /// What Codex offers; nothing where it does not tell in time.
    async fn offered(&self) -> Catalogue {
        match timeout(OFFER_LIMIT, self.models()).await {
            Ok(Ok(catalogue)) => catalogue,
            Ok(Err(error)) => {
                tracing::debug!(%error, "Codex has nothing to suggest");
                Catalogue::default()
            }
            Err(_) => Catalogue::default(),
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

/// Adds what is not there yet.
fn add(names: &mut Vec<Scrubbed>, more: impl Iterator<Item = Scrubbed>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

fn is_admitted(folder: &Path, config: &Config) -> bool {
    config.roots.admit(folder, open_dir::resolve).is_ok()
}
