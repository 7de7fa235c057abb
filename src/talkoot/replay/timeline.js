/* The time axis: the whole episode as an overview with the score, and one lane of rows for each agent below it. */

/* A row that would be empty for everybody is left out. */
const ROWS = ["saw", "believed", "planned", "verified", "worth", "did"];
const IN_ROW = {
  saw: (mind) => [...mind.saw, ...mind.calls], believed: (mind) => mind.beliefs, planned: (mind) => [...mind.plans, ...mind.notes], did: (mind) => mind.acts,
  worth: (mind) => mind.worths,
  verified: (mind) => [...mind.plans, ...mind.rechecks].filter((plan) => plan.verdicts.length || plan.problem),
};

function niceStep(least) {
  return [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((step) => step >= least) || 2000;
}

/* The overview is the slider: score as a stepped area, deliveries as dots, refused plans and messages as ticks, the lanes' window. */
function makeOverview(host, episode, onTime) {
  const span = Math.max(1, episode.end - episode.start);
  const share = (t) => ((t - episode.start) / span) * 100;
  const top = Math.max(1, ...episode.frames.map((frame) => frame.score));
  let line = "M0 100";
  for (const frame of episode.frames) line += `H${share(frame.t).toFixed(3)}V${(100 - (frame.score / top) * 72).toFixed(2)}`;
  const chart = shape("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
    shape("path", { class: "area", d: `${line}H100V100z` }), shape("path", { class: "line", d: `${line}H100` }));
  const marks = episode.deliveries.map((frame) => el("i", { class: "delivery", title: `+${number(frame.gained)} at step ${frame.t}`, vars: { "--x": `${share(frame.t)}%`, "--y": `${100 - (frame.score / top) * 72}%` } }));
  const refused = [...episode.minds.values()].flatMap((mind) => mind.trouble.map((plan) => el("i", { class: "refusal", vars: { "--x": `${share(plan.t)}%` } })));
  const messages = [...episode.minds.values()].flatMap((mind) => mind.says.map((one) => el("i", { class: `message seat-${mind.seat % 4}`, vars: { "--x": `${share(one.t)}%` } })));
  const poor = [...episode.minds.values()].flatMap((mind) => mind.worths.filter((one) => one.tone === "bad").map((one) => el("i", { class: "poor", vars: { "--x": `${share(one.t)}%` } })));
  const view = el("div", { class: "window" });
  const head = el("div", { class: "head" });
  host.replaceChildren(el("div", { class: "plot" }, chart, refused, poor, messages, marks, view, head));
  host.setAttribute("aria-valuemax", episode.end);
  host.setAttribute("aria-valuemin", episode.start);
  const plot = host.firstChild;
  scrub(host, (event) => {
    const box = plot.getBoundingClientRect();
    onTime(episode.start + Math.round(((event.clientX - box.left) / box.width) * span));
  });
  return {
    showTime: (time, label) => {
      head.style.setProperty("--share", share(time));
      host.setAttribute("aria-valuenow", Math.floor(time));
      if (label) host.setAttribute("aria-valuetext", label);
    },
    showWindow: (from, to) => {
      view.style.left = `${Math.max(0, share(from))}%`;
      view.style.right = `${Math.max(0, 100 - share(to))}%`;
      view.hidden = to - from >= span;
    },
  };
}

/* Follow mouse or finger from press to release. */
function scrub(node, onMove) {
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    node.classList.add("scrubbing");
    onMove(event);
  });
  node.addEventListener("pointermove", (event) => { if (node.hasPointerCapture(event.pointerId)) onMove(event); });
  for (const type of ["pointerup", "pointercancel"]) node.addEventListener(type, () => node.classList.remove("scrubbing"));
}

