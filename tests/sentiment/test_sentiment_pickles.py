"""Pickles from strangers: arrays come out as NumPy reads them, and nothing is run."""

from __future__ import annotations

import collections
import contextlib
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sentiment_files import dumped, mmsa_raw
from talkoot.errors import BadInput
from talkoot.sentiment.readers.pickles import read_pickle

TREE: dict[str, Any] = {
    "plain": np.arange(6.0).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "texts": np.array(["a", "bcd", ""]),
    "objects": np.array([["x", None], [1, 2.5]], dtype=object),
    "number": np.float32(3),
    "bytes": b"x\xff",
    "empty": np.zeros((0, 3)),
    "none": b"",
    "big": np.arange(3, dtype=">i2"),
    "marks": np.array([True, False]),
    "ordered": collections.OrderedDict(a=1),
    "list": [1, ("two", 3.0), None, True, {"four": -(10**30)}],
}


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_gives_what_went_in(tmp_path: Path, protocol: int) -> None:
    _equal(read_pickle(dumped(tmp_path / "x.pkl", TREE, protocol)), TREE)


def _equal(one: Any, other: Any) -> None:
    if isinstance(other, (np.ndarray, np.generic)):
        assert type(one) is type(other)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(other, dict):
        assert list(one) == list(other)
        for key in other:
            _equal(one[key], other[key])
    else:
        assert one == other


def test_a_feature_file_comes_out_bit_for_bit(tmp_path: Path) -> None:
    raw = mmsa_raw()
    _equal(read_pickle(dumped(tmp_path / "x.pkl", raw)), raw)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrays.arrays(arrays.scalar_dtypes().filter(lambda kind: kind.kind in "biufc"),
                     arrays.array_shapes(min_dims=0, max_dims=3, min_side=0)), st.integers(0, 5))  # fmt: skip
def test_any_array_of_numbers_comes_out(tmp_path: Path, array: Any, protocol: int) -> None:
    got = read_pickle(dumped(tmp_path / "x.pkl", array, protocol))
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, array)


class _Runs:
    """Writes a file when it is unpickled."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> Any:
        return self.call, self.arguments


@pytest.mark.parametrize("call", [os.system, eval, exec, open, getattr, np.load, np.ndarray.tofile, bytearray, Path])
def test_what_would_run_is_refused_and_not_run(tmp_path: Path, call: Any) -> None:
    trace = tmp_path / "trace"
    path = dumped(tmp_path / "x.pkl", {"train": [_Runs(call, f"touch {trace}")]})
    with pytest.raises(BadInput, match=r"x\.pkl asks for .*, which could run a program"):
        read_pickle(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "program",
    [
        b"cnumpy.ndarray\n.",  # a module of that name
        b"cnumpy\nndarray\n((I3\ntR.",  # arrays are not made by calling their class
        b"cnumpy\nload\n.",
        b"cnumpy.core.multiarray\n_reconstruct\n}S'__code__'\nI1\nsb.",  # writes to what the name means
        b"cnumpy.core.multiarray\n_reconstruct\n(tR.",  # an array that never gets its numbers
        b"cnumpy\ndtype\n(S'O'\ntR(I1\n(I1\ntI1\nI00\nS'12345678'\ntb.",
        b"c_codecs\nencode\n(S'a'\nS'zip'\ntR.",
        b"(lp0\ng0\na.",  # a list that holds itself
        b"Pid\n.",
    ],
)
def test_crafted_programs_are_refused(tmp_path: Path, program: bytes) -> None:
    path = tmp_path / "x.pkl"
    path.write_bytes(program)
    with pytest.raises(BadInput, match=r"x\.pkl (asks for|is no whole pickle)"):
        read_pickle(path)
    assert read_pickle(dumped(path, np.arange(3))).tolist() == [0, 1, 2]  # and nothing was changed by it


def test_an_array_of_objects_is_not_made_of_bytes(tmp_path: Path) -> None:
    good = pickle.dumps(np.array([1, 2], dtype=object), 2)
    path = tmp_path / "x.pkl"
    for kind in (b"O8", b"M8", b"V4", b"xx"):
        program = pickle.dumps(np.array([1, 2], dtype="i8"), 2).replace(b"i8", kind)
        path.write_bytes(program)
        with pytest.raises(BadInput, match="is no whole pickle of arrays"):
            read_pickle(path)
    path.write_bytes(good)
    assert read_pickle(path).tolist() == [1, 2]


def test_damaged_and_missing_files_are_named(tmp_path: Path) -> None:
    whole = pickle.dumps(mmsa_raw(), 4)
    path = tmp_path / "x.pkl"
    for part in (b"", whole[:-20], whole[: len(whole) // 2], b"hello", b"\x80\x63", whole[:50] + b"\xff" * 9):
        path.write_bytes(part)
        with pytest.raises(BadInput, match=r"x\.pkl is no whole pickle"):
            read_pickle(path)
    with pytest.raises(BadInput, match="there is no such file"):
        read_pickle(tmp_path / "y.pkl")
    with pytest.raises(BadInput, match="this is a folder"):
        read_pickle(tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_gives_anything_but_arrays_or_a_clear_message(tmp_path: Path, data: Any) -> None:
    whole = bytearray(pickle.dumps({"a": np.arange(4.0), "b": np.array(["x", "yz"]), "c": [np.float32(1), "t"]}, 2))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "x.pkl"
    path.write_bytes(bytes(whole))
    with contextlib.suppress(BadInput):
        _only_plain(read_pickle(path))


def _only_plain(tree: Any) -> None:
    if isinstance(tree, dict):
        tree = [*tree, *tree.values()]
    if isinstance(tree, (list, tuple)):
        for part in tree:
            _only_plain(part)
    else:
        assert isinstance(tree, (str, bytes, bytearray, int, float, np.generic, np.ndarray, np.dtype, type(None)))
