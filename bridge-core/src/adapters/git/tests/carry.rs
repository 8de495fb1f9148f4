//! Uncommitted work that comes into a worktree.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::adapters::git::diff::Between;
use crate::adapters::git::shadow::{Carry, CreateError};
use crate::adapters::git::testing::{NOTHING, World, changes, tell, tell_left_out, write};
use crate::domain::changes::LeftOuts;

#[tokio::test]
async fn what_is_staged_changed_and_new_is_carried_over_and_is_no_change_of_the_run() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n")
        .write("b", "1\n")
        .write("c", "1\n")
        .write("d", "1\n");
    repo.write(".gitignore", "*.o\n").commit("one");
    repo.write("a", "staged\n").write("e/new-staged", "e\n");
    repo.git(&["add", "a", "e"]);
    repo.git(&["rm", "-q", "--cached", "d"]);
    repo.write("a", "staged and changed\n")
        .write("b", "changed\n");
    fs::remove_file(repo.path("c")).unwrap();
    repo.write("f", "new\n").write("x.o", "ignored");
    repo.git(&["add", "--intent-to-add", "f"]);
    let before = world.listing(&repo.top);

    let created = repo.worktree(1, Carry::Uncommitted).await.unwrap();
    assert_eq!(before.changed(&world, &repo.top), NOTHING);
    let shadow = created.shadow;
    assert_eq!(tell_left_out(&created.left_out), "ignored x.o\n");
    let read = |name: &str| fs::read_to_string(shadow.files().join(name)).unwrap();
    assert_eq!(read("a"), "staged and changed\n");
    assert_eq!(
        [read("b"), read("d"), read("f")],
        ["changed\n", "1\n", "new\n"]
    );
    assert!(!shadow.files().join("c").exists() && !shadow.files().join("x.o").exists());
    // The model sees the same state as the person, but for what was only intended.
    let status = ["status", "--porcelain", "-uall"];
    let theirs = repo
        .git(&status)
        .replace(" A f\n", "")
        .replace("?? d\n", "?? d\n?? f\n");
    assert_eq!(world.run(&shadow.files(), &status), theirs);

    let expected = "\
        M \"a\" +1 -1\n\
        M \"b\" +1 -1\n\
        D 100644 \"c\" +0 -1\n\
        A 100644 \"e/new-staged\" +1 -0\n\
        A 100644 \"f\" +1 -0\n";
    assert_eq!(tell(&shadow.changes_before().await.unwrap()), expected);
    assert_eq!(changes(&shadow).await, "");
    write(&shadow, "f", "new\nmore\n");
    write(&shadow, "c", "again\n");
    let expected = "A 100644 \"c\" +1 -0\nM \"f\" +1 -0\n";
    assert_eq!(changes(&shadow).await, expected);
}

#[tokio::test]
async fn a_change_within_the_second_of_the_index_is_seen() {
    let world = World::new().await;
    let repo = world.init("shop");
    let file = repo.path("a");
    // The same length, inode and second: only the time of the index tells that the file has to be read.
    let mut tries = 0;
    let second = loop {
        repo.write("a", "1\n").commit("one");
        let first = fs::metadata(&file).unwrap();
        repo.write("a", "2\n");
        let now = fs::metadata(&file).unwrap();
        let index = fs::metadata(repo.path(".git/index")).unwrap();
        if [first.ctime(), index.mtime(), now.mtime()] == [now.ctime(); 3] {
            break now.mtime();
        }
        tries += 1;
        assert!(
            tries < 50,
            "this machine is too slow to write two files within a second"
        );
    };
    // A copy of the index is younger than that second.
    while fs::metadata(tempfile::tempdir().unwrap().path())
        .unwrap()
        .mtime()
        <= second
    {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let here = repo.in_place(1).await.shadow;
    let dirty = here.changes_before().await.unwrap();
    assert_eq!(tell(&dirty), "M \"a\" +1 -1\n");
    write(&here, "a", "3\n");
    assert_eq!(changes(&here).await, "M \"a\" +1 -1\n");
    let shadow = repo.worktree(2, Carry::Nothing).await.unwrap().shadow;
    write(&shadow, "a", "4\n");
    assert_eq!(changes(&shadow).await, "M \"a\" +1 -1\n");
    write(&shadow, "a", "1\n");
    assert_eq!(changes(&shadow).await, "");
}

#[tokio::test]
async fn conflicts_are_not_carried_over() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").commit("base");
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.write("a", "2\n").commit("theirs");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a", "3\n").write("b", "b\n").commit("ours");
    let (merged, _) = repo.try_git(&["merge", "other"]);
    assert!(!merged);
    let refused = repo.worktree(1, Carry::Uncommitted).await.unwrap_err();
    assert!(matches!(refused, CreateError::Unmerged { .. }), "{refused}");
    assert!(refused.leaves_in_place());
    // Without it, and in place, it works: the conflict is how the file is.
    let created = repo.worktree(1, Carry::Nothing).await.unwrap();
    assert_eq!(changes(&created.shadow).await, "");
    let here = repo.in_place(2).await.shadow;
    let dirty = tell(&here.changes_before().await.unwrap());
    assert_eq!(dirty, "M \"a\" +4 -0\n");
    write(&here, "a", "2 and 3\n");
    assert_eq!(changes(&here).await, "M \"a\" +1 -5\n");
    assert_eq!(repo.git(&["ls-files", "-u"]).lines().count(), 3);
}

