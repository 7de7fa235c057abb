"""Pickles from strangers: arrays, dicts, lists, texts and numbers come out; nothing that they name is run.

The field hands its features round as pickles, and to load a pickle is to run whatever program it holds. Here the names
that NumPy's arrays need are answered with plain stand-ins, which are turned into arrays afterwards: neither a function
of a library nor an array's own `__setstate__` ever sees what the file says. Anything else is refused.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.readers.arrays import existing

KINDS = "biufcSU"
"""The kinds of numbers and texts that an array of a pickle may have; lists of objects may be arrays as well."""


def read_pickle(path: Path) -> Any:
    """What a pickle holds: dicts, lists, tuples, texts, bytes, numbers, booleans, None and NumPy arrays of them.

    Arrays may be read-only views. Pickles of Python 2 are read as well (texts as Latin-1). Raises BadInput, naming the
    file, for a pickle that asks for anything else, without running it, and for a damaged one.
    """
    existing(path, "a pickle (.pkl)")
    try:
        with path.open("rb") as file:
            tree = _Restricted(file, encoding="latin1").load()
        return _built(tree, {})
    except _ForbiddenError as error:
        raise BadInput(
            f"{path} asks for {error}, which could run a program; only arrays, dicts, lists, texts and numbers are "
            "read. Get the features from a source you trust, and save them as plain arrays"
        ) from None
    except OSError:
        raise
    except (pickle.UnpicklingError, EOFError, MemoryError, RecursionError, ValueError, TypeError, IndexError, KeyError,
            AttributeError, OverflowError, ImportError) as error:  # fmt: skip
        raise BadInput(f"{path} is no whole pickle of arrays ({type(error).__name__}: {str(error)[:120]}); fetch it "
                       "again") from None  # fmt: skip


class _ForbiddenError(Exception):
    """A name that no feature file needs."""


class _Stand:
    """What stands for an array, or for one number of NumPy, while the pickle is read: filled by the file, built by us.

    `state` ends in shape, type, whether the order is Fortran's, and the numbers, as the state of NumPy's own arrays.
    """

    __slots__ = ("is_number", "state")

    def __init__(self, state: Any = None, is_number: bool = False) -> None:
        self.state, self.is_number = state, is_number

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Type:
    """What stands for the type of an array's elements."""

    __slots__ = ("code", "order")

    def __init__(self, code: Any) -> None:
        self.code, self.order = code, "="

    def __setstate__(self, state: Any) -> None:
        self.order = state[1]
        if any(part is not None for part in state[2:5]):
            raise ValueError("an array of records")

    @property
    def is_object(self) -> bool:
        return self.code in ("O", "O8", "|O")

    def dtype(self) -> np.dtype[Any]:
        if not isinstance(self.code, str) or self.order not in ("<", ">", "|", "="):
            raise ValueError("an array of unknown type")
        found = np.dtype(self.code)
        if found.kind not in KINDS or not found.itemsize:
            raise ValueError(f"an array of type {self.code[:20]!r}")
        return found.newbyteorder(">" if self.order == ">" else "<") if self.order in "<>" else found


class _Name:
    """What a name of the pickle may be called as. It cannot be changed by the file, as a function or class could."""

    __slots__ = ("_means",)

    def __init__(self, means: Callable[..., Any]) -> None:
        self._means = means

    def __call__(self, *arguments: Any) -> Any:
        return self._means(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise ValueError("a name that is written to")


def _encoded(text: Any, code: Any = "latin1") -> bytes:
    if not isinstance(text, str) or code != "latin1":
        raise ValueError("bytes in an unknown code")
    return text.encode("latin1")


_KNOWN: dict[tuple[str, str], Any] = {
    ("_codecs", "encode"): _Name(_encoded),
    ("__builtin__", "bytes"): _Name(lambda: b""),  # how old protocols write empty bytes
    ("builtins", "bytes"): _Name(lambda: b""),
    ("numpy", "dtype"): _Name(lambda code, *_: _Type(code)),
    ("numpy", "ndarray"): None,  # only ever handed to _reconstruct, which does not look at it
    ("collections", "OrderedDict"): _Name(lambda *pairs: dict(*pairs)),
} | {
    (f"numpy.{core}.{module}", name): _Name(means)
    for core in ("core", "_core")
    for module, name, means in (
        ("multiarray", "_reconstruct", lambda *_: _Stand()),
        ("multiarray", "scalar", lambda kind, data: _Stand((1, (), kind, False, data), is_number=True)),
        ("numeric", "_frombuffer", lambda data, kind, shape, order: _Stand((1, shape, kind, order == "F", data))),
    )
}


class _Restricted(pickle.Unpickler):
    """An unpickler that knows the few names of `_KNOWN` and no others."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        if (module_name, global_name) not in _KNOWN:
            raise _ForbiddenError(f"{module_name}.{global_name}")
        return _KNOWN[module_name, global_name]


def _built(node: Any, done: dict[int, Any]) -> Any:
    """The tree with arrays for stand-ins. What is used twice is built once; a tree that holds itself ends in a
    RecursionError."""
    if id(node) in done:
        return done[id(node)][1]
    if isinstance(node, _Stand):
        made: Any = _array(node.state, done)
        if node.is_number:
            made = made[()]
    elif isinstance(node, _Type):
        made = node.dtype()
    elif isinstance(node, dict):
        made = {_built(key, done): _built(value, done) for key, value in node.items()}
    elif isinstance(node, (list, tuple)):
        made = type(node)(_built(item, done) for item in node)
    else:
        return node
    done[id(node)] = (node, made)  # the node is kept so that its id is not given to another
    return made


def _array(state: Any, done: dict[int, Any]) -> NDArray[Any]:
    if not isinstance(state, tuple) or len(state) not in (4, 5) or not isinstance(state[-3], _Type):
        raise ValueError("an array without its numbers")
    shape, kind, fortran, data = state[-4:]
    order: Literal["C", "F"] = "F" if fortran else "C"
    if not isinstance(shape, tuple) or not all(type(one) is int and one >= 0 for one in shape):
        raise ValueError("an array without a shape")
    if kind.is_object:
        if not isinstance(data, list) or len(data) != math.prod(shape):
            raise ValueError("an array of objects without its objects")
        objects = np.empty(len(data), dtype=object)
        for at, one in enumerate(data):
            objects[at] = _built(one, done)
        return objects.reshape(shape, order=order)
    if isinstance(data, str):  # Python 2
        data = data.encode("latin1")
    numbers: NDArray[Any] = np.frombuffer(data, dtype=kind.dtype())
    return numbers.reshape(shape, order=order)
