//! Follows the files of clients into which the bridge was installed, as long as the app runs. Sleeps until one is written.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::adapters::clients::table::{CLIENTS, Client as Row};
use crate::adapters::clients::{Site, Standing, hello, sites, wish};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::clients::look::around;
use crate::use_cases::clients::program::{can_be_started, keep_link};
use crate::use_cases::clients::proof::watch;
use crate::use_cases::error::Error;

/// Who writes a file without a rename leaves it empty for a moment.
const SETTLE: Duration = Duration::from_millis(400);

/// What came of looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientNews {
    /// The client.
    pub name: &'static str,
    /// Whether it lost its servers; else the program in our entry is gone.
    pub is_lost: bool,
}

impl ClientNews {
    /// What happened, for one line.
    pub fn what(&self) -> String {
        match self.is_lost {
            true => format!("{} lost its servers", self.name),
            false => format!("{} starts a program that is gone", self.name),
        }
    }
}

/// Watches the files. What is written after it was made is seen.
#[derive(Debug)]
pub struct Follower {
    watches: JoinSet<()>,
}

impl Follower {
    /// Returns when a file was written, and has settled. For ever where there is nothing to watch.
    pub async fn changed(&mut self) {
        if self.watches.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
        sleep(SETTLE).await;
    }
}

impl Bridge {
    /// Lets the link by which clients find our program lead to where we are now; the app may have been moved.
    pub fn keep_program_link(&self) {
        if let Err(error) = keep_link(self.host(), &self.state_path()) {
            tracing::warn!(%error, "clients may not find the program");
        }
    }

    /// Begins to watch the files of clients that have the bridge, their hellos and what waits. Must be called inside a
    /// tokio runtime.
    pub fn follow_clients(&self) -> Follower {
        let state = self.state_path();
        let mut watches = JoinSet::new();
        let mut add = |folder: &Path, file: Option<&str>| {
            if let Some(mut watch) = watch(folder, file) {
                watches.spawn(async move {
                    // A folder that goes away is news, too.
                    drop(watch.written().await);
                });
            }
        };
        add(&hello::folder(&state), None);
        add(&wish::folder(&state), None);
        for (_, site) in self.own_sites() {
            let mut files = vec![site.file.clone()];
            files.extend(
                std::fs::canonicalize(&site.file)
                    .ok()
                    .filter(|real| *real != site.file),
            );
            for file in files {
                let name = file.file_name().and_then(|name| name.to_str());
                if let (Some(folder), Some(name)) = (file.parent(), name) {
                    add(folder, Some(name));
                }
            }
        }
        Follower { watches }
    }

    /// Looks at those files, remembers what was seen, and tells what is wrong. The status tells it, too, until the next
    /// look.
    pub async fn heed_clients(&self) -> Result<Vec<ClientNews>, Error> {
        let mut news = self.look_once().await?;
        if news.iter().any(|news| news.is_lost) {
            // A loss is believed when it is seen twice.
            sleep(SETTLE).await;
            news = self.look_once().await?;
        }
        *self
            .client_news()
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = news.clone();
        Ok(news)
    }

    async fn look_once(&self) -> Result<Vec<ClientNews>, Error> {
        let bridge = self.clone();
        let look = move || -> Vec<ClientNews> {
            let own = bridge.own_sites().into_iter();
            own.filter_map(|(row, site)| news_of(row, &site)).collect()
        };
        let looked = tokio::task::spawn_blocking(look).await;
        looked.map_err(|error| Error::Bug(error.to_string()))
    }

    /// The files into which the bridge was installed from here.
    fn own_sites(&self) -> Vec<(&'static Row, Site)> {
        let state: PathBuf = self.state_path();
        let around = around(self.host());
        let of_row = |row: &'static Row| {
            let sites = sites(row, around, &state).into_iter();
            sites
                .filter(|site| site.receipt().is_some())
                .map(move |site| (row, site))
        };
        CLIENTS.iter().flat_map(of_row).collect()
    }
}

fn news_of(row: &'static Row, site: &Site) -> Option<ClientNews> {
    let is_lost = match site.take_down() {
        Ok(Standing::Wiped) => true,
        Ok(Standing::Installed(entry)) => {
            if can_be_started(&entry.program.unwrap_or_default()) {
                return None;
            }
            false
        }
        Ok(Standing::Absent | Standing::TakenOut) => return None,
        Err(error) => {
            tracing::debug!(%error, client = row.id, "a client's file can't be followed");
            return None;
        }
    };
    Some(ClientNews {
        name: row.name,
        is_lost,
    })
}
