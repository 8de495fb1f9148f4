//! What git says of a repository that somebody else made: the list of changed files is read or refused, and no path in
//! it leads out of the folder or into git's own.
#![no_main]

use std::path::{Component, Path};

use bridge_core::adapters::git::fuzzing::changed_files;
use bridge_core::domain::changes::{Change, RepoPath};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(files) = changed_files(input) else {
        return;
    };
    assert!(files.is_sorted_by(|a, b| a.path <= b.path));
    for file in &files {
        check(&file.path);
        if let Change::Renamed { from, .. } = &file.change {
            check(from);
        }
    }
});

fn check(path: &RepoPath) {
    use std::os::unix::ffi::OsStrExt as _;
    let path = Path::new(std::ffi::OsStr::from_bytes(path.as_bytes()));
    let mut parts = path.components().peekable();
    assert!(parts.peek().is_some());
    for part in parts {
        let Component::Normal(name) = part else {
            panic!("{path:?} leads elsewhere");
        };
        assert!(!name.eq_ignore_ascii_case(".git"), "{path:?} is git's own");
    }
}
