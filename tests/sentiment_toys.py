"""Learners whose every answer is known beforehand, and small samples for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from talkoot.sentiment.learner import Say, quiet
from talkoot.sentiment.samples import Floats, Prediction, Samples, Task

MODALITIES = ("text", "audio", "vision")


def toy_samples(seed: int = 0, n: int = 6, length: int = 4, *, task: Task | None = None, gaps: float = 0.0) -> Samples:
    """Features of one column each; labels are the sums that `Additive` says with factors 1, .5 and 0."""
    order = np.random.default_rng(seed)
    kind = task or Task(bound=50.0)
    features = {name: order.normal(size=(n, length, 1)).astype(np.float32) for name in MODALITIES}
    masks = {name: order.random((n, length)) >= gaps for name in MODALITIES}
    masks["text"][:, 0] = True
    x = {name: np.where(masks[name], features[name][..., 0], 0) for name in MODALITIES}
    total = x["text"] + 0.5 * x["audio"]
    labels = total if kind.steps else total.sum(1)
    if kind.emotions:
        labels = np.stack([total.sum(1) > cut for cut in range(len(kind.emotions))], -1)
    words = tuple(tuple(f"word{t}" for t in range(length)) for _ in range(n))
    return Samples(kind, features, masks, labels.astype(np.float32), tuple(f"s{i}" for i in range(n)), words,
                   source="toys")  # fmt: skip


class Additive:
    """Says the sum over modalities and steps of factor times feature; trusts each modality as told, and less where its
    feature is far from 0 if it is `wary`. Remembers how many samples it was asked about."""

    def __init__(
        self,
        factors: tuple[float, ...] = (1.0, 0.5, 0.0),
        trust: tuple[float, ...] | None = (0.8, 0.5, 0.1),
        *,
        wary: bool = False,
        name: str = "additive",
    ) -> None:
        self._name, self.factors, self.trust, self.wary, self.asked = name, factors, trust, wary, 0

    @property
    def name(self) -> str:
        return self._name

    def fit(
        self, train: Samples, valid: Samples | None, *, seed: int, folder: Path | None = None, say: Say = quiet
    ) -> dict[str, Any]:
        return {}

    def predict(self, samples: Samples) -> Prediction:
        self.asked += len(samples)
        marks = np.stack([samples.masks[name] for name in samples.modalities], -1)
        x = np.where(marks, np.stack([samples.features[name][..., 0] for name in samples.modalities], -1), 0)
        steps = (x * np.array(self.factors, np.float32)).sum(-1).astype(np.float32)
        values: Floats = steps if samples.task.steps else steps.sum(1)
        if samples.task.emotions:
            values = (1 / (1 + np.exp(-4 * (values[:, None] - np.arange(len(samples.task.emotions)))))).astype(
                np.float32
            )
        trust = None
        if self.trust is not None:
            doubt = 1 / (1 + x**2) if self.wary else np.ones_like(x)
            trust = np.where(marks, np.array(self.trust) * doubt, 0).astype(np.float32)
        return Prediction(values, trust, steps.cumsum(1) if not samples.task.emotions else None)

    def save(self, folder: Path) -> None:
        raise NotImplementedError
