"""Does ProAgent know what a real partner is about to do? Replays the human trials and asks, deed after deed.

    python bench/intention.py [--model rulebook] [--belief replace] [--trials N] [--json]

For each trial and each seat, an onlooker in the other seat sees what a ProAgent there would see (its words, its beliefs
corrected by the partner's deeds, its log of deeds) and is asked, right after the partner completed an interaction,
which interaction the partner will complete next. Compared with two guessers that know only deeds: the partner deed
that is most frequent in that kitchen, and a first-order Markov chain on the partner's deeds. Both are fitted on all
other pairs of players (leave one pair out), and `n` counts deeds. Intervals are bootstrapped over pairs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from talkoot.agents.belief import Belief
from talkoot.agents.memory import Memory, deed_line
from talkoot.agents.planner import SkillPlanner
from talkoot.agents.thinking import Seating
from talkoot.events import silent
from talkoot.models import open_model
from talkoot.types import Observation, Style
from talkoot.worlds.overcooked.guide import make_guide
from talkoot.worlds.overcooked.records import Recording, human_trials


@dataclass(frozen=True)
class Guess:
    """One question: who was asked about which pair, the partner's deed before, the answer, and the deed that came."""

    pair: int
    layout: str
    before: str
    guess: str
    actual: str


async def guesses(trial: Recording, seat: int, planner: SkillPlanner, belief: Belief | None) -> list[Guess]:
    """What the onlooker in `seat` expects of its partner, after each of the partner's deeds."""
    mate = 1 - seat
    kitchens = list(trial.kitchens())
    guide = make_guide(trial.layout, trial.rules, seat, (0, 1))
    seating = Seating(guide, silent, 0)
    memory = Memory()
    planner.reset()
    pending: tuple[str, str] | None = None
    rows: list[Guess] = []
    for was, now in pairwise(kitchens):
        own = now.completed(seat, was)
        if own is not None:
            memory.note(now.t, f"you finished {own}")
        deed = now.completed(mate, was)
        if deed is None:
            continue
        memory.note(now.t, deed_line(mate, str(deed)))
        if belief is not None:
            belief.correct(seating, now.t, mate, str(deed))
        if pending is not None:
            rows.append(Guess(trial.group, trial.layout.name, pending[0], pending[1], str(deed)))
        observation = Observation(seat, now.t, now)
        lines = belief.lines() if belief is not None else []
        plan = await planner(seating, observation, observation.words(Style()), lines, memory, [])
        intention = plan.intentions.get(mate, "")
        if belief is not None and intention:
            belief.expect(seating, now.t, mate, intention)
        pending = str(deed), intention
    return rows


def baselines(rows: list[Guess]) -> tuple[list[str], list[str]]:
    """For every row the most frequent deed of its kitchen, and the Markov guess, both fitted on the other pairs."""
    fits = {key: _fit(rows, *key) for key in {(row.pair, row.layout) for row in rows}}
    frequent: list[str] = []
    markov: list[str] = []
    for row in rows:
        mode, chain = fits[row.pair, row.layout]
        frequent.append(mode)
        markov.append(chain.get(row.before, mode))
    return frequent, markov


def _fit(rows: list[Guess], pair: int, layout: str) -> tuple[str, dict[str, str]]:
    """The most frequent deed in a kitchen, and the most frequent one after each deed, without one pair's rows."""
    others = [row for row in rows if row.pair != pair and row.layout == layout]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in others:
        counts[row.before][row.actual] += 1
    mode = Counter(row.actual for row in others).most_common(1)[0][0]
    return mode, {before: after.most_common(1)[0][0] for before, after in counts.items()}


def table(rows: list[Guess]) -> list[dict[str, object]]:
    """Accuracy of the three by kitchen and over all, with a bootstrap interval over pairs."""
    frequent, markov = baselines(rows)
    hits = {
        "proagent": np.array([row.guess == row.actual for row in rows]),
        "most frequent": np.array([guess == row.actual for guess, row in zip(frequent, rows, strict=True)]),
        "markov": np.array([guess == row.actual for guess, row in zip(markov, rows, strict=True)]),
    }
    layouts = np.array([row.layout for row in rows])
    pairs = np.array([row.pair for row in rows])
    out: list[dict[str, object]] = []
    for layout in [*dict.fromkeys(layouts.tolist()), "all"]:
        chosen = np.ones(len(rows), bool) if layout == "all" else layouts == layout
        entry: dict[str, object] = {"layout": layout, "n": int(chosen.sum())}
        for name, hit in hits.items():
            entry[name] = round(float(hit[chosen].mean()), 4)
            entry[f"{name} ci95"] = _interval(hit[chosen], pairs[chosen])
        out.append(entry)
    return out


def _interval(hit: np.ndarray, pairs: np.ndarray) -> list[float]:
    rng = np.random.default_rng(0)
    groups = [hit[pairs == pair] for pair in np.unique(pairs)]
    means = []
    for _ in range(1000):
        drawn = [groups[i] for i in rng.integers(len(groups), size=len(groups))]
        means.append(sum(g.sum() for g in drawn) / sum(len(g) for g in drawn))
    return [round(float(q), 4) for q in np.quantile(means, (0.025, 0.975))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="rulebook")
    parser.add_argument("--belief", choices=("replace", "annotate", "off"), default="replace")
    parser.add_argument("--trials", type=int, help="only the first N trials")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    model = open_model(arguments.model)
    rows: list[Guess] = []
    for trial in list(human_trials())[: arguments.trials]:
        for seat in (0, 1):
            belief = None if arguments.belief == "off" else Belief(arguments.belief)
            rows += asyncio.run(guesses(trial, seat, SkillPlanner(model), belief))
    result = table(rows)
    if arguments.json:
        print(json.dumps({"model": arguments.model, "belief": arguments.belief, "rows": result}))
        return
    print(f"{'kitchen':24s} {'n':>6s} {'ProAgent':>20s} {'most frequent':>20s} {'Markov':>20s}")
    for entry in result:
        cells = [f"{entry[name]:.3f} {entry[f'{name} ci95']}" for name in ("proagent", "most frequent", "markov")]
        print(f"{entry['layout']:24s} {entry['n']:6d} " + " ".join(f"{cell:>20s}" for cell in cells))


if __name__ == "__main__":
    main()
