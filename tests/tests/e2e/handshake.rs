//! The handshake is answered at once in every state of the machine, and so is whatever a client may send.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::sidecar::{Opener, Sidecar};
use jsonschema::Validator;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::traces::assert_is_useful;

const LIMIT: Duration = Duration::from_secs(60);
/// Only sanity: it takes milliseconds, but a machine under load may stall any process.
const AT_ONCE: Duration = Duration::from_secs(2);
const NO_RUN: &str = "run_000000000000000000";
const NO_SESSION: &str = "01a20356-e3eb-7f92-962b-08a749c63f25";
const OPENERS: [Opener; 5] = [
    Opener::Initialize("2024-11-05"),
    Opener::Initialize("2025-03-26"),
    Opener::Initialize("2025-06-18"),
    Opener::Initialize("2025-11-25"),
    Opener::Discover,
];

/// Opens a session in each way, then calls each tool; `expected` says what each answers: a code, or `ok`.
fn check(state: &str, scene: &Scene, expected: &[(&str, &str)]) {
    let mut last = None;
    for opener in OPENERS {
        let (begun, sidecar) = (Instant::now(), scene.unprivileged_sidecar(opener));
        let took = begun.elapsed();
        println!("{state}, {opener:?}: {} ms", took.as_millis());
        assert!(took < AT_ONCE, "{state}, {opener:?}: {took:?}");
        last = Some(sidecar);
    }
    let mut sidecar = last.unwrap();
    let schemas = output_schemas(&mut sidecar);
    for (tool, validator) in &schemas {
        let arguments = match tool.as_str() {
            "codex_run_task" => json!({"prompt": "go", "working_dir": scene.work()}),
            "codex_list_runs" | "codex_doctor" => json!({}),
            "codex_continue_run" => json!({"run_id": NO_RUN, "prompt": "go"}),
            "codex_resume_session" => json!({"session_id": NO_SESSION, "prompt": "go"}),
            "codex_review_repo" => json!({"working_dir": scene.work()}),
            "codex_steer_run" => json!({"run_id": NO_RUN, "message": "go"}),
            "codex_finish_run" => json!({"run_id": NO_RUN, "action": "discard"}),
            _ => json!({"run_id": NO_RUN}),
        };
        let begun = Instant::now();
        let answer = sidecar.call(tool, arguments);
        let context = format!("{state}, {tool}");
        let outcome = match answer.is_error {
            true => answer.text_at("/code").to_owned(),
            false => "ok".to_owned(),
        };
        let wanted = expected.iter().find(|(name, _)| name == tool).unwrap().1;
        assert_eq!(outcome, wanted, "{context}: {}", answer.content);
        assert!(begun.elapsed() < Duration::from_secs(45), "{context}");
        check_answer(validator, &answer.content, &answer.text, &context);
        if answer.is_error {
            println!("{context}: {}", answer.text);
            assert_is_useful(&answer.content, "", &context);
        }
    }
}

/// What each tool answers where nothing is wrong.
const WELL: [(&str, &str); 12] = [
    ("codex_run_task", "ok"),
    ("codex_continue_run", "unknown_run"),
    ("codex_resume_session", "session_unavailable"),
    ("codex_review_repo", "outside_roots"),
    ("codex_get_changes", "unknown_run"),
    ("codex_finish_run", "unknown_run"),
    ("codex_get_run", "unknown_run"),
    ("codex_get_run_updates", "unknown_run"),
    ("codex_steer_run", "unknown_run"),
    ("codex_cancel_run", "unknown_run"),
    ("codex_list_runs", "ok"),
    ("codex_doctor", "ok"),
];

/// The same where every tool but the doctor fails with one code.
fn all_but_the_doctor(code: &'static str) -> Vec<(&'static str, &'static str)> {
    WELL.map(|(tool, _)| match tool {
        "codex_doctor" => (tool, "ok"),
        _ => (tool, code),
    })
    .to_vec()
}

/// The same where everything fails that starts a run.
fn no_settings(code: &'static str) -> Vec<(&'static str, &'static str)> {
    let starts = [
        "codex_run_task",
        "codex_continue_run",
        "codex_resume_session",
        "codex_review_repo",
        "codex_finish_run",
    ];
    WELL.map(|(tool, well)| match starts.contains(&tool) {
        true => (tool, code),
        false => (tool, well),
    })
    .to_vec()
}

/// The same where only a start fails.
fn no_start(code: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut expected = WELL.to_vec();
    expected[0].1 = code;
    expected
}

fn output_schemas(sidecar: &mut Sidecar) -> Vec<(String, Validator)> {
    let listed = sidecar.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap().clone();
    let validator = |tool: &Value| {
        jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&tool["outputSchema"])
            .unwrap()
    };
    tools
        .iter()
        .map(|tool| (tool["name"].as_str().unwrap().to_owned(), validator(tool)))
        .collect()
}

