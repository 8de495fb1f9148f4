//! What may happen to the working folder after it was admitted.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use super::{LONG, ending, fake, prompt};

/// A scene with the folder `work/project`, and beside the roots a folder in which Codex must not be started.
struct Yard {
    scene: Scene,
    project: PathBuf,
    outside: PathBuf,
}

fn yard() -> Yard {
    let scene = fake();
    scene.write_config("[limits]\nrunning = 1\n");
    let project = scene.work().join("project");
    let outside = scene.path().join("outside");
    for folder in [&project, &outside] {
        fs::create_dir(folder).expect("the scene is writable");
        // Whatever the prompt: started here, it leaves a trace.
        let script = "thread\nturn\nwrite started here\ncwd\ncomplete\n";
        fs::write(folder.join(".fake-codex"), script).expect("the scene is writable");
    }
    Yard {
        scene,
        project,
        outside,
    }
}

impl Yard {
    fn start(&self, sidecar: &mut Sidecar, folder: &Path) -> String {
        let arguments = json!({"prompt": "do it", "working_dir": folder});
        let started = sidecar.call("codex_run_task", arguments).ok();
        started["run_id"].as_str().expect("an id").to_owned()
    }

    /// Spoils the folder while the run waits in the queue; gives the run at its end.
    fn spoiled_while_queued(&self, spoil: impl FnOnce(&Yard)) -> Value {
        let mut sidecar = self.scene.sidecar();
        let first = ["thread", "turn", "message ready", "wait-for go", "complete"];
        let first = sidecar.start_run(&self.scene, &prompt(&first));
        sidecar.wait_for_event(&first, LONG, |event| event["text"] == "ready");
        let second = self.start(&mut sidecar, &self.project);
        assert_eq!(sidecar.get_run(&second)["state"], "queued");
        spoil(self);
        fs::write(self.scene.work().join("go"), "").expect("the scene is writable");
        let end = sidecar.wait_for_end(&second, LONG);
        assert!(!self.outside.join("started").exists(), "it ran outside");
        end
    }
}

#[test]
fn a_folder_that_vanishes_in_the_queue_fails_the_run() {
    let end = yard().spoiled_while_queued(|yard| {
        fs::remove_dir_all(&yard.project).expect("it is there");
    });
    assert_eq!(ending(&end), ("failed", Some("folder_changed")));
    let message = end["error"]["message"].as_str().expect("a message");
    assert!(message.contains("/work/project`"), "{message}");
}

#[test]
fn a_folder_that_becomes_a_link_to_the_outside_fails_the_run() {
    let end = yard().spoiled_while_queued(|yard| {
        fs::rename(&yard.project, yard.scene.work().join("old")).expect("it is there");
        symlink(&yard.outside, &yard.project).expect("a link");
    });
    let (state, code) = ending(&end);
    assert_eq!(state, "failed");
    assert!(
        matches!(code, Some("folder_changed" | "outside_roots")),
        "{end}"
    );
}

#[test]
fn a_folder_that_becomes_a_link_to_another_allowed_one_fails_the_run() {
    let end = yard().spoiled_while_queued(|yard| {
        let other = yard.scene.work().join("other");
        fs::rename(&yard.project, &other).expect("it is there");
        symlink(&other, &yard.project).expect("a link");
    });
    assert_eq!(ending(&end), ("failed", Some("folder_changed")));
}

#[test]
fn a_folder_whose_parent_becomes_a_link_to_the_outside_fails_the_run() {
    let mut yard = yard();
    let parent = yard.scene.work().join("parent");
    let inner = parent.join("project");
    fs::create_dir(&parent).expect("the scene is writable");
    fs::rename(&yard.project, &inner).expect("it is there");
    yard.project = inner;
    let elsewhere = yard.scene.path().join("elsewhere");
    fs::create_dir(&elsewhere).expect("the scene is writable");
    let trap = elsewhere.join("project");
    fs::rename(&yard.outside, &trap).expect("it is there");
    yard.outside = trap;
    let end = yard.spoiled_while_queued(|yard| {
        fs::rename(&parent, yard.scene.work().join("old")).expect("it is there");
        symlink(&elsewhere, &parent).expect("a link");
    });
    let (state, code) = ending(&end);
    assert_eq!(state, "failed");
    assert!(
        matches!(code, Some("folder_changed" | "outside_roots")),
        "{end}"
    );
}

#[test]
fn a_folder_that_becomes_a_file_fails_the_run() {
    let end = yard().spoiled_while_queued(|yard| {
        fs::remove_dir_all(&yard.project).expect("it is there");
        fs::write(&yard.project, "").expect("the scene is writable");
    });
    assert_eq!(ending(&end), ("failed", Some("folder_changed")));
}

#[test]
fn a_folder_that_is_swapped_all_the_time_never_lets_codex_start_outside() {
    let yard = yard();
    let mut sidecar = yard.scene.sidecar();
    let aside = yard.scene.work().join("aside");
    let stop = AtomicBool::new(false);
    let ends: Vec<Value> = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&yard.project, &aside).expect("the folder");
                symlink(&yard.outside, &yard.project).expect("a link");
                std::thread::yield_now();
                fs::remove_file(&yard.project).expect("the link");
                fs::rename(&aside, &yard.project).expect("the folder");
                std::thread::yield_now();
            }
        });
        let mut ends = Vec::new();
        for _ in 0..30 {
            let arguments = json!({"prompt": "do it", "working_dir": yard.project});
            let answer = sidecar.call("codex_run_task", arguments);
            if answer.is_error {
                let code = answer.code();
                assert!(
                    matches!(code, "outside_roots" | "folder_unusable"),
                    "{code}"
                );
                continue;
            }
            let run = answer.text_at("/run_id").to_owned();
            ends.push(sidecar.wait_for_end(&run, LONG));
        }
        stop.store(true, Ordering::Relaxed);
        ends
    });
    assert!(!yard.outside.join("started").exists(), "it ran outside");
    for end in &ends {
        let fine = matches!(
            ending(end),
            ("succeeded", None) | ("failed", Some("folder_changed" | "outside_roots"))
        );
        assert!(fine, "{end}");
    }
}

#[test]
fn a_folder_that_is_removed_during_the_run_does_not_keep_it_from_ending() {
    let yard = yard();
    let steps = "thread\nturn\nmessage ready\nwait-for ../go\nmessage done\ncomplete\n";
    fs::write(yard.project.join(".fake-codex"), steps).expect("the scene is writable");
    let mut sidecar = yard.scene.sidecar();
    let run = yard.start(&mut sidecar, &yard.project);
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "ready");
    // Unlinked folders have no `..`: the way on is the folder's own new name.
    let moved = yard.scene.work().join("moved");
    fs::rename(&yard.project, &moved).expect("it is there");
    fs::write(yard.scene.work().join("go"), "").expect("the scene is writable");
    let end = sidecar.wait_for_end(&run, LONG);
    assert_eq!(ending(&end), ("succeeded", None));
    assert_eq!(end["message"], "done");

    let run = sidecar.start_run(
        &yard.scene,
        &prompt(&["thread", "turn", "message x", "hang"]),
    );
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "x");
    fs::remove_dir_all(yard.scene.work()).expect("it is there");
    let cancelled = sidecar
        .call("codex_cancel_run", json!({"run_id": run}))
        .ok();
    assert_eq!(cancelled["state"], "cancelled");
}
