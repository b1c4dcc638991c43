// What every SMART attribute adds to the forecast, as bars to the right (raises) and to the left (lowers).

import { html, svg } from "./dom.js";

const ROW = 46;
const BAR = 14;
const LETTER = 6.9;
const WIDE = 480;
const MOST = 12;
const LEAST = 0.0005;

const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
const factor = (value) => `odds ×${Math.exp(value).toPrecision(2)}`;

function label(one, unit = true) {
  if (one.attribute === null) return one.name;
  if (one.value === null) return `${one.name} (${one.attribute}): not reported`;
  const value = one.value.toLocaleString("en");
  return `${one.name} (${one.attribute}): ${unit ? `${value} ${one.unit}`.trim() : value}`;
}

function rowsOf(explained) {
  const shown = explained.contributions.filter((one) => Math.abs(one.contribution) >= LEAST);
  const rows = shown.slice(0, MOST);
  const rest = explained.rest + shown.slice(MOST).reduce((sum, one) => sum + one.contribution, 0);
  if (Math.abs(rest) >= LEAST) rows.push({ attribute: null, name: "all others", contribution: rest });
  return rows;
}

/** Write a label that fits: where there is no room, without the unit. The chart's description has it whole. */
function fitting(one, width) {
  const most = Math.floor(width / LETTER);
  const text = [label(one), label(one, false)].find((each) => each.length <= most) ?? label(one, false);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function draw(rows, width) {
  const farthest = (sign) => Math.max(0, ...rows.map((one) => sign * one.contribution));
  const numbers = width > WIDE ? 140 : 60;
  const scale = (width - numbers) / (farthest(-1) + farthest(1));
  const zero = farthest(-1) * scale;
  const name = rows.map((one) => `${label(one)}: ${signed(one.contribution)}`).join("; ");
  const height = rows.length * ROW;
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": name },
    svg("line", { x1: zero, x2: zero, y1: 0, y2: height, class: "axis" }),
    rows.map((one, index) => {
      const length = Math.max(Math.abs(one.contribution) * scale, 1);
      const raises = one.contribution > 0;
      const added = signed(one.contribution);
      const amount = width > WIDE ? `${added} · ${factor(one.contribution)}` : added;
      return svg("g", {},
        svg("text", { x: 0, y: index * ROW + 16 }, fitting(one, width)),
        svg("rect", { x: raises ? zero : zero - length, y: index * ROW + 22, width: length, height: BAR, rx: 3,
          class: raises ? "raises" : "lowers" }),
        svg("text", { x: width, y: index * ROW + 34, "text-anchor": "end", class: "faint" }, amount));
    }));
}

/**
 * Make the chart; it is drawn anew when its width changes, so that its text keeps its size on a phone.
 * @param {object} explained A model's part of the answer of POST explain.
 */
export function contributionChart(explained) {
  const rows = rowsOf(explained);
  if (!rows.length) return html("p", { class: "soft" }, "No attribute moves the forecast away from its base value.");
  const holder = html("div", { class: "chart" });
  let drawn = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (width > 0 && width !== drawn) {
      drawn = width;
      holder.replaceChildren(draw(rows, width));
    }
  }).observe(holder);
  return holder;
}
