/** Starts the window that this is. */

import { mount } from "svelte";

import "./app.css";

if (import.meta.env.MODE === "mock") await import("./mock");

const { windowLabel } = await import("./lib/api");
const { default: Window } = windowLabel() === "popover" ? await import("./popover/Popover.svelte") : await import("./App.svelte");
const target = document.getElementById("app");
if (target) mount(Window, { target });
