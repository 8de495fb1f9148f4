//! Writers that are killed at any step. A test starts its own program again as the writer.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Signal, getpid, kill_process};

use crate::adapters::clients::tests::{MOVED, PROGRAM, Scene, TEXT};
use crate::adapters::clients::{FileError, KeepError, SiteError, Standing, Wish};
use crate::platform::tree_edit::Renames;

const TOP: &str = "CLIENTS_TEST_TOP";
const STEP: &str = "CLIENTS_TEST_STEP";
const WISH: &str = "CLIENTS_TEST_WISH";

fn wish(name: &str) -> Wish<'static> {
    match name {
        "move" => Wish::Install { program: MOVED },
        "remove" => Wish::Remove,
        "undo" => Wish::Undo,
        _ => Wish::Install { program: PROGRAM },
    }
}

/// Nothing in the test run itself, in which this is an empty test.
#[test]
fn role_writes_and_dies() {
    let Some(top) = std::env::var_os(TOP) else {
        return;
    };
    let step: usize = std::env::var(STEP).unwrap().parse().unwrap();
    let left = AtomicUsize::new(step);
    let hook = move |_: &str| {
        if left.fetch_sub(1, Ordering::SeqCst) == 0 {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
        Ok(())
    };
    let scene = Scene::at(Path::new(&top));
    let wish = wish(&std::env::var(WISH).unwrap());
    scene.act_with(wish, Renames::Best, &hook).unwrap();
}

fn writer(top: &Path, step: usize, wish: &str) -> ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--quiet"])
        .arg("adapters::clients::tests::crashes::role_writes_and_dies")
        .env(TOP, top)
        .env(STEP, step.to_string())
        .env(WISH, wish)
        .stdout(Stdio::null())
        .status()
        .unwrap()
}

/// Kills a writer at every step of a wish. The file is the old one or the new one; what comes next finds its way.
fn each_step_can_be_the_last(name: &str, begin: impl Fn() -> Scene) {
    let scene = begin();
    let old = fs::read(scene.file()).ok();
    scene.act(wish(name)).unwrap().unwrap();
    let new = fs::read(scene.file()).ok();
    assert_ne!(old, new);
    let mut died = 0;
    for step in 0.. {
        let scene = begin();
        let status = writer(&scene.top, step, name);
        if status.success() {
            break;
        }
        assert_eq!(status.signal(), Some(9), "step {step}");
        died += 1;
        let now = fs::read(scene.file()).ok();
        assert!(now == old || now == new, "step {step}: {now:?}");
        scene.site().standing().unwrap();
        // Whoever comes next installs as if nothing had been, and can go without a trace.
        scene
            .act(Wish::Install {
                program: "/next/codex-bridge-mcp",
            })
            .unwrap()
            .unwrap();
        assert_eq!(scene.beside(), Vec::<String>::new(), "step {step}");
        scene.act(Wish::Remove).unwrap().unwrap();
        assert_eq!(scene.site().standing().unwrap(), Standing::Absent);
        match name {
            "make" => {
                let rest = fs::read_to_string(scene.file()).unwrap_or_default();
                assert!(["", "{}\n"].contains(&rest.as_str()), "step {step}: {rest}");
            }
            _ => assert_eq!(scene.text(), TEXT, "step {step}"),
        }
    }
    assert!(died > 5, "{died}");
}

#[test]
fn killed_while_it_installs() {
    each_step_can_be_the_last("install", || Scene::with(TEXT));
}

#[test]
fn killed_while_it_makes_the_file() {
    each_step_can_be_the_last("make", Scene::new);
}

#[test]
fn killed_while_the_program_moves_or_goes() {
    let installed = || {
        let scene = Scene::with(TEXT);
        scene.install();
        scene
    };
    each_step_can_be_the_last("move", installed);
    each_step_can_be_the_last("remove", installed);
    each_step_can_be_the_last("undo", installed);
}

#[test]
fn a_full_disk_at_any_step_leaves_the_old_file_or_the_new_one_and_says_which() {
    for renames in [Renames::Best, Renames::Plain] {
        let mut failed = 0;
        for step in 0..40 {
            let scene = Scene::with(TEXT);
            let left = AtomicUsize::new(step);
            // Full from that step on.
            let hook = |_: &str| match left.load(Ordering::SeqCst) {
                0 => Err(ErrorKind::StorageFull.into()),
                n => {
                    left.store(n - 1, Ordering::SeqCst);
                    Ok(())
                }
            };
            match scene.act_with(Wish::Install { program: PROGRAM }, renames, &hook) {
                Ok(_) => assert_eq!(scene.program().as_deref(), Some(PROGRAM), "step {step}"),
                Err(error) => {
                    let told = matches!(
                        &error,
                        SiteError::File(FileError::DiskFull { .. })
                            | SiteError::Keep(KeepError::Io { .. })
                            | SiteError::Busy { .. }
                    );
                    assert!(told, "{error:?}");
                    assert_eq!(scene.text(), TEXT, "step {step}");
                    failed += 1;
                }
            }
            assert_eq!(scene.beside(), Vec::<String>::new(), "step {step}");
        }
        assert!(failed > 4, "{failed}");
    }
}
