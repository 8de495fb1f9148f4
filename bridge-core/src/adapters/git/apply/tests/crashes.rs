//! Appliers that are killed at any step, and what others find afterwards. A test starts its own program again as the
//! applier.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Signal, getpid, kill_process};

use crate::adapters::git::apply::tests::scene::{
    Listing, Scene, assert_same, file, files, link, program,
};
use crate::adapters::git::apply::{ApplyError, Ending, Order, recover};
use crate::domain::id::RunId;
use crate::platform::tree_edit::Renames;

const TOP: &str = "APPLY_TEST_TOP";
const STEP: &str = "APPLY_TEST_STEP";
const RENAMES: &str = "APPLY_TEST_RENAMES";

/// Every kind of rename, and few of each: an applier is started for each step.
fn scene() -> Scene {
    let scene = Scene::with(&[
        ("changed", file("one\n")),
        ("gone/for/good", file("gone\n")),
        ("kept", file("kept\n")),
        ("to-file/x", file("x\n")),
        ("to-folder", link("kept")),
    ]);
    scene
        .edit("changed", &program("two\n"))
        .delete("gone")
        .edit("new/one", &file("new\n"))
        .edit("to-file", &file("file\n"))
        .edit("to-folder/x", &file("x\n"));
    scene
}

/// Nothing in the test run itself, in which this is an empty test.
#[test]
fn role_applies_and_dies() {
    let Some(top) = std::env::var_os(TOP) else {
        return;
    };
    let scene = Scene::at(PathBuf::from(top));
    let step: usize = std::env::var(STEP).unwrap().parse().unwrap();
    let renames = match std::env::var(RENAMES).unwrap().as_str() {
        "plain" => Renames::Plain,
        _ => Renames::Best,
    };
    let left = AtomicUsize::new(step);
    let hook = move |_: &str| {
        if left.fetch_sub(1, Ordering::SeqCst) == 0 {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
        Ok(())
    };
    scene
        .apply_by(scene.order(), renames, Arc::new(hook))
        .unwrap();
}

fn applier(top: &Path, step: usize, renames: &str) -> ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--quiet"])
        .arg("adapters::git::apply::tests::crashes::role_applies_and_dies")
        .env(TOP, top)
        .env(STEP, step.to_string())
        .env(RENAMES, renames)
        .stdout(Stdio::null())
        .status()
        .unwrap()
}

/// The files with their times, the folders, and no times of what belongs to git.
fn state(scene: &Scene) -> Listing {
    let mut listing = scene.everything();
    listing.retain(|path, _| !path.starts_with(".git/objects"));
    listing
}

fn each_step_can_be_the_last(renames: &str) {
    let (mut rolled_back, mut completed) = (0, 0);
    let mut scene = scene();
    let before = state(&scene);
    for step in 0.. {
        let status = applier(scene.top(), step, renames);
        if status.success() {
            break;
        }
        assert_eq!(status.signal(), Some(9), "step {step}");
        let recovery = recover(&scene.journals()).unwrap();
        assert!(recovery.stuck.is_empty(), "step {step}: {recovery:?}");
        match recovery.ended.as_slice() {
            [ended] if ended.ending == Ending::Completed => completed += 1,
            [ended] => {
                assert_eq!(ended.ending, Ending::RolledBack, "step {step}");
                assert_eq!(ended.folder, scene.folder());
                rolled_back += 1;
            }
            // Before the first journal, and after the last one was removed.
            [] => {}
            more => panic!("step {step}: {more:?}"),
        }
        scene.assert_tidy();
        let again = recover(&scene.journals()).unwrap();
        assert!(again.ended.is_empty() && again.stuck.is_empty());
        if completed == 0 {
            assert_same(&state(&scene), &before);
            continue;
        }
        assert_same(&scene.files(), &files(&scene.worktree()));
        assert!(!scene.folder().join("gone").exists());
        scene = self::scene();
    }
    assert_same(&scene.files(), &files(&scene.worktree()));
    assert!(
        rolled_back > 15 && completed > 1,
        "{rolled_back} {completed}"
    );
}

#[test]
fn killed_at_any_step_all_is_as_before_or_as_it_should_be() {
    each_step_can_be_the_last("best");
}

#[test]
fn killed_at_any_step_on_a_simple_file_system_too() {
    each_step_can_be_the_last("plain");
}

#[test]
fn a_failure_at_any_step_is_undone_at_once() {
    let last = steps().len();
    for renames in [Renames::Best, Renames::Plain] {
        let mut scene = scene();
        let before = state(&scene);
        for step in 0..last {
            let left = AtomicUsize::new(step);
            let hook = move |_: &str| match left.fetch_sub(1, Ordering::SeqCst) {
                0 => Err(std::io::ErrorKind::StorageFull.into()),
                _ => Ok(()),
            };
            match scene.apply_by(scene.order(), renames, Arc::new(hook)) {
                Err(error) => {
                    assert!(matches!(error, ApplyError::DiskFull { .. }), "{error:?}");
                    assert_same(&state(&scene), &before);
                    scene.assert_tidy();
                }
                // After the mark it is done, whatever happens; what is left is tidied up later.
                Ok(_) => {
                    assert_same(&scene.files(), &files(&scene.worktree()));
                    recover(&scene.journals()).unwrap();
                    scene.assert_tidy();
                    assert!(step > last - 5, "step {step} of {last}");
                    scene = self::scene();
                }
            }
        }
    }
}

