/* Small things, each about 40 units across and drawn around (0, 0), and what classes are called in plain words. */

/* Class names are written in one word; skills of the household begin with "go". */
const COMPOUNDS = {
  __proto__: null,
  livingroom: "living room", kitchencabinet: "kitchen cabinet", kitchencabinets: "kitchen cabinet", bathroomcabinet: "bathroom cabinet",
  kitchencounter: "kitchen counter", kitchencounterdrawer: "kitchen drawer", bathroomcounter: "bathroom counter", kitchentable: "kitchen table",
  coffeetable: "coffee table", diningtable: "dining table", tvstand: "TV stand", tv: "TV", nightstand: "night stand", closetdrawer: "drawer",
  washingmachine: "washing machine", coffeemaker: "coffee maker", coffeepot: "coffee pot", cutleryfork: "fork", cutleryknife: "knife",
  waterglass: "water glass", wineglass: "wine glass", garbagecan: "bin", towelrack: "towel rack", bookshelf: "book shelf", wallshelf: "shelf",
  tablelamp: "lamp", floorlamp: "lamp", computer: "computer", cpuscreen: "screen", balanceball: "ball", poundcake: "pound cake",
  goexplore: "explore", gocheck: "check", gograb: "grab", goput: "bring to", walktowards: "walk to", walkforward: "walk on",
  turnleft: "turn left", turnright: "turn right", putin: "put in", putback: "put on",
};

const inWords = (text) => String(text).replace(/[a-z]+/g, (word) => COMPOUNDS[word] ?? word);

