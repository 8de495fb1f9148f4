//! Random repositories, random edits, random trouble.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use crate::adapters::git::apply::ApplyError;
use crate::adapters::git::apply::tests::scene::{
    Node, Scene, assert_same, files, put, remove, shown,
};
use crate::adapters::git::apply::wish::Wishes;
use crate::platform::tree_edit::Renames;

#[derive(Clone, Debug)]
enum Edit {
    Put(Vec<u8>, Node),
    Delete(Vec<u8>),
    Move(Vec<u8>, Vec<u8>),
}

/// Few names, so that they meet: files where folders were, and the other way round.
fn path() -> impl Strategy<Value = Vec<u8>> {
    let mut names: Vec<&[u8]> = vec![
        b"a",
        b"b",
        b"c",
        b"a b",
        b"new\nline",
        b"\"",
        "ü".as_bytes(),
        b"-x",
        b"*",
    ];
    if cfg!(target_os = "linux") {
        names.push(b"\xff\xfe");
        names.push(b"A");
    }
    vec(select(names), 1..4).prop_map(|names| names.join(&b'/'))
}

fn node() -> impl Strategy<Value = Node> {
    let contents: Vec<&[u8]> = vec![
        b"",
        b"one\n",
        b"one\ntwo\n",
        b"two\r\n",
        b"mixed\r\nends\n",
        b"\0\x01\xff",
        b"no end",
    ];
    let targets: Vec<&[u8]> = vec![b"a", b"../b", b"/nowhere", b"a/b", b"\xc3\xbc"];
    prop_oneof![
        4 => (select(contents), prop::bool::ANY).prop_map(|(content, executable)| Node::File {
            content: content.to_vec(),
            mode: if executable { 0o755 } else { 0o644 },
        }),
        1 => select(targets).prop_map(|target| Node::Link(target.to_vec())),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => (path(), node()).prop_map(|(path, node)| Edit::Put(path, node)),
        2 => path().prop_map(Edit::Delete),
        1 => (path(), path()).prop_map(|(from, to)| Edit::Move(from, to)),
    ]
}

#[derive(Clone, Debug)]
struct Story {
    base: Vec<(Vec<u8>, Node)>,
    run: Vec<Edit>,
    person: Vec<Edit>,
    fails_at: Option<usize>,
    renames: Renames,
}

fn story(person: impl Strategy<Value = Vec<Edit>>, fails: bool) -> impl Strategy<Value = Story> {
    let fails_at = prop::option::of(0_usize..30).prop_map(move |at| at.filter(|_| fails));
    let renames = select(vec![Renames::Best, Renames::Best, Renames::Plain]);
    let base = vec((path(), node()), 0..12);
    (base, vec(edit(), 1..10), person, fails_at, renames).prop_map(
        |(base, run, person, fails_at, renames)| Story {
            base,
            run,
            person,
            fails_at,
            renames,
        },
    )
}

fn play(top: &Path, edits: &[Edit]) {
    for edit in edits {
        match edit {
            Edit::Put(path, node) => put(top, path, node),
            Edit::Delete(path) => remove(top, path),
            Edit::Move(from, to) => {
                let at = |path: &[u8]| top.join(OsStr::from_bytes(path));
                let above = at(to).parent().map(Path::to_path_buf);
                if above.is_some_and(|above| above.is_dir()) && !to.starts_with(from) {
                    fs::rename(at(from), at(to)).ok();
                }
            }
        }
    }
}

fn tell(story: &Story) {
    let scene = Scene::empty();
    for (path, node) in &story.base {
        put(&scene.folder(), path, node);
    }
    scene.begin();
    play(&scene.worktree(), &story.run);
    let order = scene.order();
    play(&scene.folder(), &story.person);

    let before = scene.everything();
    let mut expected = scene.files();
    let came = files(&scene.worktree());
    for wish in Wishes::of(&order.changes).iter() {
        let path = wish.path.as_bytes().escape_ascii().to_string();
        match came.get(&path) {
            Some(what) => expected.insert(path, what.clone()),
            None => expected.remove(&path),
        };
    }
    let left = AtomicUsize::new(story.fails_at.unwrap_or(usize::MAX));
    let hook = move |_: &str| match left.fetch_sub(1, Ordering::SeqCst) {
        0 => Err(std::io::ErrorKind::StorageFull.into()),
        _ => Ok(()),
    };
    let after = order.changes.after.clone();
    let done = scene.apply_by(order, story.renames, Arc::new(hook));
    match &done {
        Ok(_) => {
            assert_same(&scene.files(), &expected);
            if story.person.is_empty() {
                scene.git(&["add", "--all"]);
                assert_eq!(scene.git(&["write-tree"]).trim(), after.as_str());
            }
        }
        Err(error) => {
            let is_expected = match error {
                ApplyError::Conflicts { .. } => !story.person.is_empty(),
                ApplyError::DiskFull { .. } => story.fails_at.is_some(),
                _ => false,
            };
            assert!(is_expected, "{error:?}");
            assert_same(&scene.everything(), &before);
            scene.assert_tidy();
        }
    }
}

