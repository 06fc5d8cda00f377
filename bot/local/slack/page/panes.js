// The channel in the middle and the thread at the right.

import { Composer } from "./composer.js";
import { el, icon, ICONS } from "./dom.js";
import { doorbell, Home, prompts, tabs } from "./home.js";
import { avatar, nameOf } from "./people.js";
import { channelNow, go, state, threadOf, topLevel } from "./store.js";
import { Stream } from "./stream.js";
import { say, send } from "./wire.js";

export function channelPane(root) {
  const stream = new Stream();
  const composer = new Composer((text) => say(state.channel, text));
  const head = el("header", { class: "pane-head" });
  const offered = el("div", {});
  const foot = el("div", { class: "pane-foot" }, offered, composer.node);
  const home = new Home();
  const ring = doorbell();
  root.append(head, stream.node, home.node, foot);
  return () => {
    const channel = channelNow();
    if (!channel) return;
    ring(channel);
    head.replaceChildren(...headOf(channel));
    const isHome = Boolean(channel.person) && state.tab === "home";
    home.node.hidden = !isHome;
    stream.node.hidden = foot.hidden = isHome;
    if (isHome) return home.draw();
    offered.replaceChildren(...[prompts(channel)].filter(Boolean));
    const messages = topLevel(channel.id);
    stream.draw(`${state.me}/${channel.id}`, channel.id, messages, { before: messages.length ? [] : [welcome(channel)] });
    composer.draw(channel.person ? `Message ${state.bot.name}` : `Message #${channel.name}`);
  };
}

function headOf(channel) {
  if (channel.person) {
    return [avatar(state.bot.user, "small"), el("h1", {}, state.bot.name), tabs(), el("span", { class: "topic" }, `Direct message with ${nameOf(channel.person)}`)];
  }
  const members = el("span", { class: "members", title: channel.members.map(nameOf).join(", ") }, channel.members.map((id) => avatar(id, "tiny")), el("span", { class: "count" }, String(channel.members.length)));
  return [el("h1", {}, el("span", { class: "hash" }, "#"), channel.name), el("span", { class: "topic" }, channel.topic), members];
}

function welcome(channel) {
  const ask = (question) => () => say(channel.id, channel.person ? question : `@${state.bot.name} ${question}`);
  const where = channel.person ? `This is the start of your conversation with ${state.bot.name}.` : `This is the very beginning of #${channel.name}.`;
  return el(
    "div",
    { class: "welcome" },
    avatar(state.bot.user, "large"),
    el("h2", {}, `Ask ${state.bot.name} about the shop`),
    el("p", {}, `${where} Ask in your own language; the answer comes with its table, its SQL and its price.`),
    // What the agent itself offers, below, goes before the workspace's own.
    !state.prompts.has(channel.id) && el("div", { class: "suggestions" }, state.suggestions.map((question) =>
      el("button", { class: "suggestion", type: "button", onclick: ask(question) }, question))),
  );
}

export function threadPane(root) {
  const stream = new Stream();
  const composer = new Composer((text) => say(state.channel, text, state.thread));
  const where = el("span", { class: "topic" });
  const close = el("button", { class: "icon-button close", type: "button", "aria-label": "Close thread", onclick: () => go({ thread: null }) }, icon(ICONS.close));
  const stop = el("button", { class: "button stop-session", type: "button", onclick: () => send("stop_session", { channel: state.channel, thread_ts: state.thread }) }, "Stop");
  root.append(el("header", { class: "pane-head" }, el("h1", {}, "Thread"), where, stop, close), stream.node, el("div", { class: "pane-foot" }, composer.node));
  return () => {
    const channel = channelNow();
    const messages = channel && state.thread ? threadOf(channel.id, state.thread) : [];
    root.hidden = !messages.length;
    if (root.hidden) return;
    const session = state.sessions.get(`${channel.id}/${state.thread}`);
    where.textContent = session?.title || (channel.person ? state.bot.name : `# ${channel.name}`);
    stop.hidden = session?.status !== "processing";
    const status = state.statuses.get(`${channel.id}/${state.thread}`);
    const after = status ? [el("div", { class: "typing" }, avatar(state.bot.user, "small"), `${state.bot.name} ${status}`)] : [];
    stream.draw(`${state.me}/${channel.id}/${state.thread}`, channel.id, messages, { inThread: true, after });
    composer.draw("Reply…");
  };
}
