/* The household: a floor plan on which two people look for things and bring them to one place. */

const TRAIL = 7; // steps of the way behind a person that are still drawn
const HEARD = 6; // steps for which what was said stays over the head

/* What the scene tells, whatever a record leaves out. */
function readHome(scene) {
  const seen = scene?.seen && typeof scene.seen === "object" ? scene.seen : {};
  const knows = new Map(Object.entries(seen).map(([seat, one]) => [Number(seat), { rooms: new Set(list(one?.rooms)), things: new Set(list(one?.things)), checked: new Set(list(one?.checked)) }]));
  const people = list(scene?.people).map((one) => ({ seat: num(one?.seat), position: pair(one?.position), yaw: num(one?.yaw), room: one?.room, holding: list(one?.holding) }));
  return {
    people, knows,
    things: list(scene?.things).filter((one) => one && typeof one === "object"),
    open: new Set(list(scene?.open)), satisfied: new Set(list(scene?.satisfied)), held: new Set(people.flatMap((one) => one.holding)),
  };
}

const nameOfSeat = (episode, seat) => String(list(episode.setting?.names)[seat] ?? `seat ${seat}`);

/* How many things of each goal are in place now. */
function goalCounts(setting, home) {
  return list(setting?.goals).map((goal) => {
    const count = Math.max(0, num(goal?.count));
    const done = home.things.filter((one) => home.satisfied.has(one.id) && one.name === goal.name && (one.in === goal.target || one.on === goal.target)).length;
    return { ...goal, name: String(goal?.name ?? "?"), count, done: Math.min(done, count) };
  });
}

/* The line above the plan: what is to be done, how far it is, and whose eyes one looks through. */
function makeHomeHead(episode, onEyes) {
  const { setting } = episode;
  const home = readHome(episode.scene);
  const places = new Map(list(setting.furniture).map((one) => [one?.id, inWords(one?.name ?? "?")]));
  const goals = goalCounts(setting, home);
  const chips = goals.map((goal) => {
    const count = el("b", {});
    const node = el("li", { title: String(goal.text ?? "") }, shape("svg", { viewBox: "-24 -24 48 48", "aria-hidden": "true" }, thing(goal.name)), el("span", { text: inWords(goal.name) }), count);
    return { node, show: (done) => { count.textContent = `${done}/${goal.count}`; node.classList.toggle("full", done >= goal.count); } };
  });
  const where = [...new Set(goals.map((goal) => `${goal.relation === "inside" ? "into" : "onto"} the ${places.get(goal.target) ?? "place"}`))].join(", ");
  const choices = home.knows.size ? [null, ...[...home.knows.keys()].sort((a, b) => a - b)] : [];
  const buttons = choices.map((seat) => el("button", {
    type: "button", role: "radio", class: seat === null ? "" : `seat-${seat % 4}`, title: seat === null ? "Show everything (e)" : `Show what ${nameOfSeat(episode, seat)} has seen so far (e)`, on: { click: () => onEyes(seat) },
  }, seat === null ? "all" : [el("i", { class: "chip", text: seat }), el("span", { text: nameOfSeat(episode, seat) })]));
  const node = el("div", { class: "home-head" },
    el("div", { class: "task" },
      el("p", {}, el("b", { text: String(setting.activity ?? "") }), goals.length ? el("span", { text: where }) : ""),
      goals.length ? el("ul", { class: "goals", "aria-label": "Goal" }, chips.map((chip) => chip.node)) : ""),
    buttons.length ? el("div", { class: "whose", role: "radiogroup", "aria-label": "Through whose eyes" }, buttons) : "");
  return {
    node,
    choices,
    show: (counts) => counts.forEach((goal, place) => chips[place].show(goal.done)),
    showEyes: (eyes) => choices.forEach((seat, place) => {
      buttons[place].setAttribute("aria-checked", seat === eyes);
      buttons[place].tabIndex = seat === eyes ? 0 : -1;
    }),
  };
}

