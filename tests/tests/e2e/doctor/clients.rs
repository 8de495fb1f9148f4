//! Clients into which the bridge was installed.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use codex_bridge_tests::processes::wait_until;
use codex_bridge_tests::scene::{program, write_program};

use super::{Patient, chmod};

const LIMIT: Duration = Duration::from_secs(60);
const DESKTOP: &str = ".config/Claude/claude_desktop_config.json";
const LOG: &str = ".config/Claude/logs/mcp-server-codex-bridge.log";

/// A set-up with the bridge in Claude Desktop beside another server.
fn installed() -> (Patient, PathBuf) {
    let patient = Patient::healthy();
    let text = "{\"mcpServers\": {\"a\": {\"command\": \"a\"}}}";
    let file = patient.plant(DESKTOP, text);
    let (said, code) = patient.say(&["install", "claude-desktop"]);
    assert_eq!(code, Some(0), "{said}");
    patient.is_well();
    (patient, file)
}

fn change(file: &PathBuf, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, change(&text)).unwrap();
}

fn own() -> String {
    program("codex-bridge-mcp").display().to_string()
}

#[test]
fn an_entry_whose_program_is_gone_is_repaired_and_nothing_else_is_touched() {
    let (patient, file) = installed();
    let right = fs::read_to_string(&file).unwrap();
    change(&file, |text| text.replace(&own(), "/gone/codex-bridge-mcp"));
    patient.finds("client_broken", "repair claude-desktop");
    patient.mends("client_broken");
    assert_eq!(fs::read_to_string(&file).unwrap(), right);
}

#[test]
fn an_entry_of_another_copy_is_repaired() {
    let (patient, file) = installed();
    let other = patient.plant("old/codex-bridge-mcp", "");
    write_program(&other, "#!/bin/sh\n");
    change(&file, |text| {
        text.replace(&own(), &other.display().to_string())
    });
    patient.finds("client_outdated", "repair claude-desktop");
    patient.mends("client_outdated");
}

#[test]
fn settings_that_the_client_lost_are_put_back() {
    let (patient, file) = installed();
    fs::write(&file, "{}").unwrap();
    patient.finds("client_wiped", "repair claude-desktop");
    patient.mends("client_wiped");
    fs::remove_file(&file).unwrap();
    patient.finds("client_wiped", "repair claude-desktop");
    patient.mends("client_wiped");
}

#[test]
fn an_entry_that_the_person_took_out_is_no_finding() {
    let (patient, file) = installed();
    fs::write(&file, "{\"mcpServers\": {\"a\": {\"command\": \"a\"}}}").unwrap();
    patient.is_well();
}

#[test]
fn a_file_that_can_not_be_changed_safely_is_named_and_left() {
    let check = |change_it: &dyn Fn(&str) -> String, said: &str| {
        let (patient, file) = installed();
        change(&file, change_it);
        let found = patient.finds("client_unusable", "restore a backup");
        assert!(found["what"].as_str().unwrap().contains(said), "{found:#}");
        patient.leaves("client_unusable");
    };
    check(
        &|text| text[..text.len() - 3].to_owned(),
        "unterminated object",
    );
    check(&|text| format!("// x\n{text}"), "line 1: a comment");
    check(
        &|text| text.replace(&own(), "/usr/bin/env"),
        "another server",
    );
}

#[test]
fn a_file_that_was_never_ours_is_no_finding() {
    let patient = Patient::healthy();
    patient.plant(".cursor/mcp.json", "{ broken");
    patient.plant(
        DESKTOP,
        "{\"mcpServers\": {\"codex-bridge\": {\"command\": \"npx\"}}}",
    );
    patient.is_well();
}

#[test]
fn the_typescript_bridge_is_switched_off_when_that_is_asked_for() {
    let (patient, file) = installed();
    let legacy = "\"old\": {\"command\": \"npx\", \"args\": [\"codex-cli-mcp-bridge\"]}, \"a\"";
    change(&file, |text| text.replacen("\"a\"", legacy, 1));
    patient.finds("client_legacy", "clients take-over claude-desktop");
    patient.mends_asked("client_legacy");
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains("codex-cli-mcp-bridge"), "{text}");
}

#[test]
fn lists_of_gemini_that_shut_the_bridge_out_are_named() {
    for (setting, list) in [
        ("mcp.allowed", "[\"x\"]"),
        ("mcp.excluded", "[\"codex-bridge\"]"),
    ] {
        let patient = Patient::healthy();
        let name = setting.trim_start_matches("mcp.");
        let text = format!("{{\"mcp\": {{\"{name}\": {list}}}}}");
        patient.plant(".gemini/settings.json", &text);
        patient.say(&["install", "gemini-cli"]);
        let found = patient.finds("client_shut_out", "Allow `codex-bridge`");
        assert!(
            found["what"].as_str().unwrap().contains(setting),
            "{found:#}"
        );
        patient.leaves("client_shut_out");
    }
}

#[test]
fn what_the_clients_log_says_is_translated() {
    let check = |log: &str, id: &str, remedy: &str| {
        let (patient, _) = installed();
        patient.plant(LOG, log);
        patient.names(id, remedy);
        let connected = format!("{log}[info] Server started and connected successfully\n");
        patient.plant(LOG, &connected);
        patient.is_well();
    };
    check("[error] spawn /x ENOENT\n", "client_not_found", "repair");
    check(
        "[error] spawn /x EACCES\n",
        "client_forbidden",
        "nstall Codex Bridge again",
    );
    check(
        "[error] Version negotiation failed: closed\n",
        "client_protocol",
        "pdate",
    );
    check(
        "[error] MCP error -32001: Request timed out\n",
        "client_timed_out",
        "self-test",
    );
    check(
        "[error] Server transport closed unexpectedly\n",
        "client_ended",
        "self-test",
    );
}

#[test]
fn a_client_that_started_another_version_is_named() {
    let (patient, _) = installed();
    let mut sidecar = patient
        .scene
        .sidecar_opened(codex_bridge_tests::sidecar::Opener::Nothing);
    sidecar.introduce("claude-ai", "1.0");
    let folder = patient.scene.state().join("clients/hello");
    // It is written under another name first.
    let hello = || {
        let mut entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        entries.find(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
    };
    wait_until(LIMIT, "the hello", || hello().is_some());
    drop(sidecar);
    patient.is_well();
    let file = hello().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    let own = format!("\"server\":\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&own), "{text}");
    fs::write(&file, text.replace(&own, "\"server\":\"0.0.1\"")).unwrap();
    chmod(&file, 0o600);
    patient.names("client_other_version", "Quit the client");
}

#[test]
fn a_program_that_lies_in_the_trash_is_named() {
    let mut patient = Patient::healthy();
    let moved = patient.plant(".local/share/Trash/files/codex-bridge-mcp", "");
    fs::remove_file(&moved).unwrap();
    if fs::hard_link(&patient.program, &moved).is_err() {
        fs::copy(&patient.program, &moved).unwrap();
    }
    patient.program = moved;
    patient.finds(
        "program_misplaced",
        "Install Codex Bridge into its place first",
    );
}
