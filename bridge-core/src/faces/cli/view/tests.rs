//! Views of runs, as text.

use jiff::tz::TimeZone;

use super::command::without_shell;
use super::{Answer, Fold, View, bytes, grouped};
use crate::domain::bounds::Clip;
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::event::{EventBody, FileChange, Notice, Phase, PlanStep};
use crate::domain::run::{Message, Run, Usage};
use crate::domain::state::{Canceller, Outcome, RunState, StopReason};
use crate::faces::cli::look::Look;
use crate::faces::cli::tests::{NOON, after, clip, command, event, run, scrubbed};
use crate::faces::cli::time::Clock;

/// The whole view of a run with these events.
fn shown(run: &Run, width: usize, events: Vec<(i64, EventBody)>) -> String {
    let mut view = View::new(Look::plain(width), Fold::Long, run);
    let mut lines = Vec::new();
    for (ms, body) in events {
        lines.extend(view.event(&event(ms, body)));
    }
    lines.extend(view.end(run, Answer::Shown));
    lines.join("\n")
}

fn ended(outcome: Outcome, ms: i64) -> Run {
    let mut run = run(RunState::Ended(outcome));
    run.times.ended = Some(after(ms));
    run
}

fn said(text: &str) -> EventBody {
    EventBody::Message { text: clip(text) }
}