const line = (d, stroke, width = 2.6) => shape("path", { d, stroke, "stroke-width": width, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" });
const blot = (d, fill, stroke = null) => shape("path", { d, fill, stroke, "stroke-width": stroke ? 1.8 : null, "stroke-linejoin": "round" });
const disc = (r, fill, stroke = null, y = 0) => shape("circle", { r, cy: y, fill, stroke, "stroke-width": stroke ? 1.8 : null });

const THINGS = {
  __proto__: null,
  apple: () => [
    blot("M0-9C-5-14-18-12-18 2-18 13-9 19-4 18-2 17 2 17 4 18 9 19 18 13 18 2 18-12 5-14 0-9z", "#d63f37"),
    blot("M-11-5c-3 2-4 6-3 9 1-4 3-7 6-8z", "#f08a80"), line("M0-9c0-4 1-7 4-9", "#6b4a2b"), blot("M4-13c3-5 9-6 13-4-2 5-8 7-13 4z", "#5a9e45")],
  cupcake: () => [
    blot("M-13 3h26l-4 16a2 2 0 0 1-2 1.5H-7A2 2 0 0 1-9 19z", "#c98a55"), line("M-5 6l1.5 12M5 6l-1.5 12", "#a66a3a", 2),
    blot("M-16 4c-4-6 1-11 5-11-1-7 6-11 11-11s12 4 11 11c4 0 9 5 5 11z", "#f3a5bd"), disc(3.8, "#c8323c", null, -18)],
  plate: () => [disc(19, "#eef3f7", "#8fa1b1"), disc(11.5, "#dde6ee", "#aebccb")],
  cutleryfork: () => [line("M0 20V0", "#78858f", 4.5), line("M-7-19v9c0 7 14 7 14 0v-9M0-19v14", "#78858f", 3)],
  cutleryknife: () => [line("M0 20V6", "#5a4636", 5), blot("M-2.5 4V-19c6 3 7 13 5.5 23z", "#a3b0ba", "#77848f")],
  wine: () => [
    blot("M-3-20h6v9c5 3 6 6 6 11v17a3 3 0 0 1-3 3H-6a3 3 0 0 1-3-3V0c0-5 1-8 6-11z", "#3f5b3a"), blot("M-9 3H9v10H-9z", "#f3e8cf"), blot("M-3-20h6v5h-6z", "#8c2337"), disc(2.6, "#8c2337", null, 8)],
  juice: () => [
    line("M3-12l4-9h6", "#d6584a", 3), blot("M-11-12H11V18a2 2 0 0 1-2 2H-9a2 2 0 0 1-2-2z", "#f39a2d"), blot("M-11-12H11v7H-11z", "#fbd08a"), disc(6, "#fff1d8", null, 7), disc(4, "#f7a93c", null, 7)],
  pudding: () => [
    shape("ellipse", { cy: 15, rx: 19, ry: 5, fill: "#e8eef3", stroke: "#9fb0be", "stroke-width": 1.6 }),
    blot("M-9-11H9l5 24c-5 4-23 4-28 0z", "#f2c65d"), blot("M-9-13c4-4 14-4 18 0l2 10c-2 3-4-1-6 0s-3 5-5 2-5-1-6-1-3 2-5-1z", "#94521f")],
  pancake: () => [
    ...[13, 6, -1].map((y) => shape("ellipse", { cy: y, rx: 18, ry: 8, fill: "#e3a755", stroke: "#a86a22", "stroke-width": 1.8 })),
    blot("M-9-3c2-4 16-5 18-1s-1 4-1 8-4 2-4 0-5-2-7-1-7-1-6-6z", "#8a4a15"), blot("M-4-6l7-2 3 4-7 2z", "#fbe27c")],
  poundcake: () => [
    blot("M-19 12V-1c0-8 7-11 19-11S19-9 19-1v13a3 3 0 0 1-3 3h-32a3 3 0 0 1-3-3z", "#f0c878", "#9a5a22"), blot("M-19 0c0-9 7-12 19-12S19-9 19 0c-3-4-6 1-9-1s-5 3-9 1-7 1-10-1-7 4-10 1z", "#a8642a"), line("M-6 4v8M6 4v8", "#cf9a45", 2)],
  coffeepot: () => [
    line("M11-5c10-2 10 13 1 13", "#4a5058", 3.6), blot("M-11-9H11l3 24a4 4 0 0 1-4 4h-20a4 4 0 0 1-4-4z", "#c8d0d8", "#68727c"), blot("M-12.5 3h25l1.5 12a4 4 0 0 1-4 4h-20a4 4 0 0 1-4-4z", "#5a3720"), blot("M-9-14H9l2 5h-22zM-3-18h6v4h-6z", "#4a5058"), line("M-11-6l-7-5", "#68727c", 3.6)],
  book: () => [blot("M-15-17H12a3 3 0 0 1 3 3v31h-27a3 3 0 0 1-3-3z", "#3d6fa8"), blot("M-12 12H15v6H-12a3 3 0 0 1 0-6z", "#f4efe2"), line("M-7-9H8M-7-3H4", "#cfe0f2", 2.4)],
  waterglass: () => [blot("M-11-17H11L8 16a3 3 0 0 1-3 3h-10a3 3 0 0 1-3-3z", "#dff0fa", "#7ba4bf"), blot("M-9.5-4h19L7.6 15a3 3 0 0 1-3 2.5h-9.2a3 3 0 0 1-3-2.500z", "#8fcbee")],
  wineglass: () => [line("M0 4v13M-8 19H8", "#8496a5", 3), blot("M-10-19H10C12-4 6 5 0 5S-12-4-10-19z", "#e9f1f7", "#8496a5"), blot("M-10.5-9h21C10-1 5 4 0 4s-10-5-10.5-13z", "#9c2740")],
  mug: () => [line("M9-5c10-1 10 13 0 13", "#c0503f", 4), blot("M-13-13H9v27a4 4 0 0 1-4 4H-9a4 4 0 0 1-4-4z", "#dc6b55"), shape("ellipse", { cx: -2, cy: -13, rx: 11, ry: 3.6, fill: "#5a3720" })],
  salmon: () => [blot("M-19 3c6-13 22-15 29-3l9-7v16l-9-6C3 14-13 13-19 3z", "#ef8a68", "#b2553a"), disc(1.8, "#3a2a22", null, 0)],
};

/* A thing by its class; what has no picture is a dot with its first letter. */
function thing(name) {
  const draw = THINGS[name];
  if (draw) return shape("g", { class: `thing thing-${name}` }, draw());
  const letter = [...inWords(name ?? "?")][0] ?? "?";
  return shape("g", { class: "thing thing-other" }, shape("circle", { class: "dot-thing", r: 17 }), shape("text", { class: "dot-letter", y: 8, text: letter.toUpperCase() }));
}
