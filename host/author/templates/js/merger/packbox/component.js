// What `packbox plugin build` makes a component of: the ABI above, `src/plugin.js` below. Nothing to change here.

import "./pure.js";
import { log } from "packbox:plugin/log@0.1.0";
import { makeMerger, setLog } from "./packbox.js";
import * as plugin from "../src/plugin.js";

setLog(log);
const console_ = Object.fromEntries(
  [["debug", "debug"], ["log", "info"], ["info", "info"], ["warn", "warn"], ["error", "warn"]].map(([name, level]) => [
    name,
    (...parts) => log(level, parts.map(String).join(" ")),
  ]),
);
Object.assign(globalThis.console, console_);

export const merger = makeMerger(plugin);
