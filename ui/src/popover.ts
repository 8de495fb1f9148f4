/** Starts the popover. */

import "./app.css";
import Popover from "./popover/Popover.svelte";
import { show } from "./start";

await show(Popover);
