// Walks through the window with the keyboard alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ASKING, CART, LIVE, start } from "./browser.mjs";

let desk;
before(async () => (desk = await start()));
after(() => desk.stop());

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? "");
const calls = (page, command) => page.evaluate((name) => window.mock.calls.filter((call) => call.command === name).map((call) => call.args), command);
/** Presses Tab until the focus is on something of that name. */
async function tabTo(page, name, most = 60) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    if (name.test(await focused(page))) return;
  }
  assert.fail(`no focus on ${name}`);
}
async function walk(options, steps) {
  const page = await desk.open(options);
  await steps(page);
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

test("find a run, read it, unfold a command", () =>
  walk({ hash: "#/runs" }, async (page) => {
    await page.waitForSelector("[role=option]");
    await page.keyboard.press("Control+f");
    await page.keyboard.type("rounding");
    await page.waitForFunction(() => document.querySelectorAll("[role=option]").length === 1);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.waitForSelector(".answer");
    await tabTo(page, /^rg -n/);
    await page.keyboard.press("Enter");
    await page.getByText("src/receipt.rs:18").waitFor();
  }));

test("arrows go through the list, End to its last run", () =>
  walk({ hash: "#/runs" }, async (page) => {
    await page.waitForSelector("[role=option]");
    await page.getByRole("listbox").focus();
    await page.keyboard.press("ArrowDown");
    assert.match(page.url(), /run_01kc8qzz4f5a6efghj/);
    await page.keyboard.press("End");
    assert.match(page.url(), /run_01kbs621a7q8phrstvw/);
    await page.keyboard.press("Home");
    assert.match(page.url(), /run_01kc8qzz4f5a6efghj/);
    assert.equal(await page.locator("[role=option][aria-selected=true]").count(), 1);
  }));

test("start a run", () =>
  walk({ hash: "#/runs" }, async (page) => {
    await page.waitForSelector("[role=option]");
    await page.keyboard.press("Control+n");
    await page.waitForSelector("dialog option", { state: "attached" });
    await page.keyboard.type("Count the tests");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("heading", { name: "Count the tests" }).waitFor();
    const [args] = await calls(page, "run_task");
    assert.equal(args.prompt, "Count the tests");
    assert.equal(args.working_dir, "/Users/ann/code");
    assert.ok(args.request_id);
  }));

test("answer what a run asks", () =>
  walk({ hash: `#/runs/${ASKING}` }, async (page) => {
    await page.waitForSelector(".ask");
    await tabTo(page, /^Allow once$/);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".ask", { state: "detached" });
    assert.deepEqual(await calls(page, "answer_run"), [{ run_id: ASKING, question: 1, answer: "allow_once" }]);
  }));

test("say something to a run", () =>
  walk({ hash: `#/runs/${LIVE}` }, async (page) => {
    await page.waitForSelector(".now");
    await tabTo(page, /^Say something$/);
    await page.keyboard.press("Enter");
    await page.keyboard.type("Leave the tests alone");
    await page.keyboard.press("Control+Enter");
    await page.getByText("The model is told").waitFor();
    assert.deepEqual(await calls(page, "steer_run"), [{ run_id: LIVE, message: "Leave the tests alone" }]);
  }));

test("Esc closes what is asked, and the focus goes back", () =>
  walk({ hash: `#/runs/${LIVE}` }, async (page) => {
    await page.waitForSelector(".now");
    await tabTo(page, /^Cancel run$/);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    assert.equal(await focused(page), "Cancel run");
    assert.deepEqual(await calls(page, "cancel_run"), []);
  }));

test("cancel a run", () =>
  walk({ hash: `#/runs/${LIVE}` }, async (page) => {
    await page.waitForSelector(".now");
    await tabTo(page, /^Cancel run$/);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog");
    await page.keyboard.press("Enter");
    await page.getByText("Cancelled by you").waitFor();
    assert.deepEqual(await calls(page, "cancel_run"), [{ run_id: LIVE }]);
  }));

test("go from tab to tab and apply the changes", () =>
  walk({ hash: `#/runs/${CART}` }, async (page) => {
    await page.waitForSelector(".answer");
    await tabTo(page, /^Timeline$/);
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector(".code td");
    await tabTo(page, /^Apply$/);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog");
    await page.keyboard.press("Enter");
    await page.getByText("4 files changed in your folder").waitFor();
    const [args] = await calls(page, "finish_run");
    assert.deepEqual(args, { run_id: CART, action: "apply", diff_hash: "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e" });
    await page.getByText("Applied to the folder").waitFor();
  }));

