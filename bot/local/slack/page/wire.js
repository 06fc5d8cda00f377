// The live socket, and the gestures that go the other way.

import { toast } from "./dom.js";
import { apply, go, state } from "./store.js";

const listeners = new Map();

/** Hear changes of one type beside the store, such as `gesture_failed` and `view_errors`. */
export function hear(type, listener) {
  listeners.set(type, listener);
}

export function connect() {
  const socket = new WebSocket(`ws://${location.host}/local/live`);
  const note = document.getElementById("connection");
  socket.onmessage = ({ data }) => {
    const change = JSON.parse(data);
    apply(change);
    listeners.get(change.type)?.(change);
  };
  socket.onopen = () => (note.textContent = "");
  socket.onclose = () => {
    note.textContent = "Not connected: waiting for the workspace…";
    setTimeout(connect, 1000);
  };
}

/** POST to /local/… as the acting person; a refusal is shown. */
export async function send(what, body) {
  try {
    const response = await fetch(`/local/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: state.me, ...body }),
    });
    const answer = await response.json();
    if (!answer.ok) toast(answer.error);
    return answer;
  } catch {
    toast("The workspace does not answer.");
    return { ok: false };
  }
}

/** What a person typed, as Slack writes it: escaped, with mentions as ids. */
export function encode(text) {
  let encoded = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const names = [...state.people.values()].sort((a, b) => b.name.length - a.name.length);
  for (const person of names) {
    const name = person.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    encoded = encoded.replace(new RegExp(`@${name}`, "giu"), () => `<@${person.id}>`);
  }
  return encoded;
}

/** Say *text*, or send it as a command when it begins with a slash. */
export async function say(channel, text, thread = null) {
  const command = /^(\/[a-z][\w-]*)(?:\s+([\s\S]*))?$/i.exec(text);
  if (command) return send("command", { channel, command: command[1], text: command[2] ?? "" });
  const answer = await send("post", { channel, text: encode(text), thread_ts: thread });
  // The first answer opens the thread, whether it comes after our own post's ts or overtook it. The answer itself is
  // looked for: the root's reply count is a change of its own, which may still be on its way when the answer is here.
  if (answer.ok && !thread) {
    if ([...state.messages.get(channel).values()].some((m) => m.bot_id && m.thread_ts === answer.ts)) go({ thread: answer.ts });
    else state.asked.add(answer.ts);
  }
  return answer;
}
