//! Settings on the command line, the pause, and the API key in a real keychain.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use bridge_core::adapters::scripted_model::Request;
use codex_bridge_tests::scene::{Codex, NEWEST, Scene, program};
use codex_bridge_tests::script::fake_turn;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);
/// Nothing that looks like a key: only who knows it finds it.
const KEY: &str = "wombat-lantern-harvest-49";

/// What a command prints, and its exit code.
fn cli(scene: &Scene, args: &[&str]) -> (String, Option<i32>) {
    let done = scene.cli(args).output().unwrap();
    let text = [done.stdout, done.stderr].concat();
    (String::from_utf8(text).unwrap(), done.status.code())
}

#[test]
fn a_setting_is_shown_set_and_set_back() {
    let scene = Scene::new(&Codex::Missing);
    scene.write_config("# mine\n[limits]\nqueued = 9 # enough\n");
    let (set, code) = cli(&scene, &["config", "set", "limits.running", "2"]);
    assert!(set.starts_with("limits.running = 2  set\n"), "{set}");
    assert_eq!(code, Some(0));
    let text = std::fs::read_to_string(scene.config()).unwrap();
    assert_eq!(text, "# mine\n[limits]\nqueued = 9 # enough\nrunning = 2\n");
    let (one, _) = cli(&scene, &["config", "get", "limits.running", "--json"]);
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one["value"], 2, "{one}");
    assert_eq!(
        one["kind"],
        json!({"type": "number", "min": 1, "max": 64, "unit": "runs"})
    );
    let (refused, code) = cli(&scene, &["config", "set", "limits.running", "0"]);
    assert!(refused.contains("a whole number from 1 to 64"), "{refused}");
    assert_eq!(code, Some(2));
    cli(&scene, &["config", "unset", "limits.running"]);
    let text = std::fs::read_to_string(scene.config()).unwrap();
    assert_eq!(text, "# mine\n[limits]\nqueued = 9 # enough\n");
    let (all, _) = cli(&scene, &["config"]);
    assert!(all.contains("limits.running = 4\n"), "{all}");
}

#[test]
fn new_runs_wait_while_they_are_paused_and_go_on_afterwards() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar();
    let before = sidecar.start_run(&scene, &fake_turn(&["message ready", "wait-for go"]));
    sidecar.wait_for_event(&before, LIMIT, |event| event["text"] == "ready");
    cli(&scene, &["pause"]);
    let run = sidecar.start_run(&scene, &fake_turn(&[]));
    let listed = sidecar.call("codex_list_runs", json!({})).ok();
    assert_eq!(listed["paused"], true, "{listed}");
    let doctor = sidecar.call("codex_doctor", json!({})).ok();
    let findings = doctor["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|finding| finding["id"] == "paused"),
        "{doctor}"
    );
    // What was under way goes on.
    std::fs::write(scene.work().join("go"), "").unwrap();
    assert_eq!(sidecar.wait_for_end(&before, LIMIT)["state"], "succeeded");
    assert_eq!(sidecar.get_run(&run)["state"], "queued");
    cli(&scene, &["pause", "--off"]);
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["state"], "succeeded");
    let listed = sidecar.call("codex_list_runs", json!({})).ok();
    assert_eq!(listed["paused"], Value::Null, "{listed}");
}

#[test]
fn without_a_keychain_the_key_is_refused_with_a_remedy() {
    let scene = Scene::new(&Codex::Fake);
    let mut set = scene.cli(&["api-key", "set"]);
    set.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let mut set = set
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    set.stdin.take().unwrap().write_all(KEY.as_bytes()).unwrap();
    let done = set.wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(
        said.contains("no keychain") && said.contains("gnome-keyring"),
        "{said}"
    );
    assert!(!said.contains(KEY), "{said}");
    // And nothing says that there is one.
    assert!(
        !std::fs::read_to_string(scene.config())
            .unwrap()
            .contains("api_key")
    );
}

/// With a keychain of its own: saves the key, runs a task that prints its environment, and throws the key away.
const SESSION: &str = r#"
set -e
printf pw | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1
bridge=$1
printf %s "$2" | "$bridge" api-key set
"$bridge" api-key
"$bridge" run --json --dir "$3" "MOCK:answer the key is $2"
"$bridge" api-key clear
"$bridge" api-key
"#;

#[test]
fn the_key_goes_from_the_keychain_to_codex_alone() {
    let has = |program: &str| {
        let found = Command::new("which").arg(program).output();
        found.is_ok_and(|found| found.status.success())
    };
    if !has("dbus-run-session") || !has("gnome-keyring-daemon") {
        eprintln!("not tested: dbus-run-session or gnome-keyring-daemon is missing");
        return;
    }
    let scene = Scene::new(&Codex::Real(NEWEST));
    let home = scene.codex_home().join("config.toml");
    let provider = std::fs::read_to_string(&home).unwrap();
    // Only then does Codex send a key at all.
    let provider = provider.replace(
        "requires_openai_auth = false",
        "requires_openai_auth = true",
    );
    std::fs::write(&home, provider).unwrap();
    let runtime = scene.path().join("runtime");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(
        &runtime,
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .unwrap();
    let done = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", SESSION, "sh"])
        .arg(program("codex-bridge-mcp"))
        .arg(KEY)
        .arg(scene.work())
        .env_clear()
        .envs(scene.env())
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("XDG_DATA_HOME", scene.path().join("data"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let more = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{more}");
    assert!(said.contains("Codex gets the API key"), "{said}");
    assert!(said.contains("There is no API key"), "{said}");
    assert!(said.contains("[redacted:known-value]"), "{said}");
    assert!(!said.contains(KEY) && !more.contains(KEY), "{said}\n{more}");
    let requests = scene.model().requests();
    // The model keeps but the beginning of it.
    let is_given = |value: &str| value.starts_with("Bearer womb");
    let given = |request: &Request| request.header("authorization").is_some_and(is_given);
    assert!(
        requests.iter().any(|request| given(request)),
        "{requests:?}"
    );
    let config = std::fs::read_to_string(scene.config()).unwrap();
    assert!(!config.contains(KEY), "{config}");
}
