"""Broken files: the words say where and what to do, and nothing else leaks out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment_file import parse_apartment
from talkoot.worlds.household.entries import Entry, dump, load


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"format": ', r"home.json, line 1, column 12: this is not JSON"),
        (b'{\n "id": 3,\n}', r"home.json, line 3, column 1: this is not JSON"),
        (
            b'{"class": "apple", "id": 7, "inside": 3, "inside": 4}',
            r"'inside' of apple 7 stands twice, as 3 and 4",
        ),
        (b'{"a": 1, "a": 2}', r"'a' stands twice"),
        (b"\xff\xfe", r"cannot be read as text"),
        (b"[" * 100_000, r"nested too deeply"),
    ],
)
def test_broken_json_is_told_with_its_place(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "home.json").write_bytes(content)
    with pytest.raises(BadInput, match=words):
        load(tmp_path / "home.json")


def test_a_file_that_is_absent_or_badly_packed_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot be read .*; check the path"):
        load(tmp_path / "none.json")
    (tmp_path / "home.json.gz").write_bytes(b"plain")
    with pytest.raises(BadInput, match="cannot be read as text"):
        load(tmp_path / "home.json.gz")


def test_an_entry_gives_what_it_says() -> None:
    entry = Entry({"a": "text", "b": 3, "c": [1, 2.5], "d": True, "e": [4, 5]}, "here", "abcde")
    assert entry.text("a") == "text"
    assert entry.whole("b") == 3
    assert entry.number("b") == 3.0
    assert entry.numbers("c", 2) == (1.0, 2.5)
    assert entry.flag("d")
    assert not entry.flag("x")
    assert entry.wholes("e", 2) == (4, 5)
    assert entry.wholes("x") == ()
    assert entry.items("x") == []
    assert entry.has("a")
    assert not entry.has("x")


@pytest.mark.parametrize(
    ("key", "value", "ask", "words"),
    [
        ("a", "  ", "text", "'a' is \"  \"; give a text"),
        ("a", None, "text", "'a' is null; give a text"),
        ("a", 0, "whole", "'a' is 0; give a whole number from 1 up"),
        ("a", 1.5, "whole", "give a whole number"),
        ("a", [1, "x"], "wholes", "'a' is \"x\"; give a whole number"),
        ("a", "far " * 40, "number", r"'a' is \"far far .*\.\.\.; give a number"),
        ("a", 1e9, "number", "give a number below a million"),
        ("a", "x", "items", r"'a' is \"x\"; give a list"),
        ("a", 1, "flag", "give true or false"),
    ],
)
def test_an_entry_tells_what_is_wrong(key: str, value: Any, ask: str, words: str) -> None:
    with pytest.raises(BadInput, match="^here: .*" + words):
        getattr(Entry({key: value}, "here", "a"), ask)(key)


def test_written_entries_stand_one_a_line() -> None:
    text = dump({"name": "Törmä"}, {"rooms": [{"id": 1}, {"id": 2}], "doors": []})
    assert text == '{\n  "name": "Törmä",\n  "rooms": [\n    {"id": 1},\n    {"id": 2}\n  ],\n  "doors": []\n}\n'


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "class", "size"]), inner),
    max_leaves=8,
)


@given(rooms=_ANYTHING, doors=_ANYTHING, things=_ANYTHING, name=_ANYTHING)
def test_any_content_is_read_or_told(rooms: Any, doors: Any, things: Any, name: Any) -> None:
    head = {"format": "talkoot household apartment", "version": 1}
    with pytest.raises(BadInput, match=r"^wild\.json"):
        parse_apartment(head | {"rooms": rooms, "doors": doors, "things": things, "name": name}, "wild.json")
