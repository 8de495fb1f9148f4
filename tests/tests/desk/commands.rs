//! What the page may ask for, and what it may not.

use codex_bridge_tests::desk::Desk;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene};
use serde_json::{Value, json};

#[test]
#[ignore = "needs a desk: run scripts/test-desk"]
fn what_they_should_not_get_is_refused_as_by_the_tools() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let outside = scene.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let desk = Desk::new(&scene);
    let (_, page) = desk.driven_app("Open Codex Bridge…");
    let unknown = json!({"args": {"run_id": "run_01m82vz57sfyhb0c29"}});
    let odd = json!({"args": {"run_id": "../../etc/passwd"}});
    let mut refused = Vec::new();
    let mut check = |command: &str, args: Value, code: &str| {
        let answer = page.ask(command, args);
        let found = answer.as_ref().err().map(|error| error["code"].clone());
        if found != Some(json!(code)) {
            refused.push(format!("{command}: {code} expected: {answer:?}"));
        }
    };
    for (id, code) in [(&unknown, "unknown_run"), (&odd, "invalid_argument")] {
        let with = |key: &str, value: &str| {
            let mut args = id.clone();
            args["args"][key] = json!(value);
            args
        };
        for command in ["get_run", "cancel_run", "get_changes"] {
            check(command, id.clone(), code);
        }
        check("finish_run", with("action", "discard"), code);
        check("continue_run", with("prompt", "more"), code);
        check("export_run", id.clone(), code);
        check("review_code", id.clone(), code);
        check("open_run_folder", with("which", "folder"), code);
    }
    let task = |key: &str, value: Value| {
        let mut args = json!({"prompt": "Hello", "working_dir": scene.work()});
        args[key] = value;
        json!({ "args": args })
    };
    check(
        "run_task",
        task("working_dir", json!(outside)),
        "outside_roots",
    );
    check(
        "run_task",
        task("working_dir", json!("/etc")),
        "outside_roots",
    );
    check(
        "run_task",
        task("prompt", json!("x".repeat(5 << 20))),
        "invalid_argument",
    );
    check(
        "run_task",
        task("sandbox", json!("danger-full-access")),
        "invalid_argument",
    );
    check("run_task", task("unheard_of", json!(1)), "invalid_argument");
    check(
        "open_window",
        json!({"args": {"page": "nowhere"}}),
        "invalid_argument",
    );
    check(
        "open_window",
        json!({"args": {"run_id": "x"}}),
        "invalid_argument",
    );
    check(
        "scrub_preview",
        json!({"args": {"text": "x".repeat(1 << 20)}}),
        "invalid_argument",
    );
    assert_eq!(refused, Vec::<String>::new());
    // What changes settings says why it does not.
    for (command, args) in [
        ("set_setting", json!({"key": "codex.nonsense", "value": 1})),
        (
            "set_setting",
            json!({"key": "limits.max_parallel", "value": "many"}),
        ),
        ("add_root", json!({"path": "/no/such/folder"})),
        ("add_root", json!({"path": "not/absolute"})),
        ("set_api_key", json!({"key": "x".repeat(1 << 20)})),
        ("set_api_key", json!({"key": "two\nlines"})),
    ] {
        let answer = page.ask(command, json!({ "args": args }));
        let error = answer.expect_err(command);
        let message = error["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{command} {args}: {error}");
    }
    assert_eq!(std::fs::read_to_string(scene.config()).unwrap(), "");
    // No way around the commands.
    for foreign in [
        "plugin:shell|execute",
        "plugin:fs|read_text_file",
        "plugin:http|fetch",
        "plugin:opener|open_path",
    ] {
        assert!(
            page.ask(foreign, json!({"path": "/etc/passwd"})).is_err(),
            "{foreign}"
        );
    }
    // No script but its own.
    let answer = page.run("try { return new Function('return 7')() } catch { return null }");
    assert_eq!(answer, Value::Null);
}