/* What a seat is about to reach: the last number in its skill, if that names a room, a piece of furniture or a thing. */
function aimOf(mind, t, plan, spots) {
  const current = latest(mind?.accepted || [], t);
  if (!current || t > current.end || (t === current.end && current.outcome) || nameOf(current.skill) === "send_message") return null;
  const ids = [...String(current.skill).matchAll(/\d+/g)].map(([digits]) => Number(digits));
  for (const id of ids.reverse()) {
    if (spots.has(id)) return spots.get(id);
    const rect = (plan.pieces.get(id) || plan.rooms.get(id))?.rect;
    if (rect) return middle(rect);
  }
  return null;
}

function drawHousehold(episode, host, { onEyes = () => {} } = {}) {
  const head = makeHomeHead(episode, onEyes);
  const box = el("div", { class: "plan-box" });
  const note = el("p", { class: "home-note" });
  host.replaceChildren(head.node, box, note);
  const plan = makeFloorPlan(episode.setting, box);
  if (!plan) return drawUnknown(episode, host);
  const margin = 16;
  const layers = Object.fromEntries(["veils", "marks", "trails", "aims", "things", "labels", "people", "speech"].map((name) => [name, shape("g", { class: name })]));
  const svg = shape("svg", { viewBox: `${-margin} ${-margin} ${plan.width + 2 * margin} ${plan.height + 2 * margin}`, class: "home-plan", role: "img", "aria-label": `Floor plan of ${episode.setting.apartment ?? "the home"}` }, plan.node, Object.values(layers));
  box.append(svg);

  const homes = new Map(); // by frame, read once
  const homeAt = (frame) => homes.get(frame.index) || homes.set(frame.index, readHome(frame.scene)).get(frame.index);
  const first = homeAt(episode.frames[0]);
  const seats = first.people.map((one) => one.seat);
  const people = new Map(seats.map((seat) => [seat, makePerson(seat, nameOfSeat(episode, seat))]));
  const bubbles = new Map(seats.map((seat) => [seat, makeBubble(seat, plan.width, 38, 2)]));
  const trails = new Map(seats.map((seat) => [seat, shape("path", { class: `trail seat-${seat % 4}` })]));
  const aims = new Map(seats.map((seat) => [seat, makeAim(seat)]));
  layers.trails.append(...trails.values());
  layers.aims.append(...[...aims.values()].map((aim) => aim.node));
  layers.people.append(...[...people.values()].map((person) => person.node));
  layers.speech.append(...[...bubbles.values()].map((bubble) => bubble.node));
  const veils = new Map([...plan.rooms.values()].map(({ id, rect: [x, y, x1, y1] }) => [id, shape("rect", { class: "veil", x, y, width: x1 - x, height: y1 - y, fill: "url(#floor-veil)" })]));
  layers.veils.append(...veils.values());
  const goalPlaces = makeGoalPlaces(episode.setting, plan, layers.marks);
  const marks = makeKnowledgeMarks(plan, [...first.knows.keys()], layers.labels);

  let unit = 1; // units to a pixel, so that words and small things keep their size
  let drawn = "";
  let spots = new Map();
  const measure = () => {
    unit = Math.max((plan.width + 2 * margin) / Math.max(1, box.clientWidth), (plan.height + 2 * margin) / Math.max(1, box.clientHeight));
    drawn = "";
  };
  measure();

  /* What changes only from step to step. */
  const showStep = (home, eyes) => {
    const knows = eyes === null ? null : home.knows.get(eyes);
    for (const piece of plan.pieces.values()) if (piece.container) piece.show(home.open.has(piece.id));
    for (const [id, veil] of veils) veil.classList.toggle("on", Boolean(knows) && !knows.rooms.has(id));
    const everybody = [...home.knows.values()];
    const isKnown = (id) => (knows ? knows.things.has(id) : !everybody.length || everybody.some((one) => one.things.has(id)));
    const lying = home.things.filter((one) => !home.held.has(one.id));
    const scale = tokenScale(unit);
    const placed = spread(lying.map((one) => restingPoint(one, plan, 20 * scale)), 50 * scale, plan.width, plan.height);
    spots = new Map(lying.map((one, place) => [one.id, placed[place]]));
    layers.things.replaceChildren(...lying.map((one, place) => {
      const shut = plan.pieces.get(one.in)?.container && !home.open.has(one.in);
      const kind = [isKnown(one.id) ? "" : "unknown", shut ? "shut" : "", home.satisfied.has(one.id) ? "done" : ""].join(" ");
      const { node } = token(String(one.name ?? "?"), kind);
      node.setAttribute("transform", at(...placed[place], scale * (shut ? 0.8 : 1)));
      return node;
    }));
    const counts = goalCounts(episode.setting, home);
    head.show(counts);
    goalPlaces(counts, unit);
    marks(home, eyes, unit);
    if (!home.knows.size) return;
    note.textContent = eyes === null
      ? "Dots: who has been in a room. Ticks: who looked inside. Dashed things: seen by nobody yet."
      : `What ${nameOfSeat(episode, eyes)} has seen. Hatched: not entered. Dashed things: not seen. Ticks: looked inside.`;
  };

  const show = ({ from, to, share, time, eyes = null }) => {
    const [now, next] = [homeAt(from), homeAt(to)];
    const current = share > 0.6 ? next : now;
    const index = share > 0.6 ? to.index : from.index;
    const whose = head.choices.includes(eyes) ? eyes : null;
    if (`${index} ${whose}` !== drawn) {
      drawn = `${index} ${whose}`;
      showStep(current, whose);
      head.showEyes(whose);
    }
    const names = new Map(current.things.map((one) => [one.id, String(one.name ?? "?")]));
    const stand = standing(now, next, share, plan, unit);
    const mine = whose === null ? null : stand.get(whose);
    let covered = null;
    for (const [seat, pose] of stand) {
      const mind = episode.minds.get(seat);
      const act = latest(mind?.acts || [], from.t);
      const failed = share > 0.15 && act?.t === from.t && to !== from && Boolean(to.info?.failed?.[seat]);
      people.get(seat)?.show({
        ...pose, unit, failed, stride: pose.moved ? Math.sin(time * 2 * Math.PI) : 0, nameOfThing: (id) => names.get(id) ?? "?",
        holding: (current.people.find((one) => one.seat === seat) ?? { holding: [] }).holding, dim: Boolean(mine) && mine.room !== pose.room,
      });
      trails.get(seat)?.setAttribute("d", trailOf(episode, from.index, seat, pose, plan, homeAt));
      aims.get(seat)?.show(pose, aimOf(mind, from.t, plan, spots), plan, unit);
      for (const one of [aims.get(seat)?.node, trails.get(seat)]) one?.classList.toggle("dim", Boolean(mine) && mine.room !== pose.room);
      const said = latest(mind?.says || [], from.t);
      covered = bubbles.get(seat)?.show(said && from.t - said.t < HEARD ? readable(said.say) : "", pose.x, pose.y, unit * 0.82, covered) ?? covered;
    }
  };
  let last = null;
  new ResizeObserver(() => { if (svg.isConnected) { measure(); if (last) show(last); } }).observe(box);
  return (moment) => { last = moment; show(moment); };
}

