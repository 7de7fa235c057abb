"""Figures of judges by hand: the metric, its paired bootstrap, the budget of tokens, and traces of raw texts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging_nano import finished, nano
from talkoot.errors import BadInput
from talkoot.judge import Trace, Verdict
from talkoot.judging.pipeline import measure, presets
from talkoot.judging.pipeline.measure import Item, difference, f1, figures, hits, name_first, resampled
from talkoot.judging.pipeline.training import ROWS, _slug, budget
from talkoot.judging.pipeline.use import _trace
from talkoot.judging.pipeline.work import Work
from talkoot.learning.grpo_settings import Settings

ITEMS = [
    Item(Trace("p", ("a", "b")), (True, False)),
    Item(Trace("q", ("c", "d", "e")), (False, True, False)),
    Item(Trace("r", ("f",)), (True,)),
    Item(Trace("s", ("g", "h")), (True, True)),
]


class Scripted:
    """Rejects the chunks it is told to; the score of a chunk is 0.9 or 0.2, each verdict costs 3 tokens."""

    name = "scripted"

    def __init__(self, *rejected: str) -> None:
        self.rejected = rejected

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        good = [trace.chunks[-1] not in self.rejected for trace in traces]
        return [Verdict(one, 0.9 if one else 0.2, "", tokens=3) for one in good]


def test_f1_is_the_harmonic_mean_of_both_accuracies() -> None:
    assert f1(np.array([True, False]), np.array([True, True])) == pytest.approx(2 * 0.5 / 1.5)
    assert f1(np.array([False]), np.array([False])) == 0.0
    assert f1(np.array([True, True]), np.array([False])) == 0.0


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=9), st.lists(st.booleans(), min_size=1, max_size=9))
def test_f1_lies_between_the_accuracies(right: list[bool], wrong: list[bool]) -> None:
    a, b = sum(right) / len(right), sum(wrong) / len(wrong)
    assert min(a, b) - 1e-9 <= f1(np.array(right), np.array(wrong)) + (min(a, b) == 0) <= max(a, b) + 1 + 1e-9
    assert f1(np.array(right), np.array(wrong)) <= 2 * min(a, b) + 1e-9


def test_the_first_wrong_chunk_must_be_named_and_no_other() -> None:
    assert [item.first for item in ITEMS] == [1, 0, -1, -1]
    named = asyncio.run(name_first(Scripted("b", "e", "h"), ITEMS))
    assert named.named == (1, 2, -1, 1)
    assert [len(some) for some in named.verdicts] == [2, 3, 1, 2]
    assert hits(ITEMS, named).tolist() == [True, False, True, False]
    told = figures(ITEMS, named)
    assert (told["items"], told["error_acc"], told["correct_acc"], told["f1"]) == (4, 0.5, 0.5, 0.5)
    assert told["sound_accepted"] == 4 / 5  # a, d, f, g of these and h
    assert told["unsound_rejected"] == 2 / 3  # b and e, not c
    assert (told["tokens"], told["unparsed"]) == (3.0, 0.0)
    # Of 5 sound times 3 unsound chunks: 4 * 2 in order, 4 * 1 and 1 * 2 equal, 1 * 1 the wrong way round.
    assert told["auroc"] == pytest.approx((4 * 2 + 0.5 * (4 * 1 + 1 * 2)) / 15)
    assert told["calibration_error"] == pytest.approx((5 * abs(0.9 - 4 / 5) + 3 * abs(0.2 - 1 / 3)) / 8)


def test_resamples_keep_the_numbers_of_both_kinds() -> None:
    bad = np.array([True, True, False, False])
    perfect, none = np.ones(4, bool), np.zeros(4, bool)
    assert (resampled(perfect, bad, 50) == 1).all()
    assert (resampled(none, bad, 50) == 0).all()
    half = resampled(np.array([True, False, True, True]), bad, 4000)
    # Of the two items with an error none, one or both are hit: 1/4, 1/2, 1/4 of the samples.
    shares = [float(np.isclose(half, value).mean()) for value in (0.0, 2 / 3, 1.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.03)
    assert (resampled(half[:4] > 2, bad, 7) == resampled(half[:4] > 2, bad, 7)).all()


def test_differences_are_paired() -> None:
    one, other = [1, 0, 1, 1], [0, 0, 1, 1]
    assert difference(ITEMS, one, one) == {"difference": 0.0, "low": 0.0, "high": 0.0}
    told = difference(ITEMS, one, other)
    assert told["difference"] == pytest.approx(2 / 3)
    assert (told["low"], told["high"]) == pytest.approx((0.0, 1.0))
    back = difference(ITEMS, other, one)
    assert (back["difference"], back["low"], back["high"]) == pytest.approx((-2 / 3, -1.0, 0.0))


def test_items_are_as_many_with_an_error_as_without() -> None:
    work = Work(nano(), 0, finished()[0] / "run")
    found = measure.items(work)
    wrong = [item.first >= 0 for item in found]
    assert wrong == sorted(wrong, reverse=True)
    assert sum(wrong) * 2 == len(found)
    assert found == measure.items(work)


def test_the_budget_counts_prompts_twice_and_completions_twice(tmp_path: Path) -> None:
    settings = Settings(steps=3, prompts=4, group=5)
    # 12 groups: prompts of 15 tokens on average, read to draw and to learn; 5 completions of 14, drawn and learnt.
    assert budget(Work(nano(), 0, tmp_path), settings, [[1] * 10, [1] * 20], 14.0) == 12 * (2 * 15 + 2 * 5 * 14)


def test_supervised_rows_stay_within_the_budget_of_the_main_row() -> None:
    told = finished()[1]["judges"]
    least, batch = 8, nano().discriminative.batch
    for name in ("control", "rs-ft", "discriminative"):
        row = told[name]
        assert row["budget_tokens"] > 0
        assert row["steps"] >= least
        assert 1 <= row["kept_step"] <= row["steps"]
        assert row["held_out"][0] <= max(row["held_out"])
        # More than the least number of steps is taken only where the tokens of the budget allow for it.
        assert row["steps"] == least or row["steps"] * batch <= row["budget_tokens"]
    assert told["stepwiser"]["tokens_sampled"] > 0
    assert len(told["stepwiser"]["reward"]) == nano().grpo.steps


def test_traces_of_raw_texts() -> None:
    assert _trace("p", "<chunk>a.</chunk><chunk>b</chunk>").chunks == ("a.", "b")
    assert _trace("p", "<chunk>a.</chunk>b").chunks == ("a.b",)  # what is not in tags is one chunk
    assert _trace("p", "no tags").chunks == ("no tags",)
    assert _trace("p", "").chunks == ("",)
    assert _trace("p", "x").problem == "p"


def test_presets_by_name() -> None:
    assert presets.preset("cpu").name == "cpu"
    assert {one.name for one in presets.PRESETS.values()} == {"smoke", "cpu", "gpu"} == set(presets.PRESETS)
    with pytest.raises(BadInput, match="no preset 'tiny'; take one of smoke, cpu, gpu"):
        presets.preset("tiny")
    for one in presets.PRESETS.values():
        assert one.grpo.prompts % 2 == 0  # classes are balanced
        assert one.cap % 4 == 0  # blocks of the journal


def test_rows_that_run_side_by_side_have_folders_of_their_own() -> None:
    assert _slug("grpoabs-qTrueFalse['loss']") == "grpoabs-qTrueFalse--loss--"
    assert len(ROWS) == len(set(ROWS))
