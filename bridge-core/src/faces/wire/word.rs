//! The closed sets of words on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::applied::Check;
use crate::domain::run::{Driver, Fate, RunKind, WorkspaceMode};
use crate::domain::state::{Canceller, Limit, Outcome, RunState};
use crate::domain::task::Sandbox;
use crate::use_cases::bridge::TargetKind;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateDto {
    /// Waits for its turn.
    Queued,
    /// Codex is being started.
    Starting,
    /// Codex works.
    Running,
    /// Codex waits for an answer.
    Waiting,
    /// Is being stopped.
    Stopping,
    /// Codex finished.
    Succeeded,
    /// Something failed.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// It reached a time limit.
    TimedOut,
    /// Its supervisor died.
    Lost,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindDto {
    /// A task of its own.
    Task,
    /// A review of a repository.
    Review,
    /// The next turn of an earlier run.
    Continue,
    /// The next turn of a Codex session.
    Resume,
}

/// How Codex is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriverDto {
    /// By `codex exec`.
    Exec,
    /// By `codex app-server`, which can be spoken to.
    AppServer,
}

impl From<Driver> for DriverDto {
    fn from(driver: Driver) -> DriverDto {
        match driver {
            Driver::Exec => DriverDto::Exec,
            Driver::AppServer => DriverDto::AppServer,
        }
    }
}

/// Who stopped a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancellerDto {
    /// An MCP client.
    Client,
    /// The person.
    Person,
    /// The process that owned the run, at its own end.
    Owner,
}

/// A time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitDto {
    /// On the run as a whole.
    Total,
    /// On the time without any event.
    Silence,
    /// On the time to the first event.
    FirstEvent,
}

/// In the folder itself, or in a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceModeDto {
    /// In the folder itself.
    InPlace,
    /// In a git worktree.
    Worktree,
}

/// What became of a run's copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FateDto {
    /// Its changes are in the folder.
    Applied,
    /// Its changes are a branch of the repository.
    Branched,
    /// It was thrown away.
    Discarded,
    /// It was removed after its time; its changes are kept as a patch in the state folder.
    Expired,
}

impl From<&Fate> for FateDto {
    fn from(fate: &Fate) -> FateDto {
        match fate {
            Fate::Applied => FateDto::Applied,
            Fate::Branched { .. } => FateDto::Branched,
            Fate::Discarded => FateDto::Discarded,
            Fate::Expired => FateDto::Expired,
        }
    }
}

/// Whether something that was asked for is what Codex used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckDto {
    /// Codex recorded what was asked for, or what it chose where that was left to it.
    Confirmed,
    /// Codex recorded something else.
    Differs,
    /// Codex recorded nothing, or has not yet.
    Unconfirmed,
}

impl From<Check> for CheckDto {
    fn from(check: Check) -> CheckDto {
        match check {
            Check::Confirmed => CheckDto::Confirmed,
            Check::Differs => CheckDto::Differs,
            Check::Unconfirmed => CheckDto::Unconfirmed,
        }
    }
}

/// What the model's commands may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxDto {
    /// They may read.
    ReadOnly,
    /// They may also write in the working folder.
    WorkspaceWrite,
}

/// What is reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetDto {
    /// All that is not committed.
    Uncommitted,
    /// What the present branch has and another one has not.
    Branch,
    /// One commit.
    Commit,
}

impl From<TargetDto> for TargetKind {
    fn from(target: TargetDto) -> TargetKind {
        match target {
            TargetDto::Uncommitted => TargetKind::Uncommitted,
            TargetDto::Branch => TargetKind::Branch,
            TargetDto::Commit => TargetKind::Commit,
        }
    }
}

impl StateDto {
    /// The word itself.
    pub fn as_str(self) -> &'static str {
        match self {
            StateDto::Queued => "queued",
            StateDto::Starting => "starting",
            StateDto::Running => "running",
            StateDto::Waiting => "waiting",
            StateDto::Stopping => "stopping",
            StateDto::Succeeded => "succeeded",
            StateDto::Failed => "failed",
            StateDto::Cancelled => "cancelled",
            StateDto::TimedOut => "timed_out",
            StateDto::Lost => "lost",
        }
    }
}

impl From<RunState> for StateDto {
    fn from(value: RunState) -> StateDto {
        match value {
            RunState::Queued => StateDto::Queued,
            RunState::Starting => StateDto::Starting,
            RunState::Running => StateDto::Running,
            RunState::WaitingForAnswer => StateDto::Waiting,
            RunState::Stopping(_) => StateDto::Stopping,
            RunState::Ended(Outcome::Succeeded) => StateDto::Succeeded,
            RunState::Ended(Outcome::Failed(_)) => StateDto::Failed,
            RunState::Ended(Outcome::Cancelled(_)) => StateDto::Cancelled,
            RunState::Ended(Outcome::TimedOut(_)) => StateDto::TimedOut,
            RunState::Ended(Outcome::Lost) => StateDto::Lost,
        }
    }
}

impl From<RunKind> for KindDto {
    fn from(value: RunKind) -> KindDto {
        match value {
            RunKind::Task => KindDto::Task,
            RunKind::Review => KindDto::Review,
            RunKind::Continue => KindDto::Continue,
            RunKind::Resume => KindDto::Resume,
        }
    }
}

impl From<KindDto> for RunKind {
    fn from(value: KindDto) -> RunKind {
        match value {
            KindDto::Task => RunKind::Task,
            KindDto::Review => RunKind::Review,
            KindDto::Continue => RunKind::Continue,
            KindDto::Resume => RunKind::Resume,
        }
    }
}

impl From<Canceller> for CancellerDto {
    fn from(value: Canceller) -> CancellerDto {
        match value {
            Canceller::Client => CancellerDto::Client,
            Canceller::Person => CancellerDto::Person,
            Canceller::Owner => CancellerDto::Owner,
        }
    }
}

impl From<Limit> for LimitDto {
    fn from(value: Limit) -> LimitDto {
        match value {
            Limit::Total => LimitDto::Total,
            Limit::Silence => LimitDto::Silence,
            Limit::FirstEvent => LimitDto::FirstEvent,
        }
    }
}

impl From<WorkspaceMode> for WorkspaceModeDto {
    fn from(value: WorkspaceMode) -> WorkspaceModeDto {
        match value {
            WorkspaceMode::InPlace => WorkspaceModeDto::InPlace,
            WorkspaceMode::Worktree => WorkspaceModeDto::Worktree,
        }
    }
}

impl From<WorkspaceModeDto> for WorkspaceMode {
    fn from(value: WorkspaceModeDto) -> WorkspaceMode {
        match value {
            WorkspaceModeDto::InPlace => WorkspaceMode::InPlace,
            WorkspaceModeDto::Worktree => WorkspaceMode::Worktree,
        }
    }
}

impl From<SandboxDto> for Sandbox {
    fn from(value: SandboxDto) -> Sandbox {
        match value {
            SandboxDto::ReadOnly => Sandbox::ReadOnly,
            SandboxDto::WorkspaceWrite => Sandbox::WorkspaceWrite,
        }
    }
}
