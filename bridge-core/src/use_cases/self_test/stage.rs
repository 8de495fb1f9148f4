//! The private folder of a test, and what stands in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use toml_edit::{DocumentMut, Item, Table, value};

use crate::adapters::config::{Config, Surroundings};
use crate::adapters::scripted_model::{
    Answer, Reply, Request, ScriptedModel, Usage, codex_config, self_test_script,
};
use crate::use_cases::host::Host;
use crate::use_cases::self_test::Against;
use crate::use_cases::self_test::log::Done;
use crate::use_cases::self_test::sidecar::{Era, Sidecar};
use crate::use_cases::self_test::trouble::Trouble;
use crate::use_cases::self_test::witness::Witness;

/// The command that is cancelled: it would take a quarter of an hour, and a witness holds its input.
pub(super) const HELD_COMMAND: &str = "sleep 1000 < hold";

/// A private folder with all that a sidecar needs.
pub(super) struct Stage {
    /// Whom Codex talks to.
    pub(super) against: Against,
    /// Sees whether the command that is cancelled lives.
    pub(super) witness: Witness,
    program: PathBuf,
    env: BTreeMap<OsString, OsString>,
    work: PathBuf,
    runs: Vec<String>,
    folder: TempDir,
    // Lives as long as the stage.
    _model: Option<ScriptedModel>,
}

impl Stage {
    /// Sets it up.
    pub(super) async fn prepare(host: &Host, against: Against) -> Result<Done<Stage>, Trouble> {
        let around = Surroundings {
            env: &host.env,
            home: &host.home,
            state_dir: &host.state_dir,
        };
        let file = host.config_file();
        let config = Config::load(&file, around)?;
        let folder = private_folder(&config.state_dir)?;
        let at = |name: &str| folder.path().join(name);
        let (work, state, codex_home) = (at("work"), at("state"), at("codex-home"));
        for dir in [&work, &state, &codex_home] {
            make_dir(dir)?;
        }
        write(&at("config.toml"), &own_config(&config, &work))?;
        let model = match against {
            Against::Account => None,
            Against::ScriptedModel => {
                let model = ScriptedModel::start(script)?;
                write(&codex_home.join("config.toml"), &codex_config(model.port()))?;
                Some(model)
            }
        };
        let mut env = host.env.clone();
        let mut set = |name: &str, path: PathBuf| env.insert(name.into(), path.into_os_string());
        set(Host::CONFIG_VAR, at("config.toml"));
        set("CODEX_CLI_MCP_STATE_DIR", state);
        set("CODEX_CLI_MCP_ALLOWED_ROOTS", work.clone());
        if model.is_some() {
            set("CODEX_HOME", codex_home);
        }
        env.remove(&OsString::from("CODEX_CLI_MCP_DEFAULT_WORKSPACE_MODE"));
        let detail = match &model {
            Some(_) => "Codex will talk to the model inside this program",
            None => "Codex will talk to your own model, with your own login",
        };
        let stage = Stage {
            against,
            witness: Witness::make(work.join("hold")).await?,
            program: host.sidecar.clone(),
            env,
            work,
            runs: Vec::new(),
            folder,
            _model: model,
        };
        Ok(Done::new(stage, detail))
    }

    /// Starts a sidecar here and shakes hands with it.
    pub(super) async fn sidecar(&self, era: Era) -> Result<Sidecar, Trouble> {
        let log = self.folder.path().join("sidecar.log");
        Sidecar::start(&self.program, &self.env, &log, era).await
    }

    /// The folder in which Codex works.
    pub(super) fn work(&self) -> String {
        self.work.to_string_lossy().into_owned()
    }

    /// Takes note of a run, so that nothing of it is left however the test ends.
    pub(super) fn started(&mut self, run: &str) {
        self.runs.push(run.to_owned());
    }

    /// Ends what still runs and removes the folder.
    pub(super) async fn clean_up(self) -> Result<Done<()>, Trouble> {
        if !self.runs.is_empty()
            && let Ok(sidecar) = self.sidecar(Era::Handshake).await
        {
            for run in &self.runs {
                // It is over already, unless the test broke off.
                if let Err(trouble) = sidecar.cancel(run).await {
                    tracing::debug!(run, reason = trouble.chain(), "not cancelled");
                }
            }
            sidecar.close().await;
        }
        let held = self.witness.is_held()?;
        let path = self.folder.path().to_owned();
        remove(self.folder)
            .await
            .map_err(|source| Trouble::Folder {
                what: "remove",
                path,
                source,
            })?;
        if held {
            let what = format!("the command `{HELD_COMMAND}` of the cancelled run still lives");
            return Err(Trouble::Unexpected(what));
        }
        Ok(Done::new((), "nothing is left"))
    }
}

/// What the scripted model says: the usual answer, or the command that is to be cancelled.
fn script(request: &Request) -> Reply {
    if !request.last_user_text().contains(HELD_COMMAND) {
        return self_test_script(request);
    }
    if request.tool_outputs().is_empty() {
        let call = request.tools.shell(HELD_COMMAND);
        return Answer::to(request).item(call).completed(Usage::SMALL);
    }
    // Codex reports that the command still runs, and may wait for what the model thinks of it.
    Reply::Silence
}

/// A folder beside the state folder. Not in the system's temporary folder: below that, Codex refuses to set up the links
/// to its own helpers.
fn private_folder(state_dir: &Path) -> Result<TempDir, Trouble> {
    let parent = state_dir.parent().unwrap_or(state_dir);
    let failed = |source| Trouble::Folder {
        what: "make a folder in",
        path: parent.to_owned(),
        source,
    };
    std::fs::create_dir_all(parent).map_err(failed)?;
    // The real path: it becomes an allowed root.
    let parent = std::fs::canonicalize(parent).map_err(failed)?;
    tempfile::Builder::new()
        .prefix("codex-bridge-self-test-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir_in(parent)
        .map_err(failed)
}

/// The configuration of the test: from the person's own it takes where Codex is and what it needs.
fn own_config(config: &Config, work: &Path) -> String {
    let mut document = DocumentMut::new();
    let roots: toml_edit::Array = [work.to_string_lossy().into_owned()].into_iter().collect();
    document["allowed_roots"] = value(roots);
    let mut codex = Table::new();
    if let Some(chosen) = &config.codex_bin {
        codex["bin"] = value(chosen.path.to_string_lossy().into_owned());
    }
    codex["home"] = value(config.codex_home.to_string_lossy().into_owned());
    codex["pass_env"] = value(config.pass_env.iter().collect::<toml_edit::Array>());
    document["codex"] = Item::Table(codex);
    document.to_string()
}

fn make_dir(dir: &Path) -> Result<(), Trouble> {
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(dir)
        .map_err(|source| Trouble::Folder {
            what: "make",
            path: dir.to_owned(),
            source,
        })
}

fn write(file: &Path, text: &str) -> Result<(), Trouble> {
    std::fs::write(file, text).map_err(|source| Trouble::Folder {
        what: "write",
        path: file.to_owned(),
        source,
    })
}

/// Removes a folder into which a process that is just ending may still write.
async fn remove(folder: TempDir) -> io::Result<()> {
    let path = folder.keep();
    let mut tries_left = 20;
    loop {
        match std::fs::remove_dir_all(&path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if tries_left == 0 => return Err(error),
            Err(_) => tries_left -= 1,
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
