"""Stepwise data selection: which correct solution the policy learns from next (StepWiser 2.11)."""

from __future__ import annotations

import random
from collections.abc import Sequence

from talkoot.judging.dialect import Dialect, tagged
from talkoot.judging.voting import Candidate


def select_by_steps(groups: Sequence[Sequence[Candidate]]) -> list[Candidate]:
    """Of each problem's correct solutions the one with the best score, the first of equals.

    The paper scores a solution by the mean of its chunks' scores: `score_solutions(judge, traces, "mean")`. Problems
    without a correct solution are left out, as by outcome.
    """
    return [
        max(correct, key=lambda candidate: candidate.score)
        for group in groups
        if (correct := [candidate for candidate in group if candidate.correct])
    ]


def select_by_outcome(groups: Sequence[Sequence[Candidate]], seed: int = 0) -> list[Candidate]:
    """Of each problem's correct solutions a random one: the selection to compare with. The seed decides."""
    rng = random.Random(seed)
    return [
        rng.choice(correct) for group in groups if (correct := [candidate for candidate in group if candidate.correct])
    ]


def examples(chosen: Sequence[Candidate], dialect: Dialect) -> list[tuple[str, str]]:
    """(prompt, completion) of each solution, to fine-tune the policy on: the problem, then its chunks in tags."""
    return [(dialect.solve(one.trace.problem), tagged(one.trace.chunks)) for one in chosen]
