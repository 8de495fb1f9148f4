/** The list of runs as it is shown: groups with their heads, in one flat list of rows. */

import { sameDay } from "./format";
import { t } from "./strings";
import type { RunState, RunSummary } from "./types";

export type ListRow = { kind: "head"; title: string; count: number } | { kind: "run"; run: RunSummary; place: number };
export type StateFilter = "" | "live" | "well" | "wrong" | "stopped";

const STATES: Record<Exclude<StateFilter, "">, RunState[]> = {
  live: ["queued", "starting", "running", "waiting", "stopping"],
  well: ["succeeded"],
  wrong: ["failed", "timed_out", "lost"],
  stopped: ["cancelled"],
};

/** The states that a filter lets through. */
export function statesOf(filter: StateFilter): RunState[] {
  return filter === "" ? [] : STATES[filter];
}

/** The runs in their groups, each newest first. */
export function grouped(runs: readonly RunSummary[], now: number): ListRow[] {
  const groups: [string, RunSummary[]][] = [
    [t.runs.needsYou, []],
    [t.runs.running, []],
    [t.runs.today, []],
    [t.runs.earlier, []],
  ];
  for (const run of runs) {
    groups[groupOf(run, now)]?.[1].push(run);
  }
  const rows: ListRow[] = [];
  let place = 0;
  for (const [title, members] of groups) {
    if (members.length === 0) continue;
    rows.push({ kind: "head", title, count: members.length });
    for (const run of members) rows.push({ kind: "run", run, place: place++ });
  }
  return rows;
}

function groupOf(run: RunSummary, now: number): number {
  if (run.state === "waiting") return 0;
  if (!run.is_final) return 1;
  return sameDay(Date.parse(run.ended_at ?? run.created_at), now) ? 2 : 3;
}
