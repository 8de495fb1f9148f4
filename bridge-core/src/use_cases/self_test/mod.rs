//! Proves the whole chain, from an MCP client to Codex and back, with this very program and the real Codex.
//!
//! Everything happens in a private folder. Codex talks to the scripted model, so that no account is needed and no token
//! is spent; or, if the person wants it, to their own.

mod chain;
mod log;
mod sidecar;
mod stage;
mod trouble;
mod witness;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::{Duration, Instant};

use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::host::Host;
use crate::use_cases::self_test::log::Log;
use crate::use_cases::self_test::stage::Stage;
use crate::use_cases::self_test::trouble::Trouble;

/// Whom Codex talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// The small model inside this program.
    ScriptedModel,
    /// The person's own account and model; spends tokens.
    Account,
}

/// What is tested, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    /// A private folder, and the model.
    Prepare,
    /// A client starts the sidecar and shakes hands.
    Connect,
    /// The sidecar finds Codex.
    Doctor,
    /// It takes a task.
    Delegate,
    /// The client sees the run, from its start to its end.
    Follow,
    /// A new client reads it again from a new sidecar.
    ReadBack,
    /// A run in the middle of a command is stopped, and nothing of it is left.
    Cancel,
    /// Everything is removed.
    CleanUp,
}

/// A step as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is tested.
    pub name: StepName,
    /// How far it is.
    pub state: StepState,
    /// How long it took so far.
    pub took: Duration,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It is under way.
    Running,
    /// It went well.
    Passed {
        /// What was seen.
        detail: Scrubbed,
    },
    /// It failed.
    Failed {
        /// What went wrong.
        what: Scrubbed,
        /// What mends it.
        remedy: Scrubbed,
    },
}

/// Something in the delegated run, as the client saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The run's state changed.
    State(Scrubbed),
    /// A command ended.
    Command {
        /// The command line.
        line: Scrubbed,
        /// What it printed.
        output: Scrubbed,
        /// Its exit code.
        exit_code: Option<i64>,
    },
    /// The model said something.
    Message(Scrubbed),
}

/// What is told while the test goes on.
#[derive(Debug)]
pub enum News<'a> {
    /// A step began or ended.
    Step(&'a Step),
    /// Something happened in the delegated run.
    Seen(&'a Seen),
}

/// How the test ended.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Every step that was tried.
    pub steps: Vec<Step>,
    /// How long all of it took.
    pub took: Duration,
}

/// Runs the test. When `stop` resolves it goes no further, but still cleans up.
pub async fn run_self_test(
    host: &Host,
    scrubber: &Scrubber,
    against: Against,
    stop: impl Future<Output = ()>,
    tell: impl FnMut(News<'_>),
) -> Verdict {
    let began = Instant::now();
    let mut log = Log::new(scrubber, tell);
    log.begin(StepName::Prepare);
    let prepared = Stage::prepare(host, against).await;
    if let Some(mut stage) = log.end(prepared) {
        let interrupted = tokio::select! {
            () = stop => true,
            _ = chain::run(&mut stage, &mut log) => false,
        };
        if interrupted {
            log.end::<()>(Err(Trouble::Interrupted));
        }
        log.begin(StepName::CleanUp);
        let removed = stage.clean_up().await;
        log.end(removed);
    }
    Verdict {
        steps: log.into_steps(),
        took: began.elapsed(),
    }
}

impl Verdict {
    /// Whether every step went well.
    pub fn passed(&self) -> bool {
        let good = |step: &Step| matches!(step.state, StepState::Passed { .. });
        !self.steps.is_empty() && self.steps.iter().all(good)
    }
}

impl StepName {
    /// A stable name for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            StepName::Prepare => "prepare",
            StepName::Connect => "connect",
            StepName::Doctor => "doctor",
            StepName::Delegate => "delegate",
            StepName::Follow => "follow",
            StepName::ReadBack => "read_back",
            StepName::Cancel => "cancel",
            StepName::CleanUp => "clean_up",
        }
    }

    /// What the step does, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            StepName::Prepare => "prepare a private folder",
            StepName::Connect => "connect an MCP client to the server",
            StepName::Doctor => "find Codex",
            StepName::Delegate => "delegate a task",
            StepName::Follow => "follow it to its end",
            StepName::ReadBack => "read it back through a new server",
            StepName::Cancel => "cancel a run in the middle of a command",
            StepName::CleanUp => "clean up",
        }
    }
}
