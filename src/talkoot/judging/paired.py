"""Two methods on the same problems: the paired bootstrap of their difference, and McNemar's exact test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from talkoot.errors import BadInput

_CELLS = 2_000_000  # numbers drawn at once


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over `n` problems with its 95 % interval from `low` to `high`."""

    n: int
    mean: float
    low: float
    high: float


def bootstrap(values: Sequence[float], *, resamples: int = 10_000, seed: int = 0) -> Mean:
    """The mean of `values` [n] with its percentile bootstrap interval (Efron 1979), the same for the same seed.

    Of differences (a - b of each problem) this is the paired bootstrap. Raises BadInput for no values.
    """
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or not len(x):
        raise BadInput("an interval needs the value of at least one problem")
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    some = max(1, _CELLS // len(x))
    for at in range(0, resamples, some):
        counts = rng.multinomial(len(x), np.full(len(x), 1 / len(x)), size=min(some, resamples - at))
        means[at : at + some] = counts @ x / len(x)
    low, high = np.quantile(means, [0.025, 0.975])
    return Mean(len(x), float(x.mean()), float(low), float(high))


def mcnemar(a: Sequence[bool], b: Sequence[bool]) -> float:
    """The two-sided p of McNemar's exact test (1947) that `a` and `b`, of the same problems, are right equally often.

    Only the problems on which they differ count; without any, p is 1. Raises BadInput if the lengths differ.
    """
    if len(a) != len(b):
        raise BadInput(f"two methods are compared on the same problems, not on {len(a)} and {len(b)}")
    only_a = sum(x and not y for x, y in zip(a, b, strict=True))
    only_b = sum(y and not x for x, y in zip(a, b, strict=True))
    differing = only_a + only_b
    ways = tail = 1  # to choose k of them, and to choose at most k
    for k in range(min(only_a, only_b)):
        ways = ways * (differing - k) // (k + 1)
        tail += ways
    return min(1.0, 2 * tail / (1 << differing))
