//! What is suggested while somebody types.

use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::json;

use super::*;

fn complete(sidecar: &mut Sidecar, of: &Value, name: &str, typed: &str) -> Value {
    let params = json!({
        "ref": of,
        "argument": {"name": name, "value": typed},
        "context": {"arguments": {}},
    });
    sidecar.request("completion/complete", params)
}

fn values(sidecar: &mut Sidecar, of: &Value, name: &str, typed: &str) -> Vec<String> {
    let answer = complete(sidecar, of, name, typed);
    let completion = &answer["result"]["completion"];
    let values = completion["values"].as_array();
    let values = values.unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(completion["total"], values.len());
    assert_eq!(completion["hasMore"], false);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    values.iter().map(text).collect()
}

fn template(uri: &str) -> Value {
    json!({"type": "ref/resource", "uri": uri})
}

fn prompt(name: &str) -> Value {
    json!({"type": "ref/prompt", "name": name})
}

#[test]
fn the_id_of_a_run_is_completed_by_its_ends_and_its_title() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let mut start = |title: &str| {
            let run = sidecar.start_run_with(&scene, "go", json!({ "title": title }));
            sidecar.wait_for_end(&run, LIMIT);
            run
        };
        let (first, second) = (start("Mend the parser"), start("Water the plants"));
        let mut check = |uri: &str, typed: &str, expected: &[&String]| {
            let found = values(&mut sidecar, &template(uri), "id", typed);
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{uri} {typed}");
        };
        for uri in ["codex://runs/{id}", "codex://runs/{id}/diff"] {
            check(uri, "", &[&second, &first]);
            check(uri, "run_", &[&second, &first]);
            check(uri, &first[..22], &[&first]);
            check(uri, &second[15..], &[&second]);
            check(uri, "PARSER", &[&first]);
            check(uri, "nothing of the kind", &[]);
        }
        // Neither of them is a review.
        check("codex://runs/{id}/review", "", &[]);
    }
}

#[test]
fn the_arguments_of_prompts_are_completed_from_what_was_used_and_is_there() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let (used, gone) = (scene.folder("shop"), scene.folder("gone"));
        for folder in [&gone, &used] {
            let more = json!({"working_dir": folder, "model": "o-1", "effort": "high"});
            let run = sidecar.start_run_with(&scene, "go", more);
            sidecar.wait_for_end(&run, LIMIT);
        }
        std::fs::remove_dir_all(&gone).unwrap();
        let mut check = |name: &str, argument: &str, typed: &str, expected: &[&str]| {
            let found = values(&mut sidecar, &prompt(name), argument, typed);
            assert_eq!(found, expected, "{argument} {typed}");
        };
        let work = scene.work();
        let (used, root) = (used.to_str().unwrap(), work.to_str().unwrap());
        for name in ["second_opinion", "review_changes", "delegate"] {
            check(name, "working_dir", "", &[used, root]);
            check(name, "working_dir", "SHO", &[used]);
            check(name, "working_dir", &used[..used.len() - 1], &[used]);
        }
        check(
            "second_opinion",
            "model",
            "",
            &["o-1", "gpt-6-sol", "gpt-6-luna"],
        );
        check("second_opinion", "model", "x", &[]);
        check("delegate", "effort", "hi", &["high"]);
        check(
            "delegate",
            "mode",
            "",
            &["worktree", "in_place", "read-only"],
        );
        check("delegate", "mode", "r", &["read-only", "worktree"]);
        check("delegate", "task", "any", &[]);
        check("review_changes", "base", "", &[]);
    }
}

#[test]
fn only_what_the_person_allows_is_suggested() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    for (model, effort) in [("o-1", "high"), ("o-2", "low")] {
        let more = json!({"model": model, "effort": effort});
        let run = sidecar.start_run_with(&scene, "go", more);
        sidecar.wait_for_end(&run, LIMIT);
    }
    scene.write_config("[ceilings]\nmodels = [\"o-2\", \"o-3\"]\neffort = \"medium\"\n");
    let of = prompt("delegate");
    assert_eq!(values(&mut sidecar, &of, "model", ""), ["o-2", "o-3"]);
    assert_eq!(values(&mut sidecar, &of, "effort", ""), ["low", "medium"]);
}

#[test]
fn what_can_not_be_completed_is_refused_with_what_can() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let mut check = |of: &Value, name: &str, expected: &str| {
            let answer = complete(&mut sidecar, of, name, "");
            assert_eq!(answer["error"]["code"], -32602, "{answer}");
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.contains(expected), "{message}");
        };
        check(&template("codex://runs"), "id", "codex://runs/{id}/events");
        check(&template("codex://runs/{id}"), "run", "only `id`");
        check(
            &prompt("nope"),
            "x",
            "second_opinion, review_changes, delegate",
        );
        check(
            &prompt("delegate"),
            "x",
            "`delegate` takes task, working_dir, mode",
        );
    }
}
