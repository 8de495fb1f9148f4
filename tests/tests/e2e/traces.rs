//! What a test looks at afterwards: what Codex was told, and what is left in the state folder and among the processes.

use std::fs;
use std::path::{Path, PathBuf};

use bridge_core::platform::process_table;
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Scene, program, write_program};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// A program before the fake Codex that notes the arguments and the prompt of each run.
pub(crate) struct Tap {
    folder: PathBuf,
}

impl Tap {
    /// Puts it into the scene.
    pub(crate) fn into(scene: &mut Scene) -> Tap {
        let folder = scene.path().join("tap");
        fs::create_dir(&folder).unwrap();
        let codex = scene.path().join("tapped-codex");
        let text = format!(
            r#"#!/bin/sh
case "$*" in
  *--help*|*--version*|login*) exec "{fake}" "$@" ;;
esac
note=$(mktemp -d "{notes}/XXXXXX")
printf '%s\0' "$@" > "$note/argv"
cat > "$note/prompt"
exec "{fake}" "$@" < "$note/prompt"
"#,
            fake = program("fake-codex").display(),
            notes = folder.display(),
        );
        write_program(&codex, &text);
        scene.set("CODEX_BIN", &codex.display().to_string());
        // It stands before the stand-in, which is no app-server.
        scene.set("CODEX_BRIDGE_BACKEND", "exec");
        Tap { folder }
    }

    /// The arguments of each run so far.
    pub(crate) fn arguments(&self) -> Vec<Vec<String>> {
        let split = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.split_terminator('\0').map(str::to_owned).collect()
        };
        self.notes("argv").into_iter().map(split).collect()
    }

    /// The prompt of each run so far, byte by byte.
    pub(crate) fn prompts(&self) -> Vec<Vec<u8>> {
        self.notes("prompt")
    }

    fn notes(&self, name: &str) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let notes = entries.map(|entry| entry.unwrap().path().join(name));
        notes.filter_map(|note| fs::read(note).ok()).collect()
    }
}

/// How many runs the database knows; 0 without one.
pub(crate) fn runs(scene: &Scene) -> i64 {
    ask(scene, "SELECT count(*) FROM runs", |row| row.get(0))
        .pop()
        .unwrap_or(0)
}

/// The audit log: what was asked for and what came of it.
pub(crate) fn audit(scene: &Scene) -> Vec<(String, String)> {
    ask(
        scene,
        "SELECT action, outcome FROM audit ORDER BY n",
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn ask<T>(
    scene: &Scene,
    sql: &str,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let file = scene.state().join("bridge.db");
    if !file.exists() {
        return Vec::new();
    }
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], read).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Fails if refused requests have left anything but their lines in the audit log.
pub(crate) fn assert_nothing_is_left(scene: &Scene, sidecar: u32) {
    assert_eq!(runs(scene), 0, "a refused request left a run");
    assert_eq!(
        files_in(&scene.state().join("locks")),
        Vec::<PathBuf>::new(),
        "a refused request left a lock"
    );
    assert_eq!(
        files_in(&scene.path().join("tmp")),
        Vec::<PathBuf>::new(),
        "a refused request left a file"
    );
    let state = scene.state();
    let started: Vec<u32> = process_table::snapshot()
        .unwrap()
        .into_iter()
        .map(|process| process.pid)
        .filter(|pid| *pid != sidecar && processes::is_running(*pid))
        .filter(|pid| {
            let state = state.to_str().unwrap();
            process_table::environ_has(*pid, "CODEX_CLI_MCP_STATE_DIR", state)
        })
        .collect();
    assert_eq!(
        started,
        Vec::<u32>::new(),
        "a refused request left a process"
    );
}

/// What is in a folder; nothing where there is none.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Fails if a refusal does not name the thing, the reason and the remedy.
pub(crate) fn assert_is_useful(refusal: &Value, names: &str, context: &str) {
    let text = |key: &str| refusal[key].as_str().unwrap_or_default().to_owned();
    let (message, hint) = (text("message"), text("hint"));
    assert!(
        message.contains(names),
        "{context}: `{names}` is not named in: {refusal}"
    );
    assert!(
        message.len() > names.len() + 8,
        "{context}: no reason: {refusal}"
    );
    assert!(
        message.chars().count() <= 700,
        "{context}: too long: {refusal}"
    );
    assert!(hint.len() > 10, "{context}: no remedy: {refusal}");
}
