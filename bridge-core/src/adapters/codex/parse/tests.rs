use super::*;
use crate::domain::event::{CommandEvent, FileChange, Phase, PlanStep};

fn parser() -> Parser {
    let folder = PathBuf::from("/home/me/projects/a");
    Parser::new(Scrubber::builtin(), RunBounds::DEFAULT, folder)
}

fn scrubbed(text: &str) -> Scrubbed {
    Scrubber::builtin().scrub(text)
}

fn clip(text: &str) -> Clip {
    Clip::new(scrubbed(text), usize::MAX)
}

fn check_event(line: &str, expected: EventBody, activity: Option<&str>) {
    let seen = parser().line(line);
    assert_eq!(seen.event, Some(expected), "{line}");
    assert_eq!(
        seen.activity.as_ref().map(Scrubbed::as_str),
        activity,
        "{line}"
    );
}

#[test]
fn a_thread_and_its_turn_are_reported() {
    let id = "01a20356-e3eb-7f92-962b-08a749c63f25";
    let seen = parser().line(&format!(
        r#"{{"type":"thread.started","thread_id":"{id}"}}"#
    ));
    assert_eq!(
        seen,
        Seen {
            event: Some(EventBody::ThreadStarted {
                thread: scrubbed(id)
            }),
            news: Some(News::ThreadStarted(ThreadId::parse(id).unwrap())),
            activity: None,
            progress: true,
        }
    );
    let line = r#"{"type":"turn.started"}"#;
    check_event(line, EventBody::TurnStarted, Some("thinking"));
}

