//! Entries as people and clients change them, and entries that are switched off.

use crate::adapters::clients::table::find;
use crate::adapters::clients::text::Document;
use crate::adapters::clients::text::tests::{NAME, put, take};

#[test]
fn what_the_person_added_to_our_entry_stays_when_its_path_changes() {
    let check = |client: &str, text: &str| {
        let client = find(client).unwrap();
        let old = text.replace("@", "/old/codex-bridge-mcp");
        let new = text.replace("@", "/new/codex-bridge-mcp");
        assert_eq!(put(&old, client, "/new/codex-bridge-mcp"), Ok(Some(new)));
    };
    check(
        "claude-code",
        "{\"mcpServers\": {\"codex-bridge\": {\"env\": {\"A\": \"b\"},\n\"command\" : \"@\", \"timeout\": 9000, \"args\": [\"--state-dir\", \"/x\"]}}}",
    );
    check(
        "opencode",
        "{\"mcp\": {\"codex-bridge\": {\"enabled\": false, /* off */ \"command\": [ \"@\", \"serve\" ], \"cwd\": \"/\"}}}",
    );
    check(
        "goose",
        "extensions:\n  codex-bridge:\n    enabled: false # off\n    envs: {A: b}\n    cmd: \"@\" # the program\n    timeout: 9\n",
    );
    check("goose", "extensions:\n  codex-bridge: {cmd: \"@\"} # all\n");
}

#[test]
fn the_comment_behind_a_bare_word_stays() {
    let old =
        "extensions:\n  codex-bridge:\n    cmd: /old/codex-bridge-mcp   # old\n    args: []\n";
    let new = put(old, find("goose").unwrap(), "/new/codex-bridge-mcp");
    let expected =
        "extensions:\n  codex-bridge:\n    cmd: \"/new/codex-bridge-mcp\"   # old\n    args: []\n";
    assert_eq!(new, Ok(Some(expected.to_owned())));
}

#[test]
fn an_entry_is_switched_off_in_the_way_of_its_client() {
    let check = |client: &str, text: &str, expected: Option<&str>| {
        let client = find(client).unwrap();
        let document = Document::read(text, client.format, client.homes).unwrap();
        let off = document.switch_off("old").unwrap();
        assert_eq!(off.as_deref(), expected);
        if let Some(off) = off {
            let document = Document::read(&off, client.format, client.homes).unwrap();
            assert!(
                document
                    .entry("old")
                    .unwrap()
                    .is_none_or(|entry| entry.is_off)
            );
        }
    };
    check(
        "cursor",
        "{\"mcpServers\": {\"old\": {\"command\": \"x\"}}}",
        Some("{\"mcpServers\": {\"old\": {\"command\": \"x\", \"disabled\": true}}}"),
    );
    check(
        "opencode",
        "{\"mcp\": {\"old\": {\"enabled\": true, \"command\": [\"x\"]}}}",
        Some("{\"mcp\": {\"old\": {\"enabled\": false, \"command\": [\"x\"]}}}"),
    );
    check(
        "zed",
        "{\"context_servers\": {\"old\": {\"enabled\": false}}}",
        None,
    );
    check(
        "claude-desktop",
        "{\"mcpServers\": {\"old\": {\"command\": \"x\"}, \"a\": {}}}",
        Some("{\"mcpServers\": {\"a\": {}}}"),
    );
    check(
        "goose",
        "extensions:\n  old:\n    cmd: x\n    enabled: true\n",
        Some("extensions:\n  old:\n    cmd: x\n    enabled: false\n"),
    );
    check(
        "goose",
        "extensions:\n  old:\n    cmd: x\n",
        Some("extensions:\n  old:\n    enabled: false\n    cmd: x\n"),
    );
}

#[test]
fn the_entry_goes_wherever_others_have_moved_it() {
    let check = |client: &str, text: &str, expected: &str| {
        assert_eq!(
            take(text, find(client).unwrap(), false).as_deref(),
            Some(expected)
        );
    };
    let json = "claude-desktop";
    check(
        json,
        "{\"mcpServers\": {\"codex-bridge\": {}, \"a\": {}}}",
        "{\"mcpServers\": {\"a\": {}}}",
    );
    check(
        json,
        "{\"mcpServers\": {\"a\": {}, \"codex-bridge\": {}}}",
        "{\"mcpServers\": {\"a\": {}}}",
    );
    check(
        json,
        "{\n  \"mcpServers\": {\n    \"a\": {},\n    \"codex-bridge\": {\n      \"command\": \"x\"\n    },\n    \"b\": {}\n  }\n}\n",
        "{\n  \"mcpServers\": {\n    \"a\": {},\n    \"b\": {}\n  }\n}\n",
    );
    check(
        "zed",
        "{\n  \"context_servers\": {\n    // ours\n    \"codex-bridge\": {}, // gone\n    // theirs\n    \"b\": {}\n  }\n}\n",
        "{\n  \"context_servers\": {\n    // ours\n     // gone\n    // theirs\n    \"b\": {}\n  }\n}\n",
    );
    let zed = "{\"context_servers\" :{\"a\":{} // c, \"x\": {\n,";
    check(
        "zed",
        &format!("{zed} \"codex-bridge\": {{}},}}}}"),
        &format!("{zed}}}}}"),
    );
    check(
        "goose",
        "extensions:\n  a:\n    x: 1\n  # ours\n  codex-bridge:\n    cmd: x\n\n  # b\n  b:\n    y: 2\n",
        "extensions:\n  a:\n    x: 1\n  # ours\n\n  # b\n  b:\n    y: 2\n",
    );
    check(
        "goose",
        "extensions:\n  codex-bridge:\n    cmd: x\nA: b\n",
        "extensions: {}\nA: b\n",
    );
    check(
        "goose",
        "extensions: {a: {}, codex-bridge: {cmd: x}}\n",
        "extensions: {a: {}}\n",
    );
    check(
        "goose",
        "extensions: {codex-bridge: {cmd: x}, a: {}}\n",
        "extensions: {a: {}}\n",
    );
}

#[test]
fn entries_say_what_they_start_and_with_what() {
    let client = find("opencode").unwrap();
    let text = "{\"mcp\": {\"a\": {\"command\": [\"npx\", \"-y\", \"x\"], \"environment\": {\"K\": \"v\", \"n\": 1}, \"enabled\": false}}}";
    let document = Document::read(text, client.format, client.homes).unwrap();
    let entries = document.entries().unwrap();
    let [entry] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(entry.program.as_deref(), Some("npx"));
    assert_eq!(entry.arguments, ["-y", "x"]);
    assert_eq!(entry.environment, [("K".to_owned(), "v".to_owned())]);
    assert!(entry.is_off);
    assert_eq!(document.entry(NAME), Ok(None));
}
