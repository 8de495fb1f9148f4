// Every page and state, light and dark, large and small: axe finds nothing, nothing sticks out, nothing goes wrong.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { AxeBuilder } from "@axe-core/playwright";

import { ASKING, CART, FAILED, LIVE, QUEUED, REVIEW, start } from "./browser.mjs";

let desk;
before(async () => (desk = await start()));
after(() => desk.stop());

const press = (name) => (page) => page.getByRole("button", { name, exact: true }).first().click();
const STATES = {
  "runs, none chosen": { hash: "#/runs", settled: "[role=option]" },
  "runs, loading": { hash: "#/runs", scene: "slow", settled: "[role=status]" },
  "runs, none": { hash: "#/runs", scene: "empty", settled: ".empty" },
  "runs, no match": { hash: "#/runs", settled: "[role=option]", act: async (page) => { await page.getByRole("searchbox").fill("zzz"); await page.waitForSelector(".list .empty"); } },
  "runs, failing": { hash: "#/runs", scene: "fault", settled: "[role=alert]" },
  "a run": { hash: `#/runs/${CART}`, settled: ".answer" },
  "a run, everything unfolded": { hash: `#/runs/${CART}`, settled: ".answer", act: async (page) => { await press("Details")(page); for (const line of await page.locator("button.line").all()) await line.click(); } },
  "a live run": { hash: `#/runs/${LIVE}`, settled: ".now" },
  "a run that writes": { hash: `#/runs/${LIVE}`, scene: "writing", settled: ".live strong", fixed: false },
  "a run that asks": { hash: `#/runs/${ASKING}`, settled: ".ask" },
  "a run that is told something": { hash: `#/runs/${ASKING}`, settled: ".ask", act: press("Say something") },
  "a queued run": { hash: `#/runs/${QUEUED}`, settled: ".asked", scene: "paused" },
  "a failed run": { hash: `#/runs/${FAILED}`, settled: "[role=alert]" },
  "a run that is not there": { hash: "#/runs/run_nothing", settled: "[role=alert]" },
  "a run, continuing": { hash: `#/runs/${CART}`, settled: ".answer", act: press("Continue") },
  "a run's menu": { hash: `#/runs/${CART}`, settled: ".answer", act: press("More actions") },
  "cancelling": { hash: `#/runs/${LIVE}`, settled: ".now", act: press("Cancel run") },
  "changes": { hash: `#/runs/${CART}/changes`, settled: ".code td" },
  "changes, side by side": { hash: `#/runs/${CART}/changes`, settled: ".code td", act: (page) => page.getByText("Side by side").click() },
  "changes in conflict": { hash: `#/runs/${CART}/changes`, scene: "conflicts", settled: ".why" },
  "applying": { hash: `#/runs/${CART}/changes`, settled: ".code td", act: press("Apply") },
  "making a branch": { hash: `#/runs/${CART}/changes`, settled: ".code td", act: press("Make a branch…") },
  "review": { hash: `#/runs/${REVIEW}/review`, settled: ".verdict" },
  "raw events": { hash: `#/runs/${CART}/raw`, settled: ".event", act: (page) => page.locator(".event").nth(5).click() },
  "new run": { hash: "#/runs", settled: "[role=option]", act: async (page) => { await press("New run")(page); await page.getByText("Options").click(); } },
  "new review": { hash: "#/runs", settled: "[role=option]", act: async (page) => { await press("New run")(page); await page.locator("dialog").getByText("Review", { exact: true }).first().click(); } },
  "setup": { hash: "#/setup", settled: ".access" },
  "setup, first run": { hash: "#/setup", scene: "fresh", settled: ".empty" },
  "setup, self-test passed": { hash: "#/setup", settled: ".access", act: async (page) => { await press("Run self-test")(page); await page.getByText("Passed in").waitFor(); } },
  "setup, self-test failed": { hash: "#/setup", scene: "fault", settled: ".access", act: async (page) => { await press("Run self-test")(page); await page.getByText("Did not pass").waitFor(); } },
  "setup, a broad folder": { hash: "#/setup", more: "&pick=/Users/ann", settled: ".access", act: press("Add folder…") },
  "setup, what a client's file gets": { hash: "#/setup", settled: "#clients li", act: press("What changes: Claude Desktop") },
  "setup, installed": { hash: "#/setup", settled: "#clients li", act: async (page) => { await press("Install: Claude Desktop")(page); await page.getByText("Installed.").waitFor(); } },
  "setup, a client that runs": { hash: "#/setup", scene: "fault", settled: "#clients li", act: async (page) => { await press("Install: Claude Desktop")(page); await page.getByText("Claude Desktop is running").first().waitFor(); } },
  "setup, a client that waits": { hash: "#/setup", scene: "fault", settled: "#clients li", act: async (page) => { await press("Install: Claude Desktop")(page); await press("When I quit it")(page); await page.getByText("as soon as you quit").waitFor(); } },
  "setup, a client that connects": { hash: "#/setup", scene: "fault", settled: "#clients li", act: async (page) => { await press("Install: Claude Desktop")(page); await press("Quit, install, start again")(page); await page.getByText("has connected").waitFor(); } },
  "setup, a client that does not": { hash: "#/setup", scene: "fault", more: "&silent", settled: "#clients li", act: async (page) => { await press("Install: Claude Desktop")(page); await press("Quit, install, start again")(page); await page.getByText("Its log says").waitFor(); } },
  "setup, findings": { hash: "#/setup", settled: "#check-up li", act: async (page) => { await page.locator("#check-up summary").click(); await page.locator("#check-up").evaluate((box) => box.scrollIntoView()); } },
  "setup, findings that are faults": { hash: "#/setup", scene: "fault", settled: "#check-up li", act: async (page) => { await press("Mend 2 of them")(page); await page.getByText("changed by somebody else").first().waitFor(); } },
  "setup, a finding mended": { hash: "#/setup", settled: "#check-up li", act: async (page) => { await page.locator("#check-up").getByRole("button", { name: "Take it off the list" }).click(); await page.getByText("Take it off the list: done.").waitFor(); } },
  "setup, all well": { hash: "#/setup", scene: "empty", settled: "#check-up .head.good" },
  "setup, diagnostics": { hash: "#/setup", settled: ".access", act: async (page) => { await press("Show")(page); await page.getByText("macOS 27.0").waitFor(); } },
  "settings": { hash: "#/settings", settled: ".setting" },
  "settings, a bad value": { hash: "#/settings", settled: ".setting", act: async (page) => { await page.getByLabel("Runs at once").fill("900"); await page.keyboard.press("Enter"); await page.waitForSelector("[role=alert]"); } },
  "activity": { hash: "#/activity", settled: "td" },
  "activity, none": { hash: "#/activity", scene: "empty", settled: ".empty" },
  "popover": { more: "&window=popover", settled: ".popover li", width: 360, height: 560 },
  "popover, idle": { more: "&window=popover", scene: "empty", settled: ".idle", width: 360, height: 560 },
  "popover, paused": { more: "&window=popover", scene: "paused", settled: ".paused", width: 360, height: 560 },
};

