/** Syntax colours for code, line by line. */

import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

import { escaped, pieces } from "./secrets";

const LANGUAGES = {
  bash, c, cpp, csharp, css, go, ini, java, javascript, json, kotlin, markdown, php, python, ruby, rust, sql, swift,
  typescript, xml, yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

const ENDINGS: Record<string, string> = {
  sh: "bash", zsh: "bash", bash: "bash", c: "c", h: "c", cc: "cpp", cpp: "cpp", hpp: "cpp", cs: "csharp", css: "css",
  scss: "css", go: "go", toml: "ini", ini: "ini", java: "java", js: "javascript", mjs: "javascript", cjs: "javascript",
  jsx: "javascript", json: "json", jsonc: "json", kt: "kotlin", md: "markdown", php: "php", py: "python", rb: "ruby",
  rs: "rust", sql: "sql", swift: "swift", ts: "typescript", tsx: "typescript", svelte: "xml", vue: "xml", html: "xml",
  xml: "xml", svg: "xml", plist: "xml", yml: "yaml", yaml: "yaml",
};

/** A line longer than that stays plain: colouring it would take too long. */
const LONGEST = 600;

/** The language of a file, as far as its name tells. */
export function languageOf(path: string): string | null {
  const ending = path.split("/").at(-1)?.split(".").at(-1)?.toLowerCase() ?? "";
  return ENDINGS[ending] ?? null;
}

/** A line of code as HTML, with secrets as marks. */
export function coloured(text: string, language: string | null): string {
  return pieces(text)
    .map((piece) => {
      if (piece.secret) return `<mark class="secret">${escaped(piece.text)}</mark>`;
      if (!language || piece.text.length > LONGEST) return escaped(piece.text);
      return hljs.highlight(piece.text, { language, ignoreIllegals: true }).value;
    })
    .join("");
}
