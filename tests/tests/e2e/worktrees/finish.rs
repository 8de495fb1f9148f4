//! The three ends of a worktree, and what stands in their way.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use codex_bridge_tests::repo::Repo;
use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use serde_json::{Value, json};

use crate::worktrees::{LIMIT, apply, changes, fake_work, files, id, shop, work};

/// A change of every usual kind.
const ALL_KINDS: &str = "MOCK:shell printf 'ONE\\ntwo\\nthree\\nfour\\nfive\\n' > src/cart.rs; rm src/old.rs; \
    mkdir -p docs && printf 'new\\n' > docs/a.md; printf '#!/bin/sh\\n' > run.sh; chmod +x run.sh; \
    ln -s docs/a.md link; head -c 3000 /dev/zero > blob.bin; mkdir target; touch target/out";

#[test]
fn a_writing_task_works_in_a_copy_and_apply_brings_it_back() {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = scene.sidecar();
        let repo = shop(&scene);
        let run = work(&mut sidecar, &scene, &repo, ALL_KINDS, &json!({}));
        assert_eq!(run["workspace"]["mode"], "worktree", "{run}");
        assert_eq!(run["workspace"]["base_commit"], repo.head(), "{run}");
        assert_eq!(run["changes"]["files"], 6, "{run}");
        assert_eq!(repo.status(), Vec::<String>::new());

        let page = changes(&mut sidecar, &run);
        let expected = [
            "added blob.bin",
            "added docs/a.md",
            "added link",
            "added run.sh",
            "modified src/cart.rs",
            "deleted src/old.rs",
        ];
        assert_eq!(files(&page), expected, "{page}");
        assert_eq!(page["diff_hash"], run["changes"]["diff_hash"]);
        assert_eq!(page["head"], repo.head());
        let patch = page["files"][4]["patch"].as_str().unwrap();
        assert!(patch.contains("\n-one\n+ONE\n two\n"), "{patch}");
        let left_out = page["left_out"].as_array().unwrap();
        let is_ignored = |one: &Value| one["why"] == "ignored" && one["path"] == "target/";
        assert!(left_out.iter().any(is_ignored), "{page}");

        let finished = sidecar.call("codex_finish_run", apply(&run, &page)).ok();
        assert_eq!(finished["files_changed"], 6, "{finished}");
        assert_eq!(finished["run"]["workspace"]["fate"], "applied");
        assert_eq!(repo.read("src/cart.rs"), "ONE\ntwo\nthree\nfour\nfive\n");
        assert!(!repo.has("src/old.rs"));
        let link = std::fs::read_link(repo.path().join("link")).unwrap();
        assert_eq!(link.to_str(), Some("docs/a.md"));
        let mode = repo.path().join("run.sh").metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o111, 0o111);
        let expected = [
            " D src/old.rs",
            " M src/cart.rs",
            "?? blob.bin",
            "?? docs/a.md",
            "?? link",
            "?? run.sh",
        ];
        assert_eq!(repo.status(), expected);
        assert!(!scene.state().join("worktrees").join(id(&run)).exists());

        let again = sidecar.call("codex_finish_run", apply(&run, &page));
        assert_eq!(again.code(), "no_worktree");
    }
}

#[test]
fn a_branch_has_one_commit_and_touches_no_file() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let run = fake_work(&scene, &mut sidecar, &repo);
    let asked = json!({"run_id": run["run_id"], "action": "branch", "branch": "codex/cart"});
    let finished = sidecar.call("codex_finish_run", asked).ok();
    assert_eq!(finished["branch"], "codex/cart", "{finished}");
    assert_eq!(finished["run"]["workspace"]["fate"], "branched");
    assert_eq!(finished["run"]["workspace"]["branch"], "codex/cart");
    assert_eq!(repo.git(&["rev-parse", "codex/cart"]), finished["commit"]);
    assert_eq!(repo.git(&["rev-parse", "codex/cart^"]), repo.head());
    assert_eq!(repo.git(&["show", "codex/cart:made.txt"]), "made");
    assert_eq!(repo.git(&["branch", "--show-current"]), "main");
    assert_eq!(repo.status(), Vec::<String>::new());
    assert_eq!(repo.git(&["fsck", "--no-dangling"]), "");

    let second = fake_work(&scene, &mut sidecar, &repo);
    for (name, code) in [
        ("codex/cart", "branch_refused"),
        ("main", "branch_refused"),
        ("--force", "branch_refused"),
        ("a..b", "branch_refused"),
    ] {
        let asked = json!({"run_id": second["run_id"], "action": "branch", "branch": name});
        assert_eq!(
            sidecar.call("codex_finish_run", asked).code(),
            code,
            "{name}"
        );
    }
    let asked = json!({"run_id": second["run_id"], "action": "branch"});
    let named = sidecar.call("codex_finish_run", asked).ok();
    let name = named["branch"].as_str().unwrap();
    assert!(name.starts_with("codex/"), "{name}");
}

#[test]
fn discard_leaves_nothing() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let run = fake_work(&scene, &mut sidecar, &repo);
    let asked = json!({"run_id": run["run_id"], "action": "discard"});
    let finished = sidecar.call("codex_finish_run", asked).ok();
    assert_eq!(finished["run"]["workspace"]["fate"], "discarded");
    assert_eq!(repo.status(), Vec::<String>::new());
    assert!(!scene.state().join("worktrees").join(id(&run)).exists());
    let gone = sidecar.call("codex_get_changes", json!({"run_id": run["run_id"]}));
    assert_eq!(gone.code(), "no_worktree");
}

