/** A unified patch as rows, for both ways of showing it. */

export type Side = { line: number; text: string };
export type Row =
  | { kind: "hunk"; text: string }
  | { kind: "same"; before: Side; after: Side }
  | { kind: "removed"; before: Side }
  | { kind: "added"; after: Side }
  | { kind: "note"; text: string };
export type Pair =
  | { kind: "hunk" | "note"; text: string }
  | { kind: "pair"; before: Side | null; after: Side | null; same: boolean };

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/;

/** The rows of a patch; what comes before the first hunk is git's and is left out. */
export function rows(patch: string): Row[] {
  const out: Row[] = [];
  let [before, after, inside] = [0, 0, false];
  const lines = patch.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      [before, after, inside] = [Number(hunk[1]), Number(hunk[2]), true];
      out.push({ kind: "hunk", text: (hunk[3] ?? "").trim() });
      continue;
    }
    if (!inside) continue;
    const text = line.slice(1);
    switch (line[0]) {
      case "+":
        out.push({ kind: "added", after: { line: after++, text } });
        break;
      case "-":
        out.push({ kind: "removed", before: { line: before++, text } });
        break;
      case "\\":
        out.push({ kind: "note", text: text.trim() });
        break;
      case "d":
        // The next file's head: one patch is one file here, so this ends it.
        inside = false;
        break;
      default:
        out.push({ kind: "same", before: { line: before++, text }, after: { line: after++, text } });
    }
  }
  return out;
}

/** The same side by side: what was removed stands beside what came for it. */
export function pairs(all: readonly Row[]): Pair[] {
  const out: Pair[] = [];
  let removed: Side[] = [];
  let added: Side[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++) {
      out.push({ kind: "pair", before: removed[i] ?? null, after: added[i] ?? null, same: false });
    }
    removed = [];
    added = [];
  };
  for (const row of all) {
    switch (row.kind) {
      case "removed":
        if (added.length > 0) flush();
        removed.push(row.before);
        break;
      case "added":
        added.push(row.after);
        break;
      case "same":
        flush();
        out.push({ kind: "pair", before: row.before, after: row.after, same: true });
        break;
      case "hunk":
      case "note":
        flush();
        out.push({ kind: row.kind, text: row.text });
    }
  }
  flush();
  return out;
}
