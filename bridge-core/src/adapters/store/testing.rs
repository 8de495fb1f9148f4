//! Runs and events for the tests of the store.

use std::time::Duration;

use crate::adapters::store::{OpenOptions, Store};
use crate::domain::bounds::{Clip, QueueBounds};
use crate::domain::changes::{ChangeSummary, Changes, FileSummary, LineCount, ObjectId};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::event::{CommandEvent, EventBody, FileChange, Notice, Phase, PlanStep};
use crate::domain::id::{Persistence, RequestId, RunId, ThreadId};
use crate::domain::question::{Question, QuestionKind};
use crate::domain::review::{
    Confidence, Coverage, Finding, Lines, Part, PartResult, Place, PlaceCheck, Review, Severity,
    Subject, Uncovered, UncoveredWhy, Verdict, VerdictWord,
};
use crate::domain::run::{
    Applied, Caller, CodexIdentity, Driver, Exit, Fate, Message, Progress, Recorded, Requested,
    Run, RunKind, Times, Timestamp, Usage, Workspace, WorkspaceMode,
};
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{Outcome, RunState};
use crate::domain::task::{Effort, ModelName, Sandbox};

pub(super) const NOW: i64 = 1_795_000_000_000;

pub(super) const ROOMY: QueueBounds = QueueBounds {
    running: 100_000,
    queued: 100_000,
};

pub(super) fn options() -> OpenOptions {
    OpenOptions {
        busy_timeout: Duration::from_secs(5),
        clock: || Timestamp(NOW),
    }
}

