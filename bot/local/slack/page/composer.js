// Where people type. Enter sends, Shift+Enter breaks the line; @ offers names, / the app's commands.

import { el, icon, ICONS } from "./dom.js";
import { avatar } from "./people.js";
import { state } from "./store.js";

export class Composer {
  /** *submit(text)* is called with what was typed. */
  constructor(submit) {
    this.submit = submit;
    this.input = el("textarea", {
      rows: 1, "aria-label": "Message", oninput: () => this.grow(), onkeydown: (event) => this.key(event),
      onblur: () => setTimeout(() => this.offer([]), 150), spellcheck: "false", "data-composer": true,
    });
    this.names = el("div", { class: "names", role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.sendButton = el("button", { class: "send", type: "button", "aria-label": "Send", onclick: () => this.send() }, icon(ICONS.send));
    const at = el("button", { class: "tool", type: "button", "aria-label": "Mention the bot", title: "Mention the bot", onclick: () => this.insertBot() }, icon(ICONS.at));
    this.hint = el("span", { class: "composer-hint" }, el("b", {}, "Enter"), " to send");
    this.node = el("div", { class: "composer" }, this.names, this.input, el("div", { class: "composer-bar" }, at, this.hint, this.sendButton));
    this.grow();
  }

  draw(placeholder) {
    if (this.input.placeholder !== placeholder) this.input.placeholder = placeholder;
  }

  key(event) {
    // While Korean or Japanese is being composed Enter accepts the candidate; Safari reports that key as 229 afterwards.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.offered?.length && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      this.complete(this.offered[0]);
    } else if (event.key === "Escape") {
      this.offer([]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  }

  send() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    this.submit(text);
    this.input.focus();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 200)}px`;
    this.sendButton.disabled = !this.input.value.trim();
    this.offer([...commandsFor(this.input.value), ...namesFor(this.input.value.slice(0, this.input.selectionStart))]);
  }

  offer(choices) {
    this.offered = choices;
    this.names.hidden = !choices.length;
    this.names.replaceChildren(...choices.map((choice, index) =>
      el("button", { type: "button", role: "option", "aria-selected": String(index === 0), onmousedown: (e) => e.preventDefault(), onclick: () => this.complete(choice) }, choice.shown),
    ));
  }

  complete({ begun, text }) {
    const at = this.input.selectionStart;
    const before = this.input.value.slice(0, at).replace(begun, text);
    this.input.value = before + this.input.value.slice(at);
    this.input.setSelectionRange(before.length, before.length);
    this.offer([]);
    this.input.focus();
  }

  insertBot() {
    const name = `@${state.bot.name} `;
    if (!this.input.value.includes(name)) this.input.value = name + this.input.value;
    this.grow();
    this.input.focus();
  }
}

/** People whose names begin as what stands behind the last @; the bot first. */
function namesFor(before) {
  const typed = /(?:^|\s)@([\p{L}\p{N}]*(?: [\p{L}\p{N}]*)?)$/u.exec(before);
  if (!typed) return [];
  const begun = typed[1].toLowerCase();
  const fits = (person) => person.name.toLowerCase().startsWith(begun) && person.name.toLowerCase() !== begun;
  const people = [...state.people.values()].filter(fits).sort((a, b) => b.is_bot - a.is_bot);
  return people.map((person) => ({ begun: /@[^@]*$/, text: `@${person.name} `, shown: [avatar(person.id, "small"), person.name] }));
}

/** The commands that begin as what is typed, until their first space. */
function commandsFor(value) {
  if (!/^\/\S*$/.test(value)) return [];
  const known = state.commands.filter(({ command }) => command.startsWith(value.toLowerCase()) && command !== value);
  return known.map(({ command, usage_hint: hint, description }) => ({
    begun: /^.*$/, text: `${command} `,
    shown: [el("b", {}, command), hint && el("span", { class: "usage" }, hint), el("span", { class: "described" }, description)],
  }));
}
