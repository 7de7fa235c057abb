"""Means over seeds, and paired comparisons over samples."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.sentiment.metrics import scores
from talkoot.sentiment.samples import Task
from talkoot.sentiment.statistics import Difference, paired, summary

MOSI = Task()


def test_a_summary_by_hand() -> None:
    found = summary([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (found.n, found.mean, found.sd) == (5, 3.0, pytest.approx(math.sqrt(2.5)))
    half = 2.776445 * math.sqrt(2.5 / 5)  # t(.975; 4) of the tables
    assert (found.low, found.high) == (pytest.approx(3 - half), pytest.approx(3 + half))
    assert found.as_json() == {"mean": 3.0, "sd": found.sd, "ci95": [found.low, found.high]}


def test_one_seed_says_nothing_about_spread() -> None:
    assert summary([0.5]).as_json() == {"mean": 0.5, "sd": 0.0, "ci95": [0.5, 0.5]}
    with pytest.raises(BadInput, match="at least one seed"):
        summary([])


def test_what_does_not_exist_is_null_in_json() -> None:
    for values in ([math.nan], [0.5, math.nan]):
        assert summary(values).as_json() == {"mean": None, "sd": None, "ci95": [None, None]}
    flat = paired(MOSI, [0.0, 1.0, 2.0], [[0.5, 0.5, 0.5]], [[0.0, 1.0, 2.0]], resamples=50)["corr"]
    assert flat.verdict == "unknown"
    assert json.loads(json.dumps(flat.as_json(), allow_nan=False))["difference"] is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=9), st.floats(-5, 5))
def test_a_summary_moves_with_its_values(values: list[float], step: float) -> None:
    here, there = summary(values), summary([x + step for x in values])
    assert here.low <= here.mean <= here.high
    assert there.mean == pytest.approx(here.mean + step, abs=1e-9)
    assert there.sd == pytest.approx(here.sd, abs=1e-9)


def models(n: int = 200, spread: float = 0.3) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(5)
    truth = rng.uniform(-3, 3, n)
    good = [truth + rng.normal(size=n) * spread for _ in range(3)]
    poor = [truth + rng.normal(size=n) * 3 * spread for _ in range(2)]
    return truth, good, poor


def test_the_better_model_is_found_in_every_metric_that_tells() -> None:
    truth, good, poor = models()
    found = paired(MOSI, truth, good, poor, resamples=500)
    assert {found[name].verdict for name in ("mae", "corr", "acc7", "acc5")} == {"better"}
    assert found["mae"].difference < 0 < found["corr"].difference
    turned = paired(MOSI, truth, poor, good, resamples=500)
    for name, one in found.items():
        other = turned[name]
        assert (other.difference, other.low, other.high) == pytest.approx((-one.difference, -one.high, -one.low))
    assert turned["mae"].verdict == "worse"
    assert found["mae"].a == pytest.approx(np.mean([scores(MOSI, truth, said)["mae"] for said in good]))


def test_a_model_is_even_with_itself() -> None:
    truth, good, _ = models()
    for one in paired(MOSI, truth, good, good, resamples=100).values():
        assert (one.difference, one.low, one.high, one.verdict) == (0.0, 0.0, 0.0, "even")


def test_the_interval_of_errors_is_that_of_a_normal_mean() -> None:
    truth, good, poor = models(300)
    one = paired(MOSI, truth, good[:1], poor[:1], resamples=1500)["mae"]
    each = np.abs(good[0] - truth) - np.abs(poor[0] - truth)
    half = 1.96 * each.std(ddof=1) / math.sqrt(len(each))
    assert (one.low, one.high) == pytest.approx((each.mean() - half, each.mean() + half), abs=0.2 * half)


def test_the_same_seed_gives_the_same_interval() -> None:
    truth, good, poor = models()
    assert paired(MOSI, truth, good, poor, resamples=50, seed=1) == paired(
        MOSI, truth, good, poor, resamples=50, seed=1
    )
    assert paired(MOSI, truth, good, poor, resamples=50, seed=1) != paired(
        MOSI, truth, good, poor, resamples=50, seed=2
    )


def test_groups_are_drawn_whole() -> None:
    """Copies of a sample in one group are no further evidence: the interval stays that of the samples themselves."""
    truth, good, poor = models(60)
    videos = [str(n) for n in range(60) for _ in range(5)]
    copies = [np.repeat(x, 5) for x in (truth, good[0], poor[0])]
    alone = paired(MOSI, truth, good[:1], poor[:1], resamples=600)["mae"]
    whole = paired(MOSI, copies[0], copies[1:2], copies[2:], groups=videos, resamples=600)["mae"]
    loose = paired(MOSI, copies[0], copies[1:2], copies[2:], resamples=600)["mae"]
    assert whole.high - whole.low == pytest.approx(alone.high - alone.low, rel=0.2)
    assert loose.high - loose.low < 0.6 * (alone.high - alone.low)


def test_labels_at_every_step_are_drawn_by_video() -> None:
    truth, good, poor = models(40)
    rows = [x.reshape(8, 5) for x in (truth, good[0], poor[0])]
    rows[0][3, 2:] = np.nan
    by_row = paired(Task(steps=True), rows[0], rows[1:2], rows[2:], resamples=300, seed=7)["mae"]
    known = ~np.isnan(rows[0]).ravel()
    videos = [str(n // 5) for n in np.flatnonzero(known)]
    flat = [x.ravel()[known] for x in rows]
    by_group = paired(MOSI, flat[0], flat[1:2], flat[2:], groups=videos, resamples=300, seed=7)["mae"]
    assert (by_row.low, by_row.high) == pytest.approx((by_group.low, by_group.high))


def test_drawing_seeds_as_well_widens_the_interval_of_models_whose_seeds_differ() -> None:
    truth, good, _ = models()
    uneven = [good[0], good[1] + 1.5]
    fixed = paired(MOSI, truth, uneven, good, resamples=400)["mae"]
    drawn = paired(MOSI, truth, uneven, good, resamples=400, draw_seeds=True)["mae"]
    assert drawn.high - drawn.low > 2 * (fixed.high - fixed.low)
    assert drawn.difference == fixed.difference


def test_emotions_are_compared_one_by_one() -> None:
    truth = np.tile([[1, 0], [0, 1], [1, 1], [0, 0]], (20, 1))
    task = Task("classification", emotions=("happy", "sad"))
    found = paired(task, truth, [truth * 0.8 + 0.1], [np.stack([truth[:, 0], 1 - truth[:, 1]], 1)], resamples=200)
    assert (found["acc/happy"].verdict, found["acc/sad"].verdict, found["f1"].verdict) == ("even", "better", "better")


def test_verdicts() -> None:
    assert Difference("acc7", 0.4, 0.3, 0.1, 0.01, 0.2).verdict == "better"
    assert Difference("mae", 0.4, 0.3, 0.1, 0.01, 0.2).verdict == "worse"
    assert Difference("mae", 0.4, 0.3, 0.1, -0.01, 0.2).verdict == "even"


def test_bad_input() -> None:
    with pytest.raises(BadInput, match="at least one seed of each"):
        paired(MOSI, [1.0], [], [[1.0]])
    with pytest.raises(BadInput, match="2 samples are in 1 groups"):
        paired(MOSI, [1.0, 2.0], [[1.0, 2.0]], [[1.0, 2.0]], groups=["a"])
    with pytest.raises(BadInput, match="predictions of shape"):
        paired(MOSI, [1.0, 2.0], [[1.0]], [[1.0, 2.0]])
    with pytest.raises(BadInput, match="0 drawings"):
        paired(MOSI, [1.0], [[1.0]], [[1.0]], resamples=0)
