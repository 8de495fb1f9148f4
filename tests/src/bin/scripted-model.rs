//! The scripted model with its scenarios as a program, for shell scripts: prints `LISTENING <port>`, then serves until it
//! is killed.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

use bridge_core::adapters::scripted_model::{Request, ScriptedModel};
use codex_bridge_tests::model::{self, Scenario};
use serde_json::json;

const USAGE: &str = "usage: scripted-model [--port N] [--write-home DIR] [--log FILE] [--default 'SCENARIO ARGUMENT']
  --port        port on 127.0.0.1; 0, the default, means any
  --write-home  writes a config.toml that leads here into this CODEX_HOME
  --log         appends one line of JSON per request
  --default     the scenario of prompts without a MOCK: marker";

struct Options {
    port: u16,
    home: Option<PathBuf>,
    log: Option<PathBuf>,
    unmarked: Scenario,
}

fn main() {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        std::process::exit(2);
    };
    let log = options.log.map(|path| {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Mutex::new(file.unwrap())
    });
    let reply = model::scenarios(options.unmarked);
    let script = move |request: &Request| {
        if let Some(log) = &log {
            note(&mut log.lock().unwrap(), request);
        }
        reply(request)
    };
    let model = ScriptedModel::start_on(options.port, script).unwrap();
    if let Some(home) = options.home {
        model::write_home(&home, model.port());
    }
    println!("LISTENING {}", model.port());
    loop {
        std::thread::park();
    }
}

fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options {
        port: 0,
        home: None,
        log: None,
        unmarked: Scenario::greeting(),
    };
    while let Some(name) = args.next() {
        let value = args.next()?;
        match name.as_str() {
            "--port" => options.port = value.parse().ok()?,
            "--write-home" => options.home = Some(value.into()),
            "--log" => options.log = Some(value.into()),
            "--default" => {
                let (name, argument) = value.split_once(' ').unwrap_or((&value, ""));
                options.unmarked = Scenario::named(name, argument);
            }
            _ => return None,
        }
    }
    Some(options)
}

fn note(log: &mut File, request: &Request) {
    let line = json!({
        "number": request.number,
        "headers": request.headers,
        "tools": request.tools.names().collect::<Vec<_>>(),
        "body": request.body,
    });
    writeln!(log, "{line}").unwrap();
}
