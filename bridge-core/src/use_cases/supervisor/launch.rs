//! Decides how Codex is started: admits the folder again, finds the binary, and puts the command line together.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::adapters::codex::app_server::{Dialogue, Orders};
use crate::adapters::codex::args::{ArgsError, RunFiles, exec_args, server_args};
use crate::adapters::codex::conversation::Conversation;
use crate::adapters::codex::environment::{self, ApiKey, codex_env, git_settings};
use crate::adapters::codex::parse::Parser;
use crate::adapters::codex::review::ANSWER_SCHEMA;
use crate::adapters::secrets::Secret;
use crate::adapters::store::Store;
use crate::domain::bounds::RunBounds;
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::id::Persistence;
use crate::domain::policy::Refusal;
use crate::domain::run::{CodexIdentity, Driver, Timestamp, WorkspaceMode};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::state::Limit;
use crate::domain::task::{Job, Task};
use crate::platform::open_dir::{self, OpenDir, OpenDirError};
use crate::platform::spawn::{Launch, SpawnError};
use crate::use_cases::codex::{self, Codex, Search};
use crate::use_cases::error::{Error, chain};
use crate::use_cases::host::Host;
use crate::use_cases::review;
use crate::use_cases::settings::Settings;
use crate::use_cases::supervisor::drive::{self, Drive, Facts};
use crate::use_cases::supervisor::order::Order;
use crate::use_cases::supervisor::work::Work;
use crate::use_cases::workspace::{Plan, Workplace};

/// What is needed to follow Codex once it is started.
pub(super) struct Ready {
    pub(super) codex: CodexIdentity,
    pub(super) codex_home: PathBuf,
    pub(super) work: Work,
    /// For the processes after the first one.
    again: Launch,
    /// What an app-server is asked for, if one is started.
    orders: Option<Orders>,
    /// How `codex exec` is started where the app-server does not begin.
    instead: Option<Launch>,
    /// What was decided about how Codex is driven.
    pub(super) decided: Option<&'static str>,
    /// A moment before Codex is started, by the clock that it goes by itself.
    pub(super) before: Timestamp,
    /// The folder in which Codex is started.
    pub(super) folder: PathBuf,
    /// What that is, and what was there before.
    pub(super) workplace: Workplace,
    bounds: RunBounds,
    scrubber: Scrubber,
    /// Removed when the run is over.
    _schema: Option<NamedTempFile>,
}

impl Ready {
    /// What the next process is told, and what reads its output.
    pub(super) fn talk(&self) -> Conversation {
        let parser = Parser::new(self.scrubber.clone(), self.bounds, self.folder.clone());
        let parser = match self.work.is_review() {
            true => parser.of_reviewer(),
            false => parser,
        };
        let prompt = self.work.prompt().to_owned();
        match &self.orders {
            None => Conversation::Exec {
                parser: Box::new(parser),
                prompt,
            },
            Some(orders) => {
                let orders = Orders {
                    prompt,
                    ..orders.clone()
                };
                Conversation::AppServer(Box::new(Dialogue::new(parser, orders)))
            }
        }
    }

    /// What drives Codex.
    pub(super) fn driver(&self) -> Driver {
        match self.orders {
            Some(_) => Driver::AppServer,
            None => Driver::Exec,
        }
    }

    /// Drives Codex by `codex exec` from now on; `false` if that is how it is driven.
    pub(super) fn fall_back(&mut self) -> bool {
        self.orders = None;
        match self.instead.take() {
            Some(instead) => {
                self.again = instead;
                true
            }
            None => false,
        }
    }

    /// How the next process is started.
    pub(super) fn launch_again(&self) -> Result<Launch, SpawnError> {
        self.again.try_clone()
    }
}

/// With what a run is prepared.
#[derive(Clone, Copy)]
pub(super) struct For<'a> {
    pub(super) host: &'a Host,
    pub(super) settings: &'a Settings,
    pub(super) store: &'a Store,
    /// The API key that Codex gets, if the person wants that.
    pub(super) key: Option<&'a Secret>,
}

