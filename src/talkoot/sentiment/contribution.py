"""What each modality brings, by exact Shapley values over all coalitions of modalities, for any Learner.

The game: a coalition S of modalities is worth v(S) = - loss of the prediction when the others are hidden (reference
3.3; there the weights of the others are 0, here they are masked, so that models without weights can be asked as well).
The empty coalition says a prior. phi_a = sum over S without a of |S|! (M - |S| - 1)! / M! (v(S + a) - v(S)).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Literal

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.hiding import (
    Numbers,
    losses,
    marks_of,
    masks_from,
    mean_trust,
    prior_of,
    values_under,
)
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.ranks import correlation, spearman
from talkoot.sentiment.samples import Floats, Marks, Samples

Of = Literal["loss", "value"]
Scope = Literal["stream", "step"]


@dataclass(frozen=True)
class Contribution:
    """Shapley values of M modalities.

    `values`: [N, M], or [N, T, M] where they differ by step; in points of loss saved (above 0: it helps) or, of
    "value", in points of the score. NaN where there is no label or nothing to read; exactly 0 for a modality that is
    not there. `nothing` and `everything` have no last axis: v of no and of all modalities; values.sum(-1) is their
    difference."""

    modalities: tuple[str, ...]
    values: Numbers
    nothing: Numbers
    everything: Numbers
    of: Of
    scope: Scope

    def mean(self) -> dict[str, float]:
        """Mean by modality over samples and steps, NaN left out."""
        flat = self.values.reshape(-1, len(self.modalities))
        known = flat[~np.isnan(flat).any(1)]
        return {name: float(known[:, at].mean()) if len(known) else float("nan")
                for at, name in enumerate(self.modalities)}  # fmt: skip


def shapley(worth: Numbers) -> Numbers:
    """Exact Shapley values of M players from the worth of all 2^M coalitions, [2^M, ...] to [..., M].

    Coalition c holds player a where bit a of c is set. Raises BadInput for a first axis that is no power of two.
    """
    count = worth.shape[0].bit_length() - 1
    if worth.shape[0] != 2**count or not count:
        raise BadInput(f"{worth.shape[0]} coalitions; M players have 2^M of them, at least 2")
    values = np.zeros((*worth.shape[1:], count))
    for player in range(count):
        for coalition in range(2**count):
            if not coalition >> player & 1:
                size = coalition.bit_count()
                weight = factorial(size) * factorial(count - size - 1) / factorial(count)
                values[..., player] += weight * (worth[coalition | 1 << player] - worth[coalition])
    return values


def contributions(
    learner: Learner, samples: Samples, *, of: Of = "loss", scope: Scope = "stream", prior: Floats | float | None = None
) -> Contribution:
    """Ask the learner about every coalition of modalities.

    `scope` "stream" hides the others everywhere (2^M passes over the samples; a value for each sample, or for each step
    where labels are by step). "step" hides the others at one step only and leaves all other steps whole (2^M passes for
    each step): what a modality brings at that very moment. `of` "loss" needs labels, "value" explains the prediction
    itself (regression only). `prior` is what nothing at all predicts; by default the mean of these samples' labels.
    Coalitions that differ only by modalities that are not there are asked about once. Raises BadInput for "value" with
    classification.
    """
    if of == "value" and samples.task.kind == "classification":
        raise BadInput('contributions to "value" need one number for each sample; ask for "loss" with classification')
    rest = prior_of(samples) if prior is None else prior
    marks = marks_of(samples)
    whole = _told(samples, values_under(learner, samples, samples.masks, rest), of)
    if scope == "stream":
        worth = _worth(learner, samples, np.asarray(marks.any(1)), slice(None), of, rest, whole)
    else:
        columns = [_worth(learner, samples, marks[:, t], t, of, rest, whole) for t in range(samples.length)]
        worth = np.stack(columns, -1)
    if worth.ndim == 3:  # by step: steps with nothing to read have no contribution
        worth[:, ~samples.valid] = np.nan
    return Contribution(samples.modalities, shapley(worth), worth[0], worth[-1], of, scope)


def _told(samples: Samples, values: Floats, of: Of) -> Numbers:
    return -losses(samples, values) if of == "loss" else np.asarray(values, np.float64)


def _worth(
    learner: Learner, samples: Samples, present: Marks, at: int | slice, of: Of, prior: Floats | float, whole: Numbers
) -> Numbers:
    """v of every coalition, hiding the others at step `at` (or everywhere): [2^M, N], or [2^M, N, T] for labels by step
    that are hidden everywhere. `present` [N, M] are the players that have something to say there, `whole` is v of
    all."""
    count = len(samples.modalities)
    players = (present * (1 << np.arange(count))).sum(1)
    result = whole[:, at] if samples.task.steps else whole
    worth = np.full((2**count, *result.shape), np.nan)
    for coalition in range(2**count):
        rows = np.flatnonzero(((players & coalition) == coalition) & (players != coalition))
        worth[coalition, players == coalition] = result[players == coalition]
        if len(rows):
            some = samples.take(rows)
            kept = marks_of(some)
            kept[:, at] &= np.array([coalition >> player & 1 for player in range(count)], bool)
            told = _told(some, values_under(learner, some, masks_from(some, kept), prior), of)
            worth[coalition, rows] = told[:, at] if samples.task.steps else told
    among = np.arange(2**count)[:, None] & players  # a player with nothing to say changes nothing
    table: Numbers = worth[among, np.arange(len(samples))]
    return table


@dataclass(frozen=True)
class Agreement:
    """How well trust orders what is worth something.

    `pooled`: Spearman's correlation over all cells. `within`: the mean of Spearman's between the modalities of one
    sample (or step). `by_modality`: over samples (or steps) for one modality. `top`: how often the most trusted
    modality is the one of the greatest value, and `chance`, how often one drawn at random would be. `n` cells were
    compared. NaN where something does not vary.
    """

    pooled: float
    within: float
    by_modality: dict[str, float]
    top: float
    chance: float
    n: int


def agreement(trust: Floats, worth: Contribution, marks: Marks) -> Agreement:
    """Compare trust [N, T, M] with contributions, where `marks` [N, T, M] say that a modality is there. Contributions
    of whole streams are compared with the mean trust over time."""
    if worth.values.ndim == 2:
        given, there = mean_trust(trust, marks), marks.any(1)
    else:
        given, there = np.asarray(trust, np.float64), marks
    width = len(worth.modalities)
    x, y, m = given.reshape(-1, width), worth.values.reshape(-1, width), there.reshape(-1, width)
    m = m & ~np.isnan(y) & ~np.isnan(x)
    several = [row for row in range(len(x)) if m[row].sum() > 1]
    inner = [spearman(x[row, m[row]], y[row, m[row]]) for row in several]
    hits = [
        float(np.argmax(x[row, m[row]]) == np.argmax(y[row, m[row]]))
        for row in several
        if np.ptp(x[row, m[row]]) > 0 and np.ptp(y[row, m[row]]) > 0
    ]
    return Agreement(
        pooled=spearman(x[m], y[m]),
        within=_mean([rho for rho in inner if not np.isnan(rho)]),
        by_modality={name: spearman(x[m[:, i], i], y[m[:, i], i]) for i, name in enumerate(worth.modalities)},
        top=_mean(hits),
        chance=_mean([1 / m[row].sum() for row in several]),
        n=int(m.sum()),
    )


def shares(trust: Floats, marks: Marks) -> Numbers:
    """Trust as shares of a step, summing to 1 over the modalities that are there (equal ones where all trust is 0),
    [N, T, M]; 0 where a modality is not there."""
    held = np.where(marks, np.asarray(trust, np.float64), 0)
    total = held.sum(-1, keepdims=True)
    equal = marks / np.maximum(marks.sum(-1, keepdims=True), 1)
    return np.where(total > 0, held / np.where(total > 0, total, 1), equal)


def truth_correlation(trust: Floats, samples: Samples) -> dict[str, float]:
    """Pearson's and Spearman's correlation of trust with the true reliability of synthetic samples, both as shares of a
    step, over all cells at which two modalities or more are there. Raises BadInput where no reliability is known."""
    if samples.reliability is None:
        raise BadInput(f"{samples.source or 'these samples'} know no true reliability; only synthetic data do")
    marks = marks_of(samples)
    cells = marks & (marks.sum(-1, keepdims=True) > 1)
    given, true = shares(trust, marks)[cells], shares(samples.reliability, marks)[cells]
    return {"pearson": correlation(given, true), "spearman": spearman(given, true), "n": float(cells.sum())}


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