pub(super) fn open(dir: &std::path::Path) -> Store {
    Store::open(dir, options()).unwrap()
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

pub(super) fn scrubbed(text: &str) -> Scrubbed {
    Scrubbed::from_store(text.to_owned())
}

pub(super) fn clip(text: &str) -> Clip {
    Clip::cut_before(scrubbed(text), 0)
}

pub(super) fn id(n: u64) -> RunId {
    RunId::new(Persistence::Stored, NOW.unsigned_abs() + n, n)
}

pub(super) fn run(n: u64) -> Run {
    Run {
        id: id(n),
        kind: RunKind::Task,
        state: RunState::Queued,
        title: scrubbed(&format!("task {n}")),
        prompt: scrubbed("Do it."),
        caller: Caller {
            client: scrubbed("claude-code"),
            version: None,
            session: None,
        },
        request_id: None,
        workspace: Workspace {
            mode: WorkspaceMode::InPlace,
            folder: scrubbed("/w/repo"),
            path: scrubbed("/w/repo"),
            base_commit: None,
            fell_back: None,
            carried: false,
            fate: None,
        },
        requested: Requested {
            sandbox: Sandbox::ReadOnly,
            network: false,
            web_search: false,
            model: None,
            effort: None,
            timeout: Duration::from_secs(3600),
            persist: true,
            images: 0,
            output_schema: false,
        },
        applied: Applied::default(),
        continues: None,
        thread: None,
        codex: None,
        driver: None,
        question: None,
        times: Times {
            created: Timestamp(NOW),
            started: None,
            ended: None,
        },
        activity: None,
        message: None,
        usage: None,
        changes: None,
        review: None,
        failure: None,
        exit: None,
        recorded: Recorded::default(),
    }
}

pub(super) fn full_run(n: u64) -> Run {
    Run {
        kind: RunKind::Continue,
        state: RunState::Ended(Outcome::Failed(ErrorCode::Crashed)),
        caller: Caller {
            client: scrubbed("claude-code"),
            version: Some(scrubbed("2.1")),
            session: Some(scrubbed("s-1")),
        },
        request_id: Some(RequestId::parse(&format!("req-{n}")).unwrap()),
        workspace: Workspace {
            mode: WorkspaceMode::Worktree,
            folder: scrubbed("/w/repo"),
            path: scrubbed("/state/worktrees/1"),
            base_commit: Some(scrubbed("abc")),
            fell_back: Some(scrubbed("no git")),
            carried: true,
            fate: Some(Fate::Branched {
                branch: scrubbed("codex/cart"),
            }),
        },
        requested: Requested {
            sandbox: Sandbox::WorkspaceWrite,
            network: true,
            web_search: true,
            model: Some(ModelName::parse("gpt-6").unwrap()),
            effort: Some(Effort::parse("high").unwrap()),
            timeout: Duration::from_millis(1500),
            persist: true,
            images: 2,
            output_schema: true,
        },
        applied: Applied {
            model: Some(scrubbed("gpt-6")),
            effort: Some(scrubbed("high")),
            sandbox: Some(scrubbed("workspace-write")),
            network: Some(false),
            folder: Some(scrubbed("/w/repo")),
        },
        continues: Some(id(n + 1000)),
        thread: Some(ThreadId::parse("01a20356-e3eb-7f92-962b-08a749c63f25").unwrap()),
        codex: Some(CodexIdentity {
            path: scrubbed("/bin/codex"),
            version: scrubbed("0.169.0"),
        }),
        driver: Some(Driver::AppServer),
        question: Some(Question {
            number: 1,
            kind: QuestionKind::Command,
            subject: scrubbed("touch ../out"),
            folder: Some(scrubbed("/w/repo")),
            reason: Some(scrubbed("it has to")),
            sandbox: Sandbox::WorkspaceWrite,
            asked: Timestamp(5),
            expires: Timestamp(605),
        }),
        times: Times {
            created: Timestamp(NOW),
            started: Some(Timestamp(NOW + 1)),
            ended: Some(Timestamp(NOW + 2)),
        },
        message: Some(Message {
            text: scrubbed("Done: “it”."),
            left_out: 7,
        }),
        usage: Some(Usage {
            input: 1,
            cached_input: 2,
            output: 3,
            reasoning: 4,
        }),
        changes: Some(Changes::Known(ChangeSummary {
            hash: ObjectId::parse(&"5e".repeat(20)).unwrap(),
            after: ObjectId::parse(&"a7".repeat(20)).unwrap(),
            files: 2,
            lines: LineCount {
                added: 3,
                removed: 1,
            },
            first: vec![FileSummary {
                path: scrubbed("src/a.rs"),
                change: scrubbed("modified"),
                lines: Some(LineCount {
                    added: 3,
                    removed: 1,
                }),
            }],
            left_out: 1,
            dirty_before: 0,
        })),
        review: Some(review()),
        failure: Some(failure()),
        exit: Some(Exit::Signal(11)),
        recorded: Recorded {
            events: 0,
            bytes: 0,
            left_out: 3,
        },
        ..run(n)
    }
}

pub(super) fn review() -> Review {
    let at = |file: &str, check| Place {
        file: scrubbed(file),
        lines: Lines::new(2, 3),
        check,
    };
    let finding = |place| Finding {
        title: scrubbed("Off by one"),
        body: scrubbed("It reads past the end."),
        severity: Severity::High,
        confidence: Confidence::new(0.9),
        place,
        suggested_fix: Some(scrubbed("i < n")),
        reports: 2,
    };
    let changed = true;
    Review {
        subject: Subject {
            what: scrubbed("the changes since main"),
            before: ObjectId::parse(&"ab".repeat(20)),
            after: None,
        },
        verdict: Verdict {
            word: VerdictWord::NeedsWork,
            explanation: scrubbed("One bug."),
            confidence: Confidence::new(0.75),
        },
        findings: vec![
            finding(at("a.rs", PlaceCheck::Verified { changed })),
            finding(at(
                "b.rs",
                PlaceCheck::Moved {
                    said: Lines::new(7, 9).unwrap(),
                    changed,
                },
            )),
            finding(at(
                "c.rs",
                PlaceCheck::Unverified {
                    why: scrubbed("it does not exist"),
                },
            )),
        ],
        findings_left_out: 1,
        coverage: Coverage {
            files: 3,
            parts: vec![Part {
                files: vec![scrubbed("a.rs")],
                result: PartResult::Reviewed,
            }],
            uncovered: vec![Uncovered {
                file: scrubbed("x.png"),
                why: UncoveredWhy::Binary,
            }],
            uncovered_left_out: 1,
        },
    }
}

pub(super) fn failure() -> Failure {
    Failure {
        code: ErrorCode::Crashed,
        message: scrubbed("Codex crashed."),
        hint: scrubbed("Try again."),
    }
}

/// What ends a run well.
pub(super) fn ending() -> Progress {
    Progress {
        state: Some(RunState::Ended(Outcome::Succeeded)),
        ended: Some(Timestamp(NOW + 10)),
        message: Some(Message {
            text: scrubbed("All done."),
            left_out: 0,
        }),
        ..Progress::default()
    }
}

pub(super) fn message(text: &str) -> (Timestamp, EventBody) {
    (Timestamp(NOW), EventBody::Message { text: clip(text) })
}

pub(super) fn every_event() -> Vec<EventBody> {
    let cut = || Clip::new(scrubbed("long “text”\n"), 6);
    let phase = Phase::Updated;
    vec![
        EventBody::State(RunState::Ended(Outcome::Failed(ErrorCode::Lost))),
        EventBody::ThreadStarted {
            thread: scrubbed("t"),
        },
        EventBody::TurnStarted,
        EventBody::TurnCompleted {
            usage: Usage {
                input: 1,
                cached_input: 2,
                output: 3,
                reasoning: 4,
            },
        },
        EventBody::TurnFailed { message: cut() },
        EventBody::Message { text: clip("") },
        EventBody::Reasoning { text: cut() },
        EventBody::Command(CommandEvent {
            item: scrubbed("i"),
            phase: Phase::Started,
            command: clip("ls"),
            output: cut(),
            exit_code: Some(-1),
            status: None,
        }),
        EventBody::FileChange {
            item: scrubbed("i"),
            phase: Phase::Completed,
            status: Some(scrubbed("ok")),
            changes: vec![FileChange {
                path: scrubbed("/a"),
                kind: scrubbed("add"),
            }],
        },
        EventBody::Plan {
            steps: vec![PlanStep {
                text: scrubbed("think"),
                done: true,
            }],
        },
        EventBody::WebSearch {
            phase,
            query: clip("q"),
        },
        EventBody::ToolCall {
            phase,
            server: scrubbed("s"),
            tool: scrubbed("t"),
            status: None,
        },
        EventBody::Warning { text: cut() },
        EventBody::Notice {
            about: Notice::LeftBehind,
            text: clip("n"),
        },
        EventBody::Noise { text: clip("\0") },
        EventBody::Stderr { text: cut() },
        EventBody::Unknown {
            kind: scrubbed("dream"),
            raw: clip("{}"),
        },
    ]
}
