/* Furniture from above. Each picture is drawn w wide and d deep around (0, 0), its back at the top; 100 units a metre. */

const slab = (name, x, y, width, height, rx = 4) => shape("rect", { class: name, x, y, width: Math.max(0, width), height: Math.max(0, height), rx: Math.max(0, Math.min(rx, width / 2, height / 2)) });
const whole = (name, w, d, rx = 4, inset = 0) => slab(name, -w / 2 + inset, -d / 2 + inset, w - 2 * inset, d - 2 * inset, rx);
const trace = (name, d) => shape("path", { class: name, d });
const ring = (name, cx, cy, r) => shape("circle", { class: name, cx, cy, r: Math.max(0, r) });
const within = (value, low, high) => Math.min(high, Math.max(low, value));

function wood(w, d) {
  return [whole("wood", w, d, 6), whole("wood-in", w, d, 4, Math.min(9, Math.min(w, d) / 5))];
}

function bed(w, d) {
  const many = w > 125 ? 2 : 1;
  const wide = (w - 24) / many;
  const long = Math.min(46, d * 0.24);
  const pillows = Array.from({ length: many }, (_, place) => slab("pillow", -w / 2 + 12 + place * wide + wide * 0.08, -d / 2 + 15, wide * 0.84, long, 12));
  return [whole("wood", w, d, 8), whole("linen", w, d, 8, 6), slab("wood dark", -w / 2, -d / 2, w, 9, 4), pillows,
    slab("blanket", -w / 2 + 6, -d / 2 + 26 + long, w - 12, d - 32 - long, 8), slab("blanket-fold", -w / 2 + 6, -d / 2 + 26 + long, w - 12, Math.min(22, d * 0.12), 6)];
}

function sofa(w, d) {
  const arm = within(w * 0.12, 8, 22);
  const back = within(d * 0.26, 8, 28);
  const seats = Math.max(1, Math.round((w - 2 * arm) / 75));
  const wide = (w - 2 * arm) / seats;
  return [whole("cloth dark", w, d, 14), slab("cloth", -w / 2, -d / 2 + back * 0.4, arm, d - back * 0.4, 9), slab("cloth", w / 2 - arm, -d / 2 + back * 0.4, arm, d - back * 0.4, 9),
    Array.from({ length: seats }, (_, place) => slab("cushion", -w / 2 + arm + place * wide + 1.5, -d / 2 + back, wide - 3, d - back - 5, 9))];
}

function chair(w, d) {
  return [whole("cloth", w, d, Math.min(w, d) * 0.24), slab("cloth dark", -w / 2, -d / 2, w, within(d * 0.2, 5, 14), 6)];
}

function counter(w, d) {
  return [whole("counter-top", w, d, 3), slab("counter-edge", -w / 2, d / 2 - 8, w, 8, 2)];
}

/* Boxes with doors. Open ones show their dark inside, and their leaves stand out into the room. */
function cupboard(w, d, open, look = "cabinet", leaves = Math.max(1, Math.round(w / 62))) {
  const wide = w / leaves;
  const out = within(wide * 0.8, 20, 52);
  const parts = [whole(look, w, d, 4)];
  if (open) parts.push(whole("hollow", w, d, 3, 4.5));
  else parts.push(slab(`${look} front`, -w / 2, d / 2 - 8, w, 8, 2));
  for (let place = 0; place < leaves; place++) {
    const left = -w / 2 + place * wide;
    const hinge = place % 2 && leaves > 1 ? left + wide : left;
    const lean = (hinge === left ? -1 : 1) * out * 0.3;
    if (open) parts.push(trace("leaf-open", `M${hinge} ${d / 2 - 2}l${lean} ${out}`));
    else {
      parts.push(slab("handle", (hinge === left ? left + wide - 15 : left + 5), d / 2 - 5.5, 10, 3, 1.5));
      if (place) parts.push(trace("joint", `M${left} ${-d / 2 + 2}V${d / 2}`));
    }
  }
  return parts;
}

/* An appliance whose front comes down like a flap. */
function flap(w, d, open, look, top) {
  const out = within(d * 0.55, 24, 46);
  return [open ? slab("flap", -w / 2 + 5, d / 2 - 3, w - 10, out, 4) : "", open ? trace("flap-line", `M${-w / 2 + 14} ${d / 2 + out * 0.35}H${w / 2 - 14}M${-w / 2 + 14} ${d / 2 + out * 0.68}H${w / 2 - 14}`) : "",
    whole(look, w, d, 6), top, open ? slab("hollow", -w / 2 + 7, d / 2 - 15, w - 14, 11, 3) : slab("handle", -w / 4, d / 2 - 8, w / 2, 3.5, 1.7)];
}

function burners(w, d) {
  const r = Math.min(w, d) * 0.15;
  return [[-1, -1], [1, -1], [-1, 1], [1, 1]].map(([x, y]) => ring("burner", x * w * 0.22, y * d * 0.19 - 5, r));
}

function basin(w, d) {
  return [whole("ceramic", w, d, 10), whole("water", w, d, Math.min(w, d) * 0.3, Math.min(w, d) * 0.14), slab("tap", -3, -d / 2 + 1, 6, Math.min(20, d * 0.34), 3)];
}

