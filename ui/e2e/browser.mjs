// A browser that shows the test build, at a fixed time.
import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

import { serve } from "./serve.mjs";

export const NOW = new Date("2026-11-22T14:32:00Z");
export const CART = "run_01kc8q4t5m2x9abcde";
export const REVIEW = "run_01kc8p1h7v4k2bcdef";
export const LIVE = "run_01kc8r9w3n6y7cdefg";
export const FAILED = "run_01kc8nd5k2c4dghjkm";
export const ASKING = "run_01kc8qzz4f5a6efghj";
export const QUEUED = "run_01kc8rq17g8b9fghjk";

const PROGRAM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"].find((path) => path && existsSync(path));

/** Starts server and browser. */
export async function start() {
  const server = await serve();
  const browser = await chromium.launch({
    executablePath: PROGRAM,
    args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--font-render-hinting=none", "--disable-lcd-text"],
  });
  return {
    /** A page at `hash`, of this scene. What goes wrong in it is gathered in `page.faults`. */
    async open({ hash = "", scene = "busy", theme = "light", width = 1200, height = 800, more = "", motion = "reduce", fixed = true } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: motion, timezoneId: "UTC", locale: "en-GB", deviceScaleFactor: 1 });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      page.faults = [];
      page.on("pageerror", (error) => page.faults.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" || /content security policy/i.test(message.text())) page.faults.push(message.text());
      });
      // As the app does.
      await page.addInitScript(() => void Object.freeze(Object.prototype));
      if (fixed) await page.clock.setFixedTime(NOW);
      const file = more.includes("window=popover") ? "popover.html" : "index.html";
      await page.goto(`${server.url}/${file}?scene=${scene}${more}${hash}`);
      await page.waitForSelector("main");
      return page;
    },
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
}
