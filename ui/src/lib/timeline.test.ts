import { describe, expect, test } from "vitest";

import { EMPTY, fold, prepend, RING } from "./timeline";
import type { RunEvent } from "./types";

const at = "2026-11-22T14:00:00.000Z";
const event = (seq: number, body: Omit<RunEvent, "seq" | "at">): RunEvent => ({ seq, at, ...body });
const command = (seq: number, phase: string, more: Partial<RunEvent> = {}) =>
  event(seq, { kind: "command", item_id: "item_1", phase, command: "ls", ...more });

describe("a timeline", () => {
  test("has one entry for all events about a command, also over batches", () => {
    let line = fold(EMPTY, [command(1, "started")]);
    line = fold(line, [command(2, "updated", { output: "a" }), command(3, "completed", { output: "ab", exit_code: 0 })]);
    expect(line.items).toHaveLength(1);
    expect(line.items[0]).toMatchObject({ seq: 1, kind: "command", output: "ab", exit: 0, running: false });
  });

  test("passes over events that it has", () => {
    const line = fold(EMPTY, [event(1, { kind: "message", text: "a" })]);
    expect(fold(line, [event(1, { kind: "message", text: "a" })]).items).toHaveLength(1);
  });

  test("keeps the plan in its place and up to date", () => {
    const plan = (seq: number, done: boolean) => event(seq, { kind: "plan", steps: [{ text: "Read", done }] });
    const line = fold(EMPTY, [plan(1, false), event(2, { kind: "message", text: "x" }), plan(3, true)]);
    expect(line.items.map((item) => item.kind)).toEqual(["plan", "message"]);
    expect(line.items[0]).toMatchObject({ steps: [{ text: "Read", done: true }] });
  });

  test("forgets its oldest entries instead of growing for ever", () => {
    const many = Array.from({ length: RING + 50 }, (_, i) => event(i + 1, { kind: "message", text: String(i) }));
    const line = fold(EMPTY, many);
    expect(line.items).toHaveLength(RING);
    expect(line.items[0]?.seq).toBe(51);
  });

  test("shows kinds that nobody knows yet", () => {
    const line = fold(EMPTY, [event(1, { kind: "unknown", codex_kind: "item.new", raw: "{}" })]);
    expect(line.items[0]).toMatchObject({ kind: "unknown", name: "item.new", raw: "{}" });
  });

  test("takes earlier events in front", () => {
    const line = fold(EMPTY, [event(5, { kind: "message", text: "later" })]);
    const both = prepend(line, [event(4, { kind: "message", text: "before" })]);
    expect(both.items.map((item) => item.seq)).toEqual([4, 5]);
    expect(both.last).toBe(5);
  });

  test("joins lines of error output", () => {
    const line = fold(EMPTY, [event(1, { kind: "stderr", text: "a" }), event(2, { kind: "stderr", text: "b" })]);
    expect(line.items).toMatchObject([{ kind: "lines", text: "a\nb" }]);
  });
});
