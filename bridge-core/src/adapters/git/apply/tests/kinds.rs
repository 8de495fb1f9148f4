//! What can change in a repository comes into the folder, byte for byte.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::adapters::git::apply::tests::scene::{
    Scene, assert_same, file, files, link, program, shown,
};
use crate::adapters::git::apply::wish::Wishes;
use crate::adapters::git::apply::{Applied, ApplyError};
use crate::platform::tree_edit::Renames;

fn all_kinds() -> Scene {
    let scene = Scene::with(&[
        ("kept", file("kept\n")),
        ("changed", file("one\n")),
        ("gone", file("gone\n")),
        ("deep/in/gone", file("gone\n")),
        ("deep/kept", file("kept\n")),
        ("mode", file("#!/bin/sh\n")),
        ("unmode", program("#!/bin/sh\n")),
        ("link", link("kept")),
        ("file-to-link", file("x\n")),
        ("link-to-file", link("nowhere")),
        ("file-to-folder", file("x\n")),
        ("folder-to-file/a", file("a\n")),
        ("folder-to-file/b/c", file("c\n")),
        ("link-to-folder", link("deep")),
        ("folder-to-link/x", file("x\n")),
        ("old-name", file("a long text that stays as it is\n")),
        ("empty", file("")),
    ]);
    scene
        .edit("changed", &file("two\r\nthree\n"))
        .delete("gone")
        .delete("deep/in/gone")
        .edit("mode", &program("#!/bin/sh\n"))
        .edit("unmode", &file("#!/bin/sh\n"))
        .edit("link", &link("deep/kept"))
        .edit("file-to-link", &link("../outside"))
        .edit("link-to-file", &file("now a file\n"))
        .edit("file-to-folder/in/it", &file("it\n"))
        .edit("folder-to-file", &file("file\n"))
        .edit("link-to-folder/real", &file("real\n"))
        .edit("folder-to-link", &link("deep"))
        .delete("old-name")
        .edit("new name\n\"", &file("a long text that stays as it is\n"))
        .edit("empty", &file("no more"))
        .edit("new-empty", &file(""))
        .edit("new/deep/er/program", &program("\0\x01binary"))
        .edit("-rf", &file("--\n"));
    scene
}

#[test]
fn all_kinds_of_changes_come_over_byte_for_byte() {
    for renames in [Renames::Best, Renames::Plain] {
        let scene = all_kinds();
        scene.disturb("untracked", &file("mine\n"));
        let index = std::fs::read(scene.folder().join(".git/index")).unwrap();
        let applied = scene.apply_by(scene.order(), renames, Arc::new(|_| Ok(())));
        assert_eq!(applied.unwrap().already, 0);

        let mut expected = files(&scene.worktree());
        expected.insert("untracked".into(), shown(&file("mine\n")));
        assert_same(&scene.files(), &expected);
        assert!(!scene.folder().join("deep/in").exists());
        assert_eq!(
            std::fs::read(scene.folder().join(".git/index")).unwrap(),
            index
        );
        scene.assert_tidy();
        // What git says of the folder is what it says of the worktree.
        std::fs::remove_file(scene.folder().join("untracked")).unwrap();
        scene.git(&["add", "--all"]);
        let tree = scene.git(&["write-tree"]);
        assert_eq!(tree.trim(), scene.order().changes.after.as_str());
    }
}

#[test]
fn what_is_as_wished_already_is_left_alone_and_counted() {
    let scene = all_kinds();
    // A renamed file is one that goes and one that comes.
    let files = Wishes::of(&scene.order().changes).paths().count();
    let first = scene.apply().unwrap();
    assert_eq!(first, Applied { files, already: 0 });
    let before = scene.everything();
    let second = scene.apply().unwrap();
    let already = files;
    assert_eq!(second, Applied { files: 0, already });
    assert_same(&scene.everything(), &before);

    scene.edit("changed", &file("four\n"));
    let third = scene.apply();
    // The folder has the run's earlier change, which is neither what was before nor what is to come.
    assert!(matches!(third, Err(ApplyError::Conflicts { .. })));
}

