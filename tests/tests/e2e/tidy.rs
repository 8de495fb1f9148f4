//! The rules of the source itself: layers look down only, files stay small, platform code stays in its place.

use std::path::{Path, PathBuf};

use codex_bridge_tests::scene::workspace;

/// The layers of bridge-core, from the top to the bottom.
const LAYERS: [&str; 5] = ["faces", "use_cases", "adapters", "platform", "domain"];
/// The longest file, in lines.
const LONGEST: usize = 500;

#[test]
fn layers_look_down_only() {
    let faults = each_import(|layer, file, import| {
        let target = import.split("::").next().unwrap_or_default();
        let of = |name| LAYERS.iter().position(|known| *known == name);
        match (of(layer), of(target)) {
            (Some(from), Some(to)) if to < from => Some(format!("{file}: {layer} uses {import}")),
            _ => None,
        }
    });
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn adapters_do_not_know_each_other() {
    let faults = each_import(|layer, file, import| {
        if layer != "adapters" {
            return None;
        }
        let own = file.strip_prefix("adapters/")?.split(['/', '.']).next()?;
        let other = import.strip_prefix("adapters::")?.split("::").next()?;
        (own != other).then(|| format!("{file} uses {import}"))
    });
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_domain_has_no_io_no_async_no_clock_and_no_serde() {
    let forbidden = [
        "std::fs",
        "std::io",
        "std::net",
        "std::process",
        "std::env",
        "std::thread",
        "tokio",
        "serde",
        "SystemTime",
        "Instant",
        "async fn",
        "rusqlite",
        "rustix",
    ];
    assert_eq!(
        lines_with(&forbidden, |file| file.starts_with("domain/")),
        Vec::<String>::new()
    );
}

#[test]
fn only_the_platform_knows_operating_systems() {
    let forbidden = [
        "target_os",
        "target_family",
        "target_vendor",
        "unsafe {",
        "unsafe fn",
    ];
    assert_eq!(
        lines_with(&forbidden, |file| !file.starts_with("platform/")),
        Vec::<String>::new()
    );
}

#[test]
fn only_the_store_reads_scrubbed_text_back() {
    let faults = lines_with(&["Scrubbed::from_store"], |file| {
        !file.starts_with("adapters/store/") && !file.starts_with("domain/scrub/")
    });
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_environment_and_the_clock_come_in_from_main() {
    let forbidden = [
        "std::env::var",
        "env::vars",
        "SystemTime::now",
        "home_dir()",
        "current_exe()",
    ];
    let faults = lines_with(&forbidden, |file| file != "faces/cli/surroundings.rs");
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn no_file_is_longer_than_500_lines() {
    // Made by a program from the Rust types, and compared with them.
    let made = workspace().join("ui/src/lib/wire.ts");
    let long: Vec<String> = ["bridge-core", "tests", "src-tauri", "ui/src"]
        .iter()
        .flat_map(|folder| sources(&workspace().join(folder)))
        .filter(|path| *path != made)
        .filter_map(|path| {
            let lines = read(&path).lines().count();
            (lines > LONGEST).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

/// Calls `check` for each path that a file of bridge-core names from the crate's root.
fn each_import(check: impl Fn(&str, &str, &str) -> Option<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (file, text) in core_files() {
        let layer = file.split(['/', '.']).next().unwrap_or_default();
        for part in text.split("crate::").skip(1) {
            let end = part
                .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
                .unwrap_or(part.len());
            faults.extend(check(layer, &file, &part[..end]));
        }
    }
    faults
}

/// The lines outside tests and comments that have one of the words in them.
fn lines_with(words: &[&str], concerns: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in core_files().into_iter().filter(|(file, _)| concerns(file)) {
        if is_test(&file) {
            continue;
        }
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if !is_comment && words.iter().any(|word| line.contains(word)) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

/// Whether a file is there for tests alone, by the name of itself or its folder.
fn is_test(file: &str) -> bool {
    file.split('/')
        .any(|part| part.starts_with("test") || part.ends_with("_tests.rs") || part == "samples.rs")
}

/// The files of bridge-core with their path below `src`.
fn core_files() -> Vec<(String, String)> {
    let top = workspace().join("bridge-core/src");
    sources(&top)
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(&top)
                .expect("it lies below")
                .display()
                .to_string();
            (name, read(&path))
        })
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if name != "target" && name != "node_modules" {
                found.extend(sources(&path));
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "ts" || end == "svelte")
        {
            found.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
