"""How sure a label is: the probability of +, given Beta posteriors of Q before and after the chunk (reference 4.2).

The prior of every Q is Beta(1/2, 1/2), under which the angle t of Q = sin(t)^2 is uniform on [0, pi/2]: the posterior
is smooth in t, so that sums over a fixed grid are accurate to about 1e-4 and no random draws are needed. The outcome of
the finished solution is no estimate: Q_H is 0 or 1. Whether the draws were stopped early is nothing to a posterior.

Abs-Q asks whether Q is above 0, which no such posterior ever doubts. There (ours) half of the prior's weight lies on
Q = 0 itself: a success proves +, and n failures leave + the probability m / (1 + m), m = C(2n, n) / 4^n: .21 after 4,
.12 after 16.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.judging.labels import Counts, Labelling, Rule

Array = NDArray[np.float64]
_CELLS = 512
_EDGES: Array = np.linspace(0.0, math.pi / 2, _CELLS + 1)
_ANGLES: Array = (_EDGES[1:] + _EDGES[:-1]) / 2
_LOGS: Array = np.log([np.sin(_ANGLES), np.cos(_ANGLES)])
_VALUES: list[float] = (np.sin(_ANGLES) ** 2).tolist()


@lru_cache(maxsize=4096)
def _posterior(tries: int, successes: int) -> tuple[Array, Array]:
    """The posterior's weight in each cell, and its cumulative weight at each edge."""
    logs = 2 * (successes * _LOGS[0] + (tries - successes) * _LOGS[1])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    return weights, np.concatenate([[0.0], np.cumsum(weights)])


def _below(q: Any, edges: Array) -> Any:
    """P(Q <= q)."""
    return np.interp(np.arcsin(np.sqrt(q)), _EDGES, edges)


def _least(rule: Rule, before: float) -> float:
    """The Q after the chunk above which it is +."""
    low, high = 0.0, 1.0
    if rule.margin(before, high) <= 0:
        return 1.0
    for _ in range(32):
        middle = (low + high) / 2
        low, high = (low, middle) if rule.margin(before, middle) > 0 else (middle, high)
    return low if low else 0.0


def _most(rule: Rule, after: float) -> float:
    """The Q before the chunk up to which it is +."""
    low, high = 0.0, 1.0
    if rule.margin(high, after) > 0:
        return 1.0
    for _ in range(32):
        middle = (low + high) / 2
        low, high = (middle, high) if rule.margin(middle, after) > 0 else (low, middle)
    return low


@lru_cache(maxsize=64)
def _thresholds(rule: Rule) -> Array:
    return np.array([_least(rule, before) for before in _VALUES])


def _lost(tries: int) -> float:
    """P(Q > 0) after `tries` failures, half of the prior's weight being on Q = 0."""
    evidence = math.exp(math.lgamma(2 * tries + 1) - 2 * math.lgamma(tries + 1) - 2 * tries * math.log(2))
    return evidence / (1 + evidence)


@lru_cache(maxsize=65_536)
def _probability(rule: Rule, before: tuple[int, int], after: tuple[int, int], known: bool) -> float:
    if not rule.relative:
        least = _least(rule, 0.0)
        if known:
            return float(after[1] / after[0] > least)
        if least < 1e-9:
            return 1.0 if after[1] else _lost(after[0])
        return float(1 - _below(least, _posterior(*after)[1]))
    weights, edges = _posterior(*before)
    if known:
        right = after[1] / after[0]
        most = _most(rule, right) if rule.margin(0.0, right) > 0 else 0.0
        return most if most in (0.0, 1.0) else float(_below(most, edges))
    return float(weights @ (1 - _below(_thresholds(rule), _posterior(*after)[1])))


def probability(labelling: Labelling, counts: Counts, i: int) -> float | None:
    """P(chunk i is +), i = 1..H, by the labelling's rule; None where a prefix that the rule needs was not drawn."""
    before, after = labelling.pair(counts, i)
    if not after.tries or (labelling.rule.relative and not before.tries):
        return None
    known = i == counts.chunks
    pair = before[:2] if labelling.rule.relative else (0, 0)
    return _probability(labelling.rule, pair, after[:2], known)


def probabilities(labelling: Labelling, counts: Counts) -> tuple[float | None, ...]:
    """P(+) of chunks 1..H: soft labels; None for chunks without a label."""
    labels = labelling(counts)
    return tuple(probability(labelling, counts, i) if label else None for i, label in enumerate(labels, 1))


def sureness(labelling: Labelling, counts: Counts) -> tuple[float | None, ...]:
    """The probability of each chunk's own label; None for chunks without one, and 1 for labels that are implied."""
    labels = labelling(counts)
    told: list[float | None] = []
    for i, label in enumerate(labels, 1):
        p = probability(labelling, counts, i) if label else None
        told.append(p if label > 0 else None if p is None else 1 - p)
        if label and p is None:
            told[-1] = 1.0
    return tuple(told)


def sure(labelling: Labelling, counts: Counts, at_least: float) -> tuple[int, ...]:
    """The labels, with 0 in place of those whose probability is below `at_least` (.5 to 1)."""
    labels = labelling(counts)
    return tuple(
        label if p is not None and p >= at_least else 0
        for label, p in zip(labels, sureness(labelling, counts), strict=True)
    )
