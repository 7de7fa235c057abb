/* The kitchen, and what pictures of all worlds share. A picture takes (episode, host) and returns show({from, to, share, time}). */

const TILE = 100;
const WAYS = [[0, -1], [0, 1], [1, 0], [-1, 0]];
const at = (x, y, scale = 1) => `translate(${x} ${y}) scale(${scale})`;
const ease = (share) => share * share * (3 - 2 * share);

function onion(scale = 1, x = 0, y = 0) {
  return shape("g", { transform: at(x, y, scale) },
    shape("path", { class: "sprout", d: "M0-20c-2-6-6-7-8-12M0-20c1-7 5-8 8-13" }),
    shape("path", { class: "onion", d: "M0-23C5-13 25-10 25 6 25 18 13 24 0 24S-25 18-25 6C-25-10-5-13 0-23z" }),
    shape("path", { class: "onion-line", d: "M0-21C-9-8-10 10-3 23M0-21C9-8 10 10 3 23M-2-18C-17-8-20 4-15 17" }));
}

function tomato(scale = 1, x = 0, y = 0) {
  return shape("g", { transform: at(x, y, scale) },
    shape("ellipse", { class: "tomato", rx: 25, ry: 22, cy: 2 }),
    shape("ellipse", { class: "shine", rx: 6, ry: 4, cx: -10, cy: -6 }),
    shape("path", { class: "leaf", d: "M0-26l3 8 10-3-6 8 8 5-11 1-4 8-4-8-11-1 8-5-6-8 10 3z" }));
}

function dish(scale = 1, x = 0, y = 0) {
  return shape("g", { transform: at(x, y, scale) },
    shape("circle", { class: "dish", r: 26 }), shape("circle", { class: "dish-rim", r: 17 }));
}

/* Pieces of a soup in a ring, so that one can count them. */
function pieces(onions, tomatoes, radius, size) {
  const all = [...Array(onions).fill(onion), ...Array(tomatoes).fill(tomato)];
  return all.map((draw, place) => {
    const angle = (place / all.length) * 2 * Math.PI - Math.PI / 2;
    const away = all.length === 1 ? 0 : radius;
    return draw(size, away * Math.cos(angle), away * Math.sin(angle));
  });
}

const broth = (onions, tomatoes) => (tomatoes === 0 ? "broth" : onions === 0 ? "broth red" : "broth mixed");

function item(code, scale = 1) {
  if (code === 1) return onion(scale);
  if (code === 2) return tomato(scale);
  if (code === 3) return dish(scale);
  const soup = code - 16;
  if (soup < 0) return null;
  return shape("g", { transform: at(0, 0, scale) },
    dish(), shape("circle", { class: broth(soup % 4, soup >> 2), r: 19 }), pieces(soup % 4, soup >> 2, 9, 0.3));
}

const FIXTURES = {
  __proto__: null,
  O: () => shape("g", {}, crate(), onion(0.62, -16, 0), onion(0.62, 17, -1), onion(0.66, 0, 8)),
  T: () => shape("g", {}, crate(), tomato(0.62, -16, -1), tomato(0.62, 17, -2), tomato(0.66, 0, 8)),
  D: () => shape("g", {}, dish(1.05, 0, 6), dish(1.05, 0, 0), dish(1.05, 0, -6)),
  S: () => shape("g", {},
    shape("rect", { class: "pass", x: -41, y: -39, width: 82, height: 70, rx: 12 }),
    shape("path", { class: "cloche", d: "M-25 12a25 25 0 0 1 50 0zM-31 16h62a3 3 0 0 1 0 6h-62a3 3 0 0 1 0-6zM-4-17a4 4 0 0 1 8 0z" })),
  P: () => shape("rect", { class: "stove", x: -42, y: -41, width: 84, height: 77, rx: 12 }),
};

function crate() {
  return shape("g", {},
    shape("rect", { class: "crate", x: -39, y: -32, width: 78, height: 60, rx: 9 }),
    shape("rect", { class: "crate-in", x: -33, y: -26, width: 66, height: 48, rx: 6 }));
}