#[tokio::test]
async fn split_sparse_and_watched_indexes_and_flags_are_understood() {
    let world = World::new().await;
    let repo = world.init("shop");
    for number in 0..200 {
        repo.write(format!("d{}/f{number}", number % 7), format!("{number}\n"));
    }
    repo.commit("one");
    let check = async |run: u64| {
        repo.write("d1/f1", "changed\n").write("d2/new", "new\n");
        let before = world.listing(&repo.top);
        let created = repo.worktree(run, Carry::Uncommitted).await.unwrap().shadow;
        let expected = "M \"d1/f1\" +1 -1\nA 100644 \"d2/new\" +1 -0\n";
        assert_eq!(tell(&created.changes_before().await.unwrap()), expected);
        assert_eq!(changes(&created).await, "");
        let here = repo.in_place(run + 50).await.shadow;
        assert_eq!(tell(&here.changes_before().await.unwrap()), expected);
        assert_eq!(changes(&here).await, "");
        assert_eq!(before.changed(&world, &repo.top), NOTHING);
        repo.write("d1/f1", "1\n");
        fs::remove_file(repo.path("d2/new")).unwrap();
    };
    repo.git(&["update-index", "--split-index"]);
    repo.write("d3/f3", "again\n");
    repo.git(&["add", "d3"]);
    repo.git(&["reset", "-q", "--hard"]);
    assert!(
        fs::read_dir(repo.path(".git"))
            .unwrap()
            .flatten()
            .any(|entry| {
                entry
                    .file_name()
                    .to_string_lossy()
                    .starts_with("sharedindex.")
            })
    );
    check(1).await;
    repo.git(&["update-index", "--no-split-index"]);
    repo.git(&["update-index", "--untracked-cache"]);
    repo.git(&["status", "--porcelain"]);
    check(2).await;
    repo.git(&["update-index", "--index-version=4"]);
    check(3).await;
    repo.git(&[
        "sparse-checkout",
        "set",
        "--cone",
        "--sparse-index",
        "d1",
        "d2",
    ]);
    assert!(!repo.path("d3").exists());
    check(4).await;
    let sparse = world
        .shadows()
        .open(&crate::adapters::git::testing::run_id(4))
        .unwrap();
    assert!(!sparse.files().join("d3").exists());
}

#[tokio::test]
async fn in_place_the_start_is_compared_with_the_end_and_what_was_dirty_stays_apart() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("clean", "1\n")
        .write("dirty", "1\n")
        .write(".gitignore", "*.o\n");
    repo.commit("one");
    repo.write("dirty", "2\n")
        .write("untracked", "u\n")
        .write("x.o", "o");
    world.run(&repo.top, &["init", "-q", "nested"]);
    repo.write("nested/file", "n");
    let before = world.listing(&repo.top);
    let created = repo.in_place(1).await;
    assert_eq!(
        tell_left_out(&created.left_out),
        "nested_repository nested/\nignored x.o\n"
    );
    let here = created.shadow;
    assert!(!here.is_worktree());
    assert_eq!(here.files(), repo.top);
    assert_eq!(changes(&here).await, "");
    assert_eq!(before.changed(&world, &repo.top), NOTHING);
    let dirty = "M \"dirty\" +1 -1\nA 100644 \"untracked\" +1 -0\n";
    assert_eq!(tell(&here.changes_before().await.unwrap()), dirty);

    repo.write("clean", "2\n")
        .write("dirty", "3\n")
        .write("new", "n\n");
    fs::remove_file(repo.path("untracked")).unwrap();
    let expected = "\
        M \"clean\" +1 -1\n\
        M \"dirty\" +1 -1\n\
        A 100644 \"new\" +1 -0\n\
        D 100644 \"untracked\" +0 -1\n";
    assert_eq!(changes(&here).await, expected);
    // A commit by the person changes no file.
    repo.git(&["add", "clean", "dirty", "new"]);
    repo.commit_staged("all");
    assert_eq!(changes(&here).await, expected);
}

