//! What the resources hold.

use codex_bridge_tests::repo::Repo;
use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::json;

use super::*;

#[test]
fn every_resource_of_a_run_is_there_or_says_why_not() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let run = sidecar.start_run(&scene, HALTING);
        sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "one");
        let mut absent = |part: &str, code: &str, expected: &str| {
            let params = json!({"uri": uri(&run, part)});
            let answer = sidecar.request("resources/read", params);
            let message = answer["error"]["message"].as_str();
            let message = message.unwrap_or_else(|| panic!("{answer}"));
            assert!(message.contains(expected), "{message}");
            assert_eq!(answer["error"]["data"]["code"], code, "{answer}");
        };
        absent("/diff", "no_changes", "it may only read");
        absent("/review", "invalid_argument", "it is a task");
        go_on(&scene);
        sidecar.wait_for_end(&run, LIMIT);
        let record = read_json(&mut sidecar, &uri(&run, ""));
        assert_eq!(record, sidecar.get_run(&run));
        let events = read_json(&mut sidecar, &uri(&run, "/events"));
        assert_eq!(events["is_final"], true);
        let message = read(&mut sidecar, &uri(&run, "/message"));
        assert_eq!(
            (&message["text"], &message["mimeType"]),
            (&json!("two"), &json!("text/markdown"))
        );
        assert_eq!(read_json(&mut sidecar, "codex://status")["running"], 0);
        let runs = read_json(&mut sidecar, "codex://runs");
        assert_eq!(runs["runs"][0]["run_id"], json!(run));
    }
}

#[test]
fn the_diff_of_a_run_is_read_part_by_part() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let files = [("old.txt", "old\n")];
        let repo = Repo::with(&scene.work().join("shop"), &files);
        let mut sidecar = scene.sidecar_opened(era);
        let steps = "FAKE: thread\nFAKE: turn\nFAKE: write new.txt made\nFAKE: complete";
        let more = json!({"working_dir": repo.dir(), "sandbox": "workspace-write"});
        let run = sidecar.start_run_with(&scene, steps, more);
        let ended = sidecar.wait_for_end(&run, LIMIT);
        let address = uri(&run, "/diff");
        assert_eq!(ended["resources"]["diff"], json!(address), "{ended}");
        let part = read(&mut sidecar, &address);
        assert_eq!(part["mimeType"], "text/x-diff");
        let text = part["text"].as_str().unwrap();
        assert!(text.starts_with("diff --git a/new.txt b/new.txt"), "{text}");
        assert!(text.contains("+made"), "{text}");
        let wrong = json!({"uri": format!("{address}?cursor=x")});
        let answer = sidecar.request("resources/read", wrong);
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

#[test]
fn no_resource_takes_more_than_a_client_can_show() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let long = "\"word\" ".repeat(20_000);
    let steps = format!(
        "FAKE: thread\nFAKE: turn\nFAKE: events 300 4k\nFAKE: message {long}\nFAKE: complete"
    );
    let run = sidecar.start_run(&scene, &steps);
    sidecar.wait_for_end(&run, LIMIT);
    for part in ["", "/events", "/message"] {
        let answer = sidecar.request("resources/read", json!({"uri": uri(&run, part)}));
        let size = answer.to_string().len();
        assert!((1_000..=41_000).contains(&size), "{part}: {size}");
    }
}
