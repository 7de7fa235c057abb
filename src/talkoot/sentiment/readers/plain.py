"""The plain form: folds as one `.npz` file without objects, or one `.parquet` table. Nothing in them can run.

`.npz`: for each fold F of train, valid (may be missing) and test, arrays `F.features.M` [N, T, d] for each modality M,
in the order of the file, and `F.labels` ([N], [N, T] with NaN where there is none, or [N, E] of 0 and 1); optional are
`F.masks.M` [N, T] (else the rows that are not zero), `F.ids` [N], `F.words` [N] (a JSON list of texts each) or [N, T],
`F.reliability` [N, T, M], `F.source`, and `name`. `task` is JSON such as `{"kind": "regression", "bound": 3.0}`; a file
with one label a sample may leave it out.

`.parquet`: one row a sample with `fold`, `id`, `labels` (a number or a list), a column `features.M` for each modality
(a list of steps, each a list of numbers, null where masked), and optionally `words` and `reliability`; `task`, `name`
and sources are metadata of the table, `talkoot.task`, `talkoot.name`, `talkoot.source.F`.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.readers.arrays import bound_of, existing, features, write_whole
from talkoot.sentiment.samples import Floats, Folds, Samples, Task

FOLDS = ("train", "valid", "test")
Fields = dict[str, Any]


def read_plain(path: Path, *, task: Task | None = None) -> Folds:
    """The folds of a `.npz` or `.parquet` file of the plain form; `task` is needed where the file states none and has
    several labels a sample. Raises BadInput for another ending, and for what is missing or does not fit."""
    if path.suffix == ".npz":
        told = _from_npz(path)
    elif path.suffix == ".parquet":
        from talkoot.sentiment.readers.parquet import read_table

        told = read_table(path)
    else:
        raise BadInput(f"{path}: the plain form ends in .npz or .parquet; rename it, or convert it")
    stated = told.get("task")
    kind = _task(path, stated) if stated else task
    for fold in ("train", "test"):
        if fold not in told:
            raise BadInput(f"{path} has no fold '{fold}'; it needs {fold}.labels and {fold}.features.text, or so")
    labels = {fold: _labels(f"{path}, {fold}", told[fold]) for fold in FOLDS if fold in told}
    if kind is None:
        if any(one.ndim != 1 for one in labels.values()):
            raise BadInput(f"{path} does not state its task and has several labels a sample; add `task`")
        kind = Task(bound=bound_of(list(labels.values())))
    made = {fold: _samples(f"{path}, {fold}", fold, told[fold], labels[fold], kind) for fold in labels}
    widths = {fold: samples.widths for fold, samples in made.items()}
    if any(one != widths["train"] for one in widths.values()):
        raise BadInput(f"{path}: the folds have modalities of other widths, {widths}; all must have the same")
    return Folds(str(told.get("name") or path.stem), made["train"], made.get("valid"), made["test"])


def write_plain(path: Path, folds: Folds) -> None:
    """Write folds as `.npz` or `.parquet`, by the ending, whole or not at all. Features are 0 where masked."""
    if path.suffix == ".parquet":
        from talkoot.sentiment.readers.parquet import write_table

        write_table(path, folds)
        return
    if path.suffix != ".npz":
        raise BadInput(f"{path}: the plain form ends in .npz or .parquet; give it one of these")
    arrays: dict[str, NDArray[Any]] = {"name": np.array(folds.name), "task": np.array(task_json(folds.train.task))}
    for fold, samples in present(folds).items():
        for name, x in samples.features.items():
            arrays[f"{fold}.features.{name}"] = np.where(samples.masks[name][..., None], x, np.float32(0))
            arrays[f"{fold}.masks.{name}"] = samples.masks[name]
        arrays[f"{fold}.labels"] = samples.labels
        arrays[f"{fold}.ids"] = np.array(samples.ids, dtype=np.str_)
        arrays[f"{fold}.source"] = np.array(samples.source)
        if samples.words:
            arrays[f"{fold}.words"] = np.array([json.dumps(words, ensure_ascii=False) for words in samples.words])
        if samples.reliability is not None:
            arrays[f"{fold}.reliability"] = samples.reliability
    buffer = io.BytesIO()  # a ZIP file is written with seeks, and ends in its table
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_whole(path, lambda file: _copy(buffer, file))


def present(folds: Folds) -> dict[str, Samples]:
    """The folds that there are, by name."""
    named = zip(FOLDS, (folds.train, folds.valid, folds.test), strict=True)
    return {fold: samples for fold, samples in named if samples is not None}


def task_json(task: Task) -> str:
    """A task as the files state it."""
    return json.dumps(asdict(task))


def _copy(buffer: io.BytesIO, file: Any) -> None:
    file.write(buffer.getbuffer())


def _task(path: Path, stated: str) -> Task:
    try:
        told = json.loads(stated)
        told["emotions"] = tuple(told.get("emotions", ()))
        return Task(**told)
    except (ValueError, TypeError, AttributeError):
        raise BadInput(f'{path}: the task {stated[:80]!r} is none; it is JSON such as {{"kind": "regression", '
                       '"bound": 3.0}')  from None  # fmt: skip


def _from_npz(path: Path) -> Fields:
    existing(path, "an .npz file")
    told: Fields = {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for key in arrays.files:
                fold, _, part = key.partition(".")
                if fold in FOLDS and part:
                    kind, _, name = part.partition(".")
                    one = told.setdefault(fold, {"features": {}, "masks": {}})
                    if name and kind in ("features", "masks"):
                        one[kind][name] = arrays[key]
                    else:
                        one[part] = arrays[key]
                elif key in ("name", "task"):
                    told[key] = str(arrays[key])
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, AttributeError,
            TypeError) as error:  # fmt: skip
        raise BadInput(f"{path} is no .npz file of plain arrays ({str(error)[:120]}); write it with numpy.savez, "
                       "without objects") from None  # fmt: skip
    return told


def _labels(where: str, one: Fields) -> Floats:
    if "labels" not in one or not one["features"]:
        missing = "labels" if "labels" not in one else "features.text, or of any other modality,"
        raise BadInput(f"{where}: {missing} is missing; add it")
    labels = np.asarray(one["labels"])
    if labels.dtype.kind not in "fiub" or not labels.ndim:
        raise BadInput(f"{where}: labels are of type {labels.dtype} and shape {labels.shape}; numbers are wanted, one "
                       "or several for each sample")  # fmt: skip
    return labels.astype(np.float32)


def _samples(where: str, fold: str, one: Fields, labels: Floats, task: Task) -> Samples:
    xs, masks, notes = {}, {}, []
    for name, raw in one["features"].items():
        xs[name], masks[name], note = features(f"{where}, {name}", raw, one["masks"].get(name))
        notes += [note.removeprefix(f"{where}, ")] if note else []
    ids = one.get("ids")
    told = "" if "source" not in one else str(one["source"])
    return Samples(
        task,
        xs,
        masks,
        labels,
        tuple(f"{fold}/{number}" for number in range(len(labels))) if ids is None else tuple(str(id_) for id_ in ids),
        _words(where, one.get("words")),
        None if one.get("reliability") is None else np.asarray(one["reliability"], dtype=np.float32),
        "; ".join([told or where, *notes]),
    )


def _words(where: str, raw: Any) -> tuple[tuple[str, ...], ...]:
    if raw is None:
        return ()
    if isinstance(raw, np.ndarray) and raw.ndim == 2:
        return tuple(tuple(str(word) for word in row) for row in raw)
    if not isinstance(raw, np.ndarray):  # lists, from a table
        return tuple(tuple(str(word) for word in row or ()) for row in raw)
    try:
        return tuple(tuple(str(word) for word in json.loads(str(row))) for row in raw)
    except (ValueError, TypeError):
        raise BadInput(f"{where}: words must be JSON lists of texts, one for each sample; mend or drop them") from None
