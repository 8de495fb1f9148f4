import { expect, test } from "vitest";

import { toError } from "./api";
import { age, bytes, count, duration, elapsed, tilde } from "./format";
import { grouped } from "./groups";
import { coloured } from "./highlight";
import { markdown } from "./markdown";
import type { RunSummary } from "./types";

test("Markdown brings no scripts, no pictures, no frames and no strange links", () => {
  const check = (text: string, never: RegExp) => expect(markdown(text)).not.toMatch(never);
  check("<script>alert(1)</script>", /script/i);
  check("![x](https://evil.example/x.png)", /<img/i);
  check('<img src=x onerror="alert(1)">', /img|onerror/i);
  check("[x](javascript:alert(1))", /javascript/i);
  check("[x](file:///etc/passwd)", /href/i);
  check('<iframe src="https://evil.example"></iframe>', /iframe/i);
  check('<p style="position:fixed">x</p>', /style/i);
  check('<form action="https://evil.example"><button>x</button></form>', /form|<button/i);
  check('<svg><a xlink:href="javascript:alert(1)">x</a></svg>', /svg|javascript/i);
});

test("a plain line is what it would be if it were parsed", () => {
  for (const text of ["Looked at 12 things, so far.", "Don't (ever) do that; why? 50% off!", "Größe 10 stimmt nicht"]) {
    expect(markdown(text)).toBe(markdown(`${text}\n`).trim());
  }
  expect(markdown("Look at www.example.org now")).toContain("<a ");
  expect(markdown("See https://example.org")).toContain("<a ");
});

test("Markdown keeps what it is for", () => {
  expect(markdown("**a** `b`\n\n- c\n\n[d](https://e.example)")).toContain('<a href="https://e.example">d</a>');
  expect(markdown("key [redacted:openai-key] gone")).toContain('<mark class="secret">openai-key</mark>');
});

test("code is escaped, coloured, and shows its secrets as marks", () => {
  expect(coloured("let a = \"<b>\";", "rust")).toContain("&lt;b&gt;");
  expect(coloured("let a = 1;", "rust")).toContain("hljs-keyword");
  expect(coloured('k = "[redacted:aws-key]"', null)).toBe('k = &quot;<mark class="secret">aws-key</mark>&quot;');
  expect(coloured("<img src=x onerror=alert(1)>", null)).not.toContain("<img");
});

test("times and sizes are short", () => {
  expect([duration(420), duration(42_000), duration(185_000), duration(7_800_000)]).toEqual(["0.4 s", "42 s", "3 min 05 s", "2 h 10 min"]);
  expect([elapsed(5_000), elapsed(125_000), elapsed(3_725_000)]).toEqual(["5s", "2m 05s", "1h 02m"]);
  expect([count(950), count(6_480), count(184_220), count(1_200_000)]).toEqual(["950", "6.5k", "184k", "1.2M"]);
  expect([bytes(12), bytes(3_400)]).toEqual(["12 bytes", "3.4 KB"]);
  expect(age("2026-11-22T14:00:00Z", Date.parse("2026-11-22T14:05:30Z"))).toBe("5 min");
});

test("the home folder is a tilde", () => {
  expect(["/Users/ann/code", "/home/bob", "/srv/x", "/Users"].map(tilde)).toEqual(["~/code", "~", "/srv/x", "/Users"]);
});

test("runs are grouped by what they need and when they ended", () => {
  const now = Date.parse("2026-11-22T14:00:00");
  const run = (run_id: string, state: RunSummary["state"], ended?: string): RunSummary => ({
    run_id, state, is_final: ended !== undefined, title: run_id, kind: "task", working_dir: "/w", client: "cli",
    created_at: "2026-11-20T10:00:00", ...(ended && { ended_at: ended }),
  });
  const rows = grouped([run("a", "succeeded", "2026-11-21T10:00:00"), run("b", "running"), run("c", "waiting"), run("d", "failed", "2026-11-22T09:00:00")], now);
  expect(rows.map((row) => (row.kind === "head" ? row.title : row.run.run_id))).toEqual(["Needs you", "c", "Running", "b", "Today", "d", "Earlier", "a"]);
});

test("whatever is thrown becomes an error that can be shown", () => {
  expect(toError({ code: "outside_roots", message: "m", hint: "h" })).toEqual({ code: "outside_roots", message: "m", hint: "h" });
  expect(toError(new Error("boom"))).toMatchObject({ code: "internal", message: "boom" });
  expect(toError("text")).toMatchObject({ code: "internal", message: "text" });
});
