"""Ridge regression on plain statistics of the features: the floor that every network has to clear. Free of torch."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from talkoot.disk import named
from talkoot.errors import BadInput
from talkoot.sentiment.cards import check_like, read_card, task_of, write_card
from talkoot.sentiment.learner import Say, quiet
from talkoot.sentiment.samples import Prediction, Samples, Task

Doubles = NDArray[np.float64]

ALPHAS = tuple(float(alpha) for alpha in np.logspace(0, 5, 11))
"""Strengths of the penalty that are tried (reference 5.2; data README)."""
CLIP = 5.0
"""Standardised features are cut to [-CLIP, CLIP]."""
WEIGHTS = "ridge.npz"


@dataclass(frozen=True)
class _Fitted:
    task: Task
    widths: dict[str, int]
    length: int
    source: str
    arrays: dict[str, Doubles]


class Ridge:
    """scikit-learn's RidgeCV, which chooses the penalty by leaving one out, on the training fold alone.

    With steps each labelled step is a row of its features, else each sample is one of their means and standard
    deviations over the steps that are there (0, then, for an absent modality: the training mean). Features are
    standardised on the training fold and clipped to +-5; predictions of regression are not clipped. In classification
    each emotion is regressed on its 0 and 1, and the answer, clipped to [0, 1], is taken for its probability. Neither
    seed nor fold to choose by count. Source: reference 5.2.
    """

    model = "ridge"

    def __init__(self, alphas: tuple[float, ...] = ALPHAS) -> None:
        if not alphas or not all(alpha > 0 for alpha in alphas):
            raise BadInput(f"ridge cannot choose among the penalties {list(alphas)}; give at least one above 0")
        self.alphas = alphas
        self._fitted: _Fitted | None = None

    @property
    def name(self) -> str:
        """How tables call it."""
        return "ridge"

    def fit(
        self, train: Samples, valid: Samples | None, *, seed: int, folder: Path | None = None, say: Say = quiet
    ) -> dict[str, Any]:
        """Learn, as `Learner.fit` says; tells the penalty `alpha`, and the numbers of `rows` and `parameters`.

        Raises BadInput where fewer than 2 rows have a label.
        """
        from sklearn.linear_model import RidgeCV

        x, labels = design(train), np.asarray(train.labels, dtype=np.float64)
        rows = train.valid & ~np.isnan(labels) if train.task.steps else np.ones(len(train), dtype=bool)
        x, y = x[rows], labels[rows]
        if len(y) < 2:
            raise BadInput(f"{train.source or 'the training fold'} has {len(y)} labels; ridge needs at least 2")
        there = ~np.isnan(x)
        mean = np.where(there, x, 0).sum(0) / np.maximum(there.sum(0), 1)
        deviation = np.sqrt(np.where(there, (x - mean) ** 2, 0).sum(0) / np.maximum(there.sum(0), 1))
        arrays = {"mean": mean, "deviation": np.where(deviation > 1e-8 * (1 + np.abs(mean)), deviation, 0.0)}
        told = RidgeCV(alphas=self.alphas).fit(_standardised(x, arrays), y)
        arrays["weights"] = np.atleast_2d(told.coef_).astype(np.float64)  # [outputs, features]
        arrays["bias"] = np.atleast_1d(told.intercept_).astype(np.float64)
        self._fitted = _Fitted(train.task, train.widths, train.length, train.source, arrays)
        say(1.0, f"penalty {told.alpha_:g}")
        return {"alpha": float(told.alpha_), "rows": len(y), "parameters": arrays["weights"].size + arrays["bias"].size}

    def predict(self, samples: Samples) -> Prediction:
        """Say what it thinks, as `Learner.predict` says."""
        if self._fitted is None:
            raise BadInput("ridge has not learnt anything yet; fit it, or open a trained model")
        fitted = self._fitted
        some = check_like(samples, fitted.task, fitted.widths)
        x = design(some)
        out = _standardised(x, fitted.arrays) @ fitted.arrays["weights"].T + fitted.arrays["bias"]
        if fitted.task.emotions:
            return Prediction(np.clip(out, 0, 1).astype(np.float32))
        values = out[..., 0]
        return Prediction(np.where(some.valid, values, 0).astype(np.float32) if fitted.task.steps
                          else values.astype(np.float32))  # fmt: skip

    def save(self, folder: Path) -> None:
        """Write weights and card. Raises BadInput before `fit`."""
        if self._fitted is None:
            raise BadInput("ridge has not learnt anything yet; fit it before it is saved")
        folder.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **self._fitted.arrays)
        with named(folder / WEIGHTS):
            (folder / WEIGHTS).write_bytes(buffer.getvalue())
        fitted = self._fitted
        write_card(folder, self.model, {"alphas": list(self.alphas)}, {
            "name": self.name, "task": asdict(fitted.task), "widths": fitted.widths, "length": fitted.length,
            "source": fitted.source,
        })  # fmt: skip

    def load(self, folder: Path) -> None:
        """Open what `save` wrote. Raises BadInput for what cannot be read."""
        card = read_card(folder)
        try:
            with np.load(folder / WEIGHTS, allow_pickle=False) as file:
                arrays = {name: file[name] for name in ("mean", "deviation", "weights", "bias")}
        except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
            raise BadInput(f"{folder} is no whole model of ridge; train it again") from error
        self._fitted = _Fitted(task_of(card), dict(card["widths"]), int(card["length"]), str(card["source"]), arrays)


def design(samples: Samples) -> Doubles:
    """What ridge reads: [N, T, d] with steps, else [N, 2 d], of every modality its means, then its deviations.

    NaN where a modality is absent.
    """
    parts = []
    for name, x in samples.features.items():
        mask = samples.masks[name]
        x = np.where(mask[..., None], x, 0).astype(np.float64)
        if samples.task.steps:
            parts.append(np.where(mask[..., None], x, np.nan))
            continue
        count = mask.sum(1)[:, None]
        mean = x.sum(1) / np.maximum(count, 1)
        spread = np.where(mask[..., None], (x - mean[:, None]) ** 2, 0).sum(1) / np.maximum(count, 1)
        parts.append(np.where(count > 0, np.concatenate([mean, np.sqrt(spread)], 1), np.nan))
    return np.concatenate(parts, -1)


def _standardised(x: Doubles, arrays: dict[str, Doubles]) -> Doubles:
    """Mean 0 and deviation 1 on the training fold, clipped; 0 for what is absent or was constant there."""
    deviation = arrays["deviation"]
    with np.errstate(invalid="ignore"):
        scaled = (x - arrays["mean"]) / np.where(deviation > 0, deviation, 1)
    clipped: Doubles = np.nan_to_num(np.clip(np.where(deviation > 0, scaled, 0), -CLIP, CLIP), nan=0.0)
    return clipped
