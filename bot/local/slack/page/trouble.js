// The panel that makes trouble as Slack makes it, and shows how the bot copes.

import { el, icon, ICONS } from "./dom.js";
import { send } from "./wire.js";

const LOOK_MILLISECONDS = 700;
const KINDS = [
  ["drop", "Cut the socket", "Gone without a goodbye. The bot connects again; what was on its way comes once more."],
  ["refresh", "Refresh", "Slack's routine: go, says the old link, and lives on for ten seconds. Nothing may be lost."],
  ["half_open", "Half-open", "The link swallows everything and says nothing. Only missing pongs betray it."],
  ["late", "Late", "The next post reaches the bot ten seconds late: what is said after it overtakes it."],
  ["redeliver", "Deliver again", "The newest event once more, though it was acknowledged. Nobody may answer it twice."],
  ["rate_limit", "429", "The next two posts, updates and stream calls of each kind: wait five seconds."],
  ["fail", "503", "The next two of each kind fail on Slack's side."],
  ["cut", "Lost answer", "The next one of each kind takes effect, and the connection breaks before its answer."],
  ["slow", "Slow", "The next twenty calls take three seconds more."],
];

export function troublePanel(root, opener) {
  const seen = el("div", { class: "trouble-seen" });
  let looking = null;

  async function look() {
    try {
      seen.replaceChildren(...drawn(await (await fetch("/local/trouble")).json()));
    } catch {
      seen.replaceChildren(el("p", {}, "The workspace does not answer."));
    }
  }

  function toggle() {
    root.hidden = !root.hidden;
    opener.setAttribute("aria-expanded", String(!root.hidden));
    clearInterval(looking);
    if (root.hidden) return opener.focus();
    look();
    looking = setInterval(look, LOOK_MILLISECONDS);
    root.querySelector("button").focus();
  }

  opener.addEventListener("click", toggle);
  root.addEventListener("keydown", (event) => event.key === "Escape" && toggle());
  const strike = (kind) => () => send("trouble", { kind }).then(look);
  root.append(
    el("header", {}, el("h2", {}, "Slack trouble"), el("button", { class: "icon-button", type: "button", "aria-label": "Close", onclick: toggle }, icon(ICONS.close))),
    el("div", { class: "trouble-kinds" }, KINDS.map(([kind, name, what]) =>
      el("div", {}, el("button", { class: "button", type: "button", "data-trouble": kind, onclick: strike(kind) }, name), el("p", {}, what)))),
    seen,
  );
}

function drawn({ sockets, waiting, envelopes, calls }) {
  const held = waiting ? `, ${waiting} event${waiting === 1 ? "" : "s"} not acknowledged yet` : "";
  return [
    el("p", { class: `trouble-line ${sockets ? "" : "bad"}` }, `${sockets} socket${sockets === 1 ? "" : "s"}${held}`),
    list("Sent to the bot", envelopes.map((one) => [one.what, became(one), one.abandoned])),
    list("Called by the bot", calls.map((call) => [call.method, call.error ?? "ok", Boolean(call.error)])),
  ];
}

function became({ deliveries, milliseconds, link, abandoned }) {
  const times = deliveries > 1 ? ` · sent ${deliveries} times` : "";
  if (milliseconds !== null) return `${milliseconds} ms, link ${link}${times}`;
  return (abandoned ? "given up" : "waiting") + times;
}

function list(title, rows) {
  const items = rows.map(([what, how, isBad]) => el("li", { class: isBad ? "bad" : "" }, el("span", {}, what), el("span", {}, how)));
  return el("section", {}, el("h3", {}, title), el("ol", {}, items.length ? items : el("li", {}, "nothing yet")));
}
