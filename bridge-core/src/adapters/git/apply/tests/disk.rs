//! Disks that are full, that can't be written, or that are not where one would think.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::adapters::git::apply::tests::scene::{Scene, assert_same, file, files};
use crate::adapters::git::apply::{ApplyError, recover};

/// Something that is mounted at a folder as long as this lives.
struct Mount(PathBuf);

impl Mount {
    /// Nothing where this process may not mount: that takes root, on Linux.
    fn make(args: &[&str], at: &Path) -> Option<Mount> {
        let done = Command::new("mount").args(args).arg(at).output().ok()?;
        let done = done.status.success();
        if !done {
            eprintln!("skipped: mounting takes root");
        }
        done.then(|| Mount(at.to_owned()))
    }

    fn small(at: &Path) -> Option<Mount> {
        Mount::make(&["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs"], at)
    }

    fn fill(&self) {
        let mut file = File::create(self.0.join("ballast")).unwrap();
        // The last write fails: that is the purpose.
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let done = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(done.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

fn filled(scene: &Scene) {
    scene
        .disturb("a", &file("a\n"))
        .disturb("d/x", &file("x\n"))
        .begin();
    let long = "line\n".repeat(5000);
    scene.edit("a", &file(&long)).edit("d/x", &file("new\n"));
    scene.edit("n/new", &file(&long));
}

#[test]
fn a_full_disk_of_the_folder_is_named_and_nothing_is_changed() {
    let scene = Scene::bare();
    let Some(disk) = Mount::small(&scene.folder()) else {
        return;
    };
    scene.init();
    filled(&scene);
    let order = scene.order();
    disk.fill();
    match scene.refused_by(order, Arc::new(|_| Ok(()))) {
        ApplyError::DiskFull { place, .. } => assert!(place.starts_with(scene.folder())),
        other => panic!("{other:?}"),
    }
    disk.free();
    scene.apply().unwrap();
    assert_same(&scene.files(), &files(&scene.worktree()));
}

#[test]
fn a_full_disk_of_the_state_folder_is_named_and_nothing_is_changed() {
    let scene = Scene::empty();
    fs::create_dir_all(scene.journals()).unwrap();
    let Some(disk) = Mount::small(&scene.journals()) else {
        return;
    };
    filled(&scene);
    let order = scene.order();
    disk.fill();
    let before = scene.everything();
    match scene.try_apply(order).unwrap_err() {
        ApplyError::DiskFull { place, .. } => assert!(place.starts_with(scene.journals())),
        other => panic!("{other:?}"),
    }
    assert_same(&scene.everything(), &before);
    disk.free();
    scene.apply().unwrap();
    scene.assert_tidy();
}

#[test]
fn a_folder_on_a_read_only_disk_is_said() {
    let scene = Scene::bare();
    let Some(disk) = Mount::small(&scene.folder()) else {
        return;
    };
    scene.init();
    filled(&scene);
    let order = scene.order();
    let remount = |how: &str| {
        let mut mount = Command::new("mount");
        let mount = mount.args(["-o", &format!("remount,{how}")]).arg(&disk.0);
        assert!(mount.status().unwrap().success());
    };
    remount("ro");
    let refused = scene.refused_by(order, Arc::new(|_| Ok(())));
    assert_eq!(reason(&refused), "read_only");
    remount("rw");
    scene.apply().unwrap();
}

#[test]
fn a_git_folder_elsewhere_or_read_only_is_no_obstacle() {
    for read_only in [false, true] {
        let scene = Scene::bare();
        let git_dir = scene.folder().join(".git");
        fs::create_dir(&git_dir).unwrap();
        let Some(_disk) = Mount::small(&git_dir) else {
            return;
        };
        scene.init();
        filled(&scene);
        let order = scene.order();
        if read_only {
            let mut mount = Command::new("mount");
            let mount = mount.args(["-o", "remount,ro"]).arg(&git_dir);
            assert!(mount.status().unwrap().success());
        }
        scene.try_apply(order).unwrap();
        assert_same(&scene.files(), &files(&scene.worktree()));
        scene.assert_tidy();
    }
}

#[test]
fn another_disk_on_the_way_is_in_the_way() {
    let scene = Scene::empty();
    filled(&scene);
    let order = scene.order();
    let place = scene.folder().join("d");
    let Some(disk) = Mount::small(&place) else {
        return;
    };
    let refused = scene.refused_by(order.clone(), Arc::new(|_| Ok(())));
    assert_eq!(reason(&refused), "other_file_system");
    drop(disk);

    // The same disk a second time, which only a rename finds out.
    let other = scene.top().join("other");
    fs::create_dir(&other).unwrap();
    fs::copy(place.join("x"), other.join("x")).unwrap();
    let Some(_bound) = Mount::make(&["--bind", &other.display().to_string()], &place) else {
        return;
    };
    let refused = scene.refused_by(order, Arc::new(|_| Ok(())));
    assert_eq!(reason(&refused), "other_file_system");
}

const TOP: &str = "APPLY_TEST_UNPRIVILEGED_TOP";

/// Nothing in the test run itself. Permissions mean nothing to root, so this may run as somebody else.
#[test]
fn role_meets_permissions() {
    let Some(top) = std::env::var_os(TOP) else {
        return;
    };
    let scene = Scene::at(PathBuf::from(top));
    let order = scene.order();
    let rights = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let folder = scene.folder();
    rights(&folder.join("d"), 0o555);
    let refused = scene.refused_by(order.clone(), Arc::new(|_| Ok(())));
    assert_eq!(reason(&refused), "read_only");
    rights(&folder.join("d"), 0o755);
    rights(&folder.join("a"), 0o200);
    let refused = scene.apply().unwrap_err();
    assert_eq!(reason(&refused), "unreadable");
    rights(&folder.join("a"), 0o644);

    // Between the look and the renames: all is put back, and the place is named.
    let closed = folder.join("d");
    let hook = move |step: &str| {
        if step == "begin" {
            fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
        }
        Ok(())
    };
    let before = scene.files();
    match scene.try_apply_with(order, Arc::new(hook)).unwrap_err() {
        ApplyError::NotWritable { place, .. } => assert_eq!(place, folder.join("d/x")),
        other => panic!("{other:?}"),
    }
    assert_same(&scene.files(), &before);
    rights(&folder.join("d"), 0o755);
    scene.assert_tidy();

    // A git folder that is somebody else's does not matter.
    rights(&folder.join(".git"), 0o555);
    scene.apply().unwrap();
    rights(&folder.join(".git"), 0o755);
    assert!(recover(&scene.journals()).unwrap().stuck.is_empty());
}

#[test]
fn what_the_person_may_not_write_is_in_the_way() {
    let scene = Scene::empty();
    filled(&scene);
    let mut role = Command::new(std::env::current_exe().unwrap());
    role.args(["--exact", "--quiet"])
        .arg("adapters::git::apply::tests::disk::role_meets_permissions")
        .env(TOP, scene.top());
    if rustix::process::geteuid().is_root() {
        let mut chown = Command::new("chown");
        let chown = chown.args(["-R", "65534:65534"]).arg(scene.top());
        assert!(chown.status().unwrap().success());
        role.uid(65534).gid(65534);
    }
    match role.output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => eprintln!("skipped: {error}"),
    }
}

fn reason(error: &ApplyError) -> &'static str {
    match error {
        ApplyError::Conflicts { conflicts } => conflicts[0].reason.as_str(),
        other => panic!("{other:?}"),
    }
}
