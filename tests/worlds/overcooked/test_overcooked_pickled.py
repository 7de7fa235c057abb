"""The restricted unpickler: hostile and damaged pickles end in one clear error, and nothing in them runs."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_dialects import pickled_table

from talkoot.errors import CorruptRecord
from talkoot.worlds.overcooked.pickled import _Array, _Thing, read_columns

COLUMNS: dict[str, list[Any]] = {"state": ["a", "b", "c"], "reward": [0.0, 5.0, 0.0], "layout": ["x", "x", "y"]}


def test_columns_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_columns(pickled_table(COLUMNS, monkeypatch), "t") == COLUMNS


class _Runs:
    """Would run a command when unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> Any:
        return os.system, (self.command,)


def test_a_pickle_that_would_run_a_command_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    witness = tmp_path / "was-here"
    for protocol in range(6):
        content = pickle.dumps(_Runs(f"touch {witness}"), protocol)
        with pytest.raises(
            CorruptRecord, match=r"evil\.pickle is not .* names (posix|nt)\.system.* nothing in it was run"
        ):
            read_columns(content, "evil.pickle")
    assert not witness.exists()


@pytest.mark.parametrize(
    "name",
    [
        b"builtins\neval", b"builtins\nexec", b"builtins\ngetattr", b"builtins\n__import__", b"os\nsystem",
        b"subprocess\nPopen", b"numpy\nload", b"numpy\nfromfile", b"numpy.f2py.crackfortran\neval",
        b"operator\nattrgetter",
        b"pandas\nread_pickle", b"pandas.core.frame\nDataFrame.__init__", b"pickle\nloads", b"importlib\nimport_module",
        b"talkoot.worlds.overcooked.pickled\n_NAMES",
    ],
)  # fmt: skip
def test_names_beyond_a_table_are_refused(name: bytes) -> None:
    call = b"c" + name + b"\n(S'1'\ntR."
    with pytest.raises(CorruptRecord, match=r"it names .*nothing in it was run"):
        read_columns(b"\x80\x02" + call, "evil")


def test_a_pickle_cannot_change_our_stand_ins() -> None:
    before = dict(vars(_Array)), dict(vars(_Thing))
    # A class on the stack, and a BUILD with slot state: without the seal this would replace a method.
    for target in (b"numpy\nndarray", b"pandas.core.frame\nDataFrame"):
        content = b"\x80\x02c" + target + b"\n(N}X\x0c\x00\x00\x00__setstate__cbuiltins\nslice\nst\x86b."
        with pytest.raises(CorruptRecord):
            read_columns(content, "evil")
        sealed = b"\x80\x02c" + target + b"\nN}X\x0c\x00\x00\x00__setstate__cbuiltins\nslice\ns\x86b."
        with pytest.raises(CorruptRecord):
            read_columns(sealed, "evil")
    assert (dict(vars(_Array)), dict(vars(_Thing))) == before


def test_huge_claims_end_in_the_error() -> None:
    for content in (
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\x00\x00.",  # a string of 2^48 bytes
        b"\x80\x02Nr\xff\xff\xff\x7f.",  # memo number 2^31
        b"\x80\x02" + b"(" * 100_000 + b".",
        b"\x80\x02cnumpy\ndtype\nX\x07\x00\x00\x00V999999\x85R.",
    ):
        with pytest.raises(CorruptRecord, match="nothing in it was run"):
            read_columns(content, "huge")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_is_told_as_damage(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        content = bytearray(pickled_table(COLUMNS, patch))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        columns = read_columns(bytes(content[: data.draw(st.integers(1, len(content)))]), "t")
    except CorruptRecord:
        return
    assert len({len(values) for values in columns.values()}) == 1
