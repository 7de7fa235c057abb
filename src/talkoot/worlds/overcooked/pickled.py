"""Reads the columns of a pickled pandas table without pandas and without running anything that the file contains.

A pickle is a small program that may call any function it names. Here it can name only the few classes that a table of
the published trials consists of, and each of these names leads to an inert stand-in of ours; any other name ends the
reading. Numbers are decoded from their bytes, objects must be plain strings, numbers or None.
"""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from talkoot.errors import CorruptRecord

Columns = dict[str, list[Any]]
"""Column name -> one value per row."""


class _Sealed(type):
    """A class whose attributes a pickle cannot replace."""

    def __setattr__(cls, name: str, value: object) -> None:
        raise pickle.UnpicklingError("a pickle tried to change a class")


class _Thing(metaclass=_Sealed):
    """Stands for a pandas object: keeps the state it is given, does nothing."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Type(metaclass=_Sealed):
    """Stands for numpy.dtype; only the kinds that can be decoded safely get through."""

    def __init__(self, code: str, *_: Any) -> None:
        if code not in ("O8", "b1", "i8", "f8", "i4", "f4"):
            raise pickle.UnpicklingError(f"an array of type {code!r}")
        self.code: str = code

    def __setstate__(self, state: Any) -> None:
        if state[1] not in ("<", "|"):
            raise pickle.UnpicklingError("an array in foreign byte order")


class _Array(metaclass=_Sealed):
    """Stands for numpy.ndarray: decoded by us, so that no byte of the file reaches numpy's own reader."""

    values: Any = None

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, fortran, content = state
        count = math.prod(shape)
        if kind.code == "O8":
            if not isinstance(content, list) or len(content) != count:
                raise pickle.UnpicklingError("an array with a wrong number of entries")
            values = np.empty(count, object)
            values[:] = content
            self.values = values.reshape(shape)
        else:
            if not isinstance(content, bytes):
                raise pickle.UnpicklingError("an array without bytes")
            self.values = np.frombuffer(content, "?" if kind.code == "b1" else f"<{kind.code}").reshape(
                shape, order="F" if fortran else "C"
            )


def _new_array(*_: Any) -> _Array:
    return _Array()


def _new_index(_: Any, content: dict[str, Any]) -> dict[str, Any]:
    return content


_NAMES: dict[tuple[str, str], Callable[..., Any]] = {
    ("pandas.core.frame", "DataFrame"): _Thing,
    ("pandas.core.internals.managers", "BlockManager"): _Thing,
    ("pandas.core.indexes.base", "_new_Index"): _new_index,
    ("pandas.core.indexes.base", "Index"): _Thing,
    ("pandas.core.indexes.numeric", "Int64Index"): _Thing,
    ("pandas.core.indexes.range", "RangeIndex"): _Thing,
    ("numpy.core.multiarray", "_reconstruct"): _new_array,
    ("numpy._core.multiarray", "_reconstruct"): _new_array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("builtins", "slice"): slice,
}


class _Reader(pickle.Unpickler):
    """An unpickler that knows only the names above."""

    def find_class(self, module: str, name: str) -> Any:
        found = _NAMES.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which no table of trials needs")
        return found


def read_columns(content: bytes, name: str) -> Columns:
    """The columns of a pickled table of trials, given the bytes of the file.

    Raises CorruptRecord if it is damaged, something else, or asks for anything beyond the parts of a table; nothing
    has been run then.
    """
    try:
        table = _Reader(io.BytesIO(content)).load()
        manager = table.state.get("_mgr") or table.state["_data"]
        parts = manager.state[3]["0.14.1"]
        titles = parts["axes"][0]["data"].values.tolist()
        columns: Columns = {}
        for block in parts["blocks"]:
            places, values = block["mgr_locs"], block["values"].values
            rows = range(len(titles))[places] if isinstance(places, slice) else places.values.tolist()
            for row, place in enumerate(rows):
                columns[titles[place]] = values[row].tolist()
        if len({len(column) for column in columns.values()}) != 1:
            raise ValueError("its columns are not equally long")
    except Exception as error:  # a damaged pickle can fail in any way that Python knows
        raise CorruptRecord(
            f"{name} is not a pickled table of trials that can be read safely: {error}; nothing in it was run"
        ) from error
    return columns
