//! One method for each thing that a client or a person can ask. Every face calls these, and so does the app.

mod admit;
mod audit;
mod changes;
mod diff;
mod finish;
mod follow;
mod listen;
mod moves;
mod request;
mod review;
mod sessions;
mod speak;
mod start;
mod suggest;
mod turn;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use crate::adapters::store::AuditFilter;
pub use crate::use_cases::error::Error;
pub use audit::{Act, AuditQuery};
pub use changes::{
    ChangesPage, ChangesWanted, ConflictText, FilePatch, FinishAction, Finished, LeftOutText,
    Obstacles, cursor,
};
pub use listen::Listener;
pub use moves::Moves;
pub use request::{
    ContinueRequest, EventsWanted, Glimpse, ResumeRequest, RunPage, RunQuery, Started, TaskRequest,
    TurnRequest, Updates,
};
pub use review::{ReviewRequest, TargetKind};
pub use sessions::{ListedSession, SessionList, SessionQuery};
pub use speak::{LONGEST_REMARK, Steered, Told};

use crate::adapters::config::Config;
use crate::adapters::ipc::Place;
use crate::adapters::store::{OpenOptions, Store, StoreError, ToSupervisor};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::id::{Persistence, RunId};
use crate::domain::models::Catalogue;
use crate::domain::run::{Caller, Run};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::state::Canceller;
use crate::use_cases::clients::ClientNews;
use crate::use_cases::codex::{self, Search};
use crate::use_cases::doctor::{self, Mended, Mending, Report};
use crate::use_cases::host::Host;
use crate::use_cases::models;
use crate::use_cases::nested;
use crate::use_cases::reaper::Reaper;
use crate::use_cases::settings::{self, Settings, SettingsCache};
use crate::use_cases::state_dir::StateDir;
use crate::use_cases::status::CodexSeen;
use crate::use_cases::supervisor::Life;
use crate::use_cases::workspace;

/// How long a cancel waits for the end: longer than the whole ladder takes.
const CANCEL_LIMIT: Duration = Duration::from_secs(10);
/// How long the end of the owning process waits for its ephemeral runs.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// The bridge. Cheap to make and to clone: nothing is opened before it is needed.
#[derive(Clone)]
pub struct Bridge {
    inner: Arc<Inner>,
}

struct Inner {
    host: Host,
    settings: SettingsCache,
    stored: tokio::sync::Mutex<Option<Store>>,
    /// Whether the database has been opened.
    stored_open: watch::Sender<bool>,
    ephemeral: Mutex<Ephemeral>,
    /// Whether there is a store for runs that live only here.
    ephemeral_made: watch::Sender<bool>,
    codex_seen: Mutex<Option<CodexSeen>>,
    client_news: Mutex<Vec<ClientNews>>,
}

/// Runs that live only in this process.
#[derive(Default)]
struct Ephemeral {
    store: Option<Store>,
    tasks: HashMap<RunId, JoinHandle<()>>,
}

impl Bridge {
    /// Makes a bridge. Touches neither disk nor network.
    pub fn new(host: Host) -> Bridge {
        Bridge {
            inner: Arc::new(Inner {
                host,
                settings: SettingsCache::default(),
                stored: tokio::sync::Mutex::new(None),
                stored_open: watch::Sender::new(false),
                ephemeral: Mutex::default(),
                ephemeral_made: watch::Sender::new(false),
                codex_seen: Mutex::default(),
                client_news: Mutex::default(),
            }),
        }
    }

    /// The surroundings it was made with.
    pub fn host(&self) -> &Host {
        &self.inner.host
    }

    /// The scrubber with the person's additions; the built-in one where the configuration can't be read.
    pub fn scrubber(&self) -> Scrubber {
        self.inner.settings.scrubber(&self.inner.host)
    }

    /// The scrubber for a moment in which no file may be read and no lock taken.
    pub(crate) fn plain_scrubber(&self) -> Scrubber {
        settings::scrubber_without_config(&self.inner.host)
    }

    /// Starts a task and returns at once; `Started::repeated` says that the same request came before.
    pub async fn start_task(&self, caller: Caller, request: TaskRequest) -> Result<Started, Error> {
        self.start(caller, request).await
    }

    /// One run.
    pub async fn run(&self, id: &RunId) -> Result<Run, Error> {
        let run = self
            .store_of(id)
            .await?
            .get_run(id)
            .await
            .map_err(unknown)?;
        self.settled(run).await
    }

    /// The run as soon as it is over, or as it is after `limit`.
    pub async fn run_at_end(&self, id: &RunId, limit: Duration) -> Result<Run, Error> {
        self.wait_for_end(id, limit).await
    }

