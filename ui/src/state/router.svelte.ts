/** Where the window is. It is kept in the address, so that going back works. */

import type { Navigate, Page } from "../lib/types";

export type Tab = "timeline" | "changes" | "review" | "raw";
export type Place = { page: Page; run: string | null; tab: Tab };

const PAGES: readonly string[] = ["runs", "activity", "setup", "settings"];
const TABS: readonly string[] = ["timeline", "changes", "review", "raw"];
const RUN_ID = /^(run|tmp)_[0-9a-z]+$/;

const isPage = (word: string): word is Page => PAGES.includes(word);
const isTab = (word: string): word is Tab => TABS.includes(word);

/** The place that an address names; what can't be read leads to the runs. */
export function placeOf(hash: string): Place {
  const [page = "", run = "", tab = ""] = hash.replace(/^#\/?/, "").split("/");
  return {
    page: isPage(page) ? page : "runs",
    run: page === "runs" && RUN_ID.test(run) ? run : null,
    tab: isTab(tab) ? tab : "timeline",
  };
}

class Router {
  place = $state.raw<Place>(placeOf(location.hash));

  /** Follows the address. Returns what ends it. */
  start(): () => void {
    const follow = () => (this.place = placeOf(location.hash));
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }

  go(page: Page): void {
    this.#to(`#/${page}`);
  }

  run(id: string, tab: Tab = "timeline"): void {
    this.#to(tab === "timeline" ? `#/runs/${id}` : `#/runs/${id}/${tab}`);
  }

  /** Goes where the app says. */
  follow(to: Navigate): void {
    if (!isPage(to.page)) return;
    if (to.run_id && RUN_ID.test(to.run_id)) this.run(to.run_id);
    else this.go(to.page);
  }

  #to(hash: string): void {
    if (location.hash !== hash) location.hash = hash;
    this.place = placeOf(hash);
  }
}

export const router = new Router();
