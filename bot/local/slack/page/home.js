// The app's own place: its Home tab beside its messages, and what its agent offers to ask.

import { renderBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { go, state } from "./store.js";
import { say, send } from "./wire.js";

const TABS = [["home", "Home"], ["messages", "Messages"]];

export function tabs() {
  return el("div", { class: "tabs", role: "tablist" }, TABS.map(([tab, name]) =>
    el("button", { type: "button", role: "tab", "aria-selected": String(state.tab === tab), "data-tab": tab, onclick: () => go({ tab }) }, name)));
}

/** Tells the app when somebody comes to it, as Slack does; stays quiet for redraws. */
export function doorbell() {
  let at = null;
  return (channel) => {
    const now = channel.person === state.me ? `${channel.id}/${state.tab}` : null;
    if (now && now !== at) send("open_home", { tab: state.tab });
    at = now;
  };
}

export class Home {
  constructor() {
    this.node = el("div", { class: "home", tabindex: "0" });
    this.shown = null;
  }

  draw() {
    const view = state.screens.get(state.me)?.home;
    const shown = view ? view.hash : "nothing";
    if (shown === this.shown) return; // a menu that is open stays open
    this.shown = shown;
    if (!view) return this.node.replaceChildren(el("p", { class: "home-empty" }, `${state.bot.name} has shown nothing here yet.`));
    const act = (item, choice) => send("click", { view_id: view.id, action_id: item.action_id, value: item.value ?? null, choice });
    this.node.replaceChildren(...renderBlocks(view.blocks, { key: view.id, act }));
  }
}

/** What the agent offers to ask: up to four, above the place where people type. */
export function prompts(channel) {
  const offered = channel.person && state.prompts.get(channel.id);
  if (!offered) return null;
  return el("div", { class: "prompts", "aria-label": "Suggested questions" },
    offered.title && el("span", { class: "prompts-title" }, offered.title),
    offered.prompts.map(({ title, message }) => el("button", { class: "suggestion", type: "button", title: message, onclick: () => say(channel.id, message) }, title)));
}
