"""Predictions: the first bad step, batches, files that go on after a kill, and predictions from elsewhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from talkoot.errors import BadInput, ModelFailed
from talkoot.judge import Trace, Verdict
from talkoot.judging.benchmarks.given import given
from talkoot.judging.benchmarks.predicting import Journal, Prediction, first_bad, predict
from talkoot.judging.benchmarks.processbench import Item


class Marks:
    """Judges by the last chunk's own words: "bad ..." is bad, a number is its score, "fault" makes a fault."""

    name = "marks"

    def __init__(self, fail_after: int = 10**9) -> None:
        self.batches: list[list[Trace]] = []
        self.fail_after = fail_after

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        if len(self.batches) >= self.fail_after:
            raise ModelFailed("the server is gone")
        self.batches.append(list(traces))
        return [self._verdict(trace.chunks[-1]) for trace in traces]

    def _verdict(self, chunk: str) -> Verdict:
        score = float(chunk) if chunk[0].isdecimal() else float(not chunk.startswith("bad"))
        return Verdict(score >= 0.5, score, tokens=3, fault="no verdict" if chunk == "fault" else "")


def _item(number: int, *steps: str, subset: str = "s") -> Item:
    return Item(subset, str(number), f"problem {number}", steps, -1)


def _predict(items: list[Item], judge: Marks, **options: Any) -> dict[str, Prediction]:
    found = asyncio.run(predict(items, judge, **options))
    return {id_: one for (_, id_), one in found.items()}


ITEMS = [_item(0, "a", "b"), _item(1, "a", "bad b", "c", "bad d"), _item(2, "bad"), _item(3, "a", "fault", "b")]


@pytest.mark.parametrize("batch", [1, 2, 64])
@pytest.mark.parametrize("every", [False, True])
def test_the_first_bad_step_is_the_prediction(batch: int, every: bool) -> None:
    judge = Marks()
    found = _predict(ITEMS, judge, batch=batch, every=every)
    assert [found[str(number)].prediction for number in range(4)] == [-1, 1, 0, -1]
    assert found["1"].good == (True, False, True, False)[: 4 if every else 2]
    assert found["1"].tokens == 3 * len(found["1"].good)
    assert found["3"].faults == ("step 1: no verdict",)
    assert max(map(len, judge.batches)) <= batch
    asked = [trace for traces in judge.batches for trace in traces]
    assert len(asked) == len(set(asked)) == (10 if every else 8)
    assert Trace("problem 3", ("a", "fault", "b")) in asked
    if every and batch == 64:
        assert len(judge.batches) == 1


def test_scores_are_held_against_a_threshold() -> None:
    items = [_item(0, "0.9", "0.6", "0.4")]
    assert _predict(items, Marks())["0"].prediction == 2
    strict = _predict(items, Marks(), threshold=0.7)
    assert (strict["0"].prediction, strict["0"].scores) == (1, (0.9, 0.6))
    assert _predict(items, Marks(), threshold=0.4)["0"].prediction == -1


@for_all(st.lists(st.lists(st.sampled_from(["a", "bad"]), min_size=1, max_size=5), max_size=8), st.integers(1, 7))
def test_no_order_of_batches_changes_a_prediction(solutions: list[list[str]], batch: int) -> None:
    items = [_item(number, *steps) for number, steps in enumerate(solutions)]
    found = _predict(items, Marks(), batch=batch)
    whole = _predict(items, Marks(), batch=batch, every=True)
    for item in items:
        expected = first_bad([step == "a" for step in item.steps])
        assert found[item.id].prediction == whole[item.id].prediction == expected
        assert found[item.id].good == whole[item.id].good[: len(found[item.id].good)]


def test_a_judge_that_leaves_verdicts_out_is_told() -> None:
    class Short(Marks):
        async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
            return (await super().__call__(traces))[1:]

    with pytest.raises(ModelFailed, match="the judge marks gave 3 verdicts on 4 steps"):
        _predict(ITEMS, Short())


SETTINGS = {"benchmark": "processbench", "judge": "marks", "threshold": None}


def test_a_run_that_failed_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "p.jsonl"
    told: list[str] = []
    with Journal(path, SETTINGS) as journal, pytest.raises(ModelFailed):
        _predict(ITEMS, Marks(fail_after=3), journal=journal, batch=2, done=lambda item, _: told.append(item.id))
    assert told == ["0", "1", "2"]
    with path.open("ab") as file:
        file.write(b'{"subset":"s","id":"3","predic')  # killed in the middle of a line
    judge = Marks()
    with Journal(path, SETTINGS) as journal:
        found = _predict(ITEMS, judge, journal=journal, batch=2)
    assert {trace.problem for traces in judge.batches for trace in traces} == {"problem 3"}
    assert found == _predict(ITEMS, Marks())
    with Journal(path, SETTINGS) as journal:
        assert {id_: one for (_, id_), one in journal.known(ITEMS).items()} == found
        assert _predict(ITEMS, Marks(fail_after=0), journal=journal) == found


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    with Journal(path, SETTINGS) as journal:
        _predict(ITEMS, Marks(), journal=journal)
        with pytest.raises(BadInput, match="being written by another process"):
            Journal(path, SETTINGS)
    with pytest.raises(BadInput, match="something else \\(judge 'marks', not 'other'\\); name another file"):
        Journal(path, SETTINGS | {"judge": "other"})
    with Journal(path, SETTINGS) as journal, pytest.raises(BadInput, match="item 0 of s was another one"):
        journal.known([_item(0, "a", "c")])
    for text in ('{"id": "1", "prediction": 2}\n', "some notes\n"):
        path.write_text(text)
        with pytest.raises(BadInput, match="is no file of predictions"):
            Journal(path, SETTINGS)
        assert path.read_text() == text


