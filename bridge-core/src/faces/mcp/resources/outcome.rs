//! What came of a run besides its message: the diff and the findings, or why there are none.

use crate::domain::changes::Changes;
use crate::domain::error::ErrorCode;
use crate::domain::run::{Run, RunKind};
use crate::domain::task::Sandbox;
use crate::faces::mcp::answer::{MAX_RESULT, affordable};
use crate::use_cases::bridge::{Bridge, ChangesWanted, Error};

/// A part of a diff.
#[derive(Debug)]
pub(super) struct DiffPart {
    /// Whole files, or as much of one as fits.
    pub(super) text: String,
    /// The cursor of the next part, if there is one.
    pub(super) next: Option<u64>,
}

/// A part of a run's diff that fits into one answer; else why the run has none, as the end of a sentence about it.
pub(super) async fn diff(
    bridge: &Bridge,
    run: &Run,
    cursor: u64,
) -> Result<Result<DiffPart, String>, Error> {
    if !run.state.is_final() {
        return Ok(Err(why_no_diff(run)));
    }
    let mut wanted = ChangesWanted {
        cursor,
        bytes: MAX_RESULT,
        ..ChangesWanted::default()
    };
    loop {
        let page = match bridge.changes(&run.id, wanted.clone()).await {
            Ok(page) => page,
            Err(error) => {
                return match error.code() {
                    ErrorCode::NoChanges => Ok(Err(why_no_diff(run))),
                    ErrorCode::NoWorktree => {
                        Ok(Err("has no diff any more: its worktree is gone".into()))
                    }
                    _ => Err(error),
                };
            }
        };
        if page.total_files == 0 {
            return Ok(Err(why_no_diff(run)));
        }
        let text: String = page.files.iter().map(|file| file.patch.as_str()).collect();
        // In a resource a text is written once, where a tool writes it twice.
        if affordable(&text, 2 * MAX_RESULT - 2_000) == text.len() {
            let next = page.next;
            return Ok(Ok(DiffPart { text, next }));
        }
        wanted.bytes /= 2;
    }
}

/// Why a run has no diff, as the end of a sentence about it.
pub(super) fn why_no_diff(run: &Run) -> String {
    match &run.changes {
        _ if !run.state.is_final() => format!(
            "is {}, and what a run changed is known at its end",
            run.state.as_str()
        ),
        Some(Changes::Unknown(why)) => format!("has no diff: {why}"),
        Some(Changes::Known(changes)) if changes.files == 0 => {
            "has no diff: it changed nothing".to_owned()
        }
        None if run.requested.sandbox == Sandbox::ReadOnly => format!(
            "has no diff: it is a {} in a read-only sandbox",
            run.kind.as_str()
        ),
        Some(Changes::Known(_)) | None => {
            "has no diff: nothing was noted of what it changed".to_owned()
        }
    }
}

/// Why a run has no findings, as the end of a sentence about it.
pub(super) fn why_no_review(run: &Run) -> String {
    match run.kind {
        RunKind::Task | RunKind::Continue | RunKind::Resume => {
            format!("has no findings: it is a {}", run.kind.as_str())
        }
        RunKind::Review if !run.state.is_final() => format!(
            "is {}, and what a review found is known at its end",
            run.state.as_str()
        ),
        RunKind::Review => "has no findings: the review did not come to its end".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::state::{Outcome, RunState};
    use crate::faces::wire::samples;

    fn ended() -> Run {
        Run {
            state: RunState::Ended(Outcome::Succeeded),
            changes: None,
            kind: RunKind::Task,
            ..samples::run()
        }
    }

    fn with_sandbox(sandbox: Sandbox) -> Run {
        let mut run = ended();
        run.requested.sandbox = sandbox;
        run
    }

    #[test]
    fn it_is_said_why_there_is_no_diff() {
        let check = |run: &Run, expected: &str| assert_eq!(why_no_diff(run), expected);
        check(
            &samples::queued_run(),
            "is queued, and what a run changed is known at its end",
        );
        check(
            &with_sandbox(Sandbox::ReadOnly),
            "has no diff: it is a task in a read-only sandbox",
        );
        check(
            &with_sandbox(Sandbox::WorkspaceWrite),
            "has no diff: nothing was noted of what it changed",
        );
        let why = samples::scrubbed("the folder is in no git repository");
        let unknown = Run {
            changes: Some(Changes::Unknown(why)),
            ..ended()
        };
        check(&unknown, "has no diff: the folder is in no git repository");
    }

    #[test]
    fn it_is_said_why_there_are_no_findings() {
        let check = |run: &Run, expected: &str| assert_eq!(why_no_review(run), expected);
        check(&ended(), "has no findings: it is a task");
        let review = |run| Run {
            kind: RunKind::Review,
            ..run
        };
        check(
            &review(samples::queued_run()),
            "is queued, and what a review found is known at its end",
        );
        check(
            &review(ended()),
            "has no findings: the review did not come to its end",
        );
    }
}
