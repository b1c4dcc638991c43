// The documentation, drawn from openapi.json: every endpoint with its fields, examples and errors, and try-it.

import { ask, problemOf } from "./ask.js";
import { Schemas } from "./docs_schema.js";
import { tryIt } from "./docs_try.js";
import { problemView } from "./forecast_view.js";
import { html, table } from "./dom.js";

const key = document.querySelector("#key");
const endpoints = document.querySelector("#endpoints");

function parameters(operation, schemas) {
  const rows = (operation.parameters ?? []).map((one) => [
    [html("code", {}, one.name), one.required ? html("span", { class: "needed" }, " required") : null],
    one.in,
    schemas.kind(one.schema),
    one.description ?? one.schema.description ?? "",
  ]);
  return rows.length ? [html("h4", {}, "Parameters"), table(["name", "in", "value", "meaning"], rows)] : [];
}

function body(operation, schemas) {
  const content = Object.entries(operation.requestBody?.content ?? {});
  return content.map(([type, { schema }]) => [
    html("h4", {}, "Body, ", html("code", {}, type)),
    schemas.describe(schema),
  ]);
}

/** Split "code: title. code: title." into lines. */
function problems(description) {
  const parts = description.split(/ (?=[a-z]+(?:_[a-z]+)+: )/);
  const lines = parts.map((part) => /^([a-z_]+): (.*)$/s.exec(part));
  if (lines.some((line) => line === null)) return description;
  return lines.map(([, code, title]) => html("div", {}, html("code", {}, code), ` ${title}`));
}

function answers(operation, schemas) {
  const rows = Object.entries(operation.responses).map(([status, answer]) => [
    html("code", {}, status),
    problems(answer.description),
    Object.keys(answer.content ?? {}).join(", "),
  ]);
  const good = Object.values(operation.responses["200"]?.content ?? {})[0];
  return [
    html("h4", {}, "Answers"),
    table(["status", "meaning", "media type"], rows),
    good ? [html("h4", {}, "Fields of the answer"), schemas.describe(good.schema)] : null,
  ];
}

/** Make an endpoint's part of the page; what is in it is made when it is opened first. */
function endpoint(method, path, operation, schemas, prefix) {
  const part = html("details", { class: "endpoint", id: operation.operationId },
    html("summary", {},
      html("span", { class: "method" }, method.toUpperCase()),
      html("span", { class: "path" }, path),
      html("span", {}, operation.summary),
      operation.security?.length === 0 ? html("span", { class: "soft" }, "no key") : null));
  part.addEventListener("toggle", () => {
    part.append(html("div", {},
      operation.description ? html("p", {}, operation.description) : null,
      tryIt(method.toUpperCase(), path, operation, schemas, prefix, () => key.value.trim()),
      parameters(operation, schemas),
      body(operation, schemas),
      answers(operation, schemas)));
  }, { once: true });
  return part;
}

function page(api) {
  const schemas = new Schemas(api.components.schemas);
  const prefix = api.servers?.[0]?.url ?? "";
  document.querySelector("#version").textContent = api.info.version;
  document.querySelector("#about").textContent = api.info.description;
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "Others";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(endpoint(method, path, operation, schemas, prefix));
    }
  }
  return [...groups].map(([tag, parts]) => html("section", {}, html("h2", {}, tag), parts));
}

/** Open what the address names, such as docs#predict. */
function openNamed() {
  const part = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (part instanceof HTMLDetailsElement) {
    part.open = true;
    part.scrollIntoView();
  }
}

async function load() {
  try {
    const answer = await ask("GET", "openapi.json", { key: key.value.trim() });
    if (answer.status !== 200) endpoints.replaceChildren(problemView(problemOf(answer)));
    else endpoints.replaceChildren(...page(answer.document));
  } catch (error) {
    const detail = `${error.message}. Load the page again.`;
    endpoints.replaceChildren(problemView({ title: "The app does not answer", detail, errors: [] }));
  }
  openNamed();
}

document.querySelector("#key-form").addEventListener("submit", (event) => event.preventDefault());
key.addEventListener("change", () => {
  // With the page drawn already the key only goes with what is tried.
  if (!endpoints.querySelector("details.endpoint")) load();
});
window.addEventListener("hashchange", openNamed);
load();
