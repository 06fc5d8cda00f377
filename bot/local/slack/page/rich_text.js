// The `rich_text` block: what Slack makes of what people type, and what bots put into table cells and task cards.

import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { codeBlock, link, mention } from "./mrkdwn.js";
import { state } from "./store.js";

export function richText(block) {
  return (block?.elements ?? []).map(part);
}

/** The words alone, for sorting. */
export function plainText(node) {
  if (Array.isArray(node)) return node.map(plainText).join("");
  return node?.text && typeof node.text === "string" ? node.text : plainText(node?.elements ?? []);
}

function part(node) {
  const inner = (node.elements ?? []).flatMap((child) => (child.type?.startsWith("rich_text") ? part(child) : leaf(child)));
  if (node.type === "rich_text_preformatted") return codeBlock((node.elements ?? []).map((e) => e.text ?? e.url ?? "").join(""));
  if (node.type === "rich_text_quote") return el("blockquote", {}, inner);
  if (node.type === "rich_text_list") {
    return el(node.style === "ordered" ? "ol" : "ul", {}, (node.elements ?? []).map((item) => el("li", {}, part(item))));
  }
  return el("span", { class: "rich-section" }, inner);
}

function leaf(node) {
  if (node.type === "user") return [mention(node.user_id)];
  if (node.type === "channel") return [`#${state.channels.find((c) => c.id === node.channel_id)?.name ?? node.channel_id}`];
  if (node.type === "emoji") return [emoji(node.name)];
  if (node.type === "broadcast") return [el("span", { class: "mention" }, `@${node.range}`)];
  if (node.type === "link") return [styled(link(node.url, node.text || node.url), node.style)];
  return (node.text ?? "").split("\n").flatMap((line, index) => [...(index ? [el("br")] : []), styled(line, node.style)]);
}

function styled(inner, style = {}) {
  let node = inner;
  if (style.code) node = el("code", { class: "inline-code" }, node);
  if (style.bold) node = el("strong", {}, node);
  if (style.italic) node = el("em", {}, node);
  if (style.strike) node = el("s", {}, node);
  return node;
}
