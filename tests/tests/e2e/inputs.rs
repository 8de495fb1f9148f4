//! Wrong inputs: each is refused with the thing, the reason and the remedy, and leaves nothing behind.

mod table;

use std::collections::BTreeSet;
use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::sidecar::{Answer, Sidecar};
use serde_json::{Value, json};

use crate::inputs::table::table;
use crate::traces::{self, Tap, assert_is_useful, assert_nothing_is_left};
use crate::turns::record;

const LIMIT: Duration = Duration::from_secs(60);
/// Well formed, and of no run.
const NO_RUN: &str = "run_000000000000000000";
/// A session of which there is a record.
const SESSION: &str = "01a20356-e3eb-7f92-962b-08a749c63f25";
const INVALID: &str = "invalid_argument";

/// Arguments that a tool would take.
fn right(tool: &str, scene: &Scene) -> Value {
    match tool {
        "codex_run_task" => json!({"prompt": "Do it.", "working_dir": scene.work()}),
        "codex_list_runs" | "codex_doctor" => json!({}),
        "codex_continue_run" => json!({"run_id": NO_RUN, "prompt": "Do it."}),
        "codex_resume_session" => json!({"session_id": SESSION, "prompt": "Do it."}),
        "codex_review_repo" => json!({"working_dir": scene.work()}),
        "codex_steer_run" => json!({"run_id": NO_RUN, "message": "Do it."}),
        "codex_finish_run" => json!({"run_id": NO_RUN, "action": "branch"}),
        _ => json!({"run_id": NO_RUN}),
    }
}

fn scene_with_files() -> Scene {
    let scene = Scene::new(&Codex::Fake);
    let work = scene.work();
    std::fs::create_dir(work.join("folder")).unwrap();
    std::fs::write(work.join("a,b.png"), "").unwrap();
    let huge = std::fs::File::create(work.join("huge.png")).unwrap();
    huge.set_len(33 * 1024 * 1024).unwrap();
    record(&scene, SESSION, &work);
    scene
}

fn refusal(answer: &Answer, code: &str, names: &str, context: &str) {
    assert!(answer.is_error, "{context}: accepted: {}", answer.content);
    assert_eq!(
        answer.content["code"], code,
        "{context}: {}",
        answer.content
    );
    let same: Value = serde_json::from_str(&answer.text).expect("the text is JSON");
    assert_eq!(same, answer.content, "{context}");
    assert_is_useful(&answer.content, names, context);
}

#[test]
fn every_wrong_value_of_every_parameter_is_refused_and_leaves_nothing_behind() {
    let scene = scene_with_files();
    let mut sidecar = scene.sidecar();
    let mut audited = Vec::new();
    for (tool, parameter, wrong) in table(&scene) {
        for (value, code) in wrong {
            let mut arguments = right(tool, &scene);
            arguments[parameter] = value.clone();
            let shown: String = value.to_string().chars().take(80).collect();
            let context = format!("{tool} {parameter} {shown}");
            let answer = sidecar.call(tool, arguments);
            let names = match code {
                // What is wrong is not how it is written, so the thing itself is named.
                INVALID | "unsupported" => parameter,
                _ => match &value {
                    Value::Array(several) => several[0].as_str().unwrap(),
                    one => one.as_str().unwrap(),
                },
            };
            refusal(&answer, code, names, &context);
            if code == "outside_roots" || code == "folder_unusable" {
                let action = tool.trim_start_matches("codex_");
                audited.push((action.to_owned(), code.to_owned()));
            }
        }
    }
    assert_nothing_is_left(&scene, sidecar.pid());
    let audit = traces::audit(&scene);
    for refused in audited {
        assert!(audit.contains(&refused), "{refused:?} is not in {audit:?}");
    }
    assert!(audit.iter().all(|(_, outcome)| outcome != "ok"));
}

#[test]
fn the_table_of_wrong_values_has_every_parameter_that_the_tools_list() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let listed = sidecar.request("tools/list", json!({}));
    let mut there = BTreeSet::new();
    for tool in listed["result"]["tools"].as_array().unwrap() {
        for parameter in tool["inputSchema"]["properties"]
            .as_object()
            .unwrap()
            .keys()
        {
            there.insert((tool["name"].as_str().unwrap().to_owned(), parameter.clone()));
        }
    }
    let tried: BTreeSet<_> = table(&scene)
        .iter()
        .map(|(tool, parameter, _)| ((*tool).to_owned(), (*parameter).to_owned()))
        .collect();
    assert_eq!(there, tried);
}

#[test]
fn an_unknown_parameter_is_named_with_those_that_there_are() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let names = [
        "cwd",
        "config",
        "args",
        "env",
        "dangerously_bypass_approvals_and_sandbox",
        "approval_policy",
        "add_dir",
        "__proto__",
    ];
    for tool in [
        "codex_run_task",
        "codex_get_run",
        "codex_list_runs",
        "codex_doctor",
    ] {
        for name in names {
            let mut arguments = right(tool, &scene);
            arguments[name] = json!("x");
            refusal(&sidecar.call(tool, arguments), INVALID, name, tool);
        }
    }
    let answer = sidecar.call("codex_run_task", json!({"prompt": "x", "workingDir": "/"}));
    refusal(
        &answer,
        INVALID,
        "`working_dir` is",
        "a name in other clothes",
    );
    assert_nothing_is_left(&scene, sidecar.pid());
}

