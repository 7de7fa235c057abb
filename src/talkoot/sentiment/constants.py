"""Learners that say the same of everything: the floor of every table. Free of torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.cards import check_like, read_card, seen, task_of, write_card
from talkoot.sentiment.learner import Say, quiet
from talkoot.sentiment.samples import Prediction, Samples, Task


class Constant:
    """Says the mean or the median of the training labels; for emotions the share of samples that have each (or, as
    the median, whether most have it). Which of the two is the better floor depends on the labels, so tables show both
    (data README, 2)."""

    def __init__(self, kind: Literal["mean", "median"] = "mean") -> None:
        self.kind = kind
        self._said: list[float] = []
        self._card: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """How tables call it."""
        return f"constant-{self.kind}"

    def fit(
        self, train: Samples, valid: Samples | None, *, seed: int, folder: Path | None = None, say: Say = quiet
    ) -> dict[str, Any]:
        """Learn, as `Learner.fit` says; tells the `constant`. Raises BadInput where there is no label."""
        rows = train.labels.reshape(len(train), -1) if train.task.emotions else train.labels.reshape(-1, 1)
        known = rows[~np.isnan(rows).any(1)]
        if not len(known):
            raise BadInput(f"{train.source or 'the training fold'} has no labels to learn from")
        middle = np.mean if self.kind == "mean" else np.median
        self._said = [float(value) for value in middle(known.astype(np.float64), axis=0)]
        self._card = seen(train)
        say(1.0, "")
        return {"constant": self._said}

    def predict(self, samples: Samples) -> Prediction:
        """Say what it always says, as `Learner.predict` says."""
        if not self._said:
            raise BadInput(f"{self.name} has not learnt anything yet; fit it, or open a trained model")
        check_like(samples, self._task, self._card["widths"])
        values = np.broadcast_to(np.asarray(self._said, np.float32), (len(samples), len(self._said)))
        if samples.task.emotions:
            return Prediction(values.copy())
        shape = (len(samples), samples.length) if samples.task.steps else (len(samples),)
        return Prediction(np.full(shape, self._said[0], np.float32))

    def save(self, folder: Path) -> None:
        """Write the card, which holds all there is. Raises BadInput before `fit`."""
        if not self._said:
            raise BadInput(f"{self.name} has not learnt anything yet; fit it before it is saved")
        write_card(folder, self.name, {}, {**self._card, "name": self.name, "constant": self._said})

    def load(self, folder: Path) -> None:
        """Open what `save` wrote."""
        card = read_card(folder)
        self._card = {key: card[key] for key in ("task", "widths", "length", "source")}
        self._said = [float(value) for value in card["constant"]]

    @property
    def _task(self) -> Task:
        return task_of(self._card)
