// The built window has nothing in it that is only for tests, nothing that a strict policy forbids, and stays small.
import { readdir, readFile } from "node:fs/promises";

const dist = new URL("../dist/", import.meta.url);
const files = (await readdir(dist, { recursive: true })).filter((name) => /\.(js|css|html)$/.test(name));
const texts = await Promise.all(files.map(async (name) => [name, await readFile(new URL(name, dist), "utf8")]));
const wrong = [];
for (const [name, text] of texts) {
  if (/mockIPC|mockInternals|run_01kc8q4t5m2x9abcde/.test(text)) wrong.push(`${name}: the app made up for tests is in it`);
  if (/\bnew Function\(|\beval\(/.test(text)) wrong.push(`${name}: makes code out of text`);
  if (name.endsWith(".html") && /<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/.test(text)) wrong.push(`${name}: has code or style of its own`);
}
const size = texts.filter(([name]) => name.endsWith(".js")).reduce((sum, [, text]) => sum + text.length, 0);
if (size > 600_000) wrong.push(`the scripts take ${size} bytes`);
if (wrong.length > 0) {
  console.error(wrong.map((line) => `error: ${line}`).join("\n"));
  process.exit(1);
}
console.log(`the window takes ${Math.round(size / 1000)} KB of script`);
