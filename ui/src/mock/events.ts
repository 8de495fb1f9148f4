/** Made-up events and differences. */

import type { ChangesPage, FilePatch, Obstacles, RunEvent } from "../lib/types";
import { ago, cart, live, review } from "./runs";

type Body = Omit<RunEvent, "seq" | "at">;

function told(began: number, bodies: Body[]): RunEvent[] {
  return bodies.map((body, i) => ({ seq: i + 1, at: ago(began - i * 0.2), ...body }));
}

const command = (id: string, line: string, output: string, exit_code: number): Body[] => [
  { kind: "command", item_id: id, phase: "started", command: line },
  { kind: "command", item_id: id, phase: "completed", status: exit_code === 0 ? "completed" : "failed", command: line, output, exit_code },
];

const CART: Body[] = [
  { kind: "state", state: "running" },
  { kind: "thread_started", thread_id: "01a20356-e3eb-7f92-962b-08a749c63f25" },
  { kind: "turn_started" },
  { kind: "notice", about: "decided", text: "The task may write, so it works in a copy of the repository, made from 4be01f2." },
  { kind: "reasoning", text: "**Looking for where the total is made**\n\nThe receipt adds cents; the cart probably adds rounded lines." },
  ...command("item_1", "bash -lc 'rg -n \"fn total\" src'", "src/cart.rs:31:    pub fn total(&self) -> Money {\nsrc/receipt.rs:18:    fn total(&self) -> Money {", 0),
  { kind: "message", text: "`Cart::total` rounds every line, `Receipt::total` rounds once. That explains a cent or two. I write the failing test first." },
  { kind: "plan", steps: [{ text: "Write the failing test", done: true }, { text: "Add in cents, round once", done: true }, { text: "Run all tests", done: true }] },
  { kind: "file_change", item_id: "item_2", phase: "completed", status: "completed", changes: [{ path: "tests/cart.rs", kind: "update" }] },
  ...command("item_3", "bash -lc 'cargo test --test cart'", "running 7 tests\ntest many_lines_round_once ... FAILED\n\nassertion failed: `(left == right)`\n  left: Money(1999)\n right: Money(2001)\n\ntest result: FAILED. 6 passed; 1 failed", 101),
  { kind: "file_change", item_id: "item_4", phase: "completed", status: "completed", changes: [{ path: "src/cart.rs", kind: "update" }, { path: "src/checkout.rs", kind: "update" }] },
  ...command("item_5", "bash -lc 'cargo test'", "running 48 tests\n................................................\ntest result: ok. 48 passed; 0 failed", 0),
  { kind: "warning", text: "The shipping key was in config/shipping.toml in plain text; it is [redacted:stripe-key] there." },
  { kind: "notice", about: "cut", text: "The output of one command was longer than is kept; its middle is missing." },
  { kind: "stderr", text: "WARN codex_core: retrying after a dropped connection" },
  { kind: "message", text: cart.message ?? "" },
  { kind: "turn_completed", usage: { input_tokens: 184_220, cached_input_tokens: 141_300, output_tokens: 6_480, reasoning_tokens: 3_100 } },
  { kind: "state", state: "succeeded" },
];

const LIVE: Body[] = [
  { kind: "state", state: "running" },
  { kind: "turn_started" },
  { kind: "reasoning", text: "**Reading the test before guessing**" },
  ...command("item_1", "bash -lc 'sed -n 1,120p tests/search.rs'", "use search::Index;\n\n#[test]\nfn ranks_newer_first() {\n    …", 0),
  { kind: "message", text: "The test compares two documents **made in the same millisecond**, and the ranking falls back to the order of a `HashMap`. That would fail about as often as it does.\n\nI run it two hundred times to be sure." },
  { kind: "plan", steps: [{ text: "Read the test and the ranking", done: true }, { text: "Run it until it fails", done: false }, { text: "Name the cause", done: false }] },
  { kind: "web_search", phase: "completed", query: "rust HashMap iteration order deterministic tests" },
  { kind: "tool_call", phase: "completed", status: "completed", server: "github", tool: "search_issues" },
  { kind: "command", item_id: "item_2", phase: "started", command: "bash -lc 'cargo test search::ranking -- --test-threads 1'" },
  { kind: "command", item_id: "item_2", phase: "updated", command: "bash -lc 'cargo test search::ranking -- --test-threads 1'", output: "running 1 test\n" },
];

const REVIEW: Body[] = [
  { kind: "state", state: "running" },
  { kind: "turn_started" },
  ...command("item_1", "bash -lc 'git diff 4be01f2 --stat'", " 14 files changed, 412 insertions(+), 96 deletions(-)", 0),
  { kind: "reasoning", text: "Looking at how stock is reserved" },
  { kind: "message", text: review.message ?? "" },
  { kind: "turn_completed", usage: { input_tokens: 92_000, cached_input_tokens: 60_000, output_tokens: 3_000, reasoning_tokens: 1_900 } },
];