#[tokio::test]
async fn a_repository_without_commits_can_be_watched_in_place() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").write("b", "1\n");
    repo.git(&["add", "a"]);
    let here = repo.in_place(1).await.shadow;
    assert_eq!(here.base_commit(), None);
    let dirty = tell(&here.changes_before().await.unwrap());
    assert_eq!(dirty, "A 100644 \"a\" +1 -0\nA 100644 \"b\" +1 -0\n");
    repo.write("b", "2\n");
    assert_eq!(changes(&here).await, "M \"b\" +1 -1\n");
}

#[tokio::test]
async fn a_repository_that_contains_the_bridges_own_folder_does_not_take_it() {
    let world = World::new().await;
    world.run(&world.root, &["init", "-q", "."]);
    let repo = world.at("");
    repo.write("a", "1\n");
    repo.git(&["add", "a"]);
    repo.commit_staged("one");
    repo.write("state/bridge.db", "secret")
        .write("statement", "s\n");
    let created = repo.worktree(1, Carry::Uncommitted).await.unwrap().shadow;
    assert!(created.files().join("statement").exists());
    assert!(!created.files().join("state").exists());
    assert_eq!(changes(&created).await, "");
    let here = repo.in_place(2).await.shadow;
    assert_eq!(changes(&here).await, "");
}

#[tokio::test]
async fn patches_and_hashes_name_the_same_difference() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n")
        .write("b", b"\0\x01")
        .write("d", "f\n")
        .commit("one");
    let one = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    let two = repo.worktree(2, Carry::Nothing).await.unwrap().shadow;
    let mut hashes = Vec::new();
    for shadow in [&one, &two] {
        write(shadow, "a", "2\n");
        write(shadow, "b", b"\0\x02");
        fs::remove_file(shadow.files().join("d")).unwrap();
        write(shadow, "d/e", "e\n");
        // A file that calls itself binary, or in need of a program, is shown all the same.
        write(
            shadow,
            ".gitattributes",
            "a -diff\n* diff=evil filter=evil\n",
        );
        let now = shadow.snapshot().await.unwrap();
        hashes.push(shadow.changes(&now).await.unwrap());
    }
    assert_eq!(hashes[0], hashes[1]);
    let set = &hashes[0];
    let between = Between {
        before: &set.before,
        after: &set.after,
    };
    let reverse = Between {
        before: &set.after,
        after: &set.before,
    };
    let objects = one.objects();
    assert_ne!(objects.hash(reverse).await.unwrap(), set.hash);
    let patch = async |path: &str, max| {
        let file = set
            .files
            .iter()
            .find(|file| file.path.to_text() == path)
            .unwrap();
        let patch = objects.patch(between, file, max).await.unwrap();
        (String::from_utf8(patch.text).unwrap(), patch.cut)
    };
    let (text, cut) = patch("a", 1000).await;
    assert!(
        text.ends_with("--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n") && !cut,
        "{text}"
    );
    let (text, cut) = patch("a", text.len() - 1).await;
    assert!(text.ends_with("-1\n") && cut, "{text}");
    let (text, _) = patch("d", 1000).await;
    assert!(
        text.starts_with("diff --git a/d b/d\ndeleted file") && !text.contains("d/e"),
        "{text}"
    );
    let (text, _) = patch("b", 1000).await;
    assert!(text.contains("Binary files a/b and b/b differ"), "{text}");

    // The whole of it, applied elsewhere, gives the same.
    let file = world.root.join("whole.patch");
    let length = objects.write_patch(between, &file, 1 << 20).await.unwrap();
    assert_eq!(length, fs::metadata(&file).unwrap().len());
    let three = repo.worktree(3, Carry::Nothing).await.unwrap().shadow;
    world.run(&three.files(), &["apply", file.to_str().unwrap()]);
    let now = three.snapshot().await.unwrap();
    assert_eq!(three.changes(&now).await.unwrap(), *set);
    let refused = objects.write_patch(between, &file, 10).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`git diff-tree` answered more than the bridge takes"
    );
    let none = objects.changes(
        Between {
            before: &set.before,
            after: &set.before,
        },
        LeftOuts::default(),
    );
    assert_eq!(none.await.unwrap().files, []);
}
