//! What can be done about findings, and the one who does it.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use serde_json::Value;

use crate::adapters::ipc;
use crate::domain::error::Failure;
use crate::domain::scrub::Scrubbed;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::clients::{Act, ClientRequest, IfRunning};
use crate::use_cases::doctor::catalogue::Mends;
use crate::use_cases::doctor::finding::{Action, Finding};
use crate::use_cases::doctor::{Report, examine};
use crate::use_cases::error::Error;

/// Something that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fix {
    /// Our entry in a client's file is put right, by the editor that keeps every other byte and a backup.
    RepairClient(&'static str),
    /// The settings of the TypeScript bridge are taken over, and it is switched off.
    TakeOver(&'static str),
    /// A file or folder of ours is closed to others.
    Close { path: PathBuf, mode: u32 },
    /// Others may not write to a file of ours any more.
    CloseToWriters(PathBuf),
    /// The setting `codex.bin` goes; what it was is told.
    ClearCodexBin(PathBuf),
    /// The setting `codex.bin` names this one.
    TakeCodex(PathBuf),
    /// A folder goes from the list of allowed ones.
    RemoveRoot(PathBuf),
    /// Codex gets no API key any more; what is in the keychain stays there.
    SwitchApiKeyOff,
    /// A socket goes that nobody listens at.
    RemoveSocket,
    /// New runs go on.
    Resume,
}

/// Which findings are to be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// Those that need not be asked for by name.
    pub unasked: bool,
    /// Those with these ids, or with an action of this key.
    pub named: Vec<String>,
    /// Whether it is only to be said what would be done.
    pub dry_run: bool,
}

/// What became of a mending.
#[derive(Clone, Debug)]
pub struct Mended {
    /// What was done, or would be.
    pub done: Vec<Deed>,
    /// How everything stands afterwards.
    pub report: Report,
}

/// Something that was done, or would be.
#[derive(Clone, Debug)]
pub struct Deed {
    /// The finding that it was done for.
    pub id: &'static str,
    /// What was found.
    pub what: Scrubbed,
    /// The action's name.
    pub key: Scrubbed,
    /// What it does.
    pub label: Scrubbed,
    /// What came of it; `None` where it was only to be said.
    pub outcome: Option<Result<Scrubbed, Failure>>,
}

impl Fix {
    /// Names it.
    pub(super) fn key(&self) -> String {
        match self {
            Fix::RepairClient(client) => format!("repair_client:{client}"),
            Fix::TakeOver(client) => format!("take_over:{client}"),
            Fix::Close { path, .. } => format!("close:{}", path.display()),
            Fix::CloseToWriters(path) => format!("close_to_writers:{}", path.display()),
            Fix::ClearCodexBin(_) => "clear_codex_bin".to_owned(),
            Fix::TakeCodex(path) => format!("take_codex:{}", path.display()),
            Fix::RemoveRoot(root) => format!("remove_root:{}", root.display()),
            Fix::SwitchApiKeyOff => "switch_api_key_off".to_owned(),
            Fix::RemoveSocket => "remove_socket".to_owned(),
            Fix::Resume => "resume".to_owned(),
        }
    }

    /// What it does, short enough for a button.
    pub(super) fn label(&self) -> String {
        match self {
            Fix::RepairClient(_) => "Repair the entry".to_owned(),
            Fix::TakeOver(_) => "Take over its settings".to_owned(),
            Fix::Close { .. } | Fix::CloseToWriters(_) => "Close it to others".to_owned(),
            Fix::ClearCodexBin(_) => "Take the setting out".to_owned(),
            Fix::TakeCodex(_) => "Use the newer one".to_owned(),
            Fix::RemoveRoot(_) => "Take it off the list".to_owned(),
            Fix::SwitchApiKeyOff => "Switch the API key off".to_owned(),
            Fix::RemoveSocket => "Remove the socket".to_owned(),
            Fix::Resume => "Let new runs go on".to_owned(),
        }
    }

