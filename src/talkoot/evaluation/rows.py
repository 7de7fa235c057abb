"""One row for each world and team, from what is known of its episodes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from talkoot.evaluation.household import REFERENCE, household_part, mean_steps
from talkoot.evaluation.job import Job
from talkoot.evaluation.outcome import Outcome
from talkoot.evaluation.statistics import estimate
from talkoot.types import Json
from talkoot.worlds.catalog import family_of

Row = dict[str, Json]

_PATH = re.compile(r"(?:episodes=)?(?:[^/\\:=,]*/){2,}([^/,]+)")


def rows_of(jobs: Sequence[Job], outcomes: Mapping[Job, Outcome]) -> list[Row]:
    """One row for each world and team of the jobs, from what is known of them.

    `n` counts distinct episodes (another start or another joint action somewhere), `episodes` all of them; each
    episode counts in the mean, each distinct one once as evidence (see `estimate`). `missing` are not played yet.
    `mean_as_typed` and `mean_swapped` are the means of the two seat orders (None where there is only one).
    Steps, calls, tokens, invalid replies and notes are sums over all episodes. Rows of homes have further keys, see
    `household_part`; outcomes of its reference team may stand among `outcomes` without being asked for in `jobs`.
    """
    cells: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        cells.setdefault((job.world, job.team), []).append(job)
    homes = {world for world, _ in cells if family_of(world) == "household"}
    alone = {
        world: mean_steps({job: outcome for job, outcome in outcomes.items() if (job.world, job.team) ==
                           (world, REFERENCE)})
        for world in homes
    }  # fmt: skip
    rows = []
    for (world, team), cell in cells.items():
        known = {job: outcomes[job] for job in cell if job in outcomes}
        more = household_part(world, team, known, alone[world]) if world in homes else {}
        rows.append(_row(world, team, cell, known) | more)
    return rows


def _row(world: str, team: str, jobs: Sequence[Job], known: Mapping[Job, Outcome]) -> Row:
    times: dict[tuple[int, str], list[float]] = {}
    for job, outcome in known.items():
        times.setdefault((job.order, outcome.identity), []).append(outcome.score)
    row: Row = {"world": world, "team": team, "n": len(times), "mean": None, "stderr": None, "ci95": None}
    if times:
        told = estimate([scores[0] for scores in times.values()], [len(scores) for scores in times.values()])
        row |= {"mean": told.mean, "stderr": told.stderr, "ci95": [told.low, told.high]}
    orders = {
        order: [outcome.score for job, outcome in known.items() if job.order == order]
        for order in dict.fromkeys(job.order for job in jobs)
    }
    means = [sum(scores) / len(scores) if scores else None for scores in orders.values()]
    row |= {
        "mean_as_typed": means[0],
        "mean_swapped": means[1] if len(means) > 1 else None,
        "min": min((outcome.score for outcome in known.values()), default=None),
        "max": max((outcome.score for outcome in known.values()), default=None),
        "episodes": len(known),
        "missing": len(jobs) - len(known),
    }
    for name in ("steps", "calls", "prompt_tokens", "completion_tokens", "invalid_replies", "notes"):
        row[name] = sum(getattr(outcome, name) for outcome in known.values())
    return row


def short_worlds(worlds: Iterable[str]) -> dict[str, str]:
    """Each world's name as tables and pictures show it: the end of a path in it, where it tells it apart."""
    short = {world: _PATH.sub(r"…/\1", world) for world in worlds}
    alike = Counter(short.values())
    return {world: name if alike[name] == 1 else world for world, name in short.items()}