test("the menu of a run by arrows", () =>
  walk({ hash: `#/runs/${CART}` }, async (page) => {
    await page.waitForSelector(".answer");
    await tabTo(page, /^More actions$/);
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowUp");
    assert.equal(await focused(page), "Export as JSON…");
    await page.keyboard.press("Enter");
    await page.getByText("Saved to ~/Desktop/run.json").waitFor();
  }));

test("continue a run", () =>
  walk({ hash: `#/runs/${CART}` }, async (page) => {
    await page.waitForSelector(".answer");
    await tabTo(page, /^Continue$/);
    await page.keyboard.press("Enter");
    await page.keyboard.type("Now the orders");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("heading", { name: "Now the orders" }).waitFor();
    assert.equal((await calls(page, "continue_run"))[0].run_id, CART);
  }));

test("set up: allow a folder, insist on a broad one, take one away, run the self-test", () =>
  walk({ hash: "#/setup", more: "&pick=/Users/ann" }, async (page) => {
    await page.waitForSelector(".access");
    await tabTo(page, /^Add folder/);
    await page.keyboard.press("Enter");
    await page.getByText("It is your whole home folder").waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Allow it all the same");
    await page.keyboard.press("Enter");
    await page.getByText("~", { exact: true }).waitFor();
    await page.evaluate(() => document.activeElement?.blur());
    await tabTo(page, /^Remove ~\/code$/);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.getByText("~/code", { exact: true }).waitFor({ state: "detached" });
    await tabTo(page, /^Run self-test$/);
    await page.keyboard.press("Enter");
    await page.getByText("Passed in 8.4 s").waitFor();
  }));

test("settings: a switch, a bad number, a key for the keychain", () =>
  walk({ hash: "#/runs" }, async (page) => {
    await page.keyboard.press("Control+,");
    await page.waitForSelector(".setting");
    await tabTo(page, /^Tell when a run is done$/);
    await page.keyboard.press("Space");
    await page.getByText("Saved").waitFor();
    assert.deepEqual(await calls(page, "set_setting"), [{ key: "app.notify_done", value: false }]);
    await page.getByLabel("Runs at once").focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("900");
    await page.keyboard.press("Enter");
    await page.getByText(/has to be between 1 and 64/).waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.getByLabel("Runs at once").inputValue(), "4");
    await page.getByLabel("API key").focus();
    await page.keyboard.type("sk-none");
    await page.keyboard.press("Enter");
    await page.getByText("A key is stored.").waitFor();
    assert.equal(await page.getByLabel("API key").inputValue(), "");
  }));

test("the popover: cancel, pause, open", () =>
  walk({ more: "&window=popover", width: 360, height: 560 }, async (page) => {
    await page.waitForSelector(".popover li");
    await tabTo(page, /^Cancel Find out why/);
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll(".stop").length === 1);
    await page.keyboard.press("Shift+Tab");
    await tabTo(page, /^Pause new runs$/);
    await page.keyboard.press("Enter");
    await page.getByText("New runs are paused").waitFor();
    await tabTo(page, /^Open window$/);
    await page.keyboard.press("Enter");
    assert.deepEqual(await calls(page, "open_window"), [{ page: "runs" }]);
    // Whether to leave runs running is asked by the app, in one place for all.
    await tabTo(page, /^Quit$/);
    await page.keyboard.press("Enter");
    assert.deepEqual(await calls(page, "quit"), [{}]);
  }));

test("the app leads the window", () =>
  walk({ hash: "#/settings" }, async (page) => {
    await page.evaluate((run_id) => window.mock.emit("navigate", { page: "runs", run_id }), CART);
    await page.waitForSelector(".answer");
    await page.evaluate(() => window.mock.emit("navigate", { page: "elsewhere" }));
    assert.match(page.url(), /runs/);
  }));

test("the activity is read page by page, and filtered by what the store has", () =>
  walk({ hash: "#/activity", scene: "many" }, async (page) => {
    await page.waitForSelector("td");
    assert.equal(await page.locator("tbody tr").count(), 100);
    await page.getByRole("button", { name: "Show older" }).click();
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 200);
    // What was asked for once, long ago, can be chosen all the same.
    await page.getByLabel("Action", { exact: true }).selectOption({ label: "Finish run" });
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
    assert.deepEqual(await calls(page, "audit_log"), [{ limit: 100 }, { limit: 100, before: 851 }, { limit: 100, action: "finish_run" }]);
  }));

test("a link of a model's leads nowhere", () =>
  walk({ hash: `#/runs/${CART}` }, async (page) => {
    await page.waitForSelector(".answer a");
    const before = page.url();
    await page.locator(".answer a").first().click();
    await page.getByText("Link copied").waitFor();
    assert.equal(page.url(), before);
  }));
