// The `markdown` block: the part of GitHub's Markdown that models write.

import { el } from "./dom.js";
import { codeBlock, link } from "./mrkdwn.js";

const INLINE = /`([^`\n]+)`|\*\*(.+?)\*\*|__(.+?)__|(?<![\p{L}\p{N}*])\*(?!\s)([^*\n]+?)\*|(?<![\p{L}\p{N}_])_(?!\s)([^_\n]+?)_(?![\p{L}\p{N}])|~~(.+?)~~|\[([^\]\n]+)\]\(([^)\s]+)\)/gu;

/** Nodes for a Markdown text. */
export function markdown(text) {
  const nodes = [];
  const lines = String(text ?? "").split("\n");
  for (let at = 0; at < lines.length; ) {
    const read = [fence, table, heading, rule, list, quote, paragraph].map((f) => f(lines, at)).find(Boolean);
    if (read.node) nodes.push(read.node);
    at = read.next;
  }
  return nodes;
}

function fence(lines, at) {
  if (!/^\s*```/.test(lines[at])) return null;
  let end = at + 1;
  while (end < lines.length && !/^\s*```/.test(lines[end])) end += 1;
  return { node: codeBlock(lines.slice(at + 1, end).join("\n")), next: end + 1 };
}

function heading(lines, at) {
  const found = /^(#{1,6})\s+(.*)$/.exec(lines[at]);
  return found && { node: el("h4", { class: `md-h${Math.min(found[1].length, 3)}` }, ...inline(found[2])), next: at + 1 };
}

function rule(lines, at) {
  return /^\s*([-*_])(\s*\1){2,}\s*$/.test(lines[at]) ? { node: el("hr"), next: at + 1 } : null;
}

function list(lines, at) {
  const item = /^\s*(?:([-*+])|(\d+)[.)])\s+(.*)$/;
  const first = item.exec(lines[at]);
  if (!first) return null;
  const node = el(first[1] ? "ul" : "ol", first[2] ? { start: first[2] } : {});
  let end = at;
  for (let found = first; found; found = end < lines.length ? item.exec(lines[end]) : null) {
    node.append(el("li", {}, ...inline(found[3])));
    end += 1;
  }
  return { node, next: end };
}

function quote(lines, at) {
  if (!lines[at].startsWith(">")) return null;
  let end = at;
  while (end < lines.length && lines[end].startsWith(">")) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(/^> ?/, "")).join("\n");
  return { node: el("blockquote", {}, ...markdown(inner)), next: end };
}

function table(lines, at) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim());
  if (!lines[at].includes("|") || !/^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$/.test(lines[at + 1] ?? "")) return null;
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const head = el("tr", {}, cells(lines[at]).map((cell) => el("th", { scope: "col" }, ...inline(cell))));
  const body = lines.slice(at + 2, end).map((line) => el("tr", {}, cells(line).map((cell) => el("td", {}, ...inline(cell)))));
  const node = el("div", { class: "table-frame" }, el("table", { class: "grid" }, el("thead", {}, head), el("tbody", {}, body)));
  return { node, next: end };
}

function paragraph(lines, at) {
  if (!lines[at].trim()) return { node: null, next: at + 1 };
  let end = at + 1;
  const stops = [fence, table, heading, rule, list, quote];
  while (end < lines.length && lines[end].trim() && !stops.some((stop) => stop(lines, end))) end += 1;
  const node = el("p");
  for (const [index, line] of lines.slice(at, end).entries()) node.append(...(index ? [el("br")] : []), ...inline(line));
  return { node, next: end };
}

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > end) nodes.push(text.slice(end, found.index));
    const [, code, strong, strong2, em, em2, struck, label, url] = found;
    if (code !== undefined) nodes.push(el("code", { class: "inline-code" }, code));
    else if (strong ?? strong2) nodes.push(el("strong", {}, ...inline(strong ?? strong2)));
    else if (em ?? em2) nodes.push(el("em", {}, ...inline(em ?? em2)));
    else if (struck) nodes.push(el("s", {}, ...inline(struck)));
    else nodes.push(link(url, ...inline(label)));
    end = found.index + found[0].length;
  }
  if (end < text.length) nodes.push(text.slice(end));
  return nodes;
}
