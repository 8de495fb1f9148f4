//! The doctor's looks, one thing each.

use std::path::Path;

use crate::adapters::store::Store;
use crate::domain::id::RunId;
use crate::domain::policy::check_spelling;
use crate::domain::run::Timestamp;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::platform::open_dir::{self, OpenDir};
use crate::platform::private_dir;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::doctor::{Finding, Level, Report};
use crate::use_cases::error::{Error, chain};
use crate::use_cases::host::Host;
use crate::use_cases::settings::Settings;
use crate::use_cases::workspace::{self, Workspaces};

/// An examination under way.
pub(super) struct Exam<'a> {
    pub(super) bridge: &'a Bridge,
    pub(super) scrubber: Scrubber,
    pub(super) settings: Result<Settings, Error>,
    pub(super) store: Option<Store>,
    pub(super) report: Report,
}

impl<'a> Exam<'a> {
    pub(super) fn new(bridge: &'a Bridge) -> Exam<'a> {
        Exam {
            bridge,
            scrubber: bridge.scrubber(),
            settings: bridge.settings(),
            store: None,
            report: Report {
                bridge_version: env!("CARGO_PKG_VERSION"),
                codex: None,
                roots: Vec::new(),
                running: 0,
                queued: 0,
                findings: Vec::new(),
            },
        }
    }

    pub(super) fn report(self) -> Report {
        self.report
    }

    pub(super) fn configuration(&mut self) {
        let file = self.bridge.host().config_file();
        let shown = file.display();
        match &self.settings {
            Ok(settings) if settings.config.unknown_keys.is_empty() => {
                let what = match file.exists() {
                    true => format!("the configuration file is `{shown}`"),
                    false => format!(
                        "there is no configuration file `{shown}`: all settings are the defaults"
                    ),
                };
                self.ok("config", &what);
            }
            Ok(settings) => {
                let keys = settings.config.unknown_keys.join(", ");
                let what = format!("`{shown}` has keys that mean nothing: {keys}");
                self.warn("config", &what, "Correct their spelling or take them out.");
            }
            Err(error) => {
                let (what, remedy) = (chain(error), error.hint());
                self.fault("config", &what, &remedy);
            }
        }
    }

    pub(super) fn nesting(&mut self) {
        if let Some(run) = self.bridge.host().var(Host::RUN_VAR) {
            let run = run.to_string_lossy().into_owned();
            let what =
                format!("this bridge was started by the run {run}: it starts no runs itself");
            self.fault(
                "nested",
                &what,
                "Take codex-bridge out of Codex's own MCP servers.",
            );
        }
    }

    pub(super) async fn store(&mut self) {
        let path = self.bridge.state_path();
        let shown = path.display().to_string();
        let store = match self.bridge.store().await {
            Ok(store) => store,
            Err(error) => return self.fault("store", &chain(&error), &error.hint()),
        };
        if let Ok(reaper) = self.bridge.reaper()
            && let Err(error) = reaper.sweep(&store).await
        {
            tracing::warn!(%error, "can't look for dead runs");
        }
        match store.counts().await {
            Ok(counts) => {
                self.report.running = u32::try_from(counts.running).unwrap_or(u32::MAX);
                self.report.queued = u32::try_from(counts.queued).unwrap_or(u32::MAX);
                let what = format!(
                    "the database in `{shown}` holds {} ended runs in {} MiB",
                    counts.ended,
                    counts.bytes.div_ceil(1 << 20)
                );
                self.ok("store", &what);
            }
            Err(error) => {
                let error = Error::Store(error);
                self.fault("store", &chain(&error), &error.hint());
            }
        }
        if store.is_paused().await.unwrap_or(false) {
            let what = "new runs are paused: they wait in the queue";
            let remedy = "Let them go on in the app, or with `codex-bridge-mcp pause --off`.";
            self.warn("paused", what, remedy);
        }
        if let Ok(Some(recovery)) = store.recovery().await {
            let what = format!(
                "the database was damaged and was moved to `{}`; {} runs were saved",
                recovery.moved_to.display(),
                recovery.runs
            );
            self.warn(
                "recovery",
                &what,
                "Delete that folder when you miss nothing.",
            );
        }
        if let Some(shared) = private_dir::shared_folder(&path) {
            let what = format!("the state folder `{shown}` lies on {shared}");
            let remedy = "Set CODEX_CLI_MCP_STATE_DIR to a folder on a local disk: the database breaks elsewhere.";
            self.warn("state_dir", &what, remedy);
        }
        self.store = Some(store);
    }

    pub(super) fn roots(&mut self) {
        let Ok(settings) = &self.settings else { return };
        let allowed = settings.config.roots.clone();
        let roots = allowed.roots();
        if roots.is_empty() {
            let error = Error::NoRoots;
            return self.fault("roots", &chain(&error), &error.hint());
        }
        for root in roots {
            self.report
                .roots
                .push(self.scrubber.scrub(&root.to_string_lossy()));
            match allowed.too_broad(root, open_dir::resolve) {
                None => self.root(root, allowed.broad_by_will(root, open_dir::resolve)),
                Some(why) => {
                    let what = format!(
                        "the allowed root `{}` admits nothing: {why}",
                        root.display()
                    );
                    let remedy = "Allow the folders that you work in instead: `codex-bridge-mcp roots add <folder>`; \
                                  or insist with `codex-bridge-mcp roots add --force <folder>`.";
                    self.warn("roots", &what, remedy);
                }
            }
        }
    }

    /// Looks at a root that admits; `breadth` says why it has to be insisted on, as it is.
    fn root(&mut self, root: &Path, breadth: Option<String>) {
        let shown = root.display();
        let insisted =
            breadth.map_or_else(String::new, |why| format!(" because you insist ({why})"));
        let readable = check_spelling(root)
            .map_err(ToOwned::to_owned)
            .and_then(|()| OpenDir::open(root).map_err(|error| chain(&error)))
            .and_then(|_| std::fs::read_dir(root).map_err(|error| error.to_string()));
        match readable {
            Ok(_) => self.ok(
                "roots",
                &format!("`{shown}` is allowed{insisted}, and can be read"),
            ),
            Err(reason) => {
                let what = format!("the allowed root `{shown}` can't be used: {reason}");
                let remedy = "Make the folder readable, or take it out of the allowed roots; on macOS, look into \
                              System Settings, Privacy & Security, Files and Folders.";
                self.warn("roots", &what, remedy);
            }
        }
    }

    pub(super) async fn git(&mut self) {
        match workspace::git(self.bridge.host()).await {
            Ok(git) => self.ok("git", &format!("git {}", git.version())),
            Err(error) => self.warn(
                "git",
                &format!(
                    "{}: tasks work in the folder itself, and nobody tells what they changed",
                    chain(&error)
                ),
                "Install git, or a newer one.",
            ),
        }
    }

    /// Copies of repositories whose changes nobody took, and the room that all copies take.
    pub(super) async fn worktrees(&mut self) {
        let (Ok(settings), Some(store)) = (&self.settings, &self.store) else {
            return;
        };
        let places = Workspaces::in_state(&settings.config.state_dir);
        if !places.any() {
            return;
        }
        let looked = async {
            let git = workspace::git(self.bridge.host()).await?;
            workspace::keeping(&git, store, &places, settings.config.history).await
        };
        let keeping = match looked.await {
            Ok(keeping) => keeping,
            Err(error) => {
                let remedy = "See that the state folder can be read.";
                return self.warn("worktrees", &chain(&error), remedy);
            }
        };
        let room = format!("{} MiB", keeping.disk.bytes.div_ceil(1 << 20));
        let Some(first) = keeping.first_goes else {
            return self.ok(
                "worktrees",
                &format!("no changes wait to be taken; {room} in use"),
            );
        };
        let runs: Vec<_> = keeping
            .unfinished
            .iter()
            .take(5)
            .map(RunId::as_str)
            .collect();
        let what = format!(
            "{} with changes that nobody took yet ({}); the first goes on {}, its changes are then kept as a patch; {room} in use",
            match keeping.unfinished.len() {
                1 => "1 worktree".to_owned(),
                count => format!("{count} worktrees"),
            },
            runs.join(", "),
            day(first),
        );
        self.ok("worktrees", &what);
    }

    pub(super) fn ok(&mut self, id: &'static str, what: &str) {
        self.note(id, Level::Ok, what, None);
    }

    pub(super) fn warn(&mut self, id: &'static str, what: &str, remedy: &str) {
        self.note(id, Level::Warning, what, Some(remedy));
    }

    pub(super) fn fault(&mut self, id: &'static str, what: &str, remedy: &str) {
        self.note(id, Level::Fault, what, Some(remedy));
    }

    fn note(&mut self, id: &'static str, level: Level, what: &str, remedy: Option<&str>) {
        let finding = Finding {
            id,
            level,
            what: self.scrubber.scrub(what),
            remedy: remedy.map(|text| -> Scrubbed { self.scrubber.scrub(text) }),
        };
        self.report.findings.push(finding);
    }
}

/// The day of a moment, UTC.
fn day(moment: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::MAX);
    moment.strftime("%Y-%m-%d").to_string()
}
