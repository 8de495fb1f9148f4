//! A run and events for tests, with every field set.

use std::time::Duration;

use crate::domain::bounds::Clip;
use crate::domain::changes::{ChangeSummary, Changes, FileSummary, LineCount, ObjectId};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::event::{CommandEvent, Event, EventBody, FileChange, Notice, Phase, PlanStep};
use crate::domain::id::{RequestId, RunId, ThreadId};
use crate::domain::models::Model;
use crate::domain::quota::{Quota, Window};
use crate::domain::review::{
    Confidence, Coverage, Finding, Lines, Part, PartResult, Place, PlaceCheck, Review, Severity,
    Subject, Uncovered, UncoveredWhy, Verdict, VerdictWord,
};
use crate::domain::run::{
    Applied, Caller, CodexIdentity, Driver, Exit, Message, Recorded, Requested, Run, RunKind,
    Times, Timestamp, Usage, Workspace, WorkspaceMode,
};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::state::{Canceller, Outcome, RunState};
use crate::domain::task::{Effort, ModelName, Sandbox};
use crate::use_cases::doctor::{self, Action, CodexFound, Level, Mends, Report};

pub(crate) const ID: &str = "run_01k9x2m4q7abcdefgh";
pub(crate) const NOW: Timestamp = Timestamp(1_795_000_010_000);

pub(crate) fn scrubbed(text: &str) -> Scrubbed {
    Scrubber::builtin().scrub(text)
}

fn clip(text: &str) -> Clip {
    Clip::cut_before(scrubbed(text), 0)
}

/// A run that somebody cancelled after it had said something.
pub(crate) fn run() -> Run {
    Run {
        id: RunId::parse(ID).unwrap(),
        kind: RunKind::Continue,
        state: RunState::Ended(Outcome::Cancelled(Canceller::Client)),
        title: scrubbed("Mend the cart"),
        prompt: scrubbed("Make the test pass."),
        caller: Caller {
            client: scrubbed("claude-ai"),
            version: Some(scrubbed("0.1.0")),
            session: Some(scrubbed("s-1")),
        },
        request_id: Some(RequestId::parse("r-1").unwrap()),
        workspace: Workspace {
            mode: WorkspaceMode::InPlace,
            folder: scrubbed("/w/shop"),
            path: scrubbed("/w/shop"),
            base_commit: Some(scrubbed("abc123")),
            fell_back: Some(scrubbed("not a git repository")),
            carried: false,
            fate: None,
        },
        requested: Requested {
            sandbox: Sandbox::WorkspaceWrite,
            network: false,
            web_search: true,
            model: Some(ModelName::parse("gpt-6-sol").unwrap()),
            effort: Some(Effort::parse("high").unwrap()),
            timeout: Duration::from_secs(600),
            persist: true,
            images: 1,
            output_schema: false,
        },
        applied: Applied {
            model: Some(scrubbed("gpt-6-sol")),
            effort: Some(scrubbed("high")),
            sandbox: Some(scrubbed("workspace-write")),
            network: Some(false),
            folder: Some(scrubbed("/w/shop")),
        },
        continues: Some(RunId::parse("run_01k9x2m4q7abcdefgg").unwrap()),
        thread: Some(ThreadId::parse("01a20356-e3eb-7f92-962b-08a749c63f25").unwrap()),
        codex: Some(CodexIdentity {
            path: scrubbed("/usr/bin/codex"),
            version: scrubbed("0.169.0"),
        }),
        driver: Some(Driver::AppServer),
        question: None,
        times: Times {
            created: Timestamp(1_795_000_000_000),
            started: Some(Timestamp(1_795_000_001_000)),
            ended: Some(Timestamp(1_795_000_003_500)),
        },
        activity: Some(scrubbed("ran cargo test")),
        message: Some(Message {
            text: scrubbed("Three **tests** fail."),
            left_out: 7,
        }),
        usage: Some(Usage {
            input: 10,
            cached_input: 4,
            output: 5,
            reasoning: 2,
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
                path: scrubbed("src/cart.rs"),
                change: scrubbed("modified"),
                lines: Some(LineCount {
                    added: 3,
                    removed: 1,
                }),
            }],
            left_out: 1,
            dirty_before: 0,
        })),
        review: None,
        failure: Some(Failure {
            code: ErrorCode::Cancelled,
            message: scrubbed("the run was cancelled"),
            hint: scrubbed("Start a new run."),
        }),
        exit: Some(Exit::Signal(15)),
        recorded: Recorded {
            events: 12,
            bytes: 3456,
            left_out: 1,
        },
    }
}

/// A run of which nothing is known but what was asked.
pub(crate) fn queued_run() -> Run {
    Run {
        kind: RunKind::Task,
        state: RunState::Queued,
        request_id: None,
        workspace: Workspace {
            base_commit: None,
            fell_back: None,
            ..run().workspace
        },
        applied: Applied::default(),
        continues: None,
        thread: None,
        codex: None,
        driver: None,
        question: None,
        times: Times {
            started: None,
            ended: None,
            ..run().times
        },
        activity: None,
        message: None,
        usage: None,
        changes: None,
        review: None,
        failure: None,
        exit: None,
        recorded: Recorded::default(),
        ..run()
    }
}

pub(crate) fn event(seq: u64, body: EventBody) -> Event {
    Event {
        seq,
        at: Timestamp(1_795_000_002_000),
        body,
    }
}

