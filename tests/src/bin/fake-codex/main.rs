//! A stand-in for the `codex` program that shows the faults the real one won't.
//!
//! It answers `--version`, `--help`, `login status` and `debug models` and checks its flags like a given version of Codex. What an `exec`
//! does is a script: the file `.fake-codex` in the working folder, or else the lines of the prompt that begin with
//! `FAKE: `. Without any it is a plain successful run. It looks at no environment variable.
//!
//! Its version is the text of the file `<program>.version` beside it, or else the end of its own name
//! (`fake-codex-0.118.0`), or else the newest known one. A file `<program>.login` has the answer of `login status`.
//!
//! | step | what it does |
//! | --- | --- |
//! | `event <json>`, `raw <text>` | prints this line |
//! | `bytes <hex>` | prints these bytes and no more |
//! | `partial-line` | prints the first half of an event |
//! | `flood-no-newline <size>` | prints that much in one line that does not end |
//! | `long-line <size>` | prints a message whose line has that size |
//! | `events <n> [size]` | prints that many messages |
//! | `stamps <n> <seconds>` | prints that many messages that say when they were written, about that far apart |
//! | `every <seconds> <text>` | prints this line again and again, for ever |
//! | `stderr <size>` | prints that much on stderr |
//! | `thread [id]`, `turn`, `message <text>`, `complete`, `fail <text>` | prints that event |
//! | `cwd`, `argv`, `env` | prints a message with its working folder, arguments (JSON), environment (JSON) |
//! | `write <file> <text>` | writes a file |
//! | `wait-for <file>` | goes on when the file exists |
//! | `sleep <seconds>`, `hang` | waits |
//! | `close-stdout` | closes it and goes on |
//! | `stdin-close-early`, `stdin-never-read` | as the first step of a file: does not read the prompt |
//! | `ignore-signals` | goes on after SIGINT, SIGTERM and SIGHUP |
//! | `spawn <shape> <seconds>` | leaves a process that sleeps; its id is appended to the file `pids` |
//! | `exit <code>`, `signal <name>` | ends, dies |
//!
//! A size may end in `k` or `M`. Shapes are `plain`, `setsid`, `nohup`, `double-fork`, `holds-stdout` and `stubborn`
//! (ignores signals). SIGINT ends it with code 1, as it does Codex.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod arguments;
mod events;
mod leftover;
mod play;
mod script;
mod version;

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use crate::arguments::{Arguments, Command};
use crate::play::Player;
use crate::script::{Script, Step};
use crate::version::Version;

const SCRIPT_FILE: &str = ".fake-codex";

fn main() -> ExitCode {
    let argv: Vec<String> = std::env::args().collect();
    let (program, given) = argv.split_first().unwrap();
    if let Some(code) = leftover::run_if_asked(given) {
        return code;
    }
    let version = Version::of(Path::new(program));
    let arguments = match Arguments::parse(&version, given) {
        Ok(arguments) => arguments,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    match &arguments.command {
        Command::Version => println!("codex-cli {version}"),
        Command::Help(text) => print!("{text}"),
        Command::Models => println!("{}", version::MODELS),
        Command::LoginStatus => {
            let status = version::login_status(Path::new(program));
            eprintln!("{}", status.trim_end());
            return ExitCode::from(u8::from(!status.starts_with("Logged in")));
        }
        Command::Exec => return run(&argv, &version, &arguments),
        // The real ones play it better.
        Command::AppServer => {
            eprintln!("fake-codex is no app-server");
            return ExitCode::FAILURE;
        }
        Command::Other(name) => {
            eprintln!("fake-codex knows no `{name}`");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn run(argv: &[String], version: &Version, arguments: &Arguments) -> ExitCode {
    let script = match script(arguments) {
        Ok(script) => script,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    Player::new(argv, version, arguments).play(&script)
}

/// The script of the file, else of the prompt. The prompt is read to its end first, as Codex does.
fn script(arguments: &Arguments) -> Result<Script, String> {
    let file = std::fs::read_to_string(SCRIPT_FILE).ok();
    let from_file = file.as_deref().map(Script::parse_file).transpose()?;
    let first = from_file.as_ref().and_then(|script| script.steps.first());
    if let Some(Step::StdinCloseEarly | Step::StdinNeverRead) = first {
        return Ok(from_file.unwrap_or_default());
    }
    if arguments.command == Command::AppServer {
        return from_file.ok_or_else(|| "fake-codex is no app server without a script".to_owned());
    }
    eprintln!("Reading additional input from stdin...");
    let mut input = Vec::new();
    std::io::stdin()
        .read_to_end(&mut input)
        .map_err(|error| format!("could not read the prompt: {error}"))?;
    let mut prompt = String::from_utf8_lossy(&input).into_owned();
    if let Some(given) = &arguments.prompt {
        prompt = format!("{given}\n{prompt}");
    }
    match from_file {
        Some(script) => Ok(script),
        None if prompt.trim().is_empty() => Err("No prompt provided via stdin.".to_owned()),
        None => Script::parse_prompt(&prompt),
    }
}
