// A forecast and its explanation, shown to people.

import { contributionChart } from "./contribution_chart.js";
import { html } from "./dom.js";

/** Write a probability in percent, small ones not as nothing. */
export function percent(probability) {
  const share = probability * 100;
  if (share > 0 && share < 0.01) return "below 0.01 %";
  return `${share >= 10 ? share.toFixed(0) : share >= 1 ? share.toFixed(1) : share.toFixed(2)} %`;
}

function history(days) {
  if (!days.length) return "Without history: earlier rows of the drive would make the forecast better.";
  return `With history of ${days.join(" and ")} days before.`;
}

/**
 * Show a forecast.
 * @param {object} forecast The answer of POST predict.
 * @param {object} explanation The answer of POST explain.
 * @param {boolean} keyed Whether a key was needed: a link does not carry one, so the card is not linked then.
 */
export function forecastView(forecast, explanation, keyed) {
  const { explained, baseline } = explanation;
  const base = 1 / (1 + Math.exp(-explained.base_value));
  return html("div", { class: "panel", id: "forecast" },
    html("h2", {}, `${forecast.model} · ${forecast.serial_number}`),
    html("p", {},
      html("span", { class: "probability", id: "probability" }, percent(forecast.probability)), " ",
      html("span", { class: `risk risk-${forecast.risk}`, id: "risk" }, `${forecast.risk} risk`)),
    html("p", {}, `Chance of failing within ${forecast.horizon_days} days after ${forecast.date}.`),
    html("p", { class: "advice", id: "advice" }, forecast.advice),
    forecast.reasons.length
      ? [
          html("h3", {}, "Why"),
          html("ul", { id: "reasons" }, forecast.reasons.map((one) => html("li", {}, one.sentence))),
        ]
      : null,
    html("h3", {}, "Contribution of each attribute"),
    html("p", { class: "soft" },
      `From ${percent(base)} for a drive nothing is known of (log-odds ${explained.base_value.toFixed(2)}) to `
      + `${percent(explained.probability)} (${explained.log_odds.toFixed(2)}). `
      + "To the right raises the risk, to the left lowers it."),
    contributionChart(explained),
    baseline
      ? html("p", { class: "soft" }, `The baseline, ${baseline.algorithm}, says ${percent(baseline.probability)}.`)
      : null,
    html("p", { class: "soft" }, `${history(forecast.history_days)} Model `,
      keyed ? forecast.model_version : html("a", { href: "model/card" }, forecast.model_version), "."));
}

/** Show why there is no forecast: a title, a sentence, and every faulty field. */
export function problemView({ title, detail, errors }) {
  return html("div", { class: "panel bad", role: "alert" },
    html("h3", {}, title),
    html("p", {}, detail),
    errors.length
      ? html("ul", {}, errors.map((one) =>
          html("li", {}, html("code", {}, String(one.field)), ` is ${one.found}, expected ${one.expected}`)))
      : null);
}
