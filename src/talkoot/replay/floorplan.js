/* The parts of a home that stay: rooms with floors and walls, doors as gaps, furniture. 100 units are a metre, up is +z. */

const list = (value) => (Array.isArray(value) ? value : []);
const num = (value, other = 0) => (Number.isFinite(value) ? value : other);
const pair = (value) => [num(list(value)[0]), num(list(value)[1])];
const middle = ([x0, y0, x1, y1]) => [(x0 + x1) / 2, (y0 + y1) / 2];
const isBox = (box) => list(box).length === 4 && box.every(Number.isFinite);

/* How metres become units. A plan that is taller than its place is laid on its side, which is a turn and no mirror. */
function makeProjection(boxes, host) {
  const [x0, z0, x1, z1] = [0, 1, 2, 3].map((side) => (side < 2 ? Math.min : Math.max)(...boxes.map((box) => box[side])));
  const [w, h] = [Math.max(1, x1 - x0), Math.max(1, z1 - z0)];
  const room = [Math.max(1, host.clientWidth), Math.max(1, host.clientHeight)];
  const turned = Math.min(room[0] / h, room[1] / w) > 1.15 * Math.min(room[0] / w, room[1] / h);
  const point = turned ? ([x, z]) => [(z - z0) * 100, (x - x0) * 100] : ([x, z]) => [(x - x0) * 100, (z1 - z) * 100];
  return {
    width: (turned ? h : w) * 100,
    height: (turned ? w : h) * 100,
    point,
    rect: ([a, b, c, d]) => {
      const [[px, py], [qx, qy]] = [point([a, b]), point([c, d])];
      return [Math.min(px, qx), Math.min(py, qy), Math.max(px, qx), Math.max(py, qy)];
    },
    turn: (yaw) => { // degrees clockwise from up on the page
      const angle = (yaw * Math.PI) / 180;
      const [x, y] = turned ? [Math.cos(angle), Math.sin(angle)] : [Math.sin(angle), -Math.cos(angle)];
      return (Math.atan2(x, -y) * 180) / Math.PI;
    },
  };
}

const FLOORS = [["kitchen", "tiles"], ["bath", "mosaic"], ["bed", "carpet"]];
const floorOf = (name) => FLOORS.find(([word]) => String(name).includes(word))?.[1] ?? "planks";

