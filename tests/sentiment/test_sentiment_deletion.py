"""Deletion on models whose trust is known to be right, wrong, or of no meaning."""

from __future__ import annotations

import numpy as np
import pytest

from sentiment_toys import Additive, toy_samples
from talkoot.errors import BadInput
from talkoot.sentiment.deletion import deletion_curve, deletion_test
from talkoot.sentiment.hiding import losses, marks_of, trust_of, with_masks
from talkoot.sentiment.samples import Task


def test_losing_what_is_rightly_trusted_hurts_more() -> None:
    samples = toy_samples(0, n=60)
    found = deletion_test(Additive(), samples)
    assert found.earned
    assert found.top > found.anyone > found.last == pytest.approx(found.full, abs=1e-5)
    assert found.n == 60
    assert found.gap == pytest.approx(found.top - found.anyone)
    assert found.ci95[0] < found.gap < found.ci95[1]
    wrong = deletion_test(Additive(trust=(0.1, 0.5, 0.8)), samples)
    assert not wrong.earned
    assert (wrong.top, wrong.last) == pytest.approx((found.last, found.top))


def test_text_is_what_is_lost() -> None:
    samples = toy_samples(1, n=20)
    found = deletion_test(Additive(), samples)
    without = with_masks(samples, samples.masks | {"text": np.zeros((20, 4), bool)})
    assert found.top == pytest.approx(losses(samples, Additive().predict(without).values).mean(), abs=1e-6)


def test_equal_trust_is_no_better_than_chance() -> None:
    found = deletion_test(Additive(trust=(0.5, 0.5, 0.5)), toy_samples(2, n=20))
    assert found.gap == pytest.approx(0)
    assert found.top == pytest.approx(found.anyone)
    assert not found.earned


def test_own_scores_stand_in_for_trust() -> None:
    samples = toy_samples(3, n=20)
    mute = Additive(trust=None)
    found = deletion_test(mute, samples, scores=trust_of(Additive(), samples))
    assert found.earned
    with pytest.raises(BadInput, match="does not say how much"):
        deletion_test(mute, samples)


def test_labels_by_step_are_counted_by_video() -> None:
    samples = toy_samples(4, n=12, task=Task(steps=True, bound=50.0))
    labels = samples.labels.copy()
    labels[0] = np.nan
    labels[1, 2] = np.nan
    object.__setattr__(samples, "labels", labels)
    found = deletion_test(Additive(), samples)
    assert found.n == 11
    assert found.earned


def test_samples_of_one_modality_cannot_be_tested() -> None:
    samples = toy_samples(5, n=4)
    gone = np.zeros((4, 4), bool)
    with pytest.raises(BadInput, match="0 of 4 samples have two modalities"):
        deletion_test(Additive(), with_masks(samples, samples.masks | {"audio": gone, "vision": gone}))


def test_the_curve_falls_first_where_trust_is_right() -> None:
    samples = toy_samples(6, n=40, length=6)
    curve = deletion_curve(Additive(), samples, prior=0.0)
    assert curve.shares == (0.0, 0.1, 0.25, 0.5, 0.75, 0.9)
    assert curve.most[0] == curve.least[0] == curve.random[0] == pytest.approx(0, abs=1e-5)
    assert all(a > b for a, b in zip(curve.most[1:], curve.least[1:], strict=True))
    assert curve.area > 0 > deletion_curve(Additive(trust=(0.1, 0.5, 0.8)), samples, prior=0.0).area
    assert deletion_curve(Additive(), samples, prior=0.0) == curve  # seeded


def test_a_curve_to_the_end_says_the_prior() -> None:
    samples = toy_samples(7, n=8)
    curve = deletion_curve(Additive(), samples, shares=(0.0, 1.0), prior=0.0)
    assert curve.most[1] == curve.random[1] == pytest.approx(np.abs(samples.labels).mean(), rel=1e-5)


def test_shares_are_checked() -> None:
    for shares in ([], [0.5, 0.1], [0.0, 1.2], [-0.1], [0.1, 0.1]):
        with pytest.raises(BadInput, match="shares of deletion"):
            deletion_curve(Additive(), toy_samples(), shares=shares)


def test_cells_that_are_not_there_are_not_taken() -> None:
    samples = toy_samples(8, n=10, gaps=0.4)
    before = marks_of(samples).copy()
    deletion_curve(Additive(), samples, shares=(0.5,))
    np.testing.assert_array_equal(marks_of(samples), before)  # nothing is changed in place
