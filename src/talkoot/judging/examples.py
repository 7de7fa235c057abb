"""Labelled chunks to train judges on: one example for each chunk that has a label (StepWiser 2.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from talkoot.judge import Trace
from talkoot.judging.journal import AnnotatedSolution
from talkoot.judging.labels import Labelling, balanced
from talkoot.judging.posterior import probabilities, sureness


@dataclass(frozen=True, slots=True)
class Example:
    """Is the last chunk of `trace` sound? `label` is +1 or -1.

    `chance` is the posterior probability of + (None where the label is implied), `soft` the estimate of Q after the
    chunk (None where nothing was drawn), `position` the chunk's number from 1, `solution` the solution's id.
    """

    trace: Trace
    label: int
    chance: float | None
    soft: float | None
    solution: str
    position: int

    def to_json(self) -> dict[str, Any]:
        """As a dict."""
        return {"solution": self.solution, "position": self.position, "problem": self.trace.problem,
                "chunks": list(self.trace.chunks), "label": self.label, "chance": self.chance,
                "soft": self.soft}  # fmt: skip


def examples(
    solutions: Iterable[AnnotatedSolution], labelling: Labelling, *, at_least: float = 0.0, distinct: bool = True
) -> list[Example]:
    """The labelled chunks of solutions, in order; those whose label is less probable than `at_least` are left out.

    `distinct` takes chunks that several solutions of a problem share, history and all, once (ours).
    """
    found: list[Example] = []
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for one in solutions:
        counts, whole = one.counts, one.trace
        rows = zip(whole.prefixes(), labelling(counts), probabilities(labelling, counts), counts.soft(),
                   sureness(labelling, counts), strict=True)  # fmt: skip
        for position, (trace, label, chance, soft, p) in enumerate(rows, 1):
            key = (one.problem.id, trace.chunks)
            if not label or (p is not None and p < at_least) or (distinct and key in seen):
                continue
            seen.add(key)
            found.append(Example(trace, label, chance, soft, one.id, position))
    return found


def evened(found: Sequence[Example], seed: int = 0) -> list[Example]:
    """As many + as -: the majority down-sampled. Raises BadInput where one of the two does not occur."""
    return [found[i] for i in balanced([one.label for one in found], seed)]
