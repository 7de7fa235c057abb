"""What rows of homes tell besides the score: steps, success, efficiency against MHP alone, talk, the paper's figures.

Fewer steps are better; an episode without success counts with all its steps. Efficiency improvement is the published
formula (reference, 2.7 and 5.4): the mean over episodes of (M0 - M) / max(M, M0), its sign kept, where M are the steps
of the team and M0 those of MHP alone in the same episode.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from talkoot.evaluation.statistics import Estimate, estimate
from talkoot.types import Json

if TYPE_CHECKING:
    from talkoot.evaluation.job import Job
    from talkoot.evaluation.outcome import Outcome

REFERENCE = "mhp"
"""The team against which efficiency is measured: MHP alone, in either seat."""

PAPER: dict[str, dict[tuple[str, ...], tuple[int, float | None]]] = {
    "symbolic": {
        ("mhp",): (111, None),
        ("mhp", "mhp"): (75, 0.33),
        ("coela", "mhp"): (59, 0.45),
        ("coela", "coela"): (57, 0.49),
    },
    "visual": {
        ("mhp",): (141, None),
        ("mhp", "mhp"): (103, 0.26),
        ("coela", "mhp"): (94, 0.34),
        ("coela", "coela"): (92, 0.34),
    },
}
"""Average steps and efficiency improvement on C-WAH by kind of observation and team (reference, 5.2)."""

SOURCE = (
    "paper: steps in C-WAH (Zhang et al., arXiv 2307.02485): GPT-4 in Unity, ten episodes of two apartments; other "
    "episodes and another model than here"
)
"""What a reader must know who compares with `PAPER`."""


def household_part(world: str, team: str, known: Mapping[Job, Outcome], alone: Mapping[int, float]) -> dict[str, Json]:
    """The further keys of a home's row, None or 0 where nothing is known yet.

    `alone` are the steps of the reference team by seed. `steps_mean` counts every episode, its interval every task of
    the set once as evidence, however often and in whichever order it was played. `success` is a share. `tokens`,
    `messages_mean` (sent) and `message_steps_mean` (steps that talking took, of either seat) are for one episode;
    `delivered_messages` and `fallback_parses` are sums.
    """
    n = len(known)
    mine, tasks = mean_steps(known), _tasks_in(world)
    steps = _by_task({seed: mine[seed] for seed in mine}, tasks)
    gains = _by_task({seed: _gain(mine[seed], alone[seed]) for seed in mine if seed in alone}, tasks)
    outcomes = list(known.values())
    return {
        "steps_mean": sum(outcome.steps for outcome in outcomes) / n if n else None,
        "steps_stderr": steps.stderr if steps else None,
        "steps_ci95": [steps.low, steps.high] if steps else None,
        "tasks": steps.n if steps else 0,
        "success": sum(bool(outcome.success) for outcome in outcomes) / n if n else None,
        "efficiency_improvement": gains.mean if gains else None,
        "efficiency_improvement_ci95": [gains.low, gains.high] if gains else None,
        "messages_mean": sum(outcome.messages for outcome in outcomes) / n if n else None,
        "message_steps_mean": sum(outcome.message_steps for outcome in outcomes) / n if n else None,
        "tokens": sum(one.prompt_tokens + one.completion_tokens for one in outcomes) / n if n else None,
        "delivered_messages": sum(outcome.delivered_messages for outcome in outcomes),
        "fallback_parses": sum(outcome.fallback_parses for outcome in outcomes),
        "paper": paper_figures(world, team),
    }


def mean_steps(known: Mapping[Job, Outcome]) -> dict[int, float]:
    """The steps of one team in each episode by its seed, the mean over the seat orders that are known."""
    steps: dict[int, list[int]] = defaultdict(list)
    for job, outcome in known.items():
        steps[job.seed].append(outcome.steps)
    return {seed: sum(each) / len(each) for seed, each in steps.items()}


def _gain(steps: float, alone: float) -> float:
    return (alone - steps) / max(alone, steps, 1)


def _by_task(values: Mapping[int, float], tasks: int) -> Estimate | None:
    """Estimate the mean of values by seed; seeds that play the same task of a set are one piece of evidence."""
    same: dict[int, list[float]] = defaultdict(list)
    for seed, value in values.items():
        same[seed % tasks if tasks else seed].append(value)
    if not same:
        return None
    return estimate([sum(each) / len(each) for each in same.values()], [len(each) for each in same.values()])


@lru_cache(maxsize=64)
def _tasks_in(world: str) -> int:
    from talkoot.worlds.catalog import episodes_in, make_world

    return episodes_in(make_world(world))


def paper_figures(world: str, team: str) -> dict[str, Json] | None:
    """The published steps and efficiency improvement of a team, or None: they are those of teams without options on
    test episodes under the original's rules.
    """
    from talkoot.agents.catalog import split_team

    place, _, options = world.partition(":")
    parts = [part for part in options.split(",") if part and part != "visual=off"]
    kind = "visual" if any(part.startswith("visual=") for part in parts) else "symbolic"
    others = [part for part in parts if not part.startswith(("visual=", "episodes="))]
    if others or not (place == "household/test" or any(part.startswith("episodes=") for part in parts)):
        return None
    figures = PAPER[kind].get(tuple(sorted(split_team(team))))
    return {"steps": figures[0], "efficiency_improvement": figures[1]} if figures else None
