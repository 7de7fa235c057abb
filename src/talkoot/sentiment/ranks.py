"""Rank statistics: Spearman's correlation and the area under the curve, with ties, in numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def ranks(values: ArrayLike) -> Numbers:
    """1 for the smallest; equal values share the mean of their ranks."""
    _, group, count = np.unique(np.asarray(values, np.float64), return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    shared: Numbers = (last - (count - 1) / 2)[group.reshape(-1)]
    return shared


def correlation(a: ArrayLike, b: ArrayLike) -> float:
    """Pearson's; NaN for fewer than two pairs or where one side does not vary."""
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if x.size < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x**2).sum()) * np.sqrt((y**2).sum()))
    return float(np.clip((x * y).sum() / scale, -1, 1)) if scale > 0 else float("nan")


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Pearson's correlation of ranks; NaN where it is not defined."""
    return correlation(ranks(a), ranks(b))


def area_under_curve(scores: ArrayLike, marked: ArrayLike) -> float:
    """Probability that a marked case scores higher than an unmarked one, ties counting half (the area under the
    receiver operating characteristic, as Mann and Whitney's U). NaN where all or none are marked."""
    score, mark = np.asarray(scores, np.float64).reshape(-1), np.asarray(marked, bool).reshape(-1)
    yes = int(mark.sum())
    no = mark.size - yes
    if not yes or not no:
        return float("nan")
    return float((ranks(score)[mark].sum() - yes * (yes + 1) / 2) / (yes * no))
