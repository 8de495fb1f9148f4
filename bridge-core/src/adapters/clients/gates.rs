//! Settings of a client that keep it from starting a server that it has.

use std::path::Path;

use crate::adapters::clients::NAME;
use crate::adapters::clients::text::json_lists;

/// Lists in a client's file that name servers.
struct Gate {
    /// The client's name on the command line.
    client: &'static str,
    /// Only servers in this list are started, where there is one.
    allowed: &'static [&'static str],
    /// Servers in this list are not started.
    excluded: &'static [&'static str],
}

/// From Gemini CLI's reference of `settings.json`.
const GATES: &[Gate] = &[Gate {
    client: "gemini-cli",
    allowed: &["mcp", "allowed"],
    excluded: &["mcp", "excluded"],
}];

/// Which setting in the file shuts our server out, if one does.
pub fn shut_out(client: &str, file: &Path) -> Option<String> {
    let gate = GATES.iter().find(|gate| gate.client == client)?;
    in_text(gate, &std::fs::read_to_string(file).ok()?)
}

fn in_text(gate: &Gate, text: &str) -> Option<String> {
    let is_in = |list: &[String]| list.iter().any(|name| name == NAME);
    let [allowed, excluded] = json_lists(text, [gate.allowed, gate.excluded])?;
    if excluded.is_some_and(|list| is_in(&list)) {
        return Some(gate.excluded.join("."));
    }
    // An empty list allows all.
    match allowed {
        Some(list) if !list.is_empty() && !is_in(&list) => Some(gate.allowed.join(".")),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_shut_us_out_are_named() {
        let check = |text: &str, expected: Option<&str>| {
            let gate = GATES.first().unwrap();
            assert_eq!(in_text(gate, text).as_deref(), expected, "{text}");
        };
        check("{}", None);
        check("{ broken", None);
        check("{\"mcp\": {\"allowed\": []}}", None);
        check(
            "{\"mcp\": {\"allowed\": [\"codex-bridge\", \"x\"]}} // mine",
            None,
        );
        check("{\"mcp\": {\"allowed\": [\"x\"]}}", Some("mcp.allowed"));
        check(
            "{\"mcp\": {\"excluded\": [\"codex-bridge\"]}}",
            Some("mcp.excluded"),
        );
        check("{\"mcp\": {\"excluded\": [\"x\"]}}", None);
    }
}
