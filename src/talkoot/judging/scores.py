"""From chunk scores to the score of a whole solution: mean, least, product or last (reference, 2.11)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from talkoot.errors import BadInput
from talkoot.judge import Judge, Trace, Verdict
from talkoot.judging.judges import Outcome

How = Literal["mean", "min", "product", "last"]
HOWS: tuple[How, ...] = get_args(How)


def aggregate(scores: Sequence[float], how: How = "mean") -> float:
    """One score of a solution, 0..1. The paper's choice among solutions is by the mean; no chunks give 0."""
    if how not in HOWS:
        raise BadInput(f"scores of chunks cannot be put together by {how!r}; take one of {', '.join(HOWS)}")
    if not scores:
        return 0.0
    if how == "mean":
        return sum(scores) / len(scores)
    return min(scores) if how == "min" else math.prod(scores) if how == "product" else scores[-1]


@dataclass(frozen=True, slots=True)
class Scored:
    """A solution's score, the verdicts behind it (one a chunk; of "last" one alone) and the judge's tokens."""

    score: float
    verdicts: tuple[Verdict, ...]
    tokens: int


async def score_solutions(
    judge: Judge, solutions: Sequence[Trace], how: How = "mean", *, batch: int = 2048
) -> list[Scored]:
    """Score finished solutions, in order.

    Every chunk is judged with the chunks before it; for "last", and for a judge that is an `Outcome`, only the last
    one. Prefixes that several solutions share are judged once, but each solution is charged for all of its verdicts:
    what it would cost alone. `batch` bounds the traces that the judge gets at once.
    """
    if isinstance(judge, Outcome):
        how = "last"
    aggregate((), how)
    wanted = [trace.prefixes()[-1:] if how == "last" else trace.prefixes() for trace in solutions]
    distinct = list(dict.fromkeys(trace for some in wanted for trace in some))
    said: dict[Trace, Verdict] = {}
    for at in range(0, len(distinct), batch):
        part = distinct[at : at + batch]
        said.update(zip(part, await judge(part), strict=True))
    scored = []
    for some in wanted:
        verdicts = tuple(said[trace] for trace in some)
        score = aggregate([verdict.score for verdict in verdicts], how)
        scored.append(Scored(score, verdicts, sum(verdict.tokens for verdict in verdicts)))
    return scored
