//! The command line with wrong options, Ctrl-C, pipes and colours.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use codex_bridge_tests::processes::{of_run, wait_until};
use codex_bridge_tests::scene::{Codex, Scene};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::traces::{Tap, assert_nothing_is_left, runs};

const LIMIT: Duration = Duration::from_secs(60);

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn say(scene: &Scene, args: &[&str]) -> Said {
    let output = scene.cli(args).stdin(Stdio::null()).output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn json_of(said: &Said) -> Value {
    serde_json::from_str(&said.out)
        .unwrap_or_else(|error| panic!("{error}: {} {}", said.out, said.err))
}

#[test]
fn every_wrong_option_is_refused_by_its_name_and_leaves_nothing_behind() {
    let scene = Scene::new(&Codex::Fake);
    std::fs::create_dir(scene.work().join("folder")).unwrap();
    let long_title = "t".repeat(201);
    let long_model = "m".repeat(101);
    let injection = "x\"\nsandbox_mode=\"danger-full-access\"";
    let usage: [(&[&str], &str); 47] = [
        (&["run"], "<PROMPT>"),
        (&["run", "a", "b"], "unexpected argument 'b'"),
        (&["run", ""], "prompt"),
        (&["run", " \n"], "prompt"),
        (&["run", "-"], "prompt"),
        (&["run", "-x"], "-x"),
        (
            &["run", "--dangerously-bypass-approvals-and-sandbox", "x"],
            "--dangerously",
        ),
        (&["run", "--full-auto", "x"], "--full-auto"),
        (&["run", "--add-dir", "/", "x"], "--add-dir"),
        (&["run", "--trust", "x"], "--trust"),
        (&["run", "-c", "a=b", "x"], "-c"),
        (
            &["run", "--sandbox", "danger-full-access", "x"],
            "--sandbox",
        ),
        (&["run", "--sandbox", "", "x"], "--sandbox"),
        (&["run", "--sandbox"], "--sandbox"),
        (&["run", "--network=yes", "x"], "--network"),
        (&["run", "--timeout", "soon", "x"], "--timeout"),
        (&["run", "--timeout", "-5", "x"], "-5"),
        (&["run", "--timeout", "", "x"], "--timeout"),
        (
            &["run", "--timeout", "99999999999999999999h", "x"],
            "--timeout",
        ),
        (&["run", "-C", "work", "--timeout", "0s", "x"], "timeout"),
        (&["run", "-C", "work", "--model", "", "x"], "model"),
        (&["run", "-C", "work", "--model", "a b", "x"], "model"),
        (&["run", "-C", "work", "--model", &long_model, "x"], "model"),
        (&["run", "-C", "work", "--model", injection, "x"], "model"),
        (&["run", "--model", "-c", "x"], "-c"),
        (&["run", "-C", "work", "--effort", "HIGH", "x"], "effort"),
        (&["run", "-C", "work", "--effort", injection, "x"], "effort"),
        (
            &["run", "-C", "work", "--image", "work/gone.png", "x"],
            "images",
        ),
        (
            &["run", "-C", "work", "--image", "work/folder", "x"],
            "images",
        ),
        (
            &[
                "run",
                "-C",
                "work",
                "--output-schema",
                "config/config.toml",
                "x",
            ],
            "config.toml",
        ),
        (&["run", "-C", "work", "--title", &long_title, "x"], "title"),
        (&["run", "--detach", "--no-persist", "x"], "--no-persist"),
        (&["runs", "--state", "dead"], "--state"),
        (&["runs", "--limit", "0"], "--limit"),
        (&["runs", "--limit", "-1"], "-1"),
        (&["runs", "--limit", "99999999999"], "--limit"),
        (&["runs", "--limit", "ten"], "--limit"),
        (&["runs", "extra"], "extra"),
        (&["show"], "<RUN>"),
        (&["show", "--full", "--json", "x"], "--full"),
        (&["cancel"], "<RUN>"),
        (&["self-test", "--yes"], "--account"),
        (&["self-test", "--account"], "--account"),
        (&["completions", "klingon"], "klingon"),
        (&["roots", "add", "gone"], "gone"),
        (&["roots", "remove", "never-added"], "never-added"),
        (&["--color", "pink", "runs"], "--color"),
    ];
    let check = |args: &[&str], names: &str, code: i32| {
        let said = say(&scene, args);
        assert_eq!(said.code, Some(code), "{args:?}: {}{}", said.out, said.err);
        assert!(said.err.contains(names), "{args:?}: {}", said.err);
        assert!(said.err.starts_with("error: "), "{args:?}: {}", said.err);
        let ways_out = ["hint: ", "--help", "tip: "];
        assert!(
            ways_out.iter().any(|way| said.err.contains(way)),
            "{args:?}: {}",
            said.err
        );
        assert_eq!(said.out, "", "{args:?}");
    };
    for (args, names) in usage {
        check(args, names, 2);
    }
    let failures: [(&[&str], &str); 12] = [
        (
            &[
                "run",
                "-C",
                "work",
                "--network",
                "--sandbox",
                "read-only",
                "x",
            ],
            "network",
        ),
        (&["run", "-C", "/etc", "x"], "/etc"),
        (&["run", "-C", "gone", "x"], "gone"),
        (&["run", "x"], "outside the allowed roots"),
        (
            &["run", "-C", "work", "--output-schema", "gone.json", "x"],
            "gone.json",
        ),
        (
            &["run", "-C", "work", "--image", "/etc/passwd", "x"],
            "/etc/passwd",
        ),
        (&["run", "-C", "work", "--timeout", "2h", "x"], "timeout_s"),
        (
            &["show", "run_000000000000000000"],
            "run_000000000000000000",
        ),
        (&["show", "../../etc/passwd"], "../../etc/passwd"),
        (&["show", "' OR 1=1 --"], "' OR 1=1 --"),
        (&["cancel", "%"], "%"),
        (&["cancel", "_"], "_"),
    ];
    for (args, names) in failures {
        check(args, names, 1);
    }
    assert_nothing_is_left(&scene, 0);
}

#[test]
fn the_exit_code_is_that_of_the_run() {
    let mut scene = Scene::new(&Codex::Fake);
    let tap = Tap::into(&mut scene);
    let check = |more: &[&str], prompt: &str, code: i32, out: &str| {
        let args = [&["run", "-C", "work"], more, &["--", prompt]].concat();
        let said = say(&scene, &args);
        assert_eq!(
            (said.code, said.out.as_str()),
            (Some(code), out),
            "{prompt}: {}",
            said.err
        );
        said.err
    };
    check(&[], "go", 0, "Hello from the fake Codex.\n");
    check(
        &["--no-persist"],
        "--help",
        0,
        "Hello from the fake Codex.\n",
    );
    let err = check(
        &[],
        "FAKE: thread\nFAKE: turn\nFAKE: fail out of paper\nFAKE: exit 1",
        1,
        "",
    );
    assert!(err.contains("out of paper"), "{err}");
    let err = check(
        &["--timeout", "1s"],
        "FAKE: thread\nFAKE: turn\nFAKE: hang",
        3,
        "",
    );
    assert!(err.contains("longer than it may"), "{err}");
    assert_eq!(runs(&scene), 3, "a run that keeps nothing was kept");
    assert!(tap.prompts().contains(&b"--help".to_vec()));

    let mut piped = scene.cli(&["run", "-C", "work", "-"]);
    let file = scene.path().join("prompt.txt");
    std::fs::write(&file, "-- from a pipe\n").unwrap();
    let output = piped
        .stdin(std::fs::File::open(file).unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(tap.prompts().contains(&b"-- from a pipe\n".to_vec()));
}

/// A command that runs, its standard error read line by line.
fn begin(scene: &Scene, args: &[&str]) -> Child {
    let mut command = scene.cli(args);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn interrupt(child: &Child) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
}

fn only_run(scene: &Scene) -> Value {
    json_of(&say(scene, &["runs", "--json"]))["runs"][0].clone()
}

const HANGS: &str = "FAKE: thread\nFAKE: turn\nFAKE: argv\nFAKE: spawn setsid 1000\nFAKE: hang";

fn wait_for_running(scene: &Scene) -> String {
    wait_until(LIMIT, "the run works", || {
        only_run(scene)["state"] == "running"
    });
    only_run(scene)["run_id"].as_str().unwrap().to_owned()
}

#[test]
fn ctrl_c_cancels_the_run_that_the_command_started_and_all_of_it() {
    let scene = Scene::new(&Codex::Fake);
    let mut child = begin(&scene, &["run", "-C", "work", HANGS]);
    let run = wait_for_running(&scene);
    interrupt(&child);
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{err}");
    assert!(err.contains("stopping it"), "{err}");
    let shown = json_of(&say(&scene, &["show", &run, "--json"]));
    assert_eq!(shown["state"], "cancelled", "{shown}");
    assert_eq!(shown["cancelled_by"], "person", "{shown}");
    assert_eq!(of_run(&run), Vec::<u32>::new());
}

#[test]
fn ctrl_c_leaves_a_run_that_is_only_looked_at_and_cancel_ends_it() {
    let scene = Scene::new(&Codex::Fake);
    let started = say(&scene, &["run", "-C", "work", "--detach", HANGS]);
    assert_eq!(started.code, Some(0), "{}", started.err);
    let run = started.out.trim_end().to_owned();
    wait_for_running(&scene);
    let mut child = begin(&scene, &["show", &run[..12], "--follow"]);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("--json") {
        assert_ne!(out.read_line(&mut seen).unwrap(), 0, "{seen}");
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(only_run(&scene)["state"], "running");

    let mut follower = begin(&scene, &["show", &run, "--follow", "--json"]);
    let cancelled = say(&scene, &["cancel", &run]);
    assert_eq!(cancelled.code, Some(0), "{}", cancelled.err);
    assert!(cancelled.out.contains("is cancelled"), "{}", cancelled.out);
    assert_eq!(of_run(&run), Vec::<u32>::new());
    let mut lines = String::new();
    follower
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut lines)
        .unwrap();
    assert_eq!(follower.wait().unwrap().code(), Some(3));
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.last().unwrap()["state"], "cancelled");
    let again = say(&scene, &["cancel", &run, "--json"]);
    assert_eq!(again.code, Some(0));
    assert_eq!(json_of(&again)["state"], "cancelled");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let mut scene = Scene::new(&Codex::Fake);
    say(&scene, &["run", "-C", "work", "go"]);
    let escapes = |scene: &Scene, args: &[&str]| {
        let said = say(scene, args);
        said.out.contains('\u{1b}') || said.err.contains('\u{1b}')
    };
    for command in [
        &["runs"][..],
        &["doctor"],
        &["show", "run_"],
        &["roots"],
        &["run", "-C", "work", "x"],
    ] {
        assert!(!escapes(&scene, command), "{command:?} colours a pipe");
        let always = [&["--color", "always"], command].concat();
        assert!(escapes(&scene, &always), "{always:?}");
        let never = [&["--color", "never"], command].concat();
        assert!(!escapes(&scene, &never), "{never:?}");
    }
    scene.set("NO_COLOR", "1").set("CLICOLOR_FORCE", "");
    assert!(!escapes(&scene, &["runs"]));
}

#[test]
fn who_reads_only_the_beginning_of_the_output_gets_no_complaint() {
    let scene = Scene::new(&Codex::Fake);
    let run = say(
        &scene,
        &[
            "run",
            "-C",
            "work",
            "--json",
            "FAKE: thread\nFAKE: turn\nFAKE: events 400 2k\nFAKE: complete",
        ],
    );
    let run = json_of(&run)["run_id"].as_str().unwrap().to_owned();
    let mut child = begin(&scene, &["show", &run, "--full"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn the_doctor_is_the_same_in_both_forms_and_its_exit_code_says_whether_runs_can_work() {
    let mut scene = Scene::new(&Codex::Fake);
    let well = say(&scene, &["doctor", "--json"]);
    let report = json_of(&well);
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    let faults = findings.iter().any(|finding| finding["level"] == "fault");
    assert_eq!(well.code, Some(i32::from(faults)), "{report}");
    let text = say(&scene, &["doctor"]);
    assert_eq!(text.code, well.code);
    assert!(
        text.out.contains("codex-bridge-mcp self-test"),
        "{}",
        text.out
    );
    for finding in findings {
        let id = finding["id"].as_str().unwrap();
        let is_well = finding["level"] == "ok";
        assert!(
            is_well
                || finding["remedy"]
                    .as_str()
                    .is_some_and(|text| text.len() > 10),
            "{id}: {finding}"
        );
    }
    scene.unset("CODEX_CLI_MCP_ALLOWED_ROOTS");
    let ill = say(&scene, &["doctor", "--json"]);
    assert_eq!(ill.code, Some(1));
    let found = json_of(&ill)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .any(|finding| finding["id"] == "roots_none" && finding["level"] == "fault");
    assert!(found, "{}", ill.out);
}

#[test]
fn more_runs_than_a_page_holds_are_listed_when_they_are_asked_for() {
    let scene = Scene::new(&Codex::Fake);
    say(&scene, &["run", "-C", "work", "go"]);
    let db = rusqlite::Connection::open(scene.state().join("bridge.db")).unwrap();
    db.execute_batch("CREATE TEMP TABLE copy AS SELECT * FROM runs")
        .unwrap();
    for number in 0..249 {
        let change = "UPDATE copy SET n = NULL, id = printf('run_%018d', ?1)";
        db.execute(change, [number]).unwrap();
        db.execute("INSERT INTO runs SELECT * FROM copy", [])
            .unwrap();
    }
    drop(db);
    let listed = |args: &[&str]| {
        let page = json_of(&say(&scene, &[&["runs", "--json"], args].concat()));
        page["runs"].as_array().unwrap().len()
    };
    assert_eq!(listed(&[]), 20);
    assert_eq!(listed(&["-n", "230"]), 230);
    assert_eq!(listed(&["-n", "1000"]), 250);
    assert_eq!(listed(&["--folder", "work/../work"]), 20);
    assert_eq!(listed(&["--folder", "work/nowhere"]), 0);
    let text = say(&scene, &["runs"]).out;
    assert!(text.contains("higher --limit"), "{text}");
    let text = say(&scene, &["runs", "-n", "250"]).out;
    assert!(!text.contains("higher --limit"), "{text}");
}
