//! Worktrees: what they are, and what is seen to be changed in them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use crate::adapters::git::shadow::{Carry, CreateError, FoundKind, Note};
use crate::adapters::git::testing::{NOTHING, World, changes, run_id, tell_left_out, write};

#[tokio::test]
async fn a_worktree_has_the_files_of_head_and_git_works_in_it() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("src/a.rs", "fn a() {}\n")
        .write("run.sh", "#!/bin/sh\n")
        .link("latest", "src/a.rs");
    repo.chmod("run.sh", 0o755);
    let id = repo.commit("one");
    repo.git(&["branch", "other"]);
    repo.git(&["tag", "-m", "first", "v1"]);
    repo.write("src/a.rs", "changed")
        .write("new", "not carried");

    let created = repo.worktree(1, Carry::Nothing).await.unwrap();
    let shadow = created.shadow;
    let files = shadow.files();
    assert_eq!(files.file_name(), Some(OsStr::new("shop")));
    assert_eq!(fs::read(files.join("src/a.rs")).unwrap(), b"fn a() {}\n");
    assert_eq!(
        fs::read_link(files.join("latest")).unwrap(),
        PathBuf::from("src/a.rs")
    );
    let mode = fs::metadata(files.join("run.sh"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111);
    assert!(!files.join("new").exists());
    assert_eq!(created.notes, []);

    let git = |args: &[&str]| world.run(&files, args);
    assert_eq!(git(&["rev-parse", "HEAD"]).trim(), id);
    assert_eq!(git(&["status", "--porcelain"]), "");
    assert_eq!(
        git(&["rev-parse", "main", "other", "v1^{commit}"])
            .lines()
            .count(),
        3
    );
    assert_eq!(git(&["log", "--format=%s"]), "one\n");
    assert_eq!(git(&["fsck", "--connectivity-only"]), "");
    assert_eq!(shadow.base_commit().unwrap().as_str(), id);
    assert_eq!(shadow.base_tree(), shadow.head_tree());
    assert_eq!(changes(&shadow).await, "");
}

#[tokio::test]
async fn each_kind_of_change_is_seen() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("changed", "1\n2\n")
        .write("deleted", "x\n")
        .write("renamed", "1\n2\n3\n4\n5\n6\n7\n8\n")
        .write("mode", "m\n")
        .write("binary", b"\0one")
        .write("to-link", "t\n")
        .write("to-folder", "f\n")
        .write("folder/x", "f\n")
        .link("link", "changed");
    repo.commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    let files = shadow.files();
    let at = |name: &str| files.join(name);
    write(&shadow, "changed", "1\nzwei\n3\n");
    fs::remove_file(at("deleted")).unwrap();
    fs::rename(at("renamed"), at("anew")).unwrap();
    write(&shadow, "anew", "1\n2\n3\n4\n5\n6\n7\nacht\n");
    fs::set_permissions(at("mode"), fs::Permissions::from_mode(0o755)).unwrap();
    write(&shadow, "binary", b"\0two");
    fs::remove_file(at("to-link")).unwrap();
    symlink("changed", at("to-link")).unwrap();
    fs::remove_file(at("to-folder")).unwrap();
    write(&shadow, "to-folder/y", "y\n");
    fs::remove_dir_all(at("folder")).unwrap();
    write(&shadow, "folder", "now a file\n");
    fs::remove_file(at("link")).unwrap();
    symlink("deleted", at("link")).unwrap();
    write(&shadow, "new/deep/file", "a\nb\n");
    write(&shadow, "empty", "");

    let expected = "\
        R \"renamed\" \"anew\" +1 -1\n\
        M \"binary\" binary\n\
        M \"changed\" +2 -1\n\
        D 100644 \"deleted\" +0 -1\n\
        A 100644 \"empty\" +0 -0\n\
        A 100644 \"folder\" +1 -0\n\
        D 100644 \"folder/x\" +0 -1\n\
        M \"link\" +1 -1\n\
        M 100644 100755 \"mode\" +0 -0\n\
        A 100644 \"new/deep/file\" +2 -0\n\
        D 100644 \"to-folder\" +0 -1\n\
        A 100644 \"to-folder/y\" +1 -0\n\
        M 100644 120000 \"to-link\" +1 -1\n";
    assert_eq!(changes(&shadow).await, expected);
    // A second look, by the index that the first one brought up to date, and by another process.
    assert_eq!(changes(&shadow).await, expected);
    let again = world.shadows().open(&run_id(1)).unwrap();
    assert_eq!(changes(&again).await, expected);
    // What the model sees is what is not committed.
    let status = world.run(&files, &["status", "--porcelain", "-uall"]);
    assert!(
        status.contains(" D deleted\n") && status.contains("?? new/deep/file\n"),
        "{status}"
    );
    // Back to the start, there is no difference.
    world.run(
        &files,
        &[
            "-c",
            "core.hooksPath=/dev/null",
            "checkout",
            "-q",
            "--",
            ".",
        ],
    );
    for new in ["anew", "empty"] {
        fs::remove_file(at(new)).unwrap();
    }
    fs::remove_dir_all(at("new")).unwrap();
    assert_eq!(changes(&shadow).await, "");
}