#[test]
fn a_run_that_goes_well_reads_from_top_to_bottom() {
    let mut run = ended(Outcome::Succeeded, 9_200);
    run.message = Some(Message {
        text: scrubbed("The parser is a state machine."),
        left_out: 0,
    });
    run.usage = Some(Usage {
        input: 1_234_567,
        cached_input: 1_000,
        output: 34,
        reasoning: 12,
    });
    run.applied.model = Some(scrubbed("gpt-6-sol"));
    let line = "/bin/bash -lc 'wc -l src/*.rs'";
    let events = vec![
        (0, EventBody::State(RunState::Queued)),
        (200, EventBody::State(RunState::Running)),
        (1_000, said("I'll count the lines.")),
        (2_000, command("a", Phase::Started, line, "")),
        (
            2_500,
            command("a", Phase::Completed, line, " 10 src/a.rs\n 20 src/b.rs\n"),
        ),
        (9_000, said("The parser is a state machine.")),
        (
            9_100,
            EventBody::TurnCompleted {
                usage: Usage::default(),
            },
        ),
        (9_200, EventBody::State(run.state)),
    ];
    assert_eq!(
        shown(&run, 70, events),
        "  0:00  · waits for its turn
  0:00  · Codex works
  0:01  ● I'll count the lines.
  0:02  $ wc -l src/*.rs
        │  10 src/a.rs
        │  20 src/b.rs
        └ exit 0 · 0.5 s
  0:09  ✔ succeeded after 9.0 s
          gpt-6-sol · 1,234,567 tokens in (1,000 cached), 34 out (12
          to think)

The parser is a state machine."
    );
}

#[test]
fn long_output_is_folded_and_what_was_cut_says_so() {
    let run = ended(Outcome::Succeeded, 3_000);
    let output: String = (1..=40).map(|n| format!("line {n}\n")).collect();
    let mut body = command("a", Phase::Completed, "seq 40", &output);
    if let EventBody::Command(command) = &mut body {
        command.exit_code = Some(2);
        command.output = Clip::cut_before(scrubbed(&output), 5_000);
    }
    assert_eq!(
        shown(&run, 60, vec![(1_000, body)]),
        "  0:01  $ seq 40
        │ line 1
        │ line 2
        │ line 3
        │ line 4
        │ … 30 more lines
        │ line 35
        │ line 36
        │ line 37
        │ line 38
        │ line 39
        │ line 40
        ✂ 5 KiB more were not kept
        └ exit 2 · 0.0 s
  0:03  ✔ succeeded after 2.8 s"
    );
}

#[test]
fn commands_side_by_side_keep_their_output() {
    let run = ended(Outcome::Cancelled(Canceller::Person), 5_000);
    let stopping = RunState::Stopping(StopReason::Cancelled(Canceller::Person));
    let events = vec![
        (1_000, command("a", Phase::Started, "make a", "")),
        (1_100, command("b", Phase::Started, "make b", "")),
        (2_000, command("a", Phase::Completed, "make a", "done a")),
        (3_000, command("b", Phase::Completed, "make b", "")),
        (4_000, EventBody::State(stopping)),
    ];
    assert_eq!(
        shown(&run, 60, events),
        "  0:01  $ make a
  0:01  $ make b
  0:02  $ make a
        │ done a
        └ exit 0 · 1.0 s
  0:03  $ make b
        └ exit 0 · 1.9 s
  0:04  · is being stopped: cancelled by you
  0:05  ■ cancelled by you after 4.8 s"
    );
}

#[test]
fn a_failure_names_its_way_out() {
    let mut run = ended(Outcome::Failed(ErrorCode::UsageLimit), 61_000);
    run.failure = Some(Failure {
        code: ErrorCode::UsageLimit,
        message: scrubbed("You have reached your usage limit; it resets at 14:00."),
        hint: scrubbed("Wait until then, or use another account."),
    });
    run.recorded.left_out = 1_200;
    let events = vec![(
        60_000,
        EventBody::Warning {
            text: clip("Reconnecting… 1/5"),
        },
    )];
    assert_eq!(
        shown(&run, 60, events),
        "  1:00  ! Reconnecting… 1/5
  1:01  ✖ failed after 1 min
          You have reached your usage limit; it resets at
          14:00. (usage_limit)
          → Wait until then, or use another account.
        ✂ 1,200 events were not kept, for want of room"
    );
}

#[test]
fn a_plan_is_shown_once_and_then_what_got_done() {
    let run = run(RunState::Running);
    let step = |text, done| PlanStep {
        text: scrubbed(text),
        done,
    };
    let plan = |first, second| EventBody::Plan {
        steps: vec![step("read", first), step("write", second)],
    };
    let events = vec![
        (1_000, plan(false, false)),
        (2_000, plan(false, false)),
        (3_000, plan(true, false)),
        (4_000, plan(true, true)),
    ];
    assert_eq!(
        shown(&run, 60, events),
        "  0:01  ☐ read
  0:01  ☐ write
  0:03  ☑ read (1 of 2)
  0:04  ☑ write (2 of 2)"
    );
}

#[test]
fn everything_else_has_a_line_of_its_own() {
    let run = run(RunState::Running);
    let change = |path, kind| FileChange {
        path: scrubbed(path),
        kind: scrubbed(kind),
    };
    let events = vec![
        (
            1_000,
            EventBody::FileChange {
                item: scrubbed("i"),
                phase: Phase::Completed,
                status: Some(scrubbed("completed")),
                changes: vec![
                    change("src/a.rs", "update"),
                    change("b", "add"),
                    change("c", "delete"),
                ],
            },
        ),
        (
            2_000,
            EventBody::WebSearch {
                phase: Phase::Completed,
                query: clip("rust\nwidth"),
            },
        ),
        (
            3_000,
            EventBody::ToolCall {
                phase: Phase::Completed,
                server: scrubbed("docs"),
                tool: scrubbed("find"),
                status: Some(scrubbed("completed")),
            },
        ),
        (
            4_000,
            EventBody::Notice {
                about: Notice::Cut,
                text: clip("a line of 9 MiB was cut"),
            },
        ),
        (
            5_000,
            EventBody::Unknown {
                kind: scrubbed("item.hologram"),
                raw: clip("{}"),
            },
        ),
        (
            6_000,
            EventBody::Stderr {
                text: clip("1\n2\n3\n4\n5\n6\n7"),
            },
        ),
    ];
    assert_eq!(
        shown(&run, 70, events),
        "  0:01  ± src/a.rs
  0:01  + b
  0:01  - c
  0:02  ⌕ searched the web: rust width
  0:03  ⚒ tool docs.find completed
  0:04  ✂ a line of 9 MiB was cut
  0:05  ? an event of a kind that the bridge does not know:
          item.hologram
  0:06  · 1
          2
          3
          4
          … 3 more lines"
    );
}

#[test]
fn nothing_of_codex_reaches_the_terminal_as_a_control_sequence() {
    let run = run(RunState::Running);
    let text = "\x1b]0;owned\x07\x1b[2J\u{9b}2Jhello";
    let events = vec![
        (1_000, command("a", Phase::Completed, text, text)),
        (2_000, said(text)),
        (3_000, EventBody::Warning { text: clip(text) }),
    ];
    let view = shown(&run, 60, events);
    assert!(
        !view.chars().any(|c| c.is_control() && c != '\n'),
        "{view:?}"
    );
    assert!(view.contains("hello"));
}

#[test]
fn a_narrow_window_has_no_times() {
    let run = run(RunState::Running);
    let events = vec![(1_000, said("one two three four five six seven eight"))];
    assert_eq!(
        shown(&run, 24, events),
        "● one two three four\n  five six seven eight"
    );
}

#[test]
fn the_heading_says_what_who_and_with_which_rights() {
    let mut run = run(RunState::Running);
    run.requested.network = true;
    let clock = Clock::fixed(NOON, TimeZone::UTC);
    let view = View::new(Look::plain(80), Fold::Long, &run);
    assert_eq!(
        view.heading(&run, &clock).join("\n"),
        "Explain the parser                                        run_01jd2m8k3q5v7w9x0y
  /home/me/code/app · read-only · network
  2026-11-22 12:00:00 UTC · task · by claude-code 2.1 · Codex 0.169.0
"
    );
    assert!(view.prompt(&run).is_empty());
}

#[test]
fn the_status_line_fits_the_window() {
    let mut run = run(RunState::Running);
    run.activity = Some(scrubbed("cargo test --workspace --all-features"));
    for width in [10, 30, 50, 80] {
        let view = View::new(Look::plain(width), Fold::Long, &run);
        let line = view.status(&run, after(65_000), 0, "Ctrl-C cancels");
        assert!(
            crate::faces::cli::text::width(&line) < width.max(17),
            "{line}"
        );
    }
    let view = View::new(Look::plain(60), Fold::Long, &run);
    assert_eq!(
        view.status(&run, after(65_000), 0, "Ctrl-C cancels"),
        "⠋ runs 1:05 · cargo test --workspace --al… · Ctrl-C cancels"
    );
}

#[test]
fn the_command_is_shown_without_the_shell_around_it() {
    let check = |line: &str, expected: &str| assert_eq!(without_shell(line), expected);
    check("/bin/bash -lc 'cargo test'", "cargo test");
    check("bash -lc ls", "ls");
    check(r#"/usr/bin/zsh -lc "echo \"a b\" $X""#, r#"echo "a b" $X"#);
    check("bash -lc 'a'\"'\"'b'", "a'b");
    check("bash -lc 'a' b", "bash -lc 'a' b");
    check("cargo test", "cargo test");
    check("ls", "ls");
}

#[test]
fn sizes_and_counts_are_said_as_people_say_them() {
    assert_eq!(bytes(999), "999 bytes");
    assert_eq!(bytes(1_500), "2 KiB");
    assert_eq!(bytes(3 * 1024 * 1024), "3.0 MiB");
    assert_eq!(grouped(1_234_567), "1,234,567");
    assert_eq!(grouped(12), "12");
}