/* Where a thing is drawn: well on what it lies on, however near the edge it lies. */
function restingPoint(one, plan, radius) {
  const [x, y] = plan.point(pair(one.at));
  const rect = plan.pieces.get(one.on ?? one.in)?.rect;
  if (!rect) return [x, y];
  const [dx, dy] = [Math.min(radius, (rect[2] - rect[0]) / 2), Math.min(radius, (rect[3] - rect[1]) / 2)];
  return [within(x, rect[0] + dx, rect[2] - dx), within(y, rect[1] + dy, rect[3] - dy)];
}

/* Where everybody stands between two scenes, kept apart so that one can see both. */
function standing(now, next, share, plan, unit) {
  const poses = new Map();
  for (const one of now.people) {
    const then = next.people.find((other) => other.seat === one.seat) ?? one;
    const [a, b] = [plan.point(one.position), plan.point(then.position)];
    const swing = ((then.yaw - one.yaw + 540) % 360) - 180;
    poses.set(one.seat, {
      x: a[0] + (b[0] - a[0]) * share, y: a[1] + (b[1] - a[1]) * share, room: share > 0.5 ? then.room : one.room,
      angle: plan.turn(one.yaw + swing * Math.min(1, share * 2.5)), moved: Math.hypot(b[0] - a[0], b[1] - a[1]) > 5,
    });
  }
  const all = [...poses.values()];
  const apart = spread(all.map((pose) => [pose.x, pose.y]), Math.max(50, 30 * unit), plan.width, plan.height);
  if (all.length > 1 && all.some((pose, place) => all.some((other, where) => where > place && Math.hypot(pose.x - other.x, pose.y - other.y) < 30 * unit))) all.forEach((pose, place) => { [pose.x, pose.y] = apart[place]; });
  return poses;
}

