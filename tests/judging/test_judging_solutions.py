"""Files of solutions: formats, faults told with their line, and the summary of a cut."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from talkoot.errors import BadInput
from talkoot.judging.segment import Segmentation
from talkoot.judging.solutions import Solution, read_solutions, segmentation_summary


def written(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_fields_and_solvers(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        {"question": "q", "answer": "one"},
        "",
        {"text": "two", "answer": "no"},
        {"solution": "three", "text": "no"},
        {"question": "q", "small": {"is_correct": True, "solution": "four"}, "large": {"solution": "five"}, "n": 1},
    )
    assert read_solutions(path) == [
        Solution(1, "", "one"),
        Solution(3, "", "two"),
        Solution(4, "", "three"),
        Solution(5, "small", "four"),
        Solution(5, "large", "five"),
    ]
    named = written(tmp_path / "b.jsonl", {"solution": "no", "work": "yes"}, {"m": {"work": "nested"}})
    assert read_solutions(named, "work") == [Solution(1, "", "yes"), Solution(2, "m", "nested")]


def test_compressed_files(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write('{"solution": "é"}\n' * 200)
    assert len(read_solutions(path)) == 200
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(BadInput, match="damaged gzip"):
        read_solutions(path)
    path.write_text("{}")
    with pytest.raises(BadInput, match="damaged gzip"):
        read_solutions(path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"solution": "a"}', "{oops}"], r"line 2: not JSON \(Expecting"),
        (["[" * 100_000], "line 1: not JSON"),
        (["[1]"], "line 1: not a JSON object"),
        (['{"solution": "a"}', "", '{"question": "b", "n": 1}'], r"line 3: no field 'solution' or .*'question', 'n'"),
        (["{}"], "it has none"),
        (['{"solution": ["a"]}'], "line 1: 'solution' is no text"),
        (['{"solution": " \\n"}'], "line 1: the solution is empty"),
        (['{"small": {"solution": ""}}'], "line 1, small: the solution is empty"),
        (["", ""], "holds no solutions"),
    ],
)  # fmt: skip
def test_faults_name_the_line(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_solutions(written(tmp_path / "a.jsonl", *lines))


def test_faults_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_solutions(tmp_path / "nothing.jsonl")
    with pytest.raises(BadInput, match="a folder"):
        read_solutions(tmp_path)
    (tmp_path / "latin").write_bytes(b'{"solution": "a"}\n{"solution": "\xe9"}\n')
    with pytest.raises(BadInput, match="not UTF-8"):
        read_solutions(tmp_path / "latin")
    with pytest.raises(BadInput, match="no field 'work'; it has 'solution'"):
        read_solutions(written(tmp_path / "a", {"solution": "a"}), "work")


def test_the_summary_counts_what_was_cut() -> None:
    solutions = [Solution(i, "", "abcd") for i in range(4)]
    cuts = [
        Segmentation(("ab", "cd"), tokens=5),
        Segmentation(("abcd",), ("no tags",), tokens=9),
        Segmentation(("a", "b", "cd"), ("no tags", "changed text"), fallback=True),
        Segmentation(faults=("changed text", "no tags")),
    ]
    assert segmentation_summary(solutions, cuts, [1, 1, 2, 1]) == {
        "solutions": 4,
        "exact_share": 0.5,
        "two_or_more_share": 0.5,
        "chunks_mean": 2.0,
        "characters_per_chunk": 2.0,
        "blank_line_pieces_mean": 1.25,
        "fallbacks": 1,
        "uncut": 1,
        "tokens": 14,
        "faults": {"no tags": 3, "changed text": 2},
    }
    nothing = segmentation_summary(solutions[:1], cuts[3:], [1])
    assert (nothing["chunks_mean"], nothing["characters_per_chunk"], nothing["exact_share"]) == (0.0, 0.0, 0.0)
