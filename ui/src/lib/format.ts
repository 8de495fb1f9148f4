/** Times, sizes and paths as people read them. */

import { t } from "./strings";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `4.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${two((ms % MINUTE) / 1000)} s`;
  return `${Math.floor(ms / HOUR)} h ${two((ms % HOUR) / MINUTE)} min`;
}

/** `2m 05s` or `1h 02m`: how long something has been going on, of steady width. */
export function elapsed(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor((s % 3600) / 60);
  if (hours > 0) return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(s % 60)}s` : `${s}s`;
}

/** How long ago, short enough for a list: `now`, `5 min`, `3 h`, `Tue`, `3 Nov`. */
export function age(at: string, now: number): string {
  const then = Date.parse(at);
  const gone = now - then;
  if (Number.isNaN(then)) return "";
  if (gone < MINUTE) return "now";
  if (gone < HOUR) return `${Math.floor(gone / MINUTE)} min`;
  if (sameDay(then, now)) return timeOfDay(at);
  const date = new Date(then);
  if (gone < 6 * DAY) return date.toLocaleDateString("en-GB", { weekday: "short" });
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/** `14:03`. */
export function timeOfDay(at: string): string {
  return new Date(at).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** `14:03:07`. */
export function second(at: string): string {
  return new Date(at).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

/** `Today, 14:03` or `3 Nov, 14:03`; in the middle of a sentence today has another word. */
export function moment(at: string, now: number, today: string = t.runs.today): string {
  const date = new Date(at);
  const day = sameDay(date.getTime(), now)
    ? today
    : date.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(date.getFullYear() !== new Date(now).getFullYear() && { year: "numeric" }) });
  return `${day}, ${timeOfDay(at)}`;
}

/** Whether two moments are on the same day here. */
export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** `950`, `12.3k`, `1.2M`. */
export function count(n: number): string {
  if (n < 1000) return String(n);
  if (n < 1_000_000) return `${(n / 1000).toFixed(n < 10_000 ? 1 : 0)}k`;
  return `${(n / 1_000_000).toFixed(1)}M`;
}

/** `512 bytes`, `3.4 KB`, `1.2 MB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} bytes`;
  if (n < 1_000_000) return `${(n / 1000).toFixed(1)} KB`;
  return `${(n / 1_000_000).toFixed(1)} MB`;
}

/** A path with the home folder as `~`. */
export function tilde(path: string): string {
  return path.replace(/^\/(?:Users|home)\/[^/]+(?=\/|$)/, "~").replace(/^\/root(?=\/|$)/, "~");
}

/** The last part of a path. */
export function base(path: string): string {
  return path.split("/").filter(Boolean).at(-1) ?? path;
}

/** A client's name as people know it. */
export function clientName(name: string): string {
  return t.clients[name] ?? name;
}

/** A word of the wire, such as `workspace-write`, for people. */
export function sandboxName(word: string): string {
  switch (word) {
    case "read-only":
      return t.newRun.readOnly;
    case "workspace-write":
      return t.newRun.write;
    default:
      return word;
  }
}
