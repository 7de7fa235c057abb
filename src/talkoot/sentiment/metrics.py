"""How good predictions are: the field's metrics, as MMSA computes them to the last bit. Free of torch.

Two-class accuracy has three conventions, and tables seldom say which one they show. `has0`: zero counts as positive.
`non0`: samples whose label is zero are left out (one or two points more than the others). `mult`: zero counts as
negative, as in MulT's own evaluation, which also weighs F1 by how often a class was said, not by how often it was true.

Sources: MMSA's `MetricsTop` (thuiar/MMSA a94e65d), MulT's evaluation (yaohungt/Multimodal-Transformer a670936).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.samples import Floats, Marks, Task

Numbers = NDArray[np.float64]

LOWER_IS_BETTER = frozenset({"mae"})
"""All other metrics are better when they are higher."""

REGRESSION = ("mae", "corr", "acc2_has0", "f1_has0", "acc2_non0", "f1", "acc2_mult", "f1_mult", "acc5", "acc7")
"""The metrics of MOSI and MOSEI. `f1` goes with `acc2_non0`."""
SIMS = ("mae", "corr", "acc2", "f1", "acc3", "acc5")
"""The metrics of CH-SIMS, whose labels go from -1 to 1."""

_SIMS_CUTS = {"acc2": (0.0,), "acc3": (-0.1, 0.1), "acc5": (-0.7, -0.1, 0.1, 0.7)}  # a class has its upper end


def names(task: Task) -> tuple[str, ...]:
    """The metrics of a task, in the order of tables: REGRESSION; SIMS where labels go from -1 to 1; for classification
    `acc/E` and `f1/E` of each emotion E, then their means `acc` and `f1`."""
    if task.kind == "classification":
        return (*(f"{metric}/{emotion}" for emotion in task.emotions for metric in ("acc", "f1")), "acc", "f1")
    return SIMS if task.bound == 1 else REGRESSION


def scores(task: Task, truth: Any, values: Any) -> dict[str, float]:
    """The metrics of a task for labels `truth` and predictions `values`, both of the shape of the labels.

    Regression: mean absolute error (unclipped; clipped for CH-SIMS), Pearson correlation, accuracies and weighted F1.
    Labels that are NaN (steps without one) are left out. Classification: an emotion is said where its probability is
    above one half. Not rounded (MMSA rounds to 4 places). NaN where a metric does not exist: the correlation of a
    constant, `non0` where all labels are zero.

    Raises BadInput for shapes that differ, no label at all, or a prediction that is not finite.
    """
    y, p = _pair(task, truth, values)
    readings = _readings(task, y, p)
    found = _shares(readings, _counts(readings).sum(0, keepdims=True))
    if task.kind == "regression":
        known = ~np.isnan(y)
        y1, p1 = _clipped(task, y[known]), _clipped(task, p[known])
        found["mae"] = np.mean(np.abs(p1 - y1), keepdims=True)  # in single precision, as MMSA
        found["corr"] = np.full(1, np.nan if _constant(y1) or _constant(p1) else np.corrcoef(p1, y1)[0, 1])
    return {name: float(found[name][0]) for name in names(task)}


def resampled(task: Task, truth: Any, values: Any, times: Any) -> dict[str, Numbers]:
    """The metrics [R] of R samplings of the N samples, in which sample n comes `times[r, n]` times.

    All at once, from sums: equal to `scores` of the samples so repeated, up to rounding. Raises BadInput as `scores`.
    """
    y, p = _pair(task, truth, values)
    weights = np.asarray(times, dtype=float)
    if weights.ndim != 2 or weights.shape[1] != len(y):
        raise BadInput(f"samplings of {len(y)} samples have the shape [R, {len(y)}], not {weights.shape}")
    readings = _readings(task, y, p)
    found = _shares(readings, weights @ _counts(readings))
    if task.kind == "regression":
        found |= _distances(task, y, p, weights)
    return {name: found[name] for name in names(task)}


@dataclass(frozen=True)
class _Reading:
    """Numbers read as classes 0, 1, ...: what is true and what is said of each label [N, L], and which labels count."""

    accuracy: str
    f1: str  # "" for none
    truth: NDArray[Any]
    said: NDArray[Any]
    counted: Marks
    classes: int = 2
    by_said: bool = False  # weigh F1 by how often a class is said


def _readings(task: Task, y: Floats, p: Floats) -> list[_Reading]:
    if task.kind == "classification":
        everyone = np.ones((len(y), 1), dtype=bool)
        return [
            _Reading(f"acc/{emotion}", f"f1/{emotion}", y[:, [at]] > 0.5, p[:, [at]] > 0.5, everyone)
            for at, emotion in enumerate(task.emotions)
        ]
    known = ~np.isnan(y)
    y, p = _clipped(task, np.where(known, y, 0)), _clipped(task, np.where(known, p, 0))
    if task.bound == 1:
        ends = {name: np.asarray(cuts, dtype=np.float32) for name, cuts in _SIMS_CUTS.items()}
        return [
            _Reading(
                name, "f1" * (name == "acc2"), np.searchsorted(end, y), np.searchsorted(end, p), known, len(end) + 1
            )
            for name, end in ends.items()
        ]
    return [
        _Reading("acc2_has0", "f1_has0", y >= 0, p >= 0, known),
        _Reading("acc2_non0", "f1", y > 0, p > 0, known & (y != 0)),
        _Reading("acc2_mult", "f1_mult", y > 0, p > 0, known, by_said=True),
        *(
            _Reading(name, "", np.round(y.clip(-most, most)), np.round(p.clip(-most, most)), known)
            for name, most in (("acc5", 2), ("acc7", 3))
        ),
    ]


def _counts(readings: list[_Reading]) -> Numbers:
    """What accuracies and F1 are made of, [N, K]: for each reading the labels that count, those said rightly, and for
    F1 of each class those said rightly, true and said."""
    columns: list[Marks] = []
    for reading in readings:
        columns += [reading.counted, reading.counted & (reading.truth == reading.said)]
        for kind in range(reading.classes if reading.f1 else 0):
            true, said = reading.counted & (reading.truth == kind), reading.counted & (reading.said == kind)
            columns += [true & said, true, said]
    return np.stack([column.sum(1, dtype=float) for column in columns], axis=1)


def _shares(readings: list[_Reading], sums: Numbers) -> dict[str, Numbers]:
    """Accuracies and weighted F1 [R] of sums [R, K] of such counts; for emotions also their means."""
    found: dict[str, Numbers] = {}
    columns = iter(sums.T)
    for reading in readings:
        total, right = next(columns), next(columns)
        found[reading.accuracy] = _ratio(right, total)
        if reading.f1:
            hits, true, said = np.stack([[next(columns) for _ in range(3)] for _ in range(reading.classes)], axis=-1)
            each = np.nan_to_num(_ratio(2 * hits, true + said))  # 0 for a class that never occurs, as scikit-learn
            weight = said if reading.by_said else true
            found[reading.f1] = _ratio((each * weight).sum(-1), weight.sum(-1))
    for metric in ("acc", "f1"):
        if each_emotion := [value for name, value in found.items() if name.startswith(f"{metric}/")]:
            found[metric] = np.mean(each_emotion, axis=0)
    return found


def _distances(task: Task, y: Floats, p: Floats, weights: Numbers) -> dict[str, Numbers]:
    """Mean absolute error and correlation [R] of weighted samples, weights [R, N]."""
    known = ~np.isnan(y)
    y1, p1 = (_clipped(task, x).astype(float) for x in (np.where(known, y, 0), np.where(known, p, 0)))
    y1, p1 = (np.where(known, x - x[known].mean(), 0.0) for x in (y1, p1))  # small numbers: no cancellation in sums
    far = np.where(known, np.abs(_clipped(task, p) - _clipped(task, y)), np.float32(0))
    parts = (known, far, y1, p1, y1 * y1, p1 * p1, y1 * p1)
    n, distance, sy, sp, yy, pp, yp = (weights @ np.stack([x.sum(1, dtype=float) for x in parts], axis=1)).T
    spread_y, spread_p = (_ratio(squares - _ratio(total * total, n), n) for squares, total in ((yy, sy), (pp, sp)))
    tiny = 1e-12  # rounding leaves a constant with a spread of about 1e-16
    both = np.where((spread_y > tiny) & (spread_p > tiny), np.sqrt(np.abs(spread_y * spread_p)), 0.0)
    return {"mae": _ratio(distance, n), "corr": np.clip(_ratio(_ratio(yp - _ratio(sy * sp, n), n), both), -1, 1)}


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    """part / whole, NaN where whole is 0."""
    ratio: Numbers = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole != 0)
    return ratio


def _clipped(task: Task, x: Floats) -> Floats:
    """As MMSA: the labels and predictions of CH-SIMS alone are clipped before all else."""
    return np.clip(x, -1, 1) if task.bound == 1 else x


def _constant(x: Floats) -> bool:
    return bool((x == x[0]).all())


def _pair(task: Task, truth: Any, values: Any) -> tuple[Floats, Floats]:
    """Labels and predictions [N, L] in single precision, as MMSA holds them."""
    y, p = np.asarray(truth, dtype=np.float32), np.asarray(values, dtype=np.float32)
    if y.shape != p.shape or y.ndim != 1 + (task.steps or task.kind == "classification"):
        raise BadInput(f"labels of shape {y.shape} and predictions of shape {p.shape} cannot be compared")
    known = ~np.isnan(y)
    if not known.any():
        raise BadInput("there is no label to compare predictions with")
    if not np.isfinite(p[known]).all():
        raise BadInput(f"the prediction of sample {int(np.argwhere(~np.isfinite(p) & known)[0][0])} is not a number")
    return y.reshape(len(y), -1), p.reshape(len(p), -1)
