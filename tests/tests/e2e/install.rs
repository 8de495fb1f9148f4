//! The bridge comes into MCP clients and goes again, by the command line.

mod desktop;
mod npm;
mod restart;
mod through;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use codex_bridge_tests::disk::SmallDisk;
use codex_bridge_tests::scene::{Codex, Scene, program};
use serde_json::Value;

/// Each client, with its file below the home folder.
const CLIENTS: [(&str, &str); 11] = [
    (
        "claude-desktop",
        ".config/Claude/claude_desktop_config.json",
    ),
    ("claude-code", ".claude.json"),
    ("opencode", ".config/opencode/opencode.json"),
    ("cursor", ".cursor/mcp.json"),
    ("vscode", ".config/Code/User/mcp.json"),
    ("zed", ".config/zed/settings.json"),
    ("windsurf", ".codeium/windsurf/mcp_config.json"),
    ("gemini-cli", ".gemini/settings.json"),
    ("goose", ".config/goose/config.yaml"),
    ("copilot-cli", ".copilot/mcp-config.json"),
    ("lm-studio", ".lmstudio/mcp.json"),
];

/// A scene on whose search path are no clients.
fn scene() -> Scene {
    scene_with(&Codex::Missing)
}

fn scene_with(codex: &Codex) -> Scene {
    let mut scene = Scene::new(codex);
    let path = scene.folder("bin").display().to_string();
    scene.set("PATH", &path);
    scene
}

fn home(scene: &Scene) -> PathBuf {
    scene.path().join("home")
}

/// Writes a file below the home folder.
fn plant(scene: &Scene, path: &str, text: &str) -> PathBuf {
    let file = home(scene).join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    file
}

/// What a command prints, and its exit code.
fn say(scene: &Scene, args: &[&str]) -> (String, Option<i32>) {
    let done = scene.cli(args).output().unwrap();
    let text = [done.stdout, done.stderr].concat();
    (String::from_utf8(text).unwrap(), done.status.code())
}

