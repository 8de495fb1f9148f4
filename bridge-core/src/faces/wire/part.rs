//! The parts of a run on the wire.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::applied::Checks;
use crate::domain::changes::Changes;
use crate::domain::run::{
    Applied, Caller, CodexIdentity, Exit, Fate, Recorded, Requested, Run, Usage, Workspace,
};
use crate::faces::wire::text::owned;
use crate::faces::wire::word::{CheckDto, FateDto, WorkspaceModeDto};

/// Where Codex really works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkspaceDto {
    /// In the folder itself, or in a copy.
    pub mode: WorkspaceModeDto,
    /// The folder in which Codex is started.
    pub path: String,
    /// The commit that a copy was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_commit: Option<String>,
    /// Whether uncommitted work of the folder was taken into the copy.
    pub carried: bool,
    /// Why it is not the mode that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fell_back: Option<String>,
    /// What became of the copy; absent while it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fate: Option<FateDto>,
    /// The branch that holds its changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

/// Who asked for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientDto {
    /// The client's name; `cli` for the command line.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// What a run cost, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsageDto {
    /// Tokens that went in.
    pub input_tokens: u64,
    /// Of these, from the cache.
    pub cached_input_tokens: u64,
    /// Tokens that came out.
    pub output_tokens: u64,
    /// Of these, for reasoning.
    pub reasoning_tokens: u64,
}

/// What was asked for. What is absent was left to Codex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RequestedDto {
    /// The sandbox of the model's commands.
    pub sandbox: String,
    /// Whether they may use the network.
    pub network: bool,
    /// Whether the model may search the web.
    pub web_search: bool,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The effort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// The time limit.
    pub timeout_s: u64,
    /// Whether the run is kept on disk.
    pub persist: bool,
    /// How many images went with the prompt.
    pub images: u32,
    /// Whether the answer has to follow a JSON Schema.
    pub output_schema: bool,
}

/// What Codex really used. What is absent was not read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AppliedDto {
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The effort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// The sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<String>,
    /// Whether the network was open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<bool>,
    /// The folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
}

/// Whether Codex used what was asked for. Before the run is final all is `unconfirmed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChecksDto {
    /// The model.
    pub model: CheckDto,
    /// The effort.
    pub effort: CheckDto,
    /// The sandbox.
    pub sandbox: CheckDto,
    /// Whether the network was open.
    pub network: CheckDto,
    /// The folder, compared with `workspace.path`.
    pub working_dir: CheckDto,
}

/// How the Codex process ended: one of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExitDto {
    /// By itself, with this code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// By this signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
}

/// The Codex binary of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodexDto {
    /// Its path.
    pub path: String,
    /// Its version.
    pub version: String,
}

/// How many events a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedDto {
    /// Events to read; also the number of the last one.
    pub recorded: u64,
    /// Bytes that they take.
    pub bytes: u64,
    /// Events that were too many to keep.
    pub left_out: u64,
}

/// The addresses of a run's MCP resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ResourcesDto {
    /// The run.
    pub run: String,
    /// Its events.
    pub events: String,
    /// Its final message.
    pub message: String,
    /// What it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// What it found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
}

impl From<&Workspace> for WorkspaceDto {
    fn from(workspace: &Workspace) -> WorkspaceDto {
        WorkspaceDto {
            mode: workspace.mode.into(),
            path: workspace.path.as_str().to_owned(),
            base_commit: owned(workspace.base_commit.as_ref()),
            carried: workspace.carried,
            fell_back: owned(workspace.fell_back.as_ref()),
            fate: workspace.fate.as_ref().map(Into::into),
            branch: match &workspace.fate {
                Some(Fate::Branched { branch }) => Some(branch.as_str().to_owned()),
                Some(Fate::Applied | Fate::Discarded | Fate::Expired) | None => None,
            },
        }
    }
}

impl From<&Caller> for ClientDto {
    fn from(caller: &Caller) -> ClientDto {
        ClientDto {
            name: caller.client.as_str().to_owned(),
            version: owned(caller.version.as_ref()),
            session: owned(caller.session.as_ref()),
        }
    }
}

impl From<&Requested> for RequestedDto {
    fn from(requested: &Requested) -> RequestedDto {
        RequestedDto {
            sandbox: requested.sandbox.as_str().to_owned(),
            network: requested.network,
            web_search: requested.web_search,
            model: requested
                .model
                .as_ref()
                .map(|model| model.as_str().to_owned()),
            effort: requested
                .effort
                .as_ref()
                .map(|effort| effort.as_str().to_owned()),
            timeout_s: requested.timeout.as_secs(),
            persist: requested.persist,
            images: requested.images,
            output_schema: requested.output_schema,
        }
    }
}

impl From<Checks> for ChecksDto {
    fn from(checks: Checks) -> ChecksDto {
        ChecksDto {
            model: checks.model.into(),
            effort: checks.effort.into(),
            sandbox: checks.sandbox.into(),
            network: checks.network.into(),
            working_dir: checks.folder.into(),
        }
    }
}

impl From<&Applied> for AppliedDto {
    fn from(applied: &Applied) -> AppliedDto {
        AppliedDto {
            model: owned(applied.model.as_ref()),
            effort: owned(applied.effort.as_ref()),
            sandbox: owned(applied.sandbox.as_ref()),
            network: applied.network,
            working_dir: owned(applied.folder.as_ref()),
        }
    }
}

impl From<Usage> for UsageDto {
    fn from(usage: Usage) -> UsageDto {
        UsageDto {
            input_tokens: usage.input,
            cached_input_tokens: usage.cached_input,
            output_tokens: usage.output,
            reasoning_tokens: usage.reasoning,
        }
    }
}

impl From<Exit> for ExitDto {
    fn from(exit: Exit) -> ExitDto {
        match exit {
            Exit::Code(code) => ExitDto {
                code: Some(code),
                signal: None,
            },
            Exit::Signal(signal) => ExitDto {
                code: None,
                signal: Some(signal),
            },
        }
    }
}

impl From<&CodexIdentity> for CodexDto {
    fn from(codex: &CodexIdentity) -> CodexDto {
        CodexDto {
            path: codex.path.as_str().to_owned(),
            version: codex.version.as_str().to_owned(),
        }
    }
}

impl From<Recorded> for RecordedDto {
    fn from(recorded: Recorded) -> RecordedDto {
        RecordedDto {
            recorded: recorded.events,
            bytes: recorded.bytes,
            left_out: recorded.left_out,
        }
    }
}

impl From<&Run> for ResourcesDto {
    fn from(run: &Run) -> ResourcesDto {
        let at = |part: &str| format!("codex://runs/{}{part}", run.id);
        let has_diff = matches!(&run.changes, Some(Changes::Known(changes)) if changes.files > 0);
        ResourcesDto {
            run: at(""),
            events: at("/events"),
            message: at("/message"),
            diff: has_diff.then(|| at("/diff")),
            review: run.review.is_some().then(|| at("/review")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::wire::samples;

    #[test]
    fn only_what_there_is_has_an_address() {
        let check = |run: &Run, diff: bool, review: bool| {
            let addresses = ResourcesDto::from(run);
            assert_eq!(addresses.diff.is_some(), diff);
            assert_eq!(addresses.review.is_some(), review);
        };
        check(&samples::queued_run(), false, false);
        check(&samples::run(), true, false);
        check(&samples::reviewing_run(), true, true);
    }
}
