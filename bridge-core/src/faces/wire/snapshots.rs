//! The wire shapes as text. A change here is a change for every client.

use serde::Serialize;

use crate::domain::run::RunSummary;
use crate::faces::wire::TextWindow;
use crate::faces::wire::doctor::DoctorDto;
use crate::faces::wire::event::EventDto;
use crate::faces::wire::page::{RunPageDto, UpdatesDto};
use crate::faces::wire::run::{RunDto, RunView};
use crate::faces::wire::samples::{ID, NOW, events, queued_run, report, run};
use crate::faces::wire::schema::of_output;
use crate::use_cases::bridge::{RunPage, Updates};

fn check(shape: &impl Serialize, expected: &str) {
    let json = serde_json::to_string_pretty(shape)
        .unwrap()
        .replace(ID, "[id]");
    assert_eq!(json, expected.trim());
}

fn lines(shapes: &[impl Serialize]) -> String {
    let lines: Vec<_> = shapes
        .iter()
        .map(|shape| serde_json::to_string(shape).unwrap())
        .collect();
    lines.join("\n")
}

#[test]
fn a_run_has_all_of_its_fields() {
    check(&RunDto::new(&run(), &RunView::whole(NOW)), RUN);
}

#[test]
fn what_is_not_known_of_a_run_is_null() {
    check(
        &RunDto::new(&queued_run(), &RunView::whole(NOW)),
        QUEUED_RUN,
    );
}

#[test]
fn a_part_of_a_message_says_where_the_next_one_begins() {
    let part = |offset, max| {
        let view = RunView {
            message: TextWindow { offset, max },
            prompt_max: 4,
            ..RunView::whole(NOW)
        };
        let dto = RunDto::new(&run(), &view);
        assert_eq!((dto.prompt.as_str(), dto.prompt_left_out), ("Make", 15));
        let next = dto.message_next_offset;
        (dto.message.unwrap(), dto.message_truncated, next)
    };
    assert_eq!(part(0, 5), ("Three".into(), true, Some(5)));
    assert_eq!(part(5, 100), (" **tests** fail.".into(), true, None));
    assert_eq!(part(0, 100), ("Three **tests** fail.".into(), false, None));
    assert_eq!(part(99, 100), (String::new(), true, None));
}

#[test]
fn a_live_run_counts_its_time_up_to_now() {
    let mut live = run();
    live.times.ended = None;
    let dto = RunDto::new(&live, &RunView::whole(NOW));
    assert_eq!(dto.duration_ms, Some(9_000));
}

#[test]
fn an_event_has_the_fields_of_its_kind() {
    let dtos: Vec<EventDto> = events().iter().map(Into::into).collect();
    assert_eq!(lines(&dtos), EVENTS.trim());
}

#[test]
fn a_shortened_event_counts_what_is_missing() {
    let mut dtos: Vec<EventDto> = events().iter().map(Into::into).collect();
    dtos.iter_mut().for_each(|event| event.shorten(2));
    let of = |kind: &str| dtos.iter().find(|event| event.kind == kind).unwrap();
    assert_eq!(
        (of("message").text.as_deref(), of("message").text_left_out),
        (Some("Do"), 98)
    );
    assert_eq!(of("command").output_left_out, 9);
    assert_eq!(of("file_change").changes_left_out, 1);
    assert_eq!(of("plan").steps_left_out, 1);
}

#[test]
fn pages_say_where_they_go_on() {
    let page = RunPage {
        runs: vec![RunSummary::of(&queued_run())],
        next: Some(41),
        paused: false,
    };
    check(&RunPageDto::new(&page, NOW), RUN_PAGE);
    let updates = Updates {
        run: run(),
        events: events().split_off(16),
        next_cursor: 17,
        more: false,
        live: None,
    };
    check(&UpdatesDto::from(&updates), UPDATES);
}

#[test]
fn a_report_names_each_fault_with_its_remedy() {
    check(&DoctorDto::from(&report()), DOCTOR);
}

#[test]
fn every_shape_fits_its_own_schema() {
    let fits = |schema: serde_json::Map<String, serde_json::Value>, value: serde_json::Value| {
        let validator = jsonschema::draft202012::new(&schema.into()).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    };
    for run in [run(), queued_run()] {
        let dto = RunDto::new(&run, &RunView::whole(NOW));
        fits(of_output::<RunDto>(), serde_json::to_value(dto).unwrap());
    }
    for event in &events() {
        let dto = EventDto::from(event);
        fits(of_output::<EventDto>(), serde_json::to_value(dto).unwrap());
    }
    let report = DoctorDto::from(&report());
    fits(
        of_output::<DoctorDto>(),
        serde_json::to_value(report).unwrap(),
    );
}

