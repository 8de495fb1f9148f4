//! A client that writes over its file while it runs: it is quit, its file changed, and it is started again; or the change
//! waits until the person has quit it.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use crate::adapters::clients::table::{CLIENTS, Client as Row, Running};
use crate::adapters::clients::wish::{self, Waiting};
use crate::platform::apps::{self, RunningApp};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::clients::act::row;
use crate::use_cases::clients::{
    Act, ClientChange, ClientError, ClientNow, ClientRequest, IfRunning,
};
use crate::use_cases::error::{Error, chain};

/// How long a client may take to quit. It may ask the person something; it is never forced.
const PATIENCE: Duration = Duration::from_secs(20);

impl Bridge {
    /// Asks the client to quit, changes its file, and starts it again, whatever came of the change. A client that does
    /// not run is not started.
    pub(super) async fn change_between(
        &self,
        request: ClientRequest,
    ) -> Result<ClientChange, Error> {
        let row = row(&request.client)?;
        let planned = self.change_now(dry(&request)).await?;
        let Some(app) = running(row, &self.host().home) else {
            return self.change_now(refusing(request)).await;
        };
        // Nobody's work is interrupted for nothing.
        if planned.files.is_empty() {
            return self.change_now(refusing(request)).await;
        }
        let asked = app.ask_to_quit();
        asked.map_err(|source| ClientError::Uncontrolled {
            name: row.name,
            operation: "asked to quit",
            source,
        })?;
        if timeout(PATIENCE, app.ended()).await.is_err() {
            return Err(ClientError::Stays { name: row.name }.into());
        }
        let changed = self.change_now(refusing(request)).await;
        let client_now = match app.start_again() {
            Ok(()) => ClientNow::Restarted,
            Err(error) => ClientNow::Quit(self.scrubber().scrub(&error.to_string())),
        };
        Ok(ClientChange {
            client_now,
            ..changed?
        })
    }

    /// Waits as long as the client runs, however often the person starts it, and changes its file then. May be dropped.
    pub(super) async fn change_when_quit(
        &self,
        request: ClientRequest,
    ) -> Result<ClientChange, Error> {
        let row = row(&request.client)?;
        // What is refused is refused at once.
        self.change_now(dry(&request)).await?;
        loop {
            while let Some(app) = running(row, &self.host().home) {
                app.ended().await;
            }
            match self.change_now(refusing(request.clone())).await {
                Err(Error::Client(ClientError::Running { .. })) => {}
                other => return other,
            }
        }
    }

    /// Keeps a wish for the moment in which the client has been quit, over the end of this process. Only an installation,
    /// a repair and a removal can wait.
    pub fn change_client_later(&self, client: &str, act: &Act) -> Result<(), Error> {
        let row = row(client)?;
        let Some(word) = word(act) else {
            return Err(Error::Bug(format!("{act:?} can't wait")));
        };
        let waiting = Waiting {
            client: row.id.to_owned(),
            act: word.to_owned(),
            at: (self.host().now)().0,
        };
        let kept = wish::keep(&self.state_path(), &waiting);
        kept.map_err(|source| ClientError::NotKept {
            name: row.name,
            source,
        })?;
        Ok(())
    }

    /// Forgets such a wish.
    pub fn forget_client_wish(&self, client: &str) -> Result<bool, Error> {
        let row = row(client)?;
        let forgotten = wish::forget(&self.state_path(), row.id);
        let forgotten = forgotten.map_err(|source| ClientError::NotKept {
            name: row.name,
            source,
        })?;
        Ok(forgotten)
    }

    /// The wishes that wait for the end of a client.
    pub fn client_wishes(&self) -> Vec<ClientRequest> {
        let waiting = wish::all(&self.state_path()).into_iter();
        let request = |waiting: Waiting| {
            Some(ClientRequest {
                act: act_of(&waiting.act)?,
                client: waiting.client,
                dry_run: false,
                if_running: IfRunning::WhenQuit,
            })
        };
        waiting.filter_map(request).collect()
    }

    /// Returns when a client ends that has to be quit before its file is changed; never where none runs.
    pub async fn a_client_quits(&self) {
        let home = self.host().home.clone();
        let find = move || CLIENTS.iter().find_map(|row| running(row, &home));
        match tokio::task::spawn_blocking(find).await {
            Ok(Some(app)) => app.ended().await,
            _ => std::future::pending().await,
        }
    }

    /// Starts a client that does not run.
    pub fn start_client(&self, client: &str) -> Result<(), Error> {
        let row = row(client)?;
        let Running::Overwrites(name) = row.running else {
            return Ok(());
        };
        let host = self.host();
        if RunningApp::find(name, &host.home).is_some() {
            return Ok(());
        }
        let started = apps::start(name, &host.env, &host.home);
        started.map_err(|source| ClientError::Uncontrolled {
            name: row.name,
            operation: "started",
            source,
        })?;
        Ok(())
    }

    /// What a change that waited came to, in a sentence for the person.
    pub fn told_of_wish(&self, client: &str, result: &Result<ClientChange, Error>) -> String {
        let name = row(client).map_or(client, |row| row.name);
        match result {
            Ok(_) => format!("{name} was quit, and its file is changed."),
            Err(error) => self
                .scrubber()
                .scrub(&format!("{name}: {}. {}", chain(error), error.hint()))
                .to_string(),
        }
    }
}

/// The client as it runs, if it would write its old settings over ours.
pub(super) fn running(row: &Row, home: &Path) -> Option<RunningApp> {
    match row.running {
        Running::Fine => None,
        Running::Overwrites(name) => RunningApp::find(name, home),
    }
}

fn dry(request: &ClientRequest) -> ClientRequest {
    ClientRequest {
        dry_run: true,
        ..request.clone()
    }
}

fn refusing(request: ClientRequest) -> ClientRequest {
    ClientRequest {
        if_running: IfRunning::Refuse,
        ..request
    }
}

fn word(act: &Act) -> Option<&'static str> {
    match act {
        Act::Install => Some("install"),
        Act::Repair => Some("repair"),
        Act::Remove => Some("remove"),
        Act::Undo | Act::Restore { .. } | Act::TakeOver | Act::Leave => None,
    }
}

fn act_of(word: &str) -> Option<Act> {
    [Act::Install, Act::Repair, Act::Remove]
        .into_iter()
        .find(|act| self::word(act) == Some(word))
}
