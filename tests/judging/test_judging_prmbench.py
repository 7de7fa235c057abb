"""PRMBench by class: its traps when read, figures against a table made by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from talkoot.errors import BadInput
from talkoot.judging.benchmarks import table
from talkoot.judging.benchmarks.predicting import Prediction, first_bad
from talkoot.judging.benchmarks.prmbench import Item, read_items, score


def _row(**changed: Any) -> dict[str, Any]:
    return {"idx": "p_0", "question": "q", "original_question": "q0", "modified_question": "q1",
            "modified_process": ["a", "b", "c", "d"], "modified_steps": [2], "error_steps": [2, 4],
            "classification": "redundency"} | changed  # fmt: skip


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def _told(items: list[Item], verdicts: list[str]) -> dict[tuple[str, str], Prediction]:
    """`+` and `-` for the steps of each item."""
    good = [tuple(sign == "+" for sign in one) for one in verdicts]
    return {(item.subset, item.id): Prediction(first_bad(one), one) for item, one in zip(items, good, strict=True)}


def test_the_traps_of_the_files_are_known(tmp_path: Path) -> None:
    rows = [_row(), _row(error_steps=[4, 7, 9]), _row(error_steps=[5]), _row(classification="multi_solutions",
            error_steps=[])]  # fmt: skip
    items = read_items(_write(tmp_path / "prm.v1.jsonl", rows))
    assert [item.id for item in items] == ["1", "2", "3", "4"]  # the same idx and class twice: both stay
    assert {item.subset for item in items} == {"prm.v1"}
    assert [item.wrong for item in items] == [{1, 3}, {3}, set(), set()]
    assert [item.beyond for item in items] == [0, 2, 1, 0]
    assert (items[0].problem, items[0].question, items[0].classification) == ("q1", "q", "redundency")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"error_steps": ["2"]}, "a list of integers"),
        ({"error_steps": [True]}, "a list of integers"),
        ({"error_steps": None}, "'error_steps' must be a list"),
        ({"modified_process": []}, "at least one"),
        ({"classification": 3}, "'classification' must be a text"),
        ({"modified_question": None}, "'modified_question' must be a text"),
    ],
)
def test_a_row_that_is_no_item_is_refused(changed: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = _write(tmp_path / "p.jsonl", [_row(), _row(**changed)])
    with pytest.raises(BadInput, match=f"line 2: .*{said}"):
        read_items(path)


def test_the_figures_are_those_of_a_table_made_by_hand(tmp_path: Path) -> None:
    rows = [_row(), _row(error_steps=[1]), _row(error_steps=[], classification="multi_solutions"),
            _row(error_steps=[], classification="multi_solutions", question="other")]  # fmt: skip
    items = read_items(_write(tmp_path / "p.jsonl", rows))
    classes, total = score(items, _told(items, ["--++", "-+++", "++++", "+-+-"]))
    assert list(classes) == ["redundency", "multi_solutions"]
    one = classes["redundency"]
    # right steps: 1 of 2 and 3 of 3 called right; wrong ones: 1 of 2 and 1 of 1 called wrong
    assert (one.n, one.steps, one.wrong) == (2, 8, 3)
    assert one.figures == pytest.approx({
        "f1": 2 * 4 / (2 * 4 + 1 + 1), "negative_f1": 2 * 2 / (2 * 2 + 1 + 1), "score": (0.8 + 2 / 3) / 2,
        "first_error_acc": 1.0, "exact_acc": 0.5, "false_alarm_rate": None,
    })  # fmt: skip
    clean = classes["multi_solutions"].figures
    assert clean["false_alarm_rate"] == 0.5
    assert clean["f1"] == pytest.approx(2 * 6 / (2 * 6 + 2))
    assert (clean["negative_f1"], clean["score"], clean["first_error_acc"], clean["exact_acc"]) == (None,) * 4
    pooled = total.figures
    assert pooled["f1"] == pytest.approx(2 * 10 / (2 * 10 + 3 + 1))
    assert pooled["negative_f1"] == pytest.approx(2 * 2 / (2 * 2 + 3 + 1))
    assert (pooled["exact_acc"], pooled["false_alarm_rate"]) == (0.5, 0.5)


def test_a_judge_that_is_always_right_or_never_speaks(tmp_path: Path) -> None:
    items = read_items(_write(tmp_path / "p.jsonl", [_row(question=str(number)) for number in range(10)]))
    _, best = score(items, _told(items, ["+-+-"] * 10))
    assert [best.figures[key] for key in ("f1", "negative_f1", "score", "first_error_acc", "exact_acc")] == [1.0] * 5
    assert best.intervals["score"] == [1.0, 1.0]
    _, silent = score(items, _told(items, ["++++"] * 10))
    assert silent.figures["negative_f1"] == silent.figures["first_error_acc"] == 0.0
    _, wrong = score(items, _told(items, ["----"] * 10))
    assert (wrong.figures["f1"], wrong.figures["exact_acc"], wrong.figures["first_error_acc"]) == (0.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="item 1 has 4 steps and 2 verdicts"):
        score(items, _told(items, ["+-"] * 10))


def test_items_of_one_question_are_drawn_together(tmp_path: Path) -> None:
    spans = []
    for groups in (40, 2):
        rows = [_row(question=str(number % groups)) for number in range(40)]
        items = read_items(_write(tmp_path / "p.jsonl", rows))
        told = _told(items, ["+-+-", "++++"] * 20)
        spread = score(items, told)[1].intervals["exact_acc"]
        assert spread is not None
        assert score(items, told)[1].intervals["exact_acc"] == spread
        spans.append(spread[1] - spread[0])
    assert spans[0] < 0.5
    assert spans[1] == 1.0  # of two questions, one is all right and one all wrong


@pytest.mark.parametrize("width", [90, 130])
def test_the_table_tells_each_class(width: int, tmp_path: Path) -> None:
    from rich.console import Console

    rows = [_row(error_steps=[1, 9]), _row(error_steps=[], classification="multi_solutions")]
    items = read_items(_write(tmp_path / "p.jsonl", rows))
    shown = table.prmbench_table(*score(items, _told(items, ["-+++", "+++-"])), width=width, title="judge J")
    with (tmp_path / "out").open("w") as file:
        console = Console(width=width, file=file)
        console.print(shown)
    lines = (tmp_path / "out").read_text().splitlines()
    cells = {line.split()[0]: line.split() for line in lines if line.strip()}
    assert "100.0" in cells["redundency"]
    assert {"85.7", "100.0", "–"} <= set(cells["multi_solutions"])
    assert {"80.0", "92.3"} >= set(cells["all"]) & {"80.0", "92.3"}
    assert any("1 wrong steps lie beyond" in line for line in lines)
    assert not any("…" in line for line in lines)


@pytest.mark.data
def test_the_real_sample_holds_what_is_said_of_it(data: Path) -> None:
    items = read_items(data / "math" / "prmbench" / "prmbench_sample1500.jsonl.gz")
    assert Counter(item.classification for item in items)["multi_solutions"] == 41
    assert (len(items), sum(len(item.steps) for item in items)) == (1500, 20490)
    assert sum(item.beyond > 0 for item in items) == 23
    perfect = {
        (item.subset, item.id): Prediction(min(item.wrong, default=-1), tuple(number not in item.wrong for number in
                                                                              range(len(item.steps))))
        for item in items
    }  # fmt: skip
    classes, total = score(items, perfect, resamples=20)
    assert total.figures["score"] == 1.0
    assert classes["multi_solutions"].figures["false_alarm_rate"] == 0.0
    assert len(classes) == 9
