/* The record as the page uses it: frames along the time axis, and for each seat a mind: what it saw, believed, ... */

const record = JSON.parse(document.getElementById("record").textContent);

/* A long text is stored as the numbers of its paragraphs. */
const restore = (parts) => parts.map((place) => record.texts[place]).join("\n\n");

/* The last item whose t is not after `time` in a list sorted by t, or undefined. */
function latest(items, time) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].t <= time) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
}

const nameOf = (skill) => String(skill).split("(")[0].trim().toLowerCase();

function readEpisode(raw) {
  const seats = Object.keys(raw.team).map(Number).sort((a, b) => a - b);
  const minds = new Map(seats.map((seat) => [seat, {
    seat, team: raw.team[seat], saw: [], calls: [], beliefs: [], plans: [], rechecks: [], acts: [], says: [], notes: [], worths: [], groups: [], thoughts: [],
  }]));
  const frames = [{ index: 0, t: Number(raw.scene?.t ?? 0), scene: raw.scene, score: 0, rewards: {}, info: {} }];
  for (const event of raw.events) {
    if (event.kind === "stepped") frames.push(readStep(event, frames));
    else if (minds.has(event.seat)) readThought(event, minds.get(event.seat));
  }
  const end = frames[frames.length - 1].t;
  for (const one of raw.labels?.decisions ?? []) if (minds.has(one.seat)) readWorth(one, raw.labels, minds.get(one.seat));
  for (const mind of minds.values()) for (const message of mind.says) passOn(message, minds, frames);
  for (const mind of minds.values()) finishMind(mind, minds, end);
  const episode = { ...raw, seats, minds, frames, end, start: frames[0].t };
  episode.deliveries = frames.filter((frame) => frame.gained > 0);
  episode.moments = findMoments(episode);
  return episode;
}

function readStep(event, frames) {
  const gained = Object.values(event.rewards || {}).reduce((sum, reward) => sum + reward, 0);
  const score = frames[frames.length - 1].score + gained;
  return { index: frames.length, t: event.t, scene: event.scene, score, gained, rewards: event.rewards || {}, info: event.info || {} };
}

function readThought(event, mind) {
  let group = mind.groups[mind.groups.length - 1];
  if (!group || group.t !== event.t) mind.groups.push(group = { t: event.t, events: [] });
  group.events.push(event);
  if (event.kind === "saw") mind.saw.push(event);
  else if (event.kind === "called") mind.calls.push(event);
  else if (event.kind === "noted") mind.notes.push(event);
  else if (event.kind === "believed") readBelief(event, mind);
  else if (event.kind === "planned") mind.plans.push({ ...event, analysis: event.analysis || "", attempt: event.attempt || 0, verdicts: [], ok: true });
  else if (event.kind === "verified") {
    readVerdict(event, mind);
  } else if (event.kind === "judged") {
    readVerdict(event, mind);
  } else if (event.kind === "finished") {
    const plan = mind.plans.findLast((one) => one.ok && !one.outcome && one.skill === event.skill);
    if (plan) Object.assign(plan, { outcome: event.done ? "done" : "failed", end: event.t, why: event.reason || "" });
  } else if (event.kind === "acted") {
    mind.acts.push(event);
    if (event.say) mind.says.push(event);
  }
}

/* What rollouts say of a decision. It was made after the episode, so it comes last among what belongs to its step. */
function readWorth(one, labels, mind) {
  const worth = { ...one, kind: "worth", tone: one.label > 0 ? "good" : one.label < 0 ? "bad" : "open", rule: labels.rule, horizon: labels.horizon };
  mind.worths.push(worth);
  let place = mind.groups.findLastIndex((group) => group.t <= one.t);
  if (mind.groups[place]?.t !== one.t) mind.groups.splice(++place, 0, { t: one.t, events: [] });
  mind.groups[place].events.push(worth);
}

