/** The list of runs: as far as it was loaded, filtered, and kept true by the status. */

import { api, toError, type ListArgs } from "../lib/api";
import { statesOf, type StateFilter } from "../lib/groups";
import type { BridgeError, RunSummary, Status } from "../lib/types";

const PAGE = 100;

export type Filters = { text: string; state: StateFilter; client: string; folder: string };
export const NO_FILTERS: Filters = { text: "", state: "", client: "", folder: "" };

export class RunsState {
  runs = $state.raw<readonly RunSummary[]>([]);
  at = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<BridgeError | null>(null);
  more = $state(false);
  filters = $state<Filters>({ ...NO_FILTERS });
  /** Clients and folders seen so far, to choose from. */
  clients = $state.raw<readonly string[]>([]);
  folders = $state.raw<readonly string[]>([]);
  filtered = $derived(Object.values(this.filters).some((value) => value !== ""));

  #next: number | null = null;
  #turn = 0;
  #loading = false;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #known = "";

  /** Loads the first page again, with the filters as they are. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const page = await api.listRuns(this.#args(null));
      if (turn !== this.#turn) return;
      this.#next = page.next_cursor;
      this.#take(page.runs, true);
      this.at = "ready";
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.error = toError(thrown);
      this.at = "failed";
    }
  }

  /** Loads the next page, if there is one. */
  async loadMore(): Promise<void> {
    if (this.#loading || this.#next === null) return;
    const turn = this.#turn;
    this.#loading = true;
    try {
      const page = await api.listRuns(this.#args(this.#next));
      if (turn !== this.#turn) return;
      this.#next = page.next_cursor;
      this.#take(page.runs, false);
    } catch {
      // The next scroll tries again.
    } finally {
      this.#loading = false;
    }
  }

  filter(change: Partial<Filters>, wait: number): void {
    Object.assign(this.filters, change);
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.load(), wait);
  }

  /** Brings in what a status tells, and loads again where it tells too little. */
  hear(status: Status): void {
    if (this.at !== "ready") return;
    const told = [...status.waiting, ...status.running, ...status.recent];
    const ids = new Set(told.map((run) => run.run_id));
    const vanished = this.runs.some((run) => !run.is_final && run.state !== "queued" && !ids.has(run.run_id));
    const known = `${status.queued} ${status.waiting.length + status.running.length} ${status.recent[0]?.run_id ?? ""}`;
    if (!this.filtered) this.#merge(told);
    else this.#update(told);
    if (vanished || (known !== this.#known && this.#known !== "") || status.queued > 0) {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => void this.#refresh(), 300);
    }
    this.#known = known;
  }

  /** The newest page, laid over what is there. */
  async #refresh(): Promise<void> {
    const turn = this.#turn;
    const page = await api.listRuns(this.#args(null)).catch(() => null);
    if (page && turn === this.#turn) this.#merge(page.runs);
  }

  #args(cursor: number | null): ListArgs {
    const { text, state, client, folder } = this.filters;
    return {
      limit: PAGE,
      ...(cursor !== null && { cursor }),
      ...(text.trim() !== "" && { text: text.trim() }),
      ...(state !== "" && { states: statesOf(state) }),
      ...(client !== "" && { client }),
      ...(folder !== "" && { folder }),
    };
  }

  #take(runs: readonly RunSummary[], fresh: boolean): void {
    this.more = this.#next !== null;
    if (fresh) this.runs = runs;
    else {
      const there = new Set(this.runs.map((run) => run.run_id));
      this.runs = [...this.runs, ...runs.filter((run) => !there.has(run.run_id))];
    }
    this.#see(runs);
  }

  #update(told: readonly RunSummary[]): void {
    const news = new Map(told.map((run) => [run.run_id, run]));
    if (this.runs.some((run) => news.has(run.run_id))) {
      this.runs = this.runs.map((run) => news.get(run.run_id) ?? run);
    }
  }

  #merge(told: readonly RunSummary[]): void {
    this.#update(told);
    const there = new Set(this.runs.map((run) => run.run_id));
    const fresh = told.filter((run) => !there.has(run.run_id));
    const oldest = this.runs.at(-1)?.created_at ?? "";
    const fitting = this.more ? fresh.filter((run) => run.created_at >= oldest) : fresh;
    if (fitting.length > 0) {
      this.runs = [...fitting, ...this.runs].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
    }
    this.#see(told);
  }

  #see(runs: readonly RunSummary[]): void {
    const clients = new Set([...this.clients, ...runs.map((run) => run.client)]);
    const folders = new Set([...this.folders, ...runs.map((run) => run.working_dir)]);
    if (clients.size !== this.clients.length) this.clients = [...clients].sort();
    if (folders.size !== this.folders.length) this.folders = [...folders].sort();
  }
}

export const runs = new RunsState();