#[test]
fn what_is_null_counts_as_left_out() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let mut arguments = right("codex_run_task", &scene);
    for (tool, parameter, _) in table(&scene) {
        if tool == "codex_run_task" && arguments.get(parameter).is_none() {
            arguments[parameter] = json!(null);
        }
    }
    let run = sidecar.call("codex_run_task", arguments).ok();
    let run = sidecar.wait_for_end(run["run_id"].as_str().unwrap(), LIMIT);
    assert_eq!(run["state"], "succeeded", "{run}");
}

#[test]
fn arguments_that_are_no_object_and_tools_that_are_not_there_are_protocol_errors() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let mut check = |params: Value, names: &str| {
        let answer = sidecar.request("tools/call", params.clone());
        assert_eq!(answer["error"]["code"], -32602, "{params} → {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(names), "{params} → {answer}");
    };
    check(
        json!({"name": "codex_run_task", "arguments": []}),
        "tools/call",
    );
    check(
        json!({"name": "codex_run_task", "arguments": "x"}),
        "tools/call",
    );
    check(json!({"name": 5}), "tools/call");
    check(json!({}), "tools/call");
    check(json!({"name": "codex_delete"}), "codex_run_task");
    check(json!({"name": ""}), "codex_run_task");
    assert_nothing_is_left(&scene, sidecar.pid());
}

#[test]
fn sql_in_a_text_or_a_cursor_is_only_a_text() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, "100% of '; DROP TABLE runs; --");
    sidecar.wait_for_end(&run, LIMIT);
    let mut found = |filter: Value| {
        let page = sidecar.call("codex_list_runs", filter).ok();
        page["runs"].as_array().unwrap().len()
    };
    assert_eq!(found(json!({"text": "'; DROP TABLE runs; --"})), 1);
    assert_eq!(found(json!({"text": "100%"})), 1);
    assert_eq!(found(json!({"text": "%"})), 1);
    assert_eq!(found(json!({"text": "1%0"})), 0);
    assert_eq!(found(json!({"text": "10_%"})), 0);
    assert_eq!(found(json!({"text": "' OR '1'='1"})), 0);
    assert_eq!(found(json!({"client": "' OR '1'='1"})), 0);
    assert_eq!(found(json!({"client": "tester"})), 1);
    assert_eq!(found(json!({"folder": "/' OR '1'='1"})), 0);
    assert_eq!(found(json!({"folder": scene.work()})), 1);
    let in_other_words = format!("{}/./", scene.work().display());
    assert_eq!(found(json!({"folder": in_other_words})), 1);
    assert_eq!(found(json!({"folder": scene.path()})), 1);
    assert_eq!(found(json!({"folder": scene.path().join("wor")})), 0);
    assert_eq!(found(json!({"cursor": 0})), 0);
    assert_eq!(found(json!({})), 1);
}

#[test]
fn each_ceiling_refuses_what_is_above_it_and_lets_through_what_is_not() {
    let mut scene = Scene::new(&Codex::Fake);
    let tap = Tap::into(&mut scene);
    scene.write_config(
        "[ceilings]\nsandbox = \"read-only\"\nnetwork = false\nweb_search = false\n\
         models = [\"gpt-6-sol\"]\neffort = \"medium\"\nminutes = 1\n",
    );
    let mut sidecar = scene.sidecar();
    let mut check = |parameter: &str, value: Value, allowed: &str| {
        for persist in [true, false] {
            let mut arguments = right("codex_run_task", &scene);
            arguments[parameter] = value.clone();
            arguments["persist"] = json!(persist);
            let answer = sidecar.call("codex_run_task", arguments);
            refusal(&answer, "above_ceiling", parameter, parameter);
            refusal(&answer, "above_ceiling", allowed, parameter);
        }
    };
    check("sandbox", json!("workspace-write"), "read-only");
    check("network", json!(true), "false");
    check("web_search", json!(true), "false");
    check("model", json!("gpt-6-luna"), "gpt-6-sol");
    check("effort", json!("high"), "medium");
    check("effort", json!("unheardof"), "medium");
    check("timeout_s", json!(61), "60");
    assert_nothing_is_left(&scene, sidecar.pid());
    let outcomes: Vec<_> = traces::audit(&scene)
        .into_iter()
        .map(|entry| entry.1)
        .collect();
    // Of a run that would have left nothing on the disk, only that it was refused.
    assert_eq!(outcomes, vec!["above_ceiling"; 14]);

    let most = json!({
        "sandbox": "read-only", "network": false, "web_search": false,
        "model": "gpt-6-sol", "effort": "medium", "timeout_s": 60,
    });
    let run = sidecar.start_run_with(&scene, "go", most);
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["state"], "succeeded");
    assert_eq!(tap.arguments().len(), 1);
}

#[test]
fn network_for_a_read_only_sandbox_is_refused_before_anything_is_started() {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config("[ceilings]\nnetwork = true\n");
    let mut sidecar = scene.sidecar();
    let mut arguments = right("codex_run_task", &scene);
    arguments["network"] = json!(true);
    arguments["sandbox"] = json!("read-only");
    let answer = sidecar.call("codex_run_task", arguments);
    refusal(&answer, INVALID, "network", "network in read-only");
    assert_nothing_is_left(&scene, sidecar.pid());

    // A default is no wish: it counts where it can.
    scene.write_config("[ceilings]\nnetwork = true\n[defaults]\nnetwork = true\n");
    check_network(&mut sidecar, &scene, json!({"sandbox": "read-only"}), false);
    check_network(
        &mut sidecar,
        &scene,
        json!({"sandbox": "workspace-write"}),
        true,
    );
}

fn check_network(sidecar: &mut Sidecar, scene: &Scene, more: Value, expected: bool) {
    let run = sidecar.start_run_with(scene, "go", more);
    let run = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(run["requested"]["network"], json!(expected), "{run}");
}
