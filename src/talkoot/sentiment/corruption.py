"""Spoils a modality at some steps and tells where, to see whether a model notices (reference, 9.1 a). Free of torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.samples import Floats, Marks, Samples

WAYS = ("zero", "noise", "shuffle", "mask")
"""What can happen to a step; see `corrupt`."""


def corrupt(
    samples: Samples, modality: str, how: str, share: float, seed: int, *, block: bool = False
) -> tuple[Samples, Marks]:
    """Spoil a share (0 to 1) of the steps that `modality` has in each sample, and mark them in [N, T].

    `how`: "zero" (the features become 0, as of a dead microphone), "noise" (Gaussian, with the mean and the deviation
    of each feature over all steps of these samples), "shuffle" (what this modality says in another sample, at any
    step), or "mask" (the modality is missing there, and the mask says so). In the first three the masks do not tell.

    The steps are drawn for each sample, or with `block` are one run of them. Where the share makes no whole number of
    steps, chance decides between the two next to it. For one seed the steps at a smaller share are among those at a
    greater one, so that curves over shares are smooth. The true reliability, where known, becomes 0 at spoiled steps
    and goes to the other modalities. "mask" leaves a sample that would be left with nothing its first step, unmarked.

    Raises BadInput for an unknown modality or way, a share outside 0 to 1, and "shuffle" of one sample alone.
    """
    if modality not in samples.features:
        raise BadInput(f"there is no {modality} to corrupt; there are {', '.join(samples.modalities)}")
    if how not in WAYS:
        raise BadInput(f"there is no corruption {how!r}; there are {', '.join(WAYS)}")
    _check_share(share)
    steps, values = np.random.default_rng(seed).spawn(2)
    marks = _drawn(samples.masks[modality], share, steps, block)
    hit = {name: marks & (name == modality) for name in samples.modalities}
    if how == "mask":
        return _masked(samples, hit)
    x = samples.features[modality].copy()
    x[marks] = _SPOILS[how](samples.features[modality], samples.masks[modality], marks, values)
    features = {**samples.features, modality: x}
    return replace(samples, features=features, reliability=_reliability(samples, hit)), marks


def missing(samples: Samples, share: float, seed: int, *, modalities: tuple[str, ...] = ()) -> tuple[Samples, Marks]:
    """Take whole modalities away, and mark which in [N, M]: each of `modalities` (all by default) from a share (0 to 1)
    of the samples, drawn apart for each.

    A sample that would be left with nothing keeps one of its modalities, drawn at random. For one seed what is gone at
    a smaller share is gone at a greater one, those kept modalities apart. Raises BadInput for an unknown modality, and
    a share outside 0 to 1.
    """
    _check_share(share)
    for name in modalities:
        if name not in samples.features:
            raise BadInput(f"there is no {name} to take away; there are {', '.join(samples.modalities)}")
    rng = np.random.default_rng(seed)
    has = np.stack([mask.any(1) for mask in samples.masks.values()], axis=1)
    named = np.array([name in (modalities or samples.modalities) for name in samples.modalities])
    chance, turn = rng.random(has.shape), rng.random(has.shape)
    gone = has & named & (chance < share)
    empty = ~(has & ~gone).any(1)
    gone[empty, np.where(has, turn, -1.0).argmax(1)[empty]] = False
    drop = {name: gone[:, [at]] & samples.masks[name] for at, name in enumerate(samples.modalities)}
    return _masked(samples, drop)[0], gone


def drop(samples: Samples, modality: str) -> Samples:
    """The same samples with `modality` masked everywhere. Raises BadInput if a sample has nothing else, or for an
    unknown modality."""
    if modality not in samples.features:
        raise BadInput(f"there is no {modality} to drop; there are {', '.join(samples.modalities)}")
    rest = [mask for name, mask in samples.masks.items() if name != modality]
    bare = ~np.logical_or.reduce(rest).any(1) if rest else np.ones(len(samples), dtype=bool)
    if bare.any():
        raise BadInput(f"sample {samples.ids[int(bare.argmax())]} has nothing but {modality}; leave it out first")
    return corrupt(samples, modality, "mask", 1.0, 0)[0]


def _zero(x: Floats, there: Marks, marks: Marks, rng: np.random.Generator) -> Any:
    return np.float32(0)


def _noise(x: Floats, there: Marks, marks: Marks, rng: np.random.Generator) -> Any:
    seen = x[there].astype(float)
    if not len(seen):
        return np.float32(0)
    drawn = rng.standard_normal(x.shape, dtype=np.float32)[marks]  # drawn for all steps: the same at every share
    return drawn * seen.std(0) + seen.mean(0)


def _shuffle(x: Floats, there: Marks, marks: Marks, rng: np.random.Generator) -> Any:
    """For each marked step one of the steps of the other samples, all equally likely."""
    rows = np.argwhere(there)[:, 0]  # in the order of the samples, so that the steps of one are a run
    own = np.bincount(rows, minlength=len(x))
    first = np.concatenate([[0], np.cumsum(own)[:-1]])
    others = len(rows) - own
    chance = rng.random(there.shape)[marks]
    sample = np.argwhere(marks)[:, 0]
    if (others[sample] == 0).any():
        raise BadInput("shuffle takes steps from other samples, and there are none that have this modality")
    pick = (chance * others[sample]).astype(np.intp)
    pick += np.where(pick >= first[sample], own[sample], 0)  # skip the sample's own run
    return x[there][pick]


_SPOILS: dict[str, Callable[[Floats, Marks, Marks, np.random.Generator], Any]] = {
    "zero": _zero,
    "noise": _noise,
    "shuffle": _shuffle,
}
"""What the marked features become: (features [N, T, d], where they are, marks [N, T], chance) to new ones."""


def _check_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise BadInput(f"a share of {share} cannot be corrupted; give a number from 0 to 1")


def _drawn(mask: Marks, share: float, rng: np.random.Generator, block: bool) -> Marks:
    """Which of the steps under the mask [N, T] are spoiled. Each sample's chances do not depend on the share."""
    order, turn, place = rng.random(mask.shape), rng.random(len(mask)), rng.random(len(mask))
    own = mask.sum(1)
    want = np.minimum(np.floor(share * own + turn), own).astype(np.intp)
    if share == 1:
        want = own
    if block:
        start = np.floor(place * (own - want + 1)).astype(np.intp)  # grows to both sides as the share grows
        rank = np.cumsum(mask, axis=1) - 1 - start[:, None]
    else:
        rank = np.where(mask, order, 2.0).argsort(1).argsort(1)
    marks: Marks = mask & (rank >= 0) & (rank < want[:, None])
    return marks


