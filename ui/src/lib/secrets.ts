/** The marks that stand where a secret was. */

import { t } from "./strings";

const MARK = /\[redacted:([\w-]*)\]/g;

/** Plain text as HTML text. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => (c === "&" ? "&amp;" : c === "<" ? "&lt;" : c === ">" ? "&gt;" : "&quot;"));
}

/** HTML whose marks are shown as such. */
export function marked(html: string): string {
  return html.replace(MARK, (_, rule: string) => `<mark class="secret">${escaped(rule || t.diff.secret)}</mark>`);
}

/** Text cut at its marks, so that what is between them can be coloured. */
export function pieces(text: string): { text: string; secret: boolean }[] {
  const out: { text: string; secret: boolean }[] = [];
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > from) out.push({ text: text.slice(from, match.index), secret: false });
    out.push({ text: match[1] || t.diff.secret, secret: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({ text: text.slice(from), secret: false });
  return out;
}
