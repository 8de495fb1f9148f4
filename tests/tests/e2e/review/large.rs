//! A change that is too large for one go.

use std::time::Duration;

use bridge_core::adapters::scripted_model::{Answer, Step};
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::Scene;
use serde_json::{Value, json};

use crate::review::{
    LIMIT, Repo, VERSIONS, finding, lines, listed, opinion, prompts, reviewer, start,
};

fn with_many_files(scene: &Scene, count: usize) -> Repo {
    let repo = Repo::new(scene, "shop");
    for at in 0..count {
        repo.write(
            &format!("src/d{:02}/f{at:04}.rs", at / 100),
            "fn one() {}\n",
        );
    }
    repo
}

/// A finding in the first file of each part, and one that every part reports.
fn first_of_each_part(prompt: &str) -> Value {
    let files = listed(prompt);
    opinion(&[
        finding("Wrong in this part", files[0], (1, 1), 1),
        finding("Missing for all", "src/d00/f0000.rs", (1, 1), 2),
    ])
}

#[test]
fn five_thousand_files_are_reviewed_in_parts_and_it_says_how() {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let scene = Scene::scripted(version, reviewer(first_of_each_part));
        let repo = with_many_files(&scene, 5_000);
        std::fs::write(repo.top.join("logo.png"), b"\0\x01\x02").unwrap();
        repo.write("big.txt", &"a long line of text\n".repeat(30_000));
        let mut sidecar = scene.sidecar();
        let run = start(&mut sidecar, &repo.top, json!({}));
        let run = sidecar.wait_for_end(&run, 2 * LIMIT);
        assert_eq!(run["state"], "succeeded", "{run}");
        let found = &run["review"];
        let coverage = &found["coverage"];
        assert_eq!(coverage["files"], 5_002);
        assert_eq!(coverage["covered"], 8 * 150);
        assert_eq!(coverage["complete"], false);
        let parts = coverage["parts"].as_array().unwrap();
        assert_eq!(parts.len(), 8);
        assert!(
            parts
                .iter()
                .all(|part| *part == json!({"files": 150, "result": "reviewed"}))
        );
        // Those with a reason of their own come first.
        assert_eq!(
            coverage["uncovered"][0],
            json!({"file": "big.txt", "why": "too_large"})
        );
        assert_eq!(
            coverage["uncovered"][1],
            json!({"file": "logo.png", "why": "binary"})
        );
        assert_eq!(coverage["uncovered"][2]["why"], "too_many");
        let named = coverage["uncovered"].as_array().unwrap().len();
        assert_eq!(coverage["uncovered_more"], 3_802 - named);
        // One for each part, and the one that all report is joined.
        assert_eq!(found["findings_total"], 9);
        let joined = lines(&run).pop().unwrap();
        assert_eq!(
            joined,
            "medium src/d00/f0000.rs:1-1 verified Missing for all"
        );
        assert_eq!(found["findings"][8]["reports"], 8);
        assert_eq!(run["usage"]["input_tokens"], 8 * 1200);
        let message = run["message"].as_str().unwrap();
        assert!(
            message.contains("Looked at 1200 of 5002 files, in 8 parts."),
            "{message}"
        );

        // Each part is a turn of its own, in one timeline.
        let prompts = prompts(&scene);
        assert_eq!(prompts.len(), 8);
        let mut files: Vec<&str> = prompts.iter().flat_map(|prompt| listed(prompt)).collect();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), 8 * 150);
        assert!(prompts[4].contains("This is part 5"));
        let page = json!({"run_id": run["run_id"], "cursor": 0});
        let events = sidecar.call("codex_get_run_updates", page).ok();
        let notices: Vec<&str> = events["events"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["kind"] == "notice")
            .filter_map(|event| event["text"].as_str())
            .collect();
        assert!(
            notices[0].starts_with("1200 of 5002 files are reviewed, in 8 parts"),
            "{notices:?}"
        );
        assert_eq!(notices[1], "part 2 of 8: 150 files");
    }
}

/// A model that never answers for the second part.
fn hanging_in_the_second() -> Scene {
    let answer = reviewer(first_of_each_part);
    Scene::scripted("0.169.0", move |request| {
        match request.last_user_text().contains("This is part 2") {
            true => Answer::to(request).step(Step::Hang).unended(),
            false => answer(request),
        }
    })
}

/// The first part is done, the second was under way and the third was not reached.
fn ended_in_the_second(run: &Value) {
    let found = &run["review"];
    let parts = found["coverage"]["parts"].as_array().expect("parts");
    let results: Vec<_> = parts.iter().map(|part| part["result"].clone()).collect();
    assert_eq!(results, ["reviewed", "not_reached", "not_reached"], "{run}");
    assert_eq!(found["findings"][0]["title"], "Wrong in this part");
    assert_eq!(found["verdict"], "needs_work");
}

#[test]
fn a_cancel_ends_all_parts_and_keeps_what_was_found() {
    let scene = hanging_in_the_second();
    let repo = with_many_files(&scene, 400);
    let mut sidecar = scene.sidecar();
    let run = start(&mut sidecar, &repo.top, json!({}));
    sidecar.wait_for_event(&run, LIMIT, |event| {
        let text = event["text"].as_str().unwrap_or_default();
        text.starts_with("part 2 of 3")
    });
    let ended = sidecar.call("codex_cancel_run", json!({"run_id": run}));
    let ended = ended.ok();
    assert_eq!(ended["state"], "cancelled", "{ended}");
    ended_in_the_second(&ended);
    processes::wait_until(Duration::from_secs(5), "nothing of it runs", || {
        processes::of_run(&run).is_empty()
    });
}

#[test]
fn the_time_limit_holds_for_all_parts_together() {
    let scene = hanging_in_the_second();
    let repo = with_many_files(&scene, 400);
    let mut sidecar = scene.sidecar();
    let run = start(&mut sidecar, &repo.top, json!({"timeout_s": 10}));
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "timed_out", "{ended}");
    assert_eq!(ended["time_limit"], "total");
    ended_in_the_second(&ended);
}
