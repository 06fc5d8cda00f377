// Builds the page out of nodes. Nothing here, or anywhere on the page, turns text into markup: what people, models and
// the warehouse say is data, so it only ever becomes text nodes and checked attributes.

/** An element; `on…` properties listen, `class`, `aria-…`, `data-…` and others become attributes; null is skipped. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element, attributes only. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.flat(Infinity));
  return node;
}

/** A line icon of 20 by 20. */
export function icon(path) {
  const shape = svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 1.6 });
  shape.setAttribute("stroke-linecap", "round");
  shape.setAttribute("stroke-linejoin", "round");
  return svg("svg", { viewBox: "0 0 20 20", class: "icon", "aria-hidden": "true" }, shape);
}

export const ICONS = {
  send: "M3 4.2 17 10 3 15.8l1.8-5.1L11 10 4.8 9.3z",
  close: "M5 5l10 10M15 5 5 15",
  reply: "M4 5.5h12v8H9.5L6 16.5v-3H4z",
  hash: "M8 3.5 6.5 16.5M13.5 3.5 12 16.5M4 7.5h13M3 12.5h13",
  smile: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M7.3 11.6c1.3 2 4.1 2 5.4 0M7.6 8v.2M12.4 8v.2",
  at: "M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0m0 0c0 3 4 3 4-.3A7 7 0 1 0 13.6 16",
  up: "M10 15.5v-11M5.5 9 10 4.5 14.5 9",
  good: "M6.5 9.2 9.6 3c1.6 0 2.3 1 2 2.4L11 8.3h4.4c1 0 1.700 1 1.400 2l-1.400 5c-.2.8-.9 1.300-1.700 1.300H6.500M6.500 9.200v7.400H3.500V9.200z",
  bad: "M13.500 10.800 10.400 17c-1.600 0-2.300-1-2-2.400l.600-2.900H4.600c-1 0-1.700-1-1.400-2l1.400-5c.2-.8.9-1.300 1.700-1.300h7.200M13.500 10.800V3.400h3v7.400z",
};

/** `10:42` and the like, in the reader's own time zone. */
export function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
}

/** `Today`, `Yesterday`, else the date. */
export function day(ts) {
  const date = new Date(Number(ts) * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return date.toLocaleDateString("en-US", { weekday: "long", month: "long", day: "numeric" });
}

/** A short note at the foot of the page. */
export function toast(text) {
  const note = el("div", { class: "toast" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}