function terrain(rows) {
  const tiles = shape("g", {});
  const solid = (x, y) => (rows[y]?.[x] ?? "X") !== " ";
  rows.forEach((row, y) => [...row].forEach((kind, x) => {
    const tile = shape("g", { transform: at(x * TILE, y * TILE) });
    if (kind === " ") {
      tile.append(shape("rect", { class: (x + y) % 2 ? "floor alt" : "floor", width: TILE, height: TILE }));
      if (solid(x, y - 1)) tile.append(shape("rect", { class: "shade", width: TILE, height: 9 }));
    } else {
      tile.append(shape("rect", { class: "counter", width: TILE, height: TILE }));
      if (!solid(x, y + 1)) tile.append(shape("rect", { class: "counter-front", y: 82, width: TILE, height: 18 }));
      const seams = `${solid(x + 1, y) ? `M${TILE} 0V${TILE}` : ""}${solid(x, y + 1) ? `M0 ${TILE}H${TILE}` : ""}`;
      tile.append(shape("path", { class: "seam", d: seams }));
      const draw = FIXTURES[kind];
      if (draw) tile.append(shape("g", { transform: at(50, 46) }, draw()));
    }
    tiles.append(tile);
  }));
  return tiles;
}

/* A pot: contents, a ring that fills while it cooks and turns green when the soup is ready, and steam. */
function makePot() {
  const glow = shape("circle", { class: "glow", r: 34 });
  const ring = shape("circle", { class: "ring", r: 32.5, pathLength: 100, transform: "rotate(-90)" });
  const inside = shape("g", {});
  const steam = shape("path", { class: "steam", d: "" });
  const left = shape("text", { class: "left", x: 33, y: 34 });
  const node = shape("g", {}, glow,
    shape("circle", { class: "ring-track", r: 32.5 }), ring,
    shape("path", { class: "pot", d: "M-36-5h10v10h-10a4 4 0 0 1 0-10zM26-5h10a4 4 0 0 1 0 10h-10z" }),
    shape("circle", { class: "pot", r: 26 }), shape("circle", { class: "pot-in", r: 21 }), inside, steam, left);
  let shown = "";
  const show = (pot, time) => {
    const cooking = pot.tick >= 0 && pot.tick < pot.cook_time;
    const ready = pot.tick >= 0 && pot.tick >= pot.cook_time;
    node.setAttribute("class", ready ? "ready" : cooking ? "cooking" : "idle");
    node.setAttribute("transform", at(pot.cell[0] * TILE + 50, pot.cell[1] * TILE + 46));
    const share = ready ? 1 : cooking ? Math.max(0.02, pot.tick / pot.cook_time) : 0;
    ring.setAttribute("stroke-dasharray", `${share * 100} 100`);
    left.textContent = cooking ? Math.ceil(pot.cook_time - pot.tick) : "";
    const state = `${pot.onions} ${pot.tomatoes} ${cooking || ready}`;
    if (state !== shown) {
      const liquid = cooking || ready ? shape("circle", { class: broth(pot.onions, pot.tomatoes), r: 20.5 }) : "";
      inside.replaceChildren(...[liquid, ...pieces(pot.onions, pot.tomatoes, 10, 0.36)].filter(Boolean));
      shown = state;
    }
    const sway = Math.sin(time * 1.3) * 4;
    steam.setAttribute("d", ready ? `M-10-30q${-6 + sway}-8 0-15t0-13M2-33q${-6 - sway}-8 0-15t0-13M13-30q${-6 + sway}-8 0-15t0-13` : "");
  };
  return { node, show };
}

