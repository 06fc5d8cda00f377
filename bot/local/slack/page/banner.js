// Which services are stand-ins, and how the model is.

import { el } from "./dom.js";
import { state } from "./store.js";

const LEVELS = new Set(["info", "warning", "error", "progress"]);
const NOTHING_SAID = [{ level: "info", text: "A Slack workspace on this machine" }];

export function banner(root) {
  let shown = "";
  return () => {
    const lines = state.banner.length ? state.banner : NOTHING_SAID;
    if (JSON.stringify(lines) === shown) return;
    shown = JSON.stringify(lines);
    root.replaceChildren(...lines.map(({ level, text }) => {
      const dot = el("span", { class: "dot", "aria-hidden": "true" });
      return el("span", { class: `banner-line ${LEVELS.has(level) ? level : "info"}` }, dot, text);
    }));
  };
}
