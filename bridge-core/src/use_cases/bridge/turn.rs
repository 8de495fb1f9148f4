//! The next turn of a thread: of a run, or of a session that Codex has from elsewhere. Never in another folder, never in
//! a looser sandbox than the run before, and never beside another run in the same thread.

use std::path::{Path, PathBuf};

use crate::adapters::codex::sessions::{self, Session};
use crate::adapters::store::{Inserted, Store};
use crate::domain::id::{Persistence, RunId, ThreadId};
use crate::domain::run::{Caller, Run, RunKind, Workspace, WorkspaceMode};
use crate::domain::scrub::REDACTED;
use crate::domain::task::{Effort, Job, ModelName, Sandbox, WorkspaceWish};
use crate::use_cases::bridge::request::{ContinueRequest, ResumeRequest, Started, TurnRequest};
use crate::use_cases::bridge::start::{Act, Admitted, Draft, fingerprint, request_id};
use crate::use_cases::bridge::{Bridge, admit};
use crate::use_cases::error::Error;
use crate::use_cases::nested;
use crate::use_cases::settings::Settings;
use crate::use_cases::state_dir::StateDir;
use crate::use_cases::thread_lock::ThreadLock;

const START_ANEW: &str =
    "Start a new task with codex_run_task, and say in its prompt what has to be known.";

/// Whether a run may have its thread.
pub(super) enum Claimed {
    /// Nobody else has it, or it begins a thread of its own.
    Free(Option<ThreadLock>),
    /// The same request has it already, or one under the same name.
    Before(Inserted),
}

/// What the next turn goes on with.
struct Earlier {
    kind: RunKind,
    thread: ThreadId,
    /// The folder of the thread, exactly.
    folder: PathBuf,
    /// The run before, where there is one: what it had is the default and the limit.
    run: Option<Run>,
}

impl Bridge {
    /// Starts the next turn of a run that has ended, in the same place and never in a looser sandbox.
    pub async fn continue_run(
        &self,
        caller: Caller,
        request: ContinueRequest,
    ) -> Result<Started, Error> {
        let settings = self.settings()?;
        let store = self.store().await?;
        let begun = async {
            nested::refuse(self.host(), Some(&store)).await?;
            let run = self.run_before(&request.run).await?;
            let earlier = self
                .earlier_of_run(&settings, RunKind::Continue, run)
                .await?;
            let admitted = admit_turn(&settings, earlier, &request.turn, fingerprint(&request))?;
            self.start_stored(&settings, &store, caller.clone(), admitted)
                .await
        };
        let result = begun.await;
        let act = Act {
            name: "continue_run",
            about: request.run.as_str(),
        };
        self.audit_start(&settings, &store, caller, act, &result)
            .await;
        result
    }

    /// Starts the next turn of any session that Codex has kept, in the folder in which it was begun. One that a run of
    /// the bridge began is under the same rules as that run.
    pub async fn resume_session(
        &self,
        caller: Caller,
        request: ResumeRequest,
    ) -> Result<Started, Error> {
        let settings = self.settings()?;
        let store = self.store().await?;
        let begun = async {
            nested::refuse(self.host(), Some(&store)).await?;
            let earlier = self.earlier_of_session(&settings, &store, &request).await?;
            let admitted = admit_turn(&settings, earlier, &request.turn, fingerprint(&request))?;
            self.start_stored(&settings, &store, caller.clone(), admitted)
                .await
        };
        let result = begun.await;
        let act = Act {
            name: "resume_session",
            about: &request.session,
        };
        self.audit_start(&settings, &store, caller, act, &result)
            .await;
        result
    }

    /// The run that is to be continued, if it is one that can be.
    async fn run_before(&self, id: &RunId) -> Result<Run, Error> {
        if id.persistence() == Persistence::Ephemeral {
            return Err(not_continuable(
                id.as_str(),
                "it was started with persist `false`, so nothing of it was kept",
            ));
        }
        self.run(id).await
    }