/* The lanes. A mark is placed by two variables, its time and its length, so that zooming changes one number. */
function makeLanes(host, episode, { onTime, onOpen }) {
  const ruler = el("div", { class: "ruler", "aria-hidden": "true" });
  const head = el("div", { class: "head", "aria-hidden": "true" });
  const lanes = episode.seats.map((seat) => makeLane(episode, episode.minds.get(seat), onOpen));
  const dialogue = makeDialogue(episode, host, onOpen);
  if (dialogue) lanes.splice(episode.seats.length === 2 ? 1 : lanes.length, 0, dialogue.node);
  const track = el("div", { class: "track", vars: { "--span": Math.max(1, episode.end - episode.start) } }, ruler, lanes, head);
  const scroller = el("div", { class: "scroller" }, track);
  host.replaceChildren(...[scroller, dialogue?.tip].filter(Boolean));
  let step = 0;
  let gutter = 0; // measured when the size changes, not while playing
  let room = 0;
  let scrolled = 0;
  scroller.addEventListener("scroll", () => { scrolled = scroller.scrollLeft; }, { passive: true });
  const zoom = (wanted) => {
    gutter = parseFloat(getComputedStyle(track).getPropertyValue("--gutter"));
    room = scroller.clientWidth - gutter;
    const fit = Math.max(2, (room - 14) / Math.max(1, episode.end - episode.start));
    step = Math.min(64, Math.max(Math.min(fit, 64), wanted));
    track.style.setProperty("--step", `${step}px`);
    track.classList.toggle("tiny", step < 9);
    const every = niceStep(46 / step);
    const ticks = [];
    for (let t = Math.ceil(episode.start / every) * every; t <= episode.end; t += every) ticks.push(el("span", { text: t, vars: { "--t": t - episode.start } }));
    ruler.replaceChildren(el("b", { text: "step" }), ...ticks);
  };
  scrub(ruler, (event) => {
    const box = track.getBoundingClientRect();
    onTime(episode.start + Math.floor((event.clientX - box.left - gutter) / step + 0.25));
  });
  return {
    scroller, zoom, step: () => step,
    showTime: (time, follow) => {
      head.style.setProperty("--t", time - episode.start);
      if (!follow) return;
      const x = (time - episode.start) * step;
      const slack = room * 0.12;
      if (x >= scrolled + slack && x <= scrolled + room - slack) return;
      scroller.scrollLeft = x - room * 0.35;
      scrolled = scroller.scrollLeft;
    },
    window: () => {
      const from = episode.start + scrolled / step;
      return [from, from + room / step];
    },
    mark: (seat, t) => {
      for (const node of track.querySelectorAll(".now")) node.classList.remove("now");
      for (const node of track.querySelectorAll(`[data-seat="${Number(seat)}"][data-t="${Number(t)}"]`)) node.classList.add("now");
    },
  };
}

/* One thing at one time in a row: a button that opens the panel there. */
function makeMark(mind, onOpen) {
  return (kind, t, length, label, says) => el("button", {
    type: "button", tabindex: -1, class: `mark ${kind}${length <= 2 ? " short" : ""}`, title: says, "aria-label": says, "data-t": t, "data-seat": mind.seat,
    vars: { "--t": t - mind.start, "--n": length }, on: { click: () => onOpen(mind.seat, t) },
  }, label);
}

function makeRow(name, mind, marks, label = name) {
  if (marks[0]) marks[0].tabIndex = 0;
  return el("div", { class: `row ${name}${marks.length ? "" : " empty"}`, role: "group", "aria-label": `${name}, seat ${mind.seat}`, on: { keydown: rove } },
    el("span", { class: "row-name" }, label), marks);
}

function makeLane(episode, mind, onOpen) {
  const mark = makeMark(mind, onOpen);
  const makers = { saw: sawMarks, believed: beliefMarks, planned: planMarks, verified: verdictMarks, worth: worthMarks, did: (one, make) => deedMarks(episode, one, make) };
  const others = [...episode.minds.values()];
  const rows = ROWS.filter((name) => others.some((one) => IN_ROW[name](one).length)).map((name) => makeRow(name, mind, makers[name](mind, mark)));
  return el("div", { class: `lane seat-${mind.seat % 4}` }, el("h2", {}, el("span", { class: "who" }, el("i", { class: "chip", text: mind.seat }), el("span", { text: mind.team }))), rows);
}

/* Within a row one mark can be reached by Tab; the arrows go on from there. */
function rove(event) {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way || !event.target.matches(".mark")) return;
  const marks = [...event.currentTarget.querySelectorAll(".mark")];
  const next = marks[marks.indexOf(event.target) + way];
  event.preventDefault();
  event.stopPropagation();
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function sawMarks(mind, mark) {
  const failed = new Set(mind.calls.filter((call) => call.error).map((call) => call.t));
  const times = [...new Set([...mind.saw, ...mind.calls].map((event) => event.t))].sort((a, b) => a - b);
  return times.map((t) => {
    const calls = mind.calls.filter((call) => call.t === t).length;
    return mark(`dot${failed.has(t) ? " bad" : ""}`, t, 1, el("i"), `Step ${t}: looked${calls ? ` and asked the model (${plural(calls, "call")})` : ""}`);
  });
}