function floorPatterns() {
  const pattern = (id, width, height, ...content) => shape("pattern", { id: `floor-${id}`, width, height, patternUnits: "userSpaceOnUse" }, shape("rect", { class: `ground ${id}`, width, height }), ...content);
  return shape("defs", {},
    pattern("tiles", 120, 120, shape("rect", { class: "ground-alt tiles", width: 60, height: 60 }), shape("rect", { class: "ground-alt tiles", x: 60, y: 60, width: 60, height: 60 })),
    pattern("mosaic", 40, 40, shape("path", { class: "ground-line", d: "M0 0H40M0 0V40" })),
    pattern("carpet", 24, 24, shape("circle", { class: "ground-dot", cx: 6, cy: 6, r: 1.8 }), shape("circle", { class: "ground-dot", cx: 18, cy: 18, r: 1.8 })),
    pattern("planks", 240, 72, shape("path", { class: "ground-line", d: "M0 0H240M0 36H240M70 0V36M190 36V72" })),
    shape("pattern", { id: "floor-veil", width: 30, height: 30, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, shape("rect", { class: "veil-ground", width: 30, height: 30 }), shape("rect", { class: "veil-line", width: 11, height: 30 })));
}

/* The gap of a door: from floor to floor through the wall between its two rooms. */
function doorway(door, rooms, rect) {
  const box = rect(door.box);
  const [one, two] = list(door.rooms).map((id) => rooms.get(id)?.rect);
  const [cx, cy] = middle(box);
  let along = box[2] - box[0] <= box[3] - box[1]; // the passage runs along x
  let [low, high] = along ? [box[0], box[2]] : [box[1], box[3]];
  if (one && two) {
    const gap = (side) => Math.max(one[side], two[side]) - Math.min(one[side + 2], two[side + 2]);
    along = gap(0) > gap(1);
    const side = along ? 0 : 1;
    const inner = [Math.min(one[side + 2], two[side + 2]), Math.max(one[side], two[side])].sort((a, b) => a - b);
    const centre = along ? cx : cy;
    [low, high] = Math.abs((inner[0] + inner[1]) / 2 - centre) < 120 ? inner : [centre, centre];
  }
  const half = within(Math.max(box[2] - box[0], box[3] - box[1]), 60, 130) / 2;
  [low, high] = [low - 9, high + 9];
  const [x, y, w, h] = along ? [low, cy - half, high - low, 2 * half] : [cx - half, low, 2 * half, high - low];
  const jambs = along ? `M${x} ${y}h${w}M${x} ${y + h}h${w}` : `M${x} ${y}v${h}M${x + w} ${y}v${h}`;
  return { rooms: list(door.rooms), spot: [x + w / 2, y + h / 2], nodes: [shape("rect", { class: "doorway", x, y, width: w, height: h }), shape("path", { class: "jamb", d: jambs })] };
}

/* Everything that stays, and where it is. Null if the setting holds nothing that could be drawn. */
function makeFloorPlan(setting, host) {
  const told = { rooms: list(setting?.rooms), doors: list(setting?.doors), furniture: list(setting?.furniture) };
  const boxes = [...told.rooms, ...told.furniture].map((one) => one?.box).filter(isBox);
  if (!boxes.length) return null;
  const projection = makeProjection(boxes, host);
  const known = (items) => items.filter((one) => isBox(one?.box)).map((one) => ({ ...one, name: String(one.name ?? "?"), rect: projection.rect(one.box) }));
  const rooms = new Map(known(told.rooms).map((room) => [room.id, room]));
  const roomAt = ([x, y]) => [...rooms.values()].find(({ rect }) => x >= rect[0] && x <= rect[2] && y >= rect[1] && y <= rect[3]);
  const shown = known(told.furniture).filter((one) => !UNSEEN.has(one.name) || one.container).sort((a, b) => FLAT.has(b.name) - FLAT.has(a.name) || num(a.top) - num(b.top));
  const tables = shown.filter((one) => /table|desk/.test(one.name));
  const pieces = new Map(shown.map((one) => [one.id, { ...one, ...makePiece(one, roomAt(middle(one.rect))?.rect, tables) }]));
  const floors = [...rooms.values()].map(({ name, rect: [x0, y0, x1, y1] }) => shape("rect", { class: "room", x: x0, y: y0, width: x1 - x0, height: y1 - y0, fill: `url(#floor-${floorOf(name)})` }));
  const walls = [...rooms.values()].map(({ rect: [x0, y0, x1, y1] }) => shape("rect", { class: "room-wall", x: x0, y: y0, width: x1 - x0, height: y1 - y0 }));
  const doors = told.doors.filter((door) => isBox(door?.box)).map((door) => doorway(door, rooms, projection.rect));
  const node = shape("g", {}, floorPatterns(), floors, shape("g", {}, walls, doors.map((door) => door.nodes)), shape("g", { class: "furniture" }, [...pieces.values()].map((piece) => piece.node)));
  const doorsBetween = (from, to) => wayThrough(doors, roomAt(from)?.id, roomAt(to)?.id);
  return { ...projection, rooms, pieces, roomAt, doorsBetween, node };
}

/* The doors on the way from one room to another, fewest first; none if there is no way. */
function wayThrough(doors, from, to) {
  const ways = new Map([[from, []]]);
  for (const [room, way] of ways) { // grows while it is walked
    if (room === to) return way;
    for (const door of doors) {
      const next = door.rooms[0] === room ? door.rooms[1] : door.rooms[1] === room ? door.rooms[0] : undefined;
      if (next !== undefined && !ways.has(next)) ways.set(next, [...way, door.spot]);
    }
  }
  return [];
}

/* A free place for a label of the given size in a room: the corner or edge that covers least furniture. */
function freePlace(room, size, taken) {
  const [x0, y0, x1, y1] = room.rect;
  const [w, h] = size;
  const tries = [];
  for (const fy of [0, 1, 0.5, 0.25, 0.75]) for (const fx of [0, 0.5, 1, 0.25, 0.75]) tries.push([x0 + w / 2 + h * 0.5 + fx * Math.max(0, x1 - x0 - w - h), y0 + h * 0.9 + fy * Math.max(0, y1 - y0 - 1.8 * h)]);
  const cost = ([x, y]) => taken.reduce((sum, [a, b, c, d]) => sum + Math.max(0, Math.min(c, x + w / 2) - Math.max(a, x - w / 2)) * Math.max(0, Math.min(d, y + h / 2) - Math.max(b, y - h / 2)), 0);
  return tries.map((place) => [cost(place), place]).reduce((best, one) => (one[0] < best[0] - 1 ? one : best))[1];
}
