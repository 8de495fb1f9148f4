//! Starts a run: its record, its lock, and its supervisor.

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use crate::adapters::config::Config;
use crate::adapters::store::{AuditEntry, Inserted, Store};
use crate::domain::id::{Persistence, RequestId, RunId};
use crate::domain::run::{Applied, Caller, Recorded, Run, RunKind, Times, Workspace};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::state::RunState;
use crate::domain::task::{Effort, Job, ModelName, Task, WorkspaceWish};
use crate::platform::lock::FileLock;
use crate::platform::private_dir;
use crate::platform::spawn::{self, Detached};
use crate::use_cases::api_key;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::bridge::request::{Started, TaskRequest};
use crate::use_cases::bridge::turn::Claimed;
use crate::use_cases::bridge::{admit, audit};
use crate::use_cases::codex::{self, Search};
use crate::use_cases::error::Error;
use crate::use_cases::nested;
use crate::use_cases::settings::Settings;
use crate::use_cases::supervisor::{
    LOCK_FD, Life, Order, Place, RunClock, THREAD_LOCK_FD, end_unsupervised,
};
use crate::use_cases::thread_lock::Hold;
use crate::use_cases::workspace;

/// The longest title that is taken from a prompt, in characters.
const TITLE_FROM_PROMPT: usize = 80;

impl Bridge {
    pub(super) async fn start(
        &self,
        caller: Caller,
        request: TaskRequest,
    ) -> Result<Started, Error> {
        let settings = self.settings()?;
        if !request.persist {
            let begun = async {
                nested::refuse(self.host(), None).await?;
                let admitted = Admitted::task(&request, &settings.config)?;
                self.start_ephemeral(&settings, caller.clone(), admitted)
                    .await
            };
            let result = begun.await;
            self.note_refused(&caller, "run_task", &result).await;
            return result;
        }
        let store = self.store().await?;
        let begun = async {
            nested::refuse(self.host(), Some(&store)).await?;
            let admitted = Admitted::task(&request, &settings.config)?;
            if let WorkspaceWish::Worktree { by_name: true, .. } = admitted.task.workspace {
                let folder = &admitted.task.work_dir;
                workspace::can_copy(self.host(), &settings.config, folder).await?;
            }
            self.start_stored(&settings, &store, caller.clone(), admitted)
                .await
        };
        let result = begun.await;
        let act = Act {
            name: "run_task",
            about: request.working_dir.as_deref().unwrap_or_default(),
        };
        self.audit_start(&settings, &store, caller, act, &result)
            .await;
        result
    }

    pub(super) async fn start_stored(
        &self,
        settings: &Settings,
        store: &Store,
        caller: Caller,
        admitted: Admitted,
    ) -> Result<Started, Error> {
        let settings = &api_key::known(settings).await?;
        check_words(&admitted, &settings.scrubber)?;
        let fingerprint = admitted.fingerprint.clone();
        let draft = self.draft(settings, caller, admitted, Persistence::Stored);
        self.find_codex(settings, Some(store)).await?;
        let state_dir = self.state_dir(settings)?;
        let thread_lock = match self
            .claim_thread(store, &state_dir, &draft, &fingerprint)
            .await?
        {
            Claimed::Free(lock) => lock,
            Claimed::Before(before) => return self.answer(before).await,
        };
        let order = draft
            .order
            .to_json()
            .map_err(|error| Error::Bug(error.to_string()))?;
        let stderr_log =
            private_dir::append_private_file(&state_dir.log()).map_err(Error::StateDir)?;
        // The lock is held before anybody can see the run, and goes on to the supervisor without a gap.
        let lock_path = state_dir.lock(&draft.run.id);
        let lock = FileLock::acquire(&lock_path)?;
        let inserted = self.insert(settings, store, &draft.run, fingerprint).await;
        match inserted {
            Ok(Inserted::New) => {}
            other => {
                if let Err(error) = std::fs::remove_file(&lock_path) {
                    tracing::debug!(%error, "an unused lock's file stays");
                }
                if let Some(lock) = thread_lock {
                    lock.release();
                }
                return self.answer(other?).await;
            }
        }
        let mut inherited = vec![(lock.into_fd(), LOCK_FD)];
        inherited.extend(thread_lock.map(|lock| (lock.into_fd(), THREAD_LOCK_FD)));
        let supervisor = spawn::spawn_detached(Detached {
            program: self.host().sidecar.clone(),
            args: vec!["supervise".into(), draft.run.id.as_str().into()],
            env: self.host().env.clone().into_iter().collect(),
            dir: state_dir.path().to_owned(),
            inherited,
            stdin: Stdio::piped(),
            stderr_log,
        })
        .map_err(|source| Error::Supervisor {
            program: self.host().sidecar.clone(),
            source,
        });
        let mut supervisor = match supervisor {
            Ok(supervisor) => supervisor,
            Err(error) => {
                let failure = error.failure(&settings.scrubber);
                let at = (self.host().now)();
                if let Err(error) = end_unsupervised(store, &draft.run.id, at, failure).await {
                    tracing::warn!(run = %draft.run.id, %error, "can't mark a run that did not start");
                }
                return Err(error);
            }
        };
        if let Some(mut stdin) = supervisor.stdin.take() {
            // A supervisor that dies before it has read all is found by its lock.
            if let Err(error) = stdin.write_all(&order).await {
                tracing::warn!(run = %draft.run.id, %error, "the supervisor did not take its order");
            }
        }
        Ok(Started {
            run: draft.run,
            repeated: false,
        })
    }

