"""Predictions that come from elsewhere, matched with the items of a benchmark: nothing missing, unknown or double.

Files are JSON lines or a JSON list of `{"id": ..., "prediction": ...}`, or one JSON object of ids and predictions.
`"subset"` (the stem of the benchmark's file) tells equal ids of two files apart. A prediction is the 0-based index of
the first wrong step, -1 for none, or null where a model's reply could not be read, which counts as wrong. In its place
may stand `"good"` (a list of true and false, one for each step) or `"scores"` (a list of numbers, good from the
threshold on), which is what a benchmark of all steps needs. The files that `predict` writes are of this form.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from pathlib import Path

from talkoot.errors import BadInput
from talkoot.judging.benchmarks.predicting import FORMAT, Case, Key, Prediction, first_bad, key_of
from talkoot.judging.benchmarks.reading import Row, named, read_rows
from talkoot.types import Json


def given(
    path: Path,
    cases: Sequence[Case],
    chosen: Sequence[Case] | None = None,
    *,
    threshold: float | None = None,
    every: bool = False,
) -> dict[Key, Prediction]:
    """The predictions in a file for the `chosen` of all `cases` (by default all), by (subset, id).

    `every`: each step needs a verdict. Raises BadInput for an unreadable prediction, an id that is missing, unknown or
    there twice, and one that several subsets have where the row names none.
    """
    by_id: dict[str, list[Case]] = {}
    for case in cases:
        by_id.setdefault(case.id, []).append(case)
    found: dict[Key, Prediction] = {}
    places: dict[Key, str] = {}
    unknown = []
    for place, row in _rows(path):
        if not isinstance(row, dict) or "id" not in row:
            raise BadInput(f"{path}, {place}: a prediction is an object with an 'id', such as "
                           f'{{"id": "{cases[0].id}", "prediction": -1}}')  # fmt: skip
        alike = [case for case in by_id.get(str(row["id"]), []) if row.get("subset", case.subset) == case.subset]
        if not alike:
            unknown.append("/".join(str(row[key]) for key in ("subset", "id") if key in row))
            continue
        if len(alike) > 1:
            raise BadInput(f"{path}, {place}: id {row['id']} is in {named([case.subset for case in alike])}; say which "
                           f'with "subset": "{alike[0].subset}"')  # fmt: skip
        key = key_of(alike[0])
        if key in found:
            raise BadInput(f"{path}: two predictions for {row['id']}, {places[key]} and {place}; keep one of them")
        found[key] = _prediction(path, place, row, alike[0], threshold, every)
        places[key] = place
    if unknown:
        raise BadInput(f"{path}: {len(unknown)} predictions for items that are not in the benchmark's files "
                       f"({named(unknown)}); name the files that they belong to, or take them out")  # fmt: skip
    wanted = [key_of(case) for case in (cases if chosen is None else chosen)]
    missing = [id_ for subset, id_ in wanted if (subset, id_) not in found]
    if missing:
        raise BadInput(f"{path}: no prediction for {len(missing)} of {len(wanted)} items ({named(missing)}); add them, "
                       "with null for a reply that could not be read")  # fmt: skip
    return {key: found[key] for key in wanted}


def _rows(path: Path) -> list[Row]:
    rows = [row for row in read_rows(path) if not (isinstance(row[1], dict) and row[1].get("format") == FORMAT)]
    if len(rows) == 1 and isinstance(rows[0][1], dict) and "id" not in rows[0][1]:
        return [(f"at {id_!r}", {"id": id_} | (told if isinstance(told, dict) else {"prediction": told}))
                for id_, told in rows[0][1].items()]  # fmt: skip
    return rows


def _prediction(
    path: Path, place: str, row: dict[str, Json], case: Case, threshold: float | None, every: bool
) -> Prediction:
    scores, good = row.get("scores"), row.get("good")
    if good is not None and not (isinstance(good, list) and all(isinstance(one, bool) for one in good)):
        raise BadInput(f"{path}, {place}: 'good' must be a list of true and false")
    if scores is not None and not (isinstance(scores, list) and all(map(_number, scores))):
        raise BadInput(f"{path}, {place}: 'scores' must be a list of finite numbers")
    if scores is not None and (threshold is not None or (good is None and "prediction" not in row)):
        good = [score >= (0.5 if threshold is None else threshold) for score in scores]
        row = {key: told for key, told in row.items() if key != "prediction"}
    told = first_bad(good) if good is not None and "prediction" not in row else row.get("prediction")
    if type(told) is not int and not (told is None and "prediction" in row):
        raise BadInput(f"{path}, {place}: 'prediction' must be an integer or null, but it is "
                       f"{str(row.get('prediction', 'missing'))[:40]!r}")  # fmt: skip
    if good is not None and told is not None and told != first_bad(good):
        raise BadInput(f"{path}, {place}: 'prediction' is {told}, but the first bad step by its verdicts is "
                       f"{first_bad(good)}; leave one of them out")  # fmt: skip
    whole = good is not None and len(good) == len(case.steps)
    if (every and not whole) or (good is not None and not whole and (told == -1 or len(good) > len(case.steps))):
        raise BadInput(f"{path}, {place}: {case.id} has {len(case.steps)} steps, but the prediction has "
                       f"{'no verdicts on steps' if good is None else len(good)}; give one 'good' or one of 'scores' "
                       "for each step")  # fmt: skip
    faults = row.get("faults")
    return Prediction(
        told,
        tuple(good or ()),
        tuple(scores or ()),
        tuple(map(str, faults)) if isinstance(faults, list) else (),
        row["tokens"] if type(row.get("tokens")) is int else 0,
    )


def _number(one: Json) -> bool:
    return type(one) in (int, float) and abs(one) < inf  # isfinite cannot take large integers
