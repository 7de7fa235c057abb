/* The side panel: one moment of one agent in full, in the order in which it happened. */

function makePanel(host, episode, { onClose, onTime, onSeat }) {
  const body = el("div", { class: "panel-body", tabindex: -1 });
  const title = el("h2", {});
  const before = el("button", { type: "button", "aria-label": "Previous thought of this seat", title: "Previous thought" }, icon("before"));
  const after = el("button", { type: "button", "aria-label": "Next thought of this seat", title: "Next thought" }, icon("after"));
  const close = el("button", { type: "button", "aria-label": "Close the panel", title: "Close (Esc)", on: { click: onClose } }, icon("close"));
  const tabs = episode.seats.map((seat) => el("button", { type: "button", class: `tab seat-${seat % 4}`, "aria-label": `Seat ${seat}`, on: { click: () => onSeat(seat) } }, el("i", { class: "chip", text: seat })));
  host.replaceChildren(el("header", {}, el("div", { class: "tabs" }, tabs), title, before, after, close), body);
  let shown = "";

  const show = (seat, t) => {
    const mind = episode.minds.get(seat);
    const group = mind.groups.find((one) => one.t === t);
    const thought = latest(mind.thoughts, t) || mind.thoughts[0];
    host.className = `seat-${seat % 4}`;
    episode.seats.forEach((one, place) => tabs[place].setAttribute("aria-pressed", one === seat));
    const previous = mind.thoughts.findLast((one) => one.t < (thought?.t ?? t));
    const next = mind.thoughts.find((one) => one.t > t);
    before.disabled = !previous;
    after.disabled = !next;
    before.onclick = () => previous && onTime(previous.t);
    after.onclick = () => next && onTime(next.t);
    const key = `${seat} ${t} ${thought?.t}`;
    if (key === shown) return;
    const scrolled = shown.split(" ")[2] === String(thought?.t) && shown.startsWith(`${seat} `);
    shown = key;
    title.textContent = `Step ${t}`;
    const parts = [];
    if (!thought) parts.push(el("p", { class: "hint", text: "This agent recorded no thoughts, only its deeds." }));
    if (group && group !== thought) parts.push(...group.events.map((event) => block(event, group)), el("p", { class: "hint", text: `No new thought in step ${t}; this is the one of step ${thought?.t}:` }));
    if (thought && thought.t > t) parts.push(el("p", { class: "hint", text: `It thinks for the first time in step ${thought.t}:` }));
    if (thought) parts.push(...thought.events.map((event) => block(event, thought)));
    body.replaceChildren(...parts.filter(Boolean));
    if (!scrolled) body.scrollTop = 0;
  };
  return { show, focus: () => body.focus({ preventScroll: true }) };
}

