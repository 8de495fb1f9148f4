/** Made-up runs. */

import type { Code, Finding, Run, RunState, RunSummary } from "../lib/types";

/** The moment that everything is told from; the tests set the clock to it. */
export const NOW = Date.parse("2026-11-22T14:32:00Z");
export const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

const HOME = "/Users/ann";

type Told = {
  id: string;
  title: string;
  state: RunState;
  began: number;
  took?: number;
  folder?: string;
  client?: string;
  kind?: Run["kind"];
  activity?: string;
  prompt?: string;
  message?: string;
};

const FINAL: readonly RunState[] = ["succeeded", "failed", "cancelled", "timed_out", "lost"];

export function run(told: Told): Run {
  const isFinal = FINAL.includes(told.state);
  const folder = `${HOME}/${told.folder ?? "code/shop"}`;
  const took = told.took ?? 3;
  const message = told.message ?? null;
  const started = told.state === "queued" ? null : ago(told.began - 0.02);
  return {
    run_id: told.id,
    state: told.state,
    is_final: isFinal,
    title: told.title,
    kind: told.kind ?? "task",
    working_dir: folder,
    workspace: { mode: "in_place", path: folder, carried: false },
    client: { name: told.client ?? "claude-ai", version: "1.17.0" },
    created_at: ago(told.began),
    started_at: started,
    ended_at: isFinal ? ago(told.began - took) : null,
    duration_ms: started === null ? null : isFinal ? took * 60_000 : told.began * 60_000,
    activity: told.activity ?? null,
    message,
    message_offset: 0,
    message_bytes: message?.length ?? 0,
    message_truncated: false,
    message_next_offset: null,
    message_left_out: 0,
    usage: isFinal && told.state !== "lost" ? { input_tokens: 184_220, cached_input_tokens: 141_300, output_tokens: 6_480, reasoning_tokens: 3_100 } : null,
    changes: null,
    review: null,
    requested: { sandbox: "read-only", network: false, web_search: false, timeout_s: 3600, persist: true, images: 0, output_schema: false },
    applied: isFinal ? { model: "gpt-6.1-sol", effort: "medium", sandbox: "read-only", network: false, working_dir: folder } : {},
    checks: isFinal
      ? { model: "confirmed", effort: "confirmed", sandbox: "confirmed", network: "confirmed", working_dir: "confirmed" }
      : { model: "unconfirmed", effort: "unconfirmed", sandbox: "unconfirmed", network: "unconfirmed", working_dir: "unconfirmed" },
    error: null,
    cancelled_by: told.state === "cancelled" ? "person" : null,
    time_limit: told.state === "timed_out" ? "silence" : null,
    exit: isFinal && told.state === "succeeded" ? { code: 0 } : null,
    codex: told.state === "queued" ? null : { path: "/opt/homebrew/bin/codex", version: "0.169.0" },
    question: null,
    driver: told.state === "queued" ? null : "app_server",
    thread_id: started === null ? null : "01a20356-e3eb-7f92-962b-08a749c63f25",
    continues: null,
    request_id: null,
    prompt: told.prompt ?? `${told.title}.`,
    prompt_left_out: 0,
    events: { recorded: 0, bytes: 0, left_out: 0 },
    resources: { run: `codex://runs/${told.id}`, events: `codex://runs/${told.id}/events`, message: `codex://runs/${told.id}/message` },
  };
}

const ANSWER = `The cart's total was wrong because \`Cart::total\` rounded **each line** before adding them up. It now adds in cents and rounds once, at the end.

1. \`src/cart.rs\`: sums in \`u64\` cents; \`Money::from_cents\` rounds.
2. \`src/checkout.rs\`: takes the shipping key from the environment instead of the file.
3. \`tests/cart.rs\`: the case from the ticket, and one with 1,000 lines.

\`\`\`rust
let cents: u64 = self.lines.iter().map(Line::cents).sum();
Money::from_cents(cents)
\`\`\`

All 48 tests pass. One thing to decide: orders from before today keep the old total, see [the ticket](https://tickets.example/812).`;

