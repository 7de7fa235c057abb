"""Files of tasks and replies."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from talkoot.errors import BadInput, CorruptRecord
from talkoot.planning.comparison.ledger import Ledger
from talkoot.planning.comparison.taskfile import read_replies, read_tasks

DOMAIN = {"kind": "domain", "domain": "d", "domain_pddl": "(define (domain d))", "domain_nl": "rules", "tasks": 2}
TASK = {"kind": "task", "domain": "d", "task": "p01", "nl": "do it", "problem_pddl": "SECRET", "verdict": {"nl": "x"}}


def _write(path: Path, *rows: Any, packed: bool = True) -> Path:
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    return path


@pytest.mark.parametrize("packed", [True, False])
def test_tasks_without_their_truth(tmp_path: Path, packed: bool) -> None:
    path = _write(tmp_path / "t", DOMAIN, TASK, "", TASK | {"task": "p02"}, TASK, packed=packed)
    found = read_tasks(path)
    assert list(found.tasks) == [("d", "p01"), ("d", "p02")]
    assert found.tasks["d", "p01"].text == "do it"
    assert "SECRET" not in repr(found)
    assert found.domains["d"].description == "rules"
    assert found.domains["d"].example_text == ""
    assert found.duplicates == ["d/p01"]
    assert read_tasks(path, truth=True).tasks["d", "p01"].truth == "SECRET"


def test_replies(tmp_path: Path) -> None:
    row = {"domain": "d", "task": "p01", "reply": "(define", "verdict": {"reply": "no"}}
    found = read_replies(_write(tmp_path / "r", row, row | {"reply": "later"}, row | {"task": "p02", "reply": ""}))
    assert found.replies == {("d", "p01"): "(define", ("d", "p02"): ""}
    assert found.duplicates == ["d/p01"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([DOMAIN, "{not json"], "line 2: not a JSON object"),
        ([DOMAIN, "[1]"], "line 2: not a JSON object"),
        ([DOMAIN, "\udcff"], "line 2"),
        ([DOMAIN, "[" * 100_000], "line 2: not a JSON object"),
        ([DOMAIN, {"kind": "job", "domain": "d"}], "line 2: its kind is 'job'"),
        ([DOMAIN, TASK | {"nl": 3}], "line 2: 'nl' is no text but '3'"),
        ([DOMAIN, {"kind": "task", "domain": "d", "task": "p"}], "line 2: 'nl' is missing"),
        ([DOMAIN, TASK | {"task": "../up"}], "line 2: task '../up' cannot name a folder"),
        ([TASK], "no line of kind domain for d"),
    ],
)
def test_malformed_lines_are_told_with_their_number(tmp_path: Path, rows: list[Any], told: str) -> None:
    path = tmp_path / "t"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    with pytest.raises(CorruptRecord) as caught:
        read_tasks(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no file"):
        read_tasks(tmp_path / "absent")
    with pytest.raises(BadInput, match="cannot be read"):
        read_replies(tmp_path)
    whole = _write(tmp_path / "t", DOMAIN, TASK).read_bytes()
    (tmp_path / "cut").write_bytes(whole[:-12])
    with pytest.raises(CorruptRecord, match="damaged after line"):
        read_tasks(tmp_path / "cut")


def test_a_ledger_goes_on_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "done.jsonl"
    keys = frozenset({"a"})
    with Ledger(path, keys) as ledger:
        assert ledger.rows == []
        ledger.append({"a": 1})
        ledger.append({"a": 2})
        assert path.read_text() == '{"a":1}\n{"a":2}\n'  # at once, not at the end
    path.write_text(path.read_text() + '{"b":1}\n{"a":')
    with Ledger(path, keys) as ledger:
        assert [row["a"] for row in ledger.rows] == [1, 2]
        ledger.append({"a": 3})
    with Ledger(path, keys) as ledger:
        assert [row["a"] for row in ledger.rows] == [1, 2, 3]


def test_a_ledger_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        Ledger(tmp_path / "file" / "done.jsonl", frozenset())
