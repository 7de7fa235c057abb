"""Calibration measures against hand-made figures and simulated judges."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.judging.calibration import (
    Bin,
    Temperature,
    auroc,
    brier,
    expected_calibration_error,
    fit_temperature,
    reliability,
)


def test_by_hand() -> None:
    scores, sound = [0.1, 0.3, 0.8, 1.0], [False, True, True, True]
    assert brier(scores, sound) == pytest.approx((0.01 + 0.49 + 0.04) / 4)
    assert reliability(scores, sound, 2) == [
        Bin(0.0, 0.5, 2, pytest.approx(0.2), 0.5),
        Bin(0.5, 1.0, 2, pytest.approx(0.9), 1.0),
    ]
    assert expected_calibration_error(scores, sound, 2) == pytest.approx((2 * 0.3 + 2 * 0.1) / 4)
    assert [b.n for b in reliability(scores, sound)] == [1, 1, 1, 1]
    assert auroc(scores, sound) == 1.0
    assert auroc([0.5, 0.5, 0.2], [True, False, False]) == 0.75


def test_extremes() -> None:
    assert brier([1, 0], [True, False]) == expected_calibration_error([1, 0], [True, False]) == 0
    assert brier([0, 1], [True, False]) == expected_calibration_error([0, 1], [True, False]) == 1
    assert auroc([0.2, 0.8], [True, False]) == 0.0


PAIRS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=30)


@given(PAIRS)
def test_auroc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[float, bool]]) -> None:
    scores, sound = [p for p, _ in pairs], [y for _, y in pairs]
    good, bad = [p for p, y in pairs if y], [p for p, y in pairs if not y]
    if not good or not bad:
        with pytest.raises(BadInput, match="sound and unsound"):
            auroc(scores, sound)
        return
    share = sum((g > b) + 0.5 * (g == b) for g in good for b in bad) / (len(good) * len(bad))
    assert auroc(scores, sound) == pytest.approx(share)


@given(PAIRS, st.integers(1, 20))
def test_bins_hold_everything_once(pairs: list[tuple[float, bool]], bins: int) -> None:
    scores, sound = [p for p, _ in pairs], [y for _, y in pairs]
    found = reliability(scores, sound, bins)
    assert sum(b.n for b in found) == len(pairs)
    assert sum(b.n * b.share for b in found) == pytest.approx(sum(sound))
    assert all(b.low - 1e-9 <= b.score <= b.high + 1e-9 for b in found)
    assert 0 <= expected_calibration_error(scores, sound, bins) <= 1 + 1e-9


def overconfident(n: int, sharper: float, seed: int) -> tuple[list[float], list[bool]]:
    """Truths drawn with known log-odds, and scores whose log-odds are `sharper` times those."""
    rng = random.Random(seed)
    odds = [rng.gauss(0, 1.5) for _ in range(n)]
    return [1 / (1 + math.exp(-z * sharper)) for z in odds], [rng.random() < 1 / (1 + math.exp(-z)) for z in odds]


@pytest.mark.parametrize("sharper", [0.4, 1.0, 3.0])
def test_the_temperature_is_found_and_mends_another_split(sharper: float) -> None:
    fitted = fit_temperature(*overconfident(4000, sharper, 0))
    assert fitted.value == pytest.approx(sharper, rel=0.1)
    scores, sound = overconfident(4000, sharper, 1)
    scaled = fitted(scores)
    assert expected_calibration_error(scaled, sound) < 0.03
    if sharper != 1.0:
        assert expected_calibration_error(scores, sound) > 0.08
        assert brier(scaled, sound) < brier(scores, sound)
    assert auroc(scaled, sound) == pytest.approx(auroc(scores, sound))


@given(PAIRS)
def test_no_other_temperature_loses_less(pairs: list[tuple[float, bool]]) -> None:
    scores, sound = [min(max(p, 0.001), 0.999) for p, _ in pairs], [y for _, y in pairs]

    def loss(temperature: float) -> float:
        scaled = Temperature(temperature)(scores)
        return -sum(math.log(max(p if y else 1 - p, 1e-300)) for p, y in zip(scaled, sound, strict=True))

    best = fit_temperature(scores, sound).value
    assert 0.02 <= best <= 50
    for other in (0.02, best / 1.1, best * 1.1, 1.0, 50.0):
        if 0.02 <= other <= 50:
            assert loss(best) <= loss(other) + 1e-6


def test_bounds() -> None:
    assert fit_temperature([0.9, 0.1], [False, True]).value == 50.0  # the wrong way round
    assert fit_temperature([0.9, 0.1], [True, False]).value == 0.02  # never wrong
    assert fit_temperature([0.5, 0.5], [True, False]).value == 50.0
    assert Temperature(2.0)([0.0, 0.5, 1.0]) == pytest.approx([0.001, 0.5, 0.999], abs=1e-4)


@pytest.mark.parametrize(
    ("scores", "sound", "message"),
    [
        ([], [], "at least one"),
        ([0.5], [True, False], "1 and 2"),
        ([1.5], [True], "from 0 to 1"),
        ([float("nan")], [True], "from 0 to 1"),
    ],
)
def test_nonsense(scores: list[float], sound: list[bool], message: str) -> None:
    for measure in (brier, auroc, fit_temperature, expected_calibration_error):
        with pytest.raises(BadInput, match=message):
            measure(scores, sound)


def test_no_bins() -> None:
    with pytest.raises(BadInput, match="at least one bin"):
        reliability([0.5], [True], 0)