const RUN: &str = r#"
{
  "run_id": "[id]",
  "state": "cancelled",
  "is_final": true,
  "title": "Mend the cart",
  "kind": "continue",
  "working_dir": "/w/shop",
  "workspace": {
    "mode": "in_place",
    "path": "/w/shop",
    "base_commit": "abc123",
    "carried": false,
    "fell_back": "not a git repository"
  },
  "client": {
    "name": "claude-ai",
    "version": "0.1.0",
    "session": "s-1"
  },
  "created_at": "2026-11-18T11:06:40.000Z",
  "started_at": "2026-11-18T11:06:41.000Z",
  "ended_at": "2026-11-18T11:06:43.500Z",
  "duration_ms": 2500,
  "activity": "ran cargo test",
  "message": "Three **tests** fail.",
  "message_offset": 0,
  "message_bytes": 21,
  "message_truncated": false,
  "message_next_offset": null,
  "message_left_out": 7,
  "usage": {
    "input_tokens": 10,
    "cached_input_tokens": 4,
    "output_tokens": 5,
    "reasoning_tokens": 2
  },
  "changes": {
    "diff_hash": "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e",
    "files": 2,
    "lines_added": 3,
    "lines_removed": 1,
    "first": [
      {
        "path": "src/cart.rs",
        "change": "modified",
        "lines_added": 3,
        "lines_removed": 1
      }
    ],
    "left_out": 1,
    "dirty_before": 0
  },
  "review": null,
  "requested": {
    "sandbox": "workspace-write",
    "network": false,
    "web_search": true,
    "model": "gpt-6-sol",
    "effort": "high",
    "timeout_s": 600,
    "persist": true,
    "images": 1,
    "output_schema": false
  },
  "applied": {
    "model": "gpt-6-sol",
    "effort": "high",
    "sandbox": "workspace-write",
    "network": false,
    "working_dir": "/w/shop"
  },
  "checks": {
    "model": "confirmed",
    "effort": "confirmed",
    "sandbox": "confirmed",
    "network": "confirmed",
    "working_dir": "confirmed"
  },
  "error": {
    "code": "cancelled",
    "message": "the run was cancelled",
    "hint": "Start a new run."
  },
  "cancelled_by": "client",
  "time_limit": null,
  "exit": {
    "signal": 15
  },
  "codex": {
    "path": "/usr/bin/codex",
    "version": "0.169.0"
  },
  "question": null,
  "driver": "app_server",
  "thread_id": "01a20356-e3eb-7f92-962b-08a749c63f25",
  "continues": "run_01k9x2m4q7abcdefgg",
  "request_id": "r-1",
  "prompt": "Make the test pass.",
  "prompt_left_out": 0,
  "events": {
    "recorded": 12,
    "bytes": 3456,
    "left_out": 1
  },
  "resources": {
    "run": "codex://runs/[id]",
    "events": "codex://runs/[id]/events",
    "message": "codex://runs/[id]/message",
    "diff": "codex://runs/[id]/diff"
  }
}
"#;

const QUEUED_RUN: &str = r#"
{
  "run_id": "[id]",
  "state": "queued",
  "is_final": false,
  "title": "Mend the cart",
  "kind": "task",
  "working_dir": "/w/shop",
  "workspace": {
    "mode": "in_place",
    "path": "/w/shop",
    "carried": false
  },
  "client": {
    "name": "claude-ai",
    "version": "0.1.0",
    "session": "s-1"
  },
  "created_at": "2026-11-18T11:06:40.000Z",
  "started_at": null,
  "ended_at": null,
  "duration_ms": null,
  "activity": null,
  "message": null,
  "message_offset": 0,
  "message_bytes": 0,
  "message_truncated": false,
  "message_next_offset": null,
  "message_left_out": 0,
  "usage": null,
  "changes": null,
  "review": null,
  "requested": {
    "sandbox": "workspace-write",
    "network": false,
    "web_search": true,
    "model": "gpt-6-sol",
    "effort": "high",
    "timeout_s": 600,
    "persist": true,
    "images": 1,
    "output_schema": false
  },
  "applied": {},
  "checks": {
    "model": "unconfirmed",
    "effort": "unconfirmed",
    "sandbox": "unconfirmed",
    "network": "unconfirmed",
    "working_dir": "unconfirmed"
  },
  "error": null,
  "cancelled_by": null,
  "time_limit": null,
  "exit": null,
  "codex": null,
  "question": null,
  "driver": null,
  "thread_id": null,
  "continues": null,
  "request_id": null,
  "prompt": "Make the test pass.",
  "prompt_left_out": 0,
  "events": {
    "recorded": 0,
    "bytes": 0,
    "left_out": 0
  },
  "resources": {
    "run": "codex://runs/[id]",
    "events": "codex://runs/[id]/events",
    "message": "codex://runs/[id]/message"
  }
}
"#;

