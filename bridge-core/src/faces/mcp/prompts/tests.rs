//! The prompts as a client gets them.

use serde_json::json;

use super::*;
use crate::faces::tools;

fn message(name: &str, given: &Value) -> Result<String, String> {
    let given = given.as_object().unwrap();
    let result = find(name).unwrap().message(given, &Scrubber::builtin());
    let result = result.map_err(|error| error.message.into_owned())?;
    assert_eq!(result.messages.len(), 1);
    let message = serde_json::to_value(&result.messages[0]).unwrap();
    assert_eq!(message["role"], "user");
    Ok(message["content"]["text"].as_str().unwrap().to_owned())
}

fn refused(name: &str, given: &Value, expected: &str) {
    let error = message(name, given).unwrap_err();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_prompt_says_what_was_given_and_which_tools_to_use() {
    let check = |name: &str, given: &Value, expected: &[&str]| {
        let text = message(name, given).unwrap();
        for part in expected {
            assert!(text.contains(part), "no {part} in {text}");
        }
        assert!(text.len() < 4_000, "{}", text.len());
    };
    check(
        "second_opinion",
        &json!({"question": "Tabs or spaces?", "working_dir": "/w/a", "model": "o-1", "effort": "high"}),
        &[
            "Tabs or spaces?",
            "codex_run_task",
            "`read-only`",
            "working_dir `/w/a`, model `o-1`, effort `high`",
            "codex_get_run_updates",
        ],
    );
    check(
        "second_opinion",
        &json!({"question": "Tabs or spaces?", "model": " ", "effort": null}),
        &["codex_doctor names. Codex sees"],
    );
    let folder = json!({"working_dir": "/w/a"});
    check(
        "review_changes",
        &folder,
        &[
            "codex_review_repo",
            "target `uncommitted`.",
            "the uncommitted changes in `/w/a`.",
        ],
    );
    check(
        "review_changes",
        &json!({"working_dir": "/w/a", "base": "main", "focus": "locks"}),
        &[
            "target `branch` and base `main`, and the focus as instructions.",
            "locks",
        ],
    );
    let task = |mode: &str| json!({"task": "Mend it.", "working_dir": "/w/a", "mode": mode});
    check(
        "delegate",
        &task(""),
        &[
            "Mend it.",
            "workspace `worktree`",
            "codex_finish_run",
            "diff_hash",
        ],
    );
    check("delegate", &task("worktree"), &["workspace `worktree`"]);
    check(
        "delegate",
        &task("in_place"),
        &["workspace `in_place`", "codex_get_changes"],
    );
    check(
        "delegate",
        &task("read-only"),
        &["sandbox `read-only`. Codex"],
    );
}

#[test]
fn a_wrong_argument_is_refused_with_the_reason() {
    refused(
        "second_opinion",
        &json!({}),
        "`question` is missing: What Codex",
    );
    refused(
        "second_opinion",
        &json!({"question": "  "}),
        "`question` is missing",
    );
    refused(
        "second_opinion",
        &json!({"question": 5}),
        "has to be a string",
    );
    refused(
        "second_opinion",
        &json!({"question": "?", "topic": "x"}),
        "`topic` is not an argument of this prompt; it takes question, working_dir, model, effort",
    );
    refused(
        "second_opinion",
        &json!({"question": "é".repeat(9_000)}),
        "is 18000 bytes long, and 16000 is the most",
    );
    refused(
        "review_changes",
        &json!({"working_dir": "src"}),
        "`working_dir` has to be an absolute path",
    );
    refused(
        "review_changes",
        &json!({"working_dir": "/w", "base": "a b"}),
        "`base` has to be a name, without spaces",
    );
    refused(
        "delegate",
        &json!({"task": "x", "working_dir": "/w", "mode": "yolo"}),
        "`mode` has to be one of worktree, in_place, read-only",
    );
    assert!(
        find("nope")
            .err()
            .unwrap()
            .message
            .contains("second_opinion")
    );
}

#[test]
fn a_secret_is_not_passed_on() {
    let key = format!("sk-proj-{}", "a1B2".repeat(12));
    let given = json!({"question": format!("Why is {key} refused?")});
    let text = message("second_opinion", &given).unwrap();
    assert!(!text.contains(&key));
}

#[test]
fn every_prompt_is_described_and_names_only_tools_that_there_are() {
    let tools = tools::all();
    let is_tool = |name: &str| tools.iter().any(|tool| tool.listed.name == name);
    for prompt in ALL {
        let listed = serde_json::to_value(prompt.listed()).unwrap();
        assert!(listed["title"].is_string() && listed["description"].is_string());
        let mut given = Map::new();
        for argument in listed["arguments"].as_array().unwrap() {
            for part in ["title", "description"] {
                assert!(argument[part].as_str().unwrap().len() > 3, "{argument}");
            }
            assert!(argument["required"].is_boolean());
            let name = argument["name"].as_str().unwrap().to_owned();
            given.insert(name, json!("/worktree"));
        }
        given.remove("mode");
        let text = message(prompt.name, &Value::Object(given)).unwrap();
        let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
        for word in words.filter(|word| word.starts_with("codex_")) {
            assert!(is_tool(word), "{word}");
        }
    }
}
