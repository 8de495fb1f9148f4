//! The self-test on the wire.

use std::time::Duration;

use serde::Serialize;

use crate::use_cases::self_test::{Step, StepState, Verdict};

/// How a self-test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelfTestDto {
    /// Whether every step went well.
    pub passed: bool,
    /// How long it took.
    pub took_ms: u64,
    /// Every step that was tried, in order.
    pub steps: Vec<StepDto>,
}

/// A step of the self-test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepDto {
    /// A stable name, such as `connect`.
    pub name: String,
    /// What it does, in a few words.
    pub title: String,
    /// `running`, `passed` or `failed`.
    pub state: String,
    /// How long it took so far.
    pub took_ms: u64,
    /// What was seen, or what went wrong.
    pub detail: Option<String>,
    /// What mends it.
    pub remedy: Option<String>,
}

impl From<&Verdict> for SelfTestDto {
    fn from(verdict: &Verdict) -> SelfTestDto {
        SelfTestDto {
            passed: verdict.passed(),
            took_ms: millis(verdict.took),
            steps: verdict.steps.iter().map(StepDto::from).collect(),
        }
    }
}

impl From<&Step> for StepDto {
    fn from(step: &Step) -> StepDto {
        let (state, detail, remedy) = match &step.state {
            StepState::Running => ("running", None, None),
            StepState::Passed { detail } => ("passed", Some(detail), None),
            StepState::Failed { what, remedy } => ("failed", Some(what), Some(remedy)),
        };
        StepDto {
            name: step.name.as_str().to_owned(),
            title: step.name.title().to_owned(),
            state: state.to_owned(),
            took_ms: millis(step.took),
            detail: detail.map(|text| text.as_str().to_owned()),
            remedy: remedy.map(|text| text.as_str().to_owned()),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