#[test]
fn the_persons_own_rights_on_a_file_stay() {
    use std::os::unix::fs::PermissionsExt;

    let scene = Scene::with(&[("a", file("a\n")), ("b", file("b\n"))]);
    for name in ["a", "b"] {
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(scene.folder().join(name), private).unwrap();
    }
    scene.edit("a", &file("new\n")).edit("b", &program("b\n"));
    scene.apply().unwrap();
    assert_eq!(scene.files()["a"], "600 new\\n");
    assert_eq!(scene.files()["b"], "700 b\\n");
}

#[test]
fn line_ends_that_git_converts_are_no_changes_and_stay_as_the_worktree_has_them() {
    let scene = Scene::empty();
    scene
        .disturb(".gitattributes", &file("*.txt text eol=crlf\n"))
        .disturb("a.txt", &file("one\r\ntwo\r\n"))
        .disturb("b.txt", &file("one\r\n"));
    scene.begin();
    assert_eq!(
        files(&scene.worktree())["a.txt"],
        shown(&file("one\r\ntwo\r\n"))
    );
    // The person's editor has changed line ends only: git sees no change.
    scene.disturb("a.txt", &file("one\ntwo\n"));
    scene.edit("a.txt", &file("one\r\nTWO\n"));
    scene.delete("b.txt");
    scene.apply().unwrap();
    assert_eq!(scene.files()["a.txt"], shown(&file("one\r\nTWO\n")));
    assert!(!scene.folder().join("b.txt").exists());
}

#[test]
fn files_that_the_persons_filter_changes_can_be_changed_and_removed() {
    let scene = Scene::empty();
    // As with Git LFS: git keeps a pointer, and the folder has the content.
    scene.git(&["config", "filter.big.clean", "sed s/content/pointer/"]);
    scene.git(&["config", "filter.big.smudge", "sed s/pointer/content/"]);
    scene
        .disturb(".gitattributes", &file("*.big filter=big\n"))
        .disturb("a.big", &file("content 1\n"))
        .disturb("b.big", &file("content 2\n"))
        .disturb("c.big", &file("content 3\n"));
    // What is as young as the index, git reads again, and then the filter would have to run.
    let earlier = SystemTime::now() - Duration::from_secs(10);
    for name in ["a.big", "b.big", "c.big"] {
        let file = File::options().append(true).open(scene.folder().join(name));
        file.unwrap().set_modified(earlier).unwrap();
    }
    scene.begin();
    assert_eq!(
        files(&scene.worktree())["a.big"],
        shown(&file("pointer 1\n"))
    );
    scene
        .edit("a.big", &file("another\n"))
        .delete("b.big")
        .edit("c.big", &file("new\n"));
    scene.disturb("c.big", &file("content 4\n"));
    assert_eq!(
        scene.conflicts(),
        [("c.big".to_owned(), "changed_meanwhile")]
    );
    scene.edit("c.big", &file("pointer 3\n"));
    scene.apply().unwrap();
    assert_eq!(scene.files()["a.big"], shown(&file("another\n")));
    assert!(!scene.folder().join("b.big").exists());
    assert_eq!(scene.files()["c.big"], shown(&file("content 4\n")));
}

#[test]
fn what_was_carried_into_the_worktree_is_where_it_begins() {
    let scene = Scene::empty();
    scene.disturb("a", &file("committed\n"));
    scene.git(&["add", "--all"]);
    scene.git(&["commit", "--quiet", "-m", "first"]);
    scene.begin_with(|scene| {
        scene
            .disturb("a", &file("uncommitted\n"))
            .disturb("new", &file("untracked\n"));
    });
    scene.edit("a", &file("changed\n")).delete("new");
    assert_eq!(scene.apply().unwrap().files, 2);
    assert_eq!(scene.files()["a"], shown(&file("changed\n")));
    assert!(!scene.folder().join("new").exists());
}

#[test]
fn folders_that_hold_something_else_stay() {
    let scene = Scene::with(&[("a/b/c", file("c\n")), ("a/d", file("d\n"))]);
    scene.disturb("a/b/mine", &file("mine\n"));
    scene.delete("a");
    scene.apply().unwrap();
    let left: Vec<_> = scene.files().into_keys().collect();
    assert_eq!(left, ["a/b/mine"]);
}
