// Very much of everything.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { LIVE, start } from "./browser.mjs";

let desk;
before(async () => (desk = await start()));
after(() => desk.stop());

test("ten thousand runs scroll, and only what is seen is there", async () => {
  const page = await desk.open({ hash: "#/runs", scene: "many" });
  await page.waitForSelector("[role=option]");
  const took = await page.evaluate(async () => {
    const box = document.querySelector("[role=listbox]");
    const frames = [];
    let before = performance.now();
    let most = 0;
    for (let i = 0; i < 400; i++) {
      box.scrollTop += 2500;
      await new Promise((done) => requestAnimationFrame(done));
      // A fixed clock stands still; frames are counted by another one.
      frames.push(performance.now() - before);
      before = performance.now();
      most = Math.max(most, document.querySelectorAll("[role=option]").length);
      if (i % 3 === 0) await new Promise((done) => setTimeout(done, 0));
    }
    return { most, height: box.scrollHeight };
  });
  assert.ok(took.most < 60, `${took.most} rows at once`);
  await page.getByRole("listbox").focus();
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press("End");
    if (await page.locator("[role=option][aria-selected=true]").getByText("(1)", { exact: false }).count()) break;
    await page.waitForTimeout(5);
  }
  const height = await page.getByRole("listbox").evaluate((box) => box.scrollHeight);
  assert.ok(height > 10_000 * 56, `${height} pixels`);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("five thousand events and a thousand more each second leave the window small and quick", async () => {
  const page = await desk.open({ hash: `#/runs/${LIVE}`, scene: "flood", fixed: false });
  await page.waitForSelector("li .line");
  await page.getByRole("button", { name: /earlier events/ }).waitFor();
  await page.waitForTimeout(3000);
  const seen = await page.evaluate(async () => {
    const rows = document.querySelectorAll(".column > ol > li").length;
    const box = document.querySelector("[role=region][aria-label=Timeline]");
    let paints = 0;
    const observer = new MutationObserver(() => paints++);
    observer.observe(document.querySelector(".column > ol"), { childList: true });
    await new Promise((done) => setTimeout(done, 2000));
    observer.disconnect();
    return { rows, paints, atEnd: box.scrollHeight - box.scrollTop - box.clientHeight < 100 };
  });
  // What fits into the window and a little more; what is above comes when somebody turns back to it.
  assert.ok(seen.rows <= 80, `${seen.rows} rows`);
  assert.ok(seen.paints <= 22, `${seen.paints} paints in two seconds`);
  assert.ok(seen.paints >= 5, `${seen.paints} paints in two seconds`);
  assert.ok(seen.atEnd, "it follows the end");
  const back = await page.evaluate(async () => {
    const box = document.querySelector("[role=region][aria-label=Timeline]");
    const place = (row) => row.getBoundingClientRect().top;
    const row = document.querySelectorAll(".column > ol > li")[5];
    const before = place(row);
    const rows = () => document.querySelectorAll(".column > ol > li").length;
    box.scrollTop -= 300;
    while (rows() < 300) await new Promise((done) => requestAnimationFrame(done));
    return { moved: place(row) - before, rows: rows() };
  });
  assert.ok(Math.abs(back.moved - 300) < 40, `it moved by ${back.moved}`);
  assert.ok(back.rows > 300, `${back.rows} rows`);
  await page.keyboard.press("Control+2");
  await page.waitForSelector("td");
  assert.equal(await page.evaluate(() => window.mock.unwatched.size), 1);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("what was there before can be read", async () => {
  const page = await desk.open({ hash: `#/runs/${LIVE}`, scene: "flood", fixed: false });
  await page.getByRole("button", { name: /4,800 earlier events/ }).click();
  await page.getByRole("button", { name: /4,600 earlier events/ }).waitFor();
  await page.context().close();
});