fn tell_many(cases: u32, stories: impl Strategy<Value = Story>) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let told = TestRunner::new(config).run(&stories, |story| {
        tell(&story);
        Ok(())
    });
    told.unwrap();
}

#[test]
fn what_is_applied_is_what_was_changed() {
    tell_many(16, story(Just(Vec::new()), false));
}

#[test]
fn with_anything_in_the_way_all_comes_or_nothing() {
    tell_many(24, story(vec(edit(), 1..5), true));
}

#[test]
#[ignore = "takes minutes"]
fn thousands_of_stories() {
    tell_many(1500, story(Just(Vec::new()), true));
    tell_many(1500, story(vec(edit(), 1..5), true));
}

/// Two hundred files of all kinds, by number.
#[test]
fn a_worktree_of_two_hundred_changed_files_comes_over() {
    let scene = Scene::empty();
    let path = |number: usize, kind: &str| format!("{}/{kind}/{number}", number % 7);
    let text = |number: usize| Node::File {
        content: format!("{number}\n").repeat(number % 50).into_bytes(),
        mode: if number.is_multiple_of(3) {
            0o755
        } else {
            0o644
        },
    };
    let link = |number: usize| Node::Link(format!("../{number}").into_bytes());
    for number in 0..40 {
        for kind in ["changed", "deleted", "mode", "swapped", "old"] {
            scene.disturb(&path(number, kind), &text(number));
        }
    }
    scene.begin();
    for number in 0..40 {
        scene
            .edit(&path(number, "changed"), &text(number + 1))
            .delete(&path(number, "deleted"))
            .edit(&path(number, "added"), &text(number))
            .edit(&path(number, "links"), &link(number))
            .delete(&path(number, "old"))
            .edit(&path(number, "new name"), &text(number));
        let Node::File { content, mode } = text(number) else {
            unreachable!()
        };
        let mode = mode ^ 0o111;
        scene.edit(&path(number, "mode"), &Node::File { content, mode });
        let swapped = path(number, "swapped");
        match number % 2 {
            0 => scene.edit(&swapped, &link(number)),
            _ => scene.edit(&(swapped + "/inner"), &text(number)),
        };
    }
    let applied = scene.apply().unwrap();
    assert!(applied.files > 300, "{applied:?}");
    assert_same(&scene.files(), &files(&scene.worktree()));
    assert!(shown(&link(1)).starts_with("->"));
}

/// What it takes is printed; a slow disk must not fail a test.
#[test]
#[ignore = "a measurement"]
fn five_thousand_files() {
    let scene = Scene::empty();
    let path = |number: usize| format!("{}/{}/{number}", number % 10, number % 100);
    let text = |number: usize| Node::File {
        content: format!("{number}\n").repeat(200).into_bytes(),
        mode: 0o644,
    };
    for number in 0..5000 {
        scene.disturb(&path(number), &text(number));
    }
    scene.begin();
    for number in 0..5000 {
        match number % 5 {
            0 => scene.delete(&path(number)),
            1 => scene.edit(&(path(number) + "/new"), &text(number)),
            2 => scene.edit(&(path(number) + ".new"), &text(number)),
            _ => scene.edit(&path(number), &text(number + 1)),
        };
    }
    let order = scene.order();
    let begin = std::time::Instant::now();
    let noted = Arc::new(std::sync::Mutex::new(Vec::new()));
    let notes = noted.clone();
    let hook = move |step: &str| {
        let step = step.to_owned();
        notes.lock().unwrap().push((step, begin.elapsed()));
        Ok(())
    };
    let applied = scene.apply_by(order, Renames::Best, Arc::new(hook));
    let whole = begin.elapsed();
    for (step, when) in noted.lock().unwrap().iter() {
        if !["half-way", "renamed"].contains(&step.as_str()) {
            eprintln!("{when:?} {step}");
        }
    }
    eprintln!("{whole:?} {:?}", applied.unwrap());
    assert_same(&scene.files(), &files(&scene.worktree()));
}