/* The way of the last steps, as a dotted line that ends at the feet. */
function trailOf(episode, index, seat, pose, plan, homeAt) {
  const points = [];
  for (let place = Math.max(0, index - TRAIL + 1); place <= index; place++) {
    const one = homeAt(episode.frames[place]).people.find((other) => other.seat === seat);
    if (one) points.push(plan.point(one.position));
  }
  return pathOf([...points, [pose.x, pose.y]]);
}

const pathOf = (points) => points.map(([x, y], place) => `${place ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/* Where a person is bound for: a dashed line and a ring. */
function makeAim(seat) {
  const way = shape("path", { class: "aim-way" });
  const goal = shape("circle", { class: "aim-goal" });
  const node = shape("g", { class: `aim seat-${seat % 4}` }, way, goal);
  const show = (pose, target, plan, unit) => {
    const far = target ? Math.hypot(target[0] - pose.x, target[1] - pose.y) : 0;
    const radius = (15 + 3 * (seat % 4)) * unit; // so that both show where both go to the same
    node.setAttribute("visibility", far > radius * 1.6 ? "visible" : "hidden");
    if (far <= radius * 1.6) return;
    const points = [[pose.x, pose.y], ...plan.doorsBetween([pose.x, pose.y], target)];
    const [x, y] = points.at(-1);
    const last = Math.hypot(target[0] - x, target[1] - y) || 1;
    const end = Math.max(0, 1 - radius / last);
    points.push([x + (target[0] - x) * end, y + (target[1] - y) * end]);
    way.setAttribute("d", pathOf(points));
    for (const [key, value] of Object.entries({ cx: target[0], cy: target[1], r: radius })) goal.setAttribute(key, value.toFixed(1));
  };
  return { node, show };
}

/* The goal place glows, with a small count at its edge. */
function makeGoalPlaces(setting, plan, layer) {
  const targets = [...new Set(list(setting.goals).map((goal) => goal?.target))].filter((id) => plan.pieces.has(id));
  const marks = targets.map((id) => {
    const [x0, y0, x1, y1] = plan.pieces.get(id).rect;
    const glow = shape("rect", { class: "goal-glow" });
    const pill = shape("g", { class: "goal-pill" }, shape("rect", { x: -22, y: -9, width: 44, height: 18, rx: 9 }), shape("path", { class: "goal-flag", d: "M-14-5v10M-14-5h8l-2 2.5 2 2.5h-8" }), shape("text", { x: -3, y: 4.2 }));
    const node = shape("g", { class: "goal-place" }, glow, pill);
    layer.append(node);
    return (counts, unit) => {
      const mine = counts.filter((goal) => goal.target === id);
      const [done, all] = [mine.reduce((sum, goal) => sum + goal.done, 0), mine.reduce((sum, goal) => sum + goal.count, 0)];
      const out = 3 * unit;
      for (const [key, value] of Object.entries({ x: x0 - out, y: y0 - out, width: x1 - x0 + 2 * out, height: y1 - y0 + 2 * out, rx: 4 * unit })) glow.setAttribute(key, value);
      pill.setAttribute("transform", at(within((x0 + x1) / 2, 22 * unit, plan.width - 22 * unit), y0 - 13 * unit > 0 ? y0 - 13 * unit : y1 + 13 * unit, unit));
      pill.lastChild.textContent = `${done}/${all}`;
      node.classList.toggle("full", done >= all && all > 0);
    };
  });
  return (counts, unit) => marks.forEach((mark) => mark(counts, unit));
}

/* Who has been in a room (dots beside its name) and who has looked into a container (ticks, in the colours of who did). */
function makeKnowledgeMarks(plan, seats, layer) {
  const taken = [...plan.pieces.values()].filter((piece) => !FLAT.has(piece.name)).map((piece) => piece.rect);
  const labels = [...plan.rooms.values()].map((room) => {
    const name = inWords(room.name);
    const dots = seats.map((seat) => shape("circle", { class: `knower seat-${seat % 4}`, r: 3.6 }));
    const words = shape("text", { y: 4, text: name });
    const node = shape("g", { class: "room-label" }, words, dots);
    layer.append(node);
    const lay = (unit) => {
      const wide = words.getComputedTextLength?.() || [...name].length * 7;
      const narrow = (wide + seats.length * 10 + 24) * unit > room.rect[2] - room.rect[0]; // then the dots stand below the name
      const side = narrow ? 0 : seats.length * 5 + 4;
      words.setAttribute("x", -side);
      dots.forEach((dot, place) => {
        dot.setAttribute("cx", narrow ? (place - (seats.length - 1) / 2) * 10 : wide / 2 - side + 10 + place * 10);
        dot.setAttribute("cy", narrow ? 13 : 0);
      });
      node.setAttribute("transform", at(...freePlace(room, [(wide + 2 * side + 8) * unit, 18 * unit], taken), unit));
    };
    return { room, dots, lay };
  });
  const ticks = [...plan.pieces.values()].filter((piece) => piece.container).map((piece) => {
    const halves = seats.map(() => shape("path", {}));
    const node = shape("g", { class: "checked" }, shape("circle", { class: "checked-rim", r: 6.6 }), halves, shape("path", { class: "checked-tick", d: "M-2.8 0.2l2 2.2 3.6-4.4" }));
    layer.append(node);
    return { ...piece, tick: node, halves };
  });
  let laid = 0;
  return (home, eyes, unit) => {
    for (const { room, dots, lay } of labels) {
      if (laid !== unit) lay(unit);
      dots.forEach((dot, place) => dot.classList.toggle("on", Boolean(home.knows.get(seats[place])?.rooms.has(room.id))));
    }
    for (const { id, rect, front, w, tick: node, halves } of ticks) {
      const knowing = seats.filter((seat) => home.knows.get(seat)?.checked.has(id) && (eyes === null || eyes === seat));
      node.setAttribute("visibility", knowing.length ? "visible" : "hidden");
      const scale = unit * within(w / unit / 15, 0.6, 1); // small where there is little room
      const aside = Math.max(0, w / 2 - 7 * scale);
      node.setAttribute("transform", at((rect[0] + rect[2]) / 2 + front[1] * aside, (rect[1] + rect[3]) / 2 - front[0] * aside, scale));
      halves.forEach((half, turn) => {
        half.setAttribute("class", turn < knowing.length ? `checked-part seat-${knowing[turn] % 4}` : "");
        half.setAttribute("d", turn < knowing.length ? sector(5.6, turn / knowing.length, (turn + 1) / knowing.length) : "");
      });
    }
    laid = unit;
  };
}

/* A slice of a disc between two shares of the whole turn, the first on the left. */
function sector(r, from, to) {
  if (to - from >= 1) return `M${-r} 0a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0z`;
  const spot = (share) => `${(r * Math.cos((share * 2 + 0.5) * Math.PI)).toFixed(2)} ${(r * Math.sin((share * 2 + 0.5) * Math.PI)).toFixed(2)}`;
  return `M0 0L${spot(from)}A${r} ${r} 0 ${to - from > 0.5 ? 1 : 0} 1 ${spot(to)}z`;
}
