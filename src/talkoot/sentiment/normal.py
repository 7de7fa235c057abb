"""Normalisation learnt from the training fold alone. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.samples import Floats, Marks, Samples

CLIP = 5.0
"""Normalised features are cut to [-CLIP, CLIP] (reference 9, 1)."""

BLOCK = 256
"""Samples worked on at once, so that the double precision inside costs little memory."""


@dataclass(frozen=True)
class Normaliser:
    """Mean and standard deviation of every feature, over the steps of the training fold that are not masked.

    `means[m]` and `deviations[m]` are [d_m] float64. A deviation of 0 stands for a feature that was constant, or for a
    modality that the training fold never has; such features become 0. Source: reference 9, 1 (ours).
    """

    means: Mapping[str, NDArray[np.float64]]
    deviations: Mapping[str, NDArray[np.float64]]
    seen: Mapping[str, bool]
    """Whether the training fold had a single step of the modality."""

    @classmethod
    def fit(cls, train: Samples) -> Normaliser:
        """Learn from the training fold, which must not be empty (BadInput)."""
        if not len(train):
            raise BadInput(f"{train.source or 'the training fold'} is empty; nothing can be learnt from it")
        means, deviations, seen = {}, {}, {}
        for name, x in train.features.items():
            means[name], deviations[name] = _moments(x, train.masks[name])
            seen[name] = bool(train.masks[name].any())
        return cls(means, deviations, seen)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know: modalities that training lacks, and features that say nothing there."""
        told = []
        for name, deviation in self.deviations.items():
            if not self.seen[name]:
                told.append(f"{name}: absent in training, so it is masked")
            elif dead := int((deviation == 0).sum()):
                told.append(f"{name}: {dead} of {len(deviation)} features are constant in training, so they are 0")
        return tuple(told)

    def apply(self, samples: Samples) -> Samples:
        """The same samples with features normalised and cut to [-CLIP, CLIP]; 0 where masked.

        A modality that training never had is masked, save in samples that have nothing else: there it stays as zeros,
        so that every sample can be predicted. Modalities come in the order of training. Raises BadInput for samples of
        other modalities or widths.
        """
        widths = {name: len(mean) for name, mean in self.means.items()}
        if dict(samples.widths) != widths:
            raise BadInput(
                f"{samples.source or 'these samples'} have the modalities and widths {dict(samples.widths)}, training "
                f"had {widths}; use the same features, and mask a modality that is missing"
            )
        features = {}
        for name, x in samples.features.items():
            features[name] = self._scaled(name, x, samples.masks[name])
        known = [samples.masks[name] for name in widths if self.seen[name]]
        lost = ~np.logical_or.reduce(known).any(1) if known else np.ones(len(samples), dtype=np.bool_)
        masks = {
            name: mask if self.seen[name] else mask & lost[:, None]
            for name, mask in ((name, samples.masks[name]) for name in widths)
        }
        reliability = samples.reliability
        if reliability is not None:
            reliability = reliability[:, :, [samples.modalities.index(name) for name in widths]]
        return replace(
            samples, features={name: features[name] for name in widths}, masks=masks, reliability=reliability
        )

    def _scaled(self, name: str, x: Floats, mask: Marks) -> Floats:
        mean, deviation = self.means[name], self.deviations[name]
        scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0)
        out = np.zeros(x.shape, dtype=np.float32)
        for rows in _blocks(len(x)):
            there = mask[rows]
            known = (x[rows][there].astype(np.float64) - mean) * scale
            out[rows][there] = np.clip(known, -CLIP, CLIP)
        return out

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Flat arrays that a checkpoint can hold; keys keep the order of the modalities, even when sorted."""
        arrays: dict[str, NDArray[Any]] = {}
        for at, name in enumerate(self.means):
            arrays[f"{at:02d}.{name}.mean"] = self.means[name]
            arrays[f"{at:02d}.{name}.deviation"] = self.deviations[name]
            arrays[f"{at:02d}.{name}.seen"] = np.array(self.seen[name])
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Normaliser:
        """What `to_arrays` gave. Raises BadInput for anything else."""
        parts: dict[str, dict[str, NDArray[Any]]] = {}
        for key in sorted(arrays):
            name, _, part = key.partition(".")[2].rpartition(".")
            parts.setdefault(name, {})[part] = np.asarray(arrays[key])
        for name, one in parts.items():
            if set(one) != {"mean", "deviation", "seen"} or one["mean"].shape != one["deviation"].shape:
                raise BadInput(f"these arrays hold no normaliser: {name or 'a name'} has {sorted(one)}; train again")
        if not parts:
            raise BadInput("these arrays hold no normaliser: there are none; train again")
        return cls(
            {name: one["mean"].astype(np.float64) for name, one in parts.items()},
            {name: one["deviation"].astype(np.float64) for name, one in parts.items()},
            {name: bool(one["seen"]) for name, one in parts.items()},
        )


def _blocks(n: int) -> Iterator[slice]:
    for start in range(0, n, BLOCK):
        yield slice(start, start + BLOCK)


def _moments(x: Floats, mask: Marks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of features [N, T, d] under a mask [N, T], in two passes."""
    width, count = x.shape[2], int(mask.sum())
    total, spread = np.zeros(width), np.zeros(width)
    if not count:
        return total, spread
    for rows in _blocks(len(x)):
        total += x[rows][mask[rows]].sum(0, dtype=np.float64)
    mean = total / count
    for rows in _blocks(len(x)):
        spread += np.square(x[rows][mask[rows]].astype(np.float64) - mean).sum(0)
    deviation = np.sqrt(spread / count)
    # A column of one value deviates by rounding only, which must not be blown up to +-1.
    deviation[deviation <= 1e-7 * np.abs(mean)] = 0.0
    return mean, deviation
