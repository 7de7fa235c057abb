"""Sentiment made up, with the true reliability of each modality at each step known. Free of torch. All of it is ours.

Each modality m at step t says

    z = rho s + sqrt(1 - rho^2) e,        x = z u + c v + noise * (Gaussian of each feature)

where s is the sentiment scaled to variance 1, e is an error of variance 1 that lasts for some steps, and rho in [0, 1]
is how far the modality can be believed there: `GOOD`, `FAIR` or `BAD`. The variance of z is 1 whatever rho is, so
nobody sees from z alone whether it is to be believed. u and v are orthonormal directions of the modality, and the clue
c is `cue` where rho is good, -`cue` where it is bad. In z, read off as u x, the Fisher information on s is

    rho^2 / (1 - rho^2 + noise^2),

and a modality's true reliability is its share of that of all modalities that are there at the step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.samples import MODALITIES, Floats, Folds, Marks, Prediction, Samples, Task

Numbers = NDArray[np.float64]
Pattern = Literal["halves", "random", "steady"]

GOOD, FAIR, BAD = 0.95, 0.5, 0.1
"""How far a modality can be believed (rho) when it is reliable, in between, and when it is not."""
WIDTHS = {"text": 12, "audio": 8, "vision": 6}
"""d_m of the modalities of `schedule` and `emotions`."""
EMOTIONS = ("neutral", "happy", "sad", "angry")
"""The four emotions of `emotions`, in the order of the field's IEMOCAP files (reference, 1.5)."""

MOSI_SIZES = (1284, 229, 686)
MOSI_WIDTHS = {"text": 768, "audio": 5, "vision": 20}
"""Samples of the folds, and widths of the features, of CMU-MOSI in the field's aligned files (reference, 4.1)."""