def _masked(samples: Samples, hit: dict[str, Marks]) -> tuple[Samples, Marks]:
    """Without the steps that are `hit`, marked in [N, T]; a sample that would be left empty keeps its first step."""
    empty = ~np.logical_or.reduce([mask & ~hit[name] for name, mask in samples.masks.items()]).any(1)
    spared = empty[:, None] & (np.arange(samples.length) == samples.valid.argmax(1)[:, None])
    gone = {name: marks & ~spared for name, marks in hit.items()}
    features = {
        name: np.where(gone[name][..., None], np.float32(0), x) if gone[name].any() else x
        for name, x in samples.features.items()
    }
    masks = {name: mask & ~gone[name] for name, mask in samples.masks.items()}
    reliability = _reliability(samples, gone)
    return replace(samples, features=features, masks=masks, reliability=reliability), np.logical_or.reduce(
        [*gone.values()]
    )


def _reliability(samples: Samples, hit: dict[str, Marks]) -> Floats | None:
    """The true shares when the modalities are worth nothing where they are hit; all 0 where nothing is left."""
    if samples.reliability is None:
        return None
    left = np.where(np.stack(list(hit.values()), axis=-1), np.float32(0), samples.reliability)
    total = left.sum(-1, keepdims=True)
    shares: Floats = np.divide(left, total, out=np.zeros_like(left), where=total > 0)
    return shares
