"""How a pair plays in kitchens that nobody has seen: the score on generated layouts, by options of the generator.

    python bench/generated.py [--team proagent+proagent] [--seeds 20] [--steps 400] [--only TEXT] [--json]

Each row is one set of options over the seeds 0, 1, ...; every kitchen is solvable, so a score of 0 is a failure and is
named. The default team is a pair of ProAgents on `rulebook`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

import numpy as np

from talkoot.agents.catalog import make_team
from talkoot.episode import run_episode
from talkoot.models.rulebook import parse_rulebook
from talkoot.worlds.catalog import make_world

OPTIONS = (
    "", "regions=2", "size=5x5", "size=9x7", "size=11x9,pots=2", "clutter=0.45", "clutter=0.45,size=9x7",
    "pots=2,regions=2", "onions=2,dishes=2,servings=2", "rules=new", "regions=2,rules=new", "tomatoes=1",
    "tomatoes=1,rules=new", "tomatoes=1,regions=2,rules=new", "onions=0,tomatoes=1",
)  # fmt: skip


def play(team: str, options: str, seed: int, steps: int) -> float:
    """The score of one episode in the kitchen of that seed."""
    parts = [options, f"seed={seed}", f"horizon={steps}"]
    world = make_world("overcooked/generate:" + ",".join(part for part in parts if part))
    return asyncio.run(run_episode(world, make_team(team, world.seats, parse_rulebook), seed)).score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--team", default="proagent+proagent")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--only", help="only options that contain this text")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = []
    for options in OPTIONS:
        if asked.only is not None and asked.only not in options:
            continue
        scores = [play(asked.team, options, seed, asked.steps) for seed in range(asked.seeds)]
        nothing = [seed for seed, score in enumerate(scores) if score == 0]
        row = {
            "options": options, "team": asked.team, "n": len(scores), "mean": float(np.mean(scores)),
            "min": min(scores), "max": max(scores), "nothing_delivered": nothing, "scores": scores,
        }  # fmt: skip
        rows.append(row)
        print(
            f"{options or 'defaults':36} mean {row['mean']:6.1f}  min {row['min']:4.0f}  max {row['max']:4.0f}"
            + (f"  NOTHING at seeds {nothing}" if nothing else ""),
            file=sys.stderr, flush=True,
        )  # fmt: skip
    if asked.json:
        print(json.dumps({"steps": asked.steps, "rows": rows}))


if __name__ == "__main__":
    main()
