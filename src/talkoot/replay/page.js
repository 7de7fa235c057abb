/* The page: one state (episode, time, seat, panel), and everything else drawn from it. */

const $ = (id) => document.getElementById(id);
const SPEEDS = [0.5, 1, 2, 4, 8];
const STEPS_PER_SECOND = 4;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const state = { episode: null, time: 0, shown: -1, playing: false, speed: 1, seat: 0, open: false, eyes: null };
let view = {};

function load(place, time = 0) {
  const episode = readEpisode(record.episodes[place]);
  for (const mind of episode.minds.values()) Object.assign(mind, { start: episode.start, end: episode.end });
  Object.assign(state, { episode, place, time: episode.start, shown: -1, playing: false, seat: episode.seats[0] ?? 0, eyes: null });
  document.title = `${episode.world} · talkoot replay`;
  $("title").textContent = episode.world;
  const team = episode.seats.map((seat) => episode.team[seat]).join("  +  ");
  $("subtitle").textContent = [team, `seed ${episode.seed}`, episode.complete ? "" : "cut off before its end"].filter(Boolean).join("  ·  ");
  $("subtitle").title = team;
  const world = worldOf(episode);
  labels = world.labels(episode);
  $("score-of").textContent = world.tally.of(episode);
  $("picture").className = WORLDS[episode.setting?.kind] ? episode.setting.kind : "";
  const openAt = (seat, t) => open(seat, t);
  view = {
    world,
    picture: world.draw(episode, $("picture"), { onEyes: look }),
    cards: makeCards($("cards"), episode, openAt),
    overview: makeOverview($("overview"), episode, seek),
    lanes: makeLanes($("lanes"), episode, { onTime: seek, onOpen: openAt }),
    panel: makePanel($("panel"), episode, { onClose: shut, onTime: seek, onSeat: (seat) => open(seat, null) }),
  };
  view.lanes.scroller.addEventListener("scroll", showWindow, { passive: true });
  view.lanes.zoom(16);
  showWindow();
  seek(time);
}

function seek(time) {
  const { start, end } = state.episode;
  state.time = Math.min(end, Math.max(start, Math.round(time)));
  draw(true);
}

/* Draw the state. The picture moves between steps; words change only when a step has passed. */
function draw(follow = false) {
  const { episode, time } = state;
  const moment = framesAt(episode, time);
  if (calm.matches) moment.share = 0;
  view.picture({ ...moment, time, eyes: state.eyes });
  const step = Math.floor(time);
  const changed = step !== state.shown;
  view.overview.showTime(time, changed ? describe(step, moment.from) : "");
  view.lanes.showTime(time, follow || state.playing);
  if (!changed) return;
  state.shown = step;
  $("score").textContent = view.world.tally.now(moment.from);
  $("clock").replaceChildren(el("b", { text: step }), ` / ${episode.end}`);
  view.cards(step);
  if (state.open) showPanel();
}

function describe(step, frame) {
  const deeds = state.episode.seats.map((seat) => {
    const mind = state.episode.minds.get(seat);
    const doing = latest(mind.accepted, step)?.skill || latest(mind.acts, step)?.action;
    return doing ? `seat ${seat}: ${plain(doing)}` : "";
  });
  return [`Step ${step} of ${state.episode.end}`, view.world.tally.words(frame, state.episode), ...deeds].filter(Boolean).join(", ").slice(0, 300);
}

/* Look through the eyes of one seat, or of nobody: then everything is shown. Pictures without such a view ignore it. */
function look(eyes) {
  state.eyes = eyes;
  draw();
}

function showWindow() {
  view.overview.showWindow(...view.lanes.window());
}

