//! The same by the command line.

use std::io::Write as _;
use std::process::{Output, Stdio};

use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::{Value, json};

use crate::turns::{VERSIONS, last_request, text};

fn say(scene: &Scene, args: &[&str], input: &str) -> Output {
    let mut command = scene.cli(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // What reads nothing closes it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn good(scene: &Scene, args: &[&str], input: &str) -> String {
    let output = say(scene, args, input);
    let (out, err) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
    String::from_utf8(out.clone()).unwrap()
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_run_is_continued_and_its_session_resumed() {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let scene = Scene::new(&Codex::Real(version));
        let first = good(
            &scene,
            &["run", "-C", "work", "--json", "MOCK:answer First."],
            "",
        );
        let first = json_of(&first);
        let (id, thread) = (text(&first, "run_id"), text(&first, "thread_id"));
        // By the end of its id; the prompt from standard input; the answer alone on standard output.
        let end = &id[id.len() - 8..];
        let answer = good(&scene, &["continue", end], "MOCK:answer Second.");
        assert_eq!(answer, "Second.\n");
        assert!(last_request(&scene).contains("First."));
        let third = [
            "resume",
            thread,
            "MOCK:answer Third.",
            "-C",
            "work",
            "--json",
        ];
        let third = json_of(&good(&scene, &third, ""));
        assert_eq!(third["thread_id"], thread);
        assert_eq!(
            (&third["kind"], &third["message"]),
            (&json!("resume"), &json!("Third."))
        );

        let listed = json_of(&good(&scene, &["runs", "--source", "codex", "--json"], ""));
        assert_eq!(listed["sessions"][0]["session_id"], thread, "{listed}");
        assert_eq!(listed["sessions"][0]["run_id"], third["run_id"]);
        let table = good(
            &scene,
            &["runs", "--source", "codex", "--folder", "work"],
            "",
        );
        assert!(
            table.contains(thread) && table.contains("MOCK:answer First."),
            "{table}"
        );
        let none = good(
            &scene,
            &["runs", "--source", "codex", "--text", "nobody said this"],
            "",
        );
        assert_eq!(none.trim(), "No sessions.");
    }
}

#[test]
fn what_is_refused_says_why_and_how_to_go_on() {
    let scene = Scene::new(&Codex::Fake);
    let check = |args: &[&str], code: i32, word: &str| {
        let output = say(&scene, args, "");
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {err}");
        assert!(err.contains(word), "{args:?}: {err}");
    };
    check(&["continue"], 2, "<RUN>");
    check(
        &["continue", "run_01k9x2m4q7abcdefgh", "x"],
        1,
        "there is no run",
    );
    check(
        &["continue", "run_01k9x2m4q7abcdefgh", "x", "-C", "work"],
        2,
        "-C",
    );
    check(&["resume", "--last", "x"], 2, "--last");
    check(&["resume", "my-thread", "x"], 2, "UUID");
    let unknown = "01a20356-e3eb-7f92-962b-08a749c63f25";
    check(&["resume", unknown, "x"], 1, "no record of such a session");
    check(
        &["runs", "--source", "codex", "--state", "lost"],
        2,
        "no state",
    );
    let early = good(
        &scene,
        &["run", "-C", "work", "--json", "--no-persist", "x"],
        "",
    );
    let early = json_of(&early);
    check(&["continue", text(&early, "run_id"), "x"], 1, "persist");
}
