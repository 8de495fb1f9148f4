//! Copies that stay: continued in, found again, and gone only after their time.

use std::path::PathBuf;

use codex_bridge_tests::processes::wait_until;
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::json;

use crate::worktrees::{LIMIT, apply, changes, fake_work, files, id, shop, work};

#[test]
fn the_next_turn_goes_on_in_the_same_copy_and_its_changes_add_up() {
    let scene = Scene::new(&Codex::Real("0.169.0"));
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let first = work(
        &mut sidecar,
        &scene,
        &repo,
        "MOCK:patch one.txt first",
        &json!({}),
    );
    let asked = json!({"run_id": first["run_id"], "prompt": "MOCK:patch two.txt second"});
    let second = sidecar.call("codex_continue_run", asked).ok();
    let second = sidecar.wait_for_end(id(&second), LIMIT);
    assert_eq!(second["state"], "succeeded", "{second}");
    assert_eq!(second["workspace"]["path"], first["workspace"]["path"]);
    let page = changes(&mut sidecar, &second);
    assert_eq!(files(&page), ["added one.txt", "added two.txt"]);
    let third = json!({"run_id": second["run_id"], "prompt": "MOCK:patch three.txt third"});
    let third = sidecar.call("codex_continue_run", third).ok();
    let third = sidecar.wait_for_end(id(&third), LIMIT);
    assert_eq!(third["state"], "succeeded", "{third}");
    let page = changes(&mut sidecar, &third);
    sidecar.call("codex_finish_run", apply(&third, &page)).ok();
    assert_eq!(repo.status(), ["?? one.txt", "?? three.txt", "?? two.txt"]);
    for run in [&first, &second, &third] {
        let now = sidecar.get_run(id(run));
        assert_eq!(now["workspace"]["fate"], "applied", "{now}");
    }
    let asked = json!({"run_id": third["run_id"], "prompt": "MOCK:answer"});
    assert_eq!(
        sidecar.call("codex_continue_run", asked).code(),
        "session_unavailable"
    );
}

#[test]
fn what_nobody_took_is_kept_as_a_patch_when_its_time_is_over() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let old = fake_work(&scene, &mut sidecar, &repo);
    let copy = PathBuf::from(old["workspace"]["path"].as_str().unwrap());
    assert!(copy.exists());
    let report = sidecar.call("codex_doctor", json!({})).ok().to_string();
    assert!(
        report.contains("1 worktree with changes that nobody took yet"),
        "{report}"
    );

    scene.write_config("[history]\nworktree_days = 0\n");
    // The end of any run looks after old copies.
    let next = sidecar.start_run(&scene, "Look.");
    sidecar.wait_for_end(&next, LIMIT);
    let expired =
        |sidecar: &mut Sidecar| sidecar.get_run(id(&old))["workspace"]["fate"] == "expired";
    wait_until(LIMIT, "the copy is gone", || {
        expired(&mut sidecar) && !copy.exists()
    });
    let patch = scene
        .state()
        .join("patches")
        .join(format!("{}.patch", id(&old)));
    assert!(patch.exists());
    repo.git(&["apply", patch.to_str().unwrap()]);
    assert_eq!(repo.read("made.txt"), "made\n");
}

#[test]
fn a_run_whose_changes_nobody_took_stays_in_the_history() {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config("[history]\nruns = 0\n");
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let kept = fake_work(&scene, &mut sidecar, &repo);
    let next = sidecar.start_run(&scene, "Look.");
    let pruned = |sidecar: &mut Sidecar| {
        let gone = sidecar.call("codex_get_run", json!({"run_id": next}));
        gone.content["code"] == "unknown_run"
    };
    wait_until(LIMIT, "the other run is gone", || pruned(&mut sidecar));
    let page = changes(&mut sidecar, &kept);
    assert_eq!(files(&page), ["added made.txt"]);
}