#[test]
fn usage_is_read_in_the_form_of_every_version() {
    let check = |usage: &str, expected: Usage| {
        let seen = parser().line(&format!(r#"{{"type":"turn.completed"{usage}}}"#));
        assert_eq!(seen.news, Some(News::TurnCompleted(expected)));
        assert_eq!(
            seen.event,
            Some(EventBody::TurnCompleted { usage: expected })
        );
    };
    let old = Usage {
        input: 1200,
        cached_input: 1000,
        output: 34,
        reasoning: 0,
    };
    check(
        r#","usage":{"input_tokens":1200,"cached_input_tokens":1000,"output_tokens":34}"#,
        old,
    );
    check(
        r#","usage":{"input_tokens":1200,"cached_input_tokens":1000,"cache_write_input_tokens":0,"output_tokens":34,"reasoning_output_tokens":12}"#,
        Usage {
            reasoning: 12,
            ..old
        },
    );
    check("", Usage::default());
    check(r#","usage":null"#, Usage::default());
    check(
        r#","usage":{"input_tokens":"many","output_tokens":34}"#,
        Usage {
            output: 34,
            ..Usage::default()
        },
    );
}

#[test]
fn the_last_message_is_the_result() {
    let line = r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"hé\nllo"}}"#;
    let text = clip("hé\nllo");
    check_event(line, EventBody::Message { text }, Some("answering"));
    let message = Message {
        text: scrubbed("hé\nllo"),
        left_out: 0,
    };
    assert_eq!(parser().line(line).news, Some(News::FinalMessage(message)));
}

#[test]
fn long_text_is_bounded_and_says_so() {
    let mut parser = parser();
    parser.bounds.event_text = 4;
    parser.bounds.message = 10;
    let line = |text: &str| {
        format!(r#"{{"type":"item.completed","item":{{"type":"agent_message","text":"{text}"}}}}"#)
    };
    let seen = parser.line(&line("0123456789abc"));
    let Some(EventBody::Message { text }) = seen.event else {
        panic!("no message");
    };
    assert_eq!((text.text().as_str(), text.left_out()), ("0123", 9));
    let Some(News::FinalMessage(message)) = seen.news else {
        panic!("no news");
    };
    assert_eq!((message.text.as_str(), message.left_out), ("0123456789", 3));
}

#[test]
fn a_command_is_reported_as_it_goes() {
    let started = r#"{"type":"item.started","item":{"id":"item_0","type":"command_execution","command":"/bin/bash -lc 'cargo test'","aggregated_output":"","exit_code":null,"status":"in_progress"}}"#;
    let command = CommandEvent {
        item: scrubbed("item_0"),
        phase: Phase::Started,
        command: clip("/bin/bash -lc 'cargo test'"),
        output: clip(""),
        exit_code: None,
        status: Some(scrubbed("in_progress")),
    };
    let event = EventBody::Command(command.clone());
    check_event(started, event, Some("running cargo test"));
    let completed = r#"{"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"/bin/bash -lc 'cargo test'","aggregated_output":"err\nout\n","exit_code":3,"status":"failed"}}"#;
    let event = EventBody::Command(CommandEvent {
        phase: Phase::Completed,
        output: clip("err\nout\n"),
        exit_code: Some(3),
        status: Some(scrubbed("failed")),
        ..command
    });
    check_event(completed, event, Some("thinking"));
}

#[test]
fn each_kind_of_item_has_its_event() {
    check_event(
        r#"{"type":"item.completed","item":{"id":"item_0","type":"reasoning","text":"**Looking**\n\nI look."}}"#,
        EventBody::Reasoning {
            text: clip("**Looking**\n\nI look."),
        },
        Some("thinking: Looking"),
    );
    check_event(
        r#"{"type":"item.started","item":{"id":"item_0","type":"file_change","changes":[{"path":"/home/me/projects/a/src/lib.rs","kind":"add"},{"path":"b"}],"status":"in_progress"}}"#,
        EventBody::FileChange {
            item: scrubbed("item_0"),
            phase: Phase::Started,
            status: Some(scrubbed("in_progress")),
            changes: vec![
                FileChange {
                    path: scrubbed("/home/me/projects/a/src/lib.rs"),
                    kind: scrubbed("add"),
                },
                FileChange {
                    path: scrubbed("b"),
                    kind: scrubbed(""),
                },
            ],
        },
        Some("editing src/lib.rs and another file"),
    );
    check_event(
        r#"{"type":"item.started","item":{"id":"item_0","type":"todo_list","items":[{"text":"look","completed":true},{"text":"test","completed":false}]}}"#,
        EventBody::Plan {
            steps: vec![
                PlanStep {
                    text: scrubbed("look"),
                    done: true,
                },
                PlanStep {
                    text: scrubbed("test"),
                    done: false,
                },
            ],
        },
        Some("planning: test"),
    );
    check_event(
        r#"{"type":"item.started","item":{"id":"item_0","type":"web_search","id":"ws_61","query":"mock query","action":{"type":"search","query":"mock query"}}}"#,
        EventBody::WebSearch {
            phase: Phase::Started,
            query: clip("mock query"),
        },
        Some("searching the web for mock query"),
    );
    check_event(
        r#"{"type":"item.completed","item":{"id":"item_0","type":"mcp_tool_call","server":"docs","tool":"find","arguments":{"q":1},"result":null,"error":null,"status":"completed"}}"#,
        EventBody::ToolCall {
            phase: Phase::Completed,
            server: scrubbed("docs"),
            tool: scrubbed("find"),
            status: Some(scrubbed("completed")),
        },
        Some("calling docs.find"),
    );
    check_event(
        r#"{"type":"item.completed","item":{"id":"item_0","type":"error","message":"Model metadata for `x` not found."}}"#,
        EventBody::Warning {
            text: clip("Model metadata for `x` not found."),
        },
        None,
    );
}

#[test]
fn what_is_not_known_is_kept() {
    for (line, kind) in [
        (r#"{"type":"turn.paused","why":1}"#, "turn.paused"),
        (
            r#"{"type":"item.plan.delta","delta":"x"}"#,
            "item.plan.delta",
        ),
        (
            r#"{"type":"item.completed","item":{"type":"hologram"}}"#,
            "hologram",
        ),
        (r#"{"type":"item.completed","item":3}"#, "item.completed"),
        (r#"{"kind":"turn.started"}"#, ""),
        (r#"{"type":["turn.started"]}"#, ""),
    ] {
        let event = EventBody::Unknown {
            kind: scrubbed(kind),
            raw: clip(line),
        };
        check_event(line, event, None);
    }
}

#[test]
fn what_is_no_event_is_noise() {
    for line in [
        "Reading prompt from stdin...",
        "3",
        "[]",
        r#"{"type":"turn.started""#,
        r#"{"type":"turn.started"} {"#,
    ] {
        let text = clip(line);
        check_event(line, EventBody::Noise { text }, None);
    }
    assert_eq!(parser().line("  \t"), Seen::default());
}

#[test]
fn an_error_is_no_end_and_no_progress() {
    let mut parser = parser();
    let line = r#"{"type":"error","message":"Reconnecting... waiting for network (Connection failed: error sending request)"}"#;
    let message = "Reconnecting... waiting for network (Connection failed: error sending request)";
    let first = parser.line(line);
    assert_eq!(
        first,
        Seen {
            event: Some(EventBody::Warning {
                text: clip(message)
            }),
            news: Some(News::LastError(scrubbed(message))),
            activity: Some(scrubbed("reconnecting…")),
            progress: false,
        }
    );
    let again = parser.line(line);
    assert_eq!(
        again,
        Seen {
            event: None,
            ..first.clone()
        }
    );
    parser.line(r#"{"type":"turn.started"}"#);
    assert_eq!(parser.line(line), first);
}

#[test]
fn a_failed_turn_says_why() {
    let line = r#"{"type":"turn.failed","error":{"message":"exceeded retry limit, last status: 429 Too Many Requests"}}"#;
    let seen = parser().line(line);
    let Some(News::TurnFailed(failure)) = seen.news else {
        panic!("no failure");
    };
    assert_eq!(failure.code.as_str(), "rate_limited");
    let bare = parser().line(r#"{"type":"turn.failed"}"#);
    let Some(News::TurnFailed(failure)) = bare.news else {
        panic!("no failure");
    };
    assert_eq!(failure.code.as_str(), "codex_failed");
}

#[test]
fn no_line_however_broken_is_an_error() {
    let whole = r#"{"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"/bin/bash -lc 'ä'","aggregated_output":"\ud83d\ude00","exit_code":0,"status":"completed"}}"#;
    let mut parser = parser();
    for end in 0..whole.len() {
        if whole.is_char_boundary(end) {
            parser.line(&whole[..end]);
        }
    }
    let deep = format!(
        r#"{{"type":"x","a":{}{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert!(matches!(
        parser.line(&deep).event,
        Some(EventBody::Unknown { .. } | EventBody::Noise { .. })
    ));
    assert!(
        parser
            .line(r#"{"type":"turn.started","a":"\ud83d"}"#)
            .event
            .is_some()
    );
}
