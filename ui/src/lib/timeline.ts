/** Events of a run, folded into what a person wants to see: one entry per thing, not per event. */

import type { RunEvent, Usage } from "./types";

export type Item = { seq: number; at: string } & (
  | { kind: "message"; text: string; leftOut: number }
  | { kind: "reasoning"; text: string; leftOut: number }
  | {
      kind: "command";
      command: string;
      output: string;
      outputLeftOut: number;
      exit: number | null;
      running: boolean;
      status: string;
    }
  | { kind: "files"; changes: { path: string; kind: string }[]; leftOut: number; running: boolean; status: string }
  | { kind: "plan"; steps: { text: string; done: boolean }[]; leftOut: number }
  | { kind: "search"; query: string; running: boolean }
  | { kind: "tool"; server: string; tool: string; running: boolean; status: string }
  | { kind: "warning"; text: string }
  | { kind: "notice"; about: string; text: string }
  | { kind: "lines"; from: "stderr" | "noise"; text: string }
  | { kind: "turn"; usage: Usage | null; failed: string | null }
  | { kind: "unknown"; name: string; raw: string }
);

/** A timeline that grows. */
export type Timeline = { items: Item[]; last: number };

export const EMPTY: Timeline = { items: [], last: 0 };

/** At most so many entries are kept to be shown; the oldest go first. */
export const RING = 600;

/** The timeline with these events, which come in order; those that it has already are passed over. */
export function fold(timeline: Timeline, events: readonly RunEvent[]): Timeline {
  const items = timeline.items.slice();
  let last = timeline.last;
  const places = new Map<string, number>();
  for (const event of events) {
    if (event.seq <= last) continue;
    last = event.seq;
    add(items, event, places);
  }
  return { items: items.length > RING ? items.slice(items.length - RING) : items, last };
}

/** Earlier events, put before the ones that are there. */
export function prepend(timeline: Timeline, events: readonly RunEvent[]): Timeline {
  const before = fold(EMPTY, events);
  const first = timeline.items[0]?.seq ?? Number.POSITIVE_INFINITY;
  return { items: [...before.items.filter((item) => item.seq < first), ...timeline.items], last: timeline.last };
}

function add(items: Item[], event: RunEvent, places: Map<string, number>): void {
  const when = { seq: event.seq, at: event.at };
  const running = event.phase !== "completed";
  const status = event.status ?? "";
  switch (event.kind) {
    case "message":
    case "reasoning":
      items.push({ ...when, kind: event.kind, text: event.text ?? "", leftOut: event.text_left_out ?? 0 });
      return;
    case "command": {
      const exit = event.exit_code ?? null;
      const output = event.output ?? "";
      const command = event.command ?? "";
      const outputLeftOut = event.output_left_out ?? 0;
      put(items, { ...when, kind: "command", command, output, outputLeftOut, exit, running, status }, event, places);
      return;
    }
    case "file_change": {
      const changes = event.changes ?? [];
      const leftOut = event.changes_left_out ?? 0;
      put(items, { ...when, kind: "files", changes, leftOut, running, status }, event, places);
      return;
    }
    case "plan": {
      const plan: Item = { ...when, kind: "plan", steps: event.steps ?? [], leftOut: event.steps_left_out ?? 0 };
      const old = items.findLastIndex((item) => item.kind === "plan");
      const there = items[old];
      if (there) items[old] = { ...plan, seq: there.seq };
      else items.push(plan);
      return;
    }
    case "web_search": {
      const query = event.query ?? "";
      const open = items.findLastIndex((item) => item.kind === "search" && item.running);
      replace(items, open, { ...when, kind: "search", query, running });
      return;
    }
    case "tool_call": {
      const [server, tool] = [event.server ?? "", event.tool ?? ""];
      const open = items.findLastIndex(
        (item) => item.kind === "tool" && item.running && item.server === server && item.tool === tool,
      );
      replace(items, open, { ...when, kind: "tool", server, tool, running, status });
      return;
    }
    case "warning":
      items.push({ ...when, kind: "warning", text: event.text ?? "" });
      return;
    case "notice":
      items.push({ ...when, kind: "notice", about: event.about ?? "", text: event.text ?? "" });
      return;
    case "stderr":
    case "noise": {
      const lastItem = items.at(-1);
      const text = event.text ?? "";
      if (lastItem?.kind === "lines" && lastItem.from === event.kind && lastItem.text.length < 20_000) {
        items[items.length - 1] = { ...lastItem, text: `${lastItem.text}\n${text}` };
      } else {
        items.push({ ...when, kind: "lines", from: event.kind, text });
      }
      return;
    }
    case "turn_completed":
      items.push({ ...when, kind: "turn", usage: event.usage ?? null, failed: null });
      return;
    case "turn_failed":
      items.push({ ...when, kind: "turn", usage: null, failed: event.text ?? "" });
      return;
    // The header says these better.
    case "state":
    case "thread_started":
    case "turn_started":
      return;
    default:
      items.push({ ...when, kind: "unknown", name: event.codex_kind ?? event.kind, raw: event.raw ?? "" });
  }
}

/** One entry for all events about the same item, at the place where it began. */
function put(items: Item[], item: Item, event: RunEvent, places: Map<string, number>): void {
  const id = event.item_id;
  if (!id) {
    items.push(item);
    return;
  }
  const name = `${item.kind} ${id}`;
  let place = places.get(name) ?? -1;
  if (place < 0 && event.phase !== "started") {
    place = items.findLastIndex((other) => other.kind === item.kind && "running" in other && other.running && sameThing(other, item));
  }
  replace(items, place, item);
  places.set(name, place < 0 ? items.length - 1 : place);
}

function sameThing(a: Item, b: Item): boolean {
  if (a.kind === "command" && b.kind === "command") return a.command === b.command;
  return a.kind === "files" && b.kind === "files";
}

function replace(items: Item[], place: number, item: Item): void {
  const there = items[place];
  if (there) items[place] = { ...item, seq: there.seq, at: there.at };
  else items.push(item);
}