/// Prepares a run; a failure says why it can't be started.
pub(super) async fn prepare(with: For<'_>, order: &Order) -> Result<(Ready, Launch), Failure> {
    let For {
        host,
        settings,
        store,
        key,
    } = with;
    let scrubber = &settings.scrubber;
    let (task, dir) = readmit(settings, order)?;
    let search = Search {
        host,
        settings,
        store: Some(store),
        run: Some(&order.run),
    };
    let Codex { bin, capabilities } = codex::find(search)
        .await
        .map_err(|error| Error::from(error).failure(scrubber))?;
    let work = work(host, settings, order, &dir).await?;
    let schema_text = match task.job {
        // Without the option the answer's form is only asked for.
        Job::Review { .. } => capabilities.exec_output_schema().then_some(ANSWER_SCHEMA),
        Job::Task | Job::Resume { .. } => order.output_schema.as_deref(),
    };
    let schema = schema_text
        .map(schema_file)
        .transpose()
        .map_err(|error| Failure {
            code: ErrorCode::StoreUnavailable,
            message: scrubber.scrub(&format!("can't write the output schema: {error}")),
            hint: Scrubbed::literal("Free some space in the temporary folder, then try again."),
        })?;
    let files = RunFiles {
        schema: schema.as_ref().map(|file| file.path().to_owned()),
        images: order.images.clone(),
    };
    let marker = (Host::RUN_VAR, order.run.as_str());
    let args = exec_args(&task, &capabilities, marker, &files)
        .map_err(|error| unsupported(&error, scrubber))?;
    let config = &settings.config;
    // A review only reads, and needs nothing else.
    let asks = !matches!(task.job, Job::Review { .. }) && config.may_ask(&order.client);
    let drive = drive::choose(Facts {
        backend: config.backend,
        asks,
        has_app_server: capabilities.has_app_server,
        persist: task.persist,
        has_key: key.is_some() || environment::has_api_key(&host.env),
    });
    let (driven, decided) = match drive {
        Drive::Exec(why) => (None, why),
        Drive::AppServer => {
            let args = server_args(&task, marker).map_err(|error| unsupported(&error, scrubber))?;
            (Some(args), None)
        }
    };
    let orders = driven.is_some().then(|| {
        let schema = schema_text.and_then(|text| serde_json::from_str(text).ok());
        Orders {
            asks,
            ..Orders::of(&task, work.prompt().to_owned(), schema)
        }
    });
    let mut env = codex_env(&environment::Surroundings {
        snapshot: &host.env,
        extra_allowed: &config.pass_env,
        codex_home: config
            .codex_home_named
            .then_some(config.codex_home.as_path()),
        marker,
        helpers: bin.helpers(),
        api_key: key.map_or(ApiKey::FromEnvironment, |key| ApiKey::Given(key.expose())),
    });
    env.extend(git_settings(work.filters()));
    let plan = Plan {
        run: &order.run,
        wish: &task.workspace,
        sandbox: task.sandbox,
        folder: &task.work_dir,
    };
    let workplace = Workplace::open(host, settings, store, plan)
        .await
        .map_err(|error| Error::from(error).failure(scrubber))?;
    let dir = match workplace.record.mode {
        WorkspaceMode::InPlace => dir,
        WorkspaceMode::Worktree => OpenDir::open(&workplace.path)
            .map_err(|error| folder_changed(&workplace.path, &error.to_string(), scrubber))?,
    };
    let exec = Launch {
        program: bin.path().to_owned(),
        args,
        env,
        dir,
    };
    let again = |launch: &Launch| {
        launch
            .try_clone()
            .map_err(|error| spawn_failure(&error, scrubber))
    };
    let (launch, instead) = match driven {
        None => (exec, None),
        Some(args) => {
            let server = Launch {
                args,
                ..again(&exec)?
            };
            (server, Some(exec))
        }
    };
    let ready = Ready {
        codex: bin.identity(scrubber),
        codex_home: config.codex_home.clone(),
        work,
        again: again(&launch)?,
        orders,
        instead,
        decided,
        before: (host.now)(),
        folder: workplace.path.clone(),
        workplace,
        bounds: config.run,
        scrubber: scrubber.clone(),
        _schema: schema,
    };
    Ok((ready, launch))
}

/// What the processes are told. A review looks at the repository anew: it may have waited for long.
async fn work(
    host: &Host,
    settings: &Settings,
    order: &Order,
    dir: &OpenDir,
) -> Result<Work, Failure> {
    let (target, instructions) = match &order.job {
        Job::Task | Job::Resume { .. } => {
            let prompt = order.prompt.clone();
            return Ok(Work::Turn { prompt });
        }
        Job::Review {
            target,
            instructions,
        } => (target, instructions.clone()),
    };
    let begun = review::begin(host, settings, dir, target, instructions).await;
    let (parts, state) = begun.map_err(|error| Error::from(error).failure(&settings.scrubber))?;
    let parts = Box::new(parts);
    Ok(Work::Review { parts, state })
}

