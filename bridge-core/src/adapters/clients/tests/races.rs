//! Others who write the file at the worst moment: theirs is never lost.

use std::cell::Cell;
use std::fs;
use std::sync::Mutex;

use crate::adapters::clients::tests::{PROGRAM, Scene, TEXT};
use crate::adapters::clients::{SiteError, Wish};
use crate::platform::tree_edit::Renames;

const THEIRS: &str = "{\n  \"theirs\": true\n}\n";

fn steps(wish: Wish<'_>, renames: Renames, scene: &Scene) -> Vec<String> {
    let steps = Mutex::new(Vec::new());
    let hook = |step: &str| {
        steps.lock().unwrap().push(step.to_owned());
        Ok(())
    };
    scene.act_with(wish, renames, &hook).unwrap();
    steps.into_inner().unwrap()
}

/// Somebody writes the file anew at each step: as a new file in its place, or into the one that is there.
fn at_every_step(in_place: bool, renames: Renames) {
    let install = Wish::Install { program: PROGRAM };
    let all = steps(install, renames, &Scene::with(TEXT));
    assert!(all.len() > 7, "{all:?}");
    for (n, step) in all.iter().enumerate() {
        // The moment between the last look and the rename, which only a swap can mend.
        if renames == Renames::Plain && step == "compared" {
            continue;
        }
        let scene = Scene::with(TEXT);
        let count = Cell::new(0);
        let write = |_: &str| {
            if count.replace(count.get() + 1) == n {
                if in_place {
                    scene.write(THEIRS);
                } else {
                    let fresh = scene.top.join("fresh");
                    fs::write(&fresh, THEIRS)?;
                    fs::rename(&fresh, scene.file())?;
                }
            }
            Ok(())
        };
        let done = scene.act_with(Wish::Install { program: PROGRAM }, renames, &write);
        let text = scene.text();
        match done {
            Ok(_) => {
                assert!(
                    text.contains("theirs") && text.contains(PROGRAM),
                    "{step}: {text}"
                );
            }
            // They wrote after us, and the message says so.
            Err(SiteError::Overwritten { .. }) => assert_eq!(text, THEIRS, "{step}"),
            Err(error) => panic!("{step}: {error:?}"),
        }
        assert_eq!(scene.beside(), Vec::<String>::new(), "{step}");
    }
}

#[test]
fn a_new_file_that_comes_in_between_is_built_upon() {
    at_every_step(false, Renames::Best);
}

#[test]
fn a_file_that_is_written_into_in_between_is_built_upon() {
    at_every_step(true, Renames::Best);
}

#[test]
fn the_same_on_a_simple_file_system() {
    at_every_step(false, Renames::Plain);
    at_every_step(true, Renames::Plain);
}

#[test]
fn who_has_the_old_file_open_and_writes_into_it_is_heard() {
    let scene = Scene::with(TEXT);
    let open = Mutex::new(
        fs::OpenOptions::new()
            .write(true)
            .open(scene.file())
            .unwrap(),
    );
    let written = Cell::new(false);
    let write = |step: &str| {
        if step == "settling" && !written.replace(true) {
            let mut open = open.lock().unwrap();
            open.set_len(0)?;
            std::io::Write::write_all(&mut *open, THEIRS.as_bytes())?;
        }
        Ok(())
    };
    scene
        .act_with(Wish::Install { program: PROGRAM }, Renames::Best, &write)
        .unwrap();
    let text = scene.text();
    assert!(text.contains("theirs") && text.contains(PROGRAM), "{text}");
}

#[test]
fn who_writes_all_the_time_keeps_what_they_wrote() {
    let scene = Scene::with(TEXT);
    let count = Cell::new(0);
    let write = |step: &str| {
        if step == "compared" {
            count.set(count.get() + 1);
            scene.write(&format!("{{\"n\": {}}}", count.get()));
        }
        Ok(())
    };
    let done = scene.act_with(Wish::Install { program: PROGRAM }, Renames::Best, &write);
    assert!(matches!(done, Err(SiteError::Busy { .. })), "{done:?}");
    assert_eq!(scene.text(), format!("{{\"n\": {}}}", count.get()));
    assert_eq!(scene.beside(), Vec::<String>::new());
}

#[test]
fn a_file_that_is_removed_in_between_stays_removed_or_is_made_anew() {
    let install = Wish::Install { program: PROGRAM };
    let all = steps(install, Renames::Best, &Scene::with(TEXT));
    for (n, step) in all.iter().enumerate() {
        let scene = Scene::with(TEXT);
        let count = Cell::new(0);
        let remove = |_: &str| {
            if count.replace(count.get() + 1) == n {
                fs::remove_file(scene.file())?;
            }
            Ok(())
        };
        let done = scene.act_with(Wish::Install { program: PROGRAM }, Renames::Best, &remove);
        match done {
            Ok(_) => assert_eq!(scene.program().as_deref(), Some(PROGRAM), "{step}"),
            Err(SiteError::Overwritten { .. }) => assert!(!scene.file().exists(), "{step}"),
            Err(error) => panic!("{step}: {error:?}"),
        }
    }
}

#[test]
fn a_removal_takes_nobody_elses_file_away() {
    let made = || {
        let scene = Scene::new();
        scene.install();
        scene
    };
    let all = steps(Wish::Remove, Renames::Best, &made());
    for (n, step) in all.iter().enumerate() {
        let scene = made();
        let count = Cell::new(0);
        let write = |_: &str| {
            if count.replace(count.get() + 1) == n {
                scene.write(THEIRS);
            }
            Ok(())
        };
        let done = scene.act_with(Wish::Remove, Renames::Best, &write);
        let ok = matches!(
            done,
            Ok(_) | Err(SiteError::Overwritten { .. } | SiteError::File(_))
        );
        assert!(ok, "{step}: {done:?}");
        let kept = scene.file().exists() && scene.text() == THEIRS;
        assert!(kept || !scene.beside().is_empty(), "{step}");
    }
}

#[test]
fn two_installers_at_once_are_one_after_the_other() {
    let scene = Scene::with(TEXT);
    std::thread::scope(|scope| {
        for n in 0..6 {
            let scene = &scene;
            scope.spawn(move || {
                let program = format!("/{n}/codex-bridge-mcp");
                scene.act(Wish::Install { program: &program }).unwrap();
            });
        }
    });
    assert!(scene.program().is_some());
    assert_eq!(scene.beside(), Vec::<String>::new());
    scene.act(Wish::Remove).unwrap().unwrap();
    assert_eq!(scene.text(), TEXT);
}