/* A cook seen slightly from above: body and hat ribbon in the seat's colour, the face turned the way it faces. */
function makeCook(seat) {
  const skin = ["#f3cda4", "#a8714a", "#e2b48a", "#7d5135"][seat % 4];
  const eyes = shape("g", { class: "eyes" }, shape("circle", { r: 2.7 }), shape("circle", { r: 2.7 }));
  const smile = shape("path", { class: "smile", d: "M-5 0q5 5 10 0" });
  const apron = shape("path", { class: "apron", d: "" });
  const hand = shape("g", { class: "held" });
  const pointer = shape("path", { class: "pointer", d: "M-7 0 0 8 7 0z" });
  const figure = shape("g", {},
    shape("rect", { class: "body", x: -23, y: -4, width: 46, height: 39, rx: 19 }), apron,
    shape("circle", { cy: -13, r: 19, fill: skin }), eyes, smile,
    shape("path", { class: "hat", d: "M-17-25C-30-30-27-47-14-46-11-58 11-58 14-46 27-47 30-30 17-25z" }),
    shape("rect", { class: "ribbon", x: -17.5, y: -30, width: 35, height: 7, rx: 2.5 }));
  const node = shape("g", { class: `cook seat-${seat % 4}` }, pointer, shape("ellipse", { class: "shadow", cy: 35, rx: 25, ry: 7 }), figure);
  const faces = [
    { eyes: null, apron: "M-9 4 0 8 9 4", hand: [25, 0], behind: true },
    { eyes: [-6.5, 6.5], smile: 0, apron: "M-13 7h26v12a13 13 0 0 1-26 0z", hand: [0, 19] },
    { eyes: [4, 14], smile: 10, apron: "M4 6h17q3 8 0 19l-7 7h-7z", hand: [24, 14] },
    { eyes: [-14, -4], smile: -10, apron: "M-4 6h-17q-3 8 0 19l7 7h7z", hand: [-24, 14] },
  ];
  let shown = "";
  const show = (cook, next, share, lunge) => {
    const facing = share > 0.2 ? next.facing : cook.facing;
    const held = share > 0.6 ? next.held : cook.held;
    const way = WAYS[facing] || WAYS[1];
    const reach = lunge ? Math.sin(Math.PI * share) * 13 : 0;
    const x = cook.cell[0] + (next.cell[0] - cook.cell[0]) * ease(share);
    const y = cook.cell[1] + (next.cell[1] - cook.cell[1]) * ease(share);
    const moving = cook.cell[0] !== next.cell[0] || cook.cell[1] !== next.cell[1];
    const bob = moving ? -Math.abs(Math.sin(share * 2 * Math.PI)) * 4 : 0;
    node.setAttribute("transform", at(x * TILE + 50 + way[0] * reach, y * TILE + 50 + way[1] * reach));
    figure.setAttribute("transform", at(0, bob));
    if (`${facing} ${held}` !== shown) {
      shown = `${facing} ${held}`;
      const face = faces[facing] || faces[1];
      eyes.replaceChildren(...(face.eyes || []).map((cx) => shape("circle", { cx, cy: -12, r: 2.7 })));
      smile.setAttribute("transform", at(face.smile ?? 0, -5, face.smile ? 0.7 : 1));
      smile.setAttribute("class", face.eyes ? "smile" : "smile away");
      apron.setAttribute("d", face.apron);
      apron.setAttribute("class", face.behind ? "apron strings" : "apron");
      pointer.setAttribute("transform", `rotate(${[180, 0, -90, 90][facing] ?? 0}) ${at(0, face.behind ? 58 : 42)}`);
      hand.replaceChildren(...[item(held, 0.74)].filter(Boolean));
      hand.setAttribute("transform", at(...face.hand));
      if (face.behind) figure.prepend(hand);
      else figure.append(hand);
    }
    return y;
  };
  return { node, show };
}

/* What somebody says, in a bubble over the head; long texts are cut, the lane and the panel have all of it. */
function makeBubble(seat, width, letters = 24, most = 3) {
  const box = shape("rect", { class: "bubble", rx: 14 });
  const words = shape("text", { class: "bubble-text" });
  const node = shape("g", { class: `speech seat-${seat % 4}` }, box, words);
  let shown = null;
  /* Returns the box that it covers, or null; where `avoid`, such a box of another bubble, is in the way, it hangs below. */
  const show = (text, x, y, scale = 1, avoid = null) => {
    node.setAttribute("visibility", text ? "visible" : "hidden");
    if (!text) return null;
    if (text !== shown) {
      shown = text;
      const lines = wrapWords(text, letters, most);
      words.replaceChildren(...lines.map((line, place) => shape("tspan", { x: 0, dy: place ? 20 : 0, text: line })));
      const wide = Math.max(...lines.map((line) => line.length)) * 8.4 + 26;
      for (const [name, value] of Object.entries({ x: -wide / 2, y: -19, width: wide, height: lines.length * 20 + 13 })) box.setAttribute(name, value);
      node.dataset.wide = wide;
      node.dataset.tall = lines.length * 20;
    }
    const half = (node.dataset.wide / 2 + 6) * scale;
    const tall = (Number(node.dataset.tall) + 13) * scale;
    const left = Math.min(Math.max(x, half), width - half);
    let top = Math.max(scale === 1 ? -22 : 19 * scale, y - 39 * scale - tall);
    const apart = (other) => left + half < other[0] || left - half > other[2] || top + tall < other[1] || top - 19 * scale > other[3];
    if (avoid && !apart(avoid)) top = Math.max(y + 74 * scale, avoid[3] + 24 * scale);
    node.setAttribute("transform", at(left, top, scale));
    return [left - half, top - 19 * scale, left + half, top + tall - 19 * scale];
  };
  return { node, show };
}

