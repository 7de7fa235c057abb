"""ProcessBench: reading, the official metric against a table made by hand, and files that are not what they should."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.judging.benchmarks import paper, table
from talkoot.judging.benchmarks.predicting import Prediction
from talkoot.judging.benchmarks.processbench import Item, read_items, score

LABELS = [1, 0, 2, -1, -1, 1, -1, 0]


def _items(labels: list[int], subset: str = "ours") -> list[Item]:
    return [Item(subset, f"{subset}-{number}", f"problem {number}", ("a", "b", "c"), label)
            for number, label in enumerate(labels)]  # fmt: skip


def _told(items: list[Item], told: list[int | None]) -> dict[tuple[str, str], Prediction]:
    return {(item.subset, item.id): Prediction(one) for item, one in zip(items, told, strict=True)}


def _row(**changed: Any) -> dict[str, Any]:
    return {"id": "g-0", "generator": "x", "problem": "1 + 1?", "steps": ["1 + 1 = 2", "A: 2"],
            "final_answer_correct": True, "label": -1} | changed  # fmt: skip


def test_the_score_is_that_of_a_table_made_by_hand() -> None:
    """Of five items with an error two are named exactly (1 -> 1, 0 -> 0), of three right ones two are called right."""
    one = _items(LABELS)
    other = _items([-1, 0], "more")
    told = _told(one, [1, 1, -1, -1, 0, None, -1, 0]) | _told(other, [-1, 0])
    subsets, average = score([*one, *other], told)
    first = subsets["ours"]
    assert (first.n, first.errors, first.faults) == (8, 5, 1)
    assert first.figures == pytest.approx({"error_acc": 2 / 5, "correct_acc": 2 / 3, "f1": 0.5})
    assert subsets["more"].figures == {"error_acc": 1.0, "correct_acc": 1.0, "f1": 1.0}
    assert average.figures == pytest.approx({"error_acc": 0.7, "correct_acc": 5 / 6, "f1": 0.75})
    assert (average.n, average.errors, average.faults) == (10, 6, 1)
    row = first.to_json()
    assert list(row) == ["n", "errors", "error_acc", "error_acc_ci95", "correct_acc", "correct_acc_ci95", "f1",
                         "f1_ci95", "faults", "tokens"]  # fmt: skip


@pytest.mark.parametrize("always", [-1, 0, 1, 2, None, 7, -5])
def test_always_the_same_scores_nothing(always: int | None) -> None:
    items = _items(LABELS)
    subsets, average = score(items, _told(items, [always] * 8))
    assert subsets["ours"].figures["f1"] == average.figures["f1"] == 0.0
    assert subsets["ours"].intervals["f1"] == [0.0, 0.0]
    assert subsets["ours"].faults == (8 if always in (None, 7, -5) else 0)


def test_what_cannot_be_counted_is_none() -> None:
    items = _items([1, 0])
    subsets, average = score(items, _told(items, [1, 0]))
    assert subsets["ours"].figures == {"error_acc": 1.0, "correct_acc": None, "f1": None}
    assert subsets["ours"].intervals["correct_acc"] is None
    assert average.figures["f1"] is None
    mixed = [*items, *_items(LABELS, "more")]
    _, average = score(mixed, _told(mixed, [1, 0, *LABELS]))
    assert average.figures == {"error_acc": 1.0, "correct_acc": None, "f1": None}


@for_all(st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2)), min_size=1, max_size=12), st.integers(0, 9))
def test_the_metric_is_the_official_formula(pairs: list[tuple[int, int]], seed: int) -> None:
    items = _items([label for label, _ in pairs])
    subsets, _ = score(items, _told(items, [told for _, told in pairs]), seed=seed, resamples=50)
    figures = subsets["ours"].figures
    errors = [label == told for label, told in pairs if label != -1]
    right = [label == told for label, told in pairs if label == -1]
    if errors and right:
        one, other = sum(errors) / len(errors), sum(right) / len(right)
        assert figures["f1"] == pytest.approx(2 * one * other / (one + other) if one + other else 0.0)
    for value, spread in ((figures[name], subsets["ours"].intervals[name]) for name in figures):
        if value is None:
            assert spread is None
        else:
            assert spread is not None
            assert 0 <= spread[0] <= spread[1] <= 1


def test_intervals_hold_the_value_and_shrink_and_come_from_the_seed() -> None:
    few, many = _items([0, -1] * 20), _items([0, -1] * 500)
    told = [0, -1, 1, 0]
    narrow, _ = score(many, _told(many, told * 250))
    wide, _ = score(few, _told(few, told * 10))
    for one in (narrow, wide):
        low, high = one["ours"].intervals["f1"] or (2, 2)
        assert low < 0.5 < high
    spans = [(one["ours"].intervals["f1"] or [0, 0]) for one in (narrow, wide)]
    assert spans[0][1] - spans[0][0] < 0.5 * (spans[1][1] - spans[1][0])
    assert score(few, _told(few, told * 10))[0] == wide
    assert score(few, _told(few, told * 10), seed=1)[0] != wide


def test_items_of_one_problem_are_drawn_together() -> None:
    """A problem that is there 20 times is evidence for one."""
    alone = _items([0, -1] * 20)
    alike = [Item("ours", one.id, f"problem {number % 4}", one.steps, one.label) for number, one in enumerate(alone)]
    told = [0, -1, 1, 0] * 10
    spans = []
    for items in (alone, alike):
        spread = score(items, _told(items, told))[0]["ours"].intervals["error_acc"]
        assert spread is not None
        spans.append(spread[1] - spread[0])
    assert spans[0] < 0.5 < spans[1]


@pytest.mark.parametrize("form", ["list", "lines", "packed", "one"])
def test_files_come_in_several_forms(form: str, tmp_path: Path) -> None:
    rows = [_row(), _row(id=7, label=1, problem="line\u2028break")][: 1 if form == "one" else 2]
    text = json.dumps(rows) if form == "list" else "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path = tmp_path / ("g.jsonl.gz" if form == "packed" else "g.json")
    path.write_bytes(gzip.compress(text.encode()) if form == "packed" else b"\xef\xbb\xbf" + text.encode())
    items = read_items(path)
    assert items[0] == Item("g", "g-0", "1 + 1?", ("1 + 1 = 2", "A: 2"), -1)
    assert [item.id for item in items] == ["g-0", "7"][: len(rows)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("[{]", "line 1 is no JSON"),
        ('{"id": 1}\nnonsense', "line 2 is no JSON"),
        (json.dumps([_row(), 5]), "item 2: 'steps' must be a list, but the row is '5'"),
        (json.dumps([_row(steps=[])]), "at least one"),
        (json.dumps([_row(steps=["a", 2])]), "a list of texts"),
        (json.dumps([_row(label=2)]), "label 2 is no index of its 2 steps"),
        (json.dumps([_row(label=True)]), "'label' must be an integer, but it is 'True'"),
        (json.dumps([_row(problem=None)]), "'problem' must be a text"),
        (json.dumps([{key: told for key, told in _row().items() if key != "label"}]), "it is missing"),
        (json.dumps([_row(), _row()]), "item 2: the id g-0 was there before"),
        ('{"id": 1, "id": 2}', "'id' stands there twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "[" * 100_000, "line 1 is nested too deeply"),
        ('{"label": ' + "1" * 5000 + "}", "thousands of digits"),
        ("[]", "holds no items"),
    ],
)
def test_a_file_that_is_no_benchmark_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "g.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=said.replace("(", r"\(")) as caught:
        read_items(path)
    assert str(path) in str(caught.value)


def test_a_broken_gzip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "g.json.gz"
    for data in (b"plain", gzip.compress(b"[1, 2, 3]" * 100)[:-9]):
        path.write_bytes(data)
        with pytest.raises(BadInput, match="no whole gzip file"):
            read_items(path)
    path = tmp_path / "g.json"
    path.write_bytes(gzip.compress(b"[]"))
    with pytest.raises(BadInput, match="no UTF-8 text"):
        read_items(path)


def test_the_paper_agrees_with_itself() -> None:
    """F1 follows from the accuracies and the average from the cells, up to rounding, but for one row of the paper's."""
    for row in paper.ROWS:
        assert sum(row.f1) / 4 == pytest.approx(38.4 if "Eurus" in row.method else row.average, abs=0.3), row
        for f1, (error, correct) in zip(row.f1, row.accuracies or (), strict=False):
            assert 2 * error * correct / (error + correct) == pytest.approx(f1, abs=0.15), row


