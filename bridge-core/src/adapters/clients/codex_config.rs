//! Codex's own configuration, in which the bridge must not be: a run would start runs.

use std::path::Path;

use toml_edit::{DocumentMut, Item, TableLike};

/// The names of Codex's MCP servers that are this bridge. None where the file can't be read: Codex then says so itself.
pub fn references(codex_home: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(codex_home.join("config.toml")) else {
        return Vec::new();
    };
    in_text(&text)
}

fn in_text(text: &str) -> Vec<String> {
    let Ok(document) = text.parse::<DocumentMut>() else {
        return Vec::new();
    };
    let servers = document.get("mcp_servers").and_then(Item::as_table_like);
    let servers = servers.into_iter().flat_map(TableLike::iter);
    servers
        .filter(|(_, server)| {
            let server = server.as_table_like();
            let command = server.and_then(|server| server.get("command"));
            let command = command.and_then(Item::as_str).unwrap_or_default();
            let on = server
                .and_then(|server| server.get("enabled"))
                .and_then(Item::as_bool);
            let is_ours = Path::new(command)
                .file_name()
                .is_some_and(|name| name == "codex-bridge-mcp");
            is_ours && on != Some(false)
        })
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bridge_is_found_among_the_servers_of_codex() {
        let check = |text: &str, expected: &[&str]| assert_eq!(in_text(text), expected, "{text}");
        check(
            "[mcp_servers.x]\ncommand = \"/a/codex-bridge-mcp\"\n",
            &["x"],
        );
        check(
            "mcp_servers = { y = { command = \"codex-bridge-mcp\", args = [] } }\n",
            &["y"],
        );
        check(
            "[mcp_servers.x]\ncommand = \"/a/codex-bridge-mcp\"\nenabled = false\n",
            &[],
        );
        check("[mcp_servers.x]\ncommand = \"npx\"\n[mcp_servers]\n", &[]);
        check("not toml at all =", &[]);
        check("", &[]);
    }
}
