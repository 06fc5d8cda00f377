// One message as a row: who, when, what, reactions, and the way into its thread.

import { renderBlocks } from "./blocks.js";
import { clock, day, el, icon, ICONS } from "./dom.js";
import { ALL, emoji, QUICK } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, nameOf } from "./people.js";
import { changed, go, state } from "./store.js";
import { send } from "./wire.js";

/** `options`: `compact` leaves out the author, `inThread` leaves out the way into the thread. */
export function messageRow(message, channel, options) {
  const classes = ["message", options.compact && "compact", message.is_ephemeral && "ephemeral"].filter(Boolean).join(" ");
  const gutter = options.compact
    ? el("time", { class: "gutter-time" }, clock(message.ts).replace(/ [AP]M$/, ""))
    : avatar(message.user);
  return el(
    "article",
    { class: classes, "data-ts": message.ts, "aria-label": `${nameOf(message.user)}, ${clock(message.ts)}` },
    el("div", { class: "gutter" }, gutter),
    el(
      "div",
      { class: "message-body" },
      message.is_ephemeral && el("div", { class: "only-you" }, "Only visible to you"),
      options.compact ? null : authorLine(message),
      el("div", { class: "content" }, content(message, channel)),
      files(message),
      reactions(message, channel),
      options.inThread ? null : threadFoot(message),
    ),
    message.is_ephemeral ? dismissTool(message) : tools(message, channel, options),
  );
}

function authorLine(message) {
  const person = state.people.get(message.user);
  const badge = (person?.is_bot || message.user === "USLACKBOT") && el("span", { class: "badge" }, "APP");
  const time = el("time", { title: `${day(message.ts)} at ${clock(message.ts)}` }, clock(message.ts));
  return el("div", { class: "author" }, el("strong", {}, nameOf(message.user)), badge, time);
}

function content(message, channel) {
  const act = (item, choice) =>
    send("click", { channel, message_ts: message.ts, action_id: item.action_id, value: item.value ?? null, choice });
  if (!message.blocks?.length) return mrkdwn(message.text);
  try {
    return renderBlocks(message.blocks, { key: message.ts, act });
  } catch (error) {
    // One malformed post must not take the whole conversation off the page.
    console.warn("cannot draw these blocks", error);
    return mrkdwn(message.text);
  }
}

function files(message) {
  if (!message.files?.length) return null;
  return el("div", { class: "files" }, message.files.map((file) =>
    el(
      "a",
      { class: "file", href: new URL(file.url_private).pathname, download: file.name },
      el("span", { class: "file-kind" }, file.filetype.toUpperCase()),
      el("span", { class: "file-name" }, file.title),
      el("span", { class: "file-size" }, size(file.size)),
    ),
  ));
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function reactions(message, channel) {
  if (!message.reactions?.length) return null;
  return el("div", { class: "reactions" }, message.reactions.map((reaction) => {
    const mine = reaction.users.includes(state.me);
    const toggle = () => send("react", { channel, ts: message.ts, name: reaction.name, remove: mine });
    const who = reaction.users.map(nameOf).join(", ");
    return el(
      "button",
      { class: `reaction ${mine ? "mine" : ""}`, type: "button", title: `${who} reacted with :${reaction.name}:`, "aria-pressed": String(mine), onclick: toggle },
      el("span", { class: "emoji" }, emoji(reaction.name)),
      String(reaction.count),
    );
  }));
}

function threadFoot(message) {
  if (!message.reply_count) return null;
  const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
  return el(
    "button",
    { class: "thread-foot", type: "button", onclick: () => go({ thread: message.ts }) },
    message.reply_users.slice(0, 4).map((user) => avatar(user, "small")),
    el("span", { class: "count" }, count),
    el("span", { class: "last" }, `Last reply ${day(message.latest_reply).toLowerCase()} at ${clock(message.latest_reply)}`),
  );
}

function tools(message, channel, options) {
  const react = (name) => () => {
    const mine = message.reactions?.some((r) => r.name === name && r.users.includes(state.me));
    send("react", { channel, ts: message.ts, name, remove: Boolean(mine) });
  };
  const sign = (name) => el("button", { type: "button", tabindex: "-1", title: `:${name}:`, "aria-label": `React with ${name}`, onclick: react(name) }, emoji(name));
  const more = menu("Find another reaction", icon(ICONS.smile), el("div", { class: "menu picker" }, ALL.map(sign)));
  const reply = !options.inThread &&
    el("button", { type: "button", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => go({ thread: message.thread_ts ?? message.ts }) }, icon(ICONS.reply));
  return el("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" }, QUICK.map(sign), more, reply, shortcuts(message, channel));
}

/** The app's shortcuts in the menu of a message. */
function shortcuts(message, channel) {
  const offered = state.shortcuts.filter(({ type }) => type === "message");
  if (!offered.length) return null;
  const choose = (one) => () => send("shortcut", { channel, ts: message.ts, callback_id: one.callback_id });
  const items = offered.map((one) => el("button", { type: "button", title: one.description, "data-shortcut": one.callback_id, onclick: choose(one) },
    avatar(state.bot.user, "tiny"), one.name));
  return menu("More actions", "⋮", el("div", { class: "menu" }, items));
}

/** A button that opens *inside* over everything else, where there is room. */
function menu(name, sign, inside) {
  const open = () => {
    inside.showPopover();
    const [at, size] = [opener.getBoundingClientRect(), inside.getBoundingClientRect()];
    const below = at.bottom + 4;
    inside.style.left = `${Math.max(8, at.right - size.width)}px`;
    inside.style.top = `${below + size.height < innerHeight ? below : at.top - size.height - 4}px`;
  };
  const opener = el("button", { type: "button", title: name, "aria-label": name, "aria-haspopup": "true", onclick: open }, sign);
  inside.popover = "auto";
  inside.addEventListener("click", ({ target }) => target !== inside && inside.hidePopover());
  return [opener, inside];
}

function dismissTool(message) {
  const dismiss = () => {
    send("dismiss", { ts: message.ts });
    state.ephemeral = state.ephemeral.filter((m) => m.ts !== message.ts);
    changed();
  };
  return el("div", { class: "tools" }, el("button", { type: "button", onclick: dismiss }, "Dismiss"));
}
