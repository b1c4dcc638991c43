// Try-it: fill in a request, send it, see the answer; and the same as a curl line.

import { ask } from "./ask.js";
import { html } from "./dom.js";

const SHOWN_HEADERS = ["content-type", "server-timing", "x-request-id", "retry-after", "allow"];

/** Quote for a POSIX shell. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(method, url, type, body, key) {
  const parts = ["curl", ...(method === "GET" ? [] : ["-X", method]), quoted(url)];
  if (type) parts.push("-H", quoted(`content-type: ${type}`));
  // The key itself is not written where it can be read over a shoulder, or copied into a ticket.
  if (key) parts.push("-H", '"x-functions-key: $FUNCTION_KEY"');
  if (body !== undefined) parts.push("--data-binary", quoted(body));
  return parts.join(" ");
}

function pretty(answer) {
  if (answer.document === null) return answer.text;
  return JSON.stringify(answer.document, null, 2);
}

function input(one, schemas) {
  const schema = schemas.resolve(one.schema);
  const attributes = { name: one.name, "data-in": one.in };
  if (schema.enum) {
    const empty = one.required ? [] : [html("option", { value: "" }, `default: ${schema.default}`)];
    return html("select", attributes, empty, schema.enum.map((value) => html("option", { value }, String(value))));
  }
  const value = one.example ?? "";
  return html("input", { ...attributes, value, placeholder: schema.default ?? "", autocomplete: "off" });
}

function shown(answer) {
  const headers = SHOWN_HEADERS.map((name) => [name, answer.headers.get(name)]).filter(([, value]) => value);
  return [
    html("p", {}, html("b", { class: "status" }, String(answer.status)), ` in ${answer.ms.toFixed(0)} ms`),
    html("pre", { class: "headers" }, headers.map(([name, value]) => `${name}: ${value}`).join("\n")),
    html("pre", { class: "answer" }, pretty(answer)),
  ];
}

/** Return the path with what was filled in, relative to the prefix; the query is left out where empty. */
function address(path, inputs) {
  let filled = path.slice(1);
  const query = new URLSearchParams();
  for (const field of inputs) {
    const value = field.value.trim();
    if (field.dataset.in === "path") {
      if (!value) throw new Error(`Fill in ${field.name}`);
      filled = filled.replace(`{${field.name}}`, encodeURIComponent(value));
    } else if (value) {
      query.set(field.name, value);
    }
  }
  return query.size ? `${filled}?${query}` : filled;
}

/**
 * Make the form of one endpoint.
 * @param {string} method
 * @param {string} path As in the document.
 * @param {object} operation
 * @param {import("./docs_schema.js").Schemas} schemas
 * @param {string} prefix Of the server, such as /api.
 * @param {() => string} key The function key, as filled in at the time.
 */
export function tryIt(method, path, operation, schemas, prefix, key) {
  const content = operation.requestBody?.content ?? {};
  const types = Object.keys(content);
  const inputs = (operation.parameters ?? []).map((one) => input(one, schemas));
  const type = types.length
    ? html("select", { name: "media type" }, types.map((name) => html("option", { value: name }, name)))
    : null;
  const body = types.length ? html("textarea", { spellcheck: "false", name: "body" }) : null;
  const send = html("button", { class: "main", type: "submit" }, "Send");
  const line = html("pre", { class: "curl" });
  const answered = html("div", { "aria-live": "polite" });
  const labelled = (name, field) => html("label", {}, name, field);

  function example() {
    const made = schemas.example(content[type.value]);
    body.value = typeof made === "string" ? made : JSON.stringify(made, null, 2);
  }

  function request() {
    const where = address(path, inputs);
    return { where, sent: { key: key(), type: type?.value ?? "", body: body?.value } };
  }

  function preview() {
    try {
      const { where, sent } = request();
      const url = new URL(`${prefix}/${where}`, location.origin).href;
      line.textContent = curl(method, url, sent.type, sent.body, sent.key);
    } catch (error) {
      line.textContent = `${error.message}.`;
    }
  }

  async function submit(event) {
    event.preventDefault();
    send.disabled = true;
    try {
      const { where, sent } = request();
      answered.replaceChildren(...shown(await ask(method, where, sent)));
    } catch (error) {
      answered.replaceChildren(html("p", { class: "needed" }, `${error.message}.`));
    }
    send.disabled = false;
  }

  if (type) {
    type.addEventListener("change", example);
    example();
  }
  const form = html("form", { class: "try", on: { submit, input: preview, change: preview } },
    html("div", { class: "fields" },
      inputs.map((field) => labelled(field.name, field)),
      type ? labelled("media type", type) : null),
    body ? labelled("body", body) : null,
    html("div", { class: "buttons" }, send),
    html("details", {}, html("summary", {}, "The same with curl"), line),
    answered);
  preview();
  return form;
}
