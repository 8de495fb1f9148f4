/** Made-up settings, folders, programs and audit log. */

import type { AuditEntry, Candidate, Client, ClientChange, ClientList, Doctor, Root, SelfTest, SelfTestStep, Setting, SettingKind } from "../lib/types";
import { ago, cart, failed, live, queued, review } from "./runs";

const setting = (group: Setting["group"], key: string, title: string, meaning: string, kind: SettingKind, byDefault: unknown, value: unknown = byDefault): Setting => ({
  key, group, title, meaning, kind, default: byDefault, value, source: value === byDefault ? "default" : "file", overridden_by: null,
});
const number = (min: number, max: number, unit: string | null): SettingKind => ({ type: "number", min, max, unit });
const choice = (...options: string[]): SettingKind => ({ type: "choice", options });
const bool: SettingKind = { type: "bool" };

export const settings: Setting[] = [
  setting("app", "app.notify_done", "Tell when a run is done", "A notification when a run has succeeded.", bool, true),
  setting("app", "app.notify_failed", "Tell when a run failed", "A notification when a run has failed, was lost, or reached a time limit.", bool, true),
  setting("app", "app.notify_waiting", "Tell when a run needs you", "A notification when a run waits for your answer.", bool, true),
  setting("app", "app.open_with_client", "Open with a client", "Whether the app is opened quietly when an MCP client connects. Without the app, runs may lack the rights to your folders.", bool, true, false),
  setting("codex", "codex.bin", "Codex program", "The Codex program to start. Without it, the bridge looks in your PATH and in the usual places.", { type: "path" }, null),
  { ...setting("codex", "codex.home", "Codex folder", "Codex's own folder, with its login and its settings.", { type: "path" }, "~/.codex", "/Users/ann/work/codex-home"), source: "environment", overridden_by: "CODEX_HOME" },
  setting("codex", "codex.pass_env", "Variables for Codex", "Names of environment variables that Codex gets besides the usual ones.", { type: "list" }, [], ["SSH_AUTH_SOCK"]),
  setting("codex", "codex.api_key", "API key", "Whether Codex gets the API key that lies in the system's keychain.", bool, false),
  setting("defaults", "defaults.workspace", "Where tasks work", "In a copy of the repository (worktree) or in the folder itself (in_place). Without it, tasks that may write work in a copy.", choice("worktree", "in_place"), null),
  setting("defaults", "defaults.sandbox", "Sandbox", "What Codex's commands may touch where a request does not say.", choice("read-only", "workspace-write"), "read-only"),
  setting("defaults", "defaults.network", "Network", "Whether Codex's commands may use the network where a request does not say. Only with workspace-write.", bool, false),
  setting("defaults", "defaults.model", "Model", "The model where a request names none. Without it, Codex chooses.", { type: "text" }, null, "gpt-6.1-sol"),
  setting("defaults", "defaults.minutes", "Time for a run", "After so many minutes a run is stopped where the request names no time.", number(1, 10_080, "minutes"), 60),
  setting("ceilings", "ceilings.sandbox", "Highest sandbox", "No request gets more than this.", choice("read-only", "workspace-write"), "workspace-write"),
  setting("ceilings", "ceilings.network", "Network may be asked for", "Whether a request may switch the network on for Codex's commands.", bool, false),
  setting("ceilings", "ceilings.models", "Models that may be asked for", "Only these models may be named. Empty: all.", { type: "list" }, []),
  setting("ceilings", "ceilings.minutes", "Longest run", "No request gets more minutes than this.", number(1, 10_080, "minutes"), 60, 120),
  setting("limits", "limits.running", "Runs at once", "How many runs may be under way at once; the others wait.", number(1, 64, "runs"), 4),
  setting("limits", "limits.queued", "Runs that may wait", "When so many runs wait, a new one is refused.", number(0, 1000, "runs"), 32),
  setting("limits", "limits.silence_minutes", "Silence", "A run of which nothing is heard for so many minutes is stopped.", number(1, 1440, "minutes"), 15),
  setting("history", "history.runs", "Runs kept", "The oldest ended runs go when there are more than this.", number(10, 100_000, "runs"), 500),
  setting("history", "history.mib", "Size of the history", "The oldest ended runs go when their events and messages take more than this.", number(16, 100_000, "MiB"), 256),
  setting("scrub", "scrub.patterns", "More secrets", "Regular expressions for what is secret besides all that the bridge knows.", { type: "list" }, [], ["ACME-[0-9]{8}"]),
];

export const roots: Root[] = [
  { path: "/Users/ann/code", source: "file", access: { ok: true, text: "Can be read and written." }, broad: null },
  { path: "/Users/ann/Documents/notes", source: "file", access: { ok: false, text: "macOS does not let this app read the folder: Operation not permitted. Allow it in System Settings, Privacy & Security, Files and Folders." }, broad: null },
  { path: "/Volumes/work/client", source: "environment", access: { ok: true, text: "Can be read and written." }, broad: null },
];

