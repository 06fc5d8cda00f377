// `table` and `data_table`: the latter sorts by any column and turns pages; both survive a redraw of their message.

import { el } from "./dom.js";
import { plainText, richText } from "./rich_text.js";

const views = new Map(); // key -> {column, descending, page}: how the reader left each table

/** A data_table block; *key* names it over redraws. */
export function dataTable(block, key) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? 5;
  const view = views.get(key) ?? { column: null, descending: false, page: 0 };
  views.set(key, view);
  const numeric = head.map((_, column) => rows.every((row) => row[column]?.type === "raw_number"));
  const frame = el("figure", { class: "data-table" });

  function draw() {
    const sorted = view.column === null ? rows : sort(rows, view.column, numeric[view.column], view.descending);
    const pages = Math.max(1, Math.ceil(rows.length / size));
    view.page = Math.min(view.page, pages - 1);
    const shown = sorted.slice(view.page * size, (view.page + 1) * size);
    // Slack shows the caption to screen readers alone.
    const caption = el("caption", { class: "unseen" }, block.caption ?? "");
    const header = el("tr", {}, head.map((cell, column) => heading(cell, column)));
    const label = block.row_header_column_index ?? 0;
    const body = shown.map((row) =>
      el("tr", {}, row.map((cell, column) => {
        const properties = { class: numeric[column] ? "number" : null, scope: column === label ? "row" : null };
        return el(column === label ? "th" : "td", properties, ...cellNodes(cell));
      })),
    );
    const table = el("table", { class: "grid sortable" }, caption, el("thead", {}, header), el("tbody", {}, body));
    frame.replaceChildren(el("div", { class: "table-frame", tabindex: "0", role: "group" }, table), pager(pages, shown.length));
  }

  function heading(cell, column) {
    const active = view.column === column;
    const order = active ? (view.descending ? "descending" : "ascending") : "none";
    const turn = () => {
      if (!active) Object.assign(view, { column, descending: numeric[column] });
      else if (view.descending === numeric[column]) view.descending = !numeric[column];
      else view.column = null;
      view.page = 0;
      draw();
      frame.querySelectorAll("th button")[column].focus();
    };
    const sign = active ? (view.descending ? "▾" : "▴") : "";
    const button = el("button", { type: "button", onclick: turn }, cell.text ?? "", el("span", { class: "sort-sign" }, sign));
    return el("th", { scope: "col", class: numeric[column] ? "number" : null, "aria-sort": order }, button);
  }

  function pager(pages, count) {
    const from = view.page * size + 1;
    const total = `${from}–${from + count - 1} of ${rows.length} rows`;
    if (pages === 1) return el("figcaption", { class: "pager" }, `${rows.length} ${rows.length === 1 ? "row" : "rows"}`);
    const turn = (step) => () => {
      view.page += step;
      draw();
    };
    return el(
      "figcaption",
      { class: "pager" },
      el("button", { type: "button", "aria-label": "Previous page", disabled: view.page === 0, onclick: turn(-1) }, "‹"),
      total,
      el("button", { type: "button", "aria-label": "Next page", disabled: view.page === pages - 1, onclick: turn(1) }, "›"),
    );
  }

  draw();
  return frame;
}

/** A plain table block: its first row is the head. */
export function plainTable(block) {
  const align = (column) => ({ right: "number", center: "center" })[block.column_settings?.[column]?.align] ?? null;
  const [head, ...rows] = (block.rows ?? []).map((row, index) =>
    el("tr", {}, row.map((cell, column) =>
      el(index ? "td" : "th", { scope: index ? null : "col", class: align(column) }, ...cellNodes(cell)),
    )),
  );
  const table = el("table", { class: "grid" }, el("thead", {}, head ?? []), el("tbody", {}, rows));
  return el("div", { class: "table-frame", tabindex: "0" }, table);
}

function cellNodes(cell) {
  return cell?.type === "rich_text" ? richText(cell) : [String(cell?.text ?? cell?.value ?? "")];
}

function sort(rows, column, isNumeric, descending) {
  const words = new Intl.Collator(undefined, { numeric: true });
  const compare = isNumeric
    ? (a, b) => a[column].value - b[column].value
    : (a, b) => words.compare(cellWords(a[column]), cellWords(b[column]));
  return [...rows].sort((a, b) => (descending ? -compare(a, b) : compare(a, b)));
}

function cellWords(cell) {
  return cell?.type === "rich_text" ? plainText(cell) : String(cell?.text ?? "");
}
