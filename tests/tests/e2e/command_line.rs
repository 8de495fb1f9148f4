//! The command line as people and scripts use it.

use codex_bridge_tests::scene::{Codex, NEWEST, Scene, VERSIONS};
use serde_json::Value;

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn say(scene: &Scene, args: &[&str]) -> Said {
    let output = scene.cli(args).output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn every_command_explains_itself() {
    let scene = Scene::new(&Codex::Missing);
    for command in [
        "serve",
        "doctor",
        "runs",
        "show",
        "run",
        "cancel",
        "roots",
        "self-test",
        "completions",
    ] {
        let said = say(&scene, &[command, "--help"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{command}");
        assert!(said.out.contains("Usage: codex-bridge-mcp"), "{command}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let said = say(&scene, &["completions", shell]);
        assert!(said.out.contains("self-test"), "{shell}");
    }
}

#[test]
fn the_exit_code_and_the_hint_say_what_is_wrong() {
    let mut scene = Scene::new(&Codex::Missing);
    scene.unset("CODEX_CLI_MCP_ALLOWED_ROOTS");
    let check = |args: &[&str], code: i32, words: &str| {
        let said = say(&scene, args);
        assert_eq!(said.code, code, "{args:?} {}", said.err);
        assert!(said.err.contains(words), "{args:?} {}", said.err);
    };
    check(&["dance"], 2, "unrecognized subcommand");
    check(&["run", "hi"], 1, "hint: Allow a folder first");
    check(&["show", "run_zz"], 1, "error: there is no run `run_zz`");
    check(&["self-test", "--account"], 2, "hint: Add --yes.");
    let said = say(&scene, &["show", "run_zz", "--json"]);
    let error: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(error["error"]["code"], "unknown_run");
}

#[test]
fn a_root_is_added_listed_and_removed() {
    let mut scene = Scene::new(&Codex::Missing);
    scene.unset("CODEX_CLI_MCP_ALLOWED_ROOTS");
    scene.write_config("# mine\n");
    assert_eq!(say(&scene, &["roots", "add", "work"]).code, 0);
    let listed = say(&scene, &["roots", "list", "--json"]).out;
    let work = std::fs::canonicalize(scene.work()).unwrap();
    assert!(listed.contains(&*work.to_string_lossy()), "{listed}");
    assert_eq!(say(&scene, &["roots", "remove", "work"]).code, 0);
    assert_eq!(say(&scene, &["roots", "remove", "work"]).code, 2);
    let file = std::fs::read_to_string(scene.config()).unwrap();
    assert!(file.contains("# mine"), "{file}");
}

#[test]
fn a_run_shows_its_way_to_people_and_its_answer_to_the_pipe() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let said = say(&scene, &["run", "--dir", "work", "MOCK:answer forty-two"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "forty-two\n"),
        "{}",
        said.err
    );
    assert!(said.err.contains("✔ succeeded after"), "{}", said.err);
    let listed = say(&scene, &["runs"]).out;
    assert!(listed.contains("✔ succeeded"), "{listed}");
    let followed = say(&scene, &["show", "run_", "--follow", "--json"]);
    let last: Value = serde_json::from_str(followed.out.lines().last().unwrap()).unwrap();
    assert_eq!((followed.code, &last["message"]), (0, &"forty-two".into()));
}

#[test]
fn the_self_test_passes_with_every_codex_and_leaves_nothing() {
    for version in VERSIONS {
        let scene = Scene::new(&Codex::Real(version));
        let said = say(&scene, &["self-test", "--json"]);
        let verdict: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(
            (said.code, &verdict["passed"]),
            (0, &true.into()),
            "{verdict:#}"
        );
        let left = std::fs::read_dir(scene.path()).unwrap();
        let names = left.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let left: Vec<_> = names.filter(|name| name.contains("self-test")).collect();
        assert_eq!(left, Vec::<String>::new());
    }
}

#[test]
fn the_self_test_names_what_is_missing() {
    let scene = Scene::new(&Codex::Missing);
    let said = say(&scene, &["self-test"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("✖ find Codex"), "{}", said.out);
    assert!(said.out.contains("→ "), "{}", said.out);
}
