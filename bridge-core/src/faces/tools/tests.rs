//! What holds for every tool: its schemas, its hints, and what it says of wrong arguments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::run::{Caller, RunSummary};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::faces::tools::answer::bug;
use crate::faces::tools::arguments::parse;
use crate::faces::tools::fit;
use crate::faces::tools::wait::Wait;
use crate::faces::tools::{Call, Tool, all, find, started};
use crate::faces::wire::samples::{self, NOW};
use crate::use_cases::bridge::{Bridge, RunPage, Updates};
use crate::use_cases::doctor::Report;
use crate::use_cases::host::Host;

fn tool(name: &str) -> &'static Tool {
    find(name).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

fn properties(tool: &Tool) -> Map<String, Value> {
    object(tool.listed.input_schema["properties"].clone())
}

fn call() -> Call {
    let bridge = Bridge::new(Host {
        env: BTreeMap::new(),
        home: PathBuf::new(),
        config_dir: PathBuf::new(),
        state_dir: PathBuf::new(),
        sidecar: PathBuf::new(),
        now: || crate::domain::run::Timestamp(0),
        random: || 7,
    });
    Call {
        bridge,
        caller: Caller {
            client: Scrubbed::literal("test"),
            version: None,
            session: None,
        },
        scrubber: Scrubber::builtin(),
        wait: Wait::quiet(),
    }
}

/// The refusal of a call whose arguments are wrong.
async fn refusal(tool: &Tool, arguments: Value) -> String {
    let error = tool.call(call(), object(arguments)).await.unwrap_err();
    assert_eq!(error.code, "invalid_argument");
    error.message
}

/// The least that a tool takes.
fn least(tool: &Tool) -> Map<String, Value> {
    let required = tool
        .listed
        .input_schema
        .get("required")
        .and_then(Value::as_array);
    let properties = &tool.listed.input_schema["properties"];
    let value = |name: &str| match &properties[name]["enum"] {
        Value::Array(words) => words[0].clone(),
        _ => json!(samples::ID),
    };
    let names = required
        .into_iter()
        .flatten()
        .map(|name| name.as_str().unwrap());
    names.map(|name| (name.to_owned(), value(name))).collect()
}