/* What is said in one step is heard in the next, unless the scene of that step lists what was said and this is not in it. */
function passOn(message, minds, frames) {
  const frame = latest(frames, message.t)?.index ?? 0;
  const next = frames[frame + 1];
  const listed = next?.scene?.said;
  message.heard = next && (!Array.isArray(listed) || listed.some((one) => one?.seat === message.seat)) ? next.t : null;
  if (message.heard === null) return;
  for (const mind of minds.values()) {
    if (mind.seat === message.seat) continue;
    let place = mind.groups.findLastIndex((group) => group.t <= message.heard);
    if (mind.groups[place]?.t !== message.heard) mind.groups.splice(++place, 0, { t: message.heard, events: [] });
    mind.groups[place].events.unshift({ kind: "heard", t: message.heard, seat: mind.seat, from: message.seat, text: message.say });
  }
}

/* A verdict is about a plan of the same step, or it looks again at a skill that is under way. */
function readVerdict(event, mind) {
  const same = (one) => one.t === event.t && one.skill === event.skill;
  let plan = mind.plans.findLast(same) || mind.rechecks.findLast(same);
  if (!plan) mind.rechecks.push(plan = { t: event.t, skill: event.skill, verdicts: [] });
  plan.verdicts.push(event);
  plan.ok = event.ok; // a later round may overturn an earlier one
}

/* A correction (with `actual`) settles the latest open belief about that mate, if it is the one that it names. */
function readBelief(event, mind) {
  if (event.correct === undefined && !event.actual) {
    mind.beliefs.push({ ...event, intention: event.intention || "" });
    return;
  }
  const held = mind.beliefs.findLast((one) => one.about === event.about && one.actual === undefined && one.intention === (event.intention || ""));
  if (held) Object.assign(held, { actual: event.actual || "", correct: event.correct, end: event.t });
  else mind.beliefs.push({ ...event, end: event.t });
}

function finishMind(mind, minds, end) {
  mind.thoughts = mind.groups.filter((group) => group.events.some((event) => ["saw", "called", "planned", "verified", "judged"].includes(event.kind)));
  const accepted = mind.plans.filter((plan) => plan.ok);
  accepted.forEach((plan, place) => {
    const next = accepted[place + 1];
    plan.end = Math.max(plan.t, Math.min(plan.end ?? end, next ? next.t : end));
  });
  mind.accepted = accepted;
  mind.refused = mind.plans.filter((plan) => !plan.ok);
  mind.trouble = [...mind.plans, ...mind.rechecks].filter((plan) => !plan.ok || plan.problem).sort((a, b) => a.t - b.t);
  mind.beliefs.forEach((belief, place) => {
    const next = mind.beliefs.slice(place + 1).find((one) => one.about === belief.about && one.t > belief.t);
    belief.end = Math.min(belief.end ?? end, next ? next.t : end);
    if (belief.actual === undefined) lookUp(belief, minds.get(belief.about));
  });
}

/* Nobody wrote down what became of this belief: look at what the mate itself says that it finished next. */
function lookUp(belief, mate) {
  const deed = mate && mate.groups.flatMap((group) => group.events).find((event) => event.kind === "finished" && event.done && event.t > belief.t);
  if (!deed) return;
  Object.assign(belief, { actual: deed.skill, correct: nameOf(deed.skill) === nameOf(belief.intention), seenAt: deed.t });
}

/* What one may want to jump to: deliveries, refused plans, wrong beliefs, failures, poor decisions, things noted. */
function findMoments(episode) {
  const moments = episode.deliveries.map((frame) => ({ t: frame.t, seat: null }));
  for (const mind of episode.minds.values()) {
    for (const plan of mind.trouble) moments.push({ t: plan.t, seat: mind.seat });
    for (const plan of mind.accepted) if (plan.outcome === "failed") moments.push({ t: plan.end, seat: mind.seat });
    for (const belief of mind.beliefs) if (belief.correct === false) moments.push({ t: belief.t, seat: mind.seat });
    for (const worth of mind.worths) if (worth.tone === "bad") moments.push({ t: worth.t, seat: mind.seat });
    for (const note of mind.notes) moments.push({ t: note.t, seat: mind.seat });
  }
  return moments.sort((a, b) => a.t - b.t);
}

/* Where the pictures stand at a moment: the frame before, the frame after, and how far between them. */
function framesAt(episode, time) {
  const from = latest(episode.frames, time) || episode.frames[0];
  const to = episode.frames[from.index + 1] || from;
  const share = to === from ? 0 : Math.min(1, (time - from.t) / (to.t - from.t));
  return { from, to, share };
}
