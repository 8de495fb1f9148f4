//! The TypeScript bridge `codex-cli-mcp-bridge`, which this one follows: what its entry says.

use std::path::PathBuf;

use crate::adapters::clients::text::Entry;

/// Its name: of its entry, its package and its folder.
const NAME: &str = "codex-cli-mcp-bridge";
const ROOTS: &str = "CODEX_CLI_MCP_ALLOWED_ROOTS";
const WORKSPACE: &str = "CODEX_CLI_MCP_DEFAULT_WORKSPACE_MODE";

/// What an entry of the TypeScript bridge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legacy {
    /// The entry's name.
    pub name: String,
    /// Whether it is switched off.
    pub is_off: bool,
    /// The folders that it allows.
    pub roots: Vec<PathBuf>,
    /// The Codex binary.
    pub codex_bin: Option<String>,
    /// Codex's own folder.
    pub codex_home: Option<String>,
    /// Where tasks work, in its words.
    pub workspace: Option<String>,
}

impl Legacy {
    /// What an entry says, if it is one of the TypeScript bridge.
    pub fn of(entry: &Entry) -> Option<Legacy> {
        let words = entry.program.iter().chain(&entry.arguments);
        let is_one = entry.name == NAME
            || words.clone().any(|word| {
                // A package, perhaps with a version, or a file in a folder of that name.
                word.split(['/', '\\', '@']).any(|part| part == NAME)
            });
        if !is_one {
            return None;
        }
        let var = |name: &str| {
            let found = entry.environment.iter().find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.clone())
                .filter(|value| !value.is_empty())
        };
        let roots = var(ROOTS).unwrap_or_default();
        Some(Legacy {
            name: entry.name.clone(),
            is_off: entry.is_off,
            roots: std::env::split_paths(&roots)
                .filter(|root| !root.as_os_str().is_empty())
                .collect(),
            codex_bin: var("CODEX_BIN"),
            codex_home: var("CODEX_HOME"),
            workspace: var(WORKSPACE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, program: &str, arguments: &[&str]) -> Entry {
        Entry {
            name: name.to_owned(),
            program: Some(program.to_owned()),
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            environment: vec![
                (ROOTS.to_owned(), "/w/a:/w/b:".to_owned()),
                ("CODEX_BIN".to_owned(), "/bin/codex".to_owned()),
                ("CODEX_HOME".to_owned(), String::new()),
                (WORKSPACE.to_owned(), "worktree".to_owned()),
            ],
            is_off: false,
            line: 1,
        }
    }

    #[test]
    fn it_is_known_by_its_name_its_package_or_its_folder() {
        let check = |name: &str, program: &str, arguments: &[&str], expected: bool| {
            let legacy = Legacy::of(&entry(name, program, arguments));
            assert_eq!(legacy.is_some(), expected, "{name} {program} {arguments:?}");
        };
        check("codex-cli-mcp-bridge", "node", &["/x/index.js"], true);
        check("codex", "npx", &["-y", "codex-cli-mcp-bridge@1.2.3"], true);
        check(
            "codex",
            "node",
            &["/w/codex-cli-mcp-bridge/dist/index.js"],
            true,
        );
        check("codex", "/opt/codex-cli-mcp-bridge", &[], true);
        check("codex", "codex", &["mcp-server"], false);
        check(
            "my-codex-cli-mcp-bridge",
            "x",
            &["my-codex-cli-mcp-bridge"],
            false,
        );
        check("codex-bridge", "/a/codex-bridge-mcp", &[], false);
    }

    #[test]
    fn its_settings_are_read() {
        let legacy = Legacy::of(&entry("codex-cli-mcp-bridge", "node", &[])).unwrap();
        assert_eq!(legacy.roots, [PathBuf::from("/w/a"), PathBuf::from("/w/b")]);
        assert_eq!(legacy.codex_bin.as_deref(), Some("/bin/codex"));
        assert_eq!(legacy.codex_home, None);
        assert_eq!(legacy.workspace.as_deref(), Some("worktree"));
    }
}