async function look(state, theme, size = {}) {
  const page = await desk.open({ ...state, theme, ...size });
  await page.waitForSelector(state.settled);
  await state.act?.(page);
  await page.waitForTimeout(50);
  return page;
}

for (const theme of ["light", "dark"]) {
  describe(`axe, ${theme}`, { concurrency: 4 }, () => {
    for (const [name, state] of Object.entries(STATES)) {
      test(name, async () => {
        const page = await look(state, theme);
        const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
        const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join("\n")}`);
        assert.deepEqual(told, []);
        assert.deepEqual(page.faults, []);
        await page.context().close();
      });
    }
  });
}

describe("nothing sticks out", { concurrency: 4 }, () => {
  for (const [name, state] of Object.entries(STATES)) {
    if (state.width) continue;
    test(name, async () => {
      const page = await look(state, "light", { width: 1600, height: 1000 });
      // 600×400 is what 1200×800 has at 200 % text.
      for (const [width, height] of [[1600, 1000], [900, 600], [600, 400]]) {
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(50);
        const over = await page.evaluate(() => {
          const wide = [...document.querySelectorAll("main *, .side *, dialog *")].filter((it) => {
            const box = it.getBoundingClientRect();
            return box.width > 0 && box.right > innerWidth + 1 && !it.closest("pre, table, .offscreen, .code");
          });
          return [document.documentElement.scrollWidth > innerWidth ? "the page" : "", ...wide.slice(0, 3).map((it) => it.outerHTML.slice(0, 120))].filter(Boolean);
        });
        assert.deepEqual(over, [], `at ${width}×${height}`);
      }
      await page.context().close();
    });
  }
});
