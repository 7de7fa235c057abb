"""Predictions of a judge on a benchmark: batches, a file that can be resumed, and the index of the first bad step.

For a step judge the first step that it finds bad is the prediction, -1 if there is none (reference 6). A majority of
k votes is the judge's own affair: a judge that votes gives one verdict.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol

from talkoot.errors import BadInput, ModelFailed
from talkoot.judge import Judge, Trace, Verdict
from talkoot.planning.comparison.ledger import Ledger
from talkoot.types import Json

FORMAT = "talkoot predictions"


class Case(Protocol):
    """What any benchmark's item has: its subset and id there (together unique), the problem and the steps."""

    @property
    def subset(self) -> str:
        """Name of the file it comes from."""

    @property
    def id(self) -> str:
        """Its name there."""

    @property
    def problem(self) -> str:
        """What is solved."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The solution, cut by the benchmark."""


Key = tuple[str, str]


def key_of(case: Case) -> Key:
    """(subset, id) of an item."""
    return case.subset, case.id


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is predicted of one item: the 0-based index of the first bad step, -1 for none, None where a given
    prediction could not be read.

    `good` and `scores` are the verdicts on the steps that were judged, from the first on: all of them, or up to the
    first bad one. `faults` are the judge's faults on the way, `tokens` what it generated.
    """

    prediction: int | None
    good: tuple[bool, ...] = ()
    scores: tuple[float, ...] = ()
    faults: tuple[str, ...] = ()
    tokens: int = 0


def first_bad(good: Sequence[bool]) -> int:
    """The index of the first bad step, -1 where all are good."""
    return next((number for number, one in enumerate(good) if not one), -1)


class Journal:
    """The file of predictions of one judge: a first line with `settings`, then one line for each item that is done.

    A context manager. What another process left half-written is passed over and done again. Raises BadInput for a file
    of other settings (another judge, another threshold), of another kind, or one that another process is writing.
    """

    def __init__(self, path: Path, settings: dict[str, Json]) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            self._begin(settings)
        except BaseException:
            os.close(self._lock)
            raise

    def _begin(self, settings: dict[str, Json]) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(
                f"{self.path} is being written by another process; wait for it or name another file"
            ) from None
        head = os.pread(self._lock, 64, 0)
        self._ledger = Ledger(self.path, frozenset())
        try:
            wanted = {"format": FORMAT, **settings}
            rows = self._ledger.rows
            if not rows and f'{{"format":"{FORMAT}"'.encode().startswith(head[:20]):  # new, or killed in the first line
                self._ledger.append(wanted)
            elif not rows or rows[0].get("format") != FORMAT:
                raise BadInput(f"{self.path} is no file of predictions that can be gone on with; name another file")
            elif other := [key for key in wanted if rows[0].get(key) != wanted[key]]:
                told = "; ".join(f"{key} {rows[0].get(key)!r}, not {wanted[key]!r}" for key in other)
                raise BadInput(f"{self.path} holds predictions of something else ({told}); name another file")
        except BaseException:
            self._ledger.__exit__(None, None, None)
            raise

    def known(self, cases: Sequence[Case]) -> dict[Key, Prediction]:
        """The predictions that are there for these items. Raises BadInput if an item has changed since."""
        wanted = {key_of(case): case for case in cases}
        found: dict[Key, Prediction] = {}
        for row in self._ledger.rows[1:]:
            try:
                key = str(row["subset"]), str(row["id"])
                one = Prediction(row["prediction"], tuple(row["good"]), tuple(row["scores"]), tuple(row["faults"]),
                                 row["tokens"])  # fmt: skip
                digest = row["item"]
            except (KeyError, TypeError):
                continue
            if key in wanted:
                if digest != _digest(wanted[key]):
                    raise BadInput(f"{self.path}: item {key[1]} of {key[0]} was another one when it was judged; name "
                                   "another file for the predictions")  # fmt: skip
                found[key] = one
        return found

    def append(self, case: Case, one: Prediction) -> None:
        """Keep a prediction."""
        self._ledger.append({
            "subset": case.subset, "id": case.id, "prediction": one.prediction, "good": list(one.good),
            "scores": list(one.scores), "faults": list(one.faults), "tokens": one.tokens, "item": _digest(case),
        })  # fmt: skip

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ledger.__exit__(kind, error, at)
        os.close(self._lock)


@dataclass
class _Open:
    case: Case
    traces: tuple[Trace, ...]
    verdicts: list[Verdict] = field(default_factory=list)
    bad: bool = False


async def predict(
    cases: Sequence[Case],
    judge: Judge,
    *,
    journal: Journal | None = None,
    threshold: float | None = None,
    every: bool = False,
    batch: int = 64,
    done: Callable[[Case, Prediction], None] | None = None,
) -> dict[Key, Prediction]:
    """Have `judge` judge the items, at most `batch` steps at a time, and return its predictions by (subset, id).

    An item is judged step by step up to its first bad one; with `every`, all its steps are, several at once. A step is
    bad if the verdict says so, or, with a `threshold`, if its score is below it. What the journal knows is not judged
    again, and each item that is done goes into it and to `done`. Raises ModelFailed if the judge gives another number
    of verdicts than it was asked for, and what the judge raises.
    """
    found = journal.known(cases) if journal is not None else {}
    waiting = deque(case for case in cases if key_of(case) not in found)
    open_: list[_Open] = []
    while waiting or open_:
        asked: list[tuple[_Open, int]] = []
        room, number = batch, 0
        while room > 0 and (number < len(open_) or waiting):
            if number == len(open_):
                case = waiting.popleft()
                open_.append(_Open(case, Trace(case.problem, case.steps).prefixes()))
            one = open_[number]
            take = min(room, len(one.traces) - len(one.verdicts)) if every else 1
            asked.append((one, take))
            room, number = room - take, number + 1
        traces = [trace for one, take in asked for trace in one.traces[len(one.verdicts) :][:take]]
        verdicts = deque(await judge(traces))
        if len(verdicts) != len(traces):
            raise ModelFailed(f"the judge {judge.name} gave {len(verdicts)} verdicts on {len(traces)} steps")
        for one, take in asked:
            new = [verdicts.popleft() for _ in range(take)]
            one.verdicts += new
            one.bad = one.bad or not all(_good(verdict, threshold) for verdict in new)
        for one in open_:
            if _finished(one, every):
                told = _prediction(one, threshold)
                found[key_of(one.case)] = told
                if journal is not None:
                    journal.append(one.case, told)
                if done is not None:
                    done(one.case, told)
        open_ = [one for one in open_ if not _finished(one, every)]
    return found


def _finished(one: _Open, every: bool) -> bool:
    return len(one.verdicts) == len(one.traces) or (one.bad and not every)


def _good(verdict: Verdict, threshold: float | None) -> bool:
    return verdict.good if threshold is None else verdict.score >= threshold


def _prediction(one: _Open, threshold: float | None) -> Prediction:
    good = tuple(_good(verdict, threshold) for verdict in one.verdicts)
    return Prediction(
        first_bad(good),
        good,
        tuple(verdict.score for verdict in one.verdicts),
        tuple(f"step {number}: {verdict.fault}" for number, verdict in enumerate(one.verdicts) if verdict.fault),
        sum(verdict.tokens for verdict in one.verdicts),
    )


def _digest(case: Case) -> str:
    return hashlib.sha256("\0".join((case.problem, *case.steps)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
