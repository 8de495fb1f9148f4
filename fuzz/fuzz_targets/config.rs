//! The configuration file: whatever it says, it is read or refused; and a root that is added and taken away again
//! leaves every other byte.
#![no_main]

use std::collections::BTreeMap;
use std::path::Path;

use bridge_core::adapters::config::{Config, Roots, Surroundings, with_root, without_root};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    // The first line is the root, the others are the file.
    let (root, text) = input.split_once('\n').unwrap_or((input, ""));
    let env = BTreeMap::new();
    let around = Surroundings {
        env: &env,
        home: Path::new("/home/me"),
        state_dir: Path::new("/state"),
    };
    let file = Path::new("/c/config.toml");
    let read = |text: &str| Config::resolve(file, text, around);
    let before = read(text);
    if let Ok(config) = &before {
        assert!(config.roots.roots().iter().all(|root| root.is_absolute()));
    }
    let root = format!("/{root}");
    let Ok(added) = with_root(text, Roots::Allowed, &root) else {
        return;
    };
    let Some(added) = added else {
        return;
    };
    let comments = |text: &str| {
        text.matches('#').count() - root.matches('#').count() * text.matches(&root).count()
    };
    if let Ok(config) = &before {
        let after = read(&added).expect("what was valid stays valid");
        assert!(
            after
                .roots
                .roots()
                .iter()
                .any(|known| known.as_os_str() == root.as_str())
        );
        assert!(after.roots.roots().len() <= config.roots.roots().len() + 1);
        assert_eq!(after.unknown_keys, config.unknown_keys);
    }
    let removed = without_root(&added, &root)
        .expect("what was written can be read")
        .expect("what was added can be taken away");
    if !root.contains('#') {
        assert_eq!(comments(text), comments(&removed), "comments stay");
    }
    if let Ok(config) = &before {
        let after = read(&removed).expect("what was valid stays valid");
        assert_eq!(after.roots.roots(), config.roots.roots());
        assert_eq!(after.unknown_keys, config.unknown_keys);
    }
});