function shelves(w, d) {
  const colours = ["book-a", "book-b", "book-c", "book-d"];
  const count = Math.max(3, Math.floor(w / 13));
  const wide = (w - 8) / count;
  return [whole("wood dark", w, d, 3), Array.from({ length: count }, (_, place) => (place % 7 === 5 ? "" : slab(colours[(place * 5 + (place >> 2)) % 4], -w / 2 + 4 + place * wide + 0.8, -d / 2 + 4, wide - 1.6, d - (place % 3 ? 8 : 14), 1.5)))];
}

function plant(w, d) {
  const r = Math.min(w, d) / 2;
  const leaves = Array.from({ length: 7 }, (_, place) => shape("ellipse", { class: place % 2 ? "green" : "green light", cx: r * 0.55, rx: r * 0.52, ry: r * 0.24, transform: `rotate(${place * 51.4})` }));
  return [ring("pot-plant", 0, 0, r * 0.62), leaves];
}

function screen(w, d) {
  return [slab("gadget", -w / 2, -Math.min(d, 14) / 2, w, Math.min(d, 14), 3), slab("gadget", -w * 0.16, -Math.min(d, 26) / 2, w * 0.32, Math.min(d, 26), 3)];
}

const lamp = (w, d) => [ring("glow-lamp", 0, 0, Math.min(w, d) * 0.9), ring("shade-lamp", 0, 0, Math.min(w, d) * 0.42)];
const rug = (w, d) => [whole("rug", w, d, 8), whole("rug-line", w, d, 5, Math.min(12, Math.min(w, d) / 7))];
const desk = (w, d) => [...wood(w, d), slab("wood-line", -w / 2 + w * 0.08, d / 2 - 5, w * 0.36, 2.4, 1), slab("wood-line", w / 2 - w * 0.44, d / 2 - 5, w * 0.36, 2.4, 1)];
const closet = (w, d, open) => cupboard(w, d, open, "wood", 2);
const round = (name) => (w, d) => [shape("ellipse", { class: name, rx: w / 2, ry: d / 2 }), shape("ellipse", { class: `${name}-in`, rx: w / 2 - 5, ry: d / 2 - 5 })];

const FURNITURE = {
  __proto__: null,
  bed, sofa, couch: sofa, armchair: sofa, loveseat: sofa, chair, stool: round("stool"), bench: (w, d) => [whole("wood", w, d, 5), whole("wood-in", w, d, 4, 5)],
  coffeetable: wood, kitchentable: wood, diningtable: wood, table: wood, nightstand: (w, d) => [...wood(w, d), slab("handle dark", -6, d / 2 - 6, 12, 3, 1.5)],
  desk, tvstand: desk, dresser: desk, closetdrawer: desk, closet, wardrobe: closet, bookshelf: shelves, wallshelf: (w, d) => [whole("wood", w, d, 3)],
  kitchencounter: counter, bathroomcounter: counter, kitchencounterdrawer: counter, counter,
  kitchencabinet: (w, d, open) => cupboard(w, d, open, "cabinet high"), kitchencabinets: (w, d, open) => cupboard(w, d, open, "cabinet high"),
  bathroomcabinet: (w, d, open) => cupboard(w, d, open, "cabinet mirror"), cabinet: (w, d, open) => cupboard(w, d, open, "cabinet"),
  fridge: (w, d, open) => [...cupboard(w, d, open, "steel light", 1), open ? "" : trace("joint", `M${-w / 2 + 3} ${d / 2 - 9}H${w / 2 - 3}`)],
  stove: (w, d, open) => flap(w, d, open, "hob", burners(w, d)), oven: (w, d, open) => flap(w, d, open, "hob", ""),
  dishwasher: (w, d, open) => flap(w, d, open, "steel", trace("flap-line", `M${-w / 2 + 9} ${-d / 2 + 9}H${w / 2 - 9}`)),
  microwave: (w, d, open) => flap(w, d, open, "gadget", slab("gadget-in", -w / 2 + 5, -d / 2 + 5, w * 0.66, d - 18, 3)),
  washingmachine: (w, d) => [whole("steel light", w, d, 6), ring("hollow", 0, 2, Math.min(w, d) * 0.27), ring("flap-line", 0, 2, Math.min(w, d) * 0.34)],
  sink: basin, bathtub: basin, shower: (w, d) => [whole("ceramic", w, d, 8), whole("water", w, d, 8, 9), ring("drain", 0, 0, 5)],
  stall: (w, d) => [whole("ceramic", w, d, 8), whole("water", w, d, 8, 9), ring("drain", 0, 0, 5)],
  toilet: (w, d) => [slab("ceramic", -w * 0.4, -d / 2, w * 0.8, d * 0.3, 5), shape("ellipse", { class: "ceramic", cy: d * 0.13, rx: w * 0.36, ry: d * 0.36 }), shape("ellipse", { class: "water", cy: d * 0.15, rx: w * 0.22, ry: d * 0.23 })],
  rug, mat: rug, bathmat: rug, plant, orchid: plant, houseplant: plant, flower: plant, tablelamp: lamp, floorlamp: lamp, lamp,
  tv: screen, cpuscreen: screen, computer: (w, d) => [whole("gadget", w, d, 4)], keyboard: (w, d) => [whole("gadget", w, d, 3), whole("gadget-in", w, d, 2, 3)],
  garbagecan: round("bin"), bin: round("bin"), bucket: round("bin"), balanceball: round("ball"),
  coffeemaker: (w, d) => [whole("gadget", w, d, 5), ring("gadget-in", 0, d * 0.1, Math.min(w, d) * 0.26)], toaster: (w, d) => [whole("steel", w, d, 6), slab("hollow", -w * 0.32, -d * 0.18, w * 0.64, 4, 2), slab("hollow", -w * 0.32, d * 0.1, w * 0.64, 4, 2)],
  piano: (w, d) => [whole("gadget", w, d, 5), slab("linen", -w / 2 + 6, d / 2 - 18, w - 12, 13, 2)],
  guitar: (w, d) => [slab("wood dark", -2.5, -d / 2, 5, d * 0.6, 2), shape("ellipse", { class: "wood", cy: d * 0.04, rx: w * 0.3, ry: d * 0.15 }), shape("ellipse", { class: "wood", cy: d * 0.29, rx: w * 0.42, ry: d * 0.21 }), ring("hollow", 0, d * 0.2, w * 0.13)],
};

