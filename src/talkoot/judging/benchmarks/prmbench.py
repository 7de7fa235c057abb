"""PRMBench (arXiv 2501.03124): which steps are wrong, by the class of the error that was put in?

What we follow of the official evaluation (ssmisya/PRMBench, task `prmtest_classified`): every step is judged, counts
are pooled over the steps of a class and of all classes; `f1` is that of the right steps, `negative_f1` that of the
wrong ones, `score` their plain mean (the benchmark's PRMScore); `first_error_acc` is the share of items whose first
wrong step is called wrong, whatever was said of the steps before; wrong steps beyond the end of a solution are passed
over, and an item without any other has no first error.

What we do not: its separate redundancy scores for the classes "redundency" (spelt so) and "circular", and the class
"correct" that it makes of original solutions. It keeps the first of items with equal class and idx, we keep all,
so an item's id here is its line number. Where a ratio has nothing to count it says -1, we say None. Ours besides:
`exact_acc`, the share of items with a wrong step whose first step called wrong is the first wrong one (ProcessBench's
error accuracy), and `false_alarm_rate`, the share of items without a wrong step (the class "multi_solutions") of which
some step is called wrong. Never train on this benchmark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from talkoot.errors import BadInput
from talkoot.judging.benchmarks import bootstrap
from talkoot.judging.benchmarks.bootstrap import Sums, grouped, interval, ratio, resampled, told
from talkoot.judging.benchmarks.predicting import Key, Prediction, key_of
from talkoot.judging.benchmarks.reading import field, read_rows, stem, texts
from talkoot.types import Json

FIGURES = ("f1", "negative_f1", "score", "first_error_acc", "exact_acc", "false_alarm_rate")


@dataclass(frozen=True, slots=True)
class Item:
    """A solution with its wrong steps.

    `wrong` are 0-based indices; `beyond` counts those of the file that lie outside the solution, which are left out.
    `id` is the number of the row in the file, from 1. `question` is the one that items of several classes share: they
    are not independent.
    """

    subset: str
    id: str
    problem: str
    steps: tuple[str, ...]
    wrong: frozenset[int]
    classification: str
    question: str
    beyond: int = 0


def read_items(path: Path) -> list[Item]:
    """The items of a file of PRMBench: JSON lines, or a JSON list.

    The judged solution is `modified_process` to `modified_question`; `error_steps` count from 1. Raises BadInput,
    naming the place, for an item without what it needs, and for a file without items.
    """
    items = []
    for number, (place, row) in enumerate(read_rows(path), 1):
        steps = texts(path, place, row, "modified_process")
        errors = field(path, place, row, "error_steps", list)
        if not all(type(one) is int for one in errors):
            raise BadInput(f"{path}, {place}: 'error_steps' must be a list of integers that count from 1")
        inside = frozenset(one - 1 for one in errors if 1 <= one <= len(steps))
        question = row.get("question") or row.get("original_question") or row.get("modified_question")
        items.append(
            Item(
                stem(path),
                str(number),
                field(path, place, row, "modified_question", str),
                steps,
                inside,
                field(path, place, row, "classification", str),
                str(question),
                len(set(errors)) - len(inside),
            )
        )
    if not items:
        raise BadInput(f"{path} holds no items; name a file with at least one")
    return items


@dataclass(frozen=True)
class Score:
    """The figures of one class, or of all: shares, None where there is nothing to count, and intervals.

    `n` items with `steps` steps, of which `wrong` are wrong; `beyond` wrong steps lie outside their solutions.
    `faults` counts items on which the judge's reply had a fault.
    """

    n: int
    steps: int
    wrong: int
    beyond: int
    figures: Mapping[str, float | None]
    intervals: Mapping[str, list[float] | None]
    faults: int = 0
    tokens: int = 0

    def to_json(self) -> dict[str, Json]:
        """The counts, the figures (see FIGURES), each also with `_ci95`, `faults` and `tokens`."""
        row: dict[str, Json] = {"n": self.n, "steps": self.steps, "wrong": self.wrong, "beyond": self.beyond}
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
    """The score of each class in the order of the file, and that of all items together.

    Intervals are 95 % percentile bootstraps over questions. Raises KeyError for an item without prediction, ValueError
    for one without a verdict on each step.
    """
    classes = dict.fromkeys(item.classification for item in items)
    rows = {
        name: _score([item for item in items if item.classification == name], predictions, (seed, number), resamples)
        for number, name in enumerate(classes)
    }
    return rows, _score(items, predictions, (seed, len(classes)), resamples)


def _score(
    items: Sequence[Item], predictions: Mapping[Key, Prediction], seed: tuple[int, int], resamples: int
) -> Score:
    told_of = [predictions[key_of(item)] for item in items]
    counts = [_counts(item, one) for item, one in zip(items, told_of, strict=True)]
    sums = grouped([item.question for item in items], counts)
    draws, total = _figures(resampled(sums, seed, resamples)), _figures(sums.sum(axis=0))
    return Score(
        len(items),
        sum(len(item.steps) for item in items),
        sum(len(item.wrong) for item in items),
        sum(item.beyond for item in items),
        {name: told(total[name]) for name in FIGURES},
        {name: interval(draws[name]) for name in FIGURES},
        sum(bool(one.faults) for one in told_of),
        sum(one.tokens for one in told_of),
    )


def _counts(item: Item, one: Prediction) -> tuple[int, ...]:
    """Right steps called right and wrong, wrong ones called right and wrong; then hits and number of items for the
    first error, the exact first error, and the false alarm."""
    if len(one.good) != len(item.steps):
        raise ValueError(f"item {item.id} has {len(item.steps)} steps and {len(one.good)} verdicts")
    right = [good for number, good in enumerate(one.good) if number not in item.wrong]
    wrong = [good for number, good in enumerate(one.good) if number in item.wrong]
    steps = (sum(right), len(right) - sum(right), sum(wrong), len(wrong) - sum(wrong))
    if item.wrong:
        first = min(item.wrong)
        return (*steps, not one.good[first], 1, one.prediction == first, 1, 0, 0)
    return (*steps, 0, 0, 0, 0, not all(one.good), 1)


def _figures(sums: Sums) -> dict[str, Sums]:
    right_right, right_wrong, wrong_right, wrong_wrong, first, first_n, exact, exact_n, alarm, alarm_n = (
        sums[..., k] for k in range(10)
    )
    missed = right_wrong + wrong_right
    f1 = ratio(2 * right_right, np.where(right_right + right_wrong > 0, 2 * right_right + missed, 0))
    negative = ratio(2 * wrong_wrong, np.where(wrong_right + wrong_wrong > 0, 2 * wrong_wrong + missed, 0))
    return {
        "f1": f1,
        "negative_f1": negative,
        "score": (f1 + negative) / 2,
        "first_error_acc": ratio(first, first_n),
        "exact_acc": ratio(exact, exact_n),
        "false_alarm_rate": ratio(alarm, alarm_n),
    }
