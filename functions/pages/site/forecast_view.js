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

/** Show how well the model knows the drive, and what the drive leaves out. */
function basisView(forecast) {
  const standIns = Object.entries(forecast.stand_ins).map(([missing, other]) => `SMART ${other} for ${missing}`);
  const facts = [
    ["Scope", html("b", { id: "scope" }, forecast.scope)],
    ["Basis", html("span", { id: "basis" }, forecast.basis)],
    ["Not reported", forecast.missing.length
      ? html("span", { id: "missing" }, `SMART ${forecast.missing.join(", ")}`)
      : null],
    ["Stand-ins", standIns.length ? html("span", { id: "stand-ins" }, standIns.join(", ")) : null],
  ];
  return html("dl", {}, facts.filter(([, value]) => value).map(([name, value]) =>
    [html("dt", {}, name), html("dd", {}, value)]));
}

/** Show what every attribute adds, or why there is nothing to explain. */
function explanationView({ explained, baseline, why_unknown: whyUnknown }) {
  const heading = html("h3", {}, "Contribution of each attribute");
  if (!explained) {
    return [heading, html("p", { class: "soft", id: "why-unknown" }, `There is nothing to explain. ${whyUnknown}`)];
  }
  const base = 1 / (1 + Math.exp(-explained.base_value));
  return [
    heading,
    html("p", { class: "soft" },
      `From ${percent(base)} before anything is known of the drive (log-odds ${explained.base_value.toFixed(2)}) to `
      + `${percent(explained.probability)} (${explained.log_odds.toFixed(2)}). `
      + "To the right raises the risk, to the left lowers it."),
    contributionChart(explained),
    baseline
      ? html("p", { class: "soft" }, `The baseline, ${baseline.algorithm}, says ${percent(baseline.probability)}.`)
      : null,
  ];
}

/**
 * Show a forecast.
 * @param {object} forecast The answer of POST predict; one of an unknown drive has no probability.
 * @param {object} explanation The answer of POST explain.
 * @param {boolean} keyed Whether a key was needed: a link does not carry one, so the card is not linked then.
 */
export function forecastView(forecast, explanation, keyed) {
  const known = forecast.probability !== null;
  const risk = html("span", { class: `risk risk-${forecast.risk}`, id: "risk" }, `${forecast.risk} risk`);
  return html("div", { class: "panel", id: "forecast" },
    html("h2", {}, `${forecast.model} · ${forecast.serial_number}`),
    known
      ? html("p", {},
          html("span", { class: "probability", id: "probability" }, percent(forecast.probability)), " ", risk)
      : html("p", {}, risk),
    html("p", {}, known
      ? `Chance of failing within ${forecast.horizon_days} days after ${forecast.date}.`
      : "There is no forecast of this drive."),
    html("p", { class: "advice", id: "advice" }, forecast.advice),
    forecast.reasons.length
      ? [
          html("h3", {}, "Why"),
          html("ul", { id: "reasons" }, forecast.reasons.map((one) => html("li", {}, one.sentence))),
        ]
      : null,
    html("h3", {}, "How well the model knows this drive"),
    basisView(forecast),
    explanationView(explanation),
    html("p", { class: "soft" }, known ? `${history(forecast.history_days)} ` : "", "Model ",
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