#[test]
fn what_the_person_did_after_a_crash_stays_and_the_old_file_is_kept() {
    let scene = scene();
    let before = state(&scene);
    // All renames are made, and nothing is marked yet.
    let step = step_named("synced");
    assert_eq!(applier(scene.top(), step, "best").signal(), Some(9));
    scene
        .disturb("changed", &file("mine\n"))
        .disturb("new/mine", &file("mine\n"));
    let recovery = recover(&scene.journals()).unwrap();
    let [ended] = recovery.ended.as_slice() else {
        panic!("{recovery:?}");
    };
    let Ending::LeftBehind(left) = &ended.ending else {
        panic!("{recovery:?}");
    };
    let paths: Vec<String> = left.iter().map(|left| left.path.to_text()).collect();
    assert_eq!(paths, ["changed", "new"]);
    let kept = left[0].kept.as_ref().unwrap();
    assert_eq!(fs::read(kept).unwrap(), b"one\n");
    assert!(kept.starts_with(scene.folder().join(".git/codex-bridge")));

    let mut expected = before;
    let mut now = state(&scene);
    for listing in [&mut now, &mut expected] {
        listing.retain(|path, _| {
            !path.starts_with(".git/codex-bridge") && path != "changed" && !path.starts_with("new")
        });
    }
    assert_same(&now, &expected);
    assert_eq!(scene.files()["changed"], "644 mine\\n");
    assert_eq!(scene.files()["new/mine"], "644 mine\\n");
    assert!(!scene.folder().join("new/one").exists());
    assert_eq!(fs::read_dir(scene.journals()).unwrap().count(), 0);
}

#[test]
fn the_next_run_in_a_folder_first_undoes_what_a_dead_one_left() {
    let scene = scene();
    let step = step_named("synced");
    assert_eq!(applier(scene.top(), step, "best").signal(), Some(9));
    assert_eq!(scene.files()["changed"], "755 two\\n");
    let next = RunId::parse("run_000000000000000002").unwrap();
    let order = Order {
        run: next,
        ..scene.order()
    };
    let applied = scene.try_apply(order).unwrap();
    assert_eq!(applied.already, 0);
    assert_same(&scene.files(), &files(&scene.worktree()));
    scene.assert_tidy();
}

#[test]
fn an_applier_that_lives_is_left_alone() {
    let scene = scene();
    let order = scene.order();
    let journals = scene.journals();
    let hook = move |_: &str| {
        let recovery = recover(&journals).unwrap();
        assert!(recovery.ended.is_empty() && recovery.stuck.is_empty());
        Ok(())
    };
    scene
        .apply_by(order, Renames::Best, Arc::new(hook))
        .unwrap();
    assert_same(&scene.files(), &files(&scene.worktree()));
}

#[test]
fn a_folder_that_is_away_is_recovered_when_it_is_back() {
    let scene = scene();
    let before = state(&scene);
    let step = step_named("synced");
    assert_eq!(applier(scene.top(), step, "best").signal(), Some(9));
    let away = scene.top().join("away");
    fs::rename(scene.folder(), &away).unwrap();
    // A program that the applier was just starting holds its lock until it has begun.
    let deadline = Instant::now() + Duration::from_secs(10);
    while recover(&scene.journals()).unwrap().stuck.is_empty() {
        assert!(Instant::now() < deadline, "nothing is stuck");
        thread::yield_now();
    }
    // Another folder at that place is not the one.
    fs::create_dir(scene.folder()).unwrap();
    assert_eq!(recover(&scene.journals()).unwrap().stuck.len(), 1);
    fs::remove_dir(scene.folder()).unwrap();
    fs::rename(&away, scene.folder()).unwrap();
    assert_eq!(recover(&scene.journals()).unwrap().ended.len(), 1);
    assert_same(&state(&scene), &before);
    scene.assert_tidy();
}

#[test]
fn an_apply_that_is_given_up_half_way_undoes_itself() {
    use crate::adapters::git::apply::apply_with;
    use crate::adapters::git::apply::tests::scene::block_on;

    let scene = scene();
    let before = state(&scene);
    let order = scene.order();
    block_on(async {
        let (told, mut hear) = tokio::sync::mpsc::unbounded_channel();
        let hook = move |step: &str| {
            told.send(step.to_owned()).ok();
            Ok(())
        };
        let work = apply_with(order, Renames::Best, Arc::new(hook));
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                step = hear.recv() => if step.as_deref() == Some("synced") { break },
                done = &mut work => panic!("{done:?}"),
            }
        }
    });
    assert_same(&state(&scene), &before);
    scene.assert_tidy_but_for_locks();
}

/// How many steps come before the one with this name.
fn step_named(name: &str) -> usize {
    steps().iter().position(|step| step == name).unwrap()
}

fn steps() -> Vec<String> {
    let scene = scene();
    let order = scene.order();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let noted = steps.clone();
    let hook = move |step: &str| {
        noted.lock().unwrap().push(step.to_owned());
        Ok(())
    };
    scene
        .apply_by(order, Renames::Best, Arc::new(hook))
        .unwrap();
    let steps = steps.lock().unwrap();
    steps.clone()
}