fn visit(schema: &Value, see: &mut impl FnMut(&Map<String, Value>)) {
    match schema {
        Value::Object(object) => {
            see(object);
            object.values().for_each(|value| visit(value, see));
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}

#[test]
fn every_schema_is_plain_json_schema() {
    for tool in all() {
        let name = &tool.listed.name;
        let output = tool.listed.output_schema.clone().unwrap();
        for schema in [tool.listed.input_schema.clone(), output] {
            let schema = Value::Object((*schema).clone());
            jsonschema::draft202012::meta::validate(&schema).unwrap();
            jsonschema::draft202012::new(&schema).unwrap();
            assert_eq!(schema["type"], "object", "{name}");
            visit(&schema, &mut |part| {
                for word in ["$ref", "$defs", "$schema", "oneOf", "nullable"] {
                    assert!(!part.contains_key(word), "{name}: {word}");
                }
                let format = part.get("format").filter(|format| format.is_string());
                assert!(
                    format.is_none_or(|format| format == "date-time"),
                    "{name}: {format:?}"
                );
            });
        }
    }
}

#[test]
fn every_tool_says_what_a_client_has_to_know() {
    for tool in all() {
        let listed = &tool.listed;
        let hints = listed.annotations.as_ref().unwrap();
        let all_hints = [
            hints.read_only_hint,
            hints.destructive_hint,
            hints.idempotent_hint,
            hints.open_world_hint,
        ];
        assert!(all_hints.iter().all(Option::is_some), "{}", listed.name);
        assert!(listed.title.is_some());
        assert_eq!(listed.input_schema["additionalProperties"], false);
        for (name, property) in properties(tool) {
            assert!(property["description"].is_string(), "{name}");
        }
        let size = serde_json::to_vec(listed).unwrap().len();
        assert!(
            size < 16_000,
            "{} takes {size} bytes of every conversation",
            listed.name
        );
    }
}

#[test]
fn the_examples_are_right() {
    for tool in all() {
        let description = tool.listed.description.clone().unwrap();
        let examples: Vec<_> = description
            .lines()
            .filter_map(|line| line.find('{').map(|at| &line[at..]))
            .collect();
        assert!(!examples.is_empty(), "{}", tool.listed.name);
        for example in examples {
            let arguments = object(serde_json::from_str(example).unwrap());
            parse::<Value>(&tool.listed.input_schema, arguments).unwrap();
        }
    }
}

/// Values of every type and around every bound.
fn candidates() -> Vec<Value> {
    vec![
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(45),
        json!(46),
        json!(201),
        json!(604_801),
        json!(1.5),
        json!(30.0),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("5"),
        json!("running"),
        json!("read-only"),
        json!("danger-full-access"),
        json!("worktree"),
        json!("x".repeat(5_000)),
        json!("ä".repeat(100)),
        json!([]),
        json!(["running"]),
        json!(["x", 1]),
        json!(vec!["x"; 101]),
        json!({}),
        json!({"type": "object"}),
    ]
}

#[test]
fn the_gate_takes_exactly_what_the_schema_says() {
    for tool in all() {
        let schema = &tool.listed.input_schema;
        let validator = jsonschema::draft202012::new(&Value::Object((**schema).clone())).unwrap();
        for name in properties(tool).keys() {
            for value in candidates() {
                let mut arguments = least(tool);
                arguments.insert(name.clone(), value.clone());
                let taken = parse::<Value>(schema, arguments.clone()).is_ok();
                let valid = validator.is_valid(&Value::Object(arguments));
                // A whole number beyond 64 bits is valid, but no number of ours.
                if value != json!(1e300) {
                    assert_eq!(taken, valid, "{} {name} {value}", tool.listed.name);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_parameter_of_the_wrong_type_is_named_with_what_it_has_to_be() {
    for tool in all() {
        for (name, property) in properties(tool) {
            let kind = property["type"].as_str().unwrap();
            let wrong = |value: &Value| match kind {
                "string" => !value.is_string(),
                "integer" => !value.is_number(),
                "boolean" => !value.is_boolean(),
                "array" => !value.is_array(),
                "object" => !value.is_object(),
                other => panic!("{other}"),
            };
            for value in candidates().into_iter().filter(wrong) {
                let mut arguments = least(tool);
                arguments.insert(name.clone(), value);
                let message = refusal(tool, Value::Object(arguments)).await;
                assert!(message.starts_with(&format!("`{name}` is ")), "{message}");
                assert!(message.contains("but has to be "), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_names_the_parameter_the_reason_and_what_is_right() {
    let id = samples::ID;
    let table = [
        (
            "codex_run_task",
            json!({}),
            "`prompt` is missing; it has to be a string",
        ),
        (
            "codex_run_task",
            json!({"prompt": null}),
            "`prompt` is missing; it has to be a string",
        ),
        (
            "codex_run_task",
            json!({"prompt": "p", "sandbox": "danger-full-access"}),
            r#"`sandbox` is "danger-full-access", but has to be one of "read-only", "workspace-write""#,
        ),
        (
            "codex_run_task",
            json!({"prompt": "p", "workspace": "copy"}),
            r#"`workspace` is "copy", but has to be one of "in_place", "worktree""#,
        ),
        (
            "codex_run_task",
            json!({"prompt": "p", "images": ["a.png", 7]}),
            "`images[1]` is 7, but has to be a string of at most 4096 characters",
        ),
        (
            "codex_run_task",
            json!({"prompt": "p", "images": vec!["a"; 21]}),
            "`images` is an array of 21 items, but has to be an array of at most 16 items, each a string of at most 4096 characters",
        ),
        (
            "codex_run_task",
            json!({"prompt": "p", "output_schema": "{}"}),
            r#"`output_schema` is the string "{}", but has to be an object"#,
        ),
        (
            "codex_run_task",
            json!({"prompt": "p", "network": "yes"}),
            r#"`network` is the string "yes", but has to be true or false"#,
        ),
        (
            "codex_run_task",
            json!({"prompt": "p", "timeout_s": 0}),
            "`timeout_s` is 0, but has to be a whole number from 1 to 604800",
        ),
        (
            "codex_run_task",
            json!({"prompt": "p", "title": "t".repeat(201)}),
            "`title` is a string of 201 characters, but has to be a string of at most 200 characters",
        ),
        (
            "codex_get_run",
            json!({"run_id": id, "offset": 1}),
            "`offset` is not a parameter of this tool; it takes `findings_offset`, `message_offset`, `run_id`",
        ),
        (
            "codex_get_run",
            json!({"runId": id}),
            "`runId` is not a parameter of this tool; `run_id` is. It takes `findings_offset`, `message_offset`, `run_id`",
        ),
        (
            "codex_get_run",
            json!({"run_id": id, "message_offset": -1}),
            "`message_offset` is -1, but has to be a whole number from 0 to 9007199254740991",
        ),
        (
            "codex_get_run_updates",
            json!({"run_id": id, "wait_s": "30"}),
            r#"`wait_s` is the string "30", but has to be a whole number from 0 to 45"#,
        ),
        (
            "codex_list_runs",
            json!({"states": ["runing"]}),
            "`states[0]` is \"runing\", but has to be one of \"queued\", \"starting\", \"running\", \"waiting\", \
             \"stopping\", \"succeeded\", \"failed\", \"cancelled\", \"timed_out\", \"lost\"",
        ),
        (
            "codex_doctor",
            json!({"verbose": true}),
            "`verbose` is not a parameter of this tool; it takes none",
        ),
    ];
    for (name, arguments, expected) in table {
        assert_eq!(refusal(tool(name), arguments).await, expected);
    }
    for name in [
        "codex_get_run",
        "codex_get_run_updates",
        "codex_steer_run",
        "codex_cancel_run",
        "codex_continue_run",
    ] {
        for text in [
            "",
            "run_1",
            "RUN_01k9x2m4q7abcdefgh",
            "../../etc/passwd",
            "run_' or 1=1 --aaaaaa",
        ] {
            let mut arguments = least(tool(name));
            arguments.insert("run_id".into(), json!(text));
            let message = refusal(tool(name), Value::Object(arguments)).await;
            assert!(
                message.starts_with("`run_id` is not a run id: "),
                "{message}"
            );
            assert!(message.contains("codex_list_runs"), "{message}");
        }
    }
}

#[tokio::test]
async fn a_refusal_never_repeats_a_flood() {
    let name = "n".repeat(1_000_000);
    let message = refusal(tool("codex_doctor"), json!({ name: 1 })).await;
    assert!(message.len() < 600, "{}", message.len());
}

#[test]
fn every_answer_and_every_failure_fits_the_output_schema_of_its_tool() {
    let check = |name: &str, value: Value| {
        let schema = tool(name).listed.output_schema.clone().unwrap();
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&Value::Object((*schema).clone()))
            .unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    };
    fn value(shape: &impl Serialize) -> Value {
        serde_json::to_value(shape).unwrap()
    }
    for run in [samples::run(), samples::queued_run()] {
        for tool in [
            "codex_run_task",
            "codex_continue_run",
            "codex_resume_session",
        ] {
            check(tool, value(&started::shape(&run, false)));
        }
        check("codex_get_run", value(&fit::run(&run, 0, NOW)));
        check("codex_cancel_run", value(&fit::run(&run, 0, NOW)));
        let page = RunPage {
            runs: vec![RunSummary::of(&run)],
            next: None,
            paused: false,
        };
        check("codex_list_runs", value(&fit::runs(&page, NOW).unwrap()));
        let updates = Updates {
            run,
            events: samples::events(),
            next_cursor: 17,
            more: true,
            live: None,
        };
        check("codex_get_run_updates", value(&fit::updates(&updates, 100)));
    }
    let report = Report {
        bridge_version: "0",
        codex: None,
        roots: Vec::new(),
        quota: None,
        running: 0,
        queued: 0,
        findings: Vec::new(),
    };
    check("codex_doctor", value(&fit::doctor(&report)));
    for tool in all() {
        check(&tool.listed.name, value(&bug("it broke")));
    }
}
