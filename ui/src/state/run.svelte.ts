/** One run, as it grows. */

import { api, toError } from "../lib/api";
import { EMPTY, fold, prepend, type Timeline } from "../lib/timeline";
import type { BridgeError, Finding, Live, Run, RunBatch, RunEvent } from "../lib/types";
import { whileShown } from "./shown";

/** So many events are read when a run is opened, from its end backwards. */
const TAIL = 200;
/** The window is painted at most ten times a second. */
const PAINT_MS = 100;
/** At most so many raw events are kept. */
const RAW = 1000;
/** At most so many batches wait to be painted. */
const BATCHES = 50;

export class RunState {
  run = $state.raw<Run | null>(null);
  error = $state.raw<BridgeError | null>(null);
  timeline = $state.raw<Timeline>(EMPTY);
  raw = $state.raw<readonly RunEvent[]>([]);
  /** What it is writing at this moment. */
  live = $state.raw<Live | null>(null);
  /** The first event that was read; what is before it can be read too. */
  from = $state(0);
  message = $state<string | null>(null);
  messageNext = $state<number | null>(null);
  findings = $state.raw<readonly Finding[]>([]);
  findingsNext = $state<number | null>(null);
  loaded = $state(false);

  #cursor = 0;
  #unfollow: (() => void) | null = null;
  #closed = false;
  #waiting: RunBatch[] = [];
  #painting: ReturnType<typeof setTimeout> | undefined;
  #painted = 0;

  constructor(readonly id: string) {}

  /** Reads the run and follows it until it is over or `close` is called. */
  async open(): Promise<void> {
    try {
      const run = await api.getRun({ run_id: this.id });
      if (this.#closed) return;
      this.#show(run);
      this.from = Math.max(0, run.events.recorded - TAIL);
      this.#cursor = await this.#readTail(this.from);
      if (this.#closed) return;
      this.loaded = true;
      if (!run.is_final) this.#follow();
    } catch (thrown) {
      if (this.#closed) return;
      this.error = toError(thrown);
      this.loaded = true;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#painting);
    this.#unfollow?.();
  }

  /** Hears what is new, from where it has heard last. */
  #follow(): void {
    this.#unfollow = whileShown(
      async (current) => (await api.watchRun(this.id, this.#cursor, (batch) => current() && this.#hear(batch))).watch,
      (thrown) => (this.error = toError(thrown)),
    );
  }

  /** Reads what happened before what is shown. */
  async readEarlier(): Promise<void> {
    const to = this.from;
    const from = Math.max(0, to - TAIL);
    const events = (await this.#readEvents(from, to)).filter((event) => event.seq <= to);
    this.timeline = prepend(this.timeline, events);
    this.raw = [...events, ...this.raw].slice(0, RAW);
    this.from = from;
  }

  /** Reads the next part of the final message. */
  async readOn(): Promise<void> {
    if (this.messageNext === null) return;
    const run = await api.getRun({ run_id: this.id, message_offset: this.messageNext });
    this.message = (this.message ?? "") + (run.message ?? "");
    this.messageNext = run.message_next_offset;
  }

  async moreFindings(): Promise<void> {
    if (this.findingsNext === null) return;
    const run = await api.getRun({ run_id: this.id, findings_offset: this.findingsNext });
    this.findings = [...this.findings, ...(run.review?.findings ?? [])];
    this.findingsNext = run.review?.findings_next_offset ?? null;
  }

  /** Takes over the run as an act left it. */
  take(run: Run): void {
    this.#show(run);
  }

  #show(run: Run): void {
    const grown = this.run?.message_bytes !== run.message_bytes || this.run?.message !== run.message;
    if (grown) {
      this.message = run.message;
      this.messageNext = run.message_next_offset;
    }
    if (run.review && this.findings.length === 0) {
      this.findings = run.review.findings;
      this.findingsNext = run.review.findings_next_offset;
    }
    this.run = run;
  }

  async #readTail(from: number): Promise<number> {
    const events = await this.#readEvents(from, Number.POSITIVE_INFINITY);
    this.timeline = fold(this.timeline, events);
    this.raw = events;
    return events.at(-1)?.seq ?? from;
  }

  async #readEvents(from: number, to: number): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    let cursor = from;
    // A live run may grow as fast as it is read: what is left then comes by watching.
    for (let page = 0; page < 20 && cursor < to; page++) {
      const updates = await api.getRunUpdates({ run_id: this.id, cursor, limit: TAIL });
      events.push(...updates.events);
      cursor = updates.next_cursor;
      if (!updates.more || updates.events.length === 0) break;
    }
    return events;
  }

  #hear(batch: RunBatch): void {
    if (this.#closed) return;
    this.#cursor = batch.next_cursor;
    this.#waiting.push(batch);
    // Where no time is left to paint, what has come must not grow without end.
    if (this.#waiting.length >= BATCHES) return this.#paint();
    // What comes after a pause is painted at once.
    this.#painting ??= setTimeout(() => this.#paint(), Math.max(0, this.#painted + PAINT_MS - Date.now()));
  }

  #paint(): void {
    clearTimeout(this.#painting);
    this.#painting = undefined;
    this.#painted = Date.now();
    const batches = this.#waiting;
    this.#waiting = [];
    const last = batches.at(-1);
    if (!last) return;
    const events = batches.flatMap((batch) => batch.events);
    if (events.length > 0) {
      this.timeline = fold(this.timeline, events);
      this.raw = [...this.raw, ...events].slice(-RAW);
    }
    this.live = last.live;
    this.#show(last.run);
    if (last.is_final) this.#unfollow?.();
  }
}