#[tokio::test]
async fn file_names_may_be_any_bytes() {
    let world = World::new().await;
    let repo = world.init("shop");
    let names: [&[u8]; 9] = [
        b"new\nline",
        b"quo\"te'",
        b"-rf",
        b"--help",
        b"tab\there",
        "bidi\u{202e}txt".as_bytes(),
        b"not\xffutf8",
        b":(glob)*",
        b"dir /back\\slash",
    ];
    for name in names {
        repo.write(OsStr::from_bytes(name), "1\n");
    }
    repo.commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    for name in names {
        write(&shadow, OsStr::from_bytes(name), "2\n2\n");
        let new = [name, b".new"].concat();
        write(&shadow, OsStr::from_bytes(&new), "3\n");
    }
    let now = shadow.snapshot().await.unwrap();
    let found = shadow.changes(&now).await.unwrap();
    let mut paths: Vec<Vec<u8>> = names
        .iter()
        .flat_map(|name| [name.to_vec(), [name, &b".new"[..]].concat()])
        .collect();
    paths.sort();
    let got: Vec<Vec<u8>> = found
        .files
        .iter()
        .map(|file| file.path.as_bytes().to_vec())
        .collect();
    assert_eq!(got, paths);
    assert!(found.files.iter().all(|file| file.lines.is_some()));
    for file in &found.files {
        let between = crate::adapters::git::diff::Between {
            before: &found.before,
            after: &found.after,
        };
        let patch = shadow.objects().patch(between, file, 10_000).await.unwrap();
        let text = String::from_utf8_lossy(&patch.text);
        assert_eq!(text.matches("\n@@").count(), 1, "{text}");
    }
}

#[tokio::test]
async fn what_does_not_belong_to_a_change_is_left_out_and_said() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write(".gitignore", "target/\n*.log\n")
        .write("a", "1")
        .write("sub/b", "2");
    repo.commit("one");
    let folder = world.inspect(&repo.path("sub")).await.unwrap();
    let created = world
        .shadows()
        .worktree(&run_id(1), &folder, Carry::Nothing)
        .await;
    let shadow = created.unwrap().shadow;
    assert_eq!(shadow.work_dir(), shadow.files().join("sub"));
    write(&shadow, "target/debug/x", "built");
    write(&shadow, "sub/x.log", "log");
    for stub in [".codex", "sub/.aws", "sub/.git"] {
        write(&shadow, stub, "");
    }
    for stub in [".agents", "sub/.codex"] {
        fs::create_dir(shadow.files().join(stub)).unwrap();
    }
    write(&shadow, "sub/.agents/mine", "not a stub");
    world.run(&shadow.files(), &["init", "-q", "nested"]);
    write(&shadow, "nested/file", "n");
    world.run(&shadow.files(), &["init", "-q", "sub/deep/unborn"]);
    let fifo = std::process::Command::new("mkfifo")
        .arg(shadow.files().join("sub/pipe"))
        .status();
    assert!(fifo.unwrap().success());
    let socket = std::os::unix::net::UnixListener::bind(shadow.files().join("sock"));
    assert!(socket.is_ok());
    write(&shadow, "kept", "k");

    let now = shadow.snapshot().await.unwrap();
    let found = shadow.changes(&now).await.unwrap();
    let names: Vec<String> = found.files.iter().map(|file| file.path.to_text()).collect();
    assert_eq!(names, ["kept", "sub/.agents/mine"]);
    let expected = "\
        mount_stub .agents\n\
        mount_stub .codex\n\
        nested_repository nested/\n\
        not_a_file sock\n\
        mount_stub sub/.aws\n\
        mount_stub sub/.codex\n\
        mount_stub sub/.git\n\
        nested_repository sub/deep/unborn/\n\
        not_a_file sub/pipe\n\
        ignored sub/x.log\n\
        ignored target/\n";
    assert_eq!(tell_left_out(&found.left_out), expected);
}

#[tokio::test]
async fn a_worktree_needs_a_commit_and_a_free_place() {
    let world = World::new().await;
    let repo = world.init("shop");
    let refused = repo.worktree(1, Carry::Nothing).await.unwrap_err();
    assert!(refused.leaves_in_place());
    assert_eq!(refused.to_string(), "the branch `main` has no commit yet");
    repo.commit("one");
    repo.worktree(1, Carry::Nothing).await.unwrap();
    let refused = repo.worktree(1, Carry::Nothing).await.unwrap_err();
    assert!(matches!(refused, CreateError::Exists { .. }), "{refused}");
}

