/* What the page knows about each kind of world (setting.kind): its picture, its deeds in signs, and how success is told.

   draw(episode, host, {onEyes}) returns show({from, to, share, time, eyes}). `deeds` maps primitives to [sign, weight]:
   "act" for what changes the world, "talk", "rest", "" for moving about. `tally` tells how far a frame is ("now"), of
   how much ("of"), and one episode in short ("brief", from the packed record). `knows` asks the cards to tell in words
   what an agent knew. `labels(episode)` gives names to the numbers in skills and primitives. */

const SCORE = {
  now: (frame) => number(frame.score),
  of: (episode) => `of ${number(episode.score)}`,
  words: (frame) => `score ${number(frame.score)}`,
  brief: (raw) => number(raw.score),
};

const inPlace = (scene) => list(scene?.satisfied).length;
const PLACED = {
  now: (frame) => number(inPlace(frame.scene)),
  of: (episode) => `of ${needed(episode.setting)} in place`,
  words: (frame, episode) => `${inPlace(frame.scene)} of ${needed(episode.setting)} in place`,
  brief: (raw) => {
    const steps = raw.events.filter((event) => event.kind === "stepped");
    const last = steps.at(-1);
    const missing = needed(raw.setting) - inPlace(last?.scene);
    return `${plural(last?.t ?? 0, "step")}${missing > 0 ? `, ${missing} missing` : ""}`;
  },
};

function needed(setting) {
  return list(setting?.goals).reduce((sum, goal) => sum + num(goal?.count), 0);
}

const UNKNOWN = { draw: drawUnknown, deeds: { __proto__: null }, tally: SCORE, knows: false, labels: () => new Map() };

const WORLDS = {
  __proto__: null,
  overcooked: {
    ...UNKNOWN, draw: drawOvercooked,
    deeds: { __proto__: null, north: ["↑", ""], south: ["↓", ""], east: ["→", ""], west: ["←", ""], stay: ["·", "rest"], interact: ["●", "act"] },
  },
  household: {
    draw: drawHousehold, tally: PLACED, knows: true, labels: (episode) => new Map(
      [episode.setting.rooms, episode.setting.furniture, episode.scene?.things].flatMap(list).filter((one) => one?.name).map((one) => [String(one.id), inWords(one.name)])),
    deeds: {
      __proto__: null, walktowards: ["→", ""], walkforward: ["↑", ""], turnleft: ["↶", ""], turnright: ["↷", ""], wait: ["·", "rest"],
      open: ["◇", "act"], close: ["◆", "act"], grab: ["▲", "act"], putin: ["▼", "act"], putback: ["▼", "act"], send_message: ["❝", "talk"],
    },
  },
};

const worldOf = (episode) => WORLDS[episode.setting?.kind] || UNKNOWN;
