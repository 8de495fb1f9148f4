import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Run, RunBatch, RunEvent, Status } from "../lib/types";
import { live, run, summary } from "../mock/runs";
import { placeOf } from "./router.svelte";
import { RunState } from "./run.svelte";
import { RunsState } from "./runs.svelte";

type Call = { command: string; args: unknown };
let calls: Call[] = [];

function answer(commands: Record<string, (args: Record<string, unknown>, channel: { onmessage: (news: unknown) => void }) => unknown>) {
  calls = [];
  mockIPC((command, payload) => {
    const { args, channel } = payload as { args?: Record<string, unknown>; channel?: { onmessage: (news: unknown) => void } };
    calls.push({ command, args });
    return commands[command]?.(args ?? {}, channel ?? { onmessage: () => undefined }) ?? null;
  });
}
const called = (command: string) => calls.filter((call) => call.command === command);
const event = (seq: number): RunEvent => ({ seq, at: "2026-11-22T14:00:00Z", kind: "message", text: String(seq) });

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  for (const state of all.splice(0)) state.close();
  vi.useRealTimers();
});

const all: RunState[] = [];
function opened(id: string): RunState {
  const state = new RunState(id);
  all.push(state);
  return state;
}

function watched(of: Run, recorded = 0) {
  let heard: ((batch: RunBatch) => void) | undefined;
  answer({
    get_run: () => ({ ...of, events: { recorded, bytes: 0, left_out: 0 } }),
    get_run_updates: ({ cursor }) => ({ events: [event(Number(cursor) + 1)], next_cursor: Number(cursor) + 1, more: false }),
    watch_run: (_, channel) => {
      heard = (batch) => channel.onmessage(batch);
      return { watch: 7 };
    },
  });
  return { tell: (events: RunEvent[], news: Partial<RunBatch> = {}) => heard?.({ run: of, live: null, events, next_cursor: 0, is_final: false, ...news }) };
}

test("an opened run reads its end and is watched from there on", async () => {
  const source = watched(live, 5000);
  const state = opened(live.run_id);
  await state.open();
  expect(state.from).toBe(4800);
  expect(called("watch_run")[0]?.args).toEqual({ run_id: live.run_id, cursor: 4801 });
  source.tell([event(4801), event(4802)]);
  await vi.advanceTimersByTimeAsync(100);
  expect(state.timeline.items.map((item) => item.seq)).toEqual([4801, 4802]);
});

test("batches are painted at most ten times a second", async () => {
  const source = watched(live);
  const state = opened(live.run_id);
  await state.open();
  let painted = 0;
  let before = state.timeline;
  for (let ms = 0; ms < 1000; ms += 10) {
    source.tell([event(ms + 2)]);
    await vi.advanceTimersByTimeAsync(10);
    if (state.timeline !== before) painted += 1;
    before = state.timeline;
  }
  // The first one at once.
  expect(painted).toBeLessThanOrEqual(11);
  expect(painted).toBeGreaterThan(5);
});

test("what is being written is shown at once, and no more when it came whole", async () => {
  const source = watched(live);
  const state = opened(live.run_id);
  await state.open();
  const writes = (text: string) => ({ live: { item: "msg_1", kind: "message" as const, left_out: 0, text } });
  source.tell([], writes("One"));
  await vi.advanceTimersByTimeAsync(1);
  expect(state.live?.text).toBe("One");
  source.tell([], writes("One two"));
  source.tell([], writes("One two three"));
  await vi.advanceTimersByTimeAsync(100);
  expect(state.live?.text).toBe("One two three");
  source.tell([event(9)]);
  await vi.advanceTimersByTimeAsync(100);
  expect(state.live).toBeNull();
  expect(state.timeline.items.map((item) => item.seq)).toEqual([1, 9]);
});

test("a closed run is watched no longer and hears nothing", async () => {
  const source = watched(live);
  const state = opened(live.run_id);
  await state.open();
  await vi.advanceTimersByTimeAsync(0);
  state.close();
  expect(called("unwatch")[0]?.args).toEqual({ watch: 7 });
  source.tell([event(9)]);
  await vi.advanceTimersByTimeAsync(200);
  expect(state.timeline.items.map((item) => item.seq)).toEqual([1]);
});

