//! The self-test on the wire.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::use_cases::self_test::{Step, StepState, Verdict};

/// How a self-test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SelfTestDto {
    /// Whether every step went well.
    pub passed: bool,
    /// How long it took.
    pub took_ms: u64,
    /// Every step that was tried, in order.
    pub steps: Vec<StepDto>,
}

/// A step of the self-test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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

/// A step as it is told while the test goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SelfTestStepDto {
    /// A stable name, such as `connect`.
    pub step: String,
    /// How far it is.
    pub state: StepStateDto,
    /// What it does and what was seen, or what went wrong.
    pub text: String,
    /// How long it took so far.
    pub took_ms: u64,
    /// What mends it.
    pub remedy: Option<String>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStateDto {
    /// It is under way.
    Running,
    /// It went well.
    Ok,
    /// It failed.
    Failed,
    /// It was not tried.
    Skipped,
}

impl From<&Step> for SelfTestStepDto {
    fn from(step: &Step) -> SelfTestStepDto {
        let title = step.name.title();
        let (state, text, remedy) = match &step.state {
            StepState::Running => (StepStateDto::Running, title.to_owned(), None),
            StepState::Passed { detail } if detail.is_empty() => {
                (StepStateDto::Ok, title.to_owned(), None)
            }
            StepState::Passed { detail } => (StepStateDto::Ok, format!("{title}: {detail}"), None),
            StepState::Failed { what, remedy } => (
                StepStateDto::Failed,
                format!("{title}: {what}"),
                Some(remedy.as_str().to_owned()),
            ),
        };
        SelfTestStepDto {
            step: step.name.as_str().to_owned(),
            state,
            text,
            took_ms: millis(step.took),
            remedy,
        }
    }
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