/* Things on walls and ceilings that only clutter a plan. */
const UNSEEN = new Set(["walllamp", "ceilinglamp", "lightswitch", "powersocket", "curtains", "curtain", "wallpictureframe", "window", "door", "doorjamb", "maindoor", "ceilingfan", "faucet", "hanger", "wallphone", "stovefan", "oventray", "photoframe", "towelrack", "light", "wall", "floor", "ceiling", "clothesshirt", "clothespants", "mousemat", "mouse"]);
const FLAT = new Set(["rug", "mat", "bathmat"]);
const LONGWISE = new Set(["sofa", "couch", "desk", "tvstand", "closet", "wardrobe", "bookshelf", "kitchencabinet", "kitchencabinets", "bathroomcabinet", "cabinet", "kitchencounter", "bathroomcounter", "dresser", "tv", "cpuscreen", "coffeemaker", "keyboard"]);
const ENDWISE = new Set(["bed", "bathtub"]);

/* Where its back is: 0 up, 1 right, 2 down, 3 left. The nearest wall that suits its long or short side; chairs turn to a table. */
function backOf(piece, room, tables) {
  const { name, rect: [x0, y0, x1, y1] } = piece;
  const [w, d] = [x1 - x0, y1 - y0];
  const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const gaps = room ? [y0 - room[1], room[2] - x1, room[3] - y1, x0 - room[0]] : [0, 1, 2, 3];
  if (name === "chair" || name === "stool") {
    const near = tables.map(({ rect }) => [(rect[0] + rect[2]) / 2 - cx, (rect[1] + rect[3]) / 2 - cy]).sort((a, b) => Math.hypot(...a) - Math.hypot(...b))[0];
    if (near && Math.hypot(...near) < 190) return Math.abs(near[0]) > Math.abs(near[1]) ? (near[0] > 0 ? 3 : 1) : near[1] > 0 ? 0 : 2;
  }
  const upright = w >= d; // the long side lies along x, so the back is up or down
  const sides = LONGWISE.has(name) && Math.abs(w - d) > 8 ? (upright ? [0, 2] : [1, 3]) : ENDWISE.has(name) ? (upright ? [1, 3] : [0, 2]) : [0, 1, 2, 3];
  return sides.reduce((best, side) => (gaps[side] < gaps[best] ? side : best), sides[0]);
}

/* One piece as a group that can be opened and closed. */
function makePiece(piece, room, tables) {
  const [x0, y0, x1, y1] = piece.rect;
  const back = backOf(piece, room, tables);
  const [w, d] = back % 2 ? [y1 - y0, x1 - x0] : [x1 - x0, y1 - y0];
  const draw = FURNITURE[piece.name] || ((wide, deep, open) => (piece.container ? cupboard(wide, deep, open) : [whole("other", wide, deep, 6), whole("other-in", wide, deep, 4, Math.min(7, Math.min(wide, deep) / 5))]));
  const node = shape("g", { class: "piece", transform: `translate(${(x0 + x1) / 2} ${(y0 + y1) / 2}) rotate(${back * 90})` });
  const title = shape("title", { text: inWords(piece.name) });
  let shown = null;
  const show = (open) => {
    if (open === shown) return;
    shown = open;
    node.replaceChildren(title, ...draw(w, d, open).flat().filter(Boolean));
    node.classList.toggle("open", open);
    title.textContent = `${inWords(piece.name)} ${piece.id ?? ""}${piece.container ? (open ? ", open" : ", closed") : ""}`;
  };
  show(false);
  return { node, show, front: [[0, 1], [-1, 0], [0, -1], [1, 0]][back], w, d };
}
