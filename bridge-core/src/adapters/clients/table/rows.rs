//! The rows of the table.

use crate::adapters::clients::table::{
    Client, Counts, Field, Format, Home, Off, Paths, Place, Running, Sign,
};
use crate::platform::apps::AppName;

const fn everywhere(paths: &'static [&'static str]) -> Paths {
    Paths {
        macos: paths,
        linux: paths,
        windows: paths,
    }
}

const NOWHERE: Paths = everywhere(&[]);

const PLAIN: &[(&str, Field)] = &[("command", Field::Program), ("args", Field::Words(&[]))];
const TYPED: &[(&str, Field)] = &[
    ("type", Field::Word("stdio")),
    ("command", Field::Program),
    ("args", Field::Words(&[])),
];
const OPENCODE: &[(&str, Field)] = &[
    ("type", Field::Word("local")),
    ("command", Field::Command),
    ("enabled", Field::Yes),
];

const fn servers(fields: &'static [(&'static str, Field)], off: Option<Off>) -> Home {
    Home {
        path: &["mcpServers"],
        fields,
        off,
    }
}

const DISABLED: Option<Off> = Some(Off {
    key: "disabled",
    value: true,
});
const NOT_ENABLED: Option<Off> = Some(Off {
    key: "enabled",
    value: false,
});