function play(on = !state.playing) {
  if (on && state.time >= state.episode.end) state.time = state.episode.start;
  if (!on && state.playing) state.time = Math.floor(state.time);
  state.playing = on;
  $("play").replaceChildren(icon(on ? "pause" : "play"));
  $("play").setAttribute("aria-label", on ? "Pause" : "Play");
  draw();
  if (!on) return;
  let before = performance.now();
  const tick = (now) => {
    if (!state.playing) return;
    state.time = Math.min(state.episode.end, state.time + ((now - before) / 1000) * STEPS_PER_SECOND * state.speed);
    before = now;
    draw();
    if (state.time >= state.episode.end) play(false);
    else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

function setSpeed(speed) {
  state.speed = speed;
  for (const button of $("speeds").children) {
    button.setAttribute("aria-checked", Number(button.dataset.speed) === speed);
    button.tabIndex = Number(button.dataset.speed) === speed ? 0 : -1;
  }
}

/* On a phone only the current speed is shown; pressing it goes on to the next. */
function pickSpeed(event) {
  const buttons = [...$("speeds").children];
  const alone = buttons.every((button) => button === event.currentTarget || !button.offsetParent);
  const picked = Number(event.currentTarget.dataset.speed);
  setSpeed(alone ? SPEEDS[(SPEEDS.indexOf(picked) + 1) % SPEEDS.length] : picked);
}

function zoom(factor) {
  const middle = state.time;
  view.lanes.zoom(view.lanes.step() * factor);
  view.lanes.showTime(middle, true);
  showWindow();
}

function jump(way) {
  const { moments } = state.episode;
  const now = Math.floor(state.time);
  const next = way > 0 ? moments.find((moment) => moment.t > now) : moments.findLast((moment) => moment.t < now);
  if (!next) return;
  if (next.seat !== null) state.seat = next.seat;
  if (state.open) state.eyes = state.seat;
  seek(next.t);
  if (state.open) showPanel();
}

function open(seat, t) {
  play(false);
  state.seat = state.eyes = seat; // the picture shows what this seat has seen
  if (!state.open) {
    state.open = true;
    $("panel").hidden = false;
    document.body.classList.add("with-panel");
    refit();
  }
  if (t !== null) seek(t);
  else draw();
  showPanel();
  view.panel.focus();
}

function shut() {
  if (!state.open) return;
  state.open = false;
  state.eyes = null;
  $("panel").hidden = true;
  document.body.classList.remove("with-panel");
  view.lanes.mark(-1, -1);
  draw();
  refit();
  $("overview").focus({ preventScroll: true });
}

function showPanel() {
  const step = Math.floor(state.time);
  view.panel.show(state.seat, step);
  view.lanes.mark(state.seat, step);
}

function refit() {
  view.lanes.zoom(view.lanes.step());
  showWindow();
}

const KEYS = {
  " ": () => play(),
  ArrowLeft: (event) => seek(Math.ceil(state.time) - (event.shiftKey ? 10 : 1)),
  ArrowRight: (event) => seek(Math.floor(state.time) + (event.shiftKey ? 10 : 1)),
  PageUp: () => seek(state.time - 10),
  PageDown: () => seek(state.time + 10),
  Home: () => seek(state.episode.start),
  End: () => seek(state.episode.end),
  Escape: shut,
  n: () => jump(1),
  p: () => jump(-1),
  "+": () => zoom(1.5),
  "=": () => zoom(1.5),
  "-": () => zoom(1 / 1.5),
  ",": () => setSpeed(SPEEDS[Math.max(0, SPEEDS.indexOf(state.speed) - 1)]),
  ".": () => setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, SPEEDS.indexOf(state.speed) + 1)]),
  e: () => {
    const eyes = [null, ...state.episode.seats];
    look(eyes[(eyes.indexOf(state.eyes) + 1) % eyes.length]);
  },
  "?": () => $("keys").showModal(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open || event.defaultPrevented) return;
  const inside = event.target instanceof Element ? event.target : document.body;
  if (inside.closest("select, input, textarea")) return;
  if (event.key === " " && inside.closest("button, summary, a")) return; // space presses what has the focus
  if (inside.closest(".panel-body") && ["PageUp", "PageDown", "Home", "End"].includes(event.key)) return;
  const seat = /^\d$/.test(event.key) ? Number(event.key) : -1;
  if (state.episode.minds.has(seat)) open(seat, null);
  else if (KEYS[event.key]) KEYS[event.key](event);
  else return;
  event.preventDefault();
}

function begin() {
  for (const id of ["back", "play", "forth", "before", "after", "in", "out"]) $(id).append(icon(id));
  $("back").onclick = () => seek(Math.ceil(state.time) - 1);
  $("forth").onclick = () => seek(Math.floor(state.time) + 1);
  $("play").onclick = () => play();
  $("before").onclick = () => jump(-1);
  $("after").onclick = () => jump(1);
  $("in").onclick = () => zoom(1.5);
  $("out").onclick = () => zoom(1 / 1.5);
  $("help").onclick = () => $("keys").showModal();
  $("speeds").append(...SPEEDS.map((speed) => el("button", { type: "button", role: "radio", "data-speed": speed, text: speed === 0.5 ? "½×" : `${speed}×`, on: { click: pickSpeed } })));
  $("speeds").addEventListener("keydown", (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const next = way && SPEEDS[SPEEDS.indexOf(state.speed) + way];
    if (way) event.preventDefault();
    if (!next) return;
    setSpeed(next);
    $("speeds").children[SPEEDS.indexOf(next)].focus();
  });
  setSpeed(1);
  const many = record.episodes.length > 1;
  $("picker").hidden = !many;
  if (many) {
    $("episode").append(...record.episodes.map((one, place) => el("option", { value: place, text: `${one.id}  ·  ${worldOf(one).tally.brief(one)}` })));
    $("episode").onchange = () => { shut(); load(Number($("episode").value)); };
  }
  document.addEventListener("keydown", onKey);
  addEventListener("resize", refit);
  // replay.html#t=23&episode=ID opens at that moment.
  const asked = new URLSearchParams(location.hash.slice(1));
  const place = Math.max(0, record.episodes.findIndex((one) => one.id === asked.get("episode")));
  if (many) $("episode").value = place;
  load(place, Number(asked.get("t")) || 0);
}

begin();
