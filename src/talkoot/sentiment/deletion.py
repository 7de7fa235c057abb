"""Deletion: does it hurt more to lose what a model trusts than to lose anything? The test of trust for any Learner.

`deletion_test` takes away one modality (reference, section 8, item 4). `deletion_curve` takes away a growing share of
all cells (step and modality), most trusted first, least trusted first, and at random (the deletion metric of Petsiuk
and others, "RISE", BMVC 2018, here with masks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.hiding import (
    Numbers,
    losses,
    marks_of,
    masks_from,
    mean_trust,
    per_sample,
    prior_of,
    trust_of,
    values_under,
)
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.samples import Floats, Marks, Samples


@dataclass(frozen=True)
class Deletion:
    """Mean loss of `n` samples with two modalities or more: `full`, without the most trusted modality (`top`), without
    the least trusted (`last`), and without one drawn at random (`anyone`, the exact mean over all of them).

    `gap` is top - anyone with a 95 % interval `ci95` (percentiles of 2000 resamples of samples): trust is earned where
    the interval is above 0.
    """

    full: float
    top: float
    last: float
    anyone: float
    gap: float
    ci95: tuple[float, float]
    n: int

    @property
    def earned(self) -> bool:
        """Losing the most trusted modality hurts more than losing any."""
        return self.ci95[0] > 0


def deletion_test(
    learner: Learner,
    samples: Samples,
    *,
    scores: Floats | None = None,
    prior: Floats | float | None = None,
    seed: int = 0,
) -> Deletion:
    """Drop whole modalities. `scores` [N, T, M] stand in for the learner's trust; ties of two modalities are dropped in
    equal parts. Labels by step are averaged by sample first, so that the interval resamples videos, not segments.

    Raises BadInput where fewer than two samples have two modalities, and for a learner without trust.
    """
    rest = prior_of(samples) if prior is None else prior
    given = trust_of(learner, samples) if scores is None else scores
    marks = marks_of(samples)
    mean = mean_trust(given, marks)
    there: Marks = np.asarray(marks.any(1))
    full = per_sample(losses(samples, values_under(learner, samples, samples.masks, rest)))
    rows = np.flatnonzero((there.sum(1) > 1) & ~np.isnan(full))
    if len(rows) < 2:
        raise BadInput(f"{len(rows)} of {len(samples)} samples have two modalities and a label; "
                       "the deletion test needs two such samples")  # fmt: skip
    without = np.full((len(rows), len(samples.modalities)), np.nan)
    for player in range(len(samples.modalities)):
        who = np.flatnonzero(there[rows, player])
        if len(who):
            some = samples.take(rows[who])
            kept = marks_of(some)
            kept[..., player] = False
            without[who, player] = per_sample(losses(some, values_under(learner, some, masks_from(some, kept), rest)))
    top = _picked(without, mean[rows])
    last = _picked(without, -mean[rows])
    anyone = np.nanmean(without, 1)
    gaps = top - anyone
    return Deletion(float(full[rows].mean()), float(top.mean()), float(last.mean()), float(anyone.mean()),
                    float(gaps.mean()), _interval(gaps, seed), len(rows))  # fmt: skip


def _picked(without: Numbers, key: Numbers) -> Numbers:
    """Loss without the modality of the greatest key; the mean over equals."""
    chosen = np.isclose(key, np.nanmax(key, 1)[:, None], rtol=0, atol=1e-9)
    mean: Numbers = np.where(chosen, without, 0).sum(1) / chosen.sum(1)
    return mean


def _interval(values: Numbers, seed: int, resamples: int = 2000) -> tuple[float, float]:
    rows = np.random.default_rng(seed).integers(0, len(values), (resamples, len(values)))
    low, high = np.percentile(values[rows].mean(1), (2.5, 97.5))
    return float(low), float(high)


@dataclass(frozen=True)
class DeletionCurve:
    """Mean loss at each share of cells taken away: `most` and `least` trusted first, `random` (mean over draws).

    `area` is the mean of most - random over the shares: above 0, what is trusted matters.
    """

    shares: tuple[float, ...]
    most: tuple[float, ...]
    least: tuple[float, ...]
    random: tuple[float, ...]
    area: float


def deletion_curve(
    learner: Learner,
    samples: Samples,
    *,
    scores: Floats | None = None,
    shares: Sequence[float] = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9),
    prior: Floats | float | None = None,
    seed: int = 0,
    draws: int = 3,
) -> DeletionCurve:
    """Take away a share of each sample's cells. Raises BadInput for shares outside [0, 1] or not in rising order, and
    for a learner without trust."""
    if not shares or min(shares) < 0 or max(shares) > 1 or list(shares) != sorted(set(shares)):
        raise BadInput(f"shares of deletion are {list(shares)}; give rising numbers from 0 to 1")
    rest = prior_of(samples) if prior is None else prior
    given = np.asarray(trust_of(learner, samples) if scores is None else scores, np.float64)
    marks = marks_of(samples)
    order = np.random.default_rng(seed)
    # Equal trust is broken at random, not by position: position in time may itself matter.
    noise = [order.random(given.shape) for _ in range(max(draws, 1))]

    def curve(keys: Sequence[Numbers], sign: float) -> tuple[float, ...]:
        means = []
        for share in shares:
            each = []
            for key, tie in zip(keys, noise, strict=False):
                kept = _kept(marks, sign * key, tie, share)
                values = values_under(learner, samples, masks_from(samples, kept), rest)
                each.append(np.nanmean(per_sample(losses(samples, values))))
            means.append(float(np.mean(each)))
        return tuple(means)

    most, least = curve([given], 1.0), curve([given], -1.0)
    chance = curve([np.zeros_like(given)] * len(noise), 1.0)
    return DeletionCurve(tuple(shares), most, least, chance, float(np.mean(np.subtract(most, chance))))


def _kept(marks: Marks, key: Numbers, tie: Numbers, share: float) -> Marks:
    """What stays when the given share of each sample's cells goes, greatest key first: [N, T, M]."""
    n = len(marks)
    flat, mine, second = marks.reshape(n, -1), key.reshape(n, -1), tie.reshape(n, -1)
    kept = flat.copy()
    for row in range(n):
        cells = np.flatnonzero(flat[row])
        gone = round(share * len(cells))
        kept[row, cells[np.lexsort((second[row, cells], -mine[row, cells]))[:gone]]] = False
    return kept.reshape(marks.shape)
