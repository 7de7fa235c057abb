"""What a handful of scores says about the mean behind them: standard error and bootstrap interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_CELLS = 2_000_000  # numbers drawn at once


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` independent values, its standard error, and a 95 % interval from `low` to `high`.

    One value says nothing about spread: for n = 1 the standard error is 0.0 and the interval is the value itself.
    """

    n: int
    mean: float
    stderr: float
    low: float
    high: float


def estimate(
    values: Sequence[float], weights: Sequence[float] | None = None, *, resamples: int = 10_000, seed: int = 0
) -> Estimate:
    """Estimate the mean of `values` (shape [n]), each counted `weights` times (1 by default).

    Weights tell how often the same episode came up: it counts so often in the mean, but only once as evidence. The
    interval is the percentile bootstrap over the n values (Efron 1979), the same on every machine for one `seed`; the
    standard error is that of a weighted mean, which for equal weights is s / sqrt(n). Raises ValueError for no values.
    """
    x = np.asarray(values, dtype=float)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=float)
    if x.ndim != 1 or not len(x) or x.shape != w.shape or (w <= 0).any():
        raise ValueError("an estimate needs at least one value, and one positive weight for each value")
    n = len(x)
    share = w / w.sum()
    mean = float(share @ x)
    if n == 1:
        return Estimate(1, mean, 0.0, mean, mean)
    stderr = float(np.sqrt(n / (n - 1) * np.sum((share * (x - mean)) ** 2)))
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    chunk = max(1, _CELLS // n)
    for start in range(0, resamples, chunk):
        counts = rng.multinomial(n, np.full(n, 1 / n), size=min(chunk, resamples - start))
        means[start : start + chunk] = counts @ (w * x) / (counts @ w)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(n, mean, stderr, float(low), float(high))


def wilson(successes: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The Wilson score interval (1927) of a share, 95 % by default: honest for few tries and for shares of 0 and 1.

    Raises ValueError unless 0 <= successes <= n and n is above 0.
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} tries make no share")
    share, slack = successes / n, z * z / n
    middle = (share + slack / 2) / (1 + slack)
    half = z / (1 + slack) * math.sqrt(share * (1 - share) / n + slack / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)
