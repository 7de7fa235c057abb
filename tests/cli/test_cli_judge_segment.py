"""`talkoot judge segment`: figures of a cut, chunks written and gone on with, one message for bad input."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.judging.chunks import parse
from talkoot.judging.dialect import tagged
from talkoot.judging.segment import PURPOSE
from talkoot.models.testserver import TestServer, by_rulebook, serving

Call = Callable[..., tuple[int, str, str]]
SOLUTIONS = ["2 + 3 = 5 nuts\n5 * 2 = 10 nuts\nA: 10", "It is 4.\n\nStep 1: 4 - 1 = 3\nA: 3", "25"]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runs: Path) -> Call:
    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["talkoot", "judge", "segment", *words])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        code: Any = end.value.code
        return code or 0, told.out, told.err

    return called


@pytest.fixture
def file(runs: Path) -> str:
    Path("mine.jsonl").write_text("".join(json.dumps({"solution": text}) + "\n" for text in SOLUTIONS))
    return "mine.jsonl"


def told(call: Call, *words: str) -> dict[str, Any]:
    code, out, _ = call(*words, "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_by_rules_is_the_default(call: Call, file: str) -> None:
    found = told(call, file)
    assert (found["file"], found["by"], found["model"], found["solutions"]) == (file, "rules", None, 3)
    assert found["exact_share"] == 1.0
    assert found["two_or_more_share"] == pytest.approx(2 / 3)
    assert found["chunks_mean"] == pytest.approx((3 + 3 + 1) / 3)
    assert found["characters_per_chunk"] == pytest.approx(sum(map(len, SOLUTIONS)) / 7)
    assert found["faults"] == {}
    code, out, _ = call(file)
    assert code == 0
    for words in ("cut by rules", "100.0%", "66.7%", "2.33 a solution"):
        assert words in out


@pytest.mark.parametrize(("by", "chunks"), [("blank", 4), ("lines", 7), ("steps", 4)])
def test_baselines(call: Call, file: str, by: str, chunks: int) -> None:
    found = told(call, file, "--by", by)
    assert found["chunks_mean"] == pytest.approx(chunks / 3)
    assert found["exact_share"] == 1.0


def test_a_model_cuts_and_its_faults_are_counted(call: Call, file: str) -> None:
    rules = told(call, file)
    found = told(call, file, "--model", "rulebook")
    assert (found["by"], found["model"]) == ("model", "rulebook")
    assert found["tokens"] > 0
    assert found["chunks_mean"] == rules["chunks_mean"]
    assert told(call, file, "--by", "model")["model"] == "rulebook"
    with serving(TestServer(lambda messages: "<chunk>no</chunk>")) as server:
        found = told(call, file, "--model", server.name, "--tries", "2", "--fallback", "lines", "--limit", "2")
        _, out, _ = call(file, "--model", server.name, "--tries", "1", "--limit", "1")
    assert (found["solutions"], found["exact_share"], found["fallbacks"]) == (2, 0.0, 2)
    assert found["faults"] == {"changed text": 4}
    assert "1 times changed text" in out
    assert "not cut" in out


def test_chunks_are_written_and_an_interrupted_run_goes_on(call: Call, file: str) -> None:
    with serving(TestServer(by_rulebook(lambda messages: PURPOSE))) as server:
        first = told(call, file, "--model", server.name, "--out", "out.jsonl", "--limit", "2", "--parallel", "1")
        assert server.requests == 2
        with Path("out.jsonl").open("a") as out:
            out.write('{"line": 3, "cut')
        whole = told(call, file, "--model", server.name, "--out", "out.jsonl")
        assert server.requests == 3
        assert told(call, file, "--model", server.name, "--out", "out.jsonl", "--limit", "2") == first
    rows = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 3]
    assert ["".join(parse(tagged(row["chunks"]))) for row in rows] == SOLUTIONS
    assert whole["solutions"] == 3
    code, _, error = call(file, "--out", "out.jsonl")
    assert (code, "from another cutter" in error) == (2, True)


def test_four_solvers_in_one_line(call: Call, runs: Path) -> None:
    row = {"question": "q", **{f"m{i}": {"is_correct": False, "solution": text} for i, text in enumerate(SOLUTIONS)}}
    Path("four.jsonl").write_text(json.dumps(row))
    assert told(call, "four.jsonl", "--out", "o")["solutions"] == 3
    assert [json.loads(line)["solver"] for line in Path("o").read_text().splitlines()] == ["m0", "m1", "m2"]


def test_a_solution_that_holds_tags_is_not_exact(call: Call, runs: Path) -> None:
    Path("a.jsonl").write_text(json.dumps({"text": "a <chunk> b"}))
    found = told(call, "a.jsonl")
    assert (found["exact_share"], found["uncut"], found["faults"]) == (0.0, 1, {"tags in the text": 1})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.jsonl"], "there is no such file"),
        (["bad.jsonl"], "line 2: not JSON"),
        (["mine.jsonl", "--field", "work"], "no field 'work'"),
        (["mine.jsonl", "--by", "lines", "--model", "rulebook"], "needs no model"),
        (["mine.jsonl", "--out", "mine.jsonl"], "the file of the solutions itself"),
        (["mine.jsonl", "--out", "."], "is a folder"),
        (["mine.jsonl", "--model", "nobody"], "unknown model"),
    ],
)
def test_bad_input_is_told_in_one_message(call: Call, file: str, words: list[str], message: str) -> None:
    Path("bad.jsonl").write_text('{"solution": "a"}\n{oops\n')
    code, out, error = call(*words, "--json")
    assert code == 2
    assert message in error
    assert message in json.loads(out)["error"]
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ('{"my": "only copy"}', 2, "not written by this command"),
        ("milk\neggs", 3, "not a JSON object"),
        ('{"line": 1, "solver": "", "digest": "0"}\n{"li', 2, "from another cutter"),
        ('{"line": [1], "solver": ""}\n', 2, "line 1: no row of this command"),
        ('{"my": "copy"}\n', 2, "line 1: no row of this command"),
    ],
)
def test_a_file_of_others_is_left_alone(call: Call, file: str, content: str, code: int, message: str) -> None:
    Path("other").write_text(content)
    found, _, error = call(file, "--out", "other")
    assert (found, message in error) == (code, True)
    assert Path("other").read_text() == content


def test_a_row_without_chunks_is_refused(call: Call, file: str) -> None:
    told(call, file, "--out", "out.jsonl", "--limit", "1")
    row = json.loads(Path("out.jsonl").read_text())
    del row["chunks"]
    Path("out.jsonl").write_text(json.dumps(row) + "\n")
    code, _, error = call(file, "--out", "out.jsonl")
    assert (code, "line 1: no row of this command" in error) == (2, True)


def test_one_process_writes_at_a_time(call: Call, file: str) -> None:
    import fcntl

    with Path("out.jsonl").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, _, error = call(file, "--out", "out.jsonl")
    assert (code, "another process" in error) == (2, True)
    assert told(call, file, "--out", "out.jsonl")["solutions"] == 3


def test_a_lone_surrogate_is_cut_and_kept(call: Call, runs: Path) -> None:
    Path("a.jsonl").write_text('{"solution": "1 + 1 = 2 \\ud83d\\nA: 2"}\n')
    first = told(call, "a.jsonl", "--out", "out.jsonl")
    assert "\ud83d" in "".join(json.loads(Path("out.jsonl").read_text(encoding="utf-8"))["chunks"])
    assert told(call, "a.jsonl", "--out", "out.jsonl") == first
    assert told(call, "a.jsonl", "--model", "rulebook")["exact_share"] == 1.0


def test_a_stop_is_told_once(call: Call, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from talkoot.judging import solutions

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(solutions, "read_solutions", pressed)
    code, out, error = call(file, "--json")
    assert (code, error.count("talkoot: stopped")) == (130, 1)
    assert "stopped" in json.loads(out)["error"]