@dataclass(frozen=True)
class Options:
    """What `schedule` and `emotions` can be asked for.

    `n` training samples (a quarter as many to choose by, half as many to test) of up to `length` steps, at least 70 %
    of it. `noise`: see above. `pattern`: with "halves" text can be believed in the first half of a sample and audio
    after it (the turn is between 40 and 60 % of its length), vision a little all along; with "random" each modality
    comes and goes by itself, for a third of `length` at a time; with "steady" all can be believed all along, so that
    nothing but what is spoiled afterwards is to be doubted. `cue`: how clearly a step shows whether it is to be
    believed; with 0 and "halves" only time tells, so that encoders of single steps cannot find out for themselves.
    `lasting`: correlation of an error with that of the next step. `conflict`: share of the samples in which whatever is
    not to be believed says the opposite; their ids end in "-conflict". `gaps`: share of the samples in which one
    modality is missing for a quarter to a half of the steps. `strength`: factor of all rho, above 0 to 1.
    """

    n: int = 600
    length: int = 20
    noise: float = 0.3
    pattern: Pattern = "halves"
    cue: float = 1.0
    lasting: float = 0.9
    conflict: float = 0.2
    gaps: float = 0.2
    strength: float = 1.0

    def __post_init__(self) -> None:
        if self.n < 4 or self.length < 4:
            raise BadInput(f"{self.n} samples of {self.length} steps are too few; give at least 4 of each")
        if self.pattern not in ("halves", "random", "steady"):
            raise BadInput(f"there is no pattern {self.pattern!r} of reliability; there are halves, random and steady")
        for name in ("noise", "cue"):
            if not 0 <= getattr(self, name) < np.inf:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number from 0 up")
        for name in ("lasting", "conflict", "gaps"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give a share from 0 to 1")
        if not 0 < self.strength <= 1:
            raise BadInput(f"strength is {self.strength}; give a number above 0 up to 1")


def schedule(
    seed: int = 0,
    *,
    n: int = 600,
    length: int = 20,
    noise: float = 0.3,
    pattern: Pattern = "halves",
    cue: float = 1.0,
    lasting: float = 0.9,
    conflict: float = 0.2,
    gaps: float = 0.2,
    steps: bool = False,
) -> Folds:
    """Regression of text, audio and vision, whose true reliability changes over time (see `Options`).

    The label is uniform in [-3, 3] for the whole sample; with `steps` each step has one, which rises and falls once to
    twice in a sample. `Samples.reliability` [N, T, 3] sums to 1 over the modalities at each step that has any, and
    `words` name the most reliable one. The same for the same seed. Raises BadInput for options that make no sense.
    """
    options = Options(n, length, noise, pattern, cue, lasting, conflict, gaps)
    return _folds("synthetic", Task(steps=steps), options, seed)


def emotions(
    seed: int = 0,
    *,
    n: int = 600,
    length: int = 20,
    noise: float = 0.3,
    pattern: Pattern = "halves",
    cue: float = 1.0,
    lasting: float = 0.9,
    conflict: float = 0.2,
    gaps: float = 0.2,
    strength: float = 0.45,
) -> Folds:
    """Classification of the same kind: each sample has one of EMOTIONS, told as four binary labels.

    s has four numbers, one for each emotion, so z and e have four too; all else is as in `schedule`. Four numbers tell
    more than one, so less of it is to be believed here.
    """
    options = Options(n, length, noise, pattern, cue, lasting, conflict, gaps, strength)
    return _folds("emotions", Task("classification", emotions=EMOTIONS), options, seed)


def estimate(samples: Samples, seed: int, weights: Floats | None = None) -> Prediction:
    """What samples of `schedule(seed)` say for sure, if their modalities count as much as `weights` [N, T, M].

    z of each modality is read off along its true direction, averaged over the modalities by the weights and then over
    steps, and scaled back. By default the weights are the true reliability: the oracle that learnt trust is measured
    against. Features must be as they were made, not normalised. Raises BadInput for other samples.
    """
    if samples.task.kind != "regression" or samples.widths != WIDTHS or samples.reliability is None:
        raise BadInput(f"only samples of schedule can be read off, not {samples.source or 'these'}")
    world = _world(seed, 1)
    z = np.stack([samples.features[name] @ world[name][:, 0] for name in samples.modalities], axis=-1)
    w = np.where(np.stack([*samples.masks.values()], -1), samples.reliability if weights is None else weights, 0.0)
    total = w.sum(-1)
    each = np.divide((w * z).sum(-1), total, out=np.zeros_like(total), where=total > 0)
    said = each if samples.task.steps else each.sum(1) / np.maximum((total > 0).sum(1), 1)
    spread = _spread(samples.task)
    return Prediction(np.clip(said * spread / GOOD, -3, 3).astype(np.float32), trust=w.astype(np.float32))


def mosi_shaped(seed: int = 0, *, sizes: tuple[int, int, int] = MOSI_SIZES, length: int = 50) -> Folds:
    """Data of the size of CMU-MOSI to measure speed on (reference, 4.4): all steps there, unit noise, and the label in
    8 columns of text and faintly in one of audio and of vision. Raises BadInput for folds without samples or steps."""
    if min(sizes) < 1 or length < 1:
        raise BadInput(f"folds of {sizes} samples with {length} steps are too small; give at least 1 of each")
    made: list[Samples] = []
    for size, rng in zip(sizes, np.random.default_rng(seed).spawn(3), strict=True):
        labels = np.clip(rng.normal(0, 1.57, size), -3, 3).astype(np.float32)
        features: dict[str, Floats] = {}
        for name, width in MOSI_WIDTHS.items():
            features[name] = rng.standard_normal((size, length, width), dtype=np.float32)
            columns, strength = (8, 0.3) if name == "text" else (1, 0.1)
            features[name][..., :columns] += np.float32(strength) * labels[:, None, None]
        masks = {name: np.ones((size, length), dtype=bool) for name in features}
        ids = tuple(f"{len(made)}-{row}" for row in range(size))
        made.append(Samples(Task(), features, masks, labels, ids, source="mosi_shaped"))
    return Folds(f"mosi_shaped/{seed}", *made)


def _spread(task: Task) -> float:
    """Standard deviation of the label: uniform in [-3, 3], or with steps 3 times the sine of a uniform phase."""
    return math.sqrt(4.5 if task.steps else 3.0)


def _world(seed: int, numbers: int) -> dict[str, Numbers]:
    """For each modality [d, numbers + 1]: the directions u of each number of s, then v."""
    rng = np.random.default_rng([seed, 0])
    return {name: np.linalg.qr(rng.normal(size=(width, numbers + 1)))[0] for name, width in WIDTHS.items()}


def _folds(name: str, task: Task, options: Options, seed: int) -> Folds:
    world = _world(seed, len(task.emotions) or 1)
    sizes = {"train": options.n, "valid": options.n // 4, "test": options.n // 2}
    chances = np.random.default_rng([seed, 1]).spawn(3)
    made = [
        _samples(name, fold, size, task, options, world, rng)
        for (fold, size), rng in zip(sizes.items(), chances, strict=True)
    ]
    return Folds(f"{name}/{options.pattern}/{seed}", *made)


def _samples(
    name: str, fold: str, n: int, task: Task, options: Options, world: dict[str, Numbers], rng: np.random.Generator
) -> Samples:
    longest = options.length
    lengths = rng.integers(int(np.ceil(0.7 * longest)), longest, size=n, endpoint=True)
    inside = np.arange(longest) < lengths[:, None]
    labels, s = _sentiment(task, inside, rng)
    rho = _rho(options, lengths, rng)
    opposite = rng.random(n) < options.conflict
    there = _gaps(options, inside, rng)
    features: dict[str, Floats] = {}
    for at, modality in enumerate(MODALITIES):
        sure = rho[:, :, at, None]
        far = options.strength * sure
        error = _lasting(s.shape, options.lasting, rng)
        error = np.where(opposite[:, None, None] & (sure == BAD), -s, error)
        z = far * s + np.sqrt(1 - far**2) * error
        clue = options.cue * np.where(sure == BAD, -1, np.where(sure == GOOD, 1, 0))
        x = np.concatenate([z, clue], axis=-1) @ world[modality].T
        x += options.noise * rng.normal(size=x.shape)
        features[modality] = np.where(there[:, :, at, None], x, 0).astype(np.float32)
    believed = options.strength * rho
    information = np.where(there, believed**2 / np.maximum(1 - believed**2 + options.noise**2, 1e-9), 0)
    total = information.sum(-1, keepdims=True)
    best = information.argmax(-1)
    return Samples(
        task,
        features,
        {modality: there[:, :, at] for at, modality in enumerate(MODALITIES)},
        labels,
        tuple(f"{fold}-{row}{'-conflict' * bool(opposite[row])}" for row in range(n)),
        words=tuple(tuple(MODALITIES[m] for m in best[row, : lengths[row]]) for row in range(n)),
        reliability=np.divide(information, total, out=np.zeros_like(information), where=total > 0).astype(np.float32),
        source=name,
    )


def _sentiment(task: Task, inside: Marks, rng: np.random.Generator) -> tuple[Floats, Numbers]:
    """Labels, and s [N, T, numbers] of variance 1."""
    n, longest = inside.shape
    if task.emotions:
        kinds = len(task.emotions)
        labels = np.eye(kinds)[rng.integers(kinds, size=n)]
        s = (labels - 1 / kinds) / np.sqrt((1 - 1 / kinds) / kinds)
        return labels.astype(np.float32), np.repeat(s[:, None], longest, axis=1)
    if task.steps:
        turns = rng.uniform(1, 2, (n, 1)) * np.arange(longest) / longest + rng.random((n, 1))
        each = task.bound * np.sin(2 * np.pi * turns)
        return np.where(inside, each, np.nan).astype(np.float32), (each / _spread(task))[..., None]
    y: Numbers = rng.uniform(-task.bound, task.bound, (n,))
    return y.astype(np.float32), np.repeat((y / _spread(task))[:, None, None], longest, axis=1)


def _rho(options: Options, lengths: NDArray[np.int64], rng: np.random.Generator) -> Numbers:
    """How far each modality can be believed, [N, T, 3]."""
    n, longest = len(lengths), options.length
    if options.pattern == "halves":
        first = np.arange(longest) < (lengths * rng.uniform(0.4, 0.6, n))[:, None]
        return np.stack([np.where(first, GOOD, BAD), np.where(first, BAD, GOOD), np.full(first.shape, FAIR)], axis=-1)
    shape = (n, longest, len(MODALITIES))
    if options.pattern == "steady":
        return np.full(shape, GOOD)
    turns = rng.random(shape) < 3 / longest
    turns[:, 0] = rng.random((n, len(MODALITIES))) < 0.5
    return np.where(turns.cumsum(1) % 2 == 1, GOOD, BAD)


def _lasting(shape: tuple[int, ...], share: float, rng: np.random.Generator) -> Numbers:
    """Gaussian errors [N, T, numbers] of variance 1, each correlated with the next by `share`."""
    error = rng.normal(size=shape)
    for t in range(1, shape[1]):
        error[:, t] = share * error[:, t - 1] + np.sqrt(1 - share**2) * error[:, t]
    return error


def _gaps(options: Options, inside: Marks, rng: np.random.Generator) -> Marks:
    """Which modalities are there, [N, T, 3]."""
    n, longest = inside.shape
    lengths = inside.sum(1)
    long = np.ceil(lengths * rng.uniform(0.25, 0.5, (n,)))
    start = np.floor(rng.random((n,)) * (lengths - long + 1))
    steps = np.arange(longest)
    gap: Marks = (rng.random((n, 1)) < options.gaps) & (steps >= start[:, None]) & (steps < (start + long)[:, None])
    which: Marks = np.arange(len(MODALITIES)) == rng.integers(len(MODALITIES), size=(n, 1))
    there: Marks = inside[:, :, None] & ~(gap[:, :, None] & which[:, None, :])
    return there