    /// What is answered where no new run was made.
    pub(super) async fn answer(&self, inserted: Inserted) -> Result<Started, Error> {
        match inserted {
            Inserted::New => Err(Error::Bug("a run is new twice".into())),
            Inserted::Existing(run) => Ok(Started {
                run: self.settled(*run).await?,
                repeated: true,
            }),
            Inserted::Conflict(run) => Err(Error::RequestConflict(run)),
            Inserted::QueueFull { waiting, most } => Err(Error::QueueFull { waiting, most }),
        }
    }

    /// Adds a run to the store. Those whose supervisor died do not fill the queue.
    async fn insert(
        &self,
        settings: &Settings,
        store: &Store,
        run: &Run,
        fingerprint: String,
    ) -> Result<Inserted, Error> {
        let add = || store.insert_run(run.clone(), settings.config.queue, fingerprint.clone());
        match add().await? {
            Inserted::QueueFull { .. } => {
                self.reaper()?.sweep(store).await?;
                Ok(add().await?)
            }
            inserted => Ok(inserted),
        }
    }

    pub(super) async fn start_ephemeral(
        &self,
        settings: &Settings,
        caller: Caller,
        admitted: Admitted,
    ) -> Result<Started, Error> {
        let settings = &api_key::known(settings).await?;
        check_words(&admitted, &settings.scrubber)?;
        let fingerprint = admitted.fingerprint.clone();
        let draft = self.draft(settings, caller, admitted, Persistence::Ephemeral);
        let store = self.ephemeral_store()?;
        self.find_codex(settings, Some(&store)).await?;
        let inserted = store
            .insert_run(draft.run.clone(), settings.config.queue, fingerprint)
            .await?;
        if inserted != Inserted::New {
            return self.answer(inserted).await;
        }
        let life = Life {
            host: self.host().clone(),
            settings: settings.clone(),
            store,
            reaper: None,
            place: Place::Task,
            hold: Hold::none(),
            order: draft.order,
            clock: RunClock::start((self.host().now)()),
        };
        self.own(draft.run.id.clone(), life);
        Ok(Started {
            run: draft.run,
            repeated: false,
        })
    }

    /// A run that can't be carried out is refused at once.
    async fn find_codex(&self, settings: &Settings, store: Option<&Store>) -> Result<(), Error> {
        let search = Search {
            host: self.host(),
            settings,
            store,
            run: None,
        };
        codex::find(search).await?;
        Ok(())
    }

    fn draft(
        &self,
        settings: &Settings,
        caller: Caller,
        admitted: Admitted,
        persistence: Persistence,
    ) -> Draft {
        let task = &admitted.task;
        let host = self.host();
        let now = (host.now)();
        let id = RunId::new(
            persistence,
            u64::try_from(now.0).unwrap_or(0),
            (host.random)(),
        );
        let scrubber = &settings.scrubber;
        let folder = scrubber.scrub(&task.work_dir.path().to_string_lossy());
        let order = Order {
            run: id.clone(),
            job: task.job.clone(),
            prompt: task.prompt.clone(),
            folder: task.work_dir.path().to_owned(),
            workspace: task.workspace.clone(),
            client: caller.client.as_str().to_owned(),
            sandbox: task.sandbox,
            network: task.network,
            web_search: task.web_search,
            model: task.model.clone(),
            effort: task.effort.clone(),
            images: task.images.clone(),
            output_schema: task.output_schema.clone(),
            timeout: task.timeout,
        };
        let in_folder = Workspace {
            mode: task.workspace.mode(),
            path: folder.clone(),
            folder,
            base_commit: None,
            carried: false,
            fell_back: None,
            fate: None,
        };
        let run = Run {
            id,
            kind: admitted.kind,
            state: RunState::Queued,
            title: title(admitted.title.as_deref(), task.prompt.as_str(), scrubber),
            prompt: scrubber.scrub(task.prompt.as_str()),
            caller,
            request_id: admitted.request_id,
            workspace: admitted.workspace.unwrap_or(in_folder),
            requested: task.requested(),
            applied: Applied::default(),
            continues: admitted.continues,
            thread: match &task.job {
                Job::Resume { thread } => Some(thread.clone()),
                Job::Task | Job::Review { .. } => None,
            },
            codex: None,
            driver: None,
            question: None,
            times: Times {
                created: now,
                started: None,
                ended: None,
            },
            activity: None,
            message: None,
            usage: None,
            changes: None,
            review: None,
            failure: None,
            exit: None,
            recorded: Recorded::default(),
        };
        Draft { run, order }
    }