fn check_answer(validator: &Validator, content: &Value, text: &str, context: &str) {
    let faults: Vec<_> = validator
        .iter_errors(content)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(faults, Vec::<String>::new(), "{context}: {content}");
    let same: Value = serde_json::from_str(text).unwrap();
    assert_eq!(&same, content, "{context}");
}

#[test]
fn with_no_configuration_at_all() {
    let scene = Scene::new(&Codex::Fake);
    fs::remove_file(scene.config()).unwrap();
    check("no config", &scene, &WELL);
}

#[test]
fn with_a_broken_or_unreadable_configuration_only_starts_fail() {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config("allowed_roots = [\n\"/unfinished");
    check("broken config", &scene, &no_settings("config_invalid"));
    scene.write_config("[ceilings]\nsandbox = \"danger-full-access\"\n");
    check("config above all", &scene, &no_settings("config_invalid"));
    scene.write_config("");
    set_mode(&scene.config(), 0o000);
    check("unreadable config", &scene, &no_settings("config_invalid"));
    fs::remove_file(scene.config()).unwrap();
    fs::create_dir(scene.config()).unwrap();
    check("config is a folder", &scene, &no_settings("config_invalid"));
}

#[test]
fn a_configuration_that_is_mended_counts_at_once() {
    let scene = Scene::new(&Codex::Fake);
    set_mode(&scene.config(), 0o000);
    let mut sidecar = scene.unprivileged_sidecar(OPENERS[3]);
    let arguments = json!({"prompt": "go", "working_dir": scene.work()});
    let answer = sidecar.call("codex_run_task", arguments.clone());
    assert_eq!(answer.code(), "config_invalid");
    set_mode(&scene.config(), 0o600);
    sidecar.call("codex_run_task", arguments.clone()).ok();
    scene.write_config("broken");
    assert_eq!(
        sidecar.call("codex_run_task", arguments.clone()).code(),
        "config_invalid"
    );
    scene.write_config("");
    sidecar.call("codex_run_task", arguments).ok();
}

#[test]
fn without_codex_only_starts_fail() {
    let mut scene = Scene::new(&Codex::Missing);
    check("no Codex", &scene, &no_start("codex_unusable"));
    let file = scene.config();
    scene.set("CODEX_BIN", file.to_str().unwrap());
    check("Codex is no program", &scene, &no_start("codex_unusable"));
}

/// Makes the database by starting a run and waiting for its end.
fn with_history(scene: &Scene) -> String {
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(scene, "go");
    sidecar.wait_for_end(&run, LIMIT);
    run
}

#[test]
fn with_a_locked_database() {
    let scene = Scene::new(&Codex::Fake);
    with_history(&scene);
    let db = Connection::open(scene.state().join("bridge.db")).unwrap();
    db.execute_batch("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;")
        .unwrap();
    check(
        "locked database",
        &scene,
        &all_but_the_doctor("store_locked"),
    );
    drop(db);
    check("unlocked again", &scene, &WELL);
}

#[test]
fn with_a_damaged_database_a_new_one_is_made_and_the_old_one_kept() {
    let scene = Scene::new(&Codex::Fake);
    with_history(&scene);
    for name in ["bridge.db-wal", "bridge.db-shm"] {
        // Gone already where the last one to close it tidied up.
        let _ = fs::remove_file(scene.state().join(name));
    }
    fs::write(scene.state().join("bridge.db"), "no database ".repeat(1000)).unwrap();
    check("damaged database", &scene, &WELL);
}

#[test]
fn with_a_newer_database_nothing_is_touched() {
    let scene = Scene::new(&Codex::Fake);
    with_history(&scene);
    let file = scene.state().join("bridge.db");
    let db = Connection::open(&file).unwrap();
    db.execute_batch("PRAGMA user_version = 999").unwrap();
    drop(db);
    let before = fs::read(&file).unwrap();
    check("newer database", &scene, &all_but_the_doctor("store_newer"));
    assert!(
        fs::read(&file).unwrap() == before,
        "the newer database was written"
    );
}

#[test]
fn with_a_state_folder_that_can_not_be_written() {
    let mut scene = Scene::new(&Codex::Fake);
    let run = with_history(&scene);
    // What belongs to the person is put right.
    set_mode(&scene.state(), 0o500);
    check("read-only state folder", &scene, &WELL);
    let shut = scene.path().join("shut");
    fs::create_dir(&shut).unwrap();
    set_mode(&shut, 0o500);
    let file = scene.state().join("bridge.db");
    set_mode(&file, 0o400);
    let mut sidecar = scene.unprivileged_sidecar(OPENERS[4]);
    let read = sidecar.call("codex_get_run", json!({"run_id": run}));
    println!("read-only database, codex_get_run: {}", read.text);
    if read.is_error {
        assert_eq!(read.code(), "store_unavailable", "{}", read.content);
        assert_is_useful(&read.content, "", "read-only database");
    }
    drop(sidecar);
    scene.set(
        "CODEX_CLI_MCP_STATE_DIR",
        shut.join("state").to_str().unwrap(),
    );
    let expected = all_but_the_doctor("store_unavailable");
    check("state folder that can't be made", &scene, &expected);
    set_mode(&shut, 0o700);
    check("state folder that can be made", &scene, &WELL);
}

