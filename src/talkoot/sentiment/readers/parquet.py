"""The plain form as a `.parquet` table, by pyarrow; what its columns mean stands in `plain`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.readers.arrays import existing, write_whole
from talkoot.sentiment.readers.plain import FOLDS, Fields, present, task_json
from talkoot.sentiment.samples import Floats, Folds, Marks


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise BadInput("tables (.parquet) need pyarrow: `pip install pyarrow`, or use .npz") from None
    return pyarrow, parquet


def write_table(path: Path, folds: Folds) -> None:
    """Write folds as a table, one row a sample, whole or not at all. Raises BadInput where pyarrow is missing."""
    pa, parquet = _arrow()
    parts = []
    metadata = {"talkoot.task": task_json(folds.train.task), "talkoot.name": folds.name,
                "talkoot.widths": json.dumps(folds.train.widths)}  # fmt: skip
    for fold, samples in present(folds).items():
        columns = {"fold": pa.array([fold] * len(samples)), "id": pa.array(list(samples.ids), pa.string())}
        labels = samples.labels
        columns["labels"] = pa.array(labels) if labels.ndim == 1 else _lists(pa, pa.array(labels.ravel()), labels.shape)
        for name, x in samples.features.items():
            columns[f"features.{name}"] = _steps(pa, x, samples.masks[name])
        if samples.words:
            columns["words"] = pa.array([list(words) for words in samples.words], pa.list_(pa.string()))
        if (share := samples.reliability) is not None:
            columns["reliability"] = _steps(pa, share, np.ones(share.shape[:2], dtype=np.bool_))
        metadata[f"talkoot.source.{fold}"] = samples.source
        parts.append(pa.table(columns))
    table = pa.concat_tables(parts, promote_options="default").replace_schema_metadata(metadata)
    write_whole(path, lambda file: parquet.write_table(table, file))


def _lists(pa: Any, values: Any, shape: tuple[int, ...], mask: Any = None) -> Any:
    """Rows of equal length as an array of lists."""
    offsets = np.arange(shape[0] + 1, dtype=np.int64) * shape[1]
    return pa.LargeListArray.from_arrays(pa.array(offsets), values, mask=mask)


def _steps(pa: Any, x: Floats, mask: Marks) -> Any:
    """Features [N, T, d] as lists of T steps, each a list of d numbers or null."""
    n, length, width = x.shape
    flat = mask.ravel()
    offsets = np.concatenate([[0], np.cumsum(flat) * width]).astype(np.int64)
    values = pa.array(x.reshape(n * length, width)[flat].ravel())
    steps = pa.LargeListArray.from_arrays(pa.array(offsets), values, mask=pa.array(~flat))
    return _lists(pa, steps, (n, length))


def read_table(path: Path) -> Fields:
    """What a table says, as `plain` takes it. Raises BadInput for a damaged file, a fold of another name, and steps of
    several widths."""
    pa, parquet = _arrow()
    existing(path, "a .parquet file")
    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise BadInput(f"{path} is no whole .parquet file ({str(error)[:120]}); fetch or write it again") from None
    names = table.column_names
    if missing := [name for name in ("fold", "labels") if name not in names]:
        raise BadInput(f"{path} has no column '{missing[0]}' (it has: {', '.join(names)}); add it")
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()
                if key.startswith(b"talkoot.")}  # fmt: skip
    told: Fields = {key: metadata[f"talkoot.{key}"] for key in ("task", "name") if f"talkoot.{key}" in metadata}
    marks = np.array(table["fold"].to_pylist(), dtype=object)
    if unknown := sorted({str(mark) for mark in marks} - set(FOLDS)):
        raise BadInput(f"{path}: there is a fold '{unknown[0]}'; name them {', '.join(FOLDS)}")
    widths = _widths(path, metadata.get("talkoot.widths", "{}"))
    dense = {name: _dense(pa, f"{path}, {name}", table[name], widths.get(name.removeprefix("features."), 1))
             for name in names if name.startswith("features.") or name == "reliability"}  # fmt: skip
    for fold in FOLDS:
        rows = np.flatnonzero(marks == fold)
        if not len(rows):
            continue
        some = table.take(pa.array(rows))
        one: Fields = {"features": {}, "masks": {}, "labels": _labels(f"{path}, {fold}", some["labels"])}
        longest = max((int(lengths[rows].max()) for _, _, lengths in dense.values()), default=0)
        for name, (x, mask, _) in dense.items():
            if name != "reliability":
                one["features"][name.removeprefix("features.")] = _cut(x[rows], longest)
                one["masks"][name.removeprefix("features.")] = _cut(mask[rows], longest)
            elif some[name].null_count < len(rows):
                one[name] = _cut(x[rows], longest)
        if "id" in names:
            one["ids"] = some["id"].to_pylist()
        if "words" in names and some["words"].null_count < len(rows):
            one["words"] = some["words"].to_pylist()
        if f"talkoot.source.{fold}" in metadata:
            one["source"] = metadata[f"talkoot.source.{fold}"]
        told[fold] = one
    return told


def _widths(path: Path, told: str) -> dict[str, int]:
    """Those of the modalities, as the metadata tell them."""
    try:
        widths = {str(name): int(width) for name, width in json.loads(told).items()}
        if min(widths.values(), default=1) < 1:
            raise ValueError
    except (ValueError, TypeError, AttributeError):
        raise BadInput(f"{path}: its metadata tell the widths {told[:80]!r}, which are none; drop talkoot.widths, or "
                       "write the table again") from None  # fmt: skip
    return widths


def _cut(array: NDArray[Any], length: int) -> NDArray[Any]:
    """Exactly `length` steps of [N, T, ...]: the further ones are left out, missing ones are 0."""
    out = np.zeros((len(array), length, *array.shape[2:]), dtype=array.dtype)
    out[:, : array.shape[1]] = array[:, :length]
    return out


def _labels(where: str, column: Any) -> NDArray[np.float32]:
    rows = column.to_pylist()
    try:
        return np.array(rows, dtype=np.float32)
    except (ValueError, TypeError):
        raise BadInput(f"{where}: labels must be numbers, or lists of numbers of one length; mend them") from None


def _dense(pa: Any, where: str, column: Any, width: int) -> tuple[Floats, Marks, NDArray[np.int64]]:
    """Lists of steps as an array [N, T, d], its mask [N, T] and the lengths [N]; rows shorter than T end in masked
    steps. `width` is d where no step is there."""
    rows = column.combine_chunks()
    rows = rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
    try:
        lengths = np.asarray(rows.value_lengths().fill_null(0)).astype(np.int64)
        steps = rows.flatten()
        known = np.asarray(steps.is_valid())
        widths = np.unique(np.asarray(steps.value_lengths().drop_null()))
        values = np.asarray(steps.flatten()).astype(np.float32)
    except (AttributeError, ValueError, TypeError, pa.ArrowException):
        raise BadInput(f"{where} must be lists of steps, each a list of numbers or null; convert it") from None
    if len(widths) > 1:
        raise BadInput(f"{where}: steps have from {widths[0]} to {widths[-1]} numbers; all must have as many")
    width = int(widths[0]) if len(widths) else width
    x = np.zeros((len(rows), int(lengths.max(initial=0)), width), dtype=np.float32)
    inside = np.arange(x.shape[1]) < lengths[:, None]
    mask = inside.copy()
    mask[inside] = known
    x[mask] = values.reshape(-1, width)
    return x, mask, lengths
