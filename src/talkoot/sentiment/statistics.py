"""What several seeds say of a model, and what the same samples say of two models. Free of torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.metrics import LOWER_IS_BETTER, Numbers, resampled, scores
from talkoot.sentiment.samples import Task

_CELLS = 2_000_000  # numbers drawn at once


@dataclass(frozen=True, slots=True)
class Summary:
    """The mean of a metric over `n` seeds, their standard deviation (n - 1 below), and the 95 % interval of the mean.

    All are NaN if the metric does not exist for one of the seeds.
    """

    n: int
    mean: float
    sd: float
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        """`{"mean", "sd", "ci95": [low, high]}`, with null for what does not exist."""
        mean, sd, low, high = (None if math.isnan(x) else x for x in (self.mean, self.sd, self.low, self.high))
        return {"mean": mean, "sd": sd, "ci95": [low, high]}


def summary(values: Sequence[float]) -> Summary:
    """Mean, deviation and interval of the values of a metric for several seeds.

    The interval is Student's, mean +- t(.975; n - 1) sd / sqrt(n): a bootstrap of five values would be too narrow. One
    value says nothing about spread: for n = 1 the deviation is 0 and the interval is the value itself. Raises BadInput
    for no values.
    """
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or not len(x):
        raise BadInput("a summary needs the values of at least one seed")
    n, mean = len(x), float(x.mean())
    if n == 1:
        return Summary(1, mean, 0.0 * mean, mean, mean)
    from scipy.special import stdtrit  # a part of what scikit-learn needs; slow to load

    sd = float(x.std(ddof=1))
    half = float(stdtrit(n - 1, 0.975)) * sd / math.sqrt(n)
    return Summary(n, mean, sd, mean - half, mean + half)


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of two models on the same samples, and the 95 % interval from `low` to `high` of `a - b`.

    NaN where the metric does not exist.
    """

    metric: str
    a: float
    b: float
    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["better", "worse", "even", "unknown"]:
        """What the interval says of a: all of it on one side of 0, or not. Unknown for a metric that does not exist."""
        if math.isnan(self.low):
            return "unknown"
        low, high = (-self.high, -self.low) if self.metric in LOWER_IS_BETTER else (self.low, self.high)
        return "better" if low > 0 else "worse" if high < 0 else "even"

    def as_json(self) -> dict[str, Any]:
        """`{"a", "b", "difference", "ci95": [low, high], "verdict"}`, with null for what does not exist."""
        a, b, difference, low, high = (
            None if math.isnan(x) else x for x in (self.a, self.b, self.difference, self.low, self.high)
        )
        return {"a": a, "b": b, "difference": difference, "ci95": [low, high], "verdict": self.verdict}


def paired(
    task: Task,
    truth: Any,
    a: Sequence[Any],
    b: Sequence[Any],
    *,
    groups: Sequence[str] = (),
    draw_seeds: bool = False,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[str, Difference]:
    """The paired bootstrap (Efron 1979) of two models for every metric of the task.

    `a` and `b` hold the predictions of each model for each of its seeds, in the shape of the labels `truth`; a model's
    metric is the mean over its seeds. Samples are drawn with replacement, the same for both, and each of them whole:
    with labels at every step that is a video. `groups` [N], such as the video of each utterance, are drawn whole too,
    for what one person says in one video is no independent evidence. With `draw_seeds` the seeds of each model are
    drawn as well, so that the interval also holds for other seeds; with few seeds it is only roughly right.

    The percentile interval leaves out the drawings in which the metric does not exist. The same on every machine for
    one `seed`. Raises BadInput for a model without a prediction, one group too few or too many, and as `scores`.
    """
    y = np.asarray(truth)
    if not len(a) or not len(b):
        raise BadInput("two models are compared by the predictions of at least one seed of each")
    if groups and len(groups) != len(y):
        raise BadInput(f"{len(y)} samples are in {len(groups)} groups; give the group of each sample")
    if resamples < 1:
        raise BadInput(f"{resamples} drawings make no interval; give at least 1, better 10000")
    member = np.unique(np.asarray(groups), return_inverse=True)[1] if groups else np.arange(len(y))
    full = [[scores(task, y, values) for values in model] for model in (a, b)]
    rng = np.random.default_rng(seed)
    count = int(member.max()) + 1
    some = max(1, _CELLS // len(y))
    drawn: dict[str, list[Numbers]] = {name: [] for name in full[0][0]}
    for start in range(0, resamples, some):
        size = min(some, resamples - start)
        times = rng.multinomial(count, np.full(count, 1 / count), size=size)[:, member]
        means = []
        for model in (a, b):
            shares = rng.multinomial(len(model), np.full(len(model), 1 / len(model)), size=size) / len(model)
            found = [resampled(task, y, values, times) for values in model]
            means.append(
                {
                    name: (
                        np.stack([each[name] for each in found], 1) * (shares if draw_seeds else 1 / len(model))
                    ).sum(1)
                    for name in drawn
                }
            )
        for name in drawn:
            drawn[name].append(means[0][name] - means[1][name])
    return {name: _difference(name, full, np.concatenate(drawn[name])) for name in drawn}


def _difference(name: str, full: list[list[dict[str, float]]], drawn: Numbers) -> Difference:
    a, b = (float(np.mean([found[name] for found in model])) for model in full)
    there = drawn[~np.isnan(drawn)]
    low, high = np.quantile(there, [0.025, 0.975]) if len(there) and not math.isnan(a - b) else (math.nan, math.nan)
    return Difference(name, a, b, a - b, float(low), float(high))
