//! Where a run works: in a copy where that can be, else in the folder, and its record says why.

use codex_bridge_tests::repo::Repo;
use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::{Value, json};

use crate::worktrees::{LIMIT, changes, fake_work, files, shop, work};

#[test]
fn what_may_only_read_works_in_the_folder_itself() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let run = sidecar.start_run_with(&scene, "Look.", json!({"working_dir": repo.dir()}));
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["workspace"]["mode"], "in_place", "{ended}");
    assert_eq!(ended["workspace"]["fell_back"], Value::Null, "{ended}");
    assert_eq!(ended["changes"], Value::Null, "{ended}");
    let none = sidecar.call("codex_get_changes", json!({"run_id": run}));
    assert_eq!(none.code(), "no_changes");
}

#[test]
fn a_folder_that_cant_be_copied_is_worked_in_itself_and_says_why() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let unborn = scene.folder("unborn");
    git(&unborn, &["init", "--quiet"]);
    let bare = scene.folder("bare");
    git(&bare, &["init", "--quiet", "--bare"]);
    for (folder, why) in [
        // The scene lies in the repository of this project, far above the allowed root.
        (scene.folder("outside"), "outside the allowed roots"),
        (unborn, "no commit yet"),
        (bare, "bare"),
    ] {
        let asked = json!({"working_dir": folder, "sandbox": "workspace-write"});
        let run = sidecar.start_run_with(&scene, "Work.", asked.clone());
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["workspace"]["mode"], "in_place", "{ended}");
        let reason = ended["workspace"]["fell_back"].as_str().unwrap();
        assert!(reason.contains(why), "{reason}");

        let mut by_name = asked;
        by_name["workspace"] = json!("worktree");
        by_name["prompt"] = json!("Work.");
        let refused = sidecar.call("codex_run_task", by_name);
        assert_eq!(refused.code(), "worktree_impossible");
        assert!(
            refused.text_at("/message").contains(why),
            "{}",
            refused.content
        );
    }
}

#[test]
fn without_git_the_work_is_done_in_the_folder() {
    let mut scene = Scene::new(&Codex::Fake);
    let repo = shop(&scene);
    scene.set("PATH", "/nonexistent");
    let mut sidecar = scene.sidecar();
    let run = fake_work(&scene, &mut sidecar, &repo);
    assert_eq!(run["workspace"]["mode"], "in_place", "{run}");
    let why = run["workspace"]["fell_back"].as_str().unwrap();
    assert!(why.contains("git"), "{why}");
    assert!(run["changes"]["unknown_because"].is_string(), "{run}");
}

#[test]
fn a_part_of_a_repository_is_worked_in_as_a_part_of_the_copy() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let prompt = "FAKE: thread\nFAKE: turn\nFAKE: write made.txt made\nFAKE: cwd\nFAKE: complete";
    let asked = json!({"working_dir": repo.path().join("src")});
    let run = work(&mut sidecar, &scene, &repo, prompt, &asked);
    let path = run["workspace"]["path"].as_str().unwrap();
    assert!(path.ends_with("/shop/src"), "{path}");
    assert_eq!(files(&changes(&mut sidecar, &run)), ["added src/made.txt"]);
}

#[test]
fn uncommitted_work_is_carried_on_request() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    repo.write("src/cart.rs", "mine\n");
    repo.write("note.txt", "untracked\n");
    let before = repo.status();
    let run = fake_work(&scene, &mut sidecar, &repo);
    assert_eq!(run["workspace"]["carried"], false);
    let copy = |run: &Value, name: &str| {
        let path = run["workspace"]["path"].as_str().unwrap();
        std::fs::read_to_string(format!("{path}/{name}")).ok()
    };
    assert_eq!(copy(&run, "note.txt"), None);

    let prompt = "FAKE: thread\nFAKE: turn\nFAKE: write made.txt made\nFAKE: complete";
    let carried = work(
        &mut sidecar,
        &scene,
        &repo,
        prompt,
        &json!({"carry_changes": true}),
    );
    assert_eq!(carried["workspace"]["carried"], true, "{carried}");
    assert_eq!(copy(&carried, "note.txt").as_deref(), Some("untracked\n"));
    assert_eq!(copy(&carried, "src/cart.rs").as_deref(), Some("mine\n"));
    let page = changes(&mut sidecar, &carried);
    assert_eq!(files(&page), ["added made.txt"]);
    let apply = crate::worktrees::apply(&carried, &page);
    sidecar.call("codex_finish_run", apply).ok();
    let mut after = before;
    after.insert(1, "?? made.txt".to_owned());
    assert_eq!(repo.status(), after);
}

#[test]
fn a_run_in_the_folder_tells_its_own_changes_apart() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    repo.write("src/cart.rs", "mine\n");
    let prompt = "FAKE: thread\nFAKE: turn\nFAKE: write made.txt made\nFAKE: complete";
    let run = work(
        &mut sidecar,
        &scene,
        &repo,
        prompt,
        &json!({"workspace": "in_place"}),
    );
    assert_eq!(run["changes"]["files"], 1, "{run}");
    assert_eq!(run["changes"]["dirty_before"], 1, "{run}");
    // What the person does afterwards is not the run's.
    repo.write("later.txt", "mine\n");
    let page = changes(&mut sidecar, &run);
    assert_eq!(files(&page), ["added made.txt"]);
    assert_eq!(page["diff_hash"], run["changes"]["diff_hash"]);
}

#[test]
fn a_run_that_leaves_no_trace_has_no_copy() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let asked = json!({"prompt": "x", "working_dir": repo.dir(), "persist": false, "workspace": "worktree"});
    assert_eq!(
        sidecar.call("codex_run_task", asked).code(),
        "invalid_argument"
    );
    let run = work(
        &mut sidecar,
        &scene,
        &repo,
        "Work.",
        &json!({"persist": false}),
    );
    assert_eq!(run["workspace"]["mode"], "in_place", "{run}");
    assert!(!scene.state().join("worktrees").exists());
}

fn git(folder: &std::path::Path, args: &[&str]) {
    let status = std::process::Command::new("git")
        .args(args)
        .current_dir(folder)
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn a_repository_that_reaches_out_of_the_roots_is_not_followed() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let elsewhere = Repo::with(&scene.path().join("elsewhere"), &[("a", "a\n")]);
    let folder = scene.folder("lured");
    std::fs::write(
        folder.join(".git"),
        format!("gitdir: {}/.git\n", elsewhere.dir()),
    )
    .unwrap();
    let asked = json!({"prompt": "Work.", "working_dir": folder, "sandbox": "workspace-write", "workspace": "worktree"});
    let refused = sidecar.call("codex_run_task", asked);
    assert_eq!(refused.code(), "worktree_impossible");
}
