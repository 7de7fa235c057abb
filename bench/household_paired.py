"""How many steps does one team save against another in the same episodes of homes?

    python bench/household_paired.py RUN... --team coela+coela --against TEAM [--seeds 0:50]

RUN are run folders of `talkoot eval` in which both teams played. Steps are paired by world and seed (the mean over the
seat orders); an episode without success counts with all its steps. Seeds that play the same task of a set are one
piece of evidence: the 95 % interval is the bootstrap over tasks. Prints one JSON object, a row for each world and, of
several, one for all together; positive means that the first team needs fewer steps.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from talkoot.errors import BadInput, TalkootError
from talkoot.evaluation.grid import outcomes_of
from talkoot.evaluation.household import mean_steps
from talkoot.evaluation.job import Grid, parse_seeds
from talkoot.evaluation.statistics import estimate
from talkoot.run import Run
from talkoot.types import Json
from talkoot.worlds.catalog import episodes_in, family_of, make_world

Pairs = dict[tuple[str, int], tuple[float, float]]
"""By world and seed, the steps of the team and of the other one."""


def pairs_in(folder: Path, team: str, other: str, seeds: Collection[int] | None = None) -> Pairs:
    """The episodes of a run that both teams played. Raises BadInput where they were not asked for in homes."""
    asked = Run.read(folder).asked
    if asked.get("kind") != "eval" or not {team, other} <= set(asked["teams"]):
        raise BadInput(f"{folder} is no run of `talkoot eval` with the teams {team} and {other}")
    alien = [world for world in asked["worlds"] if family_of(world) != "household"]
    if alien:
        raise BadInput(f"{folder} was played in {', '.join(alien)}: only in homes fewer steps are better")
    every = None if isinstance(asked["seeds"], dict) else tuple(asked["seeds"])
    outcomes = outcomes_of(Grid(tuple(asked["worlds"]), tuple(asked["teams"]), every, asked["model"]), folder)
    pairs: Pairs = {}
    for world in asked["worlds"]:
        mine, others = (
            mean_steps({job: one for job, one in outcomes.items() if (job.world, job.team) == (world, name)})
            for name in (team, other)
        )
        pairs |= {
            (world, seed): (steps, others[seed])
            for seed, steps in mine.items()
            if seed in others and (seeds is None or seed in seeds)
        }
    return pairs


def compared(pairs: Mapping[tuple[str, int], tuple[float, float]]) -> dict[str, Json]:
    """The mean steps of both, the steps saved with their interval over tasks, and how many episodes were which."""
    sizes = {world: episodes_in(make_world(world)) for world in {world for world, _ in pairs}}
    tasks: dict[tuple[str, int], list[float]] = defaultdict(list)
    for (world, seed), (mine, others) in pairs.items():
        tasks[world, seed % sizes[world] if sizes[world] else seed].append(others - mine)
    saved = estimate([sum(each) / len(each) for each in tasks.values()], [len(each) for each in tasks.values()])
    both = list(pairs.values())
    return {
        "episodes": len(both),
        "tasks": saved.n,
        "team": round(sum(mine for mine, _ in both) / len(both), 2),
        "against": round(sum(others for _, others in both) / len(both), 2),
        "saved": round(saved.mean, 2),
        "ci95": [round(saved.low, 2), round(saved.high, 2)],
        "fewer": sum(mine < others for mine, others in both),
        "same": sum(mine == others for mine, others in both),
        "more": sum(mine > others for mine, others in both),
    }


def main() -> int:
    """Read the runs and print what is saved."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--team", required=True)
    parser.add_argument("--against", required=True)
    parser.add_argument("--seeds", help="only these, half open: 0:50; by default all that both played")
    asked = parser.parse_args()
    try:
        seeds = frozenset(parse_seeds(asked.seeds)) if asked.seeds else None
        pairs: Pairs = {}
        for folder in asked.runs:
            pairs |= pairs_in(folder, asked.team, asked.against, seeds)
        if not pairs:
            raise BadInput(f"no complete episode of {' or '.join(map(str, asked.runs))} was played by both teams; "
                           "play on with the same `talkoot eval`, or name other --seeds")  # fmt: skip
    except TalkootError as error:
        print(f"household_paired: {error}", file=sys.stderr)
        return error.exit_code
    worlds = list(dict.fromkeys(world for world, _ in pairs))
    rows = {world: compared({key: both for key, both in pairs.items() if key[0] == world}) for world in worlds}
    print(json.dumps(rows | ({"all": compared(pairs)} if len(worlds) > 1 else {})))
    return 0


if __name__ == "__main__":
    sys.exit(main())