export const candidates: Candidate[] = [
  { path: "/opt/homebrew/bin/codex", source: "Homebrew", version: "0.169.0", usable: true, lacks: ["It does not tell the model's plan."], chosen: true, login: "logged_in", problem: null },
  { path: "/Users/ann/.nvm/versions/node/v22.11.0/bin/codex", source: "nvm", version: "0.118.0", usable: true, lacks: ["It does not list models.", "It does not tell tokens of reasoning."], chosen: false, login: "logged_in", problem: null },
  { path: "/usr/local/bin/codex", source: "PATH", version: null, usable: false, lacks: [], chosen: false, login: "unknown", problem: "It did not tell its version within 5 seconds." },
];

export const doctor: Doctor = {
  level: "warning", bridge_version: "0.1.0",
  codex: {
    path: "/opt/homebrew/bin/codex", origin: "Homebrew", version: "0.169.0", login: "a login file is there", lacks: [],
    models: [
      { name: "gpt-6.1-sol", is_default: true, efforts: ["low", "medium", "high"], default_effort: "medium" },
      { name: "gpt-6-luna", is_default: false, efforts: ["low", "high"] },
    ],
  },
  allowed_roots: ["/Users/ann/code"], quota: null, running: 2, queued: 1,
  findings: [
    { id: "config", about: "config", level: "ok", what: "the configuration file is `/Users/ann/Library/Application Support/Codex Bridge/config.toml`" },
    { id: "store", about: "store", level: "ok", what: "the database in `/Users/ann/Library/Application Support/Codex Bridge` holds 15 ended runs in 3 MiB" },
    {
      id: "state_file_open", about: "state_dir", level: "warning", what: "`/Users/ann/Library/Application Support/Codex Bridge/supervisor.log` is open to others (mode 644)",
      why: "If the folder is ever opened, your runs can be read.", remedy: "Close it with `chmod 600`.",
      action: { key: "close:supervisor.log", label: "Close it to others", command: "chmod 600 '/Users/ann/Library/Application Support/Codex Bridge/supervisor.log'", mends: "unasked" },
    },
    { id: "roots", about: "roots", level: "ok", what: "`/Users/ann/code` is allowed, and can be read" },
    {
      id: "root_privacy", about: "roots", level: "warning", what: "the allowed root `/Users/ann/Documents` can't be used: the system's privacy settings keep this program from it",
      why: "Runs in it fail, whatever the file's permissions say.", remedy: "Open Codex Bridge, so that runs have its rights, and allow it the folder in System Settings, Privacy & Security, Files and Folders.",
    },
    {
      id: "root_missing", about: "roots", level: "warning", what: "the allowed root `/Volumes/Work/old` can't be used: it is not there",
      why: "No run is admitted in it.", remedy: "Bring it back (is a disk missing?), or take it off the list.",
      action: { key: "remove_root:/Volumes/Work/old", label: "Take it off the list", command: "codex-bridge-mcp roots remove '/Volumes/Work/old'", mends: "asked" },
    },
    { id: "codex", about: "codex", level: "ok", what: "Codex 0.169.0 is `/opt/homebrew/bin/codex`, from Homebrew" },
    { id: "codex_others", about: "codex_others", level: "ok", what: "there are others besides Codex 0.169.0: 0.118.0 is `/Users/ann/.nvm/versions/node/v22.11.0/bin/codex`" },
    { id: "login", about: "login", level: "ok", what: "a login is there; only a run shows whether it is valid" },
    { id: "git", about: "git", level: "ok", what: "git 2.47.1" },
    {
      id: "client_wiped", about: "clients", level: "warning", what: "opencode: the client lost its settings, and our entry with them",
      why: "The client shows no tools.", remedy: "Run `codex-bridge-mcp repair opencode`, or press Repair in the app.",
      action: { key: "repair_client:opencode", label: "Repair the entry", command: "codex-bridge-mcp repair opencode", mends: "unasked" },
    },
  ],
};

/** What is to be done by the person alone, where nothing else works either. */
export const loggedOut: Doctor["findings"][number] = {
  id: "login_refused", about: "login", level: "fault", what: "the run run_01kc8k8x9h1gbjkmnp was refused: the service answered 401",
  why: "A login that is there may have expired; only a run shows whether it is valid.", remedy: "Run `codex login` in a terminal, then start a run again.",
  action: { key: "codex login", label: "Log in", command: "codex login", mends: "by_hand" },
};

