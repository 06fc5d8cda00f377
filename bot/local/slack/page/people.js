// Avatars and names.

import { el } from "./dom.js";
import { state } from "./store.js";

export function avatar(id, size = "") {
  const person = state.people.get(id);
  if (person?.is_bot) return el("img", { class: `avatar ${size}`, src: "/page/bolt.svg", alt: "" });
  const node = el("span", { class: `avatar ${size}`, "aria-hidden": "true" }, [...nameOf(id)][0].toUpperCase());
  node.style.background = person ? `#${person.color}` : "#616061";
  return node;
}

export function nameOf(id) {
  if (id === "USLACKBOT") return "Slackbot";
  return state.people.get(id)?.name ?? id ?? "?";
}
