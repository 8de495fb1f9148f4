//! A repository that would run programs, if anybody let it.

use std::path::{Path, PathBuf};
use std::process::Command;

use codex_bridge_tests::repo::Repo;
use codex_bridge_tests::scene::{Codex, Scene, write_program};
use serde_json::json;

use crate::worktrees::{apply, changes, fake_work, files, shop};

#[test]
fn nothing_of_a_hostile_repository_runs_and_all_of_it_works() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let repo = shop(&scene);
    let odd = "a\u{202e}\"\n-\u{7f}.txt";
    repo.write(odd, "odd\n");
    repo.write(".gitattributes", "* filter=trap diff=trap merge=trap\n");
    repo.commit("with a trap that is not armed yet");
    let witness = arm(&repo, scene.path());
    assert!(!witness.exists());

    let run = fake_work(&scene, &mut sidecar, &repo);
    assert_eq!(run["workspace"]["mode"], "worktree", "{run}");
    let copy = PathBuf::from(run["workspace"]["path"].as_str().unwrap());
    std::fs::write(copy.join(odd), "changed\n").unwrap();
    let page = changes(&mut sidecar, &run);
    assert_eq!(files(&page).len(), 2, "{page}");
    sidecar.call("codex_finish_run", apply(&run, &page)).ok();
    assert_eq!(repo.read(odd), "changed\n");
    assert_eq!(repo.read("made.txt"), "made\n");

    let run = fake_work(&scene, &mut sidecar, &repo);
    let asked = json!({"run_id": run["run_id"], "action": "branch", "branch": "codex/safe"});
    sidecar.call("codex_finish_run", asked).ok();

    let in_place = json!({"workspace": "in_place"});
    let prompt = "FAKE: thread\nFAKE: turn\nFAKE: write more.txt more\nFAKE: complete";
    let run = crate::worktrees::work(&mut sidecar, &scene, &repo, prompt, &in_place);
    assert_eq!(files(&changes(&mut sidecar, &run)), ["added more.txt"]);
    let carried = json!({"carry_changes": true});
    let run = crate::worktrees::work(&mut sidecar, &scene, &repo, prompt, &carried);
    assert_eq!(run["workspace"]["carried"], true, "{run}");

    assert!(!witness.exists(), "{:?}", std::fs::read_to_string(&witness));
    // The trap is a real one: git by itself walks into it.
    let status = Command::new("git")
        .args(["status"])
        .current_dir(repo.path())
        .output();
    status.unwrap();
    assert!(witness.exists());
}

/// Makes git run a program wherever a repository can ask for that; the file that appears if one does.
fn arm(repo: &Repo, scene: &Path) -> PathBuf {
    let witness = scene.join("witness");
    let trap = scene.join("trap");
    let text = format!(
        "#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n",
        witness.display()
    );
    write_program(&trap, &text);
    let trap = trap.display().to_string();
    let hooks = repo.path().join(".git/hooks");
    for hook in [
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "pre-commit",
        "post-commit",
    ] {
        std::fs::create_dir_all(&hooks).unwrap();
        std::fs::copy(scene.join("trap"), hooks.join(hook)).unwrap();
    }
    let hooks = hooks.display().to_string();
    for (key, value) in [
        ("core.fsmonitor", trap.as_str()),
        ("core.hooksPath", &hooks),
        ("core.pager", &trap),
        ("core.editor", &trap),
        ("core.sshCommand", &trap),
        ("diff.external", &trap),
        ("diff.trap.command", &trap),
        ("diff.trap.textconv", &trap),
        ("filter.trap.clean", &trap),
        ("filter.trap.smudge", &trap),
        ("filter.trap.required", "true"),
        ("merge.trap.driver", &trap),
        ("alias.status", &format!("!{trap}")),
        ("gc.recentObjectsHook", &trap),
        ("credential.helper", &trap),
        ("protocol.ext.allow", "always"),
    ] {
        let config = repo.path().join(".git/config").display().to_string();
        let set = Command::new("git")
            .args(["config", "--file", &config, key, value])
            .status();
        assert!(set.unwrap().success(), "{key}");
    }
    witness
}
