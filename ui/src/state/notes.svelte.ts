/** Short notes at the window's edge: something was done, or failed. */

import { toError } from "../lib/api";
import type { BridgeError } from "../lib/types";

export type Note = { id: number } & ({ kind: "done"; text: string } | { kind: "failed"; error: BridgeError });

class Notes {
  list = $state.raw<readonly Note[]>([]);
  #next = 1;

  done(text: string): void {
    this.#add({ id: this.#next++, kind: "done", text }, 4000);
  }

  failed(thrown: unknown): void {
    this.#add({ id: this.#next++, kind: "failed", error: toError(thrown) }, null);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((note) => note.id !== id);
  }

  /** Does something and says so if it fails. */
  async attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (thrown) {
      this.failed(thrown);
      return undefined;
    }
  }

  #add(note: Note, forMs: number | null): void {
    this.list = [...this.list.slice(-2), note];
    if (forMs !== null) setTimeout(() => this.dismiss(note.id), forMs);
  }
}

export const notes = new Notes();
