import { expect, test } from "vitest";

import { pairs, rows } from "./patch";

const PATCH = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -3,3 +3,4 @@ fn main\n same\n-old\n+new\n+more\n end\n\\ No newline at end of file\n";

test("rows have the line numbers of both sides", () => {
  expect(rows(PATCH)).toEqual([
    { kind: "hunk", text: "fn main" },
    { kind: "same", before: { line: 3, text: "same" }, after: { line: 3, text: "same" } },
    { kind: "removed", before: { line: 4, text: "old" } },
    { kind: "added", after: { line: 4, text: "new" } },
    { kind: "added", after: { line: 5, text: "more" } },
    { kind: "same", before: { line: 5, text: "end" }, after: { line: 6, text: "end" } },
    { kind: "note", text: "No newline at end of file" },
  ]);
});

test("what was removed stands beside what came for it", () => {
  const middle = pairs(rows(PATCH)).filter((pair) => pair.kind === "pair" && !pair.same);
  expect(middle).toEqual([
    { kind: "pair", before: { line: 4, text: "old" }, after: { line: 4, text: "new" }, same: false },
    { kind: "pair", before: null, after: { line: 5, text: "more" }, same: false },
  ]);
});

test("no line of a patch is lost, whatever it begins with", () => {
  expect(rows("@@ -1,2 +1,2 @@\n--- a\n+++ b\n d\n")).toHaveLength(4);
  expect(rows("no patch at all")).toEqual([]);
});
