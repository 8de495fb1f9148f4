/** Markdown from a model, made safe: no scripts, no pictures, no links that lead anywhere by themselves. */

import DOMPurify from "dompurify";
import { Marked } from "marked";

import { marked as secretMarks } from "./secrets";

const renderer = new Marked({ gfm: true, breaks: false });

const TAGS = [
  "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong",
  "del", "a", "table", "thead", "tbody", "tr", "th", "td", "mark", "input",
];

/** One line of words in which no sign means anything, nor a part of a link. */
const PLAIN = /^\p{L}[\p{L}\p{N} .,;?!'()%]*$/u;

/** The text as safe HTML. */
export function markdown(text: string): string {
  // Most of a burst is like that, and it takes a page a hundred times as long to parse it.
  if (PLAIN.test(text) && !text.includes("www.")) return `<p>${text}</p>`;
  const html = renderer.parse(text, { async: false });
  const clean = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "class", "align", "start", "checked", "disabled", "type"],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
    ALLOW_DATA_ATTR: false,
  });
  return secretMarks(clean);
}