    async fn earlier_of_run(
        &self,
        settings: &Settings,
        kind: RunKind,
        run: Run,
    ) -> Result<Earlier, Error> {
        let refuse = |reason: &str| Err(not_continuable(run.id.as_str(), reason));
        let Some(thread) = run.thread.clone() else {
            return match run.state.is_final() {
                true => refuse("it ended before Codex had opened a session"),
                false => refuse("it has not ended, and Codex has not opened a session yet"),
            };
        };
        if !run.state.is_final() {
            let run = Some(run.id);
            return Err(Error::ThreadBusy { thread, run });
        }
        match find(settings, &thread).await? {
            None => return refuse("Codex has no record of its session any more"),
            Some(session) if session.archived => return Err(archived(run.id.as_str())),
            Some(_) => {}
        }
        if run.workspace.mode == WorkspaceMode::Worktree {
            if let Some(fate) = &run.workspace.fate {
                let fate = fate.as_str();
                return refuse(&format!(
                    "its copy of the repository has come to its end: {fate}"
                ));
            }
            if !Path::new(run.workspace.path.as_str()).is_dir() {
                return refuse("its copy of the repository is gone");
            }
        }
        let folder = run.workspace.folder.as_str();
        if folder.contains(REDACTED) {
            return refuse(
                "the name of its folder has what looks like a secret and was not kept exactly",
            );
        }
        Ok(Earlier {
            kind,
            thread,
            folder: folder.into(),
            run: Some(run),
        })
    }

    async fn earlier_of_session(
        &self,
        settings: &Settings,
        store: &Store,
        request: &ResumeRequest,
    ) -> Result<Earlier, Error> {
        let thread = ThreadId::parse(&request.session)
            .map_err(|error| Error::argument("session_id", format!("it is {error}")))?;
        let Some(session) = find(settings, &thread).await? else {
            return Err(Error::NotContinuable {
                what: thread.to_string(),
                reason: "Codex has no record of such a session".into(),
                instead: "List what there is with codex_list_runs and `source` `codex`.",
            });
        };
        let runs = store.runs_of_threads(vec![thread.clone()]).await?;
        let earlier = match runs.get(&thread) {
            Some(run) => {
                let run = self.run(run).await?;
                self.earlier_of_run(settings, RunKind::Resume, run).await?
            }
            None => earlier_of_stranger(thread, session)?,
        };
        if let Some(asked) = &request.working_dir {
            same_folder(settings, asked, &earlier.folder)?;
        }
        Ok(earlier)
    }

    /// Takes the thread that a run is to go on with.
    pub(super) async fn claim_thread(
        &self,
        store: &Store,
        state_dir: &StateDir,
        draft: &Draft,
        fingerprint: &str,
    ) -> Result<Claimed, Error> {
        let Some(thread) = &draft.run.thread else {
            return Ok(Claimed::Free(None));
        };
        // What a dead supervisor has left may still write to the thread.
        self.reaper()?.sweep(store).await?;
        if let Some(lock) = ThreadLock::try_take(state_dir, thread)? {
            return Ok(Claimed::Free(Some(lock)));
        }
        // It may be a retry of the request to which the thread was given.
        if let Some(request) = &draft.run.request_id {
            let client = &draft.run.caller.client;
            let before = store.answer_before(client, request, fingerprint.to_owned());
            if let Some(before) = before.await? {
                return Ok(Claimed::Before(before));
            }
        }
        let live = store.live_runs().await?.into_iter();
        let mut of_thread = live.filter(|run| run.thread.as_ref() == Some(thread));
        Err(Error::ThreadBusy {
            thread: thread.clone(),
            run: of_thread.next().map(|run| run.id),
        })
    }
}

/// A session that no run of the bridge has to do with.
fn earlier_of_stranger(thread: ThreadId, session: Session) -> Result<Earlier, Error> {
    if session.archived {
        return Err(archived(thread.as_str()));
    }
    let Some(folder) = session.cwd else {
        return Err(not_continuable(
            thread.as_str(),
            "its record does not tell in which folder it was begun",
        ));
    };
    Ok(Earlier {
        kind: RunKind::Resume,
        thread,
        folder,
        run: None,
    })
}

