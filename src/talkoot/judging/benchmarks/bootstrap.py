"""Percentile bootstrap (Efron 1979) of figures that are ratios of sums, over groups of items that belong together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Sums = npt.NDArray[np.float64]
Figures = Callable[[Sums], dict[str, Sums]]

RESAMPLES = 2000
_CELLS = 2_000_000  # numbers drawn at once


def grouped(groups: Sequence[Hashable], counts: Sequence[Sequence[int]]) -> Sums:
    """The counts of items (one row an item, K numbers) summed for each group: an array of shape [groups, K]."""
    order = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    sums = np.zeros((len(order), len(counts[0])))
    np.add.at(sums, [order[group] for group in groups], np.asarray(counts, dtype=float))
    return sums


def resampled(sums: Sums, seed: int | Sequence[int], resamples: int = RESAMPLES) -> Sums:
    """Total counts of `resamples` draws of as many groups as there are, with replacement: shape [resamples, K]."""
    rng = np.random.default_rng(seed)
    n = len(sums)
    parts = []
    step = max(1, _CELLS // n)
    for start in range(0, resamples, step):
        weights = rng.multinomial(n, np.full(n, 1 / n), size=min(step, resamples - start))
        parts.append(weights @ sums)
    return np.concatenate(parts)


def ratio(over: Any, under: Any) -> Any:
    """`over / under` number by number, NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(under > 0, over / np.where(under > 0, under, 1), np.nan)


def harmonic(one: Any, other: Any) -> Any:
    """The harmonic mean, 0 where both are 0 and NaN where one is missing."""
    total = one + other
    return np.where(total > 0, 2 * one * other / np.where(total > 0, total, 1), 0 * total)


def interval(values: Sums) -> list[float] | None:
    """The middle 95 % of draws; draws without a value are passed over. None if there is none at all."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [0.025, 0.975])
    return [float(low), float(high)]


def told(value: Any) -> float | None:
    """A figure for JSON: None in place of NaN."""
    number = float(value)
    return None if np.isnan(number) else number
