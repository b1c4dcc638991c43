// JSON Schema as tables for people, and as an example to begin with.

import { html, table } from "./dom.js";

const REF = /^#\/components\/schemas\//;
const MANY = 12;
const DEEP = 4;

/** The types of the API. */
export class Schemas {
  /** @param {Record<string, object>} named The document's components.schemas. */
  constructor(named) {
    this.named = named;
  }

  /** Follow references to the schema itself; allOf becomes one schema. */
  resolve(schema) {
    // true and false are schemas too: anything, and nothing more.
    let found = schema instanceof Object ? schema : {};
    for (let step = 0; found.$ref && step < 10; step++) found = this.named[found.$ref.replace(REF, "")] ?? {};
    if (!found.allOf) return found;
    const parts = found.allOf.map((part) => this.resolve(part));
    return Object.assign({}, ...parts, { properties: Object.assign({}, ...parts.map((part) => part.properties)) });
  }

  /** Say in a few words which values a schema takes. */
  kind(schema = {}) {
    const found = this.resolve(schema);
    if ("const" in found) return JSON.stringify(found.const);
    if (found.enum) return found.enum.map((value) => this.#value(value, found.default)).join(", ");
    const several = found.anyOf ?? found.oneOf;
    if (several && !found.type) return [...new Set(several.map((part) => this.kind(part)))].join(" or ");
    if (found.prefixItems) return `[${found.prefixItems.map((part) => this.kind(part)).join("; ")}]`;
    if (found.type === "array") return `list of ${this.kind(found.items)}`;
    const name = schema.$ref?.replace(REF, "");
    const type = name ?? [found.type ?? "anything"].flat().join(" or ");
    return [type, found.format, ...this.#limits(found)].filter(Boolean).join(", ");
  }

  #value(value, usual) {
    return value === usual ? `${value} (default)` : String(value);
  }

  #limits(found) {
    const limits = [];
    if ("minimum" in found) limits.push(`from ${found.minimum}`);
    if ("exclusiveMaximum" in found) limits.push(`below ${found.exclusiveMaximum}`);
    if ("maximum" in found) limits.push(`to ${found.maximum}`);
    if ("maxItems" in found) limits.push(`at most ${found.maxItems}`);
    if ("default" in found && found.default !== null) limits.push(`default ${JSON.stringify(found.default)}`);
    return limits;
  }

  /** The objects a schema is made of by their names, itself first. */
  #objects(schema, seen = new Map(), depth = 0) {
    const found = this.resolve(schema);
    const name = schema?.$ref?.replace(REF, "") ?? "";
    if (found.properties && !seen.has(name)) {
      seen.set(name, found);
      if (depth < DEEP) Object.values(found.properties).forEach((part) => this.#objects(part, seen, depth + 1));
    }
    const within = [found.anyOf, found.oneOf, found.items].flat().filter(Boolean);
    for (const part of within) {
      if (depth < DEEP) this.#objects(part, seen, depth + 1);
    }
    return seen;
  }

  /** Make tables of a schema's fields, and of those of the objects within. */
  describe(schema) {
    const objects = [...this.#objects(schema)];
    if (!objects.length) {
      const found = this.resolve(schema);
      return html("p", {}, [found.description, `${this.kind(schema)}.`].filter(Boolean).join(" "));
    }
    return html("div", {}, objects.map(([name, found], place) => {
      const fields = Object.entries(found.properties).map(([field, part]) => [
        [
          html("code", {}, field),
          found.required?.includes(field) ? html("span", { class: "needed" }, " required") : null,
        ],
        this.kind(part),
        part.description ?? this.resolve(part).description ?? "",
      ]);
      const parts = [found.description ? html("p", {}, found.description) : null, this.#fields(fields)];
      if (!place || !name) return parts;
      return html("details", {}, html("summary", {}, `${name}, ${fields.length} fields`), parts);
    }));
  }

  #fields(rows) {
    const headings = ["field", "value", "meaning"];
    if (rows.length <= MANY) return table(headings, rows);
    return html("details", {}, html("summary", {}, `${rows.length} fields`), table(headings, rows));
  }

  /** Return an example of a body: the document's own, else one made of the schema. */
  example({ schema, examples } = {}) {
    const given = Object.values(examples ?? {})[0]?.value ?? this.resolve(schema).examples?.[0];
    return given ?? this.#made(schema, 0);
  }

  #made(schema, depth) {
    const found = this.resolve(schema);
    if ("const" in found) return found.const;
    if (found.examples) return found.examples[0];
    if (found.enum) return found.default ?? found.enum[0];
    if (found.anyOf) return this.#made(found.anyOf[0], depth);
    if (found.properties && depth < DEEP) {
      const needed = found.required ?? found.oneOf?.[0]?.required ?? [];
      return Object.fromEntries(needed.map((name) => [name, this.#made(found.properties[name], depth + 1)]));
    }
    const type = [found.type].flat()[0];
    if (type === "array") return found.items && depth < DEEP ? [this.#made(found.items, depth + 1)] : [];
    const least = found.minimum ?? 0;
    return { integer: least, number: least, boolean: false, string: "", object: {} }[type] ?? null;
  }
}
