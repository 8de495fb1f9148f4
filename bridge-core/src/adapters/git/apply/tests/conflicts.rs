//! What is in the way stops all, and is named.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex};

use crate::adapters::git::apply::ApplyError;
use crate::adapters::git::apply::tests::scene::{
    Node, Scene, assert_same, file, link, program, put,
};
use crate::domain::changes::{Change, ChangedFile, Entry, FileMode, ObjectId, RepoPath};
use crate::domain::conflict::LineRange;

fn scene() -> Scene {
    Scene::with(&[
        ("a", file("1\n2\n3\n4\n5\n6\n7\n")),
        ("b", file("b\n")),
        ("d/x", file("x\n")),
        ("l", link("a")),
        ("other", file("other\n")),
    ])
}

/// Edits of the run, what the person does meanwhile, and the conflicts.
fn check(run: &[(&str, Option<Node>)], person: &[(&str, Option<Node>)], expected: &[(&str, &str)]) {
    let scene = scene();
    // One change that would go well.
    scene.edit("other", &file("changed\n"));
    for (path, node) in run {
        match node {
            Some(node) => scene.edit(path, node),
            None => scene.delete(path),
        };
    }
    for (path, node) in person {
        match node {
            Some(node) => put(&scene.folder(), path.as_bytes(), node),
            None => super::scene::remove(&scene.folder(), path.as_bytes()),
        }
    }
    let expected: Vec<(String, &str)> = expected
        .iter()
        .map(|(path, reason)| ((*path).to_owned(), *reason))
        .collect();
    assert_eq!(scene.conflicts(), expected);
}

#[test]
fn each_thing_in_the_way_has_its_own_reason() {
    let new = || Some(file("new\n"));
    check(
        &[("a", new())],
        &[("a", Some(file("mine\n")))],
        &[("a", "changed_meanwhile")],
    );
    check(
        &[("a", None)],
        &[("a", Some(file("mine\n")))],
        &[("a", "changed_meanwhile")],
    );
    check(
        &[("b", new())],
        &[("b", Some(program("b\n")))],
        &[("b", "changed_meanwhile")],
    );
    check(
        &[("l", new())],
        &[("l", Some(link("b")))],
        &[("l", "changed_meanwhile")],
    );
    check(
        &[("b", new())],
        &[("b", Some(link("b")))],
        &[("b", "changed_meanwhile")],
    );
    check(&[("a", new())], &[("a", None)], &[("a", "missing")]);
    check(&[("d/x", new())], &[("d", None)], &[("d/x", "missing")]);
    check(
        &[("n", new())],
        &[("n", Some(file("mine\n")))],
        &[("n", "exists")],
    );
    check(
        &[("n", new())],
        &[("n", Some(link("nowhere")))],
        &[("n", "exists")],
    );
    check(
        &[("n", new())],
        &[("n", Some(Node::Folder))],
        &[("n", "is_folder")],
    );
    check(
        &[("n", new())],
        &[("n", Some(Node::Other))],
        &[("n", "not_a_file")],
    );
    check(
        &[("a", new())],
        &[("a", Some(Node::Other))],
        &[("a", "not_a_file")],
    );
    check(&[("a", new())], &[("a/x", new())], &[("a", "is_folder")]);
    check(&[("a", None)], &[("a/x", new())], &[("a", "is_folder")]);
    check(
        &[("n/y", new())],
        &[("n", new())],
        &[("n/y", "parent_is_file")],
    );
    check(
        &[("d/y", new())],
        &[("d", Some(file("f")))],
        &[("d/y", "parent_is_file")],
    );
    check(
        &[("d/y", new())],
        &[("d", Some(link("/tmp")))],
        &[("d/y", "symlinked_parent")],
    );
    check(
        &[("d/x", None)],
        &[("d", Some(link(".")))],
        &[("d/x", "symlinked_parent")],
    );
    check(
        &[("d/y", new())],
        &[("d/.git/HEAD", new())],
        &[("d/y", "nested_repository")],
    );
    check(&[("d", new())], &[("d/mine", new())], &[("d", "is_folder")]);
    check(
        &[("d", new())],
        &[("d/empty", Some(Node::Folder))],
        &[("d", "is_folder")],
    );
    check(
        &[("a", new()), ("n", new()), ("b", None)],
        &[
            ("a", None),
            ("n", Some(link("x"))),
            ("b", Some(file("mine\n"))),
        ],
        &[
            ("a", "missing"),
            ("b", "changed_meanwhile"),
            ("n", "exists"),
        ],
    );
}

