/* Two people from above: shoulders, head, hands with what they hold, where they come from and where they are about to go. */

const SKIN = ["#f0c8a0", "#a8714a", "#e2b48a", "#7d5135"];
const HAIR = ["#6b3f22", "#231c18", "#a8762e", "#3a2a22"];

function makePerson(seat, name) {
  const look = seat % 4;
  const hands = [18, -18].map((x) => shape("circle", { cx: x, cy: -15, r: 6.5, fill: SKIN[look] }));
  const figure = shape("g", {},
    shape("path", { class: "heading", d: "M-8-30 0-42 8-30q-8-5-16 0z" }), hands,
    shape("rect", { class: "shoulders", x: -28, y: -13, width: 56, height: 27, rx: 13.5 }),
    shape("circle", { r: 14.5, cy: -1, fill: SKIN[look] }),
    shape("path", { d: look % 2 ? "M-14.5-2a14.5 14.5 0 0 0 29 0c-3 3-5-4-14.5-4s-11 7-14.5 4z" : "M-15-5C-20 8-14 22 0 22S20 8 15-5C10-9 8-4 0-9-6-3-11-9-15-5z", fill: HAIR[look] }));
  const held = shape("g", {});
  const tag = shape("g", { class: "tag" }, shape("rect", { class: "tag-box", rx: 8, height: 16, y: -8 }), shape("text", { class: "tag-name", y: 4, text: name }));
  const wide = [...name].length * 6.6 + 14;
  for (const [key, value] of Object.entries({ x: -wide / 2, width: wide })) tag.firstChild.setAttribute(key, value);
  const slip = shape("g", { class: "slip", visibility: "hidden" }, shape("circle", { r: 8 }), shape("path", { d: "M-3-3 3 3M3-3-3 3" }));
  const node = shape("g", { class: `person seat-${look}` }, shape("ellipse", { class: "shadow", rx: 30, ry: 24, cy: 3 }), figure, held, tag, slip);
  let shown = null;
  const show = ({ x, y, angle, holding, nameOfThing, unit, dim, failed, stride }) => {
    const k = Math.max(1, (30 * unit) / 58);
    node.setAttribute("transform", at(x, y));
    figure.setAttribute("transform", `rotate(${angle.toFixed(1)}) scale(${k.toFixed(3)})`);
    node.firstChild.setAttribute("transform", `scale(${k.toFixed(3)})`);
    hands.forEach((hand, side) => hand.setAttribute("cy", (-15 + (side ? -stride : stride) * 5).toFixed(1)));
    node.classList.toggle("dim", dim);
    const key = holding.join();
    if (key !== shown) {
      shown = key;
      held.replaceChildren(...holding.slice(0, 2).map((id) => token(nameOfThing(id), "in-hand").node));
    }
    const turn = (angle * Math.PI) / 180;
    [...held.children].forEach((item, side) => {
      const [a, b] = [(side ? -21 : 21) * k, -31 * k];
      item.setAttribute("transform", at(a * Math.cos(turn) - b * Math.sin(turn), a * Math.sin(turn) + b * Math.cos(turn), tokenScale(unit) * 0.86));
    });
    const below = Math.cos(turn) > -0.35; // the name stands behind the hands
    tag.setAttribute("transform", at(0, (below ? 1 : -1) * (24 * k + 9 * unit), unit));
    slip.setAttribute("visibility", failed ? "visible" : "hidden");
    slip.setAttribute("transform", at(24 * k, -24 * k, unit));
  };
  return { node, show };
}

/* A thing that matters, on a light disc so that it stands out from any furniture. */
function token(name, kind = "") {
  const node = shape("g", { class: `token ${kind}` }, shape("circle", { class: "token-disc", r: 27 }), thing(name));
  node.append(shape("g", { class: "token-done", transform: at(17, -17) }, shape("circle", { r: 11 }), shape("path", { d: "M-5 0l4 4 6-8" })), shape("title", { text: inWords(name) }));
  return { node };
}
const tokenScale = (unit) => Math.max(0.8, (20 * unit) / 54);

/* Push tokens that lie on each other apart, as little as needed. */
function spread(points, least, width, height) {
  const placed = points.map(([x, y], place) => [x + place * 0.01, y]);
  for (let round = 0; round < 24; round++) {
    let moved = false;
    for (let i = 0; i < placed.length; i++) {
      for (let j = i + 1; j < placed.length; j++) {
        const [dx, dy] = [placed[j][0] - placed[i][0], placed[j][1] - placed[i][1]];
        const far = Math.hypot(dx, dy) || 0.01;
        if (far >= least) continue;
        const push = (least - far) / 2 / far;
        moved = true;
        for (const [one, sign] of [[placed[i], -1], [placed[j], 1]]) {
          one[0] = within(one[0] + sign * dx * push, least / 2, width - least / 2);
          one[1] = within(one[1] + sign * dy * push, least / 2, height - least / 2);
        }
      }
    }
    if (!moved) break;
  }
  return placed;
}
