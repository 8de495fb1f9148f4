//! How fast secrets are found, beside programs that only look for them.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codex_bridge_tests::scene::program;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::Effort;
use crate::figures::Figures;
use crate::report::{Table, usual};

const MEGABYTE: usize = 1_000_000;

/// A program, and how it is told what to read.
struct Finder {
    name: String,
    command: Box<dyn Fn(&Path) -> Command>,
}

/// Every program reads the same file, in turn; what counts is its time on a processor, so that more threads win nothing.
pub(crate) fn measure(effort: Effort) -> Table {
    let rounds = effort.pick(3, 15);
    let size = effort.pick(16, 64) * MEGABYTE;
    let folder = tempfile::tempdir().expect("a folder");
    let texts = [
        ("source code", 200.0, source_code(size)),
        ("dense", 50.0, dense(size / 4)),
    ];
    let title = format!("scrub: megabytes per second of processor time ({rounds} rounds)");
    let mut table = Table::new(title, &["MB/s", "p25–p75"]);
    let mut aims = Vec::new();
    for (kind, least, text) in texts {
        // The scanners look at files, and by their ending.
        let place = folder.path().join(kind.replace(' ', "-"));
        fs::create_dir(&place).expect("a folder");
        fs::write(place.join("text.rs"), &text).expect("a file");
        let finders = finders();
        let mut speeds: Vec<Figures> = finders.iter().map(|_| Figures::default()).collect();
        for round in 0..=rounds {
            for (finder, speed) in finders.iter().zip(&mut speeds) {
                let seconds = cpu_seconds((finder.command)(&place));
                // The first round fills the caches.
                if round > 0 {
                    speed.push(text.len() as f64 / MEGABYTE as f64 / seconds);
                }
            }
        }
        for (finder, speed) in finders.iter().zip(&speeds) {
            table.row(format!("{kind}: {}", finder.name), usual(speed).into());
        }
        aims.push((kind, speeds[0].median(), least));
    }
    for (kind, speed, least) in aims {
        table.at_least(format!("{kind}, MB/s"), speed, least);
    }
    table
}

/// Ours, and what else is installed here.
fn finders() -> Vec<Finder> {
    let mut all = vec![Finder {
        name: "codex-bridge-mcp scrub".to_owned(),
        command: Box::new(|place| {
            let mut command = Command::new(program("codex-bridge-mcp"));
            command.arg("scrub");
            command.stdin(File::open(place.join("text.rs")).expect("the text"));
            command
        }),
    }];
    if let Some(path) = find("ripsecrets") {
        all.push(Finder {
            name: "ripsecrets".to_owned(),
            command: Box::new(move |place| {
                let mut command = Command::new(&path);
                command.arg(place);
                command
            }),
        });
    }
    if let Some(path) = find("gitleaks") {
        all.push(Finder {
            name: "gitleaks".to_owned(),
            command: Box::new(move |place| {
                let mut command = Command::new(&path);
                command.args([
                    "detect",
                    "--no-git",
                    "--no-banner",
                    "--exit-code",
                    "0",
                    "--source",
                ]);
                command.arg(place);
                command
            }),
        });
    }
    for name in ["ripsecrets", "gitleaks"] {
        if all.iter().all(|finder| finder.name != name) {
            println!("{name} is not installed: not compared with");
        }
    }
    all
}

fn find(name: &str) -> Option<PathBuf> {
    let tools = [Path::new("target/tools/ripsecrets/bin").join(name)];
    let path = std::env::var_os("PATH")?;
    let named = std::env::split_paths(&path).map(|folder| folder.join(name));
    tools.into_iter().chain(named).find(|path| path.is_file())
}

/// How long a program is on a processor, all its threads together.
fn cpu_seconds(mut command: Command) -> f64 {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // It is left as it ended until its figures were read.
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(pid.expect("a pid")), options).expect("it ends");
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("its figures");
    child.wait().expect("it has ended");
    // After the name in brackets; the 14th and 15th field of proc(5), in hundredths of a second.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |field: usize| fields[field].parse::<f64>().expect("a number");
    ((ticks(11) + ticks(12)) / 100.0).max(0.01)
}

/// The source code of our dependencies, as it lies in Cargo's cache.
fn source_code(size: usize) -> Vec<u8> {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").expect("a home folder")).join(".cargo");
    let root = cargo.unwrap_or_else(home).join("registry/src");
    let mut text = Vec::with_capacity(size);
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let file = File::open(&path).expect("a source file");
                let left = (size - text.len()) as u64;
                file.take(left)
                    .read_to_end(&mut text)
                    .expect("it can be read");
            }
        }
        if text.len() >= size {
            break;
        }
    }
    assert!(!text.is_empty(), "there is no source code in Cargo's cache");
    text
}

/// Lines of which each looks as if it had a secret in it, and every fourth has one.
fn dense(size: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(size);
    let mut number: u64 = 0;
    while text.len() < size {
        number += 1;
        let word = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let line = match number % 4 {
            0 => format!(
                "export SERVICE_TOKEN=ghp_{word:016x}{word:016X}{:04}",
                number % 10_000
            ),
            1 => format!("    \"password\": \"\", // token_{number} of api key {word:08x}"),
            2 => {
                format!("curl -H 'Authorization: none' https://user@host.example/{word:016x}?key=x")
            }
            _ => format!("let secret_{number} = config.secret(\"sk-learn-{number}\").token();"),
        };
        writeln!(text, "{line}").expect("memory");
    }
    text
}