const EVENTS: Record<string, RunEvent[]> = {
  [cart.run_id]: told(48, CART),
  [live.run_id]: told(4.3, LIVE),
  [review.run_id]: told(131, REVIEW),
};

export function eventsOf(runId: string): RunEvent[] {
  return (EVENTS[runId] ??= told(20, [{ kind: "state", state: "running" }, { kind: "turn_started" }, { kind: "message", text: "On it." }]));
}

/** Very many events. */
export function flood(from: number, count: number): RunEvent[] {
  return Array.from({ length: count }, (_, i) => {
    const seq = from + i + 1;
    const at = ago(4);
    if (seq % 10 === 0) return { seq, at, kind: "message", text: `Looked at **${seq}** things so far, in \`src/part_${seq}.rs\`.` };
    const done = { phase: "completed", status: "completed", exit_code: seq % 7 === 0 ? 1 : 0 };
    return { seq, at, kind: "command", item_id: `flood_${seq}`, command: `bash -lc 'rg -n "part ${seq}" src'`, output: `src/part_${seq}.rs:1`, ...done };
  });
}

const PATCHES: FilePatch[] = [
  file("src/cart.rs", "modified", 9, 6, `@@ -28,15 +28,18 @@ impl Cart {
     /// What all lines cost together.
     pub fn total(&self) -> Money {
-        let mut total = Money::ZERO;
-        for line in &self.lines {
-            // Rounds each line.
-            total = total + line.price().rounded();
-        }
-        total
+        // Adds in cents and rounds once, as the receipt does.
+        let cents: u64 = self.lines.iter().map(Line::cents).sum();
+        Money::from_cents(cents)
     }
 
     /// How many things are in the cart.
     pub fn count(&self) -> usize {
         self.lines.iter().map(|line| line.count).sum()
     }
+
+    /// Whether nothing is in the cart.
+    pub fn is_empty(&self) -> bool {
+        self.lines.is_empty()
+    }
 }
`),
  file("src/checkout.rs", "modified", 3, 4, `@@ -5,11 +5,10 @@ use crate::shipping::Client;
 const TIMEOUT: Duration = Duration::from_secs(10);
 
 pub fn shipping() -> Result<Client, Error> {
-    let key = "[redacted:stripe-key]";
-    let client = Client::new(key).timeout(TIMEOUT);
-    client.check()?;
-    Ok(client)
+    // The key comes from the environment now.
+    let key = env::var("SHIPPING_KEY").map_err(Error::NoKey)?;
+    Client::new(&key).timeout(TIMEOUT).checked()
 }
 
 #[cfg(test)]
`),
  file("tests/cart.rs", "modified", 24, 1, `@@ -61,2 +61,25 @@ fn an_empty_cart_costs_nothing() {
     assert_eq!(Cart::default().total(), Money::ZERO);
-}
+}
+
+#[test]
+fn many_lines_round_once() {
+    let cart: Cart = (0..1_000).map(|_| Line::new("pin", 0.335, 3)).collect();
+    assert_eq!(cart.total(), Money::from_cents(100_500));
+}
`),
  file("docs/rounding.md", "added", 1, 0, `@@ -0,0 +1 @@
+Totals are added in cents and rounded once.
`),
];

function file(path: string, change: string, lines_added: number, lines_removed: number, patch: string): FilePatch {
  return { path, change, binary: false, lines_added, lines_removed, patch, patch_offset: 0, patch_bytes: patch.length, patch_cut: false };
}

export function changesOf(args: { path?: string; patches?: boolean; check_apply?: boolean }, conflicts: boolean): ChangesPage {
  const files = PATCHES.filter((one) => args.path === undefined || one.path === args.path);
  const apply: Obstacles = conflicts
    ? { possible: false, head_moved: true, conflicts: [{ path: "src/cart.rs", reason: "changed_meanwhile", hunks: [{ before: "28-35", after: "28-33", fate: "overlaps" }] }], conflicts_more: 0 }
    : { possible: true, head_moved: false, conflicts: [], conflicts_more: 0 };
  return {
    run_id: cart.run_id, diff_hash: cart.changes?.diff_hash ?? "", total_files: PATCHES.length, lines_added: 37, lines_removed: 11,
    files: args.patches === false ? files.map((one) => ({ ...one, patch: "" })) : files,
    next_cursor: null, workspace: cart.workspace, head: "4be01f2", hidden: true,
    left_out: [{ path: "target/", why: "ignored" }, { path: "node_modules/", why: "ignored" }], left_out_more: 0,
    ...(args.check_apply && { apply }),
  };
}
