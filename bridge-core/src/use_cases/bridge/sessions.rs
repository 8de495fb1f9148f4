//! The sessions that Codex has kept, whoever began them.

use std::collections::HashMap;

use crate::adapters::codex::sessions::{self, Session, Wanted};
use crate::domain::id::RunId;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::bridge::request::real_folder;
use crate::use_cases::error::Error;

/// Which sessions are wanted.
#[derive(Clone, Debug, Default)]
pub struct SessionQuery {
    /// Only those begun in this folder or below: an absolute path.
    pub folder: Option<String>,
    /// Only those with this text in the title, in any letter case.
    pub text: Option<String>,
    /// At most so many; 0 for the default of 50, and never more than 200.
    pub limit: usize,
    /// Only those behind this cursor of an earlier page.
    pub cursor: Option<u64>,
}

/// A session, and what the bridge had to do with it.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// The session.
    pub session: Session,
    /// The latest run that worked in it.
    pub run: Option<RunId>,
}

/// A page of sessions, the last begun first. It may be shorter than was asked for and yet not the last one.
#[derive(Clone, Debug)]
pub struct SessionList {
    /// The sessions.
    pub sessions: Vec<ListedSession>,
    /// The cursor of the next page, if there is one.
    pub next: Option<u64>,
    /// How many files on the way were no record of a session, or a damaged one.
    pub skipped: u64,
}

impl Bridge {
    /// Sessions of Codex, from its own folder, in which nothing is changed.
    pub async fn list_sessions(&self, query: SessionQuery) -> Result<SessionList, Error> {
        let settings = self.settings()?;
        let wanted = Wanted {
            folder: match query.folder.as_deref() {
                Some(folder) => Some(real_folder(folder)?.into()),
                None => None,
            },
            text: query.text,
            limit: match query.limit {
                0 => 50,
                limit => limit.min(200),
            },
            before: query.cursor,
        };
        let (home, scrubber) = (settings.config.codex_home, settings.scrubber);
        let look = move || sessions::list(&home, &wanted, &scrubber);
        let page = tokio::task::spawn_blocking(look)
            .await
            .map_err(|error| Error::Bug(error.to_string()))?;
        let threads = page.sessions.iter();
        let threads = threads.map(|session| session.thread.clone()).collect();
        let runs = match self.store().await {
            Ok(store) => store.runs_of_threads(threads).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        // The sessions are there without the database, too.
        let runs = runs.unwrap_or_else(|error| {
            tracing::warn!(%error, "can't tell which runs worked in which session");
            HashMap::new()
        });
        let listed = page.sessions.into_iter().map(|session| ListedSession {
            run: runs.get(&session.thread).cloned(),
            session,
        });
        Ok(SessionList {
            sessions: listed.collect(),
            next: page.next,
            skipped: page.skipped,
        })
    }
}
