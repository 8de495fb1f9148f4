/** Puts a page in the place of what is seen before it. */

import { mount, type Component } from "svelte";

export async function show(page: Component): Promise<void> {
  if (import.meta.env.MODE === "mock") await import("./mock");
  const target = document.getElementById("app");
  if (!target) return;
  target.replaceChildren();
  mount(page, { target });
}
