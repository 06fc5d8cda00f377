// Things to press, choose and fill in. `act(element, choice)` is how a press leaves the page.

import { el, icon, ICONS } from "./dom.js";
import { emoji } from "./emoji.js";

export function words(text) {
  return String(text?.text ?? "").replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
}

/** The node for an interactive element of a block. */
export function element(item, act) {
  const draw = ELEMENTS[item.type];
  return draw ? draw(item, act) : el("span", { class: "unsupported" }, `[${item.type}]`);
}

const ELEMENTS = {
  __proto__: null,
  button(item, act) {
    const press = async () => {
      if (item.confirm && !confirm(`${words(item.confirm.title)}\n\n${words(item.confirm.text)}`)) return;
      node.classList.add("busy");
      await act(item, {});
      setTimeout(() => node.classList.remove("busy"), 1200);
    };
    const properties = { class: `button ${item.style ?? ""}`, type: "button", onclick: press };
    const node = el("button", { ...properties, "data-action": item.action_id, "aria-label": item.accessibility_label }, words(item.text));
    return node;
  },
  feedback_buttons(item, act) {
    const side = (button, path) =>
      el("button", {
        class: "icon-button", type: "button", title: words(button.text),
        "aria-label": button.accessibility_label ?? words(button.text), onclick: () => act(item, { value: button.value }),
      }, icon(path));
    return [side(item.positive_button, ICONS.good), side(item.negative_button, ICONS.bad)];
  },
  icon_button(item, act) {
    return el("button", { class: "icon-button", type: "button", "aria-label": words(item.text), onclick: () => act(item, {}) }, words(item.text));
  },
  image(item) {
    return imageBox(item);
  },
  static_select(item, act) {
    const options = item.options ?? (item.option_groups ?? []).flatMap((group) => group.options);
    const choose = ({ target }) => act(item, { selected_option: options[target.value] });
    const chosen = options.findIndex((option) => option.value === item.initial_option?.value);
    const node = el("select", { class: "select", "aria-label": words(item.placeholder) || "Choose", onchange: choose, "data-action": item.action_id },
      el("option", { value: "", disabled: true }, words(item.placeholder) || "Choose"),
      options.map((option, index) => el("option", { value: index }, words(option.text))));
    node.value = chosen < 0 ? "" : chosen;
    return node;
  },
  overflow(item, act) {
    const choose = (event) => {
      act(item, { selected_option: item.options[event.target.value] });
      event.target.value = "";
    };
    const node = el("select", { class: "select overflow", "aria-label": "More", onchange: choose },
      el("option", { value: "" }, "⋯"), item.options.map((option, index) => el("option", { value: index }, words(option.text))));
    return node;
  },
  radio_buttons(item, act) {
    return choices(item, "radio", (chosen) => act(item, { selected_option: chosen[0] ?? null }), [item.initial_option]);
  },
  checkboxes(item, act) {
    return choices(item, "checkbox", (chosen) => act(item, { selected_options: chosen }), item.initial_options);
  },
  plain_text_input(item) {
    const properties = {
      class: "text-input", placeholder: words(item.placeholder), maxlength: item.max_length, "data-action": item.action_id,
      value: item.initial_value ?? "", "data-input": item.type, "aria-label": words(item.placeholder) || "Text",
    };
    return item.multiline ? el("textarea", { ...properties, rows: 5 }) : el("input", { ...properties, type: "text" });
  },
};
for (const [type, kind] of [["number_input", "number"], ["email_text_input", "email"], ["url_text_input", "url"], ["datepicker", "date"], ["timepicker", "time"]]) {
  ELEMENTS[type] = (item, act) => {
    const field = { datepicker: "selected_date", timepicker: "selected_time" }[item.type];
    const node = el("input", { class: "text-input", type: kind, value: item.initial_value ?? item.initial_date ?? "", "data-action": item.action_id, "aria-label": words(item.placeholder) || kind });
    if (field) node.addEventListener("change", () => act(item, { [field]: node.value }));
    return node;
  };
}
ELEMENTS.external_select = ELEMENTS.static_select;

function choices(item, kind, act, initial) {
  const chosen = new Set((initial ?? []).filter(Boolean).map((option) => option.value));
  const group = `${item.action_id}-${Math.random()}`;
  const box = el("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", "data-action": item.action_id });
  const told = () => act([...box.querySelectorAll("input:checked")].map((input) => item.options[input.value]));
  box.append(...item.options.map((option, index) => {
    const input = el("input", { type: kind, name: group, value: index, checked: chosen.has(option.value), onchange: told });
    return el("label", {}, input, words(option.text));
  }));
  return box;
}

/** A file of the workspace is shown; an image elsewhere is named, not fetched: the page talks to this machine only. */
export function imageBox(item) {
  const name = item.alt_text || words(item.title) || "image";
  if (item.slack_file?.id) return el("img", { class: "picture", alt: name, src: `/files/${encodeURIComponent(item.slack_file.id)}/picture` });
  return el("div", { class: "image-box", role: "img", "aria-label": name }, el("span", { class: "image-sign" }, "🖼"), name);
}

/** What a form element holds now, in Slack's shape of state. */
export function stateOf(item, root) {
  const node = root.querySelector(`[data-action="${CSS.escape(item.action_id)}"]`);
  if (!node) return { type: item.type };
  if (item.type === "static_select" || item.type === "external_select") {
    return { type: item.type, selected_option: node.value === "" ? null : item.options[node.value] };
  }
  if (item.type === "radio_buttons" || item.type === "checkboxes") {
    const chosen = [...node.querySelectorAll("input:checked")].map((input) => item.options[input.value]);
    return item.type === "checkboxes" ? { type: item.type, selected_options: chosen } : { type: item.type, selected_option: chosen[0] ?? null };
  }
  if (item.type === "datepicker") return { type: item.type, selected_date: node.value || null };
  if (item.type === "timepicker") return { type: item.type, selected_time: node.value || null };
  return { type: item.type, value: node.value || null };
}
