//! The doctor names what is wrong with clients, with the right remedy, and gives no false alarm.

use std::fs;

use codex_bridge_tests::scene::{Scene, program};
use serde_json::Value;

use super::{CLIENTS, home, json, plant, say, scene};

/// What the doctor says of clients: level, what and remedy.
fn findings(scene: &Scene) -> Vec<(String, String, String)> {
    let report = json(scene, &["doctor", "--json"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| ["clients", "codex_reference"].contains(&finding["id"].as_str().unwrap()))
        .map(|finding| {
            (
                text(&finding["level"]),
                text(&finding["what"]),
                text(&finding["remedy"]),
            )
        })
        .collect()
}

/// Installs into Claude Desktop, breaks something, and compares what the doctor says.
fn check(break_it: impl Fn(&Scene, &str), what: &str, remedy: &str) {
    let scene = scene();
    plant(
        &scene,
        CLIENTS[0].1,
        "{\"mcpServers\": {\"a\": {\"command\": \"a\"}}}",
    );
    say(&scene, &["install", "claude-desktop"]);
    let file = home(&scene).join(CLIENTS[0].1);
    break_it(&scene, &fs::read_to_string(file).unwrap());
    let found = findings(&scene);
    let [(level, said, cure)] = found.as_slice() else {
        panic!("{what}: {found:?}");
    };
    assert_eq!(level, "warning", "{said}");
    assert!(said.contains(what), "{said}");
    assert!(cure.contains(remedy), "{cure}");
}

fn log(text: &'static str) -> impl Fn(&Scene, &str) {
    move |scene, _| {
        plant(
            scene,
            ".config/Claude/logs/mcp-server-codex-bridge.log",
            text,
        );
    }
}

#[test]
fn each_broken_set_up_is_named_with_its_remedy() {
    let repair = "codex-bridge-mcp repair claude-desktop";
    let own = program("codex-bridge-mcp").display().to_string();
    let write = |scene: &Scene, text: &str| drop(plant(scene, CLIENTS[0].1, text));
    let moved = |to: &'static str| {
        let own = own.clone();
        move |scene: &Scene, text: &str| write(scene, &text.replace(&own, to))
    };
    check(
        moved("/gone/codex-bridge-mcp"),
        "is not there or can't be started",
        repair,
    );
    check(
        |scene, _| write(scene, "{}"),
        "the client lost its settings",
        repair,
    );
    check(
        |scene, _| fs::remove_file(home(scene).join(CLIENTS[0].1)).unwrap(),
        "the client lost its settings",
        repair,
    );
    let elsewhere = |scene: &Scene, text: &str| {
        let other = home(scene).join("old/codex-bridge-mcp");
        plant(scene, "old/codex-bridge-mcp", "");
        codex_bridge_tests::scene::write_program(&other, "#!/bin/sh\n");
        write(scene, &text.replace(&own, &other.display().to_string()));
    };
    check(elsewhere, "which is not this program", repair);
    check(
        |scene, text| write(scene, &text[..text.len() - 3]),
        "unterminated object",
        "restore a backup",
    );
    check(
        |scene, text| write(scene, &format!("// x\n{text}")),
        "line 1: a comment",
        "restore a backup",
    );
    let foreign = moved("/usr/bin/env");
    check(
        foreign,
        "another server with the name `codex-bridge`",
        "restore a backup",
    );
    let both = |scene: &Scene, text: &str| {
        let legacy = "\"old\": {\"command\": \"npx\", \"args\": [\"codex-cli-mcp-bridge\"]}, \"a\"";
        write(scene, &text.replacen("\"a\"", legacy, 1));
    };
    check(
        both,
        "the TypeScript one, `old`",
        "clients take-over claude-desktop",
    );
    check(
        log("[error] spawn /x ENOENT\n"),
        "the program was not found",
        "repair",
    );
    check(
        log("[error] spawn /x EACCES\n"),
        "for want of rights",
        "install Codex Bridge again",
    );
    check(
        log("[error] Version negotiation failed: closed\n"),
        "did not agree on a protocol",
        "update",
    );
    check(
        log("[error] MCP error -32001: Request timed out\n"),
        "did not answer in time",
        "self-test",
    );
    check(
        log("[error] Server transport closed unexpectedly\n"),
        "ended unexpectedly",
        "self-test",
    );
}

#[test]
fn codex_with_the_bridge_as_its_server_is_named() {
    let scene = scene();
    let config = scene.codex_home().join("config.toml");
    fs::write(
        config,
        "[mcp_servers.me]\ncommand = \"/x/codex-bridge-mcp\"\n",
    )
    .unwrap();
    let found = findings(&scene);
    assert_eq!(found[0].0, "warning");
    assert!(found[0].2.contains("codex mcp remove me"), "{found:?}");
}

#[test]
fn what_is_well_gives_no_alarm() {
    let scene = scene();
    let well = |scene: &Scene, part: &str| {
        let found = findings(scene);
        assert!(found.iter().all(|(level, ..)| level == "ok"), "{found:?}");
        assert!(
            found.iter().any(|(_, what, _)| what.contains(part)),
            "{found:?}"
        );
    };
    well(&scene, "no client has the bridge yet");
    // Files that were never ours to touch.
    plant(&scene, CLIENTS[3].1, "{ broken");
    plant(
        &scene,
        CLIENTS[7].1,
        "{\"mcpServers\": {\"codex-bridge\": {\"command\": \"npx\"}}}",
    );
    well(&scene, "no client has the bridge yet");
    plant(&scene, CLIENTS[0].1, "{}");
    say(&scene, &["install", "claude-desktop"]);
    plant(
        &scene,
        ".config/Claude/logs/mcp-server-codex-bridge.log",
        "[error] spawn /x ENOENT\n[info] Server started and connected successfully\n",
    );
    well(
        &scene,
        "Claude Desktop has the bridge, and it has not started it yet",
    );
    plant(&scene, CLIENTS[0].1, "{\"mcpServers\": {}}");
    well(&scene, "no client has the bridge yet");
}
