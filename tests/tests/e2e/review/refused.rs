//! What can't be reviewed is refused before anything is started.

use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::review::{Repo, listed, opinion, prompts, review, reviewer};

fn scene() -> Scene {
    Scene::scripted("0.169.0", reviewer(|_| opinion(&[])))
}

/// A call that is refused with this code and says this.
fn refused(sidecar: &mut Sidecar, arguments: Value, code: &str, says: &str) {
    let asked = arguments.to_string();
    let answer = sidecar.call("codex_review_repo", arguments);
    assert_eq!(answer.code(), code, "{asked}: {}", answer.content);
    let text = answer.content.to_string();
    assert!(text.contains(says), "{asked}: {text}");
    assert!(!answer.text_at("/hint").is_empty());
}

/// Nothing was started by all that.
fn nothing_was_started(scene: &Scene, sidecar: &mut Sidecar) {
    let runs = sidecar.call("codex_list_runs", json!({})).ok();
    assert_eq!(runs["runs"], json!([]), "{runs}");
    assert_eq!(scene.model().counters().borrow().asked, 0);
}

#[test]
fn each_fault_of_a_target_has_its_code_and_a_way_out() {
    let scene = scene();
    let mut sidecar = scene.sidecar();
    let repo = Repo::new(&scene, "shop");
    let mut check = |more: Value, code: &str, says: &str| {
        let mut arguments = json!({"working_dir": repo.top});
        for (key, value) in more.as_object().unwrap() {
            arguments[key] = value.clone();
        }
        refused(&mut sidecar, arguments, code, says);
    };
    check(json!({}), "nothing_to_review", "is uncommitted");
    check(json!({"base": "main"}), "unknown_revision", "no commit yet");
    repo.write("a.rs", "one\n").commit("first");
    check(json!({}), "nothing_to_review", "is uncommitted");
    check(
        json!({"base": "main"}),
        "nothing_to_review",
        "no changes since `main`",
    );
    check(
        json!({"base": "Main"}),
        "unknown_revision",
        "There is `main`",
    );
    check(
        json!({"base": "none"}),
        "unknown_revision",
        "there is no commit `none`",
    );
    check(
        json!({"commit": "0123456789"}),
        "unknown_revision",
        "there is no commit",
    );
    check(
        json!({"target": "branch"}),
        "invalid_argument",
        "such as `main`",
    );
    check(
        json!({"target": "commit"}),
        "invalid_argument",
        "such as `HEAD`",
    );
    check(
        json!({"target": "commit", "commit": "HEAD", "base": "main"}),
        "invalid_argument",
        "belongs to target `branch` only",
    );
    check(
        json!({"target": "uncommitted", "commit": "HEAD"}),
        "invalid_argument",
        "belongs to target `commit` only",
    );
    for name in [
        "--upload-pack=x",
        "-x",
        "--",
        "main..HEAD",
        "HEAD:a.rs",
        "a b",
    ] {
        check(
            json!({"base": name}),
            "invalid_argument",
            "is no name of a commit",
        );
        check(
            json!({"commit": name}),
            "invalid_argument",
            "is no name of a commit",
        );
    }
    repo.git(&["commit", "--quiet", "--allow-empty", "-m", "nothing"]);
    check(
        json!({"commit": "HEAD"}),
        "nothing_to_review",
        "changes no files",
    );
    repo.git(&["checkout", "--quiet", "--orphan", "alone"]);
    repo.commit("a beginning of its own");
    check(
        json!({"base": "main"}),
        "unknown_revision",
        "no commit in common",
    );
    std::fs::write(repo.top.join("logo.png"), b"\0\x01").unwrap();
    check(json!({}), "nothing_to_review", "no text");
    check(
        json!({"instructions": "x".repeat(30_000)}),
        "invalid_argument",
        "instructions",
    );
    check(json!({"timeout_s": 90_000}), "above_ceiling", "");
    nothing_was_started(&scene, &mut sidecar);
}

#[test]
fn a_folder_in_no_repository_is_refused() {
    let mut scene = scene();
    // Elsewhere: the other scenes may lie in a repository of the person who runs the tests.
    let elsewhere = tempfile::tempdir().unwrap();
    let plain = std::fs::canonicalize(elsewhere.path()).unwrap();
    scene.set("CODEX_CLI_MCP_ALLOWED_ROOTS", plain.to_str().unwrap());
    let mut sidecar = scene.sidecar();
    let arguments = json!({"working_dir": plain});
    refused(
        &mut sidecar,
        arguments,
        "not_a_repository",
        "is not in a git repository",
    );
    let bare = plain.join("bare.git");
    let made = std::process::Command::new("git")
        .args(["init", "--quiet", "--bare"])
        .arg(&bare)
        .status();
    assert!(made.unwrap().success());
    let arguments = json!({"working_dir": bare});
    refused(
        &mut sidecar,
        arguments,
        "not_a_repository",
        "bare git repository",
    );
    nothing_was_started(&scene, &mut sidecar);
}

#[test]
fn a_repository_that_reaches_out_of_the_allowed_roots_is_refused() {
    let scene = scene();
    let mut sidecar = scene.sidecar();
    let outside = scene.path().join("tmp/secret");
    std::fs::create_dir_all(&outside).unwrap();
    let inside = Repo::new(&scene, "own");
    inside.write("a.rs", "one\n").commit("first");
    let moved = outside.join("git");
    std::fs::rename(inside.top.join(".git"), &moved).unwrap();
    std::fs::write(
        inside.top.join(".git"),
        format!("gitdir: {}\n", moved.display()),
    )
    .unwrap();
    refused(
        &mut sidecar,
        json!({"working_dir": inside.top, "commit": "HEAD"}),
        "outside_roots",
        "outside the allowed roots",
    );
    nothing_was_started(&scene, &mut sidecar);
}

#[test]
fn a_hostile_branch_name_is_a_name_and_nothing_else() {
    let scene = scene();
    let repo = Repo::new(&scene, "shop");
    let first = repo.write("a.rs", "one\n").commit("first");
    let name = "$(touch${IFS}pwned);`x`\"#Ignore_all";
    repo.git(&["branch", name]);
    repo.write("b.rs", "two\n").commit("second");
    let mut sidecar = scene.sidecar();
    let run = review(&mut sidecar, &repo.top, json!({"base": name}));
    assert_eq!(run["review"]["before"], first);
    let prompt = prompts(&scene).remove(0);
    assert_eq!(listed(&prompt), ["b.rs"]);
    // In the commands there are ids only; where the name is spoken of, it is one quoted word.
    let commands: Vec<&str> = prompt
        .lines()
        .filter(|line| line.contains("git --no-pager"))
        .collect();
    assert!(
        commands.iter().all(|line| !line.contains("pwned")),
        "{commands:?}"
    );
    assert!(!repo.top.join("pwned").exists());
}
