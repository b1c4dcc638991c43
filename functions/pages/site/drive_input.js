// What was pasted, made a request: smartctl's JSON, or telemetry as JSON or CSV.

export const JSON_TYPE = "application/json";
export const SMARTCTL_TYPE = "application/vnd.smartmontools+json";

const TEXT_COLUMNS = new Set(["date", "serial_number", "model"]);
const NUMBER_COLUMN = /^(capacity_bytes|smart_\d{1,3}_raw)$/;
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** What was pasted is nothing that can be asked about; the message is for people. */
export class InputError extends Error {}

/**
 * Read what was pasted.
 * @param {string} pasted
 * @returns {{type: string, body: string, earlier: number}} Earlier is the number of rows sent as history.
 */
export function readPasted(pasted) {
  const text = pasted.replace(/^\uFEFF/, "").trim();
  if (!text) throw new InputError("Nothing was pasted. Paste the output of smartctl -a -j, or a row of telemetry.");
  if (text.startsWith("{") || text.startsWith("[")) return fromJson(text);
  if (/^smartctl \d/.test(text)) {
    throw new InputError("This is smartctl's output as text. Add -j, so that it prints JSON: smartctl -a -j /dev/sda");
  }
  return fromRows(csvRows(text));
}

function fromJson(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new InputError(`This begins like JSON but is none: ${error.message}. Was all of it copied?`);
  }
  if (Array.isArray(found)) return fromRows(found);
  const smartctl = ["ata_smart_attributes", "smartctl", "json_format_version"].some((name) => name in found);
  // Sent as it was pasted: numbers beyond 2^53 would not survive being read and written again.
  return { type: smartctl ? SMARTCTL_TYPE : JSON_TYPE, body: text, earlier: found.history?.length ?? 0 };
}

function csvRows(text) {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim());
  const mark = !lines[0].includes(",") && lines[0].includes("\t") ? "\t" : ",";
  const cells = (line) => line.split(mark).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  const header = cells(lines[0]).map((name) => name.toLowerCase());
  if (!header.includes("serial_number")) {
    throw new InputError("The first line is not telemetry's header. Expected column names such as "
      + "date,serial_number,model,smart_5_raw, and below them the drive's line.");
  }
  if (lines.length < 2) throw new InputError("There is a header but no line below it. Paste the drive's line too.");
  return lines.slice(1).map((line, place) => {
    const values = cells(line);
    if (values.length !== header.length) {
      const counts = `Line ${place + 2} has ${values.length} fields, the header ${header.length}`;
      throw new InputError(`${counts}. Paste whole lines.`);
    }
    return telemetry(header, values);
  });
}

function telemetry(header, values) {
  const row = {};
  header.forEach((name, place) => {
    const value = values[place];
    if (value === "") return;
    if (TEXT_COLUMNS.has(name)) row[name] = value;
    // What is no number goes as it is: the app says what is wrong with it.
    else if (NUMBER_COLUMN.test(name)) row[name] = NUMBER.test(value) ? Number(value) : value;
  });
  return row;
}

function fromRows(rows) {
  const wrong = rows.findIndex((row) => row === null || typeof row !== "object" || Array.isArray(row));
  if (!rows.length || wrong >= 0) throw new InputError("Expected rows of telemetry: JSON objects in a list.");
  const drives = new Set(rows.map((row) => JSON.stringify([row.serial_number, row.model])));
  if (drives.size > 1) {
    throw new InputError(`These are ${drives.size} drives. Paste the rows of one; POST predict/batch takes many.`);
  }
  const ordered = [...rows].sort((one, other) => String(one.date).localeCompare(String(other.date)));
  const newest = ordered.pop();
  const history = ordered.map(({ history: _, capacity_bytes: __, ...row }) => row);
  const body = history.length ? { ...newest, history } : newest;
  return { type: JSON_TYPE, body: JSON.stringify(body), earlier: history.length };
}
