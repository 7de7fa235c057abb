"""Scores of whole solutions from scores of chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging_simulated import Says
from talkoot.episode import run_sync
from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.judges import Outcome
from talkoot.judging.scores import HOWS, aggregate, score_solutions


def test_by_hand() -> None:
    scores = [0.5, 0.2, 0.8]
    assert aggregate(scores) == pytest.approx(0.5)
    assert aggregate(scores, "min") == 0.2
    assert aggregate(scores, "product") == pytest.approx(0.08)
    assert aggregate(scores, "last") == 0.8
    assert [aggregate([], how) for how in HOWS] == [0.0] * 4
    with pytest.raises(BadInput, match=r"'max'.*mean, min, product, last"):
        aggregate(scores, "max")  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 1), min_size=1))
def test_the_order_of_the_ways(scores: list[float]) -> None:
    product, least, mean = (aggregate(scores, how) for how in ("product", "min", "mean"))
    assert 0 <= product <= least <= mean * (1 + 1e-12) <= 1 + 1e-9


def test_shared_prefixes_are_judged_once_and_charged_to_all() -> None:
    judge = Says(lambda trace: 0.1 * len(trace.chunks))
    one, two, none = Trace("p", ("a", "b")), Trace("p", ("a", "c", "d")), Trace("p")
    scored = run_sync(score_solutions(judge, [one, two, none, one], batch=2))
    assert [s.score for s in scored] == pytest.approx([0.15, 0.2, 0.0, 0.15])
    assert [s.tokens for s in scored] == [6, 9, 0, 6]
    assert [len(s.verdicts) for s in scored] == [2, 3, 0, 2]
    assert judge.asked == [*one.prefixes(), *two.prefixes()[1:]]


def test_an_outcome_model_is_asked_about_finished_solutions_only() -> None:
    traces = [Trace("p", ("a", "b")), Trace("p", ("a", "c", "d"))]
    inner = Says(lambda trace: 0.1 * len(trace.chunks))
    scored = run_sync(score_solutions(Outcome(inner), traces))
    assert inner.asked == traces
    assert [s.score for s in scored] == pytest.approx([0.2, 0.3])
    assert [s.tokens for s in scored] == [3, 3]
    assert scored == run_sync(score_solutions(inner, traces, "last"))
