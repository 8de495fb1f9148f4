//! Measures what the bridge costs, each figure beside its comparator in the same run.
//!
//! Nothing here judges in absolute terms: a busy machine slows both sides, so rows are taken in turn and compared with
//! each other. The aims are printed beside what was measured, met or not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[cfg(target_os = "linux")]
mod app;
mod backends;
mod delay;
mod figures;
mod fill;
mod history;
mod idle;
mod intake;
mod machine;
mod peer;
mod report;
mod scrub;
mod start;
mod usage;
mod whole_run;
mod worktree;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::machine::Machine;
use crate::report::Table;

const USAGE: &str = "usage: scripts/bench [--quick] [--json FILE] [NAME…]
  --quick   fewer samples
  --json    writes the figures to this file, too
  NAME      only the questions whose name contains one of these:";

/// How many samples to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    Quick,
    Full,
}

impl Effort {
    /// One of two numbers.
    pub(crate) fn pick(self, quick: usize, full: usize) -> usize {
        match self {
            Effort::Quick => quick,
            Effort::Full => full,
        }
    }
}

type Question = (&'static str, fn(Effort) -> Table);

/// The questions, in their order.
const QUESTIONS: &[Question] = &[
    ("start", start::measure),
    ("history", history::measure),
    ("delay", delay::measure),
    ("run", whole_run::measure),
    ("backends", backends::measure),
    ("intake", intake::measure),
    ("idle", idle::measure),
    ("worktree", worktree::measure),
    ("scrub", scrub::measure),
    // Their desk and program are set up where they are asked for by name.
    #[cfg(target_os = "linux")]
    ("app-rest", app::rest),
    #[cfg(target_os = "linux")]
    ("app-window", app::window),
    #[cfg(target_os = "linux")]
    ("app-busy", app::busy),
];

struct Options {
    effort: Effort,
    json: Option<PathBuf>,
    names: Vec<String>,
}

fn main() -> ExitCode {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("{USAGE} {}", names().join(", "));
        return ExitCode::from(2);
    };
    let machine = Machine::now();
    println!("{machine}");
    let mut tables = Vec::new();
    for (name, measure) in QUESTIONS {
        let wanted = |part: &String| name.contains(part.as_str());
        let by_default = options.names.is_empty() && !name.starts_with("app");
        if !by_default && !options.names.iter().any(wanted) {
            continue;
        }
        let table = measure(options.effort);
        println!("\n{table}");
        tables.push((*name, table));
    }
    println!("\nload average afterwards: {}", machine::load());
    if let Some(path) = options.json {
        let json = report::json(&machine, &tables);
        if let Err(error) = std::fs::write(&path, format!("{json:#}\n")) {
            eprintln!("error: can't write {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn names() -> Vec<&'static str> {
    QUESTIONS.iter().map(|(name, _)| *name).collect()
}

fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options {
        effort: Effort::Full,
        json: None,
        names: Vec::new(),
    };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--quick" => options.effort = Effort::Quick,
            "--json" => options.json = Some(args.next()?.into()),
            flag if flag.starts_with('-') => return None,
            name if QUESTIONS.iter().any(|(known, _)| known.contains(name)) => {
                options.names.push(name.to_owned());
            }
            _ => return None,
        }
    }
    Some(options)
}
