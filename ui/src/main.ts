/** Starts the window that this is. */

import { mount } from "svelte";

import "./app.css";

if (import.meta.env.MODE === "mock") await import("./mock");

const [{ default: App }, { default: Popover }, { windowLabel }] = await Promise.all([
  import("./App.svelte"),
  import("./popover/Popover.svelte"),
  import("./lib/api"),
]);
const target = document.getElementById("app");
if (target) mount(windowLabel() === "popover" ? Popover : App, { target });
