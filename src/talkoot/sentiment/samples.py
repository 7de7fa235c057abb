"""What sentiment is read from: samples of several modalities over time, as arrays. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput

Floats = NDArray[np.float32]
Marks = NDArray[np.bool_]

MODALITIES = ("text", "audio", "vision")
"""The usual modalities, in the order in which trust over them is given."""


@dataclass(frozen=True)
class Task:
    """What is asked. Regression: a number in [-bound, bound]. Classification: is each of `emotions` there?

    With `steps` every time step has a label of its own (the segments of a video); regression only.
    """

    kind: Literal["regression", "classification"] = "regression"
    bound: float = 3.0
    emotions: tuple[str, ...] = ()
    steps: bool = False

    def __post_init__(self) -> None:
        if self.kind not in ("regression", "classification"):
            raise BadInput(f"a task is regression or classification, not {self.kind!r}")
        if (self.kind == "classification") != bool(self.emotions):
            raise BadInput("classification needs the names of its emotions, and regression has none")
        if self.steps and self.emotions:
            raise BadInput("labels at every step are numbers; classification has one label for each emotion and sample")
        if not self.bound > 0:
            raise BadInput(f"the bound of labels is {self.bound}; give a number above 0")
        if len(set(self.emotions)) < len(self.emotions) or not all(isinstance(one, str) for one in self.emotions):
            raise BadInput(f"emotions are names, each once, not {', '.join(map(str, self.emotions))}")


@dataclass(frozen=True)
class Samples:
    """N samples of up to T time steps.

    `features[m]` is [N, T, d_m] float32 and `masks[m]` [N, T] bool, False where modality m has nothing to say (padding,
    or missing). `labels`: [N] (regression), [N, T] (with steps; NaN where there is none), or [N, E] of 0 and 1
    (classification). `words[n]` has a word, or a segment's text, for each step, where known. `reliability` [N, T, M]
    is the true share of each modality, known of synthetic data only. `source` names where all this came from.

    Raises BadInput for shapes that do not fit, features or labels that are not finite under the mask, labels out of
    range, and samples without a single step.
    """

    task: Task
    features: Mapping[str, Floats]
    masks: Mapping[str, Marks]
    labels: Floats
    ids: tuple[str, ...]
    words: tuple[tuple[str, ...], ...] = ()
    reliability: Floats | None = None
    source: str = ""
    _valid: Marks = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.features or set(self.features) != set(self.masks):
            raise BadInput(f"modalities with features are {sorted(self.features)}, with masks {sorted(self.masks)}")
        n, length = next(iter(self.features.values())).shape[:2]
        for name, x in self.features.items():
            if x.ndim != 3 or x.shape[:2] != (n, length) or self.masks[name].shape != (n, length):
                raise BadInput(
                    f"{name}: features of shape {x.shape} and a mask of {self.masks[name].shape}; "
                    f"[{n}, {length}, width] and [{n}, {length}] are wanted"
                )
            if not np.isfinite(x[self.masks[name]]).all():
                row = int(np.argwhere(~np.isfinite(x).all(-1) & self.masks[name])[0][0])
                raise BadInput(f"{name}: sample {self.ids[row]} has NaN or infinity; clean it, or mask those steps")
        wanted = {"classification": (n, len(self.task.emotions))}.get(
            self.task.kind, (n, length) if self.task.steps else (n,)
        )
        if self.labels.shape != wanted or len(self.ids) != n or (self.words and len(self.words) != n):
            raise BadInput(
                f"{n} samples have {len(self.ids)} ids, {len(self.words)} texts and labels of shape "
                f"{self.labels.shape}; {wanted} is wanted"
            )
        share = self.reliability
        if share is not None and (share.shape != (n, length, len(self.features)) or not np.isfinite(share).all()):
            raise BadInput(f"the reliability is of shape {share.shape}; [{n}, {length}, {len(self.features)}] of "
                           "finite numbers is wanted")  # fmt: skip
        object.__setattr__(self, "_valid", np.logical_or.reduce(list(self.masks.values())))
        if n and not self._valid.any(1).all():
            row = int(np.argmin(self._valid.any(1)))
            raise BadInput(f"sample {self.ids[row]} has no step in any modality; leave it out")
        self._check_labels()

    def _check_labels(self) -> None:
        labels, task = self.labels, self.task
        if task.kind == "classification":
            bad = ~np.isin(labels, (0.0, 1.0))
        elif task.steps:
            bad = np.abs(labels) > task.bound + 1e-6  # NaN: no label there
        else:
            bad = ~(np.abs(labels) <= task.bound + 1e-6)
        if bad.any():
            row = tuple(np.argwhere(bad)[0])
            range_ = "0 or 1" if task.emotions else f"from {-task.bound:g} to {task.bound:g}"
            raise BadInput(f"sample {self.ids[int(row[0])]} has the label {labels[row]}; labels are {range_}")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def length(self) -> int:
        """T."""
        return int(next(iter(self.features.values())).shape[1])

    @property
    def modalities(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(self.features)

    @property
    def widths(self) -> dict[str, int]:
        """d_m of each modality."""
        return {name: int(x.shape[2]) for name, x in self.features.items()}

    @property
    def valid(self) -> Marks:
        """[N, T]: some modality says something."""
        return self._valid

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> Samples:
        """Some of the samples, in the given order."""
        at = np.asarray(rows, dtype=np.intp)
        return replace(
            self,
            features={name: x[at] for name, x in self.features.items()},
            masks={name: mask[at] for name, mask in self.masks.items()},
            labels=self.labels[at],
            ids=tuple(self.ids[i] for i in at),
            words=tuple(self.words[i] for i in at) if self.words else (),
            reliability=None if self.reliability is None else self.reliability[at],
        )

    def only(self, modalities: Sequence[str]) -> Samples:
        """With these modalities only, in this order; samples without a step in them are left out. Raises BadInput for a
        modality that is not there."""
        if missing := [name for name in modalities if name not in self.features]:
            raise BadInput(f"{self.source or 'these samples'} have no {missing[0]}; there are {list(self.features)}")
        rows = np.flatnonzero(np.logical_or.reduce([self.masks[name] for name in modalities]).any(1))
        some = self.take(rows)
        kept = [self.modalities.index(name) for name in modalities]
        return replace(
            some,
            features={name: some.features[name] for name in modalities},
            masks={name: some.masks[name] for name in modalities},
            reliability=None if some.reliability is None else some.reliability[:, :, kept],
        )


@dataclass(frozen=True)
class Folds:
    """Samples to learn from, to choose by (None where no honest such fold exists: then epochs are fixed beforehand),
    and to measure on. `name` is data and split, such as `mosi/dl_split`."""

    name: str
    train: Samples
    valid: Samples | None
    test: Samples


@dataclass(frozen=True)
class Prediction:
    """What a model says of N samples.

    `values` has the shape of the labels: numbers, or for classification the probability of each emotion [N, E]. `trust`
    [N, T, M], where a model has such a thing: how much each modality counted at each step, from 0 to 1 (0 where it had
    nothing to say). `steps` [N, T], where a model has it: the number that it would have said after each step.
    """

    values: Floats
    trust: Floats | None = None
    steps: Floats | None = None