#[test]
fn an_ignored_file_is_in_the_way_like_any_other() {
    let scene = Scene::with(&[(".gitignore", file("ignored\n"))]);
    scene
        .edit("ignored", &file("new\n"))
        .edit(".gitignore", &file("\n"));
    scene.disturb("ignored", &file("mine\n"));
    assert_eq!(scene.conflicts(), [("ignored".to_owned(), "exists")]);
}

#[test]
fn what_the_person_keeps_out_of_the_folder_is_not_brought_in() {
    let scene = Scene::empty();
    for path in ["in/a", "out/b"] {
        scene.disturb(path, &file("x\n"));
    }
    scene.git(&["add", "--all"]);
    scene.git(&["commit", "--quiet", "-m", "first"]);
    scene.git(&["sparse-checkout", "set", "in"]);
    scene.begin();
    assert!(!scene.worktree().join("out").exists());
    scene
        .edit("in/a", &file("new\n"))
        .edit("out/c", &file("new\n"));
    // A git before 2.41 can't tell; then the file is brought in.
    let old = scene.git(&["--version"]).as_str() < "git version 2.41";
    if !old {
        assert_eq!(scene.conflicts(), [("out/c".to_owned(), "outside_sparse")]);
    }
    scene.delete("out/c");
    scene.apply().unwrap();
    assert_eq!(scene.files()["in/a"], "644 new\\n");
}

#[test]
fn a_submodule_is_never_touched() {
    let scene = scene();
    scene.edit("other", &file("changed\n"));
    let mut order = scene.order();
    order.changes.files.push(ChangedFile {
        path: RepoPath::new(b"sub".to_vec()).unwrap(),
        change: Change::Added {
            after: Entry {
                mode: FileMode::Submodule,
                id: ObjectId::parse(&"1".repeat(40)).unwrap(),
            },
        },
        lines: None,
    });
    let refused = scene.refused_by(order, Arc::new(|_| Ok(())));
    assert_eq!(reasons(&refused), ["submodule"]);
}