const entry = (n: number, minutes: number, client: string, action: string, subject: string, outcome: string, detail = ""): AuditEntry => ({ n, at: ago(minutes), client, action, subject, outcome, detail });
export const audit: AuditEntry[] = [
  entry(41, 0.7, "opencode", "run_task", queued.run_id, "ok", "read-only in /Users/ann/code/shop"),
  entry(40, 4.3, "claude-code", "run_task", live.run_id, "ok", "read-only in /Users/ann/code/search"),
  entry(39, 22, "claude-ai", "run_task", "/etc", "outside_roots", "`/etc` is outside the allowed roots"),
  entry(38, 48, "claude-ai", "run_task", cart.run_id, "ok", "workspace-write in a copy of /Users/ann/code/shop"),
  entry(37, 64, "cursor-vscode", "run_task", "/Users/ann/code/app", "above_ceiling", "the network was asked for; the ceiling is without"),
  entry(36, 131, "claude-code", "review_repo", review.run_id, "ok", "checkout-v2 against main"),
  entry(35, 212, "cli", "run_task", failed.run_id, "ok", "read-only in /Users/ann/code/search"),
  entry(34, 320, "app", "cancel_run", "run_01kc8k8x9h1gbjkmnp", "ok"),
  entry(33, 330, "app", "finish_run", "run_01kc5d1v5k6jdmnpqr", "ok", "apply for /Users/ann/code/shop"),
  entry(32, 1500, "claude-code", "run_task", "run_01kc5e4t2j3hckmnpq", "ok", "read-only in /Users/ann/code/app"),
];

export const longAudit: AuditEntry[] = Array.from({ length: 950 }, (_, at) => {
  const n = 950 - at;
  return entry(n, at, n % 3 === 0 ? "opencode" : "claude-code", n === 1 ? "finish_run" : "run_task", `run_01kc${String(n).padStart(14, "0")}`, "ok", `entry ${n}`);
});

const STEPS = ["prepare a private folder", "connect an MCP client to the server", "find Codex", "delegate a task", "follow it to its end", "read it back through a new server", "cancel a run in the middle of a command", "clean up"];
export const testSteps: SelfTestStep[] = STEPS.map((text, i) => ({ step: `step_${i}`, state: "ok", text: `${text[0]?.toUpperCase()}${text.slice(1)}.`, took_ms: 40 + i * 310, remedy: null }));
export const testReport: SelfTest = { passed: true, took_ms: 8_400, steps: [] };
export const diagnostics = `# Codex Bridge: diagnostics

* Codex Bridge 0.1.0, macOS 27.0, arm64, 2026-11-23 at 09:41 UTC
* Codex 0.169.0, \`/opt/homebrew/bin/codex\`, from Homebrew
* 3 allowed folders; 2 runs under way, 1 waiting

## To look at

* \`root_missing\`: the allowed root \`/Volumes/Work/old\` can't be used: it is not there
  * Bring it back (is a disk missing?), or take it off the list.
* \`client_wiped\`: opencode: the client lost its settings, and our entry with them
  * Run \`codex-bridge-mcp repair opencode\`, or press Repair in the app.

key: [redacted:openai-key]
`;

const client = (id: string, name: string, state: string, more: Partial<Client> = {}, problem: string | null = null, legacy: string | null = null): Client => ({
  id, name, note: "", is_found: true, overwrites: id === "claude-desktop", must_be_quit: false, waiting: null, reload: "It reads the file when it starts.", logs: [], hello: null, trouble: null,
  files: [{ place: "user", path: `/Users/ann/.${id}.json`, exists: true, state, wants_repair: ["outdated", "broken", "wiped"].includes(state), program: null, problem, legacy, lost: state === "wiped" ? { names: ["files", "github"], backup: "lost" } : null, backups: state === "installed" ? [{ id: "1", at: ago(90), bytes: 812 }] : [] }],
  ...more,
});
export const clients: ClientList = {
  program: "/Applications/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp", program_doubt: null, codex_references: [],
  clients: [
    client("claude-desktop", "Claude Desktop", "absent", { note: "Chat and Cowork" }),
    client("claude-code", "Claude Code", "installed", { hello: { client: "claude-code", version: "2.1.0", at: ago(3) } }),
    client("opencode", "opencode", "wiped", {}, "The entry is gone, and all others with it."),
    client("cursor", "Cursor", "unusable", {}, "Line 7: a comma is missing."),
    client("zed", "Zed", "absent", { is_found: false }),
  ],
};
export const clientChange: ClientChange = {
  client: "", name: "", reload: "It reads the file when it starts.", doubt: null, taken_over: [], left: [], restarted: false, not_started: null,
  files: [{ path: "/Users/ann/.claude.json", real: null, is_new: false, is_removed: false, diff: "@@ -1,3 +1,5 @@\n {\n   \"mcpServers\": {\n+    \"codex-bridge\": { \"command\": \"codex-bridge-mcp\" }\n   }\n" }],
};
