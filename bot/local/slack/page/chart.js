// `data_visualization`: bars, lines, areas and pies, drawn plainly.

import { el, svg } from "./dom.js";

const COLORS = ["#1264a3", "#2bac76", "#e8912d", "#cd2553", "#7c3085", "#3aa3b5", "#b4490f", "#4a5fc1", "#8a8d3f", "#9e5a63", "#52606d", "#c29b0c"];
const [WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT] = [560, 240, 56, 26, 8];
const TILTED_BOTTOM = 84; // room for names of twenty letters, Slack's longest

export function chart(block) {
  const { type } = block.chart;
  const [drawing, names] = type === "pie" ? pie(block.chart) : axes(block.chart);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img", "aria-label": block.title }, drawing);
  const legend = names.length > 1 && el("div", { class: "legend" }, names.map((name, index) => el("span", {}, swatch(index), name)));
  return el("figure", { class: "chart-frame" }, el("figcaption", {}, block.title), picture, legend);
}

function swatch(index) {
  return svg("svg", { viewBox: "0 0 10 10", class: "swatch" }, svg("rect", { width: 10, height: 10, rx: 2, fill: COLORS[index % COLORS.length] }));
}

function text(x, y, words, anchor = "middle") {
  const node = svg("text", { x, y, "text-anchor": anchor });
  node.textContent = words;
  return node;
}

function axes({ type, series, axis_config: axis }) {
  const categories = axis?.categories ?? series[0].data.map((point) => point.label);
  const ticks = roundTicks(series.flatMap((line) => line.data.map((point) => point.value)));
  const [low, top] = [ticks[0], ticks.at(-1)];
  const step = (WIDTH - LEFT - RIGHT) / categories.length;
  const longest = Math.max(...categories.map(widthOf));
  const tilted = type === "bar" && longest > step; // every bar has its name; of times some are enough
  const bottom = tilted ? Math.min(TILTED_BOTTOM, BOTTOM + longest * 0.4) : BOTTOM;
  const x = (index) => LEFT + step * (index + 0.5);
  const y = (value) => 8 + (HEIGHT - bottom - 8) * (1 - (value - low) / (top - low));
  const short = new Intl.NumberFormat("en", { notation: "compact" });
  const grid = ticks.flatMap((value) => [
    svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: "gridline" }),
    text(LEFT - 8, y(value) + 4, short.format(value), "end"),
  ]);
  const labels = tilted ? tiltedNames(categories, x, HEIGHT - bottom) : levelNames(categories, x, longest / step);
  const draw = type === "bar" ? bars : lines;
  return [[grid, labels, series.map((line, index) => draw(line, index, { x, y, low, type, count: series.length, step }))], series.map((line) => line.name)];
}

/** Three to seven round values from 0 (or the lowest) to at least the highest. */
function roundTicks(values) {
  const [low, top] = [Math.min(0, ...values), Math.max(0, ...values)];
  const rough = (top - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((part) => part * power >= rough * 0.999);
  const [first, last] = [Math.floor(low / step), Math.max(Math.ceil(top / step), Math.floor(low / step) + 1)];
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** How much room a name takes, about: a sign of Chinese, Japanese or Korean takes that of two letters. */
function widthOf(name) {
  return [...name].reduce((width, letter) => width + (letter > "\u2e80" ? 12 : 6.5), 6.5);
}

function levelNames(names, x, crowding) {
  const every = Math.max(1, Math.ceil(crowding));
  return names.map((name, index) => (index % every ? [] : text(x(index), HEIGHT - 8, name)));
}

function tiltedNames(names, x, floor) {
  return names.map((name, index) => {
    const node = text(x(index) + 4, floor + 14, name, "end");
    node.setAttribute("transform", `rotate(-30 ${x(index) + 4} ${floor + 14})`);
    return node;
  });
}

function bars(line, index, { x, y, low, count, step }) {
  const width = (step * 0.7) / count;
  return line.data.map((point, at) => {
    const [from, to] = [y(Math.max(low, 0)), y(point.value)];
    const left = x(at) - (width * count) / 2 + width * index;
    return svg("rect", { x: left, y: Math.min(from, to), width: Math.max(1, width - 1), height: Math.abs(from - to), rx: 2, fill: COLORS[index % COLORS.length] });
  });
}

function lines(line, index, { x, y, low, type }) {
  const points = line.data.map((point, at) => `${x(at)},${y(point.value)}`);
  const color = COLORS[index % COLORS.length];
  const base = y(Math.max(low, 0));
  const area = `${x(0)},${base} ${points.join(" ")} ${x(points.length - 1)},${base}`;
  return [
    type === "area" ? svg("polygon", { points: area, fill: color, "fill-opacity": 0.18 }) : [],
    svg("polyline", { points: points.join(" "), fill: "none", stroke: color, "stroke-width": 2 }),
  ];
}

function pie({ segments }) {
  const total = segments.reduce((sum, segment) => sum + segment.value, 0) || 1;
  const [cx, cy, r] = [WIDTH / 2, HEIGHT / 2, HEIGHT / 2 - 10];
  let turned = 0;
  const slices = segments.map((segment, index) => {
    const point = (turn) => [cx + r * Math.sin(turn * 2 * Math.PI), cy - r * Math.cos(turn * 2 * Math.PI)];
    const share = segment.value / total;
    const [from, to] = [point(turned), point(turned + Math.min(share, 0.9999))];
    turned += share;
    return svg("path", { d: `M${cx} ${cy}L${from}A${r} ${r} 0 ${share > 0.5 ? 1 : 0} 1 ${to}Z`, fill: COLORS[index % COLORS.length], stroke: "#fff" });
  });
  return [slices, segments.map((segment) => segment.label)];
}