#[test]
fn a_conflict_in_a_text_is_told_by_hunk() {
    let scene = scene();
    scene.edit("a", &file("1\nTWO\n3\n4\n5\n6\n7\n8\n"));
    scene.disturb("a", &file("1\nzwei\r\n3\n4\n5\n6\n7\n"));
    let ApplyError::Conflicts { conflicts } = scene.refused() else {
        panic!("it is a conflict");
    };
    let told: Vec<_> = conflicts[0]
        .hunks
        .iter()
        .map(|hunk| (hunk.before, hunk.after, hunk.fate.as_str()))
        .collect();
    let range = |start, lines| LineRange { start, lines };
    let expected = [
        (range(2, 1), range(2, 1), "overlaps"),
        (range(8, 0), range(8, 1), "fits"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_moved_head_is_refused_whenever_it_moves() {
    let steps = recorded_steps();
    // While the new files are made, and while they are put in place.
    for at in [None, Some("staging"), Some("synced")] {
        assert!(at.is_none_or(|step| steps.iter().any(|known| known == step)));
        let scene = scene();
        scene.edit("a", &file("new\n"));
        let order = scene.order();
        let old = order.head.clone();
        let commit = || scene.git(&["commit", "--quiet", "--allow-empty", "-m", "moved"]);
        if at.is_none() {
            commit();
        }
        let folder = scene.folder();
        let before = scene.files();
        let message = [
            "-c",
            "user.name=x",
            "-c",
            "user.email=x",
            "commit",
            "--allow-empty",
            "-qmx",
        ];
        let hook = move |step: &str| {
            if Some(step) == at {
                let mut git = std::process::Command::new("git");
                let done = git.args(message).current_dir(&folder).output().unwrap();
                assert!(done.status.success(), "{done:?}");
            }
            Ok(())
        };
        let refused = scene.apply_by(
            order,
            crate::platform::tree_edit::Renames::Best,
            Arc::new(hook),
        );
        match refused.unwrap_err() {
            ApplyError::HeadMoved { expected, found } => {
                assert_eq!(expected, old);
                assert_ne!(found, old);
            }
            other => panic!("{other:?}"),
        }
        assert_same(&scene.files(), &before);
        scene.assert_tidy();
    }
}

#[test]
fn a_repository_without_a_commit_has_no_head() {
    let scene = Scene::empty();
    scene.begin();
    scene.edit("a", &file("new\n"));
    let mut order = scene.order();
    scene.git(&["update-ref", "-d", "HEAD"]);
    let refused = scene.refused_by(order.clone(), Arc::new(|_| Ok(())));
    let text = refused.to_string();
    assert!(
        text.starts_with("the folder's HEAD is without a commit, not "),
        "{text}"
    );
    order.head = None;
    let none = Arc::new(|_: &str| Ok(()));
    scene
        .apply_by(order, crate::platform::tree_edit::Renames::Best, none)
        .unwrap();
    assert_eq!(scene.files().len(), 1);
}

#[test]
fn a_worktree_that_was_changed_after_its_diff_is_refused() {
    let scene = scene();
    scene.edit("a", &file("new\n")).edit("n", &link("x"));
    for (path, node) in [
        ("a", file("NEW\n")),
        ("n", link("y")),
        ("n", file("x")),
        ("a", Node::Folder),
    ] {
        let order = scene.order();
        scene.edit(path, &node);
        let refused = scene.refused_by(order, Arc::new(|_| Ok(())));
        assert!(
            matches!(refused, ApplyError::WorktreeChanged { .. }),
            "{refused:?}"
        );
    }
}

#[test]
fn what_the_person_does_between_the_look_and_the_rename_is_never_lost() {
    // What is done, just before all renames; and what the reason is then.
    type Deed = fn(&std::path::Path);
    let deeds: [(Deed, &str); 7] = [
        (
            |folder| fs::write(folder.join("a"), "mine").unwrap(),
            "changed_meanwhile",
        ),
        (
            |folder| fs::write(folder.join("fresh"), "same\nlen").unwrap(),
            "changed_meanwhile",
        ),
        (
            |folder| fs::remove_file(folder.join("gone")).unwrap(),
            "missing",
        ),
        (
            |folder| fs::write(folder.join("new"), "mine").unwrap(),
            "exists",
        ),
        (|folder| symlink("/", folder.join("sub")).unwrap(), "exists"),
        (
            |folder| fs::write(folder.join("swap/mine"), "mine").unwrap(),
            "is_folder",
        ),
        (
            |folder| {
                fs::rename(folder.join("d"), folder.join("e")).unwrap();
                symlink("e", folder.join("d")).unwrap();
            },
            "symlinked_parent",
        ),
    ];
    for (deed, reason) in deeds {
        let scene = Scene::with(&[
            ("a", file("1\n")),
            ("fresh", file("len\nsame")),
            ("gone", file("gone\n")),
            ("d/x", file("x\n")),
            ("swap/x", file("x\n")),
        ]);
        scene
            .edit("a", &file("new\n"))
            .edit("fresh", &file("fresh\n"))
            .edit("new", &file("new\n"))
            .edit("sub/new", &file("new\n"))
            .edit("d/x", &file("new\n"))
            .edit("swap", &file("now a file\n"))
            .delete("gone");
        let folder = scene.folder();
        let after_deed = Arc::new(Mutex::new(None));
        let noted = after_deed.clone();
        let hook = move |step: &str| {
            if step == "begin" {
                deed(&folder);
                *noted.lock().unwrap() = Some(super::scene::files(&folder));
            }
            Ok(())
        };
        let refused = scene.apply_by(
            scene.order(),
            crate::platform::tree_edit::Renames::Best,
            Arc::new(hook),
        );
        assert_eq!(reasons(&refused.unwrap_err()), [reason]);
        assert_same(&scene.files(), &after_deed.lock().unwrap().take().unwrap());
        scene.assert_tidy();
    }
}

#[test]
fn an_apply_that_goes_on_is_not_begun_twice() {
    let scene = scene();
    scene.edit("a", &file("new\n"));
    fs::create_dir_all(scene.journals()).unwrap();
    let lock = scene.journals().join("run_000000000000000001.lock");
    let held = crate::platform::lock::FileLock::acquire(&lock).unwrap();
    let before = scene.everything();
    assert!(matches!(scene.apply(), Err(ApplyError::Busy { .. })));
    assert_same(&scene.everything(), &before);
    drop(held);
    scene.apply().unwrap();
}

fn reasons(error: &ApplyError) -> Vec<&'static str> {
    match error {
        ApplyError::Conflicts { conflicts } => conflicts
            .iter()
            .map(|conflict| conflict.reason.as_str())
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn recorded_steps() -> Vec<String> {
    let scene = scene();
    scene.edit("a", &file("new\n"));
    let steps = Arc::new(Mutex::new(Vec::new()));
    let noted = steps.clone();
    let hook = move |step: &str| {
        noted.lock().unwrap().push(step.to_owned());
        Ok(())
    };
    let order = scene.order();
    scene
        .apply_by(
            order,
            crate::platform::tree_edit::Renames::Best,
            Arc::new(hook),
        )
        .unwrap();
    steps.lock().unwrap().clone()
}