#[tokio::test]
async fn a_folder_that_is_not_in_head_begins_empty_unless_something_else_is_there() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1").link("link", "..").commit("one");
    repo.write("new/deep/file", "x");
    let shadows = world.shadows();
    let folder = world.inspect(&repo.path("new/deep")).await.unwrap();
    let created = shadows
        .worktree(&run_id(1), &folder, Carry::Nothing)
        .await
        .unwrap();
    assert_eq!(created.notes, [Note::NewFolder("new/deep".into())]);
    assert!(created.shadow.work_dir().is_dir());
    assert_eq!(changes(&created.shadow).await, "");
    let created = shadows
        .worktree(&run_id(2), &folder, Carry::Uncommitted)
        .await
        .unwrap();
    assert_eq!(created.notes, []);
    assert!(created.shadow.work_dir().join("file").is_file());

    fs::remove_file(repo.path("link")).unwrap();
    repo.write("link/x", "");
    let folder = world.inspect(&repo.path("link")).await.unwrap();
    let refused = shadows
        .worktree(&run_id(3), &folder, Carry::Nothing)
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "`link` is no folder in the base");
    assert!(refused.leaves_in_place());
    let left: Vec<u64> = (1..=3)
        .filter(|run| shadows.open(&run_id(*run)).is_ok())
        .collect();
    assert_eq!((left, shadows.list().unwrap().len()), (vec![1, 2], 2));
}

#[tokio::test]
async fn a_shadow_goes_with_all_that_is_in_it() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1").commit("one");
    let shadows = world.shadows();
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    write(&shadow, "locked/deep/file", "x");
    symlink(repo.path("a"), shadow.files().join("out")).unwrap();
    for folder in ["locked/deep", "locked"] {
        let mode = fs::Permissions::from_mode(0o500);
        fs::set_permissions(shadow.files().join(folder), mode).unwrap();
    }
    let room = shadows.disk_use(&run_id(1)).await;
    assert!(room.files > 10 && room.bytes > 10_000, "{room:?}");
    // What a kill leaves behind.
    let place = world.root.join("state/worktrees");
    fs::create_dir(place.join(format!(".new-{}", run_id(2)))).unwrap();
    fs::create_dir(place.join(format!(".gone-{}", run_id(3)))).unwrap();
    fs::create_dir(place.join("somebody-elses")).unwrap();
    let list: Vec<_> = shadows
        .list()
        .unwrap()
        .into_iter()
        .map(|found| (found.run, found.kind))
        .collect();
    let expected = [
        (run_id(1), FoundKind::Whole),
        (run_id(2), FoundKind::Unfinished),
        (run_id(3), FoundKind::Leaving),
    ];
    assert_eq!(list, expected);
    for run in 1..=3 {
        shadows.remove(&run_id(run)).await.unwrap();
    }
    shadows.remove(&run_id(9)).await.unwrap();
    assert_eq!(shadows.list().unwrap(), []);
    assert!(shadows.open(&run_id(1)).is_err());
    assert_eq!(fs::read(repo.path("a")).unwrap(), b"1");
}

#[tokio::test]
async fn submodules_filters_sparse_and_shallow_repositories_work_and_say_so() {
    let world = World::new().await;
    let library = world.init("library");
    library.write("lib", "1\n").commit("one");
    library.write("lib", "2\n").commit("two");
    let repo = world.init("shop");
    let url = format!("file://{}", library.top.display());
    repo.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        &url,
        "sub",
    ]);
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";
    repo.write(
        ".gitattributes",
        "*.bin filter=lfs -text\n*.x filter=unknown\n",
    )
    .write("big.bin", pointer)
    .write("in/file", "1\n")
    .write("out/file", "2\n");
    repo.commit("one");
    repo.write("big.bin", "the contents");
    repo.git(&["sparse-checkout", "init", "--cone"]);
    repo.git(&["sparse-checkout", "set", "in"]);

    let created = repo.worktree(1, Carry::Nothing).await.unwrap();
    let filters = ["lfs".to_owned()].into();
    let expected = [Note::Submodules(1), Note::Filters(filters), Note::Sparse];
    assert_eq!(created.notes, expected);
    let files = created.shadow.files();
    assert!(files.join("in/file").exists() && !files.join("out").exists());
    assert_eq!(fs::read_to_string(files.join("big.bin")).unwrap(), pointer);
    assert_eq!(fs::read_dir(files.join("sub")).unwrap().count(), 0);
    assert_eq!(changes(&created.shadow).await, "");
    write(&created.shadow, "sub/lost", "not part of this repository");
    write(&created.shadow, "in/new", "1\n");
    let now = created.shadow.snapshot().await.unwrap();
    assert_eq!(tell_left_out(&now.left_out), "nested_repository sub/\n");
    assert_eq!(
        changes(&created.shadow).await,
        "A 100644 \"in/new\" +1 -0\n"
    );
    for note in expected {
        assert!(note.sentence().ends_with('.'));
    }

    world.run(&world.root, &["clone", "-q", "--depth=1", &url, "shallow"]);
    let shallow = world
        .at("shallow")
        .worktree(2, Carry::Nothing)
        .await
        .unwrap();
    assert_eq!(shallow.notes, [Note::Shallow]);
    let log = world.run(&shallow.shadow.files(), &["log", "--format=%s"]);
    assert_eq!(log, "two\n");
    assert_eq!(changes(&shallow.shadow).await, "");
}

