//! The command line's twin of the tool.

use codex_bridge_tests::scene::Scene;
use serde_json::Value;

use crate::review::{Repo, finding, opinion, reviewer};

fn scene() -> (Scene, Repo) {
    let scene = Scene::scripted(
        "0.169.0",
        reviewer(|prompt| {
            assert!(
                !prompt.contains("What the person wants") || prompt.contains("Look for races.")
            );
            opinion(&[finding("Reads past the end", "a.rs", (1, 2), 1)])
        }),
    );
    let repo = Repo::new(&scene, "shop");
    repo.write("a.rs", "one\n").commit("first");
    repo.write("a.rs", "one\ntwo\n");
    (scene, repo)
}

fn run(scene: &Scene, args: &[&str]) -> (i32, String, String) {
    let output = scene.cli(args).output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("an exit code");
    (code, text(output.stdout), text(output.stderr))
}

#[test]
fn the_findings_are_a_table_and_as_json_the_run() {
    let (scene, repo) = scene();
    let dir = repo.top.to_str().unwrap();
    let (code, table, said) = run(&scene, &["review", "--dir", dir, "Look for races."]);
    assert_eq!(code, 0, "{table}{said}");
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "The change needs work (80 % sure)", "{table}");
    assert!(
        lines.contains(&"high      a.rs:1-2  Reads past the end"),
        "{table}"
    );
    let (code, json, said) = run(&scene, &["review", "-C", dir, "--base", "HEAD", "--json"]);
    assert_eq!(code, 0, "{json}{said}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["review"]["findings"][0]["file"], "a.rs");
    assert_eq!(json["review"]["subject"], "the changes since `HEAD`");
    let id = json["run_id"].as_str().unwrap();
    let (_, shown, _) = run(&scene, &["show", id]);
    assert!(
        shown.contains("high      a.rs:1-2  Reads past the end"),
        "{shown}"
    );
}

#[test]
fn what_cant_be_reviewed_has_its_code_and_names_are_no_options() {
    let (scene, repo) = scene();
    let dir = repo.top.to_str().unwrap();
    let refused = |args: &[&str], code: &str| {
        let all = [&["review", "--dir", dir, "--json"], args].concat();
        let (exit, json, _) = run(&scene, &all);
        assert_ne!(exit, 0, "{json}");
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["error"]["code"], code, "{args:?}: {json}");
    };
    refused(&["--base", "none"], "unknown_revision");
    refused(&["--base=--upload-pack=x"], "invalid_argument");
    refused(&["--commit=-x"], "invalid_argument");
    repo.commit("all of it");
    refused(&[], "nothing_to_review");
    refused(&["--uncommitted"], "nothing_to_review");
}
