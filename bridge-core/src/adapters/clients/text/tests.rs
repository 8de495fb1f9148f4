//! Files as they are met in the wild: installed into, installed into again, moved, and left as they were.

mod generated;
mod switched;

use std::path::{Path, PathBuf};

use crate::adapters::clients::table::{Client, find};
use crate::adapters::clients::text::{Document, Fault, Wanted, line_of};

const NAME: &str = "codex-bridge";
const PROGRAM: &str = "/Applications/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp";
const MOVED: &str = "/opt/codex \"bridge\"/é/codex-bridge-mcp";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapters/clients/text/fixtures")
}

/// The files that can be installed into, with their clients.
fn good() -> Vec<(String, &'static Client, String)> {
    named(|name| !name.starts_with("refused") && name.contains("--"))
}

fn named(wanted: impl Fn(&str) -> bool) -> Vec<(String, &'static Client, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !wanted(&name) {
            continue;
        }
        let id = name
            .trim_start_matches("refused--")
            .split("--")
            .next()
            .unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        found.push((name.clone(), find(id).unwrap(), text));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The mark that some editors put before a text; what reads a file takes it off.
fn body(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn ours(program: &str) -> bool {
    program.ends_with("/codex-bridge-mcp")
}

fn put(text: &str, client: &'static Client, program: &str) -> Result<Option<String>, Fault> {
    let document = Document::read(text, client.format, client.homes)?;
    let wanted = Wanted {
        name: NAME,
        program,
    };
    document.put(wanted, ours)
}

fn take(text: &str, client: &'static Client, bare: bool) -> Option<String> {
    let document = Document::read(text, client.format, client.homes).unwrap();
    document.take(NAME, bare).unwrap()
}

/// Whether the second text is the first with something put in.
fn is_within(small: &str, large: &str) -> bool {
    let mut rest = large.chars();
    small.chars().all(|c| rest.any(|other| other == c))
}

#[test]
fn there_are_files_of_every_client() {
    let all = good();
    assert!(all.len() >= 60, "{}", all.len());
    for client in crate::adapters::clients::table::CLIENTS {
        assert!(
            all.iter().any(|(_, of, _)| of.id == client.id),
            "{}",
            client.id
        );
    }
}

#[test]
fn our_entry_comes_moves_and_goes_and_every_other_byte_stays() {
    for (name, client, text) in good() {
        let text = body(&text);
        let installed = put(text, client, PROGRAM);
        let installed = installed
            .unwrap_or_else(|fault| panic!("{name}: {fault:?}"))
            .unwrap();
        let document = Document::read(&installed, client.format, client.homes).unwrap();
        let entry = document.entry(NAME).unwrap().unwrap();
        assert_eq!(entry.program.as_deref(), Some(PROGRAM), "{name}");
        assert_eq!(
            (entry.environment.len(), entry.arguments.len()),
            (0, 0),
            "{name}"
        );
        assert_eq!(put(&installed, client, PROGRAM), Ok(None), "{name}: again");
        if !text.contains("null") && !text.contains('~') && !name.contains("braces") {
            assert!(is_within(text.trim(), &installed), "{name}:\n{installed}");
        }

        let moved = put(&installed, client, MOVED).unwrap().unwrap();
        assert_eq!(put(&moved, client, MOVED), Ok(None), "{name}: moved again");
        let back = put(&moved, client, PROGRAM).unwrap().unwrap();
        assert_eq!(back, installed, "{name}: only the path changes");

        let had_home = Document::read(text, client.format, client.homes)
            .unwrap()
            .has_home();
        let removed = take(&installed, client, !had_home).unwrap();
        let same = removed == text;
        // Blanks in an empty object, an empty file, and nothing in the place of servers can't be told afterwards.
        let odd = [
            "empty",
            "blank",
            "spaced",
            "broken",
            "null",
            "tilde",
            "comment-only",
            "wide",
            "document-start",
            "open",
        ];
        assert!(
            same || odd.iter().any(|word| name.contains(word)),
            "{name}:\n{text}\n{removed}"
        );
        assert_eq!(take(text, client, false), None, "{name}");
    }
}

#[test]
fn line_ends_stay_of_one_kind() {
    for (name, client, text) in good() {
        let lines = text.matches('\n').count();
        if lines == 0 || text.matches("\r\n").count() != lines {
            continue;
        }
        let installed = put(body(&text), client, PROGRAM).unwrap().unwrap();
        assert_eq!(
            installed.matches('\n').count(),
            installed.matches("\r\n").count(),
            "{name}"
        );
    }
}

#[test]
fn what_would_be_a_guess_is_refused_with_the_line_and_the_reason() {
    let expected = std::fs::read_to_string(fixtures().join("refused.txt")).unwrap();
    let mut seen = String::new();
    let mut wanted = String::new();
    for line in expected.lines() {
        let (file, rest) = line.split_once(": ").unwrap();
        let (at, why) = rest.split_once(": ").unwrap();
        let (_, client, text) = named(|name| name == file).pop().unwrap();
        let fault = put(&text, client, PROGRAM).expect_err(file);
        let line = line_of(&text, fault.at).to_string();
        // What a parser says in its own words is not ours to fix.
        let line = if at == "?" { "?".to_owned() } else { line };
        let reason = if why == "?" {
            "?".to_owned()
        } else {
            fault.why.to_string()
        };
        seen.push_str(&format!("{file}: {line}: {reason}\n"));
        wanted.push_str(&format!("{file}: {at}: {why}\n"));
    }
    assert_eq!(seen, wanted);
    assert!(expected.lines().count() > 30);
}

/// One file of each way to write, as it becomes.
#[test]
fn it_is_written_as_the_rest_of_the_file_is() {
    let check = |client: &str, text: &str, expected: &str| {
        let installed = put(text, find(client).unwrap(), "/b/codex-bridge-mcp")
            .unwrap()
            .unwrap();
        assert_eq!(installed, expected);
    };
    check(
        "claude-desktop",
        "{\n\t\"mcpServers\": {\n\t\t\"a\": {}\n\t}\n}\n",
        "{\n\t\"mcpServers\": {\n\t\t\"a\": {},\n\t\t\"codex-bridge\": {\n\t\t\t\"command\": \"/b/codex-bridge-mcp\",\n\t\t\t\"args\": []\n\t\t}\n\t}\n}\n",
    );
    check(
        "claude-desktop",
        "{\"mcpServers\":{\"a\":{}}}",
        "{\"mcpServers\":{\"a\":{},\"codex-bridge\":{\"command\":\"/b/codex-bridge-mcp\",\"args\":[]}}}",
    );
    check(
        "claude-desktop",
        "",
        "{\n  \"mcpServers\": {\n    \"codex-bridge\": {\n      \"command\": \"/b/codex-bridge-mcp\",\n      \"args\": []\n    }\n  }\n}\n",
    );
    check(
        "zed",
        "{\n  \"vim_mode\": true, // yes\n  // \"x\": 1,\n}\n",
        "{\n  \"vim_mode\": true, // yes\n  \"context_servers\": {\n    \"codex-bridge\": {\n      \"source\": \"custom\",\n      \"command\": \"/b/codex-bridge-mcp\",\n      \"args\": []\n    }\n  },\n  // \"x\": 1,\n}\n",
    );
    check(
        "opencode",
        "{\n  \"model\": \"x\" // best\n}",
        "{\n  \"model\": \"x\", // best\n  \"mcp\": {\n    \"codex-bridge\": {\n      \"type\": \"local\",\n      \"command\": [\"/b/codex-bridge-mcp\"],\n      \"enabled\": true\n    }\n  }\n}",
    );
    check(
        "opencode",
        "{\"mcp\": {\"servers\": {\"command\": [\"a\"]}}}",
        "{\"mcp\": {\"servers\": {\"command\": [\"a\"]}, \"codex-bridge\": {\"type\": \"local\", \"command\": [\"/b/codex-bridge-mcp\"], \"enabled\": true}}}",
    );
    check(
        "opencode",
        "{\"mcp\": {\"servers\": {}}}",
        "{\"mcp\": {\"servers\": {\"codex-bridge\": {\"type\": \"local\", \"command\": [\"/b/codex-bridge-mcp\"]}}}}",
    );
    check(
        "goose",
        "extensions:   # mine\n  # first\n  a:\n    enabled: true\nX: y\n",
        "extensions:   # mine\n  codex-bridge:\n    name: \"codex-bridge\"\n    description: \"Delegates work to the Codex CLI\"\n    type: \"stdio\"\n    cmd: \"/b/codex-bridge-mcp\"\n    args: []\n    enabled: true\n    timeout: 300\n  # first\n  a:\n    enabled: true\nX: y\n",
    );
}
