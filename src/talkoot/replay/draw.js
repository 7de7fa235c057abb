/* Making elements. Content from the record reaches the page through these two functions alone, and only as text. */

const SVG = "http://www.w3.org/2000/svg";

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.setAttribute("class", value);
    else if (name === "text") node.textContent = value;
    else if (name === "vars") for (const [key, number] of Object.entries(value)) node.style.setProperty(key, number);
    else if (name === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) if (child) node.append(child);
  return node;
}

/* An HTML element: el("button", {class: "bar", text: "...", vars: {"--t": 3}, on: {click}}, children). */
function el(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/* The same for SVG. */
function shape(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

const ICONS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z",
  back: "M17.5 5v14L8.8 12zM6 5h2.2v14H6z",
  forth: "M6.5 5v14l8.7-7zM15.8 5H18v14h-2.2z",
  before: "M15.4 5.2 8.6 12l6.8 6.8 1.5-1.5-5.3-5.3 5.3-5.3z",
  after: "M8.6 5.2 15.4 12l-6.8 6.8-1.5-1.5 5.3-5.3-5.3-5.3z",
  in: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  out: "M5 11h14v2H5z",
  close: "m6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
  yes: "m9.6 17.2-4.8-4.8 1.6-1.6 3.2 3.2 8-8 1.6 1.6z",
  no: "m6.9 5.5 5.1 5.1 5.1-5.1 1.4 1.4-5.1 5.1 5.1 5.1-1.4 1.4-5.1-5.1-5.1 5.1-1.4-1.4 5.1-5.1-5.1-5.1z",
  flag: "M6 4h2v16H6zM9 5h10l-2.6 3.6L19 12H9z",
};

function icon(name) {
  return shape("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" }, shape("path", { d: ICONS[name] }));
}

/* What the numbers in skills stand for in this episode; the page sets it when it opens one. */
let labels = new Map();

/* A skill as one reads it: put_onion_in_pot() becomes "put onion in pot", gocheck(74) "check kitchen cabinet 74". */
function plain(skill) {
  const words = inWords(String(skill).replace(/\(\s*\)$/, "").replace(/^(\w+)\((.*)\)$/s, "$1 $2").replaceAll("_", " "));
  return labels.size ? words.replace(/\d+/g, (digits, place) => {
    const name = labels.get(digits);
    return !name || words.slice(0, place).endsWith(`${name} `) ? digits : `${name} ${digits}`;
  }) : words;
}

/* Things in a message as one reads them: "<coffeetable> (265)" becomes "coffee table 265". */
function readable(text) {
  return String(text).replace(/<(\w+)> \((\d+)\)/g, (_, name, digits) => `${inWords(name)} ${digits}`);
}

function number(value) {
  return (Math.round(value * 100) / 100).toLocaleString("en-US");
}

function plural(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}