function beliefMarks(mind, mark) {
  return mind.beliefs.map((belief) => {
    const verdict = belief.correct === true ? "good" : belief.correct === false ? "bad" : "open";
    const label = [el("span", { text: plain(belief.intention) })];
    if (verdict === "good") label.unshift(icon("yes"));
    if (verdict === "bad") label.unshift(icon("no")), label.push(el("em", { text: `did ${plain(belief.actual)}` }));
    const outcome = { good: "and so it was", bad: `but it did ${plain(belief.actual)}`, open: "not seen yet" }[verdict];
    return mark(`bar belief ${verdict}`, belief.t, belief.end - belief.t, label, `Step ${belief.t}: thinks seat ${belief.about} will ${plain(belief.intention)}, ${outcome}`);
  });
}

function planMarks(mind, mark) {
  const bars = mind.accepted.map((plan) => {
    const attempts = mind.refused.filter((one) => one.t === plan.t).length;
    const says = `Step ${plan.t}: ${plain(plan.skill)}${plan.outcome ? `, ${plan.outcome}` : ""}${plan.why ? ` (${plan.why})` : ""}${plan.problem ? `, because ${plan.problem}` : ""}${attempts ? `, after ${plural(attempts, "refused plan")}` : ""}`;
    return mark(`bar plan ${plan.outcome || "open"}${attempts || plan.problem ? " replanned" : ""}`, plan.t, plan.end - plan.t,
      [attempts ? el("b", { text: `${attempts + 1}×` }) : "", el("span", { text: plain(plan.skill) })], says);
  });
  const settled = new Set(mind.accepted.map((plan) => plan.t));
  const lost = mind.refused.filter((plan) => !settled.has(plan.t)).map((plan) => mark("bar plan refused", plan.t, 1, "", `Step ${plan.t}: ${plain(plan.skill)} was refused`));
  const notes = mind.notes.map((note) => mark("note", note.t, 1, icon("flag"), `Step ${note.t}: ${plain(note.what)} ${note.text || ""}`));
  return [...bars, ...lost, ...notes].sort((a, b) => a.dataset.t - b.dataset.t);
}

function verdictMarks(mind, mark) {
  const judged = IN_ROW.verified(mind);
  const times = [...new Set(judged.map((plan) => plan.t))].sort((a, b) => a - b);
  return times.map((t) => {
    const plans = judged.filter((plan) => plan.t === t);
    const bad = plans.filter((plan) => !plan.ok || plan.problem);
    const passed = plans.some((plan) => plan.ok);
    const reasons = bad.map((plan) => plan.problem || plan.verdicts.at(-1)?.reason || plain(plan.skill)).join("; ");
    const says = `Step ${t}: ${bad.length ? `refused ${plural(bad.length, "plan")} (${reasons})${passed ? ", then accepted one" : ""}` : "accepted"}`;
    const marks = [
      bad.length ? el("i", { class: "bad" }, icon("no"), bad.length > 1 ? el("b", { text: bad.length }) : "") : "",
      passed ? el("i", { class: "good" }, icon("yes")) : "",
    ];
    return mark(`verdict${bad.length ? " with-bad" : ""}`, t, 1, marks, says);
  });
}

/* What each decision was worth: + or -, and the chance of success before and after it. */
const SIGNS = { good: "+", bad: "−", open: "?" };
const percent = (share) => `${Math.round(share * 100)}%`;
const worthWords = (one) => `${{ good: "good", bad: "poor", open: "unlabelled" }[one.tone]} decision, chance of success ${percent(one.q[0])} before and ${percent(one.q[1])} after`;

function worthMarks(mind, mark) {
  return mind.worths.map((one) => mark(`bar worth ${one.tone}`, one.t, one.end - one.t,
    [el("b", { text: SIGNS[one.tone] }), el("span", { text: `${percent(one.q[0])} → ${percent(one.q[1])}` })], `Step ${one.t}: ${plain(one.what)}, ${worthWords(one)}`));
}

function deedMarks(episode, mind, mark) {
  const { deeds } = worldOf(episode);
  return mind.acts.map((act) => {
    const [sign, weight] = deeds[nameOf(act.action)] || ["◦", ""];
    const failed = slipOf(episode, act);
    const says = `Step ${act.t}: ${plain(act.action)}${act.skill ? ` (${plain(act.skill)})` : ""}${failed ? `, which did not work: ${failed}` : ""}`;
    return mark(`deed ${weight} ${failed ? "slipped" : ""}`, act.t, 1, el("span", { text: sign }), says);
  });
}

/* Why a deed came to nothing, in the words of the world, or "". */
function slipOf(episode, act) {
  const frame = latest(episode.frames, act.t);
  const reason = frame?.t === act.t ? episode.frames[frame.index + 1]?.info.failed?.[act.seat] : "";
  return reason ? String(reason) : "";
}