def test_a_file_that_was_cut_in_its_first_line_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    for head in ("", '{"form', '{"format":"talkoot predictions","benchm'):
        path.write_text(head)
        with Journal(path, SETTINGS) as journal:
            _predict(ITEMS[:1], Marks(), journal=journal)
        with Journal(path, SETTINGS) as journal:
            assert len(journal.known(ITEMS)) == 1


def _given(tmp_path: Path, told: Any, items: list[Item] | None = None, **options: Any) -> list[int | None]:
    path = tmp_path / "told.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return [one.prediction for one in given(path, items or ITEMS, **options).values()]


ROWS = [{"id": "0", "prediction": -1}, {"id": 1, "prediction": 3}, {"id": "2", "prediction": None},
        {"id": "3", "prediction": 9, "label": 2}]  # fmt: skip


def test_predictions_come_in_several_forms(tmp_path: Path) -> None:
    assert _given(tmp_path, ROWS) == [-1, 3, None, 9]
    assert _given(tmp_path, "\n".join(map(json.dumps, reversed(ROWS)))) == [-1, 3, None, 9]
    assert _given(tmp_path, {"0": -1, "1": 3, "2": None, "3": 9}) == [-1, 3, None, 9]
    assert _given(tmp_path, {"0": {"prediction": -1}, "1": 3, "2": None, "3": 9}) == [-1, 3, None, 9]
    assert _given(tmp_path, {"id": "0", "prediction": 1}, ITEMS[:1]) == [1]
    verdicts = [{"id": 0, "good": [True, True]}, {"id": 1, "good": [True, False]}, {"id": 2, "scores": [0.2]},
                {"id": 3, "scores": [1, 0.5, 0.4]}]  # fmt: skip
    assert _given(tmp_path, verdicts) == [-1, 1, 0, 2]
    assert _given(tmp_path, verdicts, threshold=0.6) == [-1, 1, 0, 1]
    assert _given(tmp_path, ROWS, chosen=ITEMS[2:]) == [None, 9]


def test_a_file_that_predict_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    with Journal(path, SETTINGS) as journal:
        found = asyncio.run(predict(ITEMS, Marks(), journal=journal))
    assert given(path, ITEMS) == found
    assert [one.prediction for one in given(path, ITEMS, threshold=0.5).values()] == [-1, 1, 0, -1]


def test_equal_ids_of_two_subsets_are_told_apart(tmp_path: Path) -> None:
    items = [_item(0, "a", subset="one"), _item(0, "a", subset="two")]
    rows = [{"id": 0, "prediction": 0, "subset": "two"}, {"id": 0, "prediction": -1, "subset": "one"}]
    assert _given(tmp_path, rows, items) == [-1, 0]
    with pytest.raises(BadInput, match=r'item 1: id 0 is in one, two; say which with "subset": "one"'):
        _given(tmp_path, [{"id": 0, "prediction": 0}], items)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (ROWS[:2], r"no prediction for 2 of 4 items \(2, 3\); add them"),
        ([*ROWS, {"id": "x", "prediction": 0}], r"1 predictions for items that are not .* \(x\)"),
        ([*ROWS, {"id": 1, "prediction": 0, "subset": "t"}], r"\(t/1\)"),
        ([*ROWS, ROWS[0]], "two predictions for 0, item 1 and item 5; keep one"),
        ('{"0": 1, "0": 2}', "'0' stands there twice"),
        ([-1, 3, 0, 0], "item 1: a prediction is an object with an 'id', such as"),
        ([{"id": 0, "prediction": "1"}], "must be an integer or null, but it is '1'"),
        ([{"id": 0, "prediction": 1.5}], "must be an integer or null"),
        ([{"id": 0, "prediction": True}], "must be an integer or null"),
        ([{"id": 0}], "but it is 'missing'"),
        ([{"id": 0, "good": [1, 0]}], "'good' must be a list of true and false"),
        ([{"id": 0, "scores": ["0.5"]}], "'scores' must be a list of finite numbers"),
        ([{"id": 0, "good": [True]}], "0 has 2 steps, but the prediction has 1"),
        ([{"id": 0, "good": [True, True, False]}], "0 has 2 steps, but the prediction has 3"),
        ([{"id": 0, "good": [True, False], "prediction": 0}], "'prediction' is 0, but the first bad step .* is 1"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(told: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=said):
        _given(tmp_path, told)


def test_a_benchmark_of_all_steps_needs_all_verdicts(tmp_path: Path) -> None:
    assert _given(tmp_path, [{"id": 1, "good": [True, False, True, True]}], ITEMS[1:2], every=True) == [1]
    for told in ({"id": 1, "prediction": 1}, {"id": 1, "good": [True, False]}):
        with pytest.raises(BadInput, match="1 has 4 steps, but the prediction has"):
            _given(tmp_path, [told], ITEMS[1:2], every=True)
