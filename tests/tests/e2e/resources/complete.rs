//! What is suggested while somebody types.

use codex_bridge_tests::scene::{Codex, Scene, program, write_program};
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
fn the_arguments_of_prompts_are_completed_from_what_was_used_and_is_allowed() {
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
        check("second_opinion", "model", "", &["gpt-6-sol", "gpt-6-luna"]);
        check("second_opinion", "model", "LUNA", &["gpt-6-luna"]);
        check("delegate", "effort", "", &["low", "medium", "high"]);
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
        let params = json!({
            "ref": prompt("delegate"),
            "argument": {"name": "effort", "value": ""},
            "context": {"arguments": {"model": "gpt-6-luna"}},
        });
        let answer = sidecar.request("completion/complete", params);
        let values = &answer["result"]["completion"]["values"];
        assert_eq!(values, &json!(["low"]), "{answer}");
    }
}

#[test]
fn the_base_of_a_review_is_completed_from_the_branches_of_its_folder() {
    let scene = Scene::new(&Codex::Fake);
    let (shop, outside) = (scene.folder("shop"), scene.path().join("outside"));
    for repository in [&shop, &outside] {
        std::fs::create_dir_all(repository).unwrap();
        git(&scene, repository, &["init", "-q", "-b", "main"]);
        git(
            &scene,
            repository,
            &["commit", "-q", "--allow-empty", "-m", "first"],
        );
        git(&scene, repository, &["branch", "feature/cart"]);
    }
    let mut sidecar = scene.sidecar();
    let mut check = |folder: Value, typed: &str, expected: &[&str]| {
        let params = json!({
            "ref": prompt("review_changes"),
            "argument": {"name": "base", "value": typed},
            "context": {"arguments": {"working_dir": folder}},
        });
        let answer = sidecar.request("completion/complete", params);
        let mut values: Vec<String> = answer["result"]["completion"]["values"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .iter()
            .map(|value| value.as_str().unwrap().to_owned())
            .collect();
        values.sort();
        assert_eq!(values, expected, "{folder} {typed}");
    };
    std::fs::create_dir(shop.join("src")).unwrap();
    check(json!(shop), "", &["feature/cart", "main"]);
    check(json!(shop.join("src")), "CART", &["feature/cart"]);
    check(json!(shop), "x", &[]);
    check(json!(scene.work()), "", &[]);
    check(json!(outside), "", &[]);
    check(json!("relative"), "", &[]);
    // A file that says that the repository is elsewhere opens nothing.
    let trick = scene.folder("trick");
    let elsewhere = format!("gitdir: {}\n", outside.join(".git").display());
    std::fs::write(trick.join(".git"), elsewhere).unwrap();
    check(json!(trick), "", &[]);
}

fn git(scene: &Scene, folder: &std::path::Path, args: &[&str]) {
    let done = std::process::Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .current_dir(folder)
        .env_clear()
        .envs(scene.env())
        .status();
    assert!(done.is_ok_and(|status| status.success()), "{args:?}");
}

#[test]
fn where_codex_does_not_tell_its_models_those_that_were_used_are_suggested() {
    let mut scene = Scene::new(&Codex::Fake);
    let codex = scene.path().join("codex-that-keeps-silent");
    let fake = program("fake-codex");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" != debug ] || exit 1\nexec \"{}\" \"$@\"\n",
        fake.display()
    );
    write_program(&codex, &script);
    scene.set("CODEX_BIN", codex.to_str().unwrap());
    let mut sidecar = scene.sidecar();
    for (model, effort) in [("o-1", "high"), ("o-2", "low"), ("o-1", "low")] {
        let more = json!({"model": model, "effort": effort});
        let run = sidecar.start_run_with(&scene, "go", more);
        sidecar.wait_for_end(&run, LIMIT);
    }
    let of = prompt("delegate");
    assert_eq!(values(&mut sidecar, &of, "model", ""), ["o-1", "o-2"]);
    assert_eq!(values(&mut sidecar, &of, "effort", ""), ["low", "high"]);
}

#[test]
fn only_what_the_person_allows_is_suggested() {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config("[ceilings]\nmodels = [\"o-2\", \"o-3\"]\neffort = \"medium\"\n");
    let mut sidecar = scene.sidecar();
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