const BLOCKS = {
  __proto__: null,
  saw: (event, group) => {
    const words = restore(event.words);
    const repeated = group.events.some((one) => one.kind === "called"); // the prompt below holds the same words
    return section("Saw", "", folded("in words", words, !repeated || words.length < 500));
  },
  called: (event) => section("Asked", `${event.model} · ${event.purpose}`, callParts(event), event.error ? "bad" : ""),
  heard: (event) => section("Heard", `from seat ${event.from}`, el("blockquote", { class: `seat-${event.from % 4}`, text: event.text })),
  believed: (event) => (event.actual || event.correct !== undefined
    ? section("Learned", "", el("p", {}, `Seat ${event.about} did `, el("b", { text: event.actual || "something else" }), "; expected was ", el("b", { text: event.intention || "nothing" })), event.correct ? "good" : "bad")
    : section("Believed", "", el("p", {}, `Seat ${event.about} will `, el("b", { text: event.intention })))),
  planned: (event) => section("Planned", event.attempt ? `attempt ${event.attempt + 1}` : "", [
    el("p", { class: "skill", text: event.skill || "nothing" }),
    event.analysis ? el("p", { class: "analysis", text: event.analysis }) : "",
    event.intention ? el("p", { class: "analysis", text: `Mate: ${event.intention}` }) : "",
    event.problem ? el("p", { class: "problem", text: event.problem }) : "",
  ], event.problem ? "bad" : ""),
  verified: (event) => section(event.ok ? "Verified" : "Refused", event.round, [
    el("p", {}, el("b", { text: event.skill }), event.reason ? `: ${event.reason}` : ""),
    event.conditions?.length ? el("ul", { class: "conditions" }, event.conditions.map(([text, holds, reason]) => el("li", { class: holds ? "good" : "bad" },
      icon(holds ? "yes" : "no"), el("div", {}, el("span", { text }), reason ? el("small", { text: reason }) : "")))) : "",
  ], event.ok ? "good" : "bad"),
  judged: (event) => section(event.ok ? "Judged" : "Refused", `reasoning, by ${event.judge}`, [
    el("p", {}, el("b", { text: event.skill }), event.reason ? `: ${event.reason}` : ""),
    el("ul", { class: "conditions" }, event.chunks.map(([text, good, score, analysis]) => el("li", { class: good ? "good" : "bad" },
      icon(good ? "yes" : "no"), el("div", {}, el("span", { text: text.trim() }), el("small", { text: `sound: ${percent(score)}${analysis ? ` · ${analysis}` : ""}` }))))),
    event.unread ? el("p", { class: "hint", text: `${plural(event.unread, "more chunk")} not read` }) : "",
  ], event.ok ? "good" : "bad"),
  worth: (event) => section(event.tone === "bad" ? "Poor decision" : event.tone === "good" ? "Good decision" : "No label", event.rule, [
    el("p", {}, el("b", { text: plain(event.what) }), `, until step ${event.end}`),
    el("p", {}, `Chance of success ${percent(event.q[0])} → ${percent(event.q[1])} (${plural(event.tries[0], "rollout")} before, ${event.tries[1]} after); points ${number(event.points[0])} → ${number(event.points[1])}, the mean over ${event.horizon ? `${event.horizon} steps` : "the episode"}`),
  ], event.tone === "open" ? "" : event.tone),
  finished: (event) => section(event.done ? "Finished" : "Failed", "", el("p", {}, el("b", { text: event.skill }), event.reason ? `: ${event.reason}` : ""), event.done ? "good" : "bad"),
  acted: (event) => section("Did", "", [
    el("p", {}, el("b", { text: event.action }), event.skill ? ` for ${event.skill}` : ""),
    event.say ? el("blockquote", { text: event.say }) : "",
  ]),
  noted: (event) => section("Noted", event.what, el("p", { class: "words", text: event.text || "" }), "warn"),
};

function block(event, group) {
  return BLOCKS[event.kind]?.(event, group);
}

function folded(name, text, open, kind = "other") {
  return el("details", { class: `turn ${kind}`, open },
    el("summary", {}, el("b", { text: name }), el("small", { text: plural(text.length, "character") })), el("pre", { text }));
}

function section(name, detail, content, tone = "") {
  return el("section", { class: `block ${name.toLowerCase()} ${tone}` }, el("h3", {}, name, detail ? el("small", { text: detail }) : ""), content);
}

function callParts(event) {
  const tokens = (event.prompt_tokens || 0) + (event.completion_tokens || 0);
  const last = event.messages.length - 1;
  const turns = event.messages.map(([role, parts], place) => {
    const known = ["system", "user", "assistant"].includes(role) ? role : "other";
    return folded(role, restore(parts), place === last || role !== "system", `said-to-model ${known}`);
  });
  return [
    ...turns,
    event.error ? el("p", { class: "problem", text: event.error }) : "",
    event.reply || !event.error ? el("div", { class: "turn reply" }, el("div", { class: "summary" }, el("b", { text: "reply" }), el("small", { text: tokens ? `${number(event.prompt_tokens || 0)} + ${plural(event.completion_tokens || 0, "token")}` : "" })), el("pre", { text: event.reply || "" })) : "",
    event.key ? el("small", { class: "key", text: `request ${event.key.slice(0, 12)}` }) : "",
  ];
}