/// Admits the folder again, with the roots of this moment, and opens it: Codex starts in what was opened, whatever
/// the path leads to by then.
fn readmit(settings: &Settings, order: &Order) -> Result<(Task, OpenDir), Failure> {
    let scrubber = &settings.scrubber;
    let changed = |reason: String| folder_changed(&order.folder, &reason, scrubber);
    let dir = OpenDir::open(&order.folder).map_err(|error| changed(error.to_string()))?;
    let work_dir = settings
        .config
        .roots
        .admit(&order.folder, |path| {
            if path == order.folder {
                dir.resolve()
            } else {
                open_dir::resolve(path)
            }
        })
        .map_err(|refusal: Refusal<OpenDirError>| match refusal {
            Refusal::NoRoots => Error::NoRoots.failure(scrubber),
            Refusal::Outside { .. } | Refusal::TooBroad { .. } => {
                Error::OutsideRoots(refusal).failure(scrubber)
            }
            Refusal::Malformed { .. } | Refusal::Unusable { .. } => changed(chain(&refusal)),
        })?;
    settings
        .config
        .ceilings
        .check(&order.wish())
        .map_err(|above| Error::from(above).failure(scrubber))?;
    if work_dir.path() != order.folder {
        let now = work_dir.path().display();
        return Err(changed(format!("it leads to `{now}` now")));
    }
    let task = Task {
        job: order.job.clone(),
        prompt: order.prompt.clone(),
        work_dir,
        workspace: order.workspace.clone(),
        sandbox: order.sandbox,
        network: order.network,
        web_search: order.web_search,
        model: order.model.clone(),
        effort: order.effort.clone(),
        images: order.images.clone(),
        output_schema: order.output_schema.clone(),
        timeout: order.timeout,
        persist: order.run.persistence() == Persistence::Stored,
    };
    Ok((task, dir))
}

fn unsupported(error: &ArgsError, scrubber: &Scrubber) -> Failure {
    Failure {
        code: ErrorCode::Unsupported,
        message: scrubber.scrub(&chain(error)),
        hint: Scrubbed::literal("Leave that parameter out, or update Codex."),
    }
}

fn folder_changed(folder: &Path, reason: &str, scrubber: &Scrubber) -> Failure {
    Failure {
        code: ErrorCode::FolderChanged,
        message: scrubber.scrub(&format!(
            "the working folder `{}` is not what it was when it was admitted: {reason}",
            folder.display()
        )),
        hint: Scrubbed::literal("Look at the folder, then start the task again."),
    }
}

/// Codex takes a schema as a file only.
fn schema_file(schema: &str) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix("codex-bridge-schema-")
        .suffix(".json")
        .tempfile()?;
    file.write_all(schema.as_bytes())?;
    Ok(file)
}

/// What a run says that could not be started.
pub(super) fn spawn_failure(error: &SpawnError, scrubber: &Scrubber) -> Failure {
    if let SpawnError::Dir { path, source } = error {
        return folder_changed(path, &chain(source), scrubber);
    }
    Failure {
        code: ErrorCode::SpawnFailed,
        message: scrubber.scrub(&chain(error)),
        hint: Scrubbed::literal(
            "Try again; if it stays so, `codex-bridge-mcp doctor` says what is wrong with Codex or the machine.",
        ),
    }
}

/// What a run says that reached a time limit; Codex's last complaint is most likely the reason.
pub(super) fn limit_failure(
    limit: Limit,
    complaint: Option<Failure>,
    scrubber: &Scrubber,
) -> Failure {
    let what = match limit {
        Limit::Total => "the run took longer than it may",
        Limit::Silence => "Codex made no progress for too long",
        Limit::FirstEvent => "Codex did not begin in time",
    };
    match complaint {
        Some(complaint) => Failure {
            code: complaint.code,
            message: scrubber.scrub(&format!("{what}. {}", complaint.message)),
            hint: complaint.hint,
        },
        None => Failure {
            code: ErrorCode::TimedOut,
            message: scrubber.scrub(what),
            hint: match limit {
                Limit::Total => Scrubbed::literal(
                    "Ask for a longer timeout_s, or for less; the person sets the ceiling.",
                ),
                Limit::Silence | Limit::FirstEvent => Scrubbed::literal(
                    "Look at the run's events for what it did last, check the network, then try again.",
                ),
            },
        },
    }
}
