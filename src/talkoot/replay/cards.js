/* One card for each agent: what it does and thinks at this moment, and its guess about the mate beside the truth. */

function makeCards(host, episode, onOpen) {
  const cards = episode.seats.map((seat) => makeCard(episode, episode.minds.get(seat), onOpen));
  host.replaceChildren(...cards.map((card) => card.node));
  return (t) => cards.forEach((card) => card.show(t));
}

function makeCard(episode, mind, onOpen) {
  const skill = el("p", { class: "skill" });
  const since = el("span", { class: "since" });
  const analysis = el("p", { class: "analysis" });
  const guess = el("div", { class: "guess" });
  const verdict = el("div", { class: "verdict-line" });
  const worth = el("p", { class: "worth-line" });
  const slip = el("p", { class: "slip-line" });
  const knew = el("p", { class: "knew" });
  const tells = worldOf(episode).knows;
  const words = el("span", {});
  const said = el("p", { class: "said-line" }, words);
  const open = el("button", { type: "button", class: "more", "aria-label": `What seat ${mind.seat} thought, in full`, on: { click: () => onOpen(mind.seat, null) } }, "Prompt & reply");
  const node = el("article", { class: `card seat-${mind.seat % 4}`, "aria-label": `Seat ${mind.seat}` },
    el("header", {}, el("i", { class: "chip", text: mind.seat }), el("h2", { text: mind.team, title: mind.team }), mind.thoughts.length ? open : ""),
    el("div", { class: "doing" }, skill, since), worth, slip, analysis, guess, verdict, knew, said);

  const show = (t) => {
    const act = latest(mind.acts, t);
    const plan = latest(mind.accepted, t);
    const current = plan && t <= plan.end ? plan : null;
    skill.textContent = current ? plain(current.skill) : act?.skill ? plain(act.skill) : act ? plain(act.action) : "not yet begun";
    since.textContent = current ? (t < current.end || !current.outcome ? `since step ${current.t}` : current.outcome) : "";
    since.className = `since ${current && t >= current.end ? current.outcome || "" : ""}`;
    analysis.textContent = current?.analysis || "";
    showGuess(guess, latest(mind.beliefs, t), t);
    showVerdict(verdict, mind, t);
    showWorth(worth, latest(mind.worths, t));
    const failed = act && act.t === t ? slipOf(episode, act) : "";
    slip.hidden = !failed;
    slip.textContent = failed && `${plain(act.action)} did not work: ${failed}`;
    const view = tells && latest(mind.saw, t);
    knew.hidden = !view;
    knew.replaceChildren(...(view ? [el("small", { text: `knew in step ${view.t}` }), el("span", { text: readable(restore(view.words)), title: restore(view.words) })] : []));
    const message = latest(mind.says, t);
    said.hidden = !message || t - message.t >= 12;
    words.textContent = said.hidden ? "" : readable(message.say);
  };
  return { node, show };
}

function showGuess(host, belief) {
  host.hidden = !belief;
  if (!belief) return;
  const verdict = belief.correct === true ? "good" : belief.correct === false ? "bad" : "open";
  host.className = `guess ${verdict}`;
  host.replaceChildren(
    el("div", {}, el("small", {}, "thinks ", el("i", { class: `chip seat-${belief.about % 4}`, "aria-label": `seat ${belief.about}`, text: belief.about }), " will"), el("span", { text: plain(belief.intention) })),
    el("i", { class: "badge", title: { good: "right", bad: "wrong", open: "not seen yet" }[verdict] }, verdict === "open" ? "?" : icon(verdict === "good" ? "yes" : "no")),
    el("div", {}, el("small", { text: "it really did" }), el("span", { text: belief.actual ? plain(belief.actual) : "not seen yet" })));
}

function showWorth(host, one) {
  host.hidden = !one;
  if (!one) return;
  host.className = `worth-line ${one.tone}`;
  host.title = worthWords(one);
  host.replaceChildren(el("b", { text: SIGNS[one.tone] }), el("span", { text: `chance of success ${percent(one.q[0])} → ${percent(one.q[1])}` }));
}

/* The verdicts of the latest decision: a refused plan is told with its reason. */
function showVerdict(host, mind, t) {
  const plan = latest(mind.plans, t);
  const plans = plan ? mind.plans.filter((one) => one.t === plan.t && (one.verdicts.length || one.problem)) : [];
  host.replaceChildren(...plans.map((one) => {
    const good = one.ok && !one.problem;
    const reason = good ? "passed every check" : one.problem || one.verdicts.at(-1)?.reason || "refused";
    return el("p", { class: good ? "good" : "bad" }, icon(good ? "yes" : "no"), el("span", {}, el("b", { text: plain(one.skill) }), ` ${reason}`));
  }));
}
