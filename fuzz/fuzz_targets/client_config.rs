//! The editors of MCP clients' files: any text is refused or gets our entry; what was valid stays valid and says the
//! same otherwise; a second time nothing changes; and the entry goes again without taking anything along.
#![no_main]

use bridge_core::adapters::clients::table::CLIENTS;
use bridge_core::adapters::clients::text::{Document, Wanted};
use libfuzzer_sys::fuzz_target;

const NAME: &str = "codex-bridge";
const PROGRAM: &str = "/a/codex-bridge-mcp";
const MOVED: &str = "/b \"c\"/é/codex-bridge-mcp";

fuzz_target!(|input: &str| {
    // The first letter chooses the client.
    let mut letters = input.chars();
    let Some(first) = letters.next() else { return };
    let client = &CLIENTS[first as usize % CLIENTS.len()];
    let text = letters.as_str();
    let read = |text: &str| -> Option<Vec<String>> {
        let document = Document::read(text, client.format, client.homes).ok()?;
        let entries = document.entries().ok()?;
        Some(entries.into_iter().map(|entry| format!("{:?}", (entry.name, entry.program, entry.environment))).collect())
    };
    let put = |text: &str, program: &str| {
        let document = Document::read(text, client.format, client.homes).ok()?;
        let wanted = Wanted {
            name: NAME,
            program,
        };
        document.put(wanted, |program| program.ends_with("/codex-bridge-mcp")).ok()
    };
    let Some(installed) = put(text, PROGRAM) else {
        return;
    };
    let installed = installed.unwrap_or_else(|| text.to_owned());
    assert_eq!(put(&installed, PROGRAM), Some(None), "a second time changes nothing");
    let moved = put(&installed, MOVED).expect("what was written can be read").expect("the path is another");
    let back = put(&moved, PROGRAM).expect("what was written can be read").expect("the path is another");
    assert_eq!(read(&back), read(&installed));

    let document = Document::read(&installed, client.format, client.homes).expect("it was read");
    // What would take something along is refused, and is then in the text as it was.
    let Ok(Some(removed)) = document.take(NAME, false) else {
        return;
    };
    let own = format!("(\"{NAME}\"");
    let others = |entries: Option<Vec<String>>| -> Vec<String> {
        entries.unwrap_or_default().into_iter().filter(|entry| !entry.starts_with(&own)).collect()
    };
    assert_eq!(others(read(&removed)), others(read(text)));
    // Of the letters that are neither blanks nor ours none is lost, where the entry was not there before.
    let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !"{},:\"".contains(*c)).count();
    if !text.contains(NAME) {
        assert!(solid(&removed) + "null".len() >= solid(text), "{text:?}\n{removed:?}");
    }
});
