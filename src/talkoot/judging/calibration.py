"""Do a judge's scores mean what they say? Calibration error, Brier score, AUROC, and temperature scaling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from talkoot.errors import BadInput

Floats = npt.NDArray[np.float64]
_EDGE = 1e-6
"""Scores are kept this far from 0 and 1 where their logarithm is taken."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The chunks with scores in [low, high), or [low, 1]: how many, their mean score, and the share that is sound."""

    low: float
    high: float
    n: int
    score: float
    share: float


def reliability(scores: Sequence[float], sound: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Bins of equal width over 0..1; empty ones are left out. Raises BadInput as `brier` does, and for bins below 1."""
    p, y = _checked(scores, sound)
    if bins < 1:
        raise BadInput(f"scores fall into at least one bin, not {bins}")
    place = np.minimum((p * bins).astype(int), bins - 1)
    found = []
    for i in range(bins):
        inside = place == i
        if n := int(inside.sum()):
            found.append(Bin(i / bins, (i + 1) / bins, n, float(p[inside].mean()), float(y[inside].mean())))
    return found


def expected_calibration_error(scores: Sequence[float], sound: Sequence[bool], bins: int = 10) -> float:
    """Mean distance between score and share of sound chunks over the bins, weighted by size (Guo et al. 2017)."""
    found = reliability(scores, sound, bins)
    return sum(b.n * abs(b.score - b.share) for b in found) / sum(b.n for b in found)


def brier(scores: Sequence[float], sound: Sequence[bool]) -> float:
    """Mean square of score minus truth: 0 at best, 0.25 for always 0.5.

    Raises BadInput for no scores, for scores outside 0..1 or that are no numbers, and for lengths that differ.
    """
    p, y = _checked(scores, sound)
    return float(np.mean((p - y) ** 2))


def auroc(scores: Sequence[float], sound: Sequence[bool]) -> float:
    """The chance that a sound chunk scores above an unsound one, ties half: 0.5 says nothing, 1 is perfect.

    Raises BadInput as `brier` does, and if all chunks are sound or none is.
    """
    p, y = _checked(scores, sound)
    good = int(y.sum())
    bad = len(y) - good
    if not good or not bad:
        raise BadInput("the AUROC needs sound and unsound chunks; here all are of one kind")
    _, place, count = np.unique(p, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[y == 1].sum() - good * (good + 1) / 2) / (good * bad))


@dataclass(frozen=True, slots=True)
class Temperature:
    """A score's log-odds divided by `value`: above 1 the scores move to 0.5, below 1 away from it. Order is kept."""

    value: float

    def __call__(self, scores: Sequence[float]) -> list[float]:
        """The scores, scaled."""
        return [float(p) for p in _sigmoid(_log_odds(np.asarray(scores, dtype=float)) / self.value)]


def fit_temperature(
    scores: Sequence[float], sound: Sequence[bool], *, low: float = 0.02, high: float = 50.0
) -> Temperature:
    """The temperature between `low` and `high` with the least log loss on these chunks (Guo et al. 2017).

    Fit on one split and report on another. The loss is convex in 1/T: Newton's method, held between the bounds by
    bisection. Raises BadInput as `brier` does.
    """
    p, y = _checked(scores, sound)
    z = _log_odds(p)

    def slope(b: float) -> float:
        return float(np.mean((_sigmoid(b * z) - y) * z))

    left, right = 1 / high, 1 / low
    if slope(left) >= 0:  # the scores say nothing, or the wrong thing
        return Temperature(high)
    if slope(right) <= 0:  # no error at all: the surer the better
        return Temperature(low)
    b = 1.0 if left < 1 < right else (left + right) / 2
    for _ in range(100):
        s = slope(b)
        left, right = (b, right) if s < 0 else (left, b)
        q = _sigmoid(b * z)
        curve = float(np.mean(q * (1 - q) * z * z))
        step = b - s / curve if curve > 0 else left
        new = step if left < step < right else (left + right) / 2
        if abs(new - b) <= 1e-10 * b:
            break
        b = new
    return Temperature(1 / b)


def _log_odds(p: Floats) -> Floats:
    p = np.clip(p, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(p) - np.log1p(-p))


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))


def _checked(scores: Sequence[float], sound: Sequence[bool]) -> tuple[Floats, Floats]:
    p, y = np.asarray(scores, dtype=float), np.asarray(sound, dtype=float)
    if p.ndim != 1 or p.shape != y.shape or not len(p):
        raise BadInput(f"calibration needs one truth for each score and at least one: {len(scores)} and {len(sound)}")
    if not ((p >= 0) & (p <= 1)).all():
        raise BadInput("calibration needs scores from 0 to 1; use the judge's score, not a logit")
    return p, y
