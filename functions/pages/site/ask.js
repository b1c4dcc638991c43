// One request to the app these pages came from.

/**
 * Send a request and read its answer.
 * @param {string} method
 * @param {string} path Relative to the prefix, with its query.
 * @param {{key?: string, type?: string, body?: string}} sent The key is the function key.
 * @returns {Promise<{status: number, ms: number, headers: Headers, text: string, document: any}>}
 *   The document is the JSON that was answered, null when it was none.
 */
export async function ask(method, path, { key = "", type = "", body } = {}) {
  const headers = {};
  if (key) headers["x-functions-key"] = key;
  if (type && body !== undefined) headers["content-type"] = type;
  const start = performance.now();
  const answer = await fetch(path, { method, headers, body, credentials: "same-origin", cache: "no-store" });
  const text = await answer.text();
  const ms = performance.now() - start;
  let document = null;
  try {
    document = JSON.parse(text);
  } catch {
    // Not JSON; the text says what it is.
  }
  return { status: answer.status, ms, headers: answer.headers, text, document };
}

/** Say why there is no answer, from a problem document or what came instead. */
export function problemOf(answer) {
  const { status, document, headers } = answer;
  if (status === 401 || status === 403) {
    return { title: "The app asks for a function key", detail: "Fill in the key, then try again.", errors: [] };
  }
  const wait = headers.get("retry-after");
  const later = wait ? ` Try again in ${wait} s.` : "";
  return {
    title: document?.title ?? `The app answered ${status}`,
    detail: (document?.detail ?? answer.text.slice(0, 400)) + later,
    errors: Array.isArray(document?.errors) ? document.errors : [],
  };
}
