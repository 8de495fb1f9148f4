//! Claude Desktop is quit, its file changed, and it is started again and heard of.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use codex_bridge_tests::processes::{self, wait_until};
use codex_bridge_tests::scene::{Scene, program};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{CLIENTS, client, home, json as said_json, plant, say, scene, state};

const LIMIT: Duration = Duration::from_secs(30);
const OTHERS: &str = r#"{"mcpServers": {"files": {"command": "/nonexistent/files"}, "git": {"command": "/nonexistent/git"}}}"#;

/// The stand-in under the name of the real one, below the scene, with which it ends.
struct Desktop {
    program: PathBuf,
    child: Child,
}

impl Desktop {
    fn start(scene: &Scene) -> Desktop {
        let program = scene.path().join("claude-desktop");
        if !program.exists() {
            fs::copy(
                codex_bridge_tests::scene::program("desktop-client"),
                &program,
            )
            .unwrap();
        }
        let before = processes::with_argument(&program.display().to_string());
        let child = Command::new(&program)
            .env_clear()
            .envs(scene.env())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        wait_until(LIMIT, "it runs", || {
            processes::with_argument(&program.display().to_string()).len() > before.len()
        });
        Desktop { program, child }
    }

    /// All of its kind that run.
    fn running(&self) -> Vec<u32> {
        processes::with_argument(&self.program.display().to_string())
    }
}

fn hello(scene: &Scene) -> Value {
    client(scene, "claude-desktop")["hello"].clone()
}

#[test]
fn asked_to_restart_it_keeps_the_entry_and_its_hello_is_waited_for() {
    let scene = scene();
    let file = plant(&scene, CLIENTS[0].1, OTHERS);
    // What failed the last time is still in its log when it starts.
    let log = "[codex-bridge] [error] spawn /gone/codex-bridge-mcp ENOENT\n";
    plant(
        &scene,
        ".config/Claude/logs/mcp-server-codex-bridge.log",
        log,
    );
    let mut desktop = Desktop::start(&scene);
    let (said, code) = say(&scene, &["install", "claude-desktop", "--restart"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("was quit and started again"), "{said}");
    assert!(said.contains("Claude Desktop has connected"), "{said}");
    // Asked, it wrote its file once more before it ended: ours came after that.
    assert!(desktop.child.wait().unwrap().success());
    let kept: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(kept["mcpServers"]["git"]["command"], "/nonexistent/git");
    let own = program("codex-bridge-mcp").display().to_string();
    assert_eq!(kept["mcpServers"]["codex-bridge"]["command"], own);
    let again = desktop.running();
    assert_eq!(again.len(), 1);
    assert_ne!(hello(&scene), Value::Null);

    // Where nothing is to be changed nobody is interrupted.
    let (said, code) = say(&scene, &["install", "claude-desktop", "--restart"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("nothing is to be changed"), "{said}");
    assert_eq!(desktop.running(), again);
}

#[test]
fn a_client_that_has_not_connected_is_told_with_what_its_log_says() {
    let mut scene = scene();
    scene.set("DESKTOP_CLIENT_FINDS_NOTHING", "1");
    plant(&scene, CLIENTS[0].1, OTHERS);
    let _desktop = Desktop::start(&scene);
    let restart = ["install", "claude-desktop", "--restart", "--json"];
    let done = scene.cli(&restart).output().unwrap();
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    let change = &said["clients"][0];
    assert_eq!(change["restarted"], true, "{said}");
    assert_eq!(change["proof"]["hello"], Value::Null, "{said}");
    assert_eq!(
        change["proof"]["trouble"]["what"], "the program was not found",
        "{said}"
    );
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn what_waits_for_its_end_is_done_when_the_person_quits_it() {
    let scene = scene();
    let file = plant(&scene, CLIENTS[0].1, OTHERS);
    let mut desktop = Desktop::start(&scene);
    let mut waiting = scene
        .cli(&["install", "claude-desktop", "--when-quit"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut words = std::io::BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut words, &mut line).unwrap();
    assert!(line.starts_with("Waiting until you quit"), "{line}");
    assert_eq!(fs::read_to_string(&file).unwrap(), OTHERS);
    assert!(waiting.try_wait().unwrap().is_none());
    processes::signal(desktop.child.id(), Signal::TERM);
    desktop.child.wait().unwrap();
    assert!(waiting.wait().unwrap().success());
    assert_eq!(state(&scene, "claude-desktop"), "installed");
    assert!(desktop.running().is_empty());
}

#[test]
fn what_it_lost_is_repaired_and_the_others_can_be_had_back() {
    let scene = scene();
    let file = plant(&scene, CLIENTS[0].1, OTHERS);
    say(&scene, &["install", "claude-desktop"]);
    let desktop = Desktop::start(&scene);
    let whole = fs::read_to_string(&file).unwrap();
    processes::signal(desktop.child.id(), Signal::HUP);
    wait_until(LIMIT, "its servers are lost", || {
        state(&scene, "claude-desktop") == "wiped"
    });
    let (said, code) = say(&scene, &["repair", "claude-desktop", "--while-running"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(state(&scene, "claude-desktop"), "installed");
    let lost = client(&scene, "claude-desktop")["files"][0]["lost"].clone();
    assert_eq!(lost, json!({"names": ["files", "git"], "backup": "lost"}));
    let (said, _) = say(&scene, &["clients"]);
    assert!(
        said.contains("It lost other servers, too: files, git."),
        "{said}"
    );
    let restore = [
        "clients",
        "restore",
        "claude-desktop",
        "lost",
        "--while-running",
    ];
    let (said, code) = say(&scene, &restore);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), whole);
    let now = client(&scene, "claude-desktop");
    assert_eq!(now["files"][0]["lost"], Value::Null, "{now}");
}

#[test]
fn what_the_person_leaves_is_not_spoken_of_again() {
    let scene = scene();
    let file = plant(&scene, CLIENTS[0].1, OTHERS);
    say(&scene, &["install", "claude-desktop"]);
    fs::write(&file, "{}").unwrap();
    assert_eq!(state(&scene, "claude-desktop"), "wiped");
    say(&scene, &["clients", "leave", "claude-desktop"]);
    assert_eq!(state(&scene, "claude-desktop"), "taken_out");
    say(&scene, &["repair"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
    // Whoever wants it again says so.
    say(&scene, &["install", "claude-desktop"]);
    fs::write(&file, "{}").unwrap();
    assert_eq!(state(&scene, "claude-desktop"), "wiped");
    let done = said_json(&scene, &["repair", "--json"]);
    assert_eq!(done["clients"][0]["files"][0]["is_new"], false, "{done}");
    assert!(home(&scene).join(CLIENTS[0].1).exists());
}
