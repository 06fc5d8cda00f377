// A scrolling list of messages that redraws only what changed, and stays at the bottom when the reader is there.

import { day, el } from "./dom.js";
import { messageRow } from "./message.js";
import { state } from "./store.js";

const GROUP_SECONDS = 300;
const NEAR_BOTTOM = 120;

export class Stream {
  constructor() {
    this.rows = new Map(); // key -> {signature, node}
    this.node = el("div", { class: "stream", role: "log", "aria-live": "polite", tabindex: "0" });
    this.place = null;
    this.atBottom = true;
    this.node.addEventListener("scroll", () => {
      this.atBottom = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_BOTTOM;
    });
    // A row that grows later (fonts, an opened container, the window) must not push the newest out of sight.
    new ResizeObserver(() => this.settle()).observe(this.node);
  }

  /** Show *messages* of *channel*; *place* names the list: another place starts at its bottom. */
  draw(place, channel, messages, { inThread = false, before = [], after = [] } = {}) {
    if (place !== this.place) {
      this.rows.clear();
      this.place = place;
      this.atBottom = true;
    }
    const wanted = [...before];
    const kept = new Map();
    let previous = null;
    for (const message of messages) {
      if (!inThread && day(message.ts) !== (previous && day(previous.ts))) wanted.push(this.divider(kept, day(message.ts)));
      const compact = Boolean(previous) && belongsTo(previous, message) && !(inThread && previous === messages[0]);
      wanted.push(this.row(kept, message, channel, { compact, inThread }));
      if (inThread && message === messages[0] && messages.length > 1) wanted.push(this.replyCount(kept, messages.length - 1));
      previous = message;
    }
    this.rows = kept;
    arrange(this.node, [...wanted, ...after]);
    this.settle();
  }

  settle() {
    if (this.atBottom) this.node.scrollTop = this.node.scrollHeight;
  }

  row(kept, message, channel, options) {
    const signature = JSON.stringify([message, options, state.me, state.people.size]);
    const known = this.rows.get(message.ts);
    const entry = known?.signature === signature ? known : { signature, node: messageRow(message, channel, options) };
    kept.set(message.ts, entry);
    return entry.node;
  }

  divider(kept, label) {
    const entry = this.rows.get(label) ?? { node: el("div", { class: "day", role: "separator" }, el("span", {}, label)) };
    kept.set(label, entry);
    return entry.node;
  }

  replyCount(kept, count) {
    const label = `${count} ${count === 1 ? "reply" : "replies"}`;
    const entry = this.rows.get(label) ?? { node: el("div", { class: "reply-count" }, el("span", {}, label)) };
    kept.set(label, entry);
    return entry.node;
  }
}

function belongsTo(previous, message) {
  return (
    previous.user === message.user && !message.is_ephemeral && !previous.is_ephemeral && !previous.reply_count &&
    Number(message.ts) - Number(previous.ts) < GROUP_SECONDS && day(previous.ts) === day(message.ts)
  );
}

/** Make *nodes* the children of *parent*, moving none that is in place (a moved node loses focus and selection). */
function arrange(parent, nodes) {
  const keep = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}
