/* What was said: one line for each seat, and an arrow from where it was said to where and when it was heard. */

const SAID = 25; // height of a line of speech, and of the gap that the arrows cross, in pixels
const GAP = 26;

/* Null where nobody speaks: then the page keeps its room for other things. */
function makeDialogue(episode, host, onOpen) {
  const minds = episode.seats.map((seat) => episode.minds.get(seat));
  if (!minds.some((mind) => mind.says.length)) return null;
  const tip = el("div", { class: "tip", role: "tooltip", hidden: true });
  const lines = minds.map((mind, place) => {
    const label = [el("i", { class: "chip", text: mind.seat }), "said"];
    const row = makeRow("said", mind, speechMarks(episode, mind, makeMark(mind, onOpen)), label);
    row.classList.add(`seat-${mind.seat % 4}`);
    row.style.setProperty("--line", place);
    return row;
  });
  const arrows = minds.flatMap((mind, from) => mind.says.flatMap((message) => minds.flatMap((other, to) => (to === from ? [] : [makeArrow(mind, message, from, to, other.seat, onOpen)]))));
  const node = el("div", { class: "dialogue", role: "group", "aria-label": "Dialogue", vars: { "--lines": minds.length } }, arrows, lines);
  const light = (key) => { for (const one of node.querySelectorAll("[data-say]")) one.classList.toggle("lit", one.dataset.say === key); };
  const show = (event) => {
    const said = event.target.closest("[data-say]");
    tip.hidden = !said;
    light(said?.dataset.say ?? "");
    if (said) placeTip(tip, said, host, minds);
  };
  for (const type of ["pointerover", "focusin"]) node.addEventListener(type, show);
  for (const type of ["pointerleave", "focusout"]) node.addEventListener(type, () => { tip.hidden = true; light(""); });
  return { node, tip };
}

function speechMarks(episode, mind, mark) {
  return mind.says.map((message, place) => {
    const next = mind.says[place + 1];
    const length = Math.max(1, Math.min(24, (next ? next.t : mind.end) - message.t));
    const heard = message.heard === null ? ", not delivered" : "";
    const node = mark(`bar speech${message.heard === null ? " lost" : ""}`, message.t, length, el("span", { text: readable(message.say) }), `Step ${message.t} says${heard}: ${message.say}`);
    node.removeAttribute("title"); // the tip tells it, at once and for the keyboard too
    node.dataset.say = `${mind.seat} ${place}`;
    return node;
  });
}

/* Its curve leaves and arrives upright, so that the head fits whatever the zoom. */
function makeArrow(mind, message, from, to, hearer, onOpen) {
  const down = to > from;
  const lost = message.heard === null;
  const curve = down ? "M0 0C0 60 100 40 100 100" : "M0 100C0 40 100 60 100 0";
  return el("div", {
    class: `arrow seat-${mind.seat % 4} ${down ? "down" : "up"}${lost ? " lost" : ""}`, "aria-hidden": "true", "data-say": `${mind.seat} ${mind.says.indexOf(message)}`, "data-heard": message.heard,
    vars: { "--t": message.t - mind.start, "--n": lost ? 0.5 : message.heard - message.t, "--top": Math.min(from, to), "--rows": Math.abs(to - from) },
    on: { click: () => onOpen(lost ? mind.seat : hearer, lost ? message.t : message.heard) },
  }, shape("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none" }, shape("path", { d: curve })));
}

function placeTip(tip, said, host, minds) {
  const [seat, place] = said.dataset.say.split(" ").map(Number);
  const message = minds.find((mind) => mind.seat === seat)?.says[place];
  if (!message) return;
  tip.className = `tip seat-${seat % 4}`;
  tip.replaceChildren(
    el("small", {}, el("i", { class: "chip", text: seat }), message.heard === null ? `said in step ${message.t}, not delivered` : `said in step ${message.t}, heard in step ${message.heard}`),
    el("span", { text: message.say }));
  const [area, mark] = [host.getBoundingClientRect(), said.getBoundingClientRect()];
  const left = Math.max(8, Math.min(mark.left - area.left, area.width - tip.offsetWidth - 8));
  const above = mark.top - area.top - tip.offsetHeight - 6;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 4 ? above : mark.bottom - area.top + 6}px`;
}