export const cart: Run = {
  ...run({
    id: "run_01kc8q4t5m2x9abcde",
    title: "Mend the rounding of the cart's total",
    state: "succeeded",
    began: 48,
    took: 6.4,
    client: "claude-ai",
    prompt: "The total of a cart differs from the sum on the receipt by a cent or two (ticket 812). Find out why, mend it, and add a test that fails without the change. Don't touch how prices are shown.",
    message: ANSWER,
  }),
  workspace: { mode: "worktree", path: `${HOME}/Library/Application Support/codex-bridge/worktrees/run_01kc8q4t`, base_commit: "4be01f2", carried: false },
  requested: { sandbox: "workspace-write", network: false, web_search: false, model: "gpt-6.1-sol", timeout_s: 3600, persist: true, images: 0, output_schema: false },
  applied: { model: "gpt-6.1-sol", effort: "medium", sandbox: "workspace-write", network: false, working_dir: `${HOME}/Library/Application Support/codex-bridge/worktrees/run_01kc8q4t` },
  changes: {
    diff_hash: "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e", files: 4, lines_added: 37, lines_removed: 11, left_out: 2, dirty_before: 0,
    first: [{ path: "src/cart.rs", change: "modified", lines_added: 9, lines_removed: 6 }],
  },
  events: { recorded: 21, bytes: 18_300, left_out: 0 },
};

const findings: Finding[] = [
  {
    severity: "high", title: "Two checkouts at once can both take the last item", file: "src/checkout.rs", start_line: 88, end_line: 97, place: "verified", in_change: true, confidence: 0.92, reports: 2,
    body: "`reserve` reads the stock, checks it and writes it back in **three statements without a transaction**. Two requests that overlap both see `stock = 1`.\n\nIt shows under load only; the new test runs one checkout at a time.",
    suggested_fix: "let taken = sqlx::query(\n    \"UPDATE items SET stock = stock - ?1 WHERE id = ?2 AND stock >= ?1\",\n)\n.bind(count)\n.bind(item)\n.execute(&mut *tx)\n.await?;\nif taken.rows_affected() == 0 {\n    return Err(Error::SoldOut { item });\n}",
  },
  {
    severity: "medium", title: "The receipt is sent before the payment is final", file: "src/mail/receipt.rs", start_line: 41, end_line: 41, place: "moved", place_note: "the reviewer gave line 141, which the file has not", in_change: true, confidence: 0.74, reports: 1,
    body: "`send_receipt` runs in `on_authorized`. An authorisation can still be declined; the customer then has a receipt for nothing.",
  },
  {
    severity: "low", title: "`Total` could derive `Copy`", file: "src/total.rs", start_line: 3, end_line: 9, place: "verified", in_change: false, confidence: 0.6, reports: 1,
    body: "It is two words, and each caller clones it.",
  },
];

export const reviewCode: Code[] = [
  {
    finding: 0, start_line: 86,
    text: "/// Takes items out of the stock, if there are enough.\nasync fn reserve(tx: &mut Conn, item: ItemId, count: u32) -> Result<(), Error> {\n    let stock: u32 = sqlx::query_scalar(\"SELECT stock FROM items WHERE id = ?1\")\n        .bind(item)\n        .fetch_one(&mut *tx)\n        .await?;\n    if stock < count {\n        return Err(Error::SoldOut { item });\n    }\n    sqlx::query(\"UPDATE items SET stock = ?1 WHERE id = ?2\")\n        .bind(stock - count).bind(item).execute(&mut *tx).await?;\n    Ok(())\n}\n",
  },
  { finding: 1, start_line: 39, text: "    async fn on_authorized(&self, payment: &Payment) -> Result<(), Error> {\n        self.orders.mark_paid(payment.order).await?;\n        self.send_receipt(payment).await\n    }\n}\n" },
];

export const review: Run = {
  ...run({ id: "run_01kc8p1h7v4k2bcdef", title: "Review of checkout-v2 against main", state: "succeeded", began: 131, took: 4.1, kind: "review", client: "claude-code", message: "Three findings, one of them serious." }),
  review: {
    verdict: "needs_work", explanation: "The change does what it says, but the last item of a stock can be sold twice.", confidence: 0.86, subject: "what checkout-v2 has and main has not",
    before: "4be01f2", findings_total: 3, findings, findings_offset: 0, findings_next_offset: null,
    coverage: { files: 14, covered: 13, complete: false, parts: [{ files: 13, result: "reviewed" }], uncovered: [{ file: "assets/hero.png", why: "binary" }] },
  },
  events: { recorded: 9, bytes: 5_200, left_out: 0 },
};

