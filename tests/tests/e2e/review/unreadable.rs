//! A model that does not answer as it was asked to.

use codex_bridge_tests::scene::Scene;
use serde_json::json;

use crate::review::{LIMIT, Repo, VERSIONS, lines, opinion, review, reviewer, start};

fn scene(version: &'static str) -> (Scene, Repo) {
    let scene = Scene::scripted(version, reviewer(|_| opinion(&[])));
    let repo = Repo::new(&scene, "shop");
    repo.write("a.rs", "one\ntwo\n");
    (scene, repo)
}

#[test]
fn what_cant_be_read_is_kept_as_it_came_and_there_is_no_verdict() {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let (scene, repo) = scene(version);
        let mut sidecar = scene.sidecar();
        let more = json!({"instructions": "MOCK:answer I like it, {mostly}."});
        let run = review(&mut sidecar, &repo.top, more);
        let found = &run["review"];
        assert_eq!(found["verdict"], "unknown");
        assert_eq!(found["findings"], json!([]));
        assert_eq!(found["coverage"]["parts"][0]["result"], "unreadable");
        let message = run["message"].as_str().unwrap();
        assert!(
            message.contains("could not be read as findings"),
            "{message}"
        );
        assert!(message.ends_with("I like it, {mostly}."), "{message}");
    }
}

#[test]
fn json_amid_prose_and_codexs_own_form_are_read() {
    let (scene, repo) = scene("0.169.0");
    let mut sidecar = scene.sidecar();
    let json = r#"{"findings": [{"title": "T", "body": "B", "priority": 1, "code_location": {"absolute_file_path": "a.rs", "line_range": {"start": 2, "end": 2}}}]}"#;
    let more = json!({"instructions": format!("MOCK:answer Here you are: ```{json}``` Bye.")});
    let run = review(&mut sidecar, &repo.top, more);
    assert_eq!(lines(&run), ["high a.rs:2-2 verified T"]);
    let top = repo.top.display();
    let rendered = format!("MOCK:answer - [P2] Own form — {top}/a.rs:1-2");
    let run = review(&mut sidecar, &repo.top, json!({"instructions": rendered}));
    assert_eq!(lines(&run), ["medium a.rs:1-2 verified Own form"]);
    assert_eq!(run["review"]["verdict"], "unknown");
}

#[test]
fn a_review_that_fails_says_why_and_what_it_had_covered() {
    let (scene, repo) = scene("0.169.0");
    let mut sidecar = scene.sidecar();
    let more = json!({"instructions": "MOCK:http 429 usage_limit"});
    let run = start(&mut sidecar, &repo.top, more);
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "failed", "{ended}");
    assert_eq!(ended["error"]["code"], "usage_limit");
    assert_eq!(ended["review"]["verdict"], "unknown");
    assert_eq!(ended["review"]["coverage"]["covered"], 0);
}

#[test]
fn secrets_in_findings_do_not_get_out() {
    let (scene, repo) = scene("0.169.0");
    let mut sidecar = scene.sidecar();
    let key = format!("sk-proj-{}", "A".repeat(40));
    let answer = json!({"findings": [{"title": format!("Key {key}"), "body": key, "suggested_fix": key,
        "code_location": {"absolute_file_path": "a.rs", "line_range": {"start": 1, "end": 1}}}]});
    let more = json!({"instructions": format!("MOCK:json {answer}")});
    let run = review(&mut sidecar, &repo.top, more);
    assert_eq!(run["review"]["findings_total"], 1);
    let found = run["review"].to_string();
    assert!(!found.contains(&key), "{found}");
}