    /// Writes down that a run that leaves nothing on the disk was refused: there is none, and of what it would have been
    /// nothing is written either.
    pub(super) async fn note_refused(
        &self,
        caller: &Caller,
        name: &'static str,
        result: &Result<Started, Error>,
    ) {
        if let Err(error) = result {
            let refused = audit::Act {
                name,
                subject: Scrubbed::default(),
                outcome: Scrubbed::literal(error.code().as_str()),
                detail: Scrubbed::literal("a run that leaves nothing on the disk"),
            };
            self.note(caller, refused).await;
        }
    }

    pub(super) async fn audit_start(
        &self,
        settings: &Settings,
        store: &Store,
        caller: Caller,
        act: Act<'_>,
        result: &Result<Started, Error>,
    ) {
        let scrubber = &settings.scrubber;
        let (subject, outcome) = match result {
            Ok(started) => (
                scrubber.scrub(started.run.id.as_str()),
                Scrubbed::literal(if started.repeated { "repeated" } else { "ok" }),
            ),
            Err(error) => (
                scrubber.scrub(act.about),
                Scrubbed::literal(error.code().as_str()),
            ),
        };
        let detail = match result {
            Ok(Started { run, .. }) => {
                let asked = &run.requested;
                format!(
                    "{} in {}, network {}",
                    asked.sandbox.as_str(),
                    run.workspace.folder,
                    if asked.network { "on" } else { "off" },
                )
            }
            Err(error) => error.to_string(),
        };
        let entry = AuditEntry {
            at: (self.host().now)(),
            client: caller.client,
            action: Scrubbed::literal(act.name),
            subject,
            outcome,
            detail: scrubber.scrub(&detail),
        };
        if let Err(error) = store.audit(entry).await {
            tracing::warn!(%error, "could not write the audit log");
        }
    }
}

/// A run that was asked for, once every part of it was checked.
pub(super) struct Admitted {
    pub(super) kind: RunKind,
    pub(super) task: Task,
    pub(super) title: Option<String>,
    pub(super) request_id: Option<RequestId>,
    /// Stands for all parameters of the request.
    pub(super) fingerprint: String,
    /// The run whose thread it goes on with.
    pub(super) continues: Option<RunId>,
    /// Where that run worked; `None` for the folder itself.
    pub(super) workspace: Option<Workspace>,
}

impl Admitted {
    fn task(request: &TaskRequest, config: &Config) -> Result<Admitted, Error> {
        Ok(Admitted {
            kind: RunKind::Task,
            task: admit::admit(request, config)?,
            title: request.title.clone(),
            request_id: request_id(request.request_id.as_deref())?,
            fingerprint: fingerprint(request),
            continues: None,
            workspace: None,
        })
    }
}

/// What the audit log says that was asked for.
pub(super) struct Act<'a> {
    pub(super) name: &'static str,
    /// What it was about, where nothing came of it.
    pub(super) about: &'a str,
}

/// A run before it is in the store, and what its supervisor will be told.
pub(super) struct Draft {
    pub(super) run: Run,
    order: Order,
}

/// Refuses secrets where a word is kept and shown as it came.
fn check_words(admitted: &Admitted, scrubber: &Scrubber) -> Result<(), Error> {
    let task = &admitted.task;
    let words = [
        (
            "request_id",
            admitted.request_id.as_ref().map(RequestId::as_str),
        ),
        ("model", task.model.as_ref().map(ModelName::as_str)),
        ("effort", task.effort.as_ref().map(Effort::as_str)),
    ];
    for (parameter, word) in words {
        if word.is_some_and(|word| scrubber.scrub(word).as_str() != word) {
            let reason = "it looks like a secret, and would be kept; use another word";
            return Err(Error::argument(parameter, reason.into()));
        }
    }
    Ok(())
}

/// The client's name for a request.
pub(super) fn request_id(asked: Option<&str>) -> Result<Option<RequestId>, Error> {
    let parsed = asked.map(RequestId::parse).transpose();
    parsed.map_err(|error| Error::argument("request_id", error.to_string()))
}

/// The same parameters give the same fingerprint, in any process of this version.
pub(super) fn fingerprint(request: &impl Debug) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{request:?}").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn title(asked: Option<&str>, prompt: &str, scrubber: &Scrubber) -> Scrubbed {
    let text = match asked.map(str::trim) {
        Some(title) if !title.is_empty() => title,
        _ => prompt.trim(),
    };
    // Scrubbed before it is shortened: half a secret is not known as one.
    let clean = scrubber.scrub(text);
    let line = clean.as_str().lines().next().unwrap_or_default();
    if line.chars().count() <= TITLE_FROM_PROMPT {
        return scrubber.scrub(line);
    }
    let short: String = line.chars().take(TITLE_FROM_PROMPT - 1).collect();
    scrubber.scrub(&format!("{}…", short.trim_end()))
}
