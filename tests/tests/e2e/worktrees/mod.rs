//! Work in a copy of the repository: what comes back, how, and what does not.

mod finish;
mod hostile;
mod kept;
mod places;

use std::time::Duration;

use codex_bridge_tests::repo::Repo;
use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

/// A repository in the allowed root.
fn shop(scene: &Scene) -> Repo {
    let files = [
        ("README.md", "# Shop\n"),
        ("src/cart.rs", "one\ntwo\nthree\nfour\nfive\n"),
        ("src/old.rs", "gone soon\n"),
        (".gitignore", "target/\n"),
    ];
    Repo::with(&scene.work().join("shop"), &files)
}

/// Lets Codex write in a repository and waits for the end, which has to be a success.
fn work(sidecar: &mut Sidecar, scene: &Scene, repo: &Repo, prompt: &str, more: &Value) -> Value {
    let mut asked = json!({"working_dir": repo.dir(), "sandbox": "workspace-write"});
    for (key, value) in more.as_object().into_iter().flatten() {
        asked[key] = value.clone();
    }
    let run = sidecar.start_run_with(scene, prompt, asked);
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    ended
}

/// The changes of a run, on one page.
fn changes(sidecar: &mut Sidecar, run: &Value) -> Value {
    let page = sidecar.call("codex_get_changes", json!({"run_id": run["run_id"]}));
    let page = page.ok();
    assert_eq!(page["next_cursor"], Value::Null, "{page}");
    page
}

/// The changed files of a page, a line each.
fn files(page: &Value) -> Vec<String> {
    let line = |file: &Value| {
        let from = file["from"].as_str();
        let from = from.map_or_else(String::new, |from| format!(" from {from}"));
        format!(
            "{} {}{from}",
            file["change"].as_str().unwrap(),
            file["path"].as_str().unwrap()
        )
    };
    page["files"].as_array().unwrap().iter().map(line).collect()
}

/// Applies what a page shows.
fn apply(run: &Value, page: &Value) -> Value {
    json!({"run_id": run["run_id"], "action": "apply", "diff_hash": page["diff_hash"]})
}

/// A run of the stand-in, which makes one file.
fn fake_work(scene: &Scene, sidecar: &mut Sidecar, repo: &Repo) -> Value {
    let prompt = "Make a file.\nFAKE: thread\nFAKE: turn\nFAKE: write made.txt made\nFAKE: message done\nFAKE: complete";
    work(sidecar, scene, repo, prompt, &json!({}))
}

fn id(run: &Value) -> &str {
    run["run_id"].as_str().unwrap()
}