def _printed(shown: Any, width: int) -> str:
    from rich.console import Console

    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(shown)
        return console.export_text()


@pytest.mark.parametrize("width", [80, 130])
def test_the_table_shows_percent_beside_the_paper(width: int) -> None:
    items = [*_items(LABELS, "gsm8k"), *_items([1], "mine")]
    shown = table.processbench_table(
        *score(items, _told(items, [1, 1, -1, -1, 0, 1, -1, 0, 1])), width=width, title="X"
    )
    lines = _printed(shown, width).splitlines()
    assert any(
        line.split()[0] == "gsm8k" and {"60.0", "66.7", "63.2"} <= set(line.split()) for line in lines if line.strip()
    )
    assert any(line.split()[0] == "mine" and "–" in line for line in lines if line.strip())
    told = " ".join(" ".join(lines).split())
    assert "arXiv 2508.19229v2" in told
    assert (
        "7B StepWiser Rel-Effective 72.4 (70.5/74.5)" if width > 100 else "7B StepWiser Rel-Effective 72.4 "
    ) in told
    assert "…" not in told
    assert "53.8" not in told  # the paper's average is over four subsets
    four = [item for name in paper.SUBSETS for item in _items([0, -1], name)]
    assert "61.9" in _printed(table.processbench_table(*score(four, _told(four, [0, -1] * 4)), width=width), width)
    other = _items(LABELS)
    assert "arXiv" not in _printed(table.processbench_table(*score(other, _told(other, LABELS)), width=width), width)


@pytest.mark.data
def test_the_real_files_hold_what_is_said_of_them(data: Path) -> None:
    folder = data / "math" / "processbench"
    items = read_items(folder / "gsm8k.json") + read_items(folder / "math.json")
    subsets, average = score(items, {(item.subset, item.id): Prediction(item.label) for item in items}, resamples=20)
    assert {name: (row.n, row.errors) for name, row in subsets.items()} == {"gsm8k": (400, 207), "math": (1000, 594)}
    assert average.figures["f1"] == 1.0
    never = {(item.subset, item.id): Prediction(-1) for item in items}
    assert score(items, never, resamples=20)[1].figures == {"error_acc": 0.0, "correct_acc": 1.0, "f1": 0.0}
