// Slack's mrkdwn as nodes: *bold* _italic_ ~strike~ `code` ```blocks``` <links> @people :emoji: and quotes.

import { clock, day, el } from "./dom.js";
import { emoji } from "./emoji.js";
import { go, state } from "./store.js";

// A mark counts only between non-letters, as in Slack: snake_case_names stay whole, and so does 2*3*4.
const MARK = (sign) =>
  `(?<![\\p{L}\\p{N}${sign}])[${sign}](?![\\s${sign}])([^${sign}\\n]+?)(?<!\\s)[${sign}](?![\\p{L}\\p{N}${sign}])`;
const TOKEN = new RegExp(
  ["`([^`\\n]+)`", "<([^<>\\n]+)>", ":([a-z0-9_+-]+):", MARK("*"), MARK("_"), MARK("~")].join("|"),
  "gu",
);
const SAFE_LINK = /^(https?:|mailto:)/i;

export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Nodes for a whole mrkdwn text. */
export function mrkdwn(text) {
  const parts = String(text ?? "").split(/```\n?([\s\S]*?)```/g);
  return parts.flatMap((part, index) => {
    if (index % 2) return [codeBlock(unescape(part.replace(/\n$/, "")))];
    const trimmed = part.replace(index ? /^\n/ : /^$/, "").replace(index < parts.length - 1 ? /\n$/ : /^$/, "");
    return trimmed ? lines(trimmed) : [];
  });
}

/** A block of code; SQL gets its words in colour. */
export function codeBlock(code) {
  const isSql = /^\s*(--.*\n|\s)*(SELECT|WITH|FROM)\b/i.test(code);
  return el("pre", { class: "code", tabindex: "0" }, el("code", {}, isSql ? sql(code) : code));
}

const SQL_TOKEN = new RegExp(
  "(--[^\\n]*)|('(?:[^'\\\\]|\\\\.)*')|(`[^`]*`)|\\b(\\d+(?:\\.\\d+)?)\\b|\\b(SELECT|FROM|WHERE|GROUP|ORDER|BY|LIMIT|" +
    "JOIN|LEFT|RIGHT|INNER|OUTER|FULL|CROSS|ON|USING|AS|AND|OR|NOT|IN|IS|NULL|WITH|HAVING|DISTINCT|CASE|WHEN|THEN|ELSE|" +
    "END|DESC|ASC|BETWEEN|LIKE|UNION|ALL|OVER|PARTITION|QUALIFY|UNNEST|INTERVAL|TRUE|FALSE|EXISTS|EXCEPT|ROLLUP)\\b",
  "gi",
);
const SQL_KINDS = ["comment", "string", "name", "number", "word"];

function sql(code) {
  return scan(code, SQL_TOKEN, (found) => {
    const kind = SQL_KINDS[found.slice(1).findIndex((group) => group !== undefined)];
    return el("span", { class: `sql-${kind}` }, found[0]);
  }, (plain) => plain);
}

function lines(text) {
  const nodes = [];
  let quote = null;
  for (const [index, line] of text.split("\n").entries()) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = el("blockquote")));
      else quote.append(el("br"));
      quote.append(...inline(quoted[1]));
      continue;
    }
    if (index && !quote) nodes.push(el("br"));
    quote = null;
    nodes.push(...inline(line));
  }
  return nodes;
}

/** Nodes for one line of mrkdwn. */
export function inline(text) {
  return scan(text, TOKEN, ([whole, code, angle, name, bold, italic, strike]) => {
    if (code !== undefined) return el("code", { class: "inline-code" }, unescape(code));
    if (angle !== undefined) return reference(angle);
    if (name !== undefined) return emoji(name) === whole ? whole : el("span", { class: "emoji" }, emoji(name));
    if (bold !== undefined) return el("strong", {}, ...inline(bold));
    if (italic !== undefined) return el("em", {}, ...inline(italic));
    return el("s", {}, ...inline(strike));
  }, unescape);
}

function scan(text, pattern, token, plain) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    if (found.index > end) nodes.push(plain(text.slice(end, found.index)));
    nodes.push(token(found));
    end = found.index + found[0].length;
  }
  if (end < text.length) nodes.push(plain(text.slice(end)));
  return nodes;
}

/** What stands between angle brackets: a person, a channel, a call to all, a link. */
function reference(inside) {
  const [target, label] = inside.split("|", 2);
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channelLink(target.slice(1), label);
  if (target.startsWith("!date^")) return moment(target, label);
  if (target.startsWith("!")) return el("span", { class: "mention" }, `@${label || target.slice(1)}`);
  return link(unescape(target), label ? unescape(label) : unescape(target));
}

/** `!date^<seconds>^<format>`: in the reader's own zone; what this cannot write is said by its fallback. */
function moment(target, fallback) {
  const [, seconds, format = ""] = target.split("^");
  const date = new Date(Number(seconds) * 1000);
  const written = { date_short_pretty: day(seconds), date_pretty: day(seconds), time: clock(seconds) };
  const words = format.replace(/\{(\w+)\}/g, (token, name) => written[name] ?? token);
  return el("time", { title: date.toLocaleString("en-US") }, /\{\w+\}/.test(words) ? unescape(fallback ?? "") : words);
}

export function mention(id) {
  const me = id === state.me ? " mention-me" : "";
  return el("span", { class: `mention${me}` }, `@${state.people.get(id)?.name ?? id}`);
}

function channelLink(id, label) {
  const known = state.channels.find((channel) => channel.id === id);
  const name = `#${known?.name || label || id}`;
  if (!known) return el("span", { class: "mention" }, name);
  return el("button", { class: "mention linklike", type: "button", onclick: () => go({ channel: id }) }, name);
}

/** A link, if its scheme is a harmless one; else the words alone. */
export function link(url, ...label) {
  if (!SAFE_LINK.test(url)) return el("span", {}, ...label);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...label);
}