#[test]
fn what_stands_in_the_way_is_said_and_nothing_is_touched() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let run = fake_work(&scene, &mut sidecar, &repo);
    let page = changes(&mut sidecar, &run);
    let apply = apply(&run, &page);

    let other = json!({"run_id": run["run_id"], "action": "apply", "diff_hash": "0".repeat(40)});
    assert_eq!(
        sidecar.call("codex_finish_run", other).code(),
        "diff_changed"
    );

    repo.write("made.txt", "mine\n");
    let refused = sidecar.call("codex_finish_run", apply.clone());
    assert_eq!(refused.code(), "conflicts");
    assert_eq!(repo.read("made.txt"), "mine\n");
    let asked = json!({"run_id": run["run_id"], "check_apply": true});
    let checked = sidecar.call("codex_get_changes", asked.clone()).ok();
    assert_eq!(checked["apply"]["possible"], false, "{checked}");
    let conflict = &checked["apply"]["conflicts"][0];
    assert_eq!(conflict["path"], "made.txt", "{checked}");
    assert_eq!(conflict["reason"], "exists", "{checked}");
    std::fs::remove_file(repo.path().join("made.txt")).unwrap();

    let head = repo.head();
    repo.write("README.md", "# Other\n");
    repo.commit("second");
    assert_eq!(
        sidecar.call("codex_finish_run", apply.clone()).code(),
        "head_moved"
    );
    let checked = sidecar.call("codex_get_changes", asked.clone()).ok();
    assert_eq!(checked["apply"]["head_moved"], true, "{checked}");
    repo.git(&["reset", "--quiet", "--hard", &head]);

    let copy = run["workspace"]["path"].as_str().unwrap();
    std::fs::write(format!("{copy}/made.txt"), "changed by hand\n").unwrap();
    assert_eq!(
        sidecar.call("codex_finish_run", apply.clone()).code(),
        "diff_changed"
    );
    std::fs::write(format!("{copy}/made.txt"), "made\n").unwrap();
    let checked = sidecar.call("codex_get_changes", asked).ok();
    assert_eq!(checked["apply"]["possible"], true, "{checked}");
    assert_eq!(repo.status(), Vec::<String>::new());
    sidecar.call("codex_finish_run", apply).ok();
    assert_eq!(repo.status(), ["?? made.txt"]);
}

#[test]
fn only_the_worktree_of_a_run_that_has_ended_can_be_finished() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let in_place =
        json!({"working_dir": repo.dir(), "sandbox": "workspace-write", "workspace": "in_place"});
    let run = sidecar.start_run_with(&scene, "FAKE: answer", in_place);
    let ended = sidecar.wait_for_end(&run, LIMIT);
    let asked = json!({"run_id": ended["run_id"], "action": "discard"});
    assert_eq!(
        sidecar.call("codex_finish_run", asked).code(),
        "no_worktree"
    );

    let asked = json!({"run_id": "run_00000000000000000a", "action": "discard"});
    assert_eq!(
        sidecar.call("codex_finish_run", asked).code(),
        "unknown_run"
    );
}

/// Two hundred changes of all kinds, by the model's own commands.
const TWO_HUNDRED: &str = "MOCK:shell for i in $(seq 1 50); do echo changed $i > old/$i.txt; done; \
    for i in $(seq 51 80); do rm old/$i.txt; done; for i in $(seq 81 100); do mv old/$i.txt moved-$i.txt; done; \
    for i in $(seq 1 60); do mkdir -p new/$i; printf 'new %s\\r\\n' $i > new/$i/f.txt; done; \
    for i in $(seq 101 110); do chmod +x old/$i.txt; done; for i in $(seq 1 10); do ln -s ../old/$i.txt new/link-$i; done; \
    for i in $(seq 1 10); do head -c 5000 /dev/urandom > new/bin-$i; done; rm old/111.txt; mkdir old/111.txt; echo in > old/111.txt/f";

#[test]
fn two_hundred_changes_of_all_kinds_come_back_byte_for_byte() {
    let scene = Scene::new(&Codex::Real("0.169.0"));
    let mut sidecar = scene.sidecar();
    let names: Vec<_> = (1..=120).map(|n| format!("old/{n}.txt")).collect();
    let files: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), "as it was\n"))
        .collect();
    let repo = Repo::with(&scene.work().join("many"), &files);
    let run = work(&mut sidecar, &scene, &repo, TWO_HUNDRED, &json!({}));
    let all = json!({"run_id": run["run_id"], "patches": false});
    let page = sidecar.call("codex_get_changes", all).ok();
    assert!(
        page["total_files"].as_u64().unwrap() >= 190,
        "{}",
        page["total_files"]
    );
    let copy = run["workspace"]["path"].as_str().unwrap().to_owned();
    let kept = scene.path().join("kept");
    let copied = Command::new("cp").args(["-a", &copy]).arg(&kept).status();
    assert!(copied.unwrap().success());
    sidecar.call("codex_finish_run", apply(&run, &page)).ok();
    let same = Command::new("diff")
        .args(["-r", "--no-dereference", "--exclude=.git"])
        .arg(&kept)
        .arg(repo.path())
        .output()
        .unwrap();
    // Codex's sandbox leaves empty folders to mount over, which are not brought over.
    let said = String::from_utf8_lossy(&same.stdout).into_owned();
    let rest: Vec<_> = said.lines().filter(|line| !is_stub(line)).collect();
    assert_eq!(rest, Vec::<&str>::new());
    let mode = |name: &str| {
        repo.path()
            .join(name)
            .metadata()
            .unwrap()
            .permissions()
            .mode()
    };
    assert_eq!(mode("old/105.txt") & 0o111, 0o111);
    assert_eq!(repo.git(&["diff", "--cached", "--name-only"]), "");
}

fn is_stub(line: &str) -> bool {
    [".agents", ".codex", ".aws"]
        .iter()
        .any(|stub| line.starts_with("Only in") && line.ends_with(stub))
}
