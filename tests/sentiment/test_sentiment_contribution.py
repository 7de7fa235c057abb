"""Shapley values against closed forms, and trust held against them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sentiment_toys import MODALITIES, Additive, toy_samples
from talkoot.errors import BadInput
from talkoot.sentiment.contribution import (
    Contribution,
    agreement,
    contributions,
    shapley,
    shares,
    truth_correlation,
)
from talkoot.sentiment.hiding import marks_of, prior_of, trust_of, values_under
from talkoot.sentiment.samples import Task

WORTHS = arrays(np.float64, 8, elements=st.floats(-10, 10))


@given(WORTHS)
@settings(max_examples=50, deadline=None)
def test_shapley_is_the_mean_over_all_orders_of_arrival(worth: np.ndarray) -> None:
    values = np.zeros(3)
    for order in permutations(range(3)):
        there = 0
        for player in order:
            values[player] += (worth[there | 1 << player] - worth[there]) / 6
            there |= 1 << player
    np.testing.assert_allclose(shapley(worth), values, atol=1e-9)
    assert shapley(worth).sum() == pytest.approx(worth[-1] - worth[0], abs=1e-9)


def test_shapley_knows_dummies_and_equals() -> None:
    worth = np.array([0.0, 4.0, 4.0, 6.0, 0.0, 4.0, 4.0, 6.0])  # the third player changes nothing
    np.testing.assert_allclose(shapley(worth), [3.0, 3.0, 0.0])
    np.testing.assert_allclose(shapley(np.array([1.0, 4.0])), [3.0])
    with pytest.raises(BadInput, match="6 coalitions"):
        shapley(np.zeros(6))
    with pytest.raises(BadInput, match="at least 2"):
        shapley(np.zeros(1))


def test_what_an_additive_model_says_is_shared_out_exactly() -> None:
    samples = toy_samples(gaps=0.3)
    told = contributions(Additive(), samples, of="value", prior=0.0)
    x = np.stack([np.where(samples.masks[m], samples.features[m][..., 0], 0) for m in MODALITIES], -1)
    np.testing.assert_allclose(told.values, x.sum(1) * [1.0, 0.5, 0.0], atol=1e-5)
    np.testing.assert_allclose(told.values.sum(-1), told.everything - told.nothing, atol=1e-6)
    step = contributions(Additive(), samples, of="value", scope="step", prior=0.0)
    some = samples.valid
    np.testing.assert_allclose(step.values[some], (x * [1.0, 0.5, 0.0])[some], atol=1e-5)
    assert np.isnan(step.values[~some]).all()


def test_losses_saved_are_shared_out_and_the_useless_gets_nothing() -> None:
    samples = toy_samples(1, n=30)
    told = contributions(Additive(), samples, prior=0.0)
    assert told.values.shape == (30, 3)
    np.testing.assert_allclose(told.values[:, 2], 0, atol=1e-6)
    np.testing.assert_allclose(told.everything, 0, atol=1e-5)  # the model is right
    np.testing.assert_allclose(told.nothing, -np.abs(samples.labels), atol=1e-5)
    own = contributions(Additive(), samples)
    np.testing.assert_allclose(own.nothing, -np.abs(samples.labels - samples.labels.mean()), atol=1e-5)
    mean = told.mean()
    assert mean["text"] > mean["audio"] > mean["vision"]


def test_labels_by_step_have_contributions_by_step() -> None:
    samples = toy_samples(2, n=5, task=Task(steps=True, bound=50.0), gaps=0.3)
    labels = samples.labels.copy()
    labels[0, 1] = np.nan
    object.__setattr__(samples, "labels", labels)
    stream = contributions(Additive(), samples, prior=0.0)
    step = contributions(Additive(), samples, prior=0.0, scope="step")
    assert stream.values.shape == step.values.shape == (5, 4, 3)
    np.testing.assert_allclose(stream.values, step.values, atol=1e-6)  # this model looks at one step at a time
    assert np.isnan(stream.values[0, 1]).all()
    absent = samples.valid & ~samples.masks["audio"] & ~np.isnan(labels)
    assert absent.any()
    assert (stream.values[absent][:, 1] == 0).all()
    assert not np.isnan(stream.mean()["text"])


def test_classes_are_worth_the_probability_of_the_truth() -> None:
    samples = toy_samples(3, n=20, task=Task("classification", emotions=("happy", "sad")))
    told = contributions(Additive(), samples)
    assert told.values.shape == (20, 3)
    assert (told.everything <= 0).all()
    assert (told.everything >= -1).all()
    np.testing.assert_allclose(told.nothing, -np.abs(prior_of(samples) - samples.labels).mean(1), atol=1e-6)
    with pytest.raises(BadInput, match="one number for each sample"):
        contributions(Additive(), samples, of="value")


def test_coalitions_that_are_the_same_are_asked_about_once() -> None:
    samples = toy_samples(4, n=6)
    masks = dict(samples.masks) | {"vision": np.zeros((6, 4), bool)}
    object.__setattr__(samples, "masks", masks)
    learner = Additive()
    told = contributions(learner, samples)
    assert learner.asked == 6 * 3  # text, audio, both; nothing is never asked about
    assert (told.values[:, 2] == 0).all()


def test_nothing_to_read_gets_the_prior() -> None:
    samples = toy_samples(5, n=3)
    none = {name: np.zeros((3, 4), bool) for name in MODALITIES}
    learner = Additive()
    np.testing.assert_array_equal(values_under(learner, samples, none, 0.25), np.full(3, 0.25, np.float32))
    assert learner.asked == 0
    some = {name: mask.copy() for name, mask in samples.masks.items()}
    for mask in some.values():
        mask[1] = False
    values = values_under(learner, samples, some, 9.0)
    assert values[1] == 9.0
    assert learner.asked == 2


def test_trust_that_follows_worth_agrees_and_turned_around_it_does_not() -> None:
    samples = toy_samples(6, n=40)
    told = contributions(Additive((1.0, 0.5, -0.5)), samples)  # vision does harm
    marks = marks_of(samples)
    good = agreement(trust_of(Additive(), samples), told, marks)
    bad = agreement(trust_of(Additive(trust=(0.1, 0.5, 0.8)), samples), told, marks)
    assert good.within > 0.3 > -0.3 > bad.within
    assert good.pooled > 0 > bad.pooled
    assert good.top > good.chance > bad.top
    assert good.chance == pytest.approx(1 / 3)
    assert good.n == 120
    assert np.isnan(good.by_modality["text"])  # its trust is the same everywhere


def test_agreement_by_hand() -> None:
    told = Contribution(("a", "b"), np.array([[[1.0, 0.0], [0.0, 1.0]]]), np.zeros((1, 2)), np.zeros((1, 2)), "loss",
                        "step")  # fmt: skip
    trust = np.array([[[0.9, 0.1], [0.2, 0.8]]], np.float32)
    found = agreement(trust, told, np.ones((1, 2, 2), bool))
    assert (found.within, found.top, found.chance, found.n) == (pytest.approx(1), 1, 0.5, 4)
    assert found.by_modality == pytest.approx({"a": 1.0, "b": 1.0})
    one = agreement(trust, told, np.array([[[True, False], [True, False]]]))
    assert np.isnan(one.within)
    assert np.isnan(one.top)
    assert one.n == 2


def test_shares_sum_to_one_over_those_present() -> None:
    marks = np.array([[[True, True, False], [True, True, True], [False, False, False]]])
    trust = np.array([[[0.2, 0.6, 0.9], [0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]], np.float32)
    expected = [[[0.25, 0.75, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.0, 0.0, 0.0]]]
    np.testing.assert_allclose(shares(trust, marks), expected, atol=1e-6)


def test_trust_is_held_against_the_truth_where_it_is_known() -> None:
    samples = toy_samples(7, gaps=0.2)
    with pytest.raises(BadInput, match="no true reliability"):
        truth_correlation(trust_of(Additive(), samples), samples)
    marks = marks_of(samples)
    truth = shares(np.random.default_rng(0).random(marks.shape).astype(np.float32), marks).astype(np.float32)
    object.__setattr__(samples, "reliability", truth)
    same = truth_correlation(truth * np.float32(0.5), samples)  # a scale for all does not matter
    assert same["pearson"] == pytest.approx(1)
    assert same["spearman"] == pytest.approx(1)
    assert truth_correlation(trust_of(Additive(), samples), samples)["pearson"] < 0.9


def test_models_without_trust_are_told_so() -> None:
    with pytest.raises(BadInput, match="silent does not say how much"):
        trust_of(Additive(trust=None, name="silent"), toy_samples())