    /// The command line that does the same.
    pub(super) fn command(&self) -> Option<String> {
        let quoted =
            |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "'\\''"));
        Some(match self {
            Fix::RepairClient(client) => format!("codex-bridge-mcp repair {client}"),
            Fix::TakeOver(client) => format!("codex-bridge-mcp clients take-over {client}"),
            Fix::Close { path, mode } => format!("chmod {mode:o} {}", quoted(path)),
            Fix::CloseToWriters(path) => format!("chmod go-w {}", quoted(path)),
            Fix::ClearCodexBin(_) => "codex-bridge-mcp config unset codex.bin".to_owned(),
            Fix::TakeCodex(path) => {
                format!("codex-bridge-mcp config set codex.bin {}", quoted(path))
            }
            Fix::RemoveRoot(root) => format!("codex-bridge-mcp roots remove {}", quoted(root)),
            Fix::SwitchApiKeyOff => "codex-bridge-mcp config unset codex.api_key".to_owned(),
            Fix::RemoveSocket => "codex-bridge-mcp doctor --fix".to_owned(),
            Fix::Resume => "codex-bridge-mcp pause --off".to_owned(),
        })
    }

    /// Does it, and says what was done.
    async fn carry_out(&self, bridge: &Bridge) -> Result<String, Error> {
        match self {
            Fix::RepairClient(client) => change_client(bridge, client, Act::Repair).await,
            Fix::TakeOver(client) => change_client(bridge, client, Act::TakeOver).await,
            Fix::Close { path, mode } => close(path, |_| *mode),
            Fix::CloseToWriters(path) => close(path, |before| before & !0o022),
            Fix::ClearCodexBin(was) => {
                bridge.set_preference("codex.bin", &Value::Null)?;
                Ok(format!(
                    "the setting codex.bin is gone; it was `{}`",
                    was.display()
                ))
            }
            Fix::TakeCodex(path) => {
                let value = Value::String(path.to_string_lossy().into_owned());
                bridge.set_preference("codex.bin", &value)?;
                Ok(format!("the setting codex.bin is `{}`", path.display()))
            }
            Fix::RemoveRoot(root) => {
                let was_there = bridge.remove_root(root)?;
                let shown = root.display();
                Ok(match was_there {
                    true => format!("`{shown}` is not allowed any more"),
                    false => format!("`{shown}` was not in the configuration file any more"),
                })
            }
            Fix::SwitchApiKeyOff => {
                bridge.set_preference("codex.api_key", &Value::Null)?;
                Ok("Codex gets no API key any more; the keychain was not touched".to_owned())
            }
            Fix::RemoveSocket => {
                let (place, _) = bridge.app();
                match ipc::remove_stale(&place).await {
                    Ok(true) => Ok(format!("`{}` is removed", place.socket().display())),
                    Ok(false) => Ok("somebody listens at the socket by now".to_owned()),
                    Err(error) => Err(refused("remove the socket", &place.socket(), &error)),
                }
            }
            Fix::Resume => {
                bridge.set_paused(false).await?;
                Ok("new runs go on".to_owned())
            }
        }
    }
}

async fn change_client(bridge: &Bridge, client: &str, act: Act) -> Result<String, Error> {
    let request = ClientRequest {
        client: client.to_owned(),
        act,
        dry_run: false,
        if_running: IfRunning::Refuse,
    };
    let change = bridge.change_client(request).await?;
    let files: Vec<String> = (change.files.iter())
        .map(|file| format!("`{}`", file.path))
        .collect();
    Ok(match files.is_empty() {
        true => format!("nothing was to be changed for {}", change.name),
        false => format!(
            "{} changed, the state before is kept (`codex-bridge-mcp clients undo {client}`). {}",
            files.join(", "),
            change.reload
        ),
    })
}

/// Takes rights away from a file or folder of ours. Never through a symlink, and never what is somebody else's.
fn close(path: &Path, wanted: impl Fn(u32) -> u32) -> Result<String, Error> {
    let look = || {
        let found = std::fs::symlink_metadata(path)?;
        let before = found.mode() & 0o7777;
        if found.is_symlink() || found.uid() != geteuid().as_raw() {
            return Err(std::io::Error::other("it is not ours"));
        }
        let mode = wanted(before);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
        Ok((before, mode))
    };
    match look() {
        Ok((before, mode)) => Ok(format!(
            "`{}` has mode {mode:o}; it was {before:o}",
            path.display()
        )),
        Err(error) => Err(refused("close to others", path, &error)),
    }
}

fn refused(doing: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::argument(
        "fix",
        format!("could not {doing}: `{}`: {error}", path.display()),
    )
}

/// Looks, does what is asked for, and looks again. What is done is always what a look of this moment offers.
pub(crate) async fn mend(bridge: &Bridge, mending: &Mending) -> Mended {
    let mut done: Vec<Deed> = Vec::new();
    let mut report = examine(bridge).await;
    // Behind a fault may stand another: with a broken state folder, say, nothing is known of the rest.
    for _ in 0..3 {
        let todo: Vec<(Finding, Action)> = report
            .findings
            .iter()
            .filter_map(|finding| Some((finding.clone(), finding.action.clone()?)))
            .filter(|(finding, action)| mending.wants(finding, action))
            .filter(|(_, action)| done.iter().all(|deed| deed.key != action.key))
            .collect();
        if todo.is_empty() {
            break;
        }
        for (finding, action) in todo {
            // One repair of a client may mend several of its files.
            if done.iter().any(|deed| deed.key == action.key) {
                continue;
            }
            done.push(mending.perform(bridge, &finding, &action).await);
        }
        if mending.dry_run {
            break;
        }
        bridge.look_again();
        report = examine(bridge).await;
    }
    Mended { done, report }
}

impl Mending {
    fn wants(&self, finding: &Finding, action: &Action) -> bool {
        let named = |name: &String| *name == finding.id || name == action.key.as_str();
        action.fix.is_some()
            && (self.named.iter().any(named) || (self.unasked && action.mends == Mends::Unasked))
    }

    async fn perform(&self, bridge: &Bridge, finding: &Finding, action: &Action) -> Deed {
        let outcome = match &action.fix {
            Some(fix) if !self.dry_run => {
                let scrubber = bridge.scrubber();
                let done = fix.carry_out(bridge).await;
                Some(match done {
                    Ok(said) => Ok(scrubber.scrub(&said)),
                    Err(error) => Err(error.failure(&scrubber)),
                })
            }
            Some(_) | None => None,
        };
        Deed {
            id: finding.id,
            what: finding.what.clone(),
            key: action.key.clone(),
            label: action.label.clone(),
            outcome,
        }
    }
}
