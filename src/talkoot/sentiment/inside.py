"""What goes on inside a trained Co-SA: its features before and after training, and how alike frames are."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from talkoot.sentiment.cosa import CosaNet
from talkoot.sentiment.hiding import marks_of
from talkoot.sentiment.learner import Learner
from talkoot.sentiment.nets import batch_of
from talkoot.sentiment.pictures.spaces import Spaces, frame_similarity
from talkoot.sentiment.samples import Floats, Samples

ROLES = {"sentiment": "sentiment", "modality": "modality"}
"""Roles of features, and where `States` has them: f^s and f^m (reference, 1.3)."""


def has_inside(learner: Learner) -> bool:
    """Whether it is a trained Co-SA."""
    return isinstance(getattr(learner, "net", None), CosaNet)


def untrained(learner: Any, seed: int = 0) -> CosaNet:
    """The learner's network as it was before training, with the weights of a seed. The random state is left alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net: CosaNet = learner.build(learner.net.spec)
    return net.eval()


def inner(learner: Any, samples: Samples, net: CosaNet | None = None) -> dict[str, Floats]:
    """f ("state"), f^s and f^m of samples, each [N, T, M, D], 0 where masked; of `net` in place of the learner's."""
    net = net or learner.net
    ready = learner.normaliser.apply(samples.only(tuple(net.spec.widths)))
    device = next(net.parameters()).device
    found: dict[str, list[Any]] = {"state": [], "sentiment": [], "modality": []}
    with torch.no_grad():
        for at in range(0, len(ready), 64):
            states = net.states(batch_of(ready, np.arange(at, min(at + 64, len(ready))), device))
            for name, x in (("state", states.f), ("sentiment", states.sentiment), ("modality", states.modality)):
                short = ready.length - x.shape[1]  # batches are cut to their longest sample
                kept = np.where(states.mask.cpu().numpy()[..., None], x.float().cpu().numpy(), 0)
                found[name].append(np.pad(kept, ((0, 0), (0, short), (0, 0), (0, 0))))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def spaces(learner: Any, samples: Samples, net: CosaNet | None = None) -> Spaces:
    """f^s and f^m of each modality, one row for each sample that has it (mean over its steps): [K, D]."""
    found, marks = inner(learner, samples, net), marks_of(samples)
    result = {}
    for at, name in enumerate(samples.modalities):
        there = marks[..., at]
        rows = there.any(1)
        for role, where in ROLES.items():
            total = found[where][rows][:, :, at].sum(1)
            result[name, role] = (total / there[rows].sum(1)[:, None]).astype(np.float32)
    return {key: x for key, x in result.items() if len(x)}


def similarities(learner: Any, samples: Samples, net: CosaNet | None = None) -> dict[str, Floats]:
    """Frames' similarity [T, T] of f by modality."""
    found, marks = inner(learner, samples, net), marks_of(samples)
    return {name: frame_similarity(found["state"][:, :, at], marks[..., at])
            for at, name in enumerate(samples.modalities) if marks[..., at].any()}  # fmt: skip