/// Checks the next turn like a task, with what the run before had as default and limit.
fn admit_turn(
    settings: &Settings,
    earlier: Earlier,
    asked: &TurnRequest,
    fingerprint: String,
) -> Result<Admitted, Error> {
    let Some(folder) = earlier.folder.to_str() else {
        return Err(not_continuable(
            earlier.thread.as_str(),
            "the name of its folder is not UTF-8",
        ));
    };
    let turn = match &earlier.run {
        Some(run) => after_run(asked, run)?,
        None => asked.clone(),
    };
    let mut task = admit::admit(&turn.in_folder(folder.to_owned()), &settings.config)?;
    if let Some(run) = &earlier.run
        && task.work_dir.path() != earlier.folder
    {
        let now = task.work_dir.path().display();
        return Err(Error::FolderChanged {
            run: run.id.clone(),
            reason: format!("leads to `{now}` now"),
            folder: earlier.folder,
        });
    }
    let (continues, workspace) = match earlier.run {
        Some(run) => {
            let workspace = workspace_after(&run);
            (Some(run.id), workspace)
        }
        None => (None, None),
    };
    if let (Some(run), Some(_)) = (&continues, &workspace) {
        task.workspace = WorkspaceWish::Of { run: run.clone() };
    }
    task.job = Job::Resume {
        thread: earlier.thread,
    };
    Ok(Admitted {
        kind: earlier.kind,
        task,
        title: asked.title.clone(),
        request_id: request_id(asked.request_id.as_deref())?,
        fingerprint,
        continues,
        workspace,
    })
}

/// Where the run after this one works, if that is a copy.
fn workspace_after(run: &Run) -> Option<Workspace> {
    match run.workspace.mode {
        WorkspaceMode::Worktree => Some(run.workspace.clone()),
        WorkspaceMode::InPlace => None,
    }
}

/// What the next turn of a run asks for: what is not said is as before, and nothing may be looser.
fn after_run(asked: &TurnRequest, run: &Run) -> Result<TurnRequest, Error> {
    let had = &run.requested;
    let looser = |had, asked| {
        let run = run.id.clone();
        Err(Error::Looser { run, had, asked })
    };
    let sandbox = asked.sandbox.unwrap_or(had.sandbox);
    if sandbox > had.sandbox {
        return looser("a read-only sandbox", "one that may write");
    }
    if asked.network == Some(true) && !had.network {
        return looser("no network", "it");
    }
    let network = had.network && sandbox == Sandbox::WorkspaceWrite;
    let word = |asked: &Option<String>, had: Option<&str>| {
        asked.clone().or_else(|| had.map(str::to_owned))
    };
    Ok(TurnRequest {
        sandbox: Some(sandbox),
        network: Some(asked.network.unwrap_or(network)),
        web_search: Some(asked.web_search.unwrap_or(had.web_search)),
        model: word(&asked.model, had.model.as_ref().map(ModelName::as_str)),
        effort: word(&asked.effort, had.effort.as_ref().map(Effort::as_str)),
        timeout: Some(asked.timeout.unwrap_or(had.timeout)),
        ..asked.clone()
    })
}

/// A session stays in its folder: what it knows and what it may touch belong to that one.
fn same_folder(settings: &Settings, asked: &str, folder: &Path) -> Result<(), Error> {
    let asked = admit::work_dir(Some(asked), &settings.config)?;
    let is_same = std::fs::canonicalize(folder).is_ok_and(|folder| folder == asked.path());
    if is_same {
        return Ok(());
    }
    let reason = format!(
        "the session was begun in `{}` and can only be gone on with there; leave it out",
        folder.display()
    );
    Err(Error::argument("working_dir", reason))
}

/// Looks for a session in Codex's folder, which may be a large one.
async fn find(settings: &Settings, thread: &ThreadId) -> Result<Option<Session>, Error> {
    let home = settings.config.codex_home.clone();
    let (thread, scrubber) = (thread.clone(), settings.scrubber.clone());
    let look = move || sessions::find(&home, &thread, &scrubber);
    let found = tokio::task::spawn_blocking(look).await;
    found.map_err(|error| Error::Bug(error.to_string()))
}

fn not_continuable(what: &str, reason: &str) -> Error {
    Error::NotContinuable {
        what: what.to_owned(),
        reason: reason.to_owned(),
        instead: START_ANEW,
    }
}

fn archived(what: &str) -> Error {
    Error::NotContinuable {
        what: what.to_owned(),
        reason: "its session is archived".into(),
        instead: "The person takes it out of the archive with `codex unarchive <session>`.",
    }
}
