"""How a model bears corrupted and missing modalities, and whether its trust falls where the corruption is.

Works on any Learner. All models meet the very same corruption (it comes from data and seed alone), so that their losses
can be compared in pairs. Tasks of the reference, 9.1 a and section 8, item 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.contribution import shares as as_shares
from talkoot.sentiment.corruption import corrupt
from talkoot.sentiment.hiding import (
    Numbers,
    losses,
    marks_of,
    masks_from,
    per_sample,
    prior_of,
    trust_of,
    values_under,
)
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.ranks import area_under_curve
from talkoot.sentiment.samples import Floats, Samples

SPOILS = ("zero", "noise", "shuffle")
"""Kinds of corruption that leave the modality there, so that a model has to notice them."""

GAPS = ("mask", "missing")
"""Kinds that take it away: a share of its steps, or all of its steps in a share of the samples."""


@dataclass(frozen=True)
class Curve:
    """Mean loss (MAE, or 1 - probability of the truth) at each share of spoiled steps, and its sd over seeds. `lost` is
    the mean over the shares above 0 of what was lost against clean data."""

    model: str
    modality: str
    how: str
    shares: tuple[float, ...]
    loss: tuple[float, ...]
    sd: tuple[float, ...]
    lost: float


def robustness(
    learner: Learner,
    samples: Samples,
    *,
    hows: Sequence[str] = ("noise", "missing"),
    modalities: Sequence[str] = (),
    shares: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
    seeds: Sequence[int] = (0, 1, 2),
    prior: Floats | float | None = None,
) -> list[Curve]:
    """A curve for each way to spoil and each modality (all by default). Raises BadInput for ways, modalities and shares
    that do not exist, and without a seed."""
    _check(hows, shares, seeds)
    rest = prior_of(samples) if prior is None else prior
    found = []
    for how in hows:
        for modality in modalities or samples.modalities:
            _known(samples, modality)
            rows: list[list[float]] = []
            for share in shares:
                runs = seeds if share > 0 else seeds[:1]  # nothing is drawn at 0
                rows.append([float(np.nanmean(_loss(learner, samples, modality, how, share, s, rest))) for s in runs])
            loss = [float(np.mean(row)) for row in rows]
            sd = [float(np.std(row, ddof=1)) if len(row) > 1 else 0.0 for row in rows]
            clean = float(np.nanmean(_loss(learner, samples, modality, how, 0.0, 0, rest)))
            lost = [one - clean for one, share in zip(loss, shares, strict=True) if share > 0]
            found.append(Curve(learner.name, modality, how, tuple(shares), tuple(loss), tuple(sd),
                               float(np.mean(lost)) if lost else 0.0))  # fmt: skip
    return found


def degradation(
    learners: Sequence[Learner],
    samples: Samples,
    *,
    modality: str,
    how: str = "noise",
    share: float = 0.5,
    seeds: Sequence[int] = (0, 1, 2),
    prior: Floats | float | None = None,
) -> list[dict[str, Any]]:
    """What each learner loses when one modality is spoiled, beside what the first one loses.

    Rows: `model`, `clean` and `spoiled` (mean losses), `lost` (their difference), and for all but the first `more`
    (lost beyond what the first loses, in pairs of samples; above 0: the first bears it better) with its 95 % interval
    `ci95` (2000 resamples of samples).
    """
    _check((how,), (share,), seeds)
    _known(samples, modality)
    rest = prior_of(samples) if prior is None else prior
    rows: list[dict[str, Any]] = []
    first: Numbers | None = None
    for learner in learners:
        clean = _loss(learner, samples, modality, how, 0.0, 0, rest)
        spoiled = np.mean([_loss(learner, samples, modality, how, share, seed, rest) for seed in seeds], 0)
        lost = spoiled - clean
        row: dict[str, Any] = {"model": learner.name, "clean": float(np.nanmean(clean)),
                               "spoiled": float(np.nanmean(spoiled)), "lost": float(np.nanmean(lost))}  # fmt: skip
        if first is None:
            first = lost
        else:
            more = (lost - first)[~np.isnan(lost - first)]
            draws = np.random.default_rng(seeds[0]).integers(0, len(more), (2000, len(more)))
            low, high = np.percentile(more[draws].mean(1), (2.5, 97.5))
            row |= {"more": float(more.mean()), "ci95": [float(low), float(high)]}
        rows.append(row)
    return rows


@dataclass(frozen=True)
class Detection:
    """Trust as a detector of spoiled steps of one modality.

    `auc`: area under the curve of low trust (as it stands on the spoiled data alone). `auc_share`: the same of the
    share of trust among the modalities of a step. `auc_fall`: of the fall against the clean data. `clean`, `spoiled`:
    mean trust on unspoiled and on spoiled steps. `n` spoiled steps.
    """

    modality: str
    how: str
    auc: float
    auc_share: float
    auc_fall: float
    clean: float
    spoiled: float
    n: int


def detection(
    learner: Learner, samples: Samples, *, modality: str, how: str = "noise", share: float = 0.5, seed: int = 0
) -> Detection:
    """Spoil a share of the steps of one modality and look whether trust falls there. Raises BadInput for a way that
    takes the modality away (there is nothing to notice: trust is 0 by definition), and for a learner without trust."""
    if how not in SPOILS:
        raise BadInput(f"{how!r} cannot be detected by trust, which is 0 where a modality is not there; choose one of "
                       f"{', '.join(SPOILS)}")  # fmt: skip
    _check((how,), (share,), (seed,))
    at = _known(samples, modality)
    spoiled, marks = corrupt(samples, modality, how, share, seed)
    there = spoiled.masks[modality] & samples.masks[modality]
    hit = marks[there]
    clean, trust = trust_of(learner, samples), trust_of(learner, spoiled)
    now, before = trust[..., at][there], clean[..., at][there]
    share_now = as_shares(trust, marks_of(spoiled))[..., at][there]
    return Detection(
        modality, how, area_under_curve(-now, hit), area_under_curve(-share_now, hit),
        area_under_curve(before - now, hit), float(now[~hit].mean()) if (~hit).any() else float("nan"),
        float(now[hit].mean()) if hit.any() else float("nan"), int(hit.sum()),
    )  # fmt: skip


def _loss(
    learner: Learner, samples: Samples, modality: str, how: str, share: float, seed: int, prior: Floats | float
) -> Numbers:
    """Loss of each sample under corruption, [N]."""
    if share == 0:
        values = values_under(learner, samples, samples.masks, prior)
    elif how in GAPS:
        order = np.random.default_rng(seed)
        kept = marks_of(samples)
        n, length = kept.shape[:2]
        # The greater the share, the more of the same order goes: curves are of growing, not of fresh gaps.
        at = samples.modalities.index(modality)
        if how == "missing":
            gone = np.zeros(n, bool)
            gone[order.permutation(n)[: round(share * n)]] = True
            kept[gone, :, at] = False
        else:
            kept[..., at] &= order.random((n, length)) >= share
        values = values_under(learner, samples, masks_from(samples, kept), prior)
    else:
        spoiled, _ = corrupt(samples, modality, how, share, seed)
        values = values_under(learner, spoiled, spoiled.masks, prior)
    return per_sample(losses(samples, values))


def _check(hows: Sequence[str], shares: Sequence[float], seeds: Sequence[int]) -> None:
    if strange := [how for how in hows if how not in SPOILS + GAPS]:
        raise BadInput(f"there is no corruption {strange[0]!r}; there are {', '.join(SPOILS + GAPS)}")
    if not shares or not all(0 <= share <= 1 for share in shares):
        raise BadInput(f"shares of corruption are {list(shares)}; give numbers from 0 to 1")
    if not seeds:
        raise BadInput("corruption needs at least one seed")


def _known(samples: Samples, modality: str) -> int:
    if modality not in samples.modalities:
        raise BadInput(f"{samples.source or 'these samples'} have no {modality}; there are {list(samples.modalities)}")
    return samples.modalities.index(modality)