function hide(hidden: boolean) {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

test("a hidden page is told nothing, and goes on where it was", async () => {
  const source = watched(live);
  const state = opened(live.run_id);
  await state.open();
  await vi.advanceTimersByTimeAsync(0);
  source.tell([event(2)], { next_cursor: 2 });
  const old = source.tell;
  hide(true);
  expect(called("unwatch")[0]?.args).toEqual({ watch: 7 });
  old([event(99)], { next_cursor: 99 });
  hide(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(called("watch_run").map((call) => call.args)).toEqual([{ run_id: live.run_id, cursor: 1 }, { run_id: live.run_id, cursor: 2 }]);
  expect(state.timeline.items.map((item) => item.seq)).toEqual([1, 2]);
});

test("batches that nobody has time to paint do not pile up", async () => {
  const source = watched(live);
  const state = opened(live.run_id);
  await state.open();
  for (let seq = 2; seq <= 60; seq++) source.tell([event(seq)]);
  expect(state.timeline.items.length).toBe(51);
});

test("a run that is over is not watched", async () => {
  watched(run({ id: "run_1", title: "x", state: "succeeded", began: 9 }));
  const state = opened("run_1");
  await state.open();
  expect(called("watch_run")).toEqual([]);
});

test("an unknown run is an error to show", async () => {
  answer({ get_run: () => Promise.reject({ code: "unknown_run", message: "m", hint: "h" }) });
  const state = opened("run_x");
  await state.open();
  expect(state.error?.code).toBe("unknown_run");
});

const some = (id: string, began: number) => summary(run({ id, title: id, state: "succeeded", began, took: 1 }));
const told = (news: Partial<Status>): Status => ({ paused: false, waiting: [], running: [], queued: 0, recent: [], health: { level: "ok", text: "", page: null }, ...news });

test("a status brings a new run into the list and takes news to old ones", async () => {
  answer({ list_runs: () => ({ runs: [some("run_b", 9), some("run_a", 20)], next_cursor: null }) });
  const state = new RunsState();
  await state.load();
  state.hear(told({ running: [summary(run({ id: "run_c", title: "c", state: "running", began: 1 }))], recent: [{ ...some("run_a", 20), title: "news" }] }));
  expect(state.runs.map((entry) => entry.run_id)).toEqual(["run_c", "run_b", "run_a"]);
  expect(state.runs[2]?.title).toBe("news");
});

test("with a filter nothing comes in that was not asked for", async () => {
  answer({ list_runs: () => ({ runs: [some("run_a", 20)], next_cursor: null }) });
  const state = new RunsState();
  state.filter({ text: "a" }, 0);
  await vi.advanceTimersByTimeAsync(1);
  expect(called("list_runs")[0]?.args).toEqual({ limit: 100, text: "a" });
  state.hear(told({ recent: [some("run_z", 1)] }));
  expect(state.runs.map((entry) => entry.run_id)).toEqual(["run_a"]);
});

test("the next page is asked for once", async () => {
  answer({ list_runs: ({ cursor }) => ({ runs: [some(`run_${cursor ?? 0}`, 9)], next_cursor: cursor ? null : 1 }) });
  const state = new RunsState();
  await state.load();
  await Promise.all([state.loadMore(), state.loadMore()]);
  expect(state.runs.map((entry) => entry.run_id)).toEqual(["run_0", "run_1"]);
  expect(called("list_runs")).toHaveLength(2);
  expect(state.more).toBe(false);
});

test("an address that can't be read leads to the runs", () => {
  expect(placeOf("#/runs/tmp_01abc").run).toBe("tmp_01abc");
  expect(placeOf("#/runs/run_01abc/changes")).toEqual({ page: "runs", run: "run_01abc", tab: "changes" });
  expect(placeOf("#/nowhere")).toEqual({ page: "runs", run: null, tab: "timeline" });
  expect(placeOf("#/runs/../../etc")).toEqual({ page: "runs", run: null, tab: "timeline" });
  expect(placeOf("#/settings")).toEqual({ page: "settings", run: null, tab: "timeline" });
});
