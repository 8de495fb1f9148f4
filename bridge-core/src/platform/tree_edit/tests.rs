//! What is reached, moved and removed below an open folder, and what is not.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;

#[test]
fn nothing_is_reached_through_a_symlink() {
    let tmp = tempfile::tempdir().unwrap();
    fs::create_dir_all(tmp.path().join("real/in")).unwrap();
    fs::write(tmp.path().join("file"), "x").unwrap();
    symlink("real", tmp.path().join("link")).unwrap();
    let top = Folder::open(tmp.path()).unwrap();
    let check = |names: &[&str], expected: &str| {
        let got = match top.walk(names.iter().map(|name| name.as_bytes())) {
            Ok(folder) => format!("{}", folder.names().unwrap().len()),
            Err((depth, barrier)) => format!("{depth} {barrier:?}"),
        };
        assert_eq!(got, expected, "{names:?}");
    };
    check(&["real"], "1");
    check(&["real", "in"], "0");
    check(&["link"], "0 Symlink");
    check(&["link", "in"], "0 Symlink");
    check(&["real", "out"], "1 Missing");
    check(&["file", "x"], "0 NotAFolder");
    assert!(top.read_file(b"link").is_err());
    assert!(top.read_file(b"real").is_err());
    assert_eq!(top.read_link(b"link").unwrap(), b"real");
}

#[test]
fn a_move_never_replaces_anything() {
    for renames in [Renames::Best, Renames::Plain] {
        let tmp = tempfile::tempdir().unwrap();
        let top = Folder::open(tmp.path()).unwrap();
        fs::write(tmp.path().join("a"), "a").unwrap();
        fs::write(tmp.path().join("b"), "b").unwrap();
        symlink("nowhere", tmp.path().join("l")).unwrap();
        fs::create_dir(tmp.path().join("d")).unwrap();
        let go = |from: &[u8], to: &[u8]| top.spot(from).move_to(&top.spot(to), renames);
        let refused = go(b"a", b"b").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert!(go(b"a", b"l").is_err() && go(b"d", b"b").is_err());
        let before = top.look(b"a").unwrap().unwrap();
        go(b"a", b"c").unwrap();
        go(b"l", b"m").unwrap();
        go(b"d", b"e").unwrap();
        assert_eq!(top.look(b"a").unwrap(), None);
        let after = top.look(b"c").unwrap().unwrap();
        assert!(after.stamp.is_same(before.stamp));
        assert_eq!(top.read_link(b"m").unwrap(), b"nowhere");
        assert_eq!(top.look(b"e").unwrap().unwrap().kind(), Kind::Folder);
    }
}

#[test]
fn two_spots_swap_or_nothing_happens() {
    let tmp = tempfile::tempdir().unwrap();
    let top = Folder::open(tmp.path()).unwrap();
    fs::write(tmp.path().join("a"), "a").unwrap();
    symlink("nowhere", tmp.path().join("l")).unwrap();
    let (a, l) = (top.spot(b"a"), top.spot(b"l"));
    assert!(!a.swap_with(&l, Renames::Plain).unwrap());
    assert!(a.swap_with(&l, Renames::Best).unwrap());
    assert_eq!(top.read_link(b"a").unwrap(), b"nowhere");
    assert!(a.swap_with(&top.spot(b"none"), Renames::Best).is_err());
    assert_eq!(fs::read(tmp.path().join("l")).unwrap(), b"a");
}

#[test]
fn a_change_shows_in_the_stamp() {
    let tmp = tempfile::tempdir().unwrap();
    let top = Folder::open(tmp.path()).unwrap();
    let file = top.make_file(b"a", false).unwrap();
    let stamp = || top.look(b"a").unwrap().unwrap().stamp;
    let before = stamp();
    assert!(stamp().is_same(before));
    set_rights(&file, 0o755).unwrap();
    assert!(!stamp().is_same(before));
    set_rights(&file, before.mode).unwrap();
    assert!(stamp().is_same(before));
    fs::write(tmp.path().join("a"), "longer").unwrap();
    assert!(!stamp().is_same(before));
}

#[test]
fn all_of_a_folder_is_removed_and_nothing_behind_a_symlink() {
    let tmp = tempfile::tempdir().unwrap();
    let top = Folder::open(tmp.path()).unwrap();
    fs::create_dir_all(tmp.path().join("d/e")).unwrap();
    fs::create_dir(tmp.path().join("kept")).unwrap();
    fs::write(tmp.path().join("kept/x"), "x").unwrap();
    symlink("../../kept", tmp.path().join("d/e/l")).unwrap();
    top.remove_all(b"d").unwrap();
    top.remove_all(b"d").unwrap();
    assert_eq!(top.names().unwrap(), vec![b"kept".to_vec()]);
    assert!(tmp.path().join("kept/x").exists());
}