function wrapWords(text, width, most) {
  const lines = [""];
  for (const word of text.slice(0, 400).split(/\s+/).flatMap((one) => one.match(new RegExp(`.{1,${width}}`, "gu")) || [])) {
    const last = lines.length - 1;
    if (!lines[last] || lines[last].length + word.length < width) lines[last] = `${lines[last]} ${word}`.trim();
    else lines.push(word);
  }
  return lines.length > most ? [...lines.slice(0, most - 1), `${lines[most - 1].slice(0, width - 1)}…`] : lines;
}

function drawOvercooked(episode, host) {
  const rows = (episode.setting.rows || []).map(String);
  const [width, height] = [Math.max(...rows.map((row) => row.length)) * TILE, rows.length * TILE];
  const pots = (episode.scene.pots || []).map(makePot);
  const loose = shape("g", {});
  const cooks = new Map(episode.scene.cooks.map((cook) => [cook.seat, makeCook(cook.seat)]));
  const bubbles = new Map([...cooks.keys()].map((seat) => [seat, makeBubble(seat, width)]));
  const people = shape("g", {}, [...cooks.values()].map((cook) => cook.node));
  const gain = shape("text", { class: "gain", "text-anchor": "middle" });
  const above = [...episode.minds.values()].some((mind) => mind.says.length) ? 48 : 6; // room for what they say
  host.replaceChildren(shape("svg", { viewBox: `-6 ${-above} ${width + 12} ${height + above + 6}`, class: "kitchen", role: "img", "aria-label": `Kitchen ${episode.setting.layout}` },
    shape("clipPath", { id: "walls" }, shape("rect", { width, height, rx: 22 })),
    shape("g", { "clip-path": "url(#walls)" }, terrain(rows)),
    shape("rect", { class: "wall", width, height, rx: 22 }),
    loose, pots.map((pot) => pot.node), people, gain, [...bubbles.values()].map((bubble) => bubble.node)));
  let laid = "";
  return ({ from, to, share, time }) => {
    const things = (share > 0.6 ? to : from).scene.loose || [];
    if (JSON.stringify(things) !== laid) {
      laid = JSON.stringify(things);
      loose.replaceChildren(...things.map(([x, y, code]) => shape("g", { transform: at(x * TILE + 50, y * TILE + 44) }, item(code, 0.86) || "")));
    }
    const stirred = (share > 0.6 ? to : from).scene.pots || [];
    stirred.forEach((pot, place) => pots[place]?.show(pot, time));
    const depth = [];
    for (const cook of from.scene.cooks) {
      const next = to.scene.cooks.find((one) => one.seat === cook.seat) || cook;
      const act = latest(episode.minds.get(cook.seat)?.acts || [], from.t);
      const y = cooks.get(cook.seat).show(cook, next, share, act?.t === from.t && act.action === "interact");
      depth.push([y, cooks.get(cook.seat).node]);
      const said = latest(episode.minds.get(cook.seat)?.says || [], from.t);
      const x = cook.cell[0] + (next.cell[0] - cook.cell[0]) * ease(share);
      bubbles.get(cook.seat).show(said && from.t - said.t < 6 ? said.say : "", x * TILE + 50, y * TILE + 50);
    }
    depth.sort((a, b) => a[0] - b[0]);
    if (depth.some(([, node], place) => people.children[place] !== node)) people.append(...depth.map(([, node]) => node));
    showGain(episode, from, share, gain);
  };
}

/* "+20" rises from the cook that earned it and fades within two steps. */
function showGain(episode, from, share, gain) {
  const paid = [from, episode.frames[from.index - 1]].find((frame) => frame?.gained > 0);
  gain.textContent = paid ? `+${number(paid.gained)}` : "";
  if (!paid) return;
  const age = (from === paid ? 0 : 1) + share;
  const earner = paid.scene.cooks.find((cook) => paid.rewards[cook.seat] > 0) || paid.scene.cooks[0];
  gain.setAttribute("transform", at(earner.cell[0] * TILE + 50, earner.cell[1] * TILE - 8 - age * 22));
  gain.setAttribute("opacity", Math.min(1, 2 - age));
}

/* A setting that this version cannot draw is shown as it was recorded. */
function drawUnknown(episode, host) {
  const text = el("pre", { class: "raw" });
  host.replaceChildren(text);
  return ({ from }) => { text.textContent = JSON.stringify(from.scene, null, 2); };
}

