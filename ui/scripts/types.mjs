// Writes src/lib/wire.ts from the schema that the Rust types give; with --check it only says whether they differ.
import { readFile, writeFile } from "node:fs/promises";

import { compile } from "json-schema-to-typescript";

const at = (path) => new URL(`../${path}`, import.meta.url);
const schema = JSON.parse(await readFile(at("src/lib/wire.schema.json"), "utf8"));
const made = await compile(plain(schema), "Wire", {
  bannerComment: "/* Made from wire.schema.json by `npm run types`; edit the Rust types instead. */",
  additionalProperties: false,
  unreachableDefinitions: true,
  unknownAny: true,
  format: true,
  style: { printWidth: 120 },
});
const text = made
  // Where a type is mentioned, its readers see without a comment.
  .replace(/(\n \*)?\n \* This interface was referenced by `Wire`'s JSON-Schema\n \* via the `definition` "\w+"\./g, "")
  .replace(/^( *)\/\*\*\n *\* (.*)\n *\*\/$/gm, "$1/** $2 */")
  .replace(/^\/\*\*\n \*\/\n/gm, "");

/** The schema without what makes a type of its own out of every mention of one: words beside a `$ref`. */
function plain(node) {
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node !== "object" || node === null) return node;
  if ("$ref" in node) return { $ref: node.$ref };
  const keys = Object.keys(node);
  if (keys.length === 1 && keys[0] === "description" && typeof node.description === "string") {
    return { ...node, tsType: "unknown" };
  }
  return Object.fromEntries(keys.map((key) => [key, plain(node[key])]));
}

const old = await readFile(at("src/lib/wire.ts"), "utf8").catch(() => "");
if (process.argv.includes("--check")) {
  if (old !== text) {
    console.error("error: src/lib/wire.ts is not what the schema says\nhint: run `npm run types`");
    process.exit(1);
  }
} else if (old !== text) {
  await writeFile(at("src/lib/wire.ts"), text);
}
