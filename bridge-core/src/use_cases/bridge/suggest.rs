//! Names that somebody who fills in a request may want: folders, models, efforts, branches.

use std::path::{Path, PathBuf};

use crate::adapters::config::Config;
use crate::adapters::git::conventions::PersonHome;
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::Repository;
use crate::adapters::store::Habits;
use crate::domain::scrub::Scrubbed;
use crate::domain::task::Effort;
use crate::platform::open_dir::{self, OpenDir};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::host::Host;

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
        self.habits().await.models
    }

    /// Efforts that may be asked for.
    pub(crate) async fn known_efforts(&self) -> Vec<Scrubbed> {
        let ceiling = match self.settings() {
            Ok(settings) => settings.config.ceilings.effort,
            Err(_) => return Vec::new(),
        };
        let mut efforts = self.habits().await.efforts;
        efforts.retain(|name| match (&ceiling, Effort::parse(name.as_str())) {
            (Some(ceiling), Ok(effort)) => effort.is_within(ceiling),
            (None, Ok(_)) => true,
            (_, Err(_)) => false,
        });
        efforts
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
    let folder = OpenDir::open(admitted.path()).ok()?;
    let git = Git::find(host.var("PATH").unwrap_or_default()).await.ok()?;
    let person = PersonHome {
        home: host.home.clone(),
        xdg_config_home: host.var("XDG_CONFIG_HOME").map(PathBuf::from),
    };
    let repository = Repository::inspect(&git, &folder, &person).await.ok()?;
    // A `.git` file or a link may lead to a repository that nobody allowed.
    let parts = [&repository.toplevel, &repository.common_dir];
    if !parts.iter().all(|part| is_admitted(part, config)) {
        return None;
    }
    let found = repository.branches(&git, MOST_BRANCHES).await.ok()?;
    Some(found.into_iter().map(|branch| branch.name).collect())
}

fn is_admitted(folder: &Path, config: &Config) -> bool {
    config.roots.admit(folder, open_dir::resolve).is_ok()
}