/// All clients that the bridge can be installed into, in the order in which they are shown.
pub static CLIENTS: &[Client] = &[
    Client {
        id: "claude-desktop",
        name: "Claude Desktop",
        note: "Chat and Cowork",
        places: &[
            Place {
                id: "main",
                counts: Counts::Always,
                files: Paths {
                    macos: &["{support}/Claude/claude_desktop_config.json"],
                    linux: &["{config}/Claude/claude_desktop_config.json"],
                    windows: &[
                        "{local}/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
                        "{roaming}/Claude/claude_desktop_config.json",
                    ],
                },
            },
            Place {
                id: "third-party",
                counts: Counts::WithFolder,
                files: Paths {
                    macos: &["{support}/Claude-3p/claude_desktop_config.json"],
                    linux: &["{config}/Claude-3p/claude_desktop_config.json"],
                    windows: &["{local}/Claude-3p/claude_desktop_config.json"],
                },
            },
        ],
        format: Format::Json,
        homes: &[servers(PLAIN, None)],
        signs: &[Sign::App("Claude.app"), Sign::Program("claude-desktop")],
        running: Running::Overwrites(AppName {
            programs: &["Claude", "claude-desktop"],
            bundle: "com.anthropic.claudefordesktop",
        }),
        lock_suffix: None,
        reload: "Quit Claude Desktop (with its menu: closing the window is not enough) and start it again.",
        logs: Paths {
            macos: &["~/Library/Logs/Claude"],
            linux: &["{config}/Claude/logs"],
            windows: &["{roaming}/Claude/logs"],
        },
        hello: &["claude-ai", "local-agent-mode", "cowork"],
    },
    Client {
        id: "claude-code",
        name: "Claude Code",
        note: "for all folders; also the Code tab of Claude Desktop",
        places: &[Place {
            id: "main",
            counts: Counts::Always,
            files: everywhere(&["$CLAUDE_CONFIG_DIR/.claude.json", "~/.claude.json"]),
        }],
        format: Format::Json,
        homes: &[servers(TYPED, None)],
        signs: &[Sign::Program("claude"), Sign::Path("~/.claude")],
        running: Running::Fine,
        lock_suffix: Some(".lock"),
        reload: "New sessions have it; in one that is open, type /mcp.",
        logs: Paths {
            macos: &["~/Library/Caches/claude-cli-nodejs"],
            linux: &["~/.cache/claude-cli-nodejs"],
            windows: &["{local}/claude-cli-nodejs"],
        },
        hello: &["claude-code"],
    },
    Client {
        id: "opencode",
        name: "opencode",
        note: "",
        places: &[Place {
            id: "main",
            counts: Counts::Always,
            files: everywhere(&[
                "$OPENCODE_CONFIG",
                "{config}/opencode/opencode.jsonc",
                "{config}/opencode/config.json",
                "{config}/opencode/opencode.json",
            ]),
        }],
        format: Format::Jsonc,
        homes: &[
            Home {
                path: &["mcp", "servers"],
                fields: &[("type", Field::Word("local")), ("command", Field::Command)],
                off: DISABLED,
            },
            Home {
                path: &["mcp"],
                fields: OPENCODE,
                off: NOT_ENABLED,
            },
        ],
        signs: &[Sign::Program("opencode"), Sign::Path("{config}/opencode")],
        running: Running::Fine,
        lock_suffix: None,
        reload: "Start opencode again.",
        logs: everywhere(&["~/.local/share/opencode/log"]),
        hello: &["opencode"],
    },
    Client {
        id: "cursor",
        name: "Cursor",
        note: "",
        places: &[Place {
            id: "main",
            counts: Counts::Always,
            files: everywhere(&["~/.cursor/mcp.json"]),
        }],
        format: Format::Jsonc,
        homes: &[servers(PLAIN, DISABLED)],
        signs: &[
            Sign::Path("~/.cursor"),
            Sign::App("Cursor.app"),
            Sign::Program("cursor"),
        ],
        running: Running::Fine,
        lock_suffix: None,
        reload: "Cursor notices; it asks once whether it may start the server (Settings, MCP).",
        logs: NOWHERE,
        hello: &["cursor"],
    },
    Client {
        id: "vscode",
        name: "VS Code",
        note: "in the default profile",
        places: &[
            Place {
                id: "main",
                counts: Counts::Always,
                files: Paths {
                    macos: &["{support}/Code/User/mcp.json"],
                    linux: &["{config}/Code/User/mcp.json"],
                    windows: &["{roaming}/Code/User/mcp.json"],
                },
            },
            Place {
                id: "insiders",
                counts: Counts::WithFolder,
                files: Paths {
                    macos: &["{support}/Code - Insiders/User/mcp.json"],
                    linux: &["{config}/Code - Insiders/User/mcp.json"],
                    windows: &["{roaming}/Code - Insiders/User/mcp.json"],
                },
            },
        ],
        format: Format::Jsonc,
        homes: &[Home {
            path: &["servers"],
            fields: TYPED,
            off: None,
        }],
        signs: &[Sign::App("Visual Studio Code.app"), Sign::Program("code")],
        running: Running::Fine,
        lock_suffix: None,
        reload: "VS Code notices; start the server with \"MCP: List Servers\".",
        logs: NOWHERE,
        hello: &["Visual Studio Code"],
    },
    Client {
        id: "zed",
        name: "Zed",
        note: "",
        places: &[Place {
            id: "main",
            counts: Counts::Always,
            files: Paths {
                macos: &["~/.config/zed/settings.json"],
                linux: &[
                    "$FLATPAK_XDG_CONFIG_HOME/zed/settings.json",
                    "{config}/zed/settings.json",
                ],
                windows: &["{roaming}/Zed/settings.json"],
            },
        }],
        format: Format::Jsonc,
        homes: &[Home {
            path: &["context_servers"],
            fields: &[
                ("source", Field::Word("custom")),
                ("command", Field::Program),
                ("args", Field::Words(&[])),
            ],
            off: NOT_ENABLED,
        }],
        signs: &[
            Sign::App("Zed.app"),
            Sign::Program("zed"),
            Sign::Path("~/.config/zed"),
        ],
        running: Running::Fine,
        lock_suffix: None,
        reload: "Zed reads its settings again by itself.",
        logs: Paths {
            macos: &["~/Library/Logs/Zed"],
            linux: &["~/.local/share/zed/logs"],
            windows: &["{local}/Zed/logs"],
        },
        hello: &["Zed"],
    },
    Client {
        id: "windsurf",
        name: "Windsurf",
        note: "",
        places: &[
            Place {
                id: "main",
                counts: Counts::Always,
                files: everywhere(&["~/.codeium/windsurf/mcp_config.json"]),
            },
            Place {
                id: "jetbrains",
                counts: Counts::IfThere,
                files: everywhere(&["~/.codeium/mcp_config.json"]),
            },
        ],
        format: Format::Json,
        homes: &[servers(PLAIN, DISABLED)],
        signs: &[
            Sign::App("Windsurf.app"),
            Sign::Program("windsurf"),
            Sign::Path("~/.codeium/windsurf"),
        ],
        running: Running::Fine,
        lock_suffix: None,
        reload: "Press Refresh among Windsurf's MCP servers.",
        logs: NOWHERE,
        hello: &["windsurf"],
    },
    Client {
        id: "gemini-cli",
        name: "Gemini CLI",
        note: "",
        places: &[Place {
            id: "main",
            counts: Counts::Always,
            files: everywhere(&["~/.gemini/settings.json"]),
        }],
        format: Format::Jsonc,
        homes: &[servers(PLAIN, None)],
        signs: &[Sign::Program("gemini"), Sign::Path("~/.gemini")],
        running: Running::Fine,
        lock_suffix: None,
        reload: "New sessions have it; in one that is open, type /mcp refresh.",
        logs: NOWHERE,
        hello: &["gemini-cli"],
    },
    Client {
        id: "goose",
        name: "Goose",
        note: "",
        places: &[Place {
            id: "main",
            counts: Counts::Always,
            files: Paths {
                macos: &["{config}/goose/config.yaml"],
                linux: &["{config}/goose/config.yaml"],
                windows: &["{roaming}/Block/goose/config/config.yaml"],
            },
        }],
        format: Format::Yaml,
        homes: &[Home {
            path: &["extensions"],
            fields: &[
                ("name", Field::Word("codex-bridge")),
                (
                    "description",
                    Field::Word("Delegates work to the Codex CLI"),
                ),
                ("type", Field::Word("stdio")),
                ("cmd", Field::Program),
                ("args", Field::Words(&[])),
                ("enabled", Field::Yes),
                ("timeout", Field::Number(300)),
            ],
            off: NOT_ENABLED,
        }],
        signs: &[Sign::App("Goose.app"), Sign::Program("goose")],
        running: Running::Fine,
        lock_suffix: None,
        reload: "New sessions have it.",
        logs: everywhere(&["~/.local/state/goose/logs"]),
        hello: &["goose"],
    },
    Client {
        id: "copilot-cli",
        name: "Copilot CLI",
        note: "",
        places: &[Place {
            id: "main",
            counts: Counts::Always,
            files: everywhere(&[
                "$COPILOT_HOME/mcp-config.json",
                "~/.copilot/mcp-config.json",
            ]),
        }],
        format: Format::Json,
        homes: &[servers(
            &[
                ("type", Field::Word("local")),
                ("command", Field::Program),
                ("args", Field::Words(&[])),
                ("tools", Field::Words(&["*"])),
            ],
            None,
        )],
        signs: &[Sign::Program("copilot"), Sign::Path("~/.copilot")],
        running: Running::Fine,
        lock_suffix: None,
        reload: "New sessions have it.",
        logs: everywhere(&["~/.copilot/logs"]),
        hello: &["github-copilot", "copilot"],
    },
    Client {
        id: "lm-studio",
        name: "LM Studio",
        note: "",
        places: &[Place {
            id: "main",
            counts: Counts::Always,
            files: everywhere(&["~/.lmstudio/mcp.json"]),
        }],
        format: Format::Json,
        homes: &[servers(PLAIN, None)],
        signs: &[Sign::App("LM Studio.app"), Sign::Path("~/.lmstudio")],
        running: Running::Fine,
        lock_suffix: None,
        reload: "LM Studio reads it again by itself; switch the server on beside the chat.",
        logs: NOWHERE,
        hello: &["lmstudio", "lm-studio", "LM Studio"],
    },
];
