//! What came out, and the search in it.

use std::fs;
use std::path::Path;
use std::process::Output;

use aho_corasick::AhoCorasick;
use serde_json::Value;

use crate::canary::plant::Canaries;

/// What came out, by where.
#[derive(Default)]
pub(super) struct Sinks(Vec<(String, Vec<u8>)>);

/// What these hold is the person's repository itself, and Codex works on it.
const COPIES: [&str; 1] = ["worktrees"];
/// What comes out of the repository, and so may be in a copy of it.
const OF_THE_REPOSITORY: [&str; 10] = [
    "file",
    "git user",
    "file name",
    "branch",
    "commit message",
    "git remote",
    "untracked file",
    "untracked file name",
    "uncommitted change",
    "folder",
];

impl Sinks {
    /// What a client heard.
    pub(super) fn heard(&mut self, who: &str, lines: &[Value]) {
        for line in lines {
            self.0.push((who.to_owned(), line.to_string().into_bytes()));
        }
    }

    /// What a command printed.
    pub(super) fn ran(&mut self, args: &[&str], output: Output) {
        let line = args.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        self.0
            .push((format!("the output of `{line}`"), output.stdout));
        self.0
            .push((format!("the error output of `{line}`"), output.stderr));
    }

    pub(super) fn file(&mut self, what: &str, path: &Path) {
        self.0.push((what.to_owned(), fs::read(path).unwrap()));
    }

    /// Every file below a folder, byte by byte, and every name.
    pub(super) fn folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let shown = path.display().to_string();
            let own_name = path.file_name().unwrap().as_encoded_bytes().to_vec();
            self.0
                .push((format!("a name in {}", folder.display()), own_name));
            if path.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                self.0
                    .push((shown, target.into_os_string().into_encoded_bytes()));
            } else if path.is_dir() {
                self.folder(&path);
            } else {
                self.0.push((shown, fs::read(&path).unwrap_or_default()));
            }
        }
    }

    pub(super) fn total(&self) -> usize {
        self.0.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.0
            .iter()
            .any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(text))
    }

    /// Which secret is where.
    pub(super) fn find(&self, canaries: &Canaries) -> Vec<String> {
        let mut wanted = Vec::new();
        let mut parts = Vec::new();
        for canary in canaries.all() {
            for (what, part) in [
                ("the words", &canary.words[..]),
                ("the token", &canary.token[..24]),
                ("the token's end", &canary.token[20..]),
            ] {
                wanted.push((canary, what));
                parts.push(part);
            }
        }
        let automaton = AhoCorasick::new(parts).unwrap();
        let mut found = Vec::new();
        for (sink, bytes) in &self.0 {
            let is_copy = COPIES.iter().any(|copy| sink.contains(&format!("/{copy}")));
            for hit in automaton.find_overlapping_iter(bytes) {
                let (canary, what) = &wanted[hit.pattern().as_usize()];
                let is_its_own = OF_THE_REPOSITORY.contains(&canary.source)
                    || canary.source.contains("that Codex wrote");
                if is_copy && is_its_own {
                    continue;
                }
                let from = hit.start().saturating_sub(60);
                let around = &bytes[from..(hit.end() + 40).min(bytes.len())];
                let around = String::from_utf8_lossy(around);
                let source = canary.source;
                found.push(format!("{what} of {source} in {sink}: {around:?}"));
            }
        }
        found
    }
}