#[test]
fn with_a_state_folder_that_is_no_folder() {
    let mut scene = Scene::new(&Codex::Fake);
    fs::remove_dir(scene.state()).unwrap();
    fs::write(scene.state(), "").unwrap();
    check(
        "state folder is a file",
        &scene,
        &all_but_the_doctor("store_unavailable"),
    );
    let below = scene.state().join("below");
    scene.set("CODEX_CLI_MCP_STATE_DIR", below.to_str().unwrap());
    check(
        "state folder below a file",
        &scene,
        &all_but_the_doctor("store_unavailable"),
    );
}

#[test]
fn without_home() {
    let mut scene = Scene::new(&Codex::Fake);
    scene.unset("HOME");
    check("no HOME", &scene, &WELL);
    scene.set("HOME", "");
    check("empty HOME", &scene, &WELL);
    scene.set("HOME", "relative");
    check("relative HOME", &scene, &WELL);
    scene.set("HOME", "/no-such-home");
    check("missing HOME", &scene, &WELL);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn every_schema_is_strict_json_schema() {
    let scene = Scene::new(&Codex::Fake);
    for opener in OPENERS {
        let mut sidecar = scene.sidecar_opened(opener);
        let listed = sidecar.request("tools/list", json!({}));
        let tools = listed["result"]["tools"].as_array().unwrap();
        assert_eq!(tools.len(), WELL.len());
        for tool in tools {
            for name in ["inputSchema", "outputSchema"] {
                let schema = &tool[name];
                let context = format!("{opener:?} {} {name}", tool["name"]);
                assert_eq!(schema["type"], "object", "{context}");
                let faults = jsonschema::draft202012::meta::validate(schema)
                    .map_err(|error| error.to_string());
                assert_eq!(faults, Ok(()), "{context}");
                only_known_words(schema, &context);
            }
            let hints = [
                "readOnlyHint",
                "destructiveHint",
                "idempotentHint",
                "openWorldHint",
            ];
            for hint in hints {
                assert!(
                    tool["annotations"][hint].is_boolean(),
                    "{hint} of {}",
                    tool["name"]
                );
            }
            assert!(tool["title"].is_string() && tool["description"].is_string());
        }
    }
}

/// A strict validator takes no word that the standard does not have, and no format that it does not know.
fn only_known_words(schema: &Value, context: &str) {
    const WORDS: [&str; 22] = [
        "$schema",
        "title",
        "description",
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "format",
        "default",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "$defs",
    ];
    let Some(object) = schema.as_object() else {
        return;
    };
    for (word, value) in object {
        assert!(
            WORDS.contains(&word.as_str()) || word == "$ref",
            "{context}: {word}"
        );
        match (word.as_str(), value) {
            ("format", format) => assert_eq!(format, "date-time", "{context}"),
            ("properties" | "$defs", Value::Object(inner)) => {
                inner
                    .values()
                    .for_each(|inner| only_known_words(inner, context));
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(inner)) => {
                inner
                    .iter()
                    .for_each(|inner| only_known_words(inner, context));
            }
            ("items" | "additionalProperties", inner) => only_known_words(inner, context),
            _ => {}
        }
    }
}

#[test]
fn every_answer_of_a_run_fits_its_schema_and_says_the_same_twice() {
    let scene = Scene::new(&Codex::Fake);
    for opener in OPENERS {
        let mut sidecar = scene.sidecar_opened(opener);
        let schemas = output_schemas(&mut sidecar);
        let ended = sidecar.start_run(&scene, "go");
        sidecar.wait_for_end(&ended, LIMIT);
        let failed = sidecar.start_run(
            &scene,
            "FAKE: thread\nFAKE: turn\nFAKE: fail no \"quotes\" left\nFAKE: exit 1",
        );
        sidecar.wait_for_end(&failed, LIMIT);
        let live = sidecar.start_run(
            &scene,
            "FAKE: thread\nFAKE: turn\nFAKE: message hi\nFAKE: hang",
        );
        sidecar.wait_for_event(&live, LIMIT, |event| {
            event["text"] == "hi" || event.to_string().contains("hi")
        });
        let mut ask = |tool: &str, arguments: Value| {
            let answer = sidecar.call(tool, arguments);
            let validator = &schemas.iter().find(|(name, _)| name == tool).unwrap().1;
            check_answer(validator, &answer.content, &answer.text, tool);
            answer.ok()
        };
        for run in [&ended, &failed, &live] {
            ask("codex_get_run", json!({"run_id": run}));
            ask("codex_get_run_updates", json!({"run_id": run}));
        }
        ask(
            "codex_run_task",
            json!({"prompt": "x", "working_dir": scene.work(), "wait_s": 30}),
        );
        ask("codex_list_runs", json!({}));
        ask("codex_doctor", json!({}));
        let stopped = ask("codex_cancel_run", json!({"run_id": live}));
        assert_eq!(stopped["state"], "cancelled");
    }
}
