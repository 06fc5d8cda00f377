// Channels, the bot's DM, and who is acting.

import { el } from "./dom.js";
import { avatar } from "./people.js";
import { dmOf, go, state } from "./store.js";

export function sidebar(root) {
  let shown = "";
  return () => {
    const now = JSON.stringify([state.me, state.channel, [...state.unread], state.people.size]);
    if (!state.ready || now === shown) return;
    shown = now;
    const rooms = state.channels.filter((channel) => !channel.person && channel.members.includes(state.me));
    const dm = dmOf(state.me);
    root.replaceChildren(
      el("div", { class: "workspace-name" }, "Local workspace"),
      group("Channels", rooms.map((room) => place(room.id, el("span", { class: "hash" }, "#"), room.name))),
      group("Direct messages", [place(dm, avatar(state.bot.user, "tiny"), state.bot.name)]),
      el("div", { class: "spacer" }),
      actingAs(),
    );
  };
}

function group(title, items) {
  return el("section", { class: "group" }, el("h2", {}, title), items);
}

function place(id, sign, name) {
  const here = id === state.channel;
  const classes = `place ${here ? "here" : ""} ${state.unread.has(id) ? "unread" : ""}`;
  return el("button", { class: classes, type: "button", "aria-current": here ? "page" : null, "data-channel": id, onclick: () => go({ channel: id }) }, sign, name);
}

function actingAs() {
  const people = [...state.people.values()].filter((person) => !person.is_bot);
  return el(
    "section",
    { class: "acting", role: "radiogroup", "aria-label": "Acting as" },
    el("h2", {}, "Acting as"),
    people.map((person) =>
      el(
        "button",
        { class: `person ${person.id === state.me ? "me" : ""}`, type: "button", role: "radio", "aria-checked": String(person.id === state.me), "data-person": person.id, onclick: () => go({ me: person.id, ...(state.channel.startsWith("D") ? { channel: dmOf(person.id) } : {}) }) },
        avatar(person.id, "small"),
        el("span", { class: "person-name" }, person.name, el("span", { class: "person-more" }, `${person.title} · ${person.locale}`)),
      ),
    ),
  );
}