    /// The run as soon as it is over, or as it is after `limit`. Where `seen` is given, also when it writes something else
    /// ([`Live::seq`](crate::domain::live::Live::seq), 0 for nothing).
    pub async fn glimpse(
        &self,
        id: &RunId,
        limit: Duration,
        seen: Option<u64>,
    ) -> Result<Glimpse, Error> {
        self.wait_for_glimpse(id, limit, seen).await
    }

    /// Events after a cursor; waits up to `wanted.wait` for the first new one.
    pub async fn updates(&self, id: &RunId, wanted: EventsWanted) -> Result<Updates, Error> {
        self.wait_for_events(id, wanted).await
    }

    /// Stops a run and everything that it started; answers when it is over. A run that is over stays as it is.
    pub async fn cancel_run(&self, id: &RunId, by: Canceller) -> Result<Run, Error> {
        let run = self.run(id).await?;
        if run.state.is_final() {
            return Ok(run);
        }
        match self
            .store_of(id)
            .await?
            .send(id, ToSupervisor::Cancel { by })
            .await
        {
            // It ended by itself in the meantime.
            Ok(()) | Err(StoreError::RunEnded(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.wait_for_end(id, CANCEL_LIMIT).await
    }

    /// Recent runs, newest first. Those that live only in this process come before all others on the first page.
    pub async fn list_runs(&self, query: RunQuery) -> Result<RunPage, Error> {
        let filter = query.filter()?;
        let mut runs = Vec::new();
        if query.cursor.is_none()
            && let Some(store) = self.known_ephemeral_store()
        {
            runs = store.list_runs(filter.clone()).await?.runs;
        }
        let store = self.store().await?;
        // First, since a filter by state would neither hide nor find those that are dead.
        self.reaper()?.sweep(&store).await?;
        let page = store.list_runs(filter).await?;
        runs.extend(page.runs);
        Ok(RunPage {
            runs,
            next: page.next,
            paused: store.is_paused().await?,
        })
    }

    /// The one run whose id begins or ends like this, as a person types it.
    pub async fn find_run(&self, part: &str) -> Result<RunId, Error> {
        if let Ok(id) = RunId::parse(part) {
            return Ok(id);
        }
        let mut found = self.store().await?.find_runs(part).await?;
        if let Some(store) = self.known_ephemeral_store() {
            found.extend(store.find_runs(part).await?);
        }
        match found.as_slice() {
            [] => Err(Error::UnknownRun(part.to_owned())),
            [only] => Ok(only.clone()),
            several => Err(Error::AmbiguousRun {
                part: part.to_owned(),
                runs: several.iter().map(ToString::to_string).collect(),
            }),
        }
    }

    /// The models and efforts that Codex offers here, as it tells them itself.
    pub async fn models(&self) -> Result<Catalogue, Error> {
        let settings = self.settings()?;
        let store = self.store().await?;
        let search = Search {
            host: self.host(),
            settings: &settings,
            store: Some(&store),
            run: None,
        };
        let codex = codex::find(search).await?;
        Ok(models::models(search, &codex).await?)
    }

    /// What is installed, logged in and allowed, and what is wrong.
    pub async fn doctor(&self) -> Report {
        doctor::examine(self).await
    }

    /// Mends what the doctor finds, as far as it is asked to, and looks again.
    pub async fn mend(&self, mending: &Mending) -> Mended {
        doctor::mend(self, mending).await
    }

    /// Ends what lives only in this process: ephemeral runs. Stored runs go on.
    pub async fn close(&self) {
        let (store, tasks) = {
            let mut ephemeral = self.ephemeral();
            (
                ephemeral.store.clone(),
                std::mem::take(&mut ephemeral.tasks),
            )
        };
        let Some(store) = store else { return };
        for run in tasks.keys() {
            let by = Canceller::Owner;
            if let Err(error) = store.send(run, ToSupervisor::Cancel { by }).await {
                tracing::debug!(%run, %error, "an ephemeral run has ended already");
            }
        }
        let all = async {
            for task in tasks.into_values() {
                if let Err(error) = task.await {
                    tracing::error!(%error, "an ephemeral run's task died");
                }
            }
        };
        if tokio::time::timeout(CLOSE_LIMIT, all).await.is_err() {
            tracing::warn!("ephemeral runs did not end in time");
        }
    }

    pub(crate) fn settings(&self) -> Result<Settings, Error> {
        Ok(self.inner.settings.get(&self.inner.host)?)
    }

    /// Where the app can be asked to act, and by what it is known as the one that admits the same.
    pub(crate) fn app(&self) -> (Place, String) {
        let place = Place::of(&self.state_path());
        (place, settings::mark(&self.inner.host))
    }

    /// Refuses if this process was started by a run.
    pub(crate) async fn refuse_nested(&self) -> Result<(), Error> {
        let store = self.store().await?;
        nested::refuse(&self.inner.host, Some(&store)).await
    }

    /// Whether this process itself has a run that lives nowhere else.
    pub(crate) async fn owns(&self, id: &RunId) -> bool {
        match self.known_ephemeral_store() {
            Some(store) => store.get_run(id).await.is_ok(),
            None => false,
        }
    }

    /// The state folder's path, known even where the configuration is broken.
    pub(crate) fn state_path(&self) -> std::path::PathBuf {
        Config::state_dir(settings::surroundings(&self.inner.host))
    }

    fn state_dir(&self, settings: &Settings) -> Result<StateDir, Error> {
        StateDir::ensure(&settings.config.state_dir).map_err(Error::StateDir)
    }

    pub(crate) fn reaper(&self) -> Result<Reaper, Error> {
        let state_dir = StateDir::unchecked(&self.state_path());
        Ok(Reaper::new(state_dir, self.inner.host.now))
    }

    /// The database; opened when it is first needed, and again after a failure.
    pub(crate) async fn store(&self) -> Result<Store, Error> {
        let mut stored = self.inner.stored.lock().await;
        if let Some(store) = stored.as_ref() {
            return Ok(store.clone());
        }
        let path = self.state_path();
        let clock = self.inner.host.now;
        let open = move || {
            let state_dir = StateDir::ensure(&path).map_err(Error::StateDir)?;
            let busy_timeout = OpenOptions::BUSY_TIMEOUT;
            let options = OpenOptions {
                busy_timeout,
                clock,
            };
            let store = Store::open(state_dir.path(), options)?;
            workspace::put_right(state_dir.path());
            Ok::<_, Error>(store)
        };
        let store = tokio::task::spawn_blocking(open)
            .await
            .map_err(|error| Error::Bug(error.to_string()))??;
        *stored = Some(store.clone());
        self.inner.stored_open.send_replace(true);
        Ok(store)
    }

    async fn store_of(&self, id: &RunId) -> Result<Store, Error> {
        match id.persistence() {
            Persistence::Stored => self.store().await,
            Persistence::Ephemeral => self
                .known_ephemeral_store()
                .ok_or_else(|| Error::UnknownRun(id.to_string())),
        }
    }

    fn ephemeral(&self) -> std::sync::MutexGuard<'_, Ephemeral> {
        self.inner
            .ephemeral
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn codex_seen(&self) -> &Mutex<Option<CodexSeen>> {
        &self.inner.codex_seen
    }

    /// What is wrong with clients, as it was last seen.
    pub(crate) fn client_news(&self) -> &Mutex<Vec<ClientNews>> {
        &self.inner.client_news
    }

    pub(crate) fn known_ephemeral_store(&self) -> Option<Store> {
        self.ephemeral().store.clone()
    }

    fn ephemeral_store(&self) -> Result<Store, Error> {
        let mut ephemeral = self.ephemeral();
        if let Some(store) = &ephemeral.store {
            return Ok(store.clone());
        }
        let store = Store::in_memory()?;
        ephemeral.store = Some(store.clone());
        self.inner.ephemeral_made.send_replace(true);
        Ok(store)
    }

    /// Runs an ephemeral run as a task of this process. Should the task die, the run is lost and says so.
    fn own(&self, run: RunId, life: Life) {
        let (store, now, id) = (life.store.clone(), life.host.now, run.clone());
        let supervised = tokio::spawn(life.live());
        let task = tokio::spawn(async move {
            let fault = match supervised.await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            tracing::error!(run = %id, fault, "the task of an ephemeral run died");
            let failure = Failure {
                code: ErrorCode::Lost,
                message: Scrubbed::literal("The task that supervised the run died."),
                hint: Scrubbed::literal("Start the task again, and report the fault."),
            };
            if let Err(error) = store.mark_lost(&id, now(), failure).await {
                tracing::error!(run = %id, %error, "can't mark a dead run");
            }
        });
        self.ephemeral().tasks.insert(run, task);
    }

    /// The run as it really stands: one whose supervisor died is buried first.
    async fn settled(&self, run: Run) -> Result<Run, Error> {
        if run.state.is_final() || run.id.persistence() == Persistence::Ephemeral {
            return Ok(run);
        }
        let store = self.store().await?;
        if self.reaper()?.settle(&store, &run.id).await {
            return store.get_run(&run.id).await.map_err(unknown);
        }
        Ok(run)
    }
}

/// A run that the store does not have is an answer to the client, not a fault of the store.
fn unknown(error: StoreError) -> Error {
    match error {
        StoreError::UnknownRun(id) => Error::UnknownRun(id.to_string()),
        other => Error::Store(other),
    }
}
