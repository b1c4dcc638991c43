// Elements from values. What is given as text stays text: nothing here ever reads markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Make an HTML element. Children are nodes or texts; null is left out. */
export function html(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Make an SVG element. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** Make a table that scrolls by itself where it is wider than the page. Cells are nodes or texts. */
export function table(headings, rows) {
  const cells = (row) => row.map((cell, place) => html(place ? "td" : "th", place ? {} : { scope: "row" }, cell));
  return html("div", { class: "scroll" },
    html("table", {},
      html("thead", {}, html("tr", {}, headings.map((name) => html("th", { scope: "col" }, name)))),
      html("tbody", {}, rows.map((row) => html("tr", {}, cells(row))))));
}