export const live: Run = {
  ...run({
    id: "run_01kc8r9w3n6y7cdefg", title: "Find out why the search test is flaky", state: "running", began: 4.3, folder: "code/search", client: "claude-code", activity: "cargo test search::ranking -- --test-threads 1",
    prompt: "tests/search.rs fails about once in twenty runs on CI. Find out why. Change nothing yet.",
  }),
  events: { recorded: 12, bytes: 7_000, left_out: 0 },
};
export const second: Run = {
  ...run({ id: "run_01kc8r2b8d1z3defgh", title: "Write the migration guide for 2.0", state: "running", began: 11.6, folder: "code/handbook", client: "cursor-vscode", activity: "Reading docs/upgrade.md" }),
  events: { recorded: 3, bytes: 900, left_out: 0 },
};
export const waiting: Run = {
  ...run({ id: "run_01kc8qzz4f5a6efghj", title: "Update the dependencies of the app", state: "waiting", began: 17, folder: "code/app", client: "claude-ai", activity: "asks: /bin/bash -lc 'npm install'" }),
  question: {
    number: 1, kind: "command", subject: "/bin/bash -lc 'npm install'", folder: `${HOME}/code/app`, reason: "The lock file has to be made anew, which needs the network.",
    sandbox: "workspace-write", asked_at: ago(1), expires_at: ago(-9),
  },
  events: { recorded: 3, bytes: 900, left_out: 0 },
};
export const queued: Run = run({ id: "run_01kc8rq17g8b9fghjk", title: "Translate the error messages", state: "queued", began: 0.7, client: "opencode" });
export const failed: Run = {
  ...run({ id: "run_01kc8nd5k2c4dghjkm", title: "Bench the new index", state: "failed", began: 212, took: 1.2, folder: "code/search", client: "cli" }),
  error: { code: "usage_limit", message: "the account's usage limit is reached until 16:00", hint: "Wait until 16:00, or use an API key." },
  events: { recorded: 4, bytes: 1_100, left_out: 0 },
};

const EARLIER: Told[] = [
  { id: "run_01kc8m3s6e7fahjkmn", title: "Second opinion on the cache design", state: "succeeded", began: 261, took: 2.2, client: "claude-ai", folder: "notes" },
  { id: "run_01kc8k8x9h1gbjkmnp", title: "Rename Basket to Cart everywhere", state: "cancelled", began: 322, took: 0.8, client: "app" },
  { id: "run_01kc5e4t2j3hckmnpq", title: "Explain how releases are built", state: "succeeded", began: 1500, took: 1.6, client: "claude-code", folder: "code/app" },
  { id: "run_01kc5d1v5k6jdmnpqr", title: "Review of the uncommitted changes", state: "succeeded", began: 1720, took: 3.4, kind: "review", client: "claude-code" },
  { id: "run_01kc2b7w8m9kenpqrs", title: "Port the importer to async", state: "timed_out", began: 3010, took: 60, folder: "code/importer" },
  { id: "run_01kbzz3y1n2mfpqrst", title: "Find the leak in the worker", state: "lost", began: 4620, took: 14, folder: "code/worker", client: "cursor-vscode" },
  { id: "run_01kbx94z4p5ngqrstv", title: "Write tests for the tax rules", state: "succeeded", began: 7600, took: 8.9 },
  { id: "run_01kbs621a7q8phrstvw", title: "Draft the changelog of 1.9", state: "succeeded", began: 14_900, took: 1.1, folder: "code/handbook" },
];

export const all: Run[] = [queued, live, second, waiting, cart, review, failed, ...EARLIER.map((told) => run(told))];

export function summary(of: Run): RunSummary {
  const { run_id, state, is_final, title, kind, working_dir, created_at } = of;
  return {
    run_id, state, is_final, title, kind, working_dir, client: of.client.name, created_at,
    ...(of.ended_at && { ended_at: of.ended_at }),
    ...(of.duration_ms !== null && { duration_ms: of.duration_ms }),
    ...(of.activity && { activity: of.activity }),
    ...(of.error && { error: of.error }),
  };
}

const VERBS = ["Mend", "Review", "Explain", "Port", "Test", "Bench", "Draft", "Rename"];
const THINGS = ["the parser", "the importer", "the cart", "the search index", "the release notes", "the login page"];

/** Very many runs, newest first. */
export function many(count: number): Run[] {
  return Array.from({ length: count }, (_, i) =>
    run({
      id: `run_01${String(count - i).padStart(8, "0")}`,
      title: `${VERBS[i % 8]} ${THINGS[i % 6]} (${count - i})`,
      state: (["succeeded", "succeeded", "failed", "succeeded", "cancelled"] as const)[i % 5] ?? "succeeded",
      began: 5 + i * 7,
      took: 2,
      client: ["claude-ai", "claude-code", "cli"][i % 3] ?? "cli",
      folder: ["code/shop", "code/search", "code/app"][i % 3] ?? "code/shop",
    }),
  );
}
