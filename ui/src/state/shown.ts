/** A page that nobody can see is told nothing: what is watched ends when it is hidden and begins anew when it is shown. */

import { api } from "../lib/api";

/** Begins a watch and says its number. What is heard counts only while `current` says so. */
export type Begin = (current: () => boolean) => Promise<number>;

/** Watches as long as the page is shown. Returns what ends it for good. */
export function whileShown(begin: Begin, failed: (thrown: unknown) => void): () => void {
  let watch: number | null = null;
  let turn = 0;

  const stop = () => {
    turn += 1;
    if (watch !== null) void api.unwatch(watch).catch(() => undefined);
    watch = null;
  };
  const start = async () => {
    const mine = ++turn;
    try {
      const number = await begin(() => mine === turn);
      if (mine === turn) watch = number;
      else void api.unwatch(number).catch(() => undefined);
    } catch (thrown) {
      if (mine === turn) failed(thrown);
    }
  };
  const follow = () => {
    stop();
    if (!document.hidden) void start();
  };

  document.addEventListener("visibilitychange", follow);
  follow();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    stop();
  };
}
