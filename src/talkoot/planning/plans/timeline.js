(() => {
"use strict";
const COLOURS = ["#4477aa", "#ee6677", "#228833", "#aa7700", "#aa3377", "#0088a8", "#775599", "#667766"];
const LINE = 30, LEFT = 52, TOP = 34, GAP = 44;
const data = JSON.parse(document.getElementById("data").textContent);
const chart = document.getElementById("chart"), reason = document.getElementById("reason");
const longest = Math.max(14, ...data.steps.map(one => one.words.length));
const room = Math.max(320, window.innerWidth - 40 - LEFT) / Math.max(1, data.lanes.length);
const width = Math.max(220, Math.min(room, 110 + 7.6 * longest));
const rows = data.times.reduce((most, [, row]) => Math.max(most, row), 1);
const add = (kind, where, text) => {
  const node = document.createElement(kind);
  node.className = where;
  if (text !== undefined) node.textContent = text;
  chart.append(node);
  return node;
};
const put = (node, x, y, w, h) => Object.assign(node.style, {
  left: `${x}px`, top: `${y}px`, width: w && `${w}px`, height: h && `${h}px`,
});
const number = value => String(Math.round(value * 100) / 100);
const many = data.steps.length === 1 ? "1 step" : `${data.steps.length} steps`;
document.getElementById("summary").textContent =
  `${many}, done at time ${number(data.makespan)}. A dot marks what the goal asks for. Point at a step to see why it is there.`;
put(chart, 0, 0, LEFT + width * Math.max(1, data.lanes.length), TOP + LINE * rows + 10);
chart.style.position = "relative";
for (const [time, row] of data.times) {
  put(add("div", "rule"), 46, TOP + row * LINE);
  put(add("div", "time", number(time)), 0, TOP + row * LINE);
}
data.lanes.forEach((name, lane) => {
  const head = add("div", "name", name);
  put(head, LEFT + lane * width + 4, 8, width - GAP);
  head.style.color = COLOURS[lane % COLOURS.length];
});
const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
svg.setAttribute("width", "1");
svg.setAttribute("height", "1");
chart.append(svg);
const boxes = new Map(), order = new Map();
for (const one of [...data.steps].sort((a, b) => a.start - b.start || a.step - b.step)) {
  const box = { x: LEFT + one.lane * width, y: TOP + one.from * LINE, w: width - GAP, h: (one.to - one.from) * LINE, one };
  const kinds = ["step", one.goal && "goal", one.useless && "useless", box.h > 1.6 * LINE && "tall"];
  const node = add("button", kinds.filter(Boolean).join(" "));
  node.type = "button";
  const tag = document.createElement("b"), words = document.createElement("span");
  tag.textContent = one.step;
  words.textContent = one.words;
  node.append(tag, words);
  put(node, box.x, box.y + 2, box.w, box.h - 4);
  node.style.setProperty("--lane", COLOURS[one.lane % COLOURS.length]);
  node.title = one.because;
  node.onmouseenter = node.onfocus = () => show(one.step);
  node.onmouseleave = node.onblur = () => show(0);
  const place = [...order.values()].filter(([lane]) => lane === one.lane).length;
  order.set(one.step, [one.lane, place]);
  boxes.set(one.step, { ...box, node });
}
const pairs = new Map();
for (const [first, second, words] of data.links) {
  if (second < 0) continue;
  const key = `${first} ${second}`;
  if (!pairs.has(key)) pairs.set(key, { first, second, facts: [] });
  pairs.get(key).facts.push(words);
}
for (const pair of pairs.values()) {
  const from = boxes.get(pair.first), to = boxes.get(pair.second);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const [lane, place] = order.get(pair.first), [other, later] = order.get(pair.second);
  const y = from.y + from.h * .7, end = to.y + to.h * .3;
  if (lane === other) {
    const x = from.x + from.w, out = Math.min(GAP - 8, later === place + 1 ? 8 : 10 + (end - y) / 9);
    path.setAttribute("d", `M${x} ${y} C${x + out} ${y + 6} ${x + out} ${end - 6} ${x} ${end}`);
  } else {
    const right = other > lane, x = right ? from.x + from.w : from.x, goal = right ? to.x : to.x + to.w;
    const pull = right ? GAP * .7 : -GAP * .7;
    path.setAttribute("d", `M${x} ${y} C${x + pull} ${y} ${goal - pull} ${end} ${goal} ${end}`);
  }
  path.style.setProperty("--lane", COLOURS[lane % COLOURS.length]);
  svg.append(path);
  pair.path = path;
}
function show(step) {
  const near = new Set([step]);
  for (const pair of pairs.values()) {
    const on = step && (pair.first === step || pair.second === step);
    pair.path.setAttribute("class", step ? (on ? "on" : "off") : "");
    if (on) near.add(pair.first).add(pair.second);
  }
  for (const [number, box] of boxes) {
    box.node.classList.toggle("far", Boolean(step) && !near.has(number));
    box.node.classList.toggle("near", number === step);
  }
  reason.replaceChildren();
  if (!step) return;
  const { one } = boxes.get(step);
  const lines = [["", `${one.step}. ${one.words}  (${one.action}; time ${number(one.start)} to ${number(one.end)})`]];
  if (one.because) lines.push(["why", one.because]);
  const needs = [...pairs.values()].filter(pair => pair.second === step);
  if (needs.length) lines.push(["why", "needs " + needs.map(pair => `${pair.facts.join(", ")} (step ${pair.first})`).join("; ")]);
  for (const [kind, text] of lines) {
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = text;
    reason.append(line);
  }
}
})();
