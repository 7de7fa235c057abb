"""Evaluate an agent of one's own: with each of several partners, in both seats, with several seeds.

    python examples/evaluate_own_agent.py [RUN]

Teams that have a name are evaluated by `talkoot eval`. For an agent in your own code, this is all it takes; with RUN,
the episodes are kept there, `talkoot replay RUN` shows them, and the same command goes on where it stopped.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from own_agent import Waiter

from talkoot import Agent, World, run_sync
from talkoot.agents.catalog import make_agent
from talkoot.evaluation.statistics import estimate
from talkoot.models import open_model
from talkoot.run import Keep, Run
from talkoot.worlds.catalog import make_world

PARTNERS = "proagent", "greedy", "stay"


def play(folder: Path, world_name: str, partner: str, seat: int, seed: int) -> float:
    """Play one episode into the run folder (unless it is there) and return its score."""

    def begin(keep: Keep) -> tuple[World, Mapping[int, Agent]]:
        mate = make_agent(partner, lambda name: keep(open_model(name)))
        return make_world(world_name), {seat: Waiter(), 1 - seat: mate}

    run, name = Run.read(folder), f"{partner}-{seat}-{seed}"
    run_sync(run.play(name, begin, seed=seed, names={seat: "waiter", 1 - seat: partner}))
    return run.episode(name).score


def main(folder: str = "", world_name: str = "cramped_room:start=random", seeds: int = 3) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as place,
        Run.open(folder or place, {"world": world_name, "seeds": seeds}) as run,
    ):
        means = {}
        for partner in PARTNERS:
            scores = [play(run.folder, world_name, partner, seat, seed) for seat in (0, 1) for seed in range(seeds)]
            told = estimate(scores)
            means[partner] = told.mean
            print(f"waiter with {partner:8} {told.mean:6.1f} ± {told.stderr:.1f}  (n = {told.n})")
    return means


if __name__ == "__main__":
    main(*sys.argv[1:2])
