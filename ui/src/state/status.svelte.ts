/** How the bridge stands: what runs, what waits, what is wrong. */

import { api, toError } from "../lib/api";
import type { BridgeError, Status } from "../lib/types";
import { whileShown } from "./shown";

class StatusState {
  now = $state.raw<Status | null>(null);
  error = $state.raw<BridgeError | null>(null);
  #heard: ((status: Status) => void)[] = [];

  /** Listens as long as the window is shown. Returns what ends it. */
  start(): () => void {
    return whileShown(
      async (current) => (await api.watchStatus((status) => current() && this.hear(status))).watch,
      (thrown) => (this.error = toError(thrown)),
    );
  }

  /** Calls `heard` with each status from now on. Returns what ends it. */
  listen(heard: (status: Status) => void): () => void {
    this.#heard.push(heard);
    return () => (this.#heard = this.#heard.filter((other) => other !== heard));
  }

  hear(status: Status): void {
    this.now = status;
    this.error = null;
    for (const heard of this.#heard) heard(status);
  }

  async pause(paused: boolean): Promise<void> {
    await api.setPaused(paused);
    if (this.now) this.now = { ...this.now, paused };
  }
}

export const status = new StatusState();

/** Runs that still do something. */
export function liveCount(status: Status | null): number {
  return status ? status.running.length + status.waiting.length : 0;
}