#[tokio::test]
async fn a_partial_clone_that_lacks_files_says_so_and_fetches_nothing() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1").commit("one");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.top.display());
    let args = [
        "clone",
        "-q",
        "--no-checkout",
        "--filter=blob:none",
        &url,
        "partial",
    ];
    world.run(&world.root, &args);
    let partial = world.at("partial");
    let before = world.listing(&partial.top);
    let refused = partial.worktree(1, Carry::Nothing).await.unwrap_err();
    assert!(
        matches!(refused, CreateError::MissingObjects { .. }),
        "{refused}"
    );
    assert!(refused.leaves_in_place());
    assert_eq!(before.changed(&world, &partial.top), NOTHING);
    partial.git(&["checkout", "-q", "main"]);
    let whole = partial.worktree(1, Carry::Nothing).await.unwrap();
    assert_eq!(changes(&whole.shadow).await, "");
}

#[tokio::test]
async fn linked_worktrees_sha256_and_odd_places_work() {
    let world = World::new().await;
    let repo = world.init_with("two\nlines \"é\"", &["--object-format=sha256"]);
    repo.write("a", "1\n").commit("one");
    repo.git(&["worktree", "add", "-q", "-b", "side", "../lock"]);
    let side = world.at("lock");
    side.write("b", "2\n").commit("two");
    for (number, repo) in [(1, &repo), (2, &side)] {
        let created = repo.worktree(number, Carry::Uncommitted).await.unwrap();
        assert_eq!(changes(&created.shadow).await, "");
        write(&created.shadow, "c", "3\n");
        assert_eq!(changes(&created.shadow).await, "A 100644 \"c\" +1 -0\n");
        assert_eq!(created.shadow.base_tree().as_str().len(), 64);
        let here = repo.in_place(number + 10).await;
        assert_eq!(changes(&here.shadow).await, "");
    }
    let lock = world.shadows().open(&run_id(2)).unwrap().files();
    assert_eq!(lock.file_name(), Some(OsStr::new("lock-worktree")));
}

#[tokio::test]
async fn line_ends_are_as_the_repository_wants_them() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write(
        ".gitattributes",
        "*.bat text eol=crlf\n*.txt text\n*.raw -text\n",
    )
    .write("a.bat", "1\r\n2\r\n")
    .write("b.txt", "1\n2\n")
    .write("c.raw", "1\r\n2\r\n");
    repo.git(&["config", "core.autocrlf", "true"]);
    repo.commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    let read = |name: &str| fs::read_to_string(shadow.files().join(name)).unwrap();
    assert_eq!(
        [read("a.bat"), read("b.txt"), read("c.raw")],
        ["1\r\n2\r\n"; 3]
    );
    assert_eq!(changes(&shadow).await, "");
    write(&shadow, "a.bat", "1\r\n2\r\n3\r\n");
    write(&shadow, "b.txt", "1\r\n2\r\n3\r\n");
    write(&shadow, "c.raw", "1\n2\r\n");
    let expected = "M \"a.bat\" +1 -0\nM \"b.txt\" +1 -0\nM \"c.raw\" +1 -1\n";
    assert_eq!(changes(&shadow).await, expected);
}

#[tokio::test]
async fn a_file_that_git_would_rewrite_at_once_is_nobodys_change() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a.txt", "1\r\n2\r\n")
        .commit("with line ends of Windows");
    repo.write(".gitattributes", "*.txt text\n");
    repo.git(&["add", ".gitattributes"]);
    repo.commit_staged("and without them from now on");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    assert_eq!(changes(&shadow).await, "");
    write(&shadow, "a.txt", "1\n2\n3\n");
    assert_eq!(changes(&shadow).await, "M \"a.txt\" +1 -0\n");
}
