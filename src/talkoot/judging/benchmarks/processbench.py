"""ProcessBench (arXiv 2412.06559): which step of a solution is the first wrong one, or is all of it right?

Official metric of a subset: the share of solutions with an error whose first wrong step is named exactly, the share of
right solutions that are called right, and their harmonic mean F1, which is 0 when both are 0; the average is the plain
mean over the subsets (QwenLM/ProcessBench). So "always right" and "always step k" score 0. All are shares from 0 to 1
here, where the official script prints percent. Solutions count by their step label, not by their final answer. The
steps are those of the file, not chunks of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from talkoot.errors import BadInput
from talkoot.judging.benchmarks import bootstrap
from talkoot.judging.benchmarks.bootstrap import Sums, grouped, harmonic, interval, ratio, resampled, told
from talkoot.judging.benchmarks.predicting import Key, Prediction, key_of
from talkoot.judging.benchmarks.reading import field, read_rows, stem, texts
from talkoot.types import Json

FIGURES = ("error_acc", "correct_acc", "f1")


@dataclass(frozen=True, slots=True)
class Item:
    """A solution with its label: the 0-based index of the first wrong step, -1 where every step is right."""

    subset: str
    id: str
    problem: str
    steps: tuple[str, ...]
    label: int


def read_items(path: Path) -> list[Item]:
    """The items of one subset: a JSON list (the official form) or JSON lines; its name is the file's stem.

    Raises BadInput, naming the place, for an item without what it needs, a label that is no step, or an id twice, and
    for a file without items.
    """
    subset = stem(path)
    items: dict[str, Item] = {}
    for place, row in read_rows(path):
        steps = texts(path, place, row, "steps")
        label = field(path, place, row, "label", int)
        if not -1 <= label < len(steps):
            raise BadInput(f"{path}, {place}: label {label} is no index of its {len(steps)} steps and not -1")
        id_ = str(field(path, place, row, "id", str, int))
        if id_ in items:
            raise BadInput(f"{path}, {place}: the id {id_} was there before; ids must be unique in a file")
        items[id_] = Item(subset, id_, field(path, place, row, "problem", str), steps, label)
    if not items:
        raise BadInput(f"{path} holds no items; name a file with at least one")
    return list(items.values())


@dataclass(frozen=True)
class Score:
    """The figures of one subset or of the average: shares, None where there is nothing to count, and intervals.

    `n` items, of which `errors` have a wrong step. `faults` counts the items on which the judge's reply had a fault,
    or whose given prediction is null or no step of theirs.
    """

    n: int
    errors: int
    figures: Mapping[str, float | None]
    intervals: Mapping[str, list[float] | None]
    faults: int = 0
    tokens: int = 0

    def to_json(self) -> dict[str, Json]:
        """`n`, `errors`, the three figures, each also with `_ci95`, `faults` and `tokens`."""
        row: dict[str, Json] = {"n": self.n, "errors": self.errors}
        for name in FIGURES:
            row |= {name: self.figures[name], f"{name}_ci95": self.intervals[name]}
        return row | {"faults": self.faults, "tokens": self.tokens}


def score(
    items: Sequence[Item],
    predictions: Mapping[Key, Prediction],
    *,
    seed: int = 0,
    resamples: int = bootstrap.RESAMPLES,
) -> tuple[dict[str, Score], Score]:
    """The score of each subset, and their average.

    Intervals are 95 % percentile bootstraps over problems (some are in a subset several times, solved by several
    models), for the average over the problems of each subset by itself. Raises KeyError for an item without prediction.
    """
    subsets: dict[str, Score] = {}
    draws: list[dict[str, Sums]] = []
    for number, subset in enumerate(dict.fromkeys(item.subset for item in items)):
        mine = [item for item in items if item.subset == subset]
        told_of = [predictions[key_of(item)] for item in mine]
        counts = [_counts(item, one.prediction) for item, one in zip(mine, told_of, strict=True)]
        sums = grouped([item.problem for item in mine], counts)
        draws.append(_figures(resampled(sums, (seed, number), resamples)))
        total = _figures(sums.sum(axis=0))
        subsets[subset] = Score(
            len(mine),
            sum(item.label != -1 for item in mine),
            {name: told(total[name]) for name in FIGURES},
            {name: interval(draws[-1][name]) for name in FIGURES},
            sum(_faulty(item, one) for item, one in zip(mine, told_of, strict=True)),
            sum(one.tokens for one in told_of),
        )
    known = subsets.values()
    means: dict[str, float | None] = {}
    for name in FIGURES:
        values = [value for one in known if (value := one.figures[name]) is not None]
        means[name] = sum(values) / len(values) if values and len(values) == len(subsets) else None
    spread = {name: interval(np.mean([draw[name] for draw in draws], axis=0)) if draws else None for name in FIGURES}
    sums_of = (sum(getattr(one, name) for one in known) for name in ("n", "errors", "faults", "tokens"))
    n, errors, faults, tokens = sums_of
    return subsets, Score(n, errors, means, spread, faults, tokens)


def _counts(item: Item, prediction: int | None) -> tuple[int, int, int, int]:
    hit = int(prediction == item.label)
    return (hit, 1, 0, 0) if item.label != -1 else (0, 0, hit, 1)


def _figures(sums: Sums) -> dict[str, Sums]:
    """From sums (..., 4): hits and number of the items with an error, then of the right ones."""
    error, correct = ratio(sums[..., 0], sums[..., 1]), ratio(sums[..., 2], sums[..., 3])
    return {"error_acc": error, "correct_acc": correct, "f1": harmonic(error, correct)}


def _faulty(item: Item, one: Prediction) -> bool:
    return bool(one.faults) or one.prediction is None or not -1 <= one.prediction < len(item.steps)
