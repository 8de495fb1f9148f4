/** Starts the window. */

import "./app.css";
import App from "./App.svelte";
import { show } from "./start";

await show(App);
