// The modal on top of the acting person's stack.

import { renderBlocks } from "./blocks.js";
import { el, icon, ICONS, toast } from "./dom.js";
import { stateOf, words } from "./elements.js";
import { state } from "./store.js";
import { hear, send } from "./wire.js";

export function modalPane(dialog) {
  let shown = null;
  let note = null;
  let submit = null;

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault(); // Escape asks the workspace, which then takes the view away
    if (shown) send("close_view", { view_id: shown.id });
  });
  hear("view_errors", ({ user, view_id: id, errors }) => {
    if (user !== state.me || id !== shown?.id) return;
    rest();
    for (const [block, text] of Object.entries(errors)) {
      const place = dialog.querySelector(`[data-block="${CSS.escape(block)}"] .input-error`);
      if (place) place.textContent = text;
    }
  });
  hear("gesture_failed", ({ user, gesture }) => {
    if (user !== state.me) return;
    rest();
    if (gesture === "view_submission" && note) note.textContent = "We had some trouble connecting. Try again?";
    else toast("The app did not answer in time.");
  });

  function rest() {
    submit?.classList.remove("busy");
    if (submit) submit.disabled = false;
  }

  function values(view) {
    const filled = {};
    for (const block of view.blocks) {
      const items = block.type === "input" ? [block.element] : (block.elements ?? []).filter((item) => item.type !== "button");
      const root = dialog.querySelector(`[data-block="${CSS.escape(block.block_id)}"]`);
      for (const item of items) {
        if (item?.action_id && root) (filled[block.block_id] ??= {})[item.action_id] = stateOf(item, root);
      }
    }
    return filled;
  }

  function draw(view) {
    const act = (item, choice) => send("click", { view_id: view.id, action_id: item.action_id, value: item.value ?? null, choice });
    const close = () => send("close_view", { view_id: view.id });
    note = el("div", { class: "modal-note", role: "alert" });
    submit = view.submit && el("button", { class: "button primary", type: "submit" }, words(view.submit));
    const send_ = (event) => {
      event.preventDefault();
      note.textContent = "";
      for (const error of dialog.querySelectorAll(".input-error")) error.textContent = "";
      submit.classList.add("busy");
      submit.disabled = true;
      send("submit", { view_id: view.id, values: values(view) });
    };
    dialog.replaceChildren(el(
      "form",
      { onsubmit: send_ },
      el("header", {}, el("h2", { id: "modal-title" }, words(view.title)), el("button", { class: "icon-button close", type: "button", "aria-label": "Close", onclick: close }, icon(ICONS.close))),
      el("div", { class: "modal-body", tabindex: "-1" }, renderBlocks(view.blocks, { key: view.id, act }), note),
      el("footer", {}, el("button", { class: "button", type: "button", onclick: close }, words(view.close) || "Close"), submit),
    ));
  }

  return () => {
    const view = state.screens.get(state.me)?.views.at(-1) ?? null;
    if (view?.hash === shown?.hash) return;
    shown = view && { id: view.id, hash: view.hash };
    if (!view) return dialog.close();
    draw(view);
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector(".modal-body :is(input, textarea, select)") ?? dialog.querySelector(".modal-body")).focus();
  };
}
