//! Real clients from npm, each in a home folder of its own and without a network: what is installed is what they start.

use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene, workspace};
use serde_json::Value;

use super::{client, plant, say, scene_with};

const LIMIT: Duration = Duration::from_secs(120);

/// A scene on whose search path are the clients, or `None` where the tests run without them.
fn with_clients() -> Option<Scene> {
    with_clients_and(&Codex::Missing)
}

/// The same with a Codex.
pub(super) fn with_clients_and(codex: &Codex) -> Option<Scene> {
    if std::env::var_os("CODEX_BRIDGE_TESTS_QUICK").is_some() {
        println!("not run: `scripts/test --quick` leaves out the clients from npm and PyPI");
        return None;
    }
    let programs = workspace().join("tests/clients/programs/node_modules/.bin");
    let shown = programs.display();
    assert!(programs.exists(), "`{shown}` is missing: run scripts/test");
    let mut scene = scene_with(codex);
    let path = std::env::var("PATH").unwrap();
    scene.set("PATH", &format!("{shown}:{path}"));
    // Nobody listens there: a client that wants the network does without.
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"] {
        scene.set(name, "http://127.0.0.1:9");
    }
    for name in ["NO_PROXY", "no_proxy"] {
        scene.set(name, "127.0.0.1,localhost");
    }
    for name in [
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "DISABLE_AUTOUPDATER",
        "OPENCODE_DISABLE_AUTOUPDATE",
        "NO_COLOR",
    ] {
        scene.set(name, "1");
    }
    Some(scene)
}

/// What a client prints.
pub(super) fn run(scene: &Scene, program: &str, args: &[&str]) -> String {
    let mut command = Command::new(program);
    let child = command
        .args(args)
        .env_clear()
        .envs(scene.env())
        .current_dir(scene.work())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let done = receiver.recv_timeout(LIMIT).expect("it ends").unwrap();
    String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned()
}

/// Installs, lets the client look, and uninstalls. `greets` says whether it calls itself by its own name then.
fn lists(id: &str, program: &str, connected: &str, greets: bool) {
    let args = &["mcp", "list"];
    let Some(scene) = with_clients() else { return };
    let trusted = format!("{{\"{}\": \"TRUST_FOLDER\"}}", scene.work().display());
    plant(&scene, ".gemini/trustedFolders.json", &trusted);
    let (said, code) = say(&scene, &["install", id]);
    assert_eq!(code, Some(0), "{said}");
    let listed = run(&scene, program, args);
    let line = listed.lines().find(|line| line.contains("codex-bridge"));
    assert!(
        line.is_some_and(|line| line.contains(connected)),
        "{listed}"
    );
    let seen = client(&scene, id);
    assert_eq!(seen["hello"] != Value::Null, greets, "{seen}");
    assert_eq!(seen["files"][0]["state"], "installed", "{seen}");
    let (said, code) = say(&scene, &["uninstall", id]);
    assert_eq!(code, Some(0), "{said}");
    let listed = run(&scene, program, args);
    assert!(!listed.contains("codex-bridge-mcp"), "{listed}");
}

#[test]
fn claude_code_connects() {
    lists("claude-code", "claude", "Connected", true);
}

#[test]
fn opencode_connects() {
    lists("opencode", "opencode", "connected", true);
}

#[test]
fn gemini_cli_connects() {
    // Its list calls itself `mcp-test-client`.
    lists("gemini-cli", "gemini", "Connected", false);
}

#[test]
fn claude_code_itself_writes_the_same_entry() {
    let Some(scene) = with_clients() else { return };
    let own = codex_bridge_tests::scene::program("codex-bridge-mcp");
    let own = own.display().to_string();
    let added = run(
        &scene,
        "claude",
        &["mcp", "add", "--scope", "user", "codex-bridge", "--", &own],
    );
    let (said, code) = say(&scene, &["install", "claude-code"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("nothing is to be changed"), "{added}\n{said}");
}
