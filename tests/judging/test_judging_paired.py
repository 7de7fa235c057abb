"""Paired comparisons."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.evaluation.statistics import estimate
from talkoot.judging.paired import bootstrap, mcnemar


def test_the_bootstrap_agrees_with_that_of_evaluation() -> None:
    rng = random.Random(0)
    values = [rng.gauss(1, 2) for _ in range(200)]
    mine, theirs = bootstrap(values, seed=3), estimate(values, seed=3)
    assert (mine.n, mine.low, mine.high) == (theirs.n, pytest.approx(theirs.low), pytest.approx(theirs.high))
    assert mine.mean == pytest.approx(theirs.mean)
    assert bootstrap(values, seed=3) == mine
    assert bootstrap([1.0]).low == bootstrap([1.0]).high == 1.0
    with pytest.raises(BadInput, match="at least one problem"):
        bootstrap([])


def test_mcnemar_by_hand() -> None:
    right = [True] * 10
    assert mcnemar(right, right) == 1.0
    assert mcnemar(right, [False] * 10) == 2 / 1024
    assert mcnemar([True, True, True, False], [False, False, False, True]) == pytest.approx(10 / 16)
    assert mcnemar([], []) == 1.0
    with pytest.raises(BadInput, match="same problems, not on 1 and 2"):
        mcnemar([True], [True, False])


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_mcnemar_has_no_sides(pairs: list[tuple[bool, bool]]) -> None:
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    assert 0 < mcnemar(a, b) == mcnemar(b, a) <= 1
    assert mcnemar([*a, True], [*b, True]) == mcnemar(a, b)  # problems on which they agree do not count


def test_thousands_of_problems() -> None:
    a = [i % 3 == 0 for i in range(9000)]
    b = [i % 3 == 1 for i in range(9000)]
    assert mcnemar(a, b) == 1.0
    assert mcnemar([x or y for x, y in zip(a, b, strict=True)], a) < 1e-300
