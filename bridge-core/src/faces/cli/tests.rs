//! The command line as a whole, and the runs that the tests of this face look at.

use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};

use crate::domain::bounds::Clip;
use crate::domain::event::{CommandEvent, Event, EventBody, Phase};
use crate::domain::id::RunId;
use crate::domain::run::{
    Applied, Caller, CodexIdentity, Recorded, Requested, Run, RunKind, Times, Timestamp, Workspace,
    WorkspaceMode,
};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::state::RunState;
use crate::domain::task::Sandbox;
use crate::faces::cli::args::{Cli, Command, RootsAction, StateName};
use crate::faces::cli::commands::completions_script;

/// 2026-11-22 12:00:00 UTC.
pub(crate) const NOON: Timestamp = Timestamp(1_795_348_800_000);

pub(crate) fn scrubbed(text: &str) -> Scrubbed {
    Scrubber::builtin().scrub(text)
}

pub(crate) fn clip(text: &str) -> Clip {
    Clip::new(scrubbed(text), usize::MAX)
}

/// A moment after noon.
pub(crate) fn after(ms: i64) -> Timestamp {
    Timestamp(NOON.0 + ms)
}

pub(crate) fn run(state: RunState) -> Run {
    Run {
        id: RunId::parse("run_01jd2m8k3q5v7w9x0y").unwrap(),
        kind: RunKind::Task,
        state,
        title: scrubbed("Explain the parser"),
        prompt: scrubbed("Explain the parser"),
        caller: Caller {
            client: scrubbed("claude-code"),
            version: Some(scrubbed("2.1")),
            session: None,
        },
        request_id: None,
        workspace: Workspace {
            mode: WorkspaceMode::InPlace,
            folder: scrubbed("/home/me/code/app"),
            path: scrubbed("/home/me/code/app"),
            base_commit: None,
            fell_back: None,
            carried: false,
            fate: None,
        },
        requested: Requested {
            sandbox: Sandbox::ReadOnly,
            network: false,
            web_search: false,
            model: None,
            effort: None,
            timeout: Duration::from_secs(3600),
            persist: true,
            images: 0,
            output_schema: false,
        },
        applied: Applied::default(),
        continues: None,
        thread: None,
        codex: Some(CodexIdentity {
            path: scrubbed("/usr/bin/codex"),
            version: scrubbed("0.169.0"),
        }),
        driver: None,
        question: None,
        times: Times {
            created: NOON,
            started: Some(after(200)),
            ended: None,
        },
        activity: None,
        message: None,
        usage: None,
        changes: None,
        review: None,
        failure: None,
        exit: None,
        recorded: Recorded::default(),
    }
}

pub(crate) fn event(ms: i64, body: EventBody) -> Event {
    Event {
        seq: 1,
        at: after(ms),
        body,
    }
}

pub(crate) fn command(item: &str, phase: Phase, line: &str, output: &str) -> EventBody {
    EventBody::Command(CommandEvent {
        item: scrubbed(item),
        phase,
        command: clip(line),
        output: clip(output),
        exit_code: (phase == Phase::Completed).then_some(0),
        status: None,
    })
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn without_arguments_it_serves() {
    let cli = Cli::try_parse_from(["codex-bridge-mcp"]).unwrap();
    assert!(cli.command.is_none());
}

fn parse(words: &[&str]) -> Result<Command, i32> {
    let all = ["codex-bridge-mcp"].iter().chain(words);
    let cli = Cli::try_parse_from(all).map_err(|error| error.exit_code())?;
    cli.command.ok_or(0)
}

#[test]
fn a_task_is_read_with_all_its_options() {
    let words = "run --dir /w --sandbox workspace-write --network --model gpt-6 --effort high --image a.png --image b.png \
                 --web-search --timeout 10m --title t --json -";
    let words: Vec<_> = words.split_whitespace().collect();
    let Ok(Command::Run(args)) = parse(&words) else {
        panic!("not a run");
    };
    assert_eq!(args.prompt, "-");
    assert_eq!(args.sandbox.unwrap().sandbox(), Sandbox::WorkspaceWrite);
    assert_eq!(args.image.len(), 2);
    assert_eq!(args.timeout, Some(Duration::from_secs(600)));
    assert!(args.network && args.web_search && args.json && !args.detach);
}

#[test]
fn states_are_separated_by_commas() {
    let Ok(Command::Runs(args)) = parse(&["runs", "--state", "running,timed_out"]) else {
        panic!("not a list");
    };
    assert_eq!(args.state, [StateName::Running, StateName::TimedOut]);
}

#[test]
fn roots_are_listed_unless_told_otherwise() {
    let Ok(Command::Roots(args)) = parse(&["roots"]) else {
        panic!("not roots");
    };
    assert!(args.action.is_none());
    let Ok(Command::Roots(args)) = parse(&["roots", "add", "/w"]) else {
        panic!("not roots");
    };
    assert!(matches!(args.action, Some(RootsAction::Add { .. })));
}

#[test]
fn what_makes_no_sense_is_a_wrong_usage() {
    for words in [
        vec!["run"],
        vec!["run", "x", "--sandbox", "danger-full-access"],
        vec!["run", "x", "--detach", "--no-persist"],
        vec!["run", "x", "--timeout", "soon"],
        vec!["runs", "--limit", "0"],
        vec!["runs", "--state", "done"],
        vec!["show"],
        vec!["self-test", "--yes"],
        vec!["dance"],
    ] {
        assert_eq!(parse(&words).err(), Some(2), "{words:?}");
    }
}

#[test]
fn every_command_has_a_help_and_the_hidden_one_stays_hidden() {
    let mut root = Cli::command();
    root.build();
    for command in root.get_subcommands_mut() {
        let name = command.get_name().to_owned();
        let help = command.render_long_help().to_string();
        assert!(help.contains("Usage:"), "{name}");
        if name != "help" {
            let about = command.get_about().map(ToString::to_string);
            assert!(about.is_some_and(|about| about.len() > 20), "{name}");
        }
    }
    let help = Cli::command().render_long_help().to_string();
    assert!(!help.contains("supervise"));
    for word in ["doctor", "self-test", "Exit codes", "CODEX_BRIDGE_LOG"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn every_shell_gets_completions() {
    use clap::ValueEnum as _;
    for shell in clap_complete::Shell::value_variants() {
        let script = String::from_utf8(completions_script(*shell)).unwrap();
        assert!(script.contains("codex-bridge-mcp"), "{shell}");
        assert!(script.contains("self-test"), "{shell}");
    }
}
