"""Ranks, Spearman and the area under the curve, with ties, against hand-made cases and other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.sentiment.ranks import area_under_curve, correlation, ranks, spearman

SMALL = st.lists(st.integers(-3, 3), min_size=3, max_size=20)


def test_equal_values_share_a_rank() -> None:
    assert ranks([10, 20, 20, 5]).tolist() == [2, 3.5, 3.5, 1]
    assert ranks([]).tolist() == []


def test_correlation_is_undefined_where_nothing_varies() -> None:
    assert np.isnan(correlation([1, 1], [1, 2]))
    assert np.isnan(correlation([1], [1]))
    assert np.isnan(spearman([], []))
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert spearman([1, 2, 3], [1, 8, 27]) == pytest.approx(1)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)


@given(SMALL, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_spearman_is_scipys(values: list[int], shuffler: object) -> None:
    stats = pytest.importorskip("scipy.stats")
    other = list(values)
    shuffler.shuffle(other)  # type: ignore[attr-defined]
    if len(set(values)) > 1:
        assert spearman(values, other) == pytest.approx(float(stats.spearmanr(values, other).statistic), abs=1e-9)


@given(SMALL)
@settings(max_examples=40, deadline=None)
def test_area_is_the_share_of_pairs_in_order(values: list[int]) -> None:
    marked = [at % 2 == 0 for at in range(len(values))]
    yes = [v for v, m in zip(values, marked, strict=True) if m]
    no = [v for v, m in zip(values, marked, strict=True) if not m]
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in yes for b in no]
    assert area_under_curve(values, marked) == pytest.approx(np.mean(pairs))


def test_area_is_undefined_with_one_kind_only() -> None:
    assert np.isnan(area_under_curve([1, 2], [True, True]))
    assert np.isnan(area_under_curve([1, 2], [False, False]))
    assert area_under_curve([[0.1, 0.9]], [[False, True]]) == 1