fn json(scene: &Scene, args: &[&str]) -> Value {
    let (text, _) = say(scene, args);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A client as `clients --json` shows it.
fn client(scene: &Scene, id: &str) -> Value {
    let list = json(scene, &["clients", "--json"]);
    let clients = list["clients"].as_array().unwrap();
    clients
        .iter()
        .find(|client| client["id"] == id)
        .unwrap()
        .clone()
}

fn state(scene: &Scene, id: &str) -> String {
    client(scene, id)["files"][0]["state"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn every_client_gets_the_entry_and_gives_it_back() {
    let scene = scene();
    for (id, path) in CLIENTS {
        let (said, code) = say(&scene, &["install", id, "--dry-run"]);
        assert_eq!(code, Some(0), "{said}");
        let file = home(&scene).join(path);
        assert!(said.contains("would be made") && !file.exists(), "{said}");
        let (said, code) = say(&scene, &["install", id]);
        assert_eq!(code, Some(0), "{said}");
        let own = program("codex-bridge-mcp").display().to_string();
        assert!(fs::read_to_string(&file).unwrap().contains(&own), "{id}");
        assert_eq!(state(&scene, id), "installed", "{id}");
        let (said, _) = say(&scene, &["install", id]);
        assert!(said.contains("nothing is to be changed"), "{said}");
    }
    let (said, code) = say(&scene, &["uninstall"]);
    assert_eq!(code, Some(0), "{said}");
    for (id, path) in CLIENTS {
        assert!(!home(&scene).join(path).exists(), "{id}");
        assert_eq!(state(&scene, id), "absent", "{id}");
    }
}

#[test]
fn without_a_name_those_are_meant_that_are_found() {
    let scene = scene();
    let (said, code) = say(&scene, &["install"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no client was found"), "{said}");
    fs::create_dir(home(&scene).join(".cursor")).unwrap();
    let goose = plant(
        &scene,
        ".config/goose/config.yaml",
        "GOOSE_PROVIDER: x # mine\n",
    );
    let done = json(&scene, &["install", "--json"]);
    let names: Vec<_> = done["clients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|done| &done["client"])
        .collect();
    assert_eq!(names, ["cursor", "goose"]);
    let (said, _) = say(&scene, &["uninstall"]);
    assert!(
        said.contains("Cursor: ~/.cursor/mcp.json removed"),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(goose).unwrap(),
        "GOOSE_PROVIDER: x # mine\n"
    );
}

#[test]
fn what_is_refused_says_where_and_why_and_the_others_go_on() {
    let scene = scene();
    let desktop = CLIENTS[0].1;
    let broken = plant(
        &scene,
        desktop,
        "{\n  \"mcpServers\": {\n    \"a\": {},\n  }\n}\n",
    );
    let (said, code) = say(&scene, &["install", "claude-desktop"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("claude_desktop_config.json`, line 3: a comma with nothing behind it"),
        "{said}"
    );
    assert!(said.contains("hint: Open the file at that line"), "{said}");
    assert_eq!(state(&scene, "claude-desktop"), "unusable");
    let (said, code) = say(&scene, &["install", "claude-desktop", "cursor"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("✔ Cursor: ~/.cursor/mcp.json made"), "{said}");
    assert!(fs::read_to_string(&broken).unwrap().contains("{},\n  }"));

    let error = json(&scene, &["install", "claude-desktop", "--json"]);
    assert_eq!(error["error"]["code"], "client_config");
    let error = json(&scene, &["install", "codex", "--json"]);
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("a run would start runs")
    );
    let error = json(&scene, &["install", "emacs", "--json"]);
    assert_eq!(error["error"]["code"], "invalid_argument");

    plant(
        &scene,
        desktop,
        "{\"mcpServers\": {\"codex-bridge\": {\"command\": \"npx\"}}}",
    );
    let (said, code) = say(&scene, &["uninstall", "claude-desktop"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("another server with the name `codex-bridge`, which starts `npx`"),
        "{said}"
    );
}

#[test]
fn secrets_of_others_are_not_shown() {
    let scene = scene();
    let key = format!("sk-proj-{}", "aB3dE5gH".repeat(8));
    let text = format!(
        "{{\"mcpServers\": {{\"a\": {{\"command\": \"a\", \"env\": {{\"K\": \"{key}\"}}}}}}}}"
    );
    let file = plant(&scene, CLIENTS[0].1, &text);
    for args in [
        &["install", "--dry-run"][..],
        &["install"],
        &["clients"],
        &["uninstall", "--json"],
    ] {
        let (said, code) = say(&scene, args);
        assert_eq!(code, Some(0), "{said}");
        assert!(!said.contains(&key), "{said}");
    }
    assert_eq!(fs::read_to_string(file).unwrap(), text);
}

#[test]
fn changes_are_undone_and_earlier_states_restored() {
    let scene = scene();
    let text = "{\n  // mine\n  \"context_servers\": { },\n}\n";
    let file = plant(&scene, CLIENTS[5].1, text);
    say(&scene, &["install", "zed"]);
    let installed = fs::read_to_string(&file).unwrap();
    let (said, code) = say(&scene, &["clients", "undo", "zed"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    let kept = json(&scene, &["clients", "backups", "zed", "--json"]);
    let kept = kept["backups"].as_array().unwrap();
    assert_eq!(kept.len(), 2);
    let newest = kept[0]["id"].as_str().unwrap();
    fs::write(&file, "{ broken").unwrap();
    let (said, code) = say(&scene, &["clients", "undo", "zed"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("was changed since by somebody else"),
        "{said}"
    );
    let (said, code) = say(&scene, &["clients", "restore", "zed", newest]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), installed);
    let (said, code) = say(&scene, &["clients", "restore", "zed", "nothing"]);
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn the_typescript_bridge_is_taken_over_and_switched_off() {
    let mut scene = scene();
    scene
        .unset("CODEX_CLI_MCP_ALLOWED_ROOTS")
        .unset("CODEX_BIN")
        .unset("CODEX_HOME");
    let work = scene.work().display().to_string();
    let codex = program("fake-codex").display().to_string();
    let text = format!(
        "{{\"mcpServers\": {{\"codex\": {{\"command\": \"npx\", \"args\": [\"-y\", \"codex-cli-mcp-bridge\"], \"env\": \
         {{\"CODEX_CLI_MCP_ALLOWED_ROOTS\": \"{work}:/nowhere\", \"CODEX_BIN\": \"{codex}\", \
         \"CODEX_CLI_MCP_DEFAULT_WORKSPACE_MODE\": \"in-place\"}}}}}}}}"
    );
    let file = plant(&scene, CLIENTS[0].1, &text);
    assert_eq!(
        client(&scene, "claude-desktop")["files"][0]["legacy"],
        "codex"
    );
    let (said, code) = say(
        &scene,
        &["clients", "take-over", "claude-desktop", "--dry-run"],
    );
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read_to_string(scene.config()).unwrap(), "");
    let (said, code) = say(&scene, &["clients", "take-over", "claude-desktop"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("not taken over: the folder `/nowhere`"),
        "{said}"
    );
    let config = fs::read_to_string(scene.config()).unwrap();
    let real = fs::canonicalize(&work).unwrap().display().to_string();
    for part in [real.as_str(), codex.as_str(), "workspace = \"in_place\""] {
        assert!(config.contains(part), "{config}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"mcpServers\": {}}");
    let (said, code) = say(&scene, &["clients", "take-over", "claude-desktop"]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn codex_itself_is_never_installed_into_and_a_self_reference_is_told() {
    let scene = scene();
    let config = scene.codex_home().join("config.toml");
    fs::write(
        config,
        "[mcp_servers.me]\ncommand = \"/x/codex-bridge-mcp\"\n",
    )
    .unwrap();
    assert_eq!(
        json(&scene, &["clients", "--json"])["codex_references"][0],
        "me"
    );
    let (said, _) = say(&scene, &["clients"]);
    assert!(said.contains("codex mcp remove me"), "{said}");
}

#[test]
fn a_program_that_moved_is_put_right_and_one_that_was_taken_out_stays_out() {
    let scene = scene();
    let file = home(&scene).join(CLIENTS[3].1);
    say(&scene, &["install", "cursor"]);
    let right = fs::read_to_string(&file).unwrap();
    let own = program("codex-bridge-mcp").display().to_string();
    fs::write(&file, right.replace(&own, "/gone/codex-bridge-mcp")).unwrap();
    assert_eq!(state(&scene, "cursor"), "broken");
    let (said, code) = say(&scene, &["repair"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), right);
    fs::write(&file, "{\"mcpServers\": {}}").unwrap();
    assert_eq!(state(&scene, "cursor"), "taken_out");
    say(&scene, &["repair"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"mcpServers\": {}}");
    // What is not missed can't be lost.
    fs::write(&file, "{}").unwrap();
    assert_eq!(state(&scene, "cursor"), "taken_out");
    say(&scene, &["install", "cursor"]);
    fs::write(&file, "{}").unwrap();
    assert_eq!(state(&scene, "cursor"), "wiped");
    say(&scene, &["repair"]);
    assert_eq!(state(&scene, "cursor"), "installed");
}

#[test]
fn an_app_that_was_moved_is_found_again() {
    let scene = scene();
    let place = |name: &str| {
        scene
            .path()
            .join(name)
            .join("Codex Bridge.app/Contents/MacOS")
    };
    let cli = |folder: &Path, args: &[&str]| {
        let usual = scene.cli(args);
        let mut moved = Command::new(folder.join("codex-bridge-mcp"));
        moved.args(args).env_clear();
        moved.envs(
            usual
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        assert!(moved.output().unwrap().status.success());
    };
    let before = place("Applications");
    fs::create_dir_all(&before).unwrap();
    fs::hard_link(program("codex-bridge-mcp"), before.join("codex-bridge-mcp")).unwrap();
    cli(&before, &["install", "cursor"]);
    let file = home(&scene).join(CLIENTS[3].1);
    let entry = fs::read_to_string(&file).unwrap();
    let link = scene.state().join("bin/codex-bridge-mcp");
    assert!(entry.contains(link.to_str().unwrap()), "{entry}");

    let after = place("Tools");
    fs::create_dir_all(after.parent().unwrap()).unwrap();
    fs::rename(&before, &after).unwrap();
    assert!(fs::metadata(&link).is_err(), "it leads nowhere");
    cli(&after, &["repair"]);
    assert_eq!(
        fs::canonicalize(&link).unwrap(),
        fs::canonicalize(after.join("codex-bridge-mcp")).unwrap()
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), entry);
    // What a client starts by it works, and is the program itself.
    let version = Command::new(&link).arg("--version").output().unwrap();
    assert!(version.status.success());
}

#[test]
fn a_full_disk_leaves_the_file_as_it_was() {
    let scene = scene();
    let folder = home(&scene).join(".config/Claude");
    fs::create_dir_all(&folder).unwrap();
    let Some(disk) = SmallDisk::mount(&folder, "64k") else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    let text = "{\n  \"mcpServers\": {}\n}\n";
    let file = plant(&scene, CLIENTS[0].1, text);
    disk.fill();
    let (said, code) = say(&scene, &["install", "claude-desktop"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("there is no room to write"), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    assert_eq!(
        fs::read_dir(&folder).unwrap().count(),
        2,
        "the file and the ballast"
    );
    disk.free();
    let (said, code) = say(&scene, &["install", "claude-desktop"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_full_state_folder_changes_nothing() {
    let scene = scene();
    let Some(disk) = SmallDisk::mount(&scene.state(), "64k") else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    let file = plant(&scene, CLIENTS[0].1, "{}");
    disk.fill();
    let (said, code) = say(&scene, &["install", "claude-desktop"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(fs::read_to_string(file).unwrap(), "{}");
}

#[test]
fn a_client_that_runs_and_would_overwrite_its_file_has_to_be_quit() {
    let scene = scene();
    let file = plant(&scene, CLIENTS[0].1, "{}");
    let program = scene.path().join("claude-desktop");
    fs::copy("/bin/sleep", &program).unwrap();
    let mut running = Command::new(&program)
        .arg("600")
        .env("HOME", home(&scene))
        .spawn()
        .unwrap();
    let error = json(&scene, &["install", "claude-desktop", "--json"]);
    assert_eq!(error["error"]["code"], "client_running");
    assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
    assert_eq!(client(&scene, "claude-desktop")["must_be_quit"], true);
    let (said, code) = say(&scene, &["install", "claude-desktop", "--dry-run"]);
    assert_eq!(code, Some(0), "{said}");
    let (said, code) = say(&scene, &["install", "claude-desktop", "--while-running"]);
    assert_eq!(code, Some(0), "{said}");
    running.kill().unwrap();
    running.wait().unwrap();
    let (said, code) = say(&scene, &["uninstall"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_read_only_file_is_left_alone() {
    let scene = scene();
    let file = plant(&scene, CLIENTS[0].1, "{}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    let (said, code) = say(&scene, &["install", "claude-desktop"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is read-only"), "{said}");
    assert_eq!(fs::read_to_string(file).unwrap(), "{}");
}
