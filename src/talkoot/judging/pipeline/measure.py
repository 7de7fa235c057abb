"""What the oracle says of a judge: does it name the first wrong chunk of unseen solutions? (ProcessBench's metric.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.judge import Judge, Trace, Verdict
from talkoot.judging.calibration import auroc, expected_calibration_error
from talkoot.judging.chunks import Malformed, parse
from talkoot.judging.pipeline.work import MORE, Work
from talkoot.judging.tasks.oracle import valid
from talkoot.learning.sampling import Prompt
from talkoot.learning.tiny import open_tiny


@dataclass(frozen=True)
class Item:
    """A solution with the oracle's word on each chunk. `first` is the index of the first wrong one, -1 if none is."""

    trace: Trace
    sound: tuple[bool, ...]

    @property
    def first(self) -> int:
        """What is to be named."""
        return self.sound.index(False) if False in self.sound else -1


def items(work: Work) -> list[Item]:
    """Solutions of test problems by the policy, as many with an error as without, in the order of drawing.

    Raises BadInput where there are none of either.
    """
    policy = open_tiny(work.folder("policy"), device=work.preset.device)
    problems = work.problems("test", work.preset.test_problems)
    drawn = policy.complete(
        [Prompt(work.dialect.solve(p.text), 4, work.seed) for p in problems], max_tokens=work.dialect.solution_tokens
    )
    found: list[Item] = []
    for problem, group in zip(problems, drawn, strict=True):
        for one in group:
            try:
                chunks = tuple(parse(one.text))
            except Malformed:
                continue
            if chunks:
                trace = Trace(problem.text, chunks)
                found.append(Item(trace, tuple(valid(problem.text, chunks, work.preset.task.modulus))))
    wrong, right = ([one for one in found if (one.first >= 0) == bad] for bad in (True, False))
    few = min(len(wrong), len(right))
    if not few:
        raise BadInput(
            f"stage judges: of {4 * len(problems)} test solutions {len(wrong)} have a wrong chunk and {len(right)} "
            f"have none, and judges are measured on as many of both; {MORE}test_problems or policy.steps"
        )
    return wrong[:few] + right[:few]


@dataclass(frozen=True)
class Named:
    """What a judge said of the items: its first rejected chunk of each (-1: none), and all its verdicts."""

    named: tuple[int, ...]
    verdicts: tuple[tuple[Verdict, ...], ...]


async def name_first(judge: Judge, found: Sequence[Item]) -> Named:
    """Judge every chunk of every item."""
    said = iter(await judge([prefix for item in found for prefix in item.trace.prefixes()]))
    verdicts = tuple(tuple(next(said) for _ in item.sound) for item in found)
    named = tuple(next((i for i, one in enumerate(some) if not one.good), -1) for some in verdicts)
    return Named(named, verdicts)


def f1(right: np.ndarray[Any, Any], wrong: np.ndarray[Any, Any]) -> float:
    """Harmonic mean of the accuracies on items with an error and without; 0 where both are 0 (official metric)."""
    a, b = float(right.mean()), float(wrong.mean())
    return 2 * a * b / (a + b) if a + b else 0.0


def figures(found: Sequence[Item], named: Named) -> dict[str, Any]:
    """error_acc, correct_acc and f1 with its bootstrap interval; step accuracy, balanced; calibration; tokens."""
    hit = hits(found, named)
    bad = np.array([item.first >= 0 for item in found])
    verdicts = [verdict for some in named.verdicts for verdict in some]
    sound = [one for item in found for one in item.sound]
    good = np.array([verdict.good for verdict in verdicts])
    truth = np.array(sound)
    scores = [verdict.score for verdict in verdicts]
    low, high = np.quantile(resampled(hit, bad), [0.025, 0.975])
    return {
        "items": len(found),
        "error_acc": float(hit[bad].mean()),
        "correct_acc": float(hit[~bad].mean()),
        "f1": f1(hit[bad], hit[~bad]),
        "f1_low": float(low),
        "f1_high": float(high),
        "sound_accepted": float(good[truth].mean()),
        "unsound_rejected": float((~good[~truth]).mean()),
        "auroc": auroc(scores, sound),
        "calibration_error": expected_calibration_error(scores, sound),
        "tokens": sum(verdict.tokens for verdict in verdicts) / len(verdicts),
        "unparsed": sum(bool(verdict.fault) for verdict in verdicts) / len(verdicts),
    }


def hits(found: Sequence[Item], named: Named) -> np.ndarray[Any, Any]:
    """Whether each item's first wrong chunk was named, or that there is none."""
    return np.array([item.first == guess for item, guess in zip(found, named.named, strict=True)])


def resampled(hit: np.ndarray[Any, Any], bad: np.ndarray[Any, Any], draws: int = 2000) -> np.ndarray[Any, Any]:
    """F1 of `draws` bootstrap samples of the items, the same samples for every judge: differences are paired."""
    rng = np.random.default_rng(0)
    out = np.empty(draws)
    ones, zeros = np.flatnonzero(bad), np.flatnonzero(~bad)
    for i in range(draws):
        out[i] = f1(hit[rng.choice(ones, len(ones))], hit[rng.choice(zeros, len(zeros))])
    return out


def difference(found: Sequence[Item], one: Sequence[int], other: Sequence[int]) -> dict[str, Any]:
    """F1 of one judge minus that of another, with the paired 95 % interval. Hits as `hits` gives them."""
    bad = np.array([item.first >= 0 for item in found])
    a, b = np.array(one, dtype=bool), np.array(other, dtype=bool)
    gaps = resampled(a, bad) - resampled(b, bad)
    low, high = np.quantile(gaps, [0.025, 0.975])
    return {"difference": f1(a[bad], a[~bad]) - f1(b[bad], b[~bad]), "low": float(low), "high": float(high)}
