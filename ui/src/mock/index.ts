/** An app made up: the same commands, answered from memory. Only the build for tests has it. */

import { mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { emit } from "@tauri-apps/api/event";

import type { AuditEntry, BridgeError, Client, ClientList, Doctor, IfRunning, Run, RunBatch, SelfTestStep, Setting, Status } from "../lib/types";
import { changesOf, eventsOf, flood } from "./events";
import * as house from "./house";
import * as sample from "./runs";

const query = new URLSearchParams(location.search);
/** What is made up: `busy`, `empty`, `fresh`, `many`, `flood`, `writing`, `fault`, `slow`, `conflicts`, `paused`. */
const scene = query.get("scene") ?? "busy";
const none = scene === "empty" || scene === "fresh";

let runs: Run[] = none ? [] : scene === "many" ? sample.many(10_000) : [...sample.all];
let settings: Setting[] = [...house.settings];
let roots = scene === "fresh" ? [] : [...house.roots];
let candidates = scene === "fresh" ? [] : [...house.candidates];
let stored = false;
let paused = scene === "paused";
let login = true;
let watches = 0;
const ended = new Set<number>();
const clientsHeard: ((clients: ClientList) => void)[] = [];
const changedClients = new Map<string, Partial<Client>>();
const statusHeard: ((status: Status) => void)[] = [];
/** Findings that were mended. */
const mended = new Set<string>();
/** What was called, for the tests to look at. */
const calls: { command: string; args: unknown }[] = [];

const fault = (code: string, message: string, hint: string): BridgeError => ({ code, message, hint });
const later = <T>(value: T, ms = 0) => new Promise<T>((done) => setTimeout(() => done(value), ms));

function status(): Status {
  const brief = runs.slice(0, 40).map(sample.summary);
  const health: Status["health"] =
    scene === "fault" ? { level: "fault", text: "Codex is not logged in.", page: "setup" }
    : scene === "fresh" ? { level: "fault", text: "No Codex was found.", page: "setup" }
    : scene === "empty" ? { level: "ok", text: "All is well. Codex 0.169.0.", page: null }
    : { level: "warning", text: "One allowed folder can't be read.", page: "setup" };
  return {
    paused, health,
    waiting: brief.filter((run) => run.state === "waiting"),
    running: brief.filter((run) => !run.is_final && run.state !== "waiting" && run.state !== "queued"),
    queued: brief.filter((run) => run.state === "queued").length,
    recent: brief.filter((run) => run.is_final).slice(0, 5),
  };
}

function tell(): void {
  for (const heard of statusHeard) heard(status());
}

function clients(): ClientList {
  const state = (one: Client): Client => (scene === "fresh" ? { ...one, hello: null, files: one.files.map((file) => ({ ...file, state: "absent", wants_repair: false, problem: null, lost: null, backups: [] })) } : one);
  const runs = (one: Client): Client => (scene === "fault" && one.overwrites ? { ...one, must_be_quit: true } : one);
  return { ...house.clients, clients: house.clients.clients.map((one) => ({ ...runs(state(one)), ...changedClients.get(one.id) })) };
}

function doctor(): Doctor {
  if (scene === "fresh") return { ...house.doctor, codex: null, level: "fault", allowed_roots: [], findings: [{ id: "codex_missing", about: "codex", level: "fault", what: "no Codex was found", why: "Without Codex nothing runs.", remedy: "Install it with `npm install -g @openai/codex` or `brew install --cask codex`." }] };
  const findings = [...(scene === "fault" ? [house.loggedOut] : []), ...house.doctor.findings].filter((one) => !mended.has(one.id) && (scene !== "empty" || one.level === "ok"));
  const level = findings.some((one) => one.level === "fault") ? "fault" : findings.some((one) => one.level === "warning") ? "warning" : "ok";
  return { ...house.doctor, findings, level };
}

function tellClients(): void {
  for (const heard of clientsHeard) heard(clients());
}

function find(id: string): Run {
  const run = runs.find((one) => one.run_id === id);
  if (!run) throw fault("unknown_run", `there is no run ${id}`, "Look at the list of runs.");
  return scene === "flood" && id === sample.live.run_id ? { ...run, events: { recorded: 5000, bytes: 900_000, left_out: 0 } } : run;
}

function change(id: string, news: Partial<Run>): Run {
  const changed = { ...find(id), ...news };
  runs = runs.map((run) => (run.run_id === id ? changed : run));
  tell();
  return changed;
}

function begin(title: string, folder: string, kind: Run["kind"]): Run {
  const id = `run_01kc9new${String(runs.length).padStart(6, "0")}`;
  const run = { ...sample.run({ id, title, state: "running", began: 0, client: "app", kind, activity: "Starting" }), ...(folder && { working_dir: folder }), created_at: new Date().toISOString(), started_at: new Date().toISOString() };
  runs = [run, ...runs];
  tell();
  return run;
}

/** The arguments of all commands together. */
type Args = {
  run_id: string; watch: number; before?: number; prompt: string; working_dir: string; action: string; answer?: string; key: string | null; value: unknown; path: string;
  paused: boolean; enabled: boolean; cursor?: number; limit?: number; states?: string[]; client?: string; folder?: string;
  text?: string; title?: string; branch?: string; insist?: boolean; patches?: boolean; check_apply?: boolean; act?: string; dry_run?: boolean; if_running?: IfRunning;
};
type Heard = { onmessage: (news: unknown) => void };

const commands: Record<string, (args: Args, channel: Heard) => unknown> = {
  status,
  watch_status: (_, channel) => {
    const watch = ++watches;
    statusHeard.push((news) => !ended.has(watch) && channel.onmessage(news));
    channel.onmessage(status());
    return { watch };
  },
  list_runs: ({ states, client, folder, text, limit = 20, cursor = 0 }) => {
    if (scene === "fault") throw fault("store_locked", "the store is locked by another program", "Close the other program, then try again.");
    const wanted = states ?? [];
    const words = String(text ?? "").toLowerCase();
    const found = runs.filter((run) => (wanted.length === 0 || wanted.includes(run.state)) && (!client || run.client.name === client) && (!folder || run.working_dir.startsWith(folder)) && (run.title + run.prompt).toLowerCase().includes(words));
    const [from, size] = [cursor, limit];
    const next = from + size < found.length ? from + size : null;
    return later({ runs: found.slice(from, from + size).map(sample.summary), next_cursor: next }, scene === "slow" ? 60_000 : 0);
  },
  get_run: ({ run_id }) => find(run_id),
  get_run_updates: ({ run_id, cursor = 0, limit = 50 }) => {
    const id = String(run_id);
    const [from, size] = [cursor, limit];
    const all = scene === "flood" && id === sample.live.run_id ? flood(0, 5000) : eventsOf(id);
    const events = all.filter((event) => event.seq > from).slice(0, size);
    const last = events.at(-1)?.seq ?? from;
    const run = find(id);
    return { run_id: id, state: run.state, is_final: run.is_final, activity: run.activity, error: run.error, events, next_cursor: last, more: last < (all.at(-1)?.seq ?? 0) };
  },
  watch_run: ({ run_id, cursor = 0 }, channel) => {
    const watch = ++watches;
    if (scene === "flood") stream(watch, run_id, cursor, channel);
    if (scene === "writing") write(watch, run_id, cursor, channel);
    return { watch };
  },
  unwatch: ({ watch }) => {
    ended.add(watch);
    return null;
  },
  run_task: ({ prompt, working_dir, title }) => {
    if (String(working_dir).startsWith("/etc")) throw fault("outside_roots", `\`${working_dir}\` is outside the allowed roots`, "Allow the folder in Setup.");
    return begin(title ?? String(prompt).slice(0, 60), working_dir, "task");
  },
  review_repo: ({ working_dir }) => begin("Review of the uncommitted changes", working_dir, "review"),
  continue_run: ({ run_id, prompt }) => ({ ...begin(String(prompt).slice(0, 60), find(run_id).working_dir, "continue"), continues: run_id }),
  steer_run: ({ run_id }) => later({ run_id, state: find(run_id).state, told: "yes", reason: null, hidden: false, question: null }, 150),
  answer_run: ({ run_id, answer }) => {
    const state = answer === "stop" ? "cancelled" : "running";
    return later(null, 150).then(() => change(run_id, { state, question: null, activity: "working", is_final: answer === "stop" })).then(() => ({ run_id, state, told: null, reason: null, hidden: false, question: null }));
  },
  cancel_run: ({ run_id }) => later(null, 150).then(() => change(run_id, { state: "cancelled", is_final: true, cancelled_by: "person", ended_at: new Date().toISOString() })),
  get_changes: (args) => changesOf(args, scene === "conflicts"),
  finish_run: ({ run_id, action, branch }) => {
    const fate = ({ apply: "applied", branch: "branched", discard: "discarded" } as const)[String(action)] ?? "discarded";
    const workspace = { ...find(run_id).workspace, fate, ...(branch && { branch }) };
    return { files_changed: 4, files_already_there: 0, hidden: true, run: change(run_id, { workspace }), ...(action === "branch" && { branch: branch ?? "codex/cart" }) };
  },
  doctor,
  fix_finding: ({ key }) => {
    const meant = doctor().findings.filter((one) => (key === null ? one.action?.mends === "unasked" : one.action?.key === key));
    if (scene === "fault") {
      const error = fault("client_config", "the file was changed by somebody else meanwhile", "Look again, then try it once more.");
      return later({ done: meant.map((one) => ({ id: one.id, what: one.what, key: String(key), label: "", said: null, error })), report: doctor() }, 150);
    }
    for (const one of meant) mended.add(one.id);
    const done = meant.map((one) => ({ id: one.id, what: one.what, key: one.action?.key ?? "", label: one.action?.label ?? "", said: `${one.action?.label}: done.`, error: null }));
    return later({ done, report: doctor() }, 150);
  },
  review_code: ({ run_id }) => ({ code: run_id === sample.review.run_id ? sample.reviewCode : [] }),
  set_paused: ({ paused: wanted }) => {
    paused = wanted;
    tell();
    return null;
  },
  settings: () => settings,
  set_setting: ({ key, value }) => {
    const old = settings.find((one) => one.key === key);
    const [kind, wanted]: [Setting["kind"] | undefined, unknown] = [old?.kind, value];
    if (kind?.type === "number" && typeof wanted === "number" && (wanted < kind.min || wanted > kind.max)) {
      throw fault("invalid_argument", `\`${key}\` has to be between ${kind.min} and ${kind.max}`, "");
    }
    settings = settings.map((one) => (one.key === key ? { ...one, value: value ?? one.default, source: value === null ? "default" : "file" } : one));
    return settings;
  },
  roots: () => roots,
  add_root: ({ path, insist }) => {
    if (path === "/Users/ann" && !insist) throw fault("broad_root", "It is your whole home folder, with all that is private in it.", "Allow a folder in it, or insist.");
    roots = [...roots, { path, source: "file", access: { ok: true, text: "Can be read and written." }, broad: null }];
    return roots;
  },
  remove_root: ({ path }) => (roots = roots.filter((root) => root.path !== path)),
  pick_folder: () => query.get("pick") ?? "/Users/ann/Projects",
  codex_candidates: () => candidates,
  pick_codex: ({ path }) => (candidates = candidates.map((one) => ({ ...one, chosen: path ? one.path === path : one.path === house.candidates[0]?.path }))),
  api_key: () => ({ stored, problem: null }),
  set_api_key: () => ({ stored: (stored = true), problem: null }),
  clear_api_key: () => ({ stored: (stored = false), problem: null }),
  self_test: async (_, channel) => {
    const stop = query.get("stop");
    const bad = scene === "fault";
    for (const [at, step] of house.testSteps.entries()) {
      const news: SelfTestStep = { ...step, state: "running" };
      channel.onmessage(news);
      if (stop !== null && at === Number(stop)) return new Promise(() => undefined);
      await later(null, stop === null ? 30 : 1);
      if (bad && at === 4) {
        channel.onmessage({ ...step, state: "failed", text: "Codex ended before it had begun.", remedy: "Run `codex login` and try again." });
        return { passed: false, took_ms: 2100, steps: [] };
      }
      channel.onmessage(step);
    }
    return house.testReport;
  },
  clients,
  watch_clients: (_, channel) => {
    const watch = ++watches;
    clientsHeard.push((news) => !ended.has(watch) && channel.onmessage(news));
    channel.onmessage(clients());
    return { watch };
  },
  change_client: ({ client, act, dry_run, if_running = "refuse" }) => {
    const known = clients().clients.find((one) => one.id === client);
    if (known?.must_be_quit && !dry_run && if_running === "refuse" && act !== "leave") throw fault("client_running", "The client is running, and would overwrite its file.", "Quit it and try again.");
    if (!dry_run) {
      const state = act === "remove" ? "absent" : act === "leave" ? "taken_out" : "installed";
      changedClients.set(String(client), if_running === "when_quit" ? { waiting: String(act) } : { must_be_quit: false, files: (known?.files ?? []).map((file) => ({ ...file, state, wants_repair: false, problem: null })) });
      tellClients();
    }
    return { ...house.clientChange, client: String(client), name: known?.name ?? "", restarted: if_running === "restart" };
  },
  forget_client_wish: ({ client }) => {
    changedClients.delete(String(client));
    tellClients();
    return null;
  },
  start_client: () => null,
  await_client: async ({ client }) => {
    await later(null, query.has("silent") ? 50 : 400);
    if (query.has("silent")) return { hello: null, trouble: { what: "the program was not found", remedy: "`codex-bridge-mcp repair`, then start the client again" }, log: "/Users/ann/Library/Logs/Claude/mcp-server-codex-bridge.log" };
    const hello = { client: "claude-ai", version: "1.17", at: new Date().toISOString() };
    changedClients.set(String(client), { ...changedClients.get(String(client)), hello });
    tellClients();
    return { hello, trouble: null, log: null };
  },
  audit_log: ({ client, action, text, before, limit = 200 }) => {
    const all = none ? [] : scene === "many" ? house.longAudit : house.audit;
    const words = String(text ?? "").toLowerCase();
    const found = all.filter((one) => (!client || one.client === client) && (!action || one.action === action) && JSON.stringify(one).toLowerCase().includes(words) && (before == null || one.n < before));
    const entries = found.slice(0, limit);
    const names = (of: (one: AuditEntry) => string) => (before == null ? [...new Set(all.map(of))].sort() : null);
    return { entries, next: found.length > limit ? (entries.at(-1)?.n ?? null) : null, clients: names((one) => one.client), actions: names((one) => one.action) };
  },
  export_audit: () => "/Users/ann/Desktop/activity.jsonl",
  export_run: () => "/Users/ann/Desktop/run.json",
  diagnostics: () => house.diagnostics,
  open_run_folder: () => null,
  login_item: () => ({ enabled: login, note: null }),
  set_login_item: ({ enabled }) => ({ enabled: (login = enabled), note: null }),
  open_window: () => null,
  hide_popover: () => null,
  quit: () => null,
  about: () => ({ version: "0.1.0", codex: "0.169.0", state_dir: "/Users/ann/Library/Application Support/codex-bridge", config_path: "/Users/ann/Library/Application Support/codex-bridge/config.toml" }),
};

/** A thousand events a second, in batches, until nobody listens. */
function stream(watch: number, id: string, cursor: number, channel: Heard): void {
  let seq = cursor;
  const timer = setInterval(() => {
    if (ended.has(watch)) return clearInterval(timer);
    const batch: RunBatch = { run: { ...find(id), activity: `part ${seq}` }, live: null, events: flood(seq, 50), next_cursor: seq + 50, is_final: false };
    seq += 50;
    channel.onmessage(batch);
  }, 50);
}

/** A message that grows, and comes whole at its end. */
function write(watch: number, id: string, cursor: number, channel: Heard): void {
  const text = "The test is flaky because **two rankings tie**.\n\n1. `rank` sorts by score alone.\n2. Equal scores keep the order of a `HashMap`, which differs from run to run.\n\nA second key would settle it.";
  let size = 0;
  const timer = setInterval(() => {
    if (ended.has(watch)) return clearInterval(timer);
    size += 12;
    const whole = size >= text.length + 240;
    const live: RunBatch["live"] = whole ? null : { item: "msg_1", kind: "message", left_out: 0, text: text.slice(0, size) };
    const events: RunBatch["events"] = whole ? [{ seq: cursor + 1, at: new Date().toISOString(), kind: "message", text }] : [];
    if (whole) clearInterval(timer);
    channel.onmessage({ run: { ...find(id), activity: "writing: …" }, live, events, next_cursor: cursor + events.length, is_final: false });
  }, 50);
}

mockWindows(query.get("window") ?? "main");
mockIPC(
  async (command, payload) => {
    const { args, channel } = (payload ?? {}) as { args?: Args; channel?: Heard };
    if (!command.startsWith("plugin:")) calls.push({ command, args });
    const handle = commands[command];
    if (!handle) return null;
    return handle((args ?? {}) as Args, channel ?? { onmessage: () => undefined });
  },
  { shouldMockEvents: true },
);
Object.assign(window, { mock: { calls, emit, unwatched: ended } });
