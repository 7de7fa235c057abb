"""The contract of all that learns sentiment: Co-SA, its rivals, and the reader's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from talkoot.sentiment.samples import Prediction, Samples

Say = Callable[[float, str], None]
"""Told the share of training that is done, and a word on how it goes."""


def quiet(share: float, word: str) -> None:
    """Tells nobody."""


class Learner(Protocol):
    """A model with the way in which it is trained. `name` is how tables call it."""

    @property
    def name(self) -> str:
        """How tables call it."""

    def fit(
        self, train: Samples, valid: Samples | None, *, seed: int, folder: Path | None = None, say: Say = quiet
    ) -> dict[str, Any]:
        """Learn, from nothing, and tell how it went (JSON). Choose by `valid` where there is one, else train for the
        number of epochs that was fixed. Normalises by `train` alone. With `folder` an interrupted call goes on."""

    def predict(self, samples: Samples) -> Prediction:
        """Say what it thinks. Raises BadInput before `fit`, and for samples of other modalities, widths or task (a
        modality may be masked everywhere)."""

    def save(self, folder: Path) -> None:
        """Write what `talkoot.sentiment.models.open_model` opens again."""
