//! What the self-test says of what it saw.

use std::time::Duration;

use super::log::{Done, Log};
use super::trouble::Trouble;
use super::{News, StepName, StepState, Verdict};
use crate::domain::scrub::Scrubber;

fn verdict(results: Vec<Result<Done<()>, Trouble>>) -> (Verdict, Vec<String>) {
    let scrubber = Scrubber::builtin();
    let mut told = Vec::new();
    let mut log = Log::new(&scrubber, |news| {
        if let News::Step(step) = news {
            told.push(match &step.state {
                StepState::Running => format!("{} …", step.name.as_str()),
                StepState::Passed { detail } => format!("{} ok: {detail}", step.name.as_str()),
                StepState::Failed { what, remedy } => format!("{what} → {remedy}"),
            });
        }
    });
    for result in results {
        log.begin(StepName::Connect);
        log.end(result);
    }
    let steps = log.into_steps();
    let took = Duration::ZERO;
    (Verdict { steps, took }, told)
}

#[test]
fn each_step_is_told_when_it_begins_and_when_it_ends() {
    let (verdict, told) = verdict(vec![Ok(Done::new((), "6 tools"))]);
    assert!(verdict.passed());
    assert_eq!(told, ["connect …", "connect ok: 6 tools"]);
}

#[test]
fn a_step_that_failed_brings_its_remedy() {
    let refused = Trouble::Refused {
        tool: "codex_run_task",
        message: "no folder is allowed yet".into(),
        hint: "Allow one.".into(),
    };
    let (verdict, told) = verdict(vec![Ok(Done::new((), "6 tools")), Err(refused)]);
    assert!(!verdict.passed());
    assert_eq!(
        told.last().unwrap(),
        "`codex_run_task` failed: no folder is allowed yet → Allow one."
    );
}

#[test]
fn a_test_without_steps_proves_nothing() {
    assert!(!verdict(vec![]).0.passed());
}

#[test]
fn every_trouble_has_a_remedy() {
    for trouble in [
        Trouble::Refused {
            tool: "codex_doctor",
            message: String::new(),
            hint: String::new(),
        },
        Trouble::Unexpected("odd".into()),
        Trouble::TooLong {
            what: "the run",
            limit: Duration::from_secs(180),
        },
        Trouble::Interrupted,
    ] {
        assert!(!trouble.remedy().is_empty(), "{trouble:?}");
    }
}
