// Takes a picture of every page, light and dark, into docs/screens.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { ASKING, CART, LIVE, REVIEW, start } from "../e2e/browser.mjs";

const OUT = process.env.SCREENS ?? fileURLToPath(new URL("../../docs/screens", import.meta.url));
// Another size is only to be looked at: SIZE=900x600 SCREENS=/tmp/small
const [width, height] = (process.env.SIZE ?? "1200x800").split("x").map(Number);
const only = process.argv.slice(2);

const click = (name) => async (page) => page.getByRole("button", { name, exact: true }).first().click();
const SCREENS = {
  run: { hash: `#/runs/${CART}`, settled: ".answer" },
  live: { hash: `#/runs/${LIVE}`, settled: ".now", act: async (page) => page.locator("button.line").nth(1).click() },
  asking: { hash: `#/runs/${ASKING}`, settled: ".ask", act: click("Say something") },
  changes: { hash: `#/runs/${CART}/changes`, settled: ".code td" },
  review: { hash: `#/runs/${REVIEW}/review`, settled: ".verdict" },
  raw: { hash: `#/runs/${CART}/raw`, settled: ".event" },
  "new-run": { hash: `#/runs/${CART}`, settled: ".answer", act: click("New run") },
  empty: { scene: "empty", settled: ".empty" },
  setup: { hash: "#/setup", settled: ".access", act: async (page) => { await page.getByRole("button", { name: "Run self-test" }).click(); await page.waitForTimeout(200); await page.locator(".page").evaluate((box) => box.scrollTo(0, 0)); }, more: "&stop=4" },
  "first-run": { hash: "#/setup", scene: "fresh", settled: ".empty" },
  "self-test": { hash: "#/setup", settled: ".access", act: async (page) => { await page.getByRole("button", { name: "Run self-test" }).click(); await page.getByText("Passed in").waitFor(); await page.locator("#test").scrollIntoViewIfNeeded(); await page.locator("#test").evaluate((box) => box.scrollIntoView()); } },
  clients: { hash: "#/setup", settled: "#clients li", act: async (page) => { await page.getByRole("button", { name: "Install: Claude Desktop" }).click(); await page.getByText("Installed.").waitFor(); await page.locator("#clients").evaluate((box) => box.scrollIntoView()); } },
  "check-up": { hash: "#/setup", settled: "#check-up li", act: async (page) => page.locator("#check-up").evaluate((box) => box.scrollIntoView()) },
  settings: { hash: "#/settings", settled: ".setting" },
  ceilings: { hash: "#/settings", settled: ".setting", act: async (page) => page.locator("#group-defaults").evaluate((box) => box.scrollIntoView()) },
  activity: { hash: "#/activity", settled: "td" },
  popover: { more: "&window=popover", settled: ".popover li", width: 360, height: 600 },
};

await mkdir(OUT, { recursive: true });
const desk = await start();
for (const [name, screen] of Object.entries(SCREENS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  for (const theme of ["light", "dark"]) {
    const page = await desk.open({ width, height, ...screen, theme });
    await page.waitForSelector(screen.settled, { timeout: 10_000 });
    await screen.act?.(page);
    await page.waitForTimeout(250);
    await page.screenshot({ path: `${OUT}/${name}-${theme}.png` });
    if (page.faults.length > 0) console.error(`${name}: ${page.faults.join("\n")}`);
    await page.context().close();
  }
}
await desk.stop();
