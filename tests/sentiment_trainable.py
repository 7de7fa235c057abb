"""Small samples and a network on which sentiment's harness is tested."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from talkoot.sentiment.nets import Batch, Net, Output, Spec, pooled
from talkoot.sentiment.samples import Samples, Task

WIDTHS = {"text": 3, "audio": 2}
EMOTIONS = Task(kind="classification", emotions=("glad", "sad"))
STEPS = Task(steps=True)


def toy(n: int = 24, length: int = 5, seed: int = 0, task: Task | None = None, noise: float = 0.1) -> Samples:
    """Samples whose labels are near the mean of the first text feature; some steps are padding, some are missing."""
    task = task or Task()
    draws = np.random.default_rng(seed)
    features = {m: draws.standard_normal((n, length, d)).astype(np.float32) for m, d in WIDTHS.items()}
    until = draws.integers(1, length + 1, n)
    valid = np.arange(length) < until[:, None]
    masks = {"text": valid.copy(), "audio": valid & (draws.random((n, length)) < 0.8)}
    signal = features["text"][..., 0]
    mean = (signal * valid).sum(1) / until
    if task.steps:
        labels = np.where(valid, np.clip(signal, -2, 2), np.nan)
    elif task.emotions:
        labels = np.stack([(mean > 0) ^ bool(e % 2) for e in range(len(task.emotions))], 1)
    else:
        labels = np.clip(mean + noise * draws.standard_normal(n), -3, 3)
    words = tuple(tuple(f"w{t}" for t in range(length)) for _ in range(n))
    ids = tuple(f"clip{i // 4}_{i % 4}" for i in range(n))
    return Samples(task, features, masks, labels.astype(np.float32), ids, words, source="toys")


class ToyNet(Net):
    """A linear map of each modality, with dropout, so that what is random is tested too."""

    def __init__(self, spec: Spec, dropout: float = 0.2) -> None:
        super().__init__(spec)
        self.maps = nn.ModuleDict({m: nn.Linear(d, 8) for m, d in spec.widths.items()})
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(8, spec.outputs)

    def forward(self, batch: Batch) -> Output:
        """Mean over modalities, then over time; trust is equal shares of what is there."""
        marks = batch.marks.float()
        trust = marks / marks.sum(-1, keepdim=True).clamp(min=1)
        mapped = torch.stack([self.maps[m](x) for m, x in batch.x.items()], -1)
        h = self.drop((mapped * trust[..., None, :]).sum(-1))
        task = self.spec.task
        if task.steps:
            return Output(self.head(h)[..., 0], trust)
        value = self.head(pooled(h, batch.valid))
        if task.emotions:
            return Output(value, trust)
        decay = {"decay": 1e-3 * self.head.weight.square().sum()}
        return Output(value[:, 0], trust, self.head(h)[..., 0], decay)


def without(samples: Samples, modality: str) -> Samples:
    """The samples with a modality masked at every step; those that have no other are left out."""
    masks = {**samples.masks, modality: np.zeros_like(samples.masks[modality])}
    rows = np.flatnonzero(np.logical_or.reduce(list(masks.values())).any(1))
    return replace(samples.take(rows), masks={name: mask[rows] for name, mask in masks.items()})
