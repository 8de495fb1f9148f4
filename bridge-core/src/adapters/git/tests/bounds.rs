//! What is too large, can't be read, or was left behind by a crash.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::adapters::git::shadow::Carry;
use crate::adapters::git::snapshot::Bounds;
use crate::adapters::git::testing::{World, changes, run_id, tell, tell_left_out, write};

#[tokio::test]
async fn what_is_too_large_is_left_as_it_was_and_said() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("tracked", "small\n").commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    write(&shadow, "tracked", "x".repeat(2000));
    write(&shadow, "a", "x".repeat(2000));
    write(&shadow, "b", "x".repeat(900));
    write(&shadow, "c", "x".repeat(900));
    write(&shadow, "d", "x\n");
    write(&shadow, "e", "x\n");
    let bounds = Bounds {
        file: 1000,
        bytes: 1000,
        files: 2,
    };
    let now = shadow.snapshot_within(bounds).await.unwrap();
    let set = shadow.changes(&now).await.unwrap();
    assert_eq!(tell(&set), "A 100644 \"b\" +1 -0\nA 100644 \"d\" +1 -0\n");
    let expected = "too_large a\ntoo_large c\ntoo_large e\ntoo_large tracked\n";
    assert_eq!(tell_left_out(&now.left_out), expected);
}

#[tokio::test]
async fn a_long_list_of_what_is_left_out_is_cut_and_says_so() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write(".gitignore", "*.o\n").commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    for number in 0..600 {
        write(&shadow, format!("{number}.o"), "o");
        write(&shadow, format!("{number}.large"), "large");
    }
    let bounds = Bounds {
        file: 2,
        ..Bounds::USUAL
    };
    let left_out = shadow.snapshot_within(bounds).await.unwrap().left_out;
    assert_eq!((left_out.listed.len(), left_out.more), (600, 600));
}

#[tokio::test]
async fn what_can_not_be_read_is_left_out_and_said() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    write(&shadow, "a", "2\n");
    write(&shadow, "new", "n\n");
    write(&shadow, "closed/x", "n\n");
    let close = |path: &str, mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(shadow.files().join(path), mode).unwrap();
    };
    close("a", 0);
    close("new", 0);
    close("closed", 0);
    // The superuser can read everything.
    if fs::read(shadow.files().join("a")).is_ok() {
        return;
    }
    let now = shadow.snapshot().await.unwrap();
    assert_eq!(now.tree, *shadow.base_tree());
    let expected = "unreadable a\nunreadable closed/\nunreadable new\n";
    assert_eq!(tell_left_out(&now.left_out), expected);
    close("closed", 0o700);
}

#[tokio::test]
async fn what_a_kill_leaves_behind_is_in_nobodys_way() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").commit("one");
    let place = world.root.join("state/worktrees");
    let unfinished = place.join(format!(".new-{}", run_id(1)));
    fs::create_dir_all(unfinished.join("git/refs")).unwrap();
    fs::write(unfinished.join("shadow.json"), "{").unwrap();
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    fs::write(shadow.git_dir().join("snapshot-index.lock"), "").unwrap();
    write(&shadow, "a", "2\n");
    assert_eq!(changes(&shadow).await, "M \"a\" +1 -1\n");
    assert_eq!(world.shadows().list().unwrap().len(), 1);

    // Given up half-way: what is there has a name that says so.
    let creating = repo.worktree(2, Carry::Nothing);
    let early = std::time::Duration::from_millis(20);
    let _ = tokio::time::timeout(early, creating).await;
    world.shadows().remove(&run_id(2)).await.unwrap();
    assert_eq!(world.shadows().list().unwrap().len(), 1);
    repo.worktree(2, Carry::Nothing).await.unwrap();
}

#[tokio::test]
async fn two_snapshots_at_once_give_the_same() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    write(&shadow, "a", "2\n");
    write(&shadow, "b", "2\n");
    let (one, two, three) = tokio::join!(shadow.snapshot(), shadow.snapshot(), shadow.snapshot());
    let (one, two, three) = (one.unwrap(), two.unwrap(), three.unwrap());
    assert_eq!((&one, &one), (&two, &three));
}

#[tokio::test]
async fn a_full_disk_is_named_and_leaves_nothing_half_made() {
    let world = World::new().await;
    let repo = world.init("shop");
    for number in 0..40 {
        repo.write(format!("f{number}"), vec![b'x'; 100_000]);
    }
    repo.commit("one");
    let state = world.root.join("state");
    fs::create_dir(&state).unwrap();
    let Some(disk) = SmallDisk::mount(&state) else {
        return;
    };
    let refused = repo.worktree(1, Carry::Nothing).await.unwrap_err();
    assert!(refused.is_disk_full(), "{refused:?}");
    assert!(!refused.leaves_in_place());
    assert_eq!(world.shadows().list().unwrap(), []);
    for number in 0..40 {
        repo.write(format!("f{number}"), random(100_000, number));
    }
    let inspected = repo.inspect().await;
    let refused = world.shadows().in_place(&run_id(2), &inspected).await;
    assert!(refused.unwrap_err().is_disk_full());
    assert_eq!(world.shadows().list().unwrap(), []);
    drop(disk);
}

/// Bytes that can't be made smaller.
fn random(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// A small file system in memory; only the superuser can have one, on Linux.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(folder: &std::path::Path) -> Option<SmallDisk> {
        let mut command = std::process::Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs"]);
        let done = command.arg(folder).output().ok()?;
        done.status.success().then(|| SmallDisk(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let done = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .status();
        assert!(done.is_ok_and(|status| status.success()));
    }
}

#[tokio::test]
async fn a_link_in_place_of_the_files_is_not_followed() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    fs::rename(shadow.files(), world.root.join("away")).unwrap();
    std::os::unix::fs::symlink(&repo.top, shadow.files()).unwrap();
    let refused = shadow.snapshot().await.unwrap_err();
    let expected = format!(
        "could not look at the files in `{}`",
        shadow.files().display()
    );
    assert_eq!(refused.to_string(), expected);
    fs::remove_file(shadow.files()).unwrap();
    shadow.snapshot().await.unwrap_err();
    fs::rename(world.root.join("away"), shadow.files()).unwrap();
    assert_eq!(changes(&shadow).await, "");
}

#[tokio::test]
async fn a_repository_that_borrows_objects_itself_can_be_borrowed_from() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").commit("one");
    world.run(&world.root, &["clone", "-q", "--shared", "shop", "second"]);
    let second = world.at("second");
    second.write(
        ".git/objects/info/alternates",
        "../../../shop/.git/objects\n",
    );
    second.write("b", "2\n").commit("two");
    let shadow = second.worktree(1, Carry::Nothing).await.unwrap().shadow;
    write(&shadow, "a", "2\n");
    assert_eq!(changes(&shadow).await, "M \"a\" +1 -1\n");
}