/// One event of each kind.
pub(crate) fn events() -> Vec<Event> {
    let item = || scrubbed("item_1");
    let bodies = [
        EventBody::State(RunState::Running),
        EventBody::ThreadStarted {
            thread: scrubbed("01a20356"),
        },
        EventBody::TurnStarted,
        EventBody::TurnCompleted {
            usage: Usage::default(),
        },
        EventBody::TurnFailed {
            message: clip("no more"),
        },
        EventBody::Message {
            text: Clip::cut_before(scrubbed("Done"), 96),
        },
        EventBody::Reasoning {
            text: clip("Thinking"),
        },
        EventBody::Command(CommandEvent {
            item: item(),
            phase: Phase::Completed,
            command: clip("cargo test"),
            output: Clip::cut_before(scrubbed("ok"), 9),
            exit_code: Some(101),
            status: Some(scrubbed("failed")),
        }),
        EventBody::FileChange {
            item: item(),
            phase: Phase::Started,
            status: None,
            changes: vec![FileChange {
                path: scrubbed("src/cart.rs"),
                kind: scrubbed("update"),
            }],
        },
        EventBody::Plan {
            steps: vec![PlanStep {
                text: scrubbed("Read"),
                done: true,
            }],
        },
        EventBody::WebSearch {
            phase: Phase::Updated,
            query: clip("rust carts"),
        },
        EventBody::ToolCall {
            phase: Phase::Completed,
            server: scrubbed("github"),
            tool: scrubbed("search"),
            status: Some(scrubbed("completed")),
        },
        EventBody::Warning {
            text: clip("careful"),
        },
        EventBody::Notice {
            about: Notice::Cut,
            text: clip("cut"),
        },
        EventBody::Noise { text: clip("??") },
        EventBody::Stderr { text: clip("warn") },
        EventBody::Unknown {
            kind: scrubbed("item.new"),
            raw: clip("{}"),
        },
    ];
    (1..)
        .zip(bodies)
        .map(|(seq, body)| event(seq, body))
        .collect()
}

/// A run that reviewed something.
pub(crate) fn reviewing_run() -> Run {
    Run {
        kind: RunKind::Review,
        review: Some(review()),
        ..run()
    }
}

/// A review with a finding of each kind of place.
pub(crate) fn review() -> Review {
    let at = |file: &str, check| Place {
        file: scrubbed(file),
        lines: Lines::new(12, 14),
        check,
    };
    let finding = |title: &str, severity, place| Finding {
        title: scrubbed(title),
        body: scrubbed("With an empty list it reads past the end."),
        severity,
        confidence: Confidence::new(0.9),
        place,
        suggested_fix: None,
        reports: 1,
    };
    let changed = true;
    Review {
        subject: Subject {
            what: scrubbed("the uncommitted changes"),
            before: ObjectId::parse(&"ab".repeat(20)),
            after: None,
        },
        verdict: Verdict {
            word: VerdictWord::NeedsWork,
            explanation: scrubbed("One bug."),
            confidence: Confidence::new(0.75),
        },
        findings: vec![
            Finding {
                suggested_fix: Some(scrubbed("for i in 0..n")),
                reports: 2,
                ..finding(
                    "Loop reads past the end",
                    Severity::High,
                    at("src/cart.rs", PlaceCheck::Verified { changed }),
                )
            },
            finding(
                "Total is never reset",
                Severity::Low,
                at(
                    "src/total.rs",
                    PlaceCheck::Moved {
                        said: Lines::new(90, 91).unwrap(),
                        changed: false,
                    },
                ),
            ),
            Finding {
                confidence: None,
                ..finding(
                    "Test is missing",
                    Severity::Unrated,
                    at(
                        "tests/none.rs",
                        PlaceCheck::Unverified {
                            why: scrubbed("there is no such file"),
                        },
                    ),
                )
            },
        ],
        findings_left_out: 0,
        coverage: Coverage {
            files: 3,
            parts: vec![Part {
                files: vec![scrubbed("src/cart.rs"), scrubbed("src/total.rs")],
                result: PartResult::Reviewed,
            }],
            uncovered: vec![Uncovered {
                file: scrubbed("logo.png"),
                why: UncoveredWhy::Binary,
            }],
            uncovered_left_out: 0,
        },
    }
}

/// A report with a good look and a bad one.
pub(crate) fn report() -> Report {
    Report {
        bridge_version: "0.1.0",
        codex: Some(CodexFound {
            path: scrubbed("/usr/bin/codex"),
            origin: scrubbed("PATH"),
            version: scrubbed("0.169.0"),
            login: scrubbed("a login file is there"),
            lacks: vec![scrubbed("It can't steer.")],
            models: vec![Model {
                name: ModelName::parse("gpt-6-sol").unwrap(),
                about: Some(scrubbed("For most work.")),
                efforts: vec![
                    Effort::parse("low").unwrap(),
                    Effort::parse("high").unwrap(),
                ],
                default_effort: Some(Effort::parse("low").unwrap()),
                is_listed: true,
            }],
        }),
        roots: vec![scrubbed("/w")],
        quota: Some(Quota {
            at: NOW,
            windows: vec![Window {
                used_percent: 88,
                length: Some(Duration::from_secs(18_000)),
                resets: Some(NOW),
            }],
            refused: false,
        }),
        running: 1,
        queued: 0,
        findings: vec![
            doctor::Finding {
                id: "codex",
                about: "codex",
                level: Level::Ok,
                what: Scrubbed::literal("Codex 0.169.0 works."),
                why: None,
                remedy: None,
                action: None,
            },
            doctor::Finding {
                id: "root_missing",
                about: "roots",
                level: Level::Fault,
                what: scrubbed("/w is gone."),
                why: Some("No run is admitted in it."),
                remedy: Some(scrubbed("Choose another folder.")),
                action: Some(Action {
                    key: scrubbed("remove_root:/w"),
                    label: scrubbed("Take it off the list"),
                    command: Some(scrubbed("codex-bridge-mcp roots remove '/w'")),
                    mends: Mends::Asked,
                    fix: None,
                }),
            },
        ],
    }
}