const EVENTS: &str = r#"
{"seq":1,"at":"2026-11-18T11:06:42.000Z","kind":"state","state":"running"}
{"seq":2,"at":"2026-11-18T11:06:42.000Z","kind":"thread_started","thread_id":"01a20356"}
{"seq":3,"at":"2026-11-18T11:06:42.000Z","kind":"turn_started"}
{"seq":4,"at":"2026-11-18T11:06:42.000Z","kind":"turn_completed","usage":{"input_tokens":0,"cached_input_tokens":0,"output_tokens":0,"reasoning_tokens":0}}
{"seq":5,"at":"2026-11-18T11:06:42.000Z","kind":"turn_failed","text":"no more"}
{"seq":6,"at":"2026-11-18T11:06:42.000Z","kind":"message","text":"Done","text_left_out":96}
{"seq":7,"at":"2026-11-18T11:06:42.000Z","kind":"reasoning","text":"Thinking"}
{"seq":8,"at":"2026-11-18T11:06:42.000Z","kind":"command","item_id":"item_1","phase":"completed","status":"failed","command":"cargo test","output":"ok","output_left_out":9,"exit_code":101}
{"seq":9,"at":"2026-11-18T11:06:42.000Z","kind":"file_change","item_id":"item_1","phase":"started","changes":[{"path":"src/cart.rs","kind":"update"}]}
{"seq":10,"at":"2026-11-18T11:06:42.000Z","kind":"plan","steps":[{"text":"Read","done":true}]}
{"seq":11,"at":"2026-11-18T11:06:42.000Z","kind":"web_search","phase":"updated","query":"rust carts"}
{"seq":12,"at":"2026-11-18T11:06:42.000Z","kind":"tool_call","phase":"completed","status":"completed","server":"github","tool":"search"}
{"seq":13,"at":"2026-11-18T11:06:42.000Z","kind":"warning","text":"careful"}
{"seq":14,"at":"2026-11-18T11:06:42.000Z","kind":"notice","text":"cut","about":"cut"}
{"seq":15,"at":"2026-11-18T11:06:42.000Z","kind":"noise","text":"??"}
{"seq":16,"at":"2026-11-18T11:06:42.000Z","kind":"stderr","text":"warn"}
{"seq":17,"at":"2026-11-18T11:06:42.000Z","kind":"unknown","codex_kind":"item.new","raw":"{}"}
"#;

const RUN_PAGE: &str = r#"
{
  "runs": [
    {
      "run_id": "[id]",
      "state": "queued",
      "is_final": false,
      "title": "Mend the cart",
      "kind": "task",
      "working_dir": "/w/shop",
      "client": "claude-ai",
      "created_at": "2026-11-18T11:06:40.000Z"
    }
  ],
  "next_cursor": 41
}
"#;

const UPDATES: &str = r#"
{
  "run_id": "[id]",
  "state": "cancelled",
  "is_final": true,
  "activity": "ran cargo test",
  "error": {
    "code": "cancelled",
    "message": "the run was cancelled",
    "hint": "Start a new run."
  },
  "events": [
    {
      "seq": 17,
      "at": "2026-11-18T11:06:42.000Z",
      "kind": "unknown",
      "codex_kind": "item.new",
      "raw": "{}"
    }
  ],
  "next_cursor": 17,
  "more": false
}
"#;

const DOCTOR: &str = r#"
{
  "level": "fault",
  "bridge_version": "0.1.0",
  "codex": {
    "path": "/usr/bin/codex",
    "origin": "PATH",
    "version": "0.169.0",
    "login": "a login file is there",
    "lacks": [
      "It can't steer."
    ],
    "models": [
      {
        "name": "gpt-6-sol",
        "is_default": true,
        "efforts": [
          "low",
          "high"
        ],
        "default_effort": "low",
        "about": "For most work."
      }
    ]
  },
  "allowed_roots": [
    "/w"
  ],
  "quota": {
    "told_at": "2026-11-18T11:06:50.000Z",
    "refused": false,
    "windows": [
      {
        "name": "5-hour limit",
        "left_percent": 12,
        "resets_at": "2026-11-18T11:06:50.000Z"
      }
    ]
  },
  "running": 1,
  "queued": 0,
  "findings": [
    {
      "id": "codex",
      "about": "codex",
      "level": "ok",
      "what": "Codex 0.169.0 works."
    },
    {
      "id": "root_missing",
      "about": "roots",
      "level": "fault",
      "what": "/w is gone.",
      "why": "No run is admitted in it.",
      "remedy": "Choose another folder.",
      "action": {
        "key": "remove_root:/w",
        "label": "Take it off the list",
        "command": "codex-bridge-mcp roots remove '/w'",
        "mends": "asked"
      }
    }
  ]
}
"#;
