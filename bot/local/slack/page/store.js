// What the workspace holds and where the reader stands. Changes come from the wire; panes draw what is here.

const SEEN = "local-slack-person";

export const state = {
  ready: false,
  bot: { user: "", name: "" },
  people: new Map(),
  channels: [],
  messages: new Map(), // channel -> Map(ts -> message)
  ephemeral: [],
  screens: new Map(), // person -> {views, home}
  statuses: new Map(), // "channel/thread" -> text
  sessions: new Map(), // "channel/thread" -> {status, title}: what an agent says of a conversation
  prompts: new Map(), // direct message -> {title, prompts}
  commands: [], // the app's slash commands and shortcuts, as its manifest has them
  shortcuts: [],
  tab: "messages", // of the app: or "home"
  banner: [],
  suggestions: [],
  me: sessionStorage.getItem(SEEN) || "U0ANA",
  channel: "C0GENERAL",
  thread: null,
  unread: new Set(),
  asked: new Set(), // posts made on this page whose thread opens with the first answer
};

const watchers = new Set();

export function watch(draw) {
  watchers.add(draw);
}

let drawing = false;

/** Draw again, once per frame however many changes came. */
export function changed() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    for (const draw of watchers) draw();
  });
}

/** Stand somewhere else: `{me}`, `{channel}`, `{thread}`, `{tab}`. The address says where, so that a reload comes back. */
export function go(place) {
  if (place.me && place.me !== state.me) {
    state.me = place.me;
    sessionStorage.setItem(SEEN, place.me);
    const there = state.channels.find((channel) => channel.id === state.channel);
    if (there && !there.members.includes(place.me)) Object.assign(state, { channel: dmOf(place.me), thread: null });
  }
  if (place.channel && place.channel !== state.channel) Object.assign(state, { channel: place.channel, thread: null, tab: "messages" });
  if (place.tab) state.tab = place.tab;
  if (place.thread !== undefined) state.thread = place.thread;
  state.unread.delete(state.channel);
  history.replaceState(null, "", `#${[state.me, state.channel, state.thread].filter(Boolean).join("/")}`);
  changed();
}

export function readAddress() {
  const parts = decodeURIComponent(location.hash.slice(1)).split("/").filter(Boolean);
  const place = {};
  for (const part of parts) {
    if (state.people.has(part)) place.me = part;
    else if (state.channels.some((channel) => channel.id === part)) place.channel = part;
    else if (/^\d+\.\d+$/.test(part)) place.thread = part;
  }
  go(place);
}

export function dmOf(person) {
  return state.channels.find((channel) => channel.person === person)?.id;
}

export function channelNow() {
  return state.channels.find((channel) => channel.id === state.channel);
}

/** The top level of a channel as the reader sees it, oldest first. */
export function topLevel(channel) {
  const all = [...(state.messages.get(channel)?.values() ?? [])];
  return withWhispers(all.filter((m) => !m.thread_ts || m.thread_ts === m.ts), channel, null);
}

/** A root and its replies. */
export function threadOf(channel, ts) {
  const all = [...(state.messages.get(channel)?.values() ?? [])];
  return withWhispers(all.filter((m) => m.ts === ts || m.thread_ts === ts), channel, ts);
}

function withWhispers(messages, channel, thread) {
  const mine = state.ephemeral.filter(
    (m) => m.channel === channel && m.ephemeral_to === state.me && (m.thread_ts ?? null) === thread,
  );
  return [...messages, ...mine].sort((a, b) => Number(a.ts) - Number(b.ts));
}

/** Take in one change from the wire. */
export function apply(change) {
  const take = CHANGES[change.type];
  if (take) take(change);
  changed();
}

const CHANGES = {
  __proto__: null,
  state(all) {
    Object.assign(state, { ready: true, bot: all.bot, channels: all.channels, ephemeral: all.ephemeral });
    Object.assign(state, { banner: all.banner, suggestions: all.suggestions });
    state.people = new Map(all.people.map((person) => [person.id, person]));
    state.messages = new Map(
      Object.entries(all.messages).map(([id, messages]) => [id, new Map(messages.map((m) => [m.ts, m]))]),
    );
    state.screens = new Map(all.screens.map((screen) => [screen.user, screen]));
    state.statuses = new Map(all.statuses.map((s) => [`${s.channel}/${s.thread_ts}`, s.status]));
    state.sessions = new Map(all.sessions.map((s) => [`${s.channel}/${s.thread_ts}`, s]));
    state.prompts = new Map(all.prompts.map((one) => [one.channel, one]));
    Object.assign(state, { commands: all.commands, shortcuts: all.shortcuts });
    readAddress();
  },
  message({ channel, message }) {
    const known = state.messages.get(channel);
    const isNew = !known.has(message.ts);
    known.set(message.ts, message);
    if (!isNew) return;
    state.statuses.delete(`${channel}/${message.thread_ts}`);
    if (channel !== state.channel) state.unread.add(channel);
    if (message.bot_id && state.asked.delete(message.thread_ts) && channel === state.channel) {
      go({ thread: message.thread_ts });
    }
  },
  deleted({ channel, message }) {
    state.messages.get(channel).delete(message.ts);
  },
  ephemeral({ message }) {
    state.ephemeral.push(message);
  },
  views(screen) {
    state.screens.set(screen.user, screen);
  },
  status({ channel, thread_ts: thread, status }) {
    if (status) state.statuses.set(`${channel}/${thread}`, status);
    else state.statuses.delete(`${channel}/${thread}`);
  },
  session(session) {
    state.sessions.set(`${session.channel}/${session.thread_ts}`, session);
  },
  prompts(prompts) {
    state.prompts.set(prompts.channel, prompts);
  },
  banner({ banner }) {
    state.banner = banner;
  },
};
