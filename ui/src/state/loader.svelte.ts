/** Something that is fetched once and shown: loading, failed or ready. */

import { toError } from "../lib/api";
import type { Loaded } from "../lib/types";

export class Loader<T> {
  state = $state.raw<Loaded<T>>({ at: "loading" });
  value = $derived(this.state.at === "ready" ? this.state.value : null);
  error = $derived(this.state.at === "failed" ? this.state.error : null);

  constructor(readonly fetch: () => Promise<T>) {}

  async load(): Promise<void> {
    try {
      this.set(await this.fetch());
    } catch (thrown) {
      this.state = { at: "failed", error: toError(thrown) };
    }
  }

  set(value: T): void {
    this.state = { at: "ready", value };
  }
}
