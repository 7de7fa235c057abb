"""The field's metrics, by hand, against scikit-learn, and under resampling."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from talkoot.errors import BadInput
from talkoot.sentiment.metrics import LOWER_IS_BETTER, REGRESSION, SIMS, names, resampled, scores
from talkoot.sentiment.samples import Task

MOSI = Task()
CHINESE = Task(bound=1.0)
STEPS = Task(steps=True)
FEELINGS = Task("classification", emotions=("happy", "sad"))


def test_mosi_by_hand() -> None:
    truth = np.array([-3.0, -1.0, 0.0, 0.0, 1.0, 2.6])
    said = np.array([-2.4, 0.2, 0.0, -0.1, 3.9, 2.4])
    found = scores(MOSI, truth, said)
    assert tuple(found) == REGRESSION == names(MOSI)
    assert found["mae"] == pytest.approx((0.6 + 1.2 + 0 + 0.1 + 2.9 + 0.2) / 6, rel=1e-6)
    assert found["corr"] == pytest.approx(np.corrcoef(truth, said)[0, 1], rel=1e-6)
    assert found["acc2_has0"] == 4 / 6  # wrong: -1 said 0.2, and 0 said -0.1
    assert found["acc2_non0"] == 3 / 4  # wrong: -1 said 0.2
    assert found["acc2_mult"] == 5 / 6  # zeros are negative: only -1 said 0.2 is wrong
    assert found["acc7"] == 2 / 6  # right: both zeros; not -3 said -2.4, -1 said 0.2, 1 said 3.9, 2.6 said 2.4
    assert found["acc5"] == 4 / 6  # right: -3 as -2 (said -2.4), both zeros, 2.6 as 2 (said 2.4)
    # non0: negative 2 times, right once, said once; positive 2 times, right twice, said 3 times
    assert found["f1"] == pytest.approx((2 * (2 / 3) + 2 * (4 / 5)) / 4)
    # has0: negative 2 true, 2 said, 1 right; positive 4 true, 4 said, 3 right
    assert found["f1_has0"] == pytest.approx((2 * (2 / 4) + 4 * (6 / 8)) / 6)
    # mult: negative 4 true, 3 said, 3 right; positive 2 true, 3 said, 2 right; weighed by what was said
    assert found["f1_mult"] == pytest.approx((3 * (6 / 7) + 3 * (4 / 5)) / 6)


def test_halves_are_rounded_to_even() -> None:
    assert scores(MOSI, np.array([0.5, 1.5, 2.5, -2.5]), np.array([0.0, 2.0, 2.0, -2.0]))["acc7"] == 1.0


def test_sims_by_hand() -> None:
    truth = np.array([-1.0, -0.7, -0.1, 0.0, 0.1, 0.8])
    said = np.array([-3.0, -0.6, 0.05, 0.1, 0.1, 0.6])
    found = scores(CHINESE, truth, said)
    assert tuple(found) == SIMS == names(CHINESE)
    assert found["mae"] == pytest.approx((0 + 0.1 + 0.15 + 0.1 + 0 + 0.2) / 6, abs=1e-6)  # -3 counts as -1
    assert found["acc2"] == 4 / 6  # zero is on the negative side: -0.1 said 0.05, 0.0 said 0.1 are wrong
    assert found["acc3"] == 5 / 6  # -0.1 is still negative, 0.1 still neutral
    assert found["acc5"] == 3 / 6
    assert found["f1"] == pytest.approx((4 * (4 / 6) + 2 * (4 / 6)) / 6)


def test_emotions_by_hand() -> None:
    truth = np.array([[1, 0], [0, 0], [0, 1], [0, 0]])
    said = np.array([[0.9, 0.1], [0.6, 0.5], [0.2, 0.2], [0.1, 0.0]])
    found = scores(FEELINGS, truth, said)
    assert tuple(found) == names(FEELINGS) == ("acc/happy", "f1/happy", "acc/sad", "f1/sad", "acc", "f1")
    assert found["acc/happy"] == found["acc/sad"] == found["acc"] == 3 / 4
    assert found["f1/happy"] == pytest.approx((3 * (4 / 5) + 1 * (2 / 3)) / 4)
    assert found["f1/sad"] == pytest.approx((3 * (6 / 7) + 1 * 0) / 4)
    assert found["f1"] == pytest.approx((found["f1/happy"] + found["f1/sad"]) / 2)


def test_steps_without_a_label_are_left_out() -> None:
    truth = np.array([[1.0, np.nan, -2.0], [np.nan, 0.5, np.nan]])
    said = np.array([[0.5, 9.0, -1.0], [np.nan, 0.5, np.inf]])
    assert scores(STEPS, truth, said) == scores(MOSI, [1.0, -2.0, 0.5], [0.5, -1.0, 0.5])


def test_what_does_not_exist_is_nan_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flat = scores(MOSI, [0.0, 0.0], [0.07, 0.07])
        drawn = resampled(MOSI, [0.0, 0.0, 2.0], [0.07, 0.07, 0.07], [[1, 1, 0], [0, 1, 1]])
        single = scores(MOSI, [1.0], [1.0])
    assert np.isnan([flat["corr"], flat["acc2_non0"], flat["f1"], single["corr"]]).all()
    assert (flat["acc2_has0"], flat["acc2_mult"], single["acc7"]) == (1.0, 0.0, 1.0)
    assert np.isnan(drawn["corr"]).all()
    assert np.isnan(drawn["acc2_non0"]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("task", "truth", "said", "words"),
    [
        (MOSI, [1.0, 2.0], [1.0], r"labels of shape \(2,\) and predictions of shape \(1,\)"),
        (MOSI, [[1.0]], [[1.0]], "cannot be compared"),
        (STEPS, [1.0], [1.0], "cannot be compared"),
        (MOSI, [], [], "no label"),
        (STEPS, [[np.nan]], [[1.0]], "no label"),
        (MOSI, [1.0, 2.0], [1.0, np.nan], "the prediction of sample 1 is not a number"),
        (STEPS, [[1.0, np.nan], [np.nan, 2.0]], [[1.0, np.inf], [0.0, np.inf]], "sample 1 is not a number"),
    ],
)
def test_bad_input(task: Task, truth: Any, said: Any, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        scores(task, truth, said)


def test_samplings_of_another_number_of_samples() -> None:
    with pytest.raises(BadInput, match=r"\[R, 2\], not \(1, 3\)"):
        resampled(MOSI, [1.0, 2.0], [1.0, 1.0], np.ones((1, 3)))


LABELS = st.lists(
    st.tuples(st.sampled_from([-3.0, -1.5, -0.5, 0.0, 0.4, 1.0, 2.5, 3.0]), st.floats(-4, 4, width=32)), min_size=1
)


@settings(max_examples=12, deadline=None)
@given(LABELS)
def test_accuracies_and_f1_are_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    truth, said = np.array(pairs, dtype=np.float32).T
    found = scores(MOSI, truth, said)
    assert found["acc2_has0"] == accuracy_score(truth >= 0, said >= 0)
    assert found["f1_has0"] == f1_score(truth >= 0, said >= 0, average="weighted")
    assert found["acc2_mult"] == accuracy_score(truth > 0, said > 0)
    assert found["f1_mult"] == f1_score(said > 0, truth > 0, average="weighted")
    kept = truth != 0
    if kept.any():
        assert found["acc2_non0"] == accuracy_score(truth[kept] > 0, said[kept] > 0)
        assert found["f1"] == f1_score(truth[kept] > 0, said[kept] > 0, average="weighted")
    chinese = scores(CHINESE, truth / 3, said / 3)
    assert chinese["f1"] == f1_score(truth / 3 > 0, said / 3 > 0, average="weighted")
    assert chinese["acc2"] == accuracy_score(truth / 3 > 0, said / 3 > 0)
    wide = np.stack([truth > 1, truth < 0], 1), 1 / (1 + np.exp(-np.stack([said, said - 1], 1).astype(float)))
    feelings = scores(FEELINGS, *wide)
    assert feelings["f1/sad"] == f1_score(wide[0][:, 1], wide[1][:, 1] > 0.5, average="weighted")


@settings(max_examples=16, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([MOSI, CHINESE, STEPS, FEELINGS]))
def test_a_resampling_is_the_samples_repeated(seed: int, task: Task) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 30))
    shape = {STEPS: (n, 4), FEELINGS: (n, 2)}.get(task, (n,))
    truth = rng.uniform(-1, 1, shape) * task.bound if task is not FEELINGS else rng.integers(0, 2, shape)
    if task is STEPS:
        truth[rng.random(shape) < 0.3] = np.nan
        truth[:, 0] = rng.normal(size=n).clip(-3, 3)
    said = rng.uniform(0, 1, shape) if task is FEELINGS else rng.uniform(-1.2, 1.2, shape) * task.bound
    times = rng.multinomial(n, np.full(n, 1 / n), size=4)
    found = resampled(task, truth, said, times)
    assert tuple(found) == names(task)
    for row, drawn in enumerate(times):
        again = scores(task, np.repeat(truth, drawn, axis=0), np.repeat(said, drawn, axis=0))
        for name, value in again.items():
            assert found[name][row] == pytest.approx(value, abs=1e-5, nan_ok=True), name


def test_smaller_errors_are_better() -> None:
    assert LOWER_IS_BETTER.issubset(REGRESSION)
    assert LOWER_IS_BETTER.issubset(SIMS)
    perfect, poor = (scores(MOSI, [-2.0, -1.0, 1.0, 2.0], said) for said in ([-2, -1, 1, 2], [2, 1, -1, -2]))
    for name in REGRESSION:
        assert (perfect[name] < poor[name]) == (name in LOWER_IS_BETTER), name
