//! The prompts, as clients list and get them.

use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::json;

use super::*;

#[test]
fn the_prompts_are_listed_and_got_in_both_eras() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let answer = sidecar.request("prompts/list", json!({}));
        let listed = answer["result"]["prompts"].as_array().unwrap();
        let names: Vec<_> = listed.iter().map(|prompt| &prompt["name"]).collect();
        assert_eq!(names, ["second_opinion", "review_changes", "delegate"]);
        for prompt in listed {
            let mut given = json!({});
            for argument in prompt["arguments"].as_array().unwrap() {
                if argument["required"] == true {
                    given[argument["name"].as_str().unwrap()] = json!("/w/shop");
                }
            }
            let params = json!({"name": prompt["name"], "arguments": given});
            let answer = sidecar.request("prompts/get", params);
            let messages = answer["result"]["messages"].as_array();
            let messages = messages.unwrap_or_else(|| panic!("{answer}"));
            assert_eq!(messages[0]["role"], "user");
            let text = messages[0]["content"]["text"].as_str().unwrap();
            assert!(text.contains("/w/shop") && text.contains("codex_get_run_updates"));
        }
    }
}

#[test]
fn a_prompt_is_refused_with_what_is_wrong() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let mut check = |name: &str, given: Value, expected: &str| {
            let params = json!({"name": name, "arguments": given});
            let answer = sidecar.request("prompts/get", params);
            assert_eq!(answer["error"]["code"], -32602, "{answer}");
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.contains(expected), "{message}");
        };
        check(
            "nope",
            json!({}),
            "second_opinion, review_changes, delegate",
        );
        check("delegate", json!({"task": "x"}), "`working_dir` is missing");
        check(
            "second_opinion",
            json!({"question": "x".repeat(20_000)}),
            "16000 is the most",
        );
    }
}
