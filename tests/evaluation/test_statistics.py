"""Means, errors and intervals against closed forms and known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.evaluation.statistics import estimate, wilson


def test_equal_weights_give_the_textbook_values() -> None:
    told = estimate([180.0, 200.0, 220.0, 240.0])
    assert told.n == 4
    assert told.mean == 210.0
    assert told.stderr == pytest.approx(np.std([180, 200, 220, 240], ddof=1) / 2)
    assert 180.0 <= told.low < 210.0 < told.high <= 240.0


def test_one_value_has_no_spread() -> None:
    told = estimate([140.0])
    assert (told.n, told.mean, told.stderr, told.low, told.high) == (1, 140.0, 0.0, 140.0, 140.0)


def test_weights_count_in_the_mean_but_not_as_evidence() -> None:
    told = estimate([100.0, 200.0], [9, 1])
    assert told.n == 2
    assert told.mean == 110.0
    assert told.stderr > np.std([100.0] * 9 + [200.0], ddof=1) / math.sqrt(10)


def test_the_interval_covers_the_mean_of_a_normal_sample_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        told = estimate(rng.normal(10.0, 3.0, size=30).tolist(), resamples=600)
        hits += told.low <= 10.0 <= told.high
    assert 0.90 <= hits / 400 <= 0.98


def test_the_interval_is_about_two_standard_errors_for_many_values() -> None:
    values = np.random.default_rng(1).normal(0, 1, size=2000).tolist()
    told = estimate(values)
    assert told.high - told.low == pytest.approx(2 * 1.96 * told.stderr, rel=0.05)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_the_same_values_always_give_the_same_finite_answer_around_them(values: list[float]) -> None:
    told = estimate(values, resamples=200)
    assert told == estimate(values, resamples=200)
    slack = 1e-6 * (1 + max(map(abs, values)))
    assert min(values) - slack <= told.low <= told.high <= max(values) + slack
    assert told.stderr >= 0


@pytest.mark.parametrize(("values", "weights"), [([], None), ([1.0], [0.0]), ([1.0, 2.0], [1.0])])
def test_nonsense_is_refused(values: list[float], weights: list[float] | None) -> None:
    with pytest.raises(ValueError, match="at least one value"):
        estimate(values, weights)


def test_wilson_intervals() -> None:
    low, high = wilson(0, 20)
    assert low == 0.0
    assert high == pytest.approx(0.1611, abs=1e-4)
    assert wilson(20, 20) == pytest.approx((1 - high, 1.0))
    assert wilson(9, 20) == pytest.approx((0.2582, 0.6579), abs=1e-4)
    assert wilson(1, 1)[0] == pytest.approx(0.2065, abs=1e-4)
    for successes, n in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="make no share"):
            wilson(successes, n)
