// Block Kit as nodes. `context` says where the blocks are: `key` names them over redraws, `act` sends a press.

import { chart } from "./chart.js";
import { el } from "./dom.js";
import { element, imageBox, words } from "./elements.js";
import { markdown } from "./markdown.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./rich_text.js";
import { dataTable, plainTable } from "./tables.js";

export function renderBlocks(blocks, context) {
  return (blocks ?? []).map((block, index) => {
    const draw = BLOCKS[block.type] ?? unsupported;
    const node = draw(block, { ...context, key: `${context.key}/${block.block_id ?? index}` });
    node.classList.add("block", `block-${block.type}`);
    node.dataset.block = block.block_id ?? "";
    return node;
  });
}

const collapsed = new Map(); // key -> whether the reader folded a container

function textNodes(text) {
  if (!text) return [];
  return text.type === "mrkdwn" ? mrkdwn(text.text) : [words(text)];
}

const BLOCKS = {
  __proto__: null, // a block that calls itself "constructor" is an unknown one
  section(block, context) {
    const body = el("div", { class: "section-body" }, el("div", {}, textNodes(block.text)));
    if (block.fields) body.append(el("div", { class: "fields" }, block.fields.map((field) => el("div", {}, textNodes(field)))));
    const accessory = block.accessory && el("div", { class: "accessory" }, element(block.accessory, context.act));
    return el("div", {}, body, accessory);
  },
  header: (block) => el("h3", {}, words(block.text)),
  context(block) {
    return el("div", {}, (block.elements ?? []).map((item) =>
      item.type === "image" ? imageBox(item) : el("span", {}, textNodes(item))));
  },
  divider: () => el("hr"),
  actions: (block, context) => el("div", {}, (block.elements ?? []).map((item) => element(item, context.act))),
  context_actions: (block, context) => el("div", {}, (block.elements ?? []).map((item) => element(item, context.act))),
  markdown: (block) => el("div", { class: "markdown" }, markdown(block.text)),
  rich_text: (block) => el("div", {}, richText(block)),
  table: (block) => el("div", {}, plainTable(block)),
  data_table: (block, context) => el("div", {}, dataTable(block, context.key)),
  data_visualization: (block) => el("div", {}, chart(block)),
  image: (block) => el("div", {}, block.title && el("div", { class: "image-title" }, words(block.title)), imageBox(block)),
  input(block, context) {
    const hint = block.hint && el("div", { class: "hint" }, words(block.hint));
    const optional = block.optional && el("span", { class: "optional" }, " (optional)");
    const act = block.dispatch_action ? context.act : () => {};
    const error = el("div", { class: "input-error", role: "alert" });
    return el("label", {}, el("span", { class: "input-label" }, words(block.label), optional), element(block.element, act), hint, error);
  },
  container(block, context) {
    const title = block.rich_text_title ? richText(block.rich_text_title) : [words(block.title)];
    const heading = [el("strong", {}, title), block.subtitle && el("span", { class: "subtitle" }, words(block.subtitle))];
    const inside = el("div", { class: "container-body" }, renderBlocks(block.child_blocks, context));
    if (!block.is_collapsible) return el("div", {}, el("div", { class: "container-head" }, heading), inside);
    const folded = collapsed.get(context.key) ?? Boolean(block.default_collapsed);
    const remember = (event) => collapsed.set(context.key, !event.target.open);
    return el("details", { open: !folded, ontoggle: remember }, el("summary", { class: "container-head" }, heading), inside);
  },
  plan(block) {
    return el("div", {}, el("div", { class: "plan-title" }, block.title), el("ol", { class: "tasks" }, (block.tasks ?? []).map((task) => el("li", {}, taskCard(task)))));
  },
  task_card: (block) => el("div", {}, taskCard(block)),
  alert: (block) => el("div", { role: "note" }, textNodes(block.text)),
};

const TASK_SIGNS = { pending: "○", in_progress: "", complete: "✓", error: "✕" };

function taskCard(task) {
  const sign = el("span", { class: `task-sign ${task.status}`, role: "img", "aria-label": task.status.replace("_", " ") }, TASK_SIGNS[task.status]);
  const more = [task.details, task.output].filter(Boolean).map((text) => el("div", { class: "task-more" }, richText(text)));
  return el("div", { class: "task" }, sign, el("div", {}, el("div", { class: "task-title" }, task.title), more));
}

function unsupported(block) {
  return el("div", { class: "unsupported" }, `This page does not draw ${block.type} blocks.`);
}
